"""How a reader adds the result up again with a spreadsheet: the formula for each candidate, and what it must give.

The formula adds up the votes of the counted polling stations in a table of the record. Names of functions and what
stands between their arguments are the spreadsheet's own in each language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escruta.portal.contents import AreaResult, Contest
from escruta.portal.words import Words

_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Line:
    """What to write into a cell for a candidate, and the votes that it must show."""

    name: str
    formula: str
    votes: int


def column_letter(place: int) -> str:
    """Name a column as spreadsheets do, from its place, which counts from 0.

    >>> [column_letter(place) for place in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def table_name(contest: Contest) -> str:
    """Name the table that the formulas read: the verdict and the counted figures of each polling station."""
    return f"verdicts-{contest.contest}.csv"


def formulas(words: Words, contest: Contest, national: AreaResult, columns: Sequence[str]) -> list[Line]:
    """Write the formula of each candidate for a table with these columns; a candidate without a known sum has none."""
    letters: Mapping[str, str] = {name: column_letter(place) for place, name in enumerate(columns)}
    counted = letters["counted"]
    name, between = words.forms["checking.sheet.sumifs"], words.forms["checking.sheet.between"]
    found = []
    for candidate, votes in zip(contest.candidates, national.votes, strict=True):
        letter = letters.get(f"votes.{candidate.candidate}")
        if letter is None or votes.votes is None:
            continue
        arguments = (f"{letter}:{letter}", f"{counted}:{counted}", '"true"')
        found.append(Line(candidate.name, f"={name}({str(between).join(arguments)})", votes.votes))
    return found
