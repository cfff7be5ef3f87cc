"""What every published place offers, and a part of one."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from escruta.apps.published.errors import FileRefused
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.logs import largest_of
from escruta.apps.published.paths import is_inside


class Published(abc.ABC):
    """A published record or log; it is `escruta.tlog.reading.Resources` too, and a context manager."""

    def __init__(self, place: str, limits: Limits = LIMITS) -> None:
        """Name the place as messages shall name it."""
        self.place = place
        self.limits = limits

    def read(self, path: str, *, most_bytes: int | None = None) -> bytes | None:
        """Give the bytes of a file; None where there is none.

        Raises `FileRefused` where this file cannot be used (larger than `most_bytes`, by default than such a file may
        be; cut off; damaged; outside the place), and `PlaceUnusable` where the place does not answer.
        """
        if not is_inside(path):
            raise FileRefused(
                "this path leads out of the place",
                where=self.place,
                found=path,
                expected="the plain path of a file inside it",
                advice="Do not trust whoever named this path.",
            )
        if most_bytes is None:
            most_bytes = min(self.limits.file_bytes, largest_of(path) or self.limits.file_bytes)
        return self._read(path, most_bytes)

    @abc.abstractmethod
    def _read(self, path: str, most_bytes: int) -> bytes | None: ...

    @abc.abstractmethod
    def paths(self) -> Iterator[str] | None:
        """Give the path of every file; None where they cannot be listed."""

    def prefetch(self, paths: Iterable[str]) -> None:  # noqa: B027 - a folder is near enough
        """Say which files will be read soon, in this order; a place far away begins to fetch them."""

    def under(self, folder: str) -> Published:
        """Give the part of the place that lies below a folder; closing the part closes nothing."""
        return _Part(self, folder.strip("/"))

    def locate(self, path: str) -> str:
        """Name a file of the place as messages shall name it."""
        return f"{self.place.rstrip('/')}/{path}"

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Let go of whatever is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Part(Published):
    """What lies below a folder of another place."""

    def __init__(self, whole: Published, folder: str) -> None:
        super().__init__(whole.locate(folder), whole.limits)
        self._whole = whole
        self._prefix = f"{folder}/"

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        return self._whole.read(self._prefix + path, most_bytes=most_bytes)

    def paths(self) -> Iterator[str] | None:
        every = self._whole.paths()
        if every is None:
            return None
        return (path.removeprefix(self._prefix) for path in every if path.startswith(self._prefix))

    def prefetch(self, paths: Iterable[str]) -> None:
        self._whole.prefetch(self._prefix + path for path in paths)


def too_large(where: str, found: str, most_bytes: int) -> FileRefused:
    """Make the error for a file that is larger than we take."""
    return FileRefused(
        "the file is larger than we take in",
        where=where,
        found=found,
        expected=f"at most {most_bytes} bytes",
        advice="A file of a record or log is not as large: ask whoever published it.",
    )
