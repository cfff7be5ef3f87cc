"""The site's folder: written beside its place, and put there when it is whole."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from escruta.record.folders import has_files, whole_folder

MARK = "assets/site.css"
"""A folder with this file is a site of ours, and may be replaced."""
FRONT = ""
"""The owner of every file that is written anew with each record: it belongs to no area alone."""

Files = Mapping[str, Mapping[str, str]]
"""By owner: the address of each of its files, and the SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: a part of a site, or all of it."""

    pages: int
    size_bytes: int
    files: Files

    @classmethod
    def all_of(cls, parts: Iterable[Written]) -> Written:
        """Draw parts together."""
        given = tuple(parts)
        files: dict[str, dict[str, str]] = defaultdict(dict)
        for each in given:
            for owner, own in each.files.items():
                files[owner].update(own)
        return cls(
            pages=sum(each.pages for each in given),
            size_bytes=sum(each.size_bytes for each in given),
            files=dict(files),
        )


class Output:
    """Writes pages under a folder, counts them, and digests each while its bytes are at hand."""

    def __init__(self, folder: Path) -> None:
        self._root = str(folder)
        self._made: set[str] = set()
        self._pages = 0
        self._size_bytes = 0
        self._files: dict[str, dict[str, str]] = defaultdict(dict)
        self.owner = FRONT
        """Whose files are written from now on: those of an area stay together when nothing touches it."""

    @property
    def written(self) -> Written:
        """What was written until now."""
        return Written(pages=self._pages, size_bytes=self._size_bytes, files=dict(self._files))

    def write(self, address: str, content: bytes, digest: str | None = None) -> None:
        """Write one file; its folders are made on the way. Its digest is computed where it is not known yet."""
        path = f"{self._root}/{address}"
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            rest = memoryview(content)
            while rest:  # a disk that is nearly full takes a part, and says so only when asked again
                rest = rest[os.write(handle, rest) :]
        finally:
            os.close(handle)
        self._pages += address.endswith(".html")
        self._size_bytes += len(content)
        self._files[self.owner][address] = digest or sha256(content).hexdigest()


def listed(files: Files) -> Iterator[tuple[str, str]]:
    """Give the address and the digest of every file."""
    for own in files.values():
        yield from own.items()


def draft_of(out: Path) -> AbstractContextManager[Path]:
    """Give a folder to write in that takes the site's place when it is whole, and goes when it is not.

    Raises:
        OutputRefused: something that is not a site of ours stands in its place.
    """
    return whole_folder(out, has_files(MARK), holds="the pages")
