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

    files: Files
    """The files inside the site's folder."""
    own: Sequence[str]
    """Their lines, by address."""
    outside: Sequence[str]
    """The lines of files outside, to which the pages lead."""
    parts: Parts


def lists_of(files: Files, written: Files, outside: Iterable[tuple[str, str]], since: Lists | None) -> Lists:
    """List all files of a site; what was listed before, and stays, is taken over.

    `written` are those that were written this time, `outside` are files outside the site's folder, by their address
    from there and their digest, and `since` is what the site had before.
    """
    others = [f"{digest}  {address}\n" for address, digest in outside]
    if since is None:
        own = sorted(_lines_of(files), key=by_path)
        return Lists(files=files, own=own, outside=others, parts=parts_of([*own, *others]))
    gone = _lines_of({owner: own for owner, own in since.files.items() if files.get(owner) is not own})
    come = _lines_of(written)
    own = lines_after(since.own, gone, come)
    if digits_for(len(own) + len(others)) == since.parts.digits:
        parts = parts_after(since.parts, [*gone, *since.outside], [*come, *others])
    else:
        parts = parts_of([*own, *others])
    return Lists(files=files, own=own, outside=others, parts=parts)


def _lines_of(files: Files) -> list[str]:
    return [f"{digest}  {address}\n" for address, digest in listed(files)]


def write_lists(lists: Lists, out: Path, since: Lists | None) -> tuple[Files, Written]:
    """Write the list, and of its parts and their index those that differ from the ones of before.

    Gives the parts and the index, all of them and those that were written.
    """
    (out / DIGESTS).write_text("".join([*lists.own, *lists.outside]), encoding="utf-8", newline="\n")
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
