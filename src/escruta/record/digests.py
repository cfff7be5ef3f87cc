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


def write_digests(folder: Path, inside: Iterable[str] = ()) -> None:
    """Write the list of the files that stand directly in a folder, and of those in the folders named in `inside`."""
    files = sorted((each.name, each) for each in folder.iterdir() if each.is_file() and each.name != DIGESTS)
    files += sorted((f"{name}/{each.name}", each) for name in inside for each in (folder / name).glob("*"))
    with ThreadPoolExecutor(_THREADS) as executor:
        digests = executor.map(digest_of, (each for _, each in files))
        write_list(folder / DIGESTS, [(name, digest) for (name, _), digest in zip(files, digests, strict=True)])


def write_list(path: Path, digests: Iterable[tuple[str, str]]) -> None:
    """Write a list of paths and their digests."""
    lines = [f"{digest}  {name}\n" for name, digest in digests]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_digests(text: str) -> Iterator[tuple[str, str]]:
    r"""Give path and digest of each line.

    >>> list(read_digests("00  a b.csv\n"))
    [('a b.csv', '00')]
    """
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        yield path, digest
