"""The draw: centres in the order of a digest that nobody can know before the seed is public.

**Anybody can repeat it**: for each centre take SHA-256 of the text `SEED,CENTRE` in UTF-8, write it in hexadecimal, and
sort the centres of a stratum by it. The first ones are drawn. Nothing else goes in: not their number, not their order
in the list. Each set of a size is as likely as any other, and a larger draw contains every smaller one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from escruta.assessment.quickcount.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The centres drawn, by stratum and in the order of their tickets."""

    seed: str
    centres: tuple[str, ...]
    tickets: tuple[str, ...]
    strata: tuple[str, ...]


def ticket(seed: str, centre: str) -> str:
    """Give a centre's place in the draw: the smallest in a stratum come first.

    >>> ticket("2024-07-28 4 1 6 2", "010101001")[:16]
    '9b1a57af6618235a'
    """
    return hashlib.sha256(f"{seed},{centre}".encode()).hexdigest()


def draw(frame: Frame, allocation: Sequence[int], seed: str) -> Draw:
    """Draw so many centres of each stratum.

    Raises:
        ValueError: an empty seed, a centre that stands twice, or more wanted of a stratum than it has.
    """
    if not seed.strip():
        raise ValueError("the seed is empty: use the one that was thrown in public")
    if len(set(frame.centres)) < len(frame.centres):
        raise ValueError("a centre stands twice in the list")
    if any(wanted > size for wanted, size in zip(allocation, frame.sizes.tolist(), strict=True)):
        raise ValueError("more centres are wanted of a stratum than it has")
    ordered: list[list[tuple[str, str]]] = [[] for _ in frame.stratum_names]
    for centre, stratum in zip(frame.centres, frame.stratum.tolist(), strict=True):
        ordered[stratum].append((ticket(seed, centre), centre))
    taken = [
        (*each, name)
        for name, centres, wanted in zip(frame.stratum_names, ordered, allocation, strict=True)
        for each in sorted(centres)[:wanted]
    ]
    return Draw(
        seed=seed,
        centres=tuple(centre for _, centre, _ in taken),
        tickets=tuple(text for text, _, _ in taken),
        strata=tuple(name for _, _, name in taken),
    )
