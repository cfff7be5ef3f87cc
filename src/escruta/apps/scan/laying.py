"""Pairs of pictures laid upon each other, wherever there is room for such work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from escruta.apps.executing import Lost, Workplace, spread
from escruta.apps.executing.places import Kind
from escruta.apps.executing.spreading import batched
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.originals import Originals, Places
from escruta.sources.scans.evidence import COPIED, code_likeness, shared_region

FEW = 8
"""So many pairs are laid right here: to begin with other processes would take longer."""
PLACES = 4
"""How often one code on a page is looked at; where it is there more often and none is a copy, nothing was settled."""
TOGETHER = 8
"""Pairs that one worker lays at a time; those that share a picture open it once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two pages, by their copies, and what of them is compared."""

    one: str
    other: str
    codes: tuple[Places, Places] | None = None
    """Where the code of both is on each; None where the whole pages are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayingJob:
    """Some pairs for one worker."""

    originals: str
    """The folder in which they lie."""
    pairs: tuple[Pair, ...]


def lay_pairs(
    home: ScanHome, pairs: Sequence[Pair], place: Workplace | None = None
) -> Iterator[tuple[Pair, bool | None]]:
    """Say of every pair whether it shares a region, or its code is as alike as a copy; None where that was not seen.

    They come in any order. Without a place, and where there are few, the work is done in this process.
    """
    near = sorted(pairs, key=lambda pair: (pair.one, pair.other))
    folder = str(home.originals.resolve())
    jobs = (LayingJob(originals=folder, pairs=group) for group in batched(near, TOGETHER))
    if place is None or len(pairs) <= FEW or (place.workers == 1 and place.kind is not Kind.DASK):
        for job in jobs:
            yield from zip(job.pairs, lay(job), strict=True)
        return
    for done in spread(place, lay, jobs, batch=1):
        seen = [None] * len(done.item.pairs) if isinstance(done, Lost) else done.result
        yield from zip(done.item.pairs, seen, strict=True)


def lay(job: LayingJob) -> list[bool | None]:
    """Lay pairs upon each other, in whatever process."""
    originals = Originals(Path(job.originals))
    return [_is_copied(originals, pair) for pair in job.pairs]


def _is_copied(originals: Originals, pair: Pair) -> bool | None:
    if pair.codes is None:
        one, other = originals.features(pair.one), originals.features(pair.other)
        return None if one is None or other is None else shared_region(one, other) is not None
    ours, theirs = pair.codes
    seen = product(originals.codes(pair.one, ours[:PLACES]), originals.codes(pair.other, theirs[:PLACES]))
    is_copied = max((code_likeness(*both) >= COPIED for both in seen), default=None)
    return is_copied if is_copied or max(len(ours), len(theirs)) <= PLACES else None


__all__ = ["LayingJob", "Pair", "Places", "lay", "lay_pairs"]
