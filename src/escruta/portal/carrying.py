"""Bring a site's folder from what it holds to what it should hold, without writing again what stands elsewhere already.

Files are linked, not copied, where the file system can: a file of a site is never changed, only replaced under its
name, so several versions can share it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from escruta.record.digests import digest_of

Addresses = Mapping[str, str]
"""The digest of each file, by its address."""
_THREADS, _AT_ONCE = 4, 512


def bring(tree: Path, have: Addresses, want: Addresses, sources: Sequence[tuple[Path, Addresses]]) -> int:
    """Change, add and remove files of a tree until it holds what is wanted; give how many were changed or added.

    `sources` are folders and what they hold; the first that holds a file with the wanted digest gives it.
    """
    for address in have.keys() - want.keys():
        (tree / address).unlink()
    root, made, changed = str(tree), set[str](), 0
    for address, digest in want.items():
        if have.get(address) == digest:
            continue
        source = next(folder for folder, held in sources if held.get(address) == digest)
        path = f"{root}/{address}"
        folder = path.rpartition("/")[0]
        if folder not in made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        if address in have:
            os.unlink(path)  # noqa: PTH108 - a hundred thousand of them
        _link(f"{source}/{address}", path)
        changed += 1
    return changed


def _link(source: str, path: str) -> None:
    try:
        os.link(source, path)
    except OSError:  # another file system, one that cannot link, or too many links to one file
        shutil.copyfile(source, path)


def altered(folder: Path, files: Addresses) -> Iterator[str]:
    """Give the files of a folder that are missing or not what their digests say."""
    given = list(files.items())
    parts = [given[start : start + _AT_ONCE] for start in range(0, len(given), _AT_ONCE)]
    with ThreadPoolExecutor(_THREADS) as executor:
        for part in executor.map(lambda some: list(_altered(folder, some)), parts):
            yield from part


def _altered(folder: Path, files: Iterable[tuple[str, str]]) -> Iterator[str]:
    for address, digest in files:
        path = folder / address
        if not path.is_file() or digest_of(path) != digest:
            yield address
