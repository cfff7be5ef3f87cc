"""What a picture's findings are: each with its code, a grade and what it was seen from; never one yes or no.

    P1xx  the seal                          P4xx  this picture and the others
    P2xx  the code and the print            P5xx  the picture and the blank form
    P3xx  the register and other sources    P6xx  what the file says of itself

A grade says in which way a finding points, and how far. It is part of the code's meaning; no election sets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from escruta.base.errors import InputError


class Grade(StrEnum):
    """In which way a finding points."""

    SUPPORTS = "supports"
    """It was looked at and it fits."""
    NEUTRAL = "neutral"
    """It was looked at and says nothing either way."""
    UNCHECKED = "unchecked"
    """It could not be looked at; this is not a pass."""
    QUESTIONS = "questions"
    """It does not fit, and there are harmless explanations: a person should look."""
    CONTRADICTS = "contradicts"
    """Two things that are there cannot both be true."""


_S, _N, _U, _Q, _C = Grade.SUPPORTS, Grade.NEUTRAL, Grade.UNCHECKED, Grade.QUESTIONS, Grade.CONTRADICTS

GRADES: Mapping[str, Grade] = MappingProxyType(
    {
        "P101": _S,  # the seal is valid
        "P102": _C,  # the seal is invalid
        "P103": _Q,  # the key is not on the election's list
        "P104": _C,  # the key had been revoked
        "P105": _N,  # there is no seal
        "P106": _U,  # the seal cannot be decided
        "P107": _U,  # no key list to check it with
        "P108": _U,  # the source requires a good seal, and none was found
        "P201": _S,  # code and print agree
        "P202": _C,  # code and print differ
        "P203": _U,  # code and print could not be compared
        "P204": _C,  # code and print name different stations
        "P205": _C,  # several codes that say different things
        "P206": _U,  # the printed station could not be compared with the code's
        "P301": _S,  # the station is on the register
        "P302": _C,  # it is not, and the register is complete
        "P303": _U,  # there is no complete register
        "P304": _S,  # no more ballots than registered voters
        "P305": _C,  # more ballots than registered voters
        "P306": _U,  # registered voters, or a figure, are not known
        "P311": _S,  # another source gives the same figures
        "P312": _Q,  # another source gives other figures
        "P313": _U,  # no other source has the station
        "P401": _N,  # nothing like it among the other pictures
        "P402": _N,  # nearly the same picture, of the same station
        "P403": _C,  # nearly the same picture, of another station
        "P404": _Q,  # a region of another station's picture
        "P405": _Q,  # the pixels of the code are as alike as copies of those of another picture
        "P406": _U,  # it could not be compared with the others
        "P501": _S,  # it fits its blank form
        "P502": _Q,  # it differs from its blank form
        "P503": _U,  # no blank form is known
        "P601": _N,  # the metadata fit, which anyone could write
        "P602": _Q,  # a time before the vote
        "P603": _Q,  # a program for changing pictures
        "P604": _U,  # no metadata
    }
)
"""Every code of this floor, and its grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFinding:
    """One thing that a picture shows, or that could not be looked at."""

    code: str
    details: Mapping[str, str | int] = field(default_factory=dict)
    """What the sentence of the code asks for, and no more."""

    def __post_init__(self) -> None:
        """Refuse a code that there is not."""
        if self.code not in GRADES:
            raise InputError("there is no such finding of a picture", found=self.code, expected=", ".join(GRADES))

    @property
    def grade(self) -> Grade:
        """In which way it points."""
        return GRADES[self.code]


def worst_of(findings: Iterable[PictureFinding]) -> Grade:
    """Give the gravest grade, so that doubtful pictures can be shown first; it replaces none of the findings.

    >>> worst_of([PictureFinding(code="P101"), PictureFinding(code="P602")]).value
    'questions'
    """
    order = (_C, _Q, _U, _N, _S)
    return min((each.grade for each in findings), key=order.index, default=_U)
