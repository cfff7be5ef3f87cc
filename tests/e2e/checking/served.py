"""A server of a published record that can be made to give other bytes than were published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.served_folder import Quiet, served

PREFIX = "/deep/inside/record/site"


class Served:
    """What a server of a folder gives: for some paths other bytes, as somebody would let it who has broken in."""

    def __init__(self) -> None:
        self.host = ""
        self.changed: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        """Every path that was asked for, under the site's folder or the record's."""

    @property
    def base(self) -> str:
        """The address of the site."""
        return f"{self.host}{PREFIX}"


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve a folder as long as tests change what is given."""
    gives = Served()

    class Handler(Quiet):
        def do_GET(self) -> None:  # noqa: N802 - the base class names it so
            path = urlsplit(self.path).path
            gives.asked.append(path.removeprefix(f"{PREFIX}/"))
            if path not in gives.changed:
                super().do_GET()
                return
            raw = gives.changed[path]
            self.send_response(404 if raw is None else 200)
            self.send_header("Content-Length", str(len(raw or b"")))
            self.end_headers()
            self.wfile.write(raw or b"")

    with served(folder, Handler) as gives.host:
        yield gives
