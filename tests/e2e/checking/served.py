"""A server of a published record that can be made to give other bytes than were published."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

PREFIX = "/deep/inside/record/site"


class Served:
    """A server of a folder, which gives other bytes for some paths: what somebody would do who has broken in."""

    def __init__(self, folder: Path) -> None:
        self.changed: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        """Every path that was asked for, under the site's folder or the record's."""
        served = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                served.asked.append(path.removeprefix(f"{PREFIX}/"))
                if path not in served.changed and path != "/favicon.ico":
                    super().do_GET()
                    return
                raw = served.changed.get(path)
                self.send_response(204 if path == "/favicon.ico" else 200 if raw is not None else 404)
                self.send_header("Content-Length", str(len(raw or b"")))
                self.end_headers()
                self.wfile.write(raw or b"")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        self.base = f"{self.host}{PREFIX}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
