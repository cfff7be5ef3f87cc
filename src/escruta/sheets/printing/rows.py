"""The lines of figures on a sheet: candidates with their options and sums, and the totals below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from escruta.election.definition import Candidate, Contest
from escruta.sheets.figures import SHEET_FIGURES, Mark, option_column, other_column, votes_column
from escruta.sheets.printing.sheets import SheetToPrint, sum_column, sum_of
from escruta.sheets.printing.texts import breakable, printable_text
from escruta.sheets.printing.wording import SheetWords
from escruta.sheets.seal.forms import contest_of
from escruta.sheets.seal.sheets import Figure

TOTALS = ("registered_voters", "candidate_votes", "valid", "blank", "null", "ballots")
"""In the order in which people add them up; the election's further figures stand before the ballots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line: a name, and a figure where it has one."""

    kind: str
    """`single` and `option` have a figure, `head` is a candidate's name alone, `sum` adds a candidate's options up."""
    id: str
    """The figure's column; empty for a name alone."""
    name: str
    note: str | None = None
    figure: str | None = None
    """The digits, or the words for a figure that is not there."""
    is_unread: bool = False
    group: str | None = None
    """What stands above the line where a new column begins with it."""

    def as_json(self) -> dict[str, object]:
        """Give what the template asks for."""
        return {name: getattr(self, name) for name in type(self).__dataclass_fields__}


def figure_rows(sheet: SheetToPrint, words: SheetWords) -> tuple[Row, ...]:
    """Give the lines of the votes, candidates in the order of their first option on the ballot."""
    contest = contest_of(sheet.election, sheet.form.contest)
    names = candidate_names(contest)
    return tuple(
        row
        for candidate in _in_order(contest)
        for row in _rows_of(candidate, names[candidate.id], contest, sheet.figures, words)
    )


def _in_order(contest: Contest) -> tuple[Candidate, ...]:
    """Put candidates in ballot order; those without an option come last."""
    first = {option.candidate: -at for at, option in reversed([*enumerate(contest.options)])}
    return tuple(sorted(contest.candidates, key=lambda candidate: -first.get(candidate.id, -len(contest.options))))


def _rows_of(
    candidate: Candidate, name: str, contest: Contest, figures: dict[str, Figure], words: SheetWords
) -> Iterator[Row]:
    party = None if candidate.party is None else _name(candidate.party, candidate.id)
    options = [option for option in contest.options if option.candidate == candidate.id]
    if not contest.options:
        column = votes_column(candidate.id)
        yield Row(kind="single", id=column, name=name, note=party, **_written(figures[column], words))
    elif len(options) == 1:
        column, slot = option_column(options[0].id), _name(options[0].name, options[0].id)
        note = None if slot == name else slot
        yield Row(kind="single", id=column, name=name, note=note, **_written(figures[column], words))
    elif options:
        yield Row(kind="head", id="", name=name)
        group = words("continued", candidate=name)
        for option in options:
            column = option_column(option.id)
            text = _name(option.name, option.id)
            yield Row(kind="option", id=column, name=text, group=group, **_written(figures[column], words))
        whole = sum_of(figures, tuple(option_column(option.id) for option in options))
        yield Row(kind="sum", id=sum_column(candidate.id), name=words("sum"), group=group, **_written(whole, words))


def total_rows(sheet: SheetToPrint, words: SheetWords) -> tuple[Row, ...]:
    """Give the lines of the totals that the contest's sheets have."""
    contest = contest_of(sheet.election, sheet.form.contest)
    figures = sheet.figures
    names = {column: words(column) for column in SHEET_FIGURES}
    others = {other_column(figure.id): words.named(figure.name) for figure in contest.further_figures}
    order = (*TOTALS[:-1], *others, TOTALS[-1])
    return tuple(
        Row(kind="total", id=column, name=_name((names | others)[column], column), **_written(figures[column], words))
        for column in order
        if column in figures
    )


def candidate_names(contest: Contest) -> dict[str, str]:
    """Give the names that stand on the sheet, by id; where two candidates have the same one, their ids stand behind."""
    names = {candidate.id: _name(candidate.name, candidate.id) for candidate in contest.candidates}
    times = Counter(names.values())
    return {each: name if times[name] == 1 else f"{name} ({_name(each, each)})" for each, name in names.items()}


def _name(text: str, owner: str) -> str:
    return breakable(printable_text(text, f"the name of {owner}"))


def _written(figure: Figure, words: SheetWords) -> dict[str, Any]:
    if isinstance(figure, Mark):
        return {"figure": words(figure.value), "is_unread": True}
    return {"figure": str(figure), "is_unread": False}
