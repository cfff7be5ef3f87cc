"""Draw `printed-sheets.png`: a zero sheet on a strip and a closing sheet on A4, of an invented election.

The fonts and the seal are ours, and the key is made here from zeros, so the picture is the same each time:

    python docs/images/make_printed_sheets.py
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from escruta.election.definition import Election
from escruta.sheets.figures import Mark
from escruta.sheets.printing import Place, SheetForm, SheetPrinter, SheetToPrint, sheet_words
from escruta.sheets.seal import SealSigner, SheetKind, form_of, seal_sheet, sheet_of, text_of, witness_of

OUT = Path(__file__).with_suffix("").parent / "printed-sheets.png"
DPI, HEIGHT = 110, 1180
PARTIES = {
    "Amalia Robledo": ("Harvest", "Rivers and Towns", "New Accord", "Workers' Front"),
    "Teodor Vance": ("Liberal Union", "Coast"),
    "Ines Quarshie": ("Commons",),
    "Bao Lindqvist": ("Ploughshare", "Civic List", "Lantern"),
    "Marta Ferreira-Okonkwo": ("Independents",),
}


def definition() -> Election:
    """Define an election of five candidates on eleven ballot options."""
    options = [(name, at) for at, parties in enumerate(PARTIES.values()) for name in parties]
    plain = {
        "format": "escruta/election/v1",
        "id": "republic-2031",
        "name": "Fictional Republic, presidential election of 2 March 2031",
        "date": "2031-03-02",
        "stations": {
            "key": [{"part": part, "width": width} for part, width in (("state", 1), ("centre", 4), ("table", 2))]
        },
        "levels": [
            {"id": level, "name": level.title(), "code_from": {"part": "state", "first": 1}}
            for level in ("state", "town", "centre")
        ],
        "contests": [
            {
                "id": "president",
                "name": "President of the Republic",
                "figures": ["registered_voters", "ballots", "valid", "null", "blank"],
                "candidates": [{"id": f"c{at}", "name": name} for at, name in enumerate(PARTIES)],
                "options": [
                    {"id": f"o{at}", "name": name, "candidate": f"c{owner}"} for at, (name, owner) in enumerate(options)
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
                "layout": {"station": {"state": "s", "centre": "c", "table": "t"}, "votes": {"c0": "c0"}},
            }
        ],
    }
    return Election.model_validate_json(json.dumps(plain))


def printed(paper: SheetForm, kind: SheetKind) -> np.ndarray:
    """Print one sheet and draw it."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signer = SealSigner(public_key=key.public_key().public_bytes_raw(), sign=key.sign)
    election = definition()
    form = form_of(election)
    counts: list[int | Mark] = [611, 408, 399, 6, 3, 61, 22, 9, 4, 103, 18, 77, 41, Mark.ILLEGIBLE, 12, 30]
    is_zero = kind is SheetKind.ZERO
    figures: dict[str, int | Mark] = {
        column: count if column == "registered_voters" or not is_zero else 0
        for column, count in zip(form.figures, counts, strict=True)
    }
    moment = datetime(2031, 3, 2, 6 if is_zero else 19, 42, 7, tzinfo=UTC)
    recipient = witness_of(2)
    sheet = sheet_of(form, "4.0217.03", figures, printed_at=moment, kind=kind, copy=2, recipient=recipient)
    places = (
        Place(level="state", code="4", name="Upper Marches"),
        Place(level="town", code="0217", name="Saint Alder on the Water"),
        Place(level="centre", code="03", name="Elena Vasquez Primary School"),
    )
    text = text_of(seal_sheet(sheet, signer))
    to_print = SheetToPrint(election=election, form=form, sheet=sheet, places=places, copies=5, text=text)
    pdf = SheetPrinter(paper=paper, words=sheet_words("en")).print([to_print]).pdf
    document = pypdfium2.PdfDocument(pdf)
    drawn = document[0].render(scale=2 * DPI / 72, grayscale=True).to_numpy()
    document.close()
    return np.ascontiguousarray(drawn.reshape(drawn.shape[:2]))


def main() -> None:
    """Set both sheets side by side on grey, the strip cut into two pieces."""
    strip, page = printed(SheetForm.STRIP, SheetKind.ZERO), printed(SheetForm.A4, SheetKind.CLOSING)
    height = HEIGHT * 2
    pieces = [strip[: len(strip) // 2], strip[len(strip) // 2 :], page]
    scale = min(1.0, height / max(len(piece) for piece in pieces))
    small = [cv2.resize(piece, None, fx=scale / 2, fy=scale / 2, interpolation=cv2.INTER_AREA) for piece in pieces]
    tall = max(len(piece) for piece in small) + 40
    columns = [np.full((tall, 20), 205, np.uint8)]
    for piece in small:
        column = np.full((tall, piece.shape[1]), 205, np.uint8)
        column[20 : 20 + len(piece)] = piece
        columns += [column, np.full((tall, 20), 205, np.uint8)]
    grey = np.hstack(columns) // 17 * 17  # sixteen greys are enough for print, and a third of the bytes
    cv2.imwrite(str(OUT), grey, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
