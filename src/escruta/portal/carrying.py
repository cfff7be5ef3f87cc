"""Bring a site's folder from what it holds to what it should hold, without writing again what stands elsewhere already.

Files are linked, not copied, where the file system can: a file of a site is never changed, only replaced under its
name, so several versions can share it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from escruta.portal.output import Files


def bring(tree: Path, have: Files, want: Files, made: tuple[Path, Files], shown: tuple[Path, Files]) -> int:
    """Change, add and remove files of a tree until it holds what is wanted; give how many were changed or added.

    What is wanted stands either where it was just `made`, or where it is `shown`, each a folder and what it holds. What
    was made is moved, and stands there no more.
    """
    owners = [owner for owner, own in want.items() if have.get(owner) is not own]
    owners += [owner for owner in have if owner not in want]
    had, wanted = _of(have, owners), _of(want, owners)
    fresh, standing = _of(made[1], owners), _of(shown[1], owners)
    for address in had.keys() - wanted.keys():
        (tree / address).unlink()
    folders, changed = set[str](), 0
    for address, digest in wanted.items():
        if had.get(address) == digest:
            continue
        is_fresh = fresh.get(address) == digest
        if not is_fresh and standing.get(address) != digest:
            raise KeyError(address)
        path = f"{tree}/{address}"
        folder = path.rpartition("/")[0]
        if folder not in folders:
            Path(folder).mkdir(parents=True, exist_ok=True)
            folders.add(folder)
        if is_fresh:
            os.replace(f"{made[0]}/{address}", path)  # noqa: PTH105 - a hundred thousand of them
        else:
            if address in had:
                os.unlink(path)  # noqa: PTH108 - as above
            _link(f"{shown[0]}/{address}", path)
        changed += 1
    return changed


def _of(files: Files, owners: Iterable[str]) -> Mapping[str, str]:
    """Draw the files of some owners together."""
    found: dict[str, str] = {}
    for owner in owners:
        found.update(files.get(owner, {}))
    return found


def _link(source: str, path: str) -> None:
    try:
        os.link(source, path)
    except OSError:  # another file system, one that cannot link, or too many links to one file
        shutil.copyfile(source, path)
