"""Drawing boxes so that anybody can draw them again, in any language.

Every random number is SHA-256 of a text: the seed, a name and a number, joined by commas, in UTF-8, read as a whole
number of 256 bits, the first byte highest. No other source of chance is used, and no floating point.

* **With chances in proportion to published bounds, with replacement**: draw j has ``h = SHA-256("seed,list,j")``, and
  falls on the box in which ``floor(h * T / 2^256)`` lies when the bounds (whole numbers) are added up in the table's
  order and T is their sum.
* **With equal chances, without replacement**: each box has the ticket ``SHA-256("seed,box,1")``, and the boxes with the
  lowest tickets are drawn, in that order; centre by centre, the lowest of each centre.

* **Single slips**: draw j as in the first way, with the number of slips in each box as its bound; what is left of that
  number inside the box, plus 1, is the slip. Without replacement, a draw that falls on a slip that was drawn already is
  passed over.

The chance of a box differs from the one that was asked for by less than 2^-190. Source of the form: Rivest, *Reference
implementation code for pseudo-random sampler for election audits* (2011).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256

import numpy as np

from escruta.audit.batches import Counts

_BITS = 256


def random_number(seed: str, name: str, draw: int) -> int:
    """Give the number of one draw, from 0 to 2^256 - 1.

    >>> hex(random_number("20240728", "president", 1))[:18]
    '0x9bdc000117076cbc'
    """
    return int.from_bytes(sha256(f"{seed},{name},{draw}".encode()).digest(), "big")


def draw_by_bound(seed: str, name: str, bounds: Counts, draws: int, *, after: int = 0) -> tuple[int, ...]:
    """Draw boxes with replacement, in proportion to whole-number bounds, as places in the table.

    Args:
        seed: what the dice gave.
        name: the name of the list, so that two lists have different draws under one seed.
        bounds: the published bounds `(boxes,)`.
        draws: how many to draw.
        after: how many were drawn in earlier rounds; the draws go on where those stopped.
    """
    sums = np.cumsum(bounds)
    whole = int(sums[-1])
    aims = [random_number(seed, name, draw) * whole >> _BITS for draw in range(after + 1, after + draws + 1)]
    return tuple(int(each) for each in np.searchsorted(sums, np.array(aims, dtype=np.int64), side="right"))


def draw_slips(
    seed: str,
    name: str,
    slips: Counts,
    draws: int,
    *,
    after: int = 0,
    drawn: AbstractSet[tuple[int, int]] | None = None,
) -> tuple[tuple[int, int, int], ...]:
    """Draw single slips with equal chances, each as (number of the draw, place of its box, slip from 1).

    Args:
        seed: what the dice gave.
        name: the name of the list.
        slips: how many slips are in each box `(boxes,)`.
        draws: how many to draw.
        after: the number of the last draw of earlier rounds.
        drawn: slips that were drawn before, as (place, slip), where a slip is drawn once at most; None = with
            replacement.

    >>> draw_slips("27182818284590452353", "president", np.array([5, 2, 3]), 4)
    ((1, 0, 4), (2, 0, 5), (3, 2, 2), (4, 1, 1))
    """
    sums = np.cumsum(slips)
    whole, taken = int(sums[-1]), None if drawn is None else set(drawn)
    wanted = draws if taken is None else min(draws, whole - len(taken))
    found: list[tuple[int, int, int]] = []
    while len(found) < wanted:
        after += 1
        aim = random_number(seed, name, after) * whole >> _BITS
        place = int(np.searchsorted(sums, aim, side="right"))
        slip = aim - int(sums[place] - slips[place]) + 1
        if taken is not None:
            if (place, slip) in taken:
                continue
            taken.add((place, slip))
        found.append((after, place, slip))
    return tuple(found)


def draw_equal(seed: str, names: Sequence[str], draws: int) -> tuple[int, ...]:
    """Draw boxes without replacement and with equal chances, as places in the table, in the order of their tickets."""
    return tuple(_by_ticket(seed, names, range(len(names)))[:draws])


def draw_per_centre(
    seed: str, names: Sequence[str], centres: Sequence[str], drawn: Mapping[str, int]
) -> tuple[int, ...]:
    """Draw in each centre as many boxes as `drawn` says, with equal chances, centre by centre in the table's order."""
    inside: dict[str, list[int]] = {}
    for place, centre in enumerate(centres):
        inside.setdefault(centre, []).append(place)
    return tuple(
        place for centre, places in inside.items() for place in _by_ticket(seed, names, places)[: drawn.get(centre, 0)]
    )


def _by_ticket(seed: str, names: Sequence[str], places: Sequence[int]) -> list[int]:
    return sorted(places, key=lambda place: (random_number(seed, names[place], 1), place))
