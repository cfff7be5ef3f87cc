"""Small definitions and sheets to print; the key is nobody's."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.conftest import REPOSITORY

from escruta.election import Election, read_election
from escruta.election.definition import Election as Definition
from escruta.sheets.printing import SheetForm, SheetPrinter, SheetToPrint, sheet_words
from escruta.sheets.printing.layouts import Zone
from escruta.sheets.seal import Figure, SealSigner, SheetKind, form_of, seal_sheet, sheet_of, text_of

MOMENT = datetime(2031, 3, 2, 20, 15, 9, tzinfo=UTC)
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = SealSigner(public_key=_KEY.public_key().public_bytes_raw(), sign=_KEY.sign)
PICTURES = SheetForm.STRIP, SheetForm.STRIP_58, SheetForm.A4


@functools.cache
def printer(paper: SheetForm, language: str = "en") -> SheetPrinter:
    """A printer that is started once for all tests of a process."""
    return SheetPrinter(paper=paper, words=sheet_words(language))


@functools.cache
def example(name: str) -> Election:
    """A definition of `examples`."""
    return read_election(REPOSITORY / "examples" / name)


def definition(
    candidates: Sequence[str] = ("Ana Díaz", "Ben Okri"),
    *,
    options: Sequence[tuple[str, int]] = (),
    figures: Sequence[str] = ("registered_voters", "ballots", "valid", "null", "blank"),
    name: object = "A small election",
    further: Sequence[str] = (),
) -> Election:
    """An election of one contest; options are a name and the place of their candidate."""
    plain: dict[str, Any] = {
        "format": "escruta/election/v1",
        "id": "small",
        "name": name,
        "date": "2031-03-02",
        "stations": {"key": [{"part": "station"}]},
        "levels": [{"id": "state", "name": "State", "code_from": {"part": "station", "first": 1}}],
        "contests": [
            {
                "id": "president",
                "name": "President",
                "figures": list(figures),
                "further_figures": [{"id": each, "name": each.title()} for each in further],
                "candidates": [{"id": f"c{at}", "name": text} for at, text in enumerate(candidates)],
                "options": [
                    {"id": f"o{at}", "name": text, "candidate": f"c{owner}"} for at, (text, owner) in enumerate(options)
                ],
            }
        ],
        "origins": [{"id": "a", "name": "A", "owner": "authority"}],
        "sources": [
            {
                "id": "s",
                "name": "S",
                "kind": "authority",
                "origin": "a",
                "files": [{"path": "x.csv"}],
                "layout": {"station": {"station": "s"}, "votes": {f"c{at}": f"c{at}" for at in range(len(candidates))}},
            }
        ],
    }
    return Definition.model_validate_json(json.dumps(plain))


def sheet_to_print(
    election: Election,
    figures: Mapping[str, Figure] | None = None,
    *,
    sealed: bool = True,
    kind: SheetKind = SheetKind.CLOSING,
    **more: Any,
) -> SheetToPrint:
    """A sheet whose figures are 1, 2, 3 … unless said otherwise."""
    form = form_of(election)
    counted = {column: 0 if kind is SheetKind.ZERO else at for at, column in enumerate(form.figures, 101)}
    station = more.pop("station", "7.1")
    recipient = more.pop("recipient", None)
    sheet = sheet_of(form, station, counted | dict(figures or {}), printed_at=MOMENT, kind=kind, recipient=recipient)
    text = text_of(seal_sheet(sheet, SIGNER)) if sealed else None
    return SheetToPrint(election=election, form=form, sheet=sheet, text=text, **more)


Grey = npt.NDArray[np.uint8]


def raster(pdf: bytes, page: int = 0, dpi: int = 203) -> Grey:
    """Draw a page as a printer or camera would see it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = document[page].render(scale=dpi / 72, grayscale=True).to_numpy()
        return np.ascontiguousarray(drawn.reshape(drawn.shape[:2]))
    finally:
        document.close()


def cut(picture: Grey, zone: Zone, dpi: int = 203) -> Grey:
    """Cut a zone out of a page."""
    left, top, right, bottom = (
        round(length / 25.4 * dpi) for length in (zone.x, zone.y, zone.x + zone.width, zone.y + zone.height)
    )
    return picture[top:bottom, left:right]


def text_in(pdf: bytes, zone: Zone) -> str:
    """Give the text that a reader finds in a zone."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        page = document[zone.page - 1]
        points = 72 / 25.4
        height = page.get_height()
        found = page.get_textpage().get_text_bounded(
            left=zone.x * points,
            right=(zone.x + zone.width) * points,
            top=height - zone.y * points,
            bottom=height - (zone.y + zone.height) * points,
        )
        return str(found).strip()
    finally:
        document.close()


def whole_text(pdf: bytes) -> str:
    """Give the text of all pages."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
