"""The form of a sheet: which election and contest, and which figure stands at which place.

A seal has no names in it, only figures in an order. What the order means is said by a short text, which is made from
the election's definition; the seal holds the first eight bytes of its SHA-256. Whoever exchanges two candidates in a
definition makes another form, of which no seal speaks.

    escruta/sealed-sheet/v1
    election ve-2024-president
    contest president
    figure registered_voters
    figure valid
    figure null
    figure option.psuv
    …
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from escruta.base.errors import InputError
from escruta.election.definition import Contest, Election
from escruta.sheets.figures import SHEET_FIGURES, option_column, other_column, votes_column
from escruta.sheets.seal.errors import KeyListMalformed

PROFILE = "escruta/sealed-sheet/v1"
FORM_ID_SIZE = 8
MOST_FIGURES = 512
_ID = r"[a-z0-9][a-z0-9_-]{0,63}"
_TEXT = re.compile(rf"{PROFILE}\nelection ({_ID})\ncontest ({_ID})\n((?:figure [a-z0-9._-]{{1,80}}\n)+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealForm:
    """Election, contest, and the columns of the figures in the order in which a seal holds them.

    >>> form = SealForm(election="demo", contest="president", figures=("null", "votes.ana", "votes.bea"))
    >>> form.id.hex(), len(form.digest)
    ('499372488e37842b', 32)
    """

    election: str
    contest: str
    figures: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text that is digested."""
        lines = (PROFILE, f"election {self.election}", f"contest {self.contest}")
        return "".join(f"{line}\n" for line in (*lines, *(f"figure {figure}" for figure in self.figures)))

    @property
    def digest(self) -> bytes:
        """SHA-256 of the text."""
        return sha256(self.text.encode("utf-8")).digest()

    @property
    def id(self) -> bytes:
        """The eight bytes of the digest that stand in a seal."""
        return self.digest[:FORM_ID_SIZE]


def parse_form(text: str, *, where: str | None = None) -> SealForm:
    """Read the text of a form; raises `KeyListMalformed`."""
    found = _TEXT.fullmatch(text)
    figures = () if found is None else tuple(line.removeprefix("figure ") for line in found[3].splitlines())
    if found is None or len(set(figures)) < len(figures) or len(figures) > MOST_FIGURES:
        raise KeyListMalformed(
            "this is no form of a sheet",
            where=where,
            found=text,
            expected=f"{PROFILE}, election, contest, and 1 to {MOST_FIGURES} figures, each once",
        )
    return SealForm(election=found[1], contest=found[2], figures=figures)


def form_of(election: Election, contest: str | None = None) -> SealForm:
    """Make the form of a contest's sheets: declared figures, further ones, then votes.

    Votes stand by ballot option where the contest has options, and else by candidate, in the definition's order.
    `contest` may be left out where there is only one. Raises `InputError` where there is no such contest, or where its
    figures are too many for a seal.
    """
    chosen = contest_of(election, contest)
    sheet = [figure for figure in SHEET_FIGURES if figure in chosen.figures]
    others = [other_column(figure.id) for figure in chosen.further_figures]
    options = [option_column(option.id) for option in chosen.options]
    votes = options or [votes_column(candidate.id) for candidate in chosen.candidates]
    figures = (*sheet, *others, *votes)
    if len(figures) > MOST_FIGURES:
        raise InputError(
            "the sheets of this contest have more figures than a seal holds",
            where=chosen.id,
            found=len(figures),
            expected=f"at most {MOST_FIGURES}",
        )
    return SealForm(election=election.id, contest=chosen.id, figures=figures)


def contest_of(election: Election, contest: str | None) -> Contest:
    """Find a contest by its id; the only one where none is named. Raises `InputError`."""
    known = {each.id: each for each in election.contests}
    if contest is None and len(known) == 1:
        return election.contests[0]
    if contest not in known:
        raise InputError(
            "there is no such contest" if contest else "the election has several contests, and none was named",
            found=contest,
            expected=" or ".join(known),
        )
    return known[contest]


def names_of(election: Election, form: SealForm) -> Mapping[str, str]:
    """Give the names that people know for the figures of a form: candidates, ballot options, further figures.

    Figures that every election has, such as `null`, are left out: each language has its word for them. Where two have
    the same name, their ids stand behind it.
    """
    contest = contest_of(election, form.contest)
    people = {candidate.id: candidate.name for candidate in contest.candidates}
    named = {votes_column(candidate.id): candidate.name for candidate in contest.candidates}
    named |= {option_column(option.id): f"{option.name} · {people[option.candidate]}" for option in contest.options}
    for figure in contest.further_figures:
        name = figure.name
        text = name if isinstance(name, str) else name.get(election.languages[0], next(iter(name.values())))
        named[other_column(figure.id)] = text
    shown = {figure: _on_one_line(named[figure]) for figure in form.figures if figure in named}
    times = Counter(shown.values())
    return {
        figure: name if times[name] == 1 else f"{name} ({figure.partition('.')[2]})" for figure, name in shown.items()
    }


def _on_one_line(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
