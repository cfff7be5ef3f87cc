"""What each planted thing is in words, and which verdicts may come of it: the demo's own expectations."""

from __future__ import annotations

from dataclasses import dataclass

_AGREED = frozenset({"corroborated", "confirmed"})
_FINE = _AGREED | {"single"}
FAULTED = frozenset({"contradicted", "disputed", "quarantined"})
"""Verdicts that keep a station out of every total until somebody decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that happened, and the verdicts that a station may get by it."""

    id: str
    says: str
    """In words that need nobody's guilt."""
    alone: frozenset[str]
    """Where no other origin holds a sheet of the station."""
    together: frozenset[str]
    """Where another origin does."""


KINDS = (
    Kind(
        id="made-up",
        says="votes moved from one candidate to another, every sum still fits",
        alone=frozenset({"single"}),
        together=frozenset({"contradicted"}),
    ),
    Kind(
        id="digits-swapped",
        says="two digits of one figure swapped",
        alone=frozenset({"single"}),
        together=frozenset({"contradicted"}),
    ),
    Kind(
        id="neighbours-swapped",
        says="sheets typed under each other's number",
        # The neighbour may have more votes than this station has voters: then a check says so first.
        alone=frozenset({"single", "quarantined"}),
        together=frozenset({"contradicted", "quarantined"}),
    ),
    Kind(
        id="typed-twice",
        says="typed twice, one digit differs",
        alone=frozenset({"disputed"}),
        together=frozenset({"disputed", "contradicted"}),
    ),
    Kind(
        id="all-zero",
        says="a sheet of zeros",
        alone=frozenset({"single", "quarantined"}),
        together=frozenset({"contradicted", "quarantined"}),
    ),
    Kind(
        id="valid-off-by-ten",
        says="stated valid votes off by ten",
        alone=frozenset({"quarantined"}),
        together=frozenset({"quarantined", "contradicted"}),
    ),
    Kind(
        id="more-ballots-than-voters",
        says="more ballots than registered voters",
        alone=frozenset({"quarantined"}),
        together=frozenset({"quarantined"}),
    ),
    Kind(
        id="not-on-register",
        says="a station that is not on the register",
        alone=frozenset({"quarantined"}),
        together=frozenset({"quarantined"}),
    ),
    Kind(id="row-skipped", says="a candidate's row skipped: unread, not zero", alone=_FINE, together=_FINE),
    Kind(id="illegible", says="a figure that cannot be read in the picture", alone=_FINE, together=_FINE),
    Kind(id="null-missing", says="null votes left out", alone=_FINE, together=_AGREED),
    Kind(id="sent-twice", says="the same row sent twice", alone=_FINE, together=_AGREED),
    Kind(id="shared-picture", says="one picture for two stations", alone=_FINE, together=_AGREED),
    Kind(
        id="nobody-has",
        says="a station that nobody has",
        alone=frozenset({"missing"}),
        together=frozenset({"missing"}),
    ),
)
"""What was planted, in the order in which it is told."""
HELD_UP = {
    "lost-in-the-outage": "due during the outage, never arrived",
    "after-the-outage": "due during the outage, arrived after it",
    "next-day": "arrived the next day",
}
"""What befell the transmission: it decides who holds a sheet, and changes no figure."""
