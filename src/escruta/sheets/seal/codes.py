"""The QR code of a seal: alphanumeric mode, level Q. Sources: ISO/IEC 18004; the measurements in the profile's page."""

from __future__ import annotations

import segno

from escruta.sheets.seal.cose import LONGEST_TEXT
from escruta.sheets.seal.errors import TextRefused

LEVEL = "Q"
"""A quarter of the code may be lost. Less is not enough for folds and ink, more makes the dots too small."""
QUIET_ZONE = 4
"""In modules: what must stay white on each side."""


def code_of(text: str) -> tuple[tuple[bool, ...], ...]:
    """Draw the code of a seal's text: rows of modules, True where they are dark, without the quiet zone.

    >>> len(code_of("ESC1:" + "0" * 192))  # version 10
    57
    """
    return tuple(tuple(bool(module) for module in row) for row in _code(text).matrix)


def version_of(text: str) -> int:
    """Give the version of the code of a text: it has 17 + 4 x version modules a side."""
    return int(_code(text).version)


def _code(text: str) -> segno.QRCode:
    if len(text) > LONGEST_TEXT:
        raise TextRefused("the text is too long for a seal", found=len(text), expected=f"at most {LONGEST_TEXT}")
    try:
        return segno.make_qr(text, error=LEVEL, mode="alphanumeric", boost_error=False)
    except ValueError as error:
        raise TextRefused("this text cannot stand in a code", found=text, expected="letters of base45") from error
