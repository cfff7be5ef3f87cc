"""Short forms of a verifier key that two people can compare by telephone, and the QR code of the whole."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import TYPE_CHECKING

from escruta.tlog.keys import KeyKind, VerifierKey

if TYPE_CHECKING:
    import segno

GROUPS, DIGITS = 12, 5
"""60 decimal digits, about 199 bits: more than anybody can search for a second key."""


def digest_of_key(key: VerifierKey) -> str:
    """Digest the verifier key as it is written, in hexadecimal: `printf %s KEY | sha256sum` gives the same."""
    return sha256(str(key).encode("utf-8")).hexdigest()


def spoken(key: VerifierKey) -> tuple[str, ...]:
    """Give twelve groups of five digits to read aloud, in any language: the digest's last 60 decimal digits.

    >>> from escruta.tlog.keys import parse_verifier_key
    >>> " ".join(spoken(parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))[:3])
    '39978 59720 80585'
    """
    digits = f"{int(digest_of_key(key), 16) % 10 ** (GROUPS * DIGITS):0{GROUPS * DIGITS}}"
    return tuple(digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS))


def qr_of(key: VerifierKey) -> segno.QRCode:
    """Make the QR code of a verifier key; that of ML-DSA-44 has the lowest level of correction, to fit on a page."""
    import segno  # noqa: PLC0415 - only who prints needs it

    level = "L" if key.kind is KeyKind.MLDSA44_COSIGNATURE else "M"
    return segno.make_qr(str(key), error=level, boost_error=False)


def qr_svg(key: VerifierKey, *, is_file: bool = False) -> str:
    """Draw the QR code as SVG, to stand in a page or in a file of its own; it grows with what holds it."""
    if is_file:
        drawn = io.BytesIO()
        qr_of(key).save(drawn, kind="svg", border=4, scale=8, light="#fff")
        return drawn.getvalue().decode("utf-8")
    return qr_of(key).svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)


def qr_letters(key: VerifierKey, *, is_screen: bool = False) -> str:
    """Draw the QR code in block letters, for ink on paper or, with its own colours, for a screen.

    Empty for a key of ML-DSA-44, which no line holds.
    """
    if key.kind is KeyKind.MLDSA44_COSIGNATURE:
        return ""
    rows = [[bool(module) for module in row] for row in qr_of(key).matrix_iter(border=_QUIET)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    lines = ["".join(_HALVES[pair] for pair in zip(*rows[at : at + 2], strict=True)) for at in range(0, len(rows), 2)]
    start, end = ("\x1b[30;107m", "\x1b[0m") if is_screen else ("", "")
    return "\n".join(f"{start}{line}{end}" for line in lines) + "\n"


_QUIET = 4
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
"""The letter for two modules, one above the other."""
