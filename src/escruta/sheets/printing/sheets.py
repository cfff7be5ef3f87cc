"""One sheet as it is printed: the sealed values, and the names that they stand under.

A sheet is printed from the same value that is sealed, so what the eye reads and what the code says cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from escruta.election.definition import Election
from escruta.sheets.figures import Mark, votes_column
from escruta.sheets.printing.errors import SheetUnprintable
from escruta.sheets.seal.cose import read_seal
from escruta.sheets.seal.forms import SealForm
from escruta.sheets.seal.sheets import Figure, SealedSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area that the polling station lies in."""

    level: str
    """The level's id."""
    code: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """How many lines there are to sign: the chair's, those of the other members, those of the party witnesses."""

    members: int = 2
    witnesses: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetToPrint:
    """A sheet, sealed or not. Raises `SheetUnprintable` where the seal holds another sheet."""

    election: Election
    form: SealForm
    sheet: SealedSheet
    places: tuple[Place, ...] = ()
    """From the widest area to the narrowest."""
    copies: int | None = None
    """How many copies are printed, where that is known."""
    text: str | None = None
    """The text of the seal's code; a sheet without one says that it has none."""
    signers: Signers = Signers()

    def __post_init__(self) -> None:
        """Refuse a seal of another sheet, and figures of another form."""
        self.sheet.named(self.form)
        if self.text is not None and read_seal(self.text).sheet != self.sheet:
            raise SheetUnprintable(
                "the seal holds another sheet than the one that is to be printed",
                where=f"polling station {self.sheet.station}",
                advice="Seal this sheet again.",
            )

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures by column."""
        return self.sheet.named(self.form)


def sum_of(figures: dict[str, Figure], columns: tuple[str, ...]) -> Figure:
    """Add the options of a candidate up; a sum over an unread figure is unread, never a lower number.

    >>> sum_of({"option.a": 3, "option.b": 4}, ("option.a", "option.b"))
    7
    >>> sum_of({"option.a": 3, "option.b": Mark.ILLEGIBLE}, ("option.a", "option.b")).value
    'illegible'
    """
    total = 0
    for column in columns:
        figure = figures[column]
        if isinstance(figure, Mark):
            return figure
        total += figure
    return total


def sum_column(candidate: str) -> str:
    """Name the printed sum of a candidate's options, which the seal leaves out since anybody can add it up."""
    return votes_column(candidate)
