"""The list of the digests of a site's files: whole, for `sha256sum --check`, and in parts, for a phone.

The parts and their index are files of the site like any other, but the list does not name them: they are the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from escruta.portal.output import Files, Output, Written, listed
from escruta.record.digests import DIGESTS, INDEX, PARTS, Parts, by_path, digits_for, lines_after, parts_after, parts_of

LISTS = "lists"
"""The owner of the parts: they belong to no area, and those that stay the same are not written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The list of a site's files, and its parts."""

    own: Sequence[str]
    """The lines of the files inside the site's folder, by address."""
    outside: Sequence[str]
    """The lines of files outside, to which the pages lead."""
    parts: Parts


def lists_of(files: Files, outside: Iterable[tuple[str, str]]) -> Lists:
    """List all files of a site; `outside` are files outside its folder, by their address from there."""
    own, others = sorted(_lines_of(files), key=by_path), _lines_outside(outside)
    return Lists(own=own, outside=others, parts=parts_of([*own, *others]))


def lists_after(since: Lists, gone: Files, come: Files, outside: Iterable[tuple[str, str]]) -> Lists:
    """List all files of a site from which files went, and to which others came; one that did both stays."""
    others = _lines_outside(outside)
    went, came = _lines_of(gone), _lines_of(come)
    own = lines_after(since.own, went, came)
    if digits_for(len(own) + len(others)) == since.parts.digits:
        parts = parts_after(since.parts, [*went, *since.outside], [*came, *others])
    else:
        parts = parts_of([*own, *others])
    return Lists(own=own, outside=others, parts=parts)


def _lines_outside(outside: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{digest}  {address}\n" for address, digest in outside]


def _lines_of(files: Files) -> list[str]:
    return [f"{digest}  {address}\n" for address, digest in listed(files)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLists:
    """The list and its parts as they were written."""

    digest: str
    """The SHA-256 of the list."""
    files: Files
    """The parts and the index."""
    written: Written
    """Those of them that were written this time."""


def write_lists(lists: Lists, out: Path, since: Lists | None) -> WrittenLists:
    """Write the list, and of its parts and their index those that differ from the ones of before.

    The list of a large site is written and digested by a thread of its own.
    """
    before = {} if since is None else since.parts.digests
    with ThreadPoolExecutor(1, thread_name_prefix="list") as thread:
        digest = thread.submit(_write_list, lists, out / DIGESTS)
        output = Output(out)
        output.owner = LISTS
        for name, of_part in lists.parts.digests.items():
            if before.get(name) != of_part:
                output.write(f"{PARTS}/{name}", lists.parts.raw(name), of_part)
        output.write(INDEX, lists.parts.index())
        written = output.written
        stay = {f"{PARTS}/{name}": of_part for name, of_part in lists.parts.digests.items()}
        files = {LISTS: {**stay, **written.files[LISTS]}}
        return WrittenLists(digest=digest.result(), files=files, written=written)


def _write_list(lists: Lists, path: Path) -> str:
    raw = "".join([*lists.own, *lists.outside]).encode()
    path.write_bytes(raw)
    return sha256(raw).hexdigest()
