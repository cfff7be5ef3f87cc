"""Lists of digests, as `sha256sum --check` reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DIGESTS = "SHA256SUMS"
"""The name of such a list."""

_THREADS = 4


def digest_of(path: Path) -> str:
    """Give a file's SHA-256 in lower-case hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_digests(folder: Path) -> None:
    """Write the list of the files that stand directly in a folder."""
    _write(folder, [each for each in folder.iterdir() if each.is_file()])


def write_page_digests(folder: Path) -> None:
    """Write the list of all files below a folder."""
    _write(folder, [each for each in folder.rglob("*") if each.is_file()])


def _write(folder: Path, paths: Iterable[Path]) -> None:
    own = folder / DIGESTS
    files = sorted((each.relative_to(folder).as_posix(), each) for each in paths if each != own)
    with ThreadPoolExecutor(_THREADS) as executor:
        digests = executor.map(digest_of, (each for _, each in files))
        lines = [f"{digest}  {name}\n" for (name, _), digest in zip(files, digests, strict=True)]
    own.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_digests(text: str) -> Iterator[tuple[str, str]]:
    r"""Give path and digest of each line.

    >>> list(read_digests("00  a b.csv\n"))
    [('a b.csv', '00')]
    """
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        yield path, digest
