"""The designs of an audit: what each draws, and whether it may be looked at after every draw."""

from __future__ import annotations

from typing import Final

BOXES_ONCE: Final = ("equal", "per-centre")
"""Whole boxes, one look."""
BOXES: Final = ("macro", "alpha", *BOXES_ONCE)
"""Whole boxes, compared with what was published."""
POLLING: Final = ("bravo", "polling")
"""Single slips, read."""
SLIPS: Final = (*POLLING, "comparison")
"""Single slips, read, or compared with what a machine recorded for each."""
STRATA: Final = "strata"
"""Some boxes compared, and slips of the other boxes read."""
METHODS: Final = (*BOXES, *SLIPS, STRATA)

COMPARED, POLLED = "compared", "polled"
"""The two lists that are drawn from under `strata`."""

REPEATED: Final = ("macro", "alpha", "bravo", "comparison")
"""Drawn with replacement."""


def is_one_look(method: str) -> bool:
    """Say whether a design's bound holds for one look only."""
    return method in BOXES_ONCE


def has_slips(method: str) -> bool:
    """Say whether a design draws single slips."""
    return method in SLIPS or method == STRATA


def list_name(contest: str, method: str, *, slips: bool) -> str:
    """Give the name under which draws are numbered: the contest; under `strata`, two lists with a name each."""
    if method != STRATA:
        return contest
    return f"{contest}/{POLLED if slips else COMPARED}"
