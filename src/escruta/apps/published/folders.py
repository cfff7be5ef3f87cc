"""A published place in a folder of this machine, which may have come from anybody."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from escruta.apps.published.errors import FileRefused, PlaceUnusable
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.places import Published, too_large
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.files import STAGING


class PublishedFolder(Published):
    """A folder. Links may lead from file to file inside it and never out of it."""

    def __init__(self, place: str, limits: Limits = LIMITS) -> None:
        """Open a folder that is there."""
        super().__init__(place, limits)
        self._folder = Path(place).resolve()
        if not self._folder.is_dir():
            raise PlaceUnusable("this is no folder", where=place, expected="a folder, a .zip, or an http(s) URL")

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        try:
            real = (self._folder / path).resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, as Python 3.11 tells it
            raise self._refused(path, "the file cannot be opened", error) from error
        if not real.is_relative_to(self._folder):
            raise FileRefused(
                "a link leads out of the folder",
                where=self.locate(path),
                found=str(real),
                expected=f"a file in {self._folder}",
                advice="Ask for a copy without links; do not follow this one.",
            )
        try:
            return self._read_regular(real, path, most_bytes)
        except OSError as error:
            raise self._refused(path, "the file cannot be read", error) from error

    def _read_regular(self, real: Path, path: str, most_bytes: int) -> bytes | None:
        if real.is_dir():
            return None
        descriptor = os.open(real, os.O_RDONLY | _NEVER_WAIT)
        with open(descriptor, "rb") as opened:  # noqa: PTH123 - opened without waiting for the other end of a pipe
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise FileRefused("this is no regular file", where=self.locate(path), expected="a file with bytes")
            if status.st_size > most_bytes:
                raise too_large(self.locate(path), f"{status.st_size} bytes", most_bytes)
            raw = opened.read(most_bytes + 1)
        if len(raw) > most_bytes:
            raise too_large(self.locate(path), "a file that grows while it is read", most_bytes)
        return raw

    def paths(self) -> Iterator[str]:
        """Give the path of every file and link, in order; what waits for its name beside a checkpoint is left out."""

        def refuse(error: OSError) -> None:
            raise PlaceUnusable("a folder cannot be listed", where=error.filename, found=error.strerror) from error

        for folder, folders, files in os.walk(self._folder, onerror=refuse):
            if CHECKPOINT in files and STAGING in folders:
                folders.remove(STAGING)
            links = [name for name in folders if (Path(folder) / name).is_symlink()]  # not entered, and not hidden
            folders.sort()
            for name in sorted([*files, *links]):
                yield (Path(folder) / name).relative_to(self._folder).as_posix()

    def _refused(self, path: str, what: str, error: Exception) -> FileRefused:
        reason = getattr(error, "strerror", None) or error
        return FileRefused(what, where=self.locate(path), found=reason, expected="a file that may be read")


_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
