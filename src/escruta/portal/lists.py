"""The list of the digests of a site's files: whole, for `sha256sum --check`, and in parts, for a phone.

The parts and their index are files of the site like any other, but the list does not name them: they are the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


def write_lists(lists: Lists, out: Path, since: Lists | None) -> tuple[Files, Written]:
    """Write the list, and of its parts and their index those that differ from the ones of before.

    Gives the parts and the index, all of them and those that were written.
    """
    (out / DIGESTS).write_bytes("".join([*lists.own, *lists.outside]).encode())
    before = {} if since is None else since.parts.digests
    output = Output(out)
    output.owner = LISTS
    for name, digest in lists.parts.digests.items():
        if before.get(name) != digest:
            output.write(f"{PARTS}/{name}", lists.parts.raw(name), digest)
    output.write(INDEX, lists.parts.index())
    written = output.written
    stay = {f"{PARTS}/{name}": digest for name, digest in lists.parts.digests.items()}
    return {LISTS: {**stay, **written.files[LISTS]}}, written
