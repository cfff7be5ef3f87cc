"""What a code may say: one strict grammar for each kind of sheet, and a reason for everything else.

A code is written by whoever made the sheet, or by whoever wants to fool its reader. So nothing is guessed: a text is a
payload only when it is exactly one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from escruta.base.errors import printable

SEAL_PREFIX = "ESC1:"
"""What the text of our own seal begins with; base45 (RFC 9285) follows."""
SLOTS_2024 = 38
"""The party slots of the sheet of 28 July 2024, in the order of the ballot."""
HIGHEST_COUNT = 9_999
"""The highest figure of one station's sheet: no polling station has ten thousand voters."""
LONGEST_TEXT = 4_296
"""The most characters of a QR code (ISO/IEC 18004, version 40-L, alphanumeric)."""

_SEAL = re.compile(r"ESC1:[0-9A-Z $%*+\-./:]+\Z")
_SEAL_LIMIT = 1_200
_COUNT = r"(?:0|[1-9][0-9]{0,3})"
_TEXT_2024 = re.compile(
    rf"(?P<station>[0-9]{{9}}\.[0-9]{{2}}\.[0-9]\.[0-9]{{4}})"
    rf"!(?P<votes>{_COUNT}(?:,{_COUNT}){{{SLOTS_2024 - 1}}})!(?P<null>{_COUNT})!(?P<invalid>{_COUNT})\Z"
)
_LIKE_2024 = re.compile(r"[0-9.]{8,24}!")
_ADDRESS = re.compile(r"(?i:[a-z][a-z0-9+.-]{1,20}:(?://)?\S|www\.)")
_BASE45_REST = 1
_BASE45_GROUP = 3


class PayloadKind(StrEnum):
    """What the text of a code is."""

    SEAL = "seal"
    """Our own: figures under a signature. Here only its shape is looked at."""
    TEXT_2024 = "text-2024"
    """Figures as plain text, as on the sheets of Venezuela in 2024. It has neither a signature nor a check sum."""
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a text is no payload."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    FOREIGN_CHARACTERS = "foreign-characters"
    """Something other than printable ASCII: look-alike letters, digits of other scripts, marks of direction."""
    ADDRESS = "address"
    """A web or other address. It is not opened."""
    MALFORMED_SEAL = "malformed-seal"
    MALFORMED_TEXT = "malformed-text"
    """It begins as the text of 2024 does, and then breaks its grammar."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a code says; figures only where its kind gives them without a signature."""

    kind: PayloadKind
    refusal: Refusal | None = None
    found: str | None = None
    """The beginning of a refused text, as a terminal may show it."""
    station: str | None = None
    """The sheet's own code of the station and act, such as `110601011.04.1.0001`."""
    votes: tuple[int, ...] = ()
    """Votes of each slot, in the order of the ballot."""
    null: int | None = None
    invalid: int | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the text is no payload."""
        return self.kind is PayloadKind.REFUSED


def payload_of(text: str) -> Payload:
    """Read the text of a code; what is no payload comes back refused, with its reason.

    >>> read = payload_of("110601011.04.1.0001!" + ",".join(["7"] * 38) + "!2!0")
    >>> read.kind.value, read.station, sum(read.votes), read.null, read.invalid
    ('text-2024', '110601011.04.1.0001', 266, 2, 0)
    >>> payload_of("https://example.org/acta").refusal.value
    'address'
    """
    if not 0 < len(text) <= LONGEST_TEXT:
        return _refused(Refusal.TOO_LONG if text else Refusal.EMPTY, text)
    if not (text.isascii() and text.isprintable()):
        return _refused(Refusal.FOREIGN_CHARACTERS, text)
    if text.startswith(SEAL_PREFIX):
        return Payload(kind=PayloadKind.SEAL) if _is_seal_shaped(text) else _refused(Refusal.MALFORMED_SEAL, text)
    match = _TEXT_2024.match(text)
    return _text_2024(match) if match else _refused(_reason(text), text)


def _reason(text: str) -> Refusal:
    if _LIKE_2024.match(text):
        return Refusal.MALFORMED_TEXT
    return Refusal.ADDRESS if _ADDRESS.match(text) else Refusal.UNKNOWN


def _text_2024(match: re.Match[str]) -> Payload:
    return Payload(
        kind=PayloadKind.TEXT_2024,
        station=match["station"],
        votes=tuple(int(count) for count in match["votes"].split(",")),
        null=int(match["null"]),
        invalid=int(match["invalid"]),
    )


def _is_seal_shaped(text: str) -> bool:
    """Base45 comes in groups of three, or of two at the end (RFC 9285, section 4); each group has a largest value."""
    body = text[len(SEAL_PREFIX) :]
    if len(text) > _SEAL_LIMIT or not _SEAL.match(text) or len(body) % _BASE45_GROUP == _BASE45_REST:
        return False
    groups = (body[at : at + _BASE45_GROUP] for at in range(0, len(body), _BASE45_GROUP))
    return all(_value(group) <= (0xFFFF if len(group) == _BASE45_GROUP else 0xFF) for group in groups)


_BASE45 = {each: value for value, each in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}


def _value(group: str) -> int:
    return sum(_BASE45[each] * 45**place for place, each in enumerate(group))


def _refused(reason: Refusal, text: str) -> Payload:
    return Payload(kind=PayloadKind.REFUSED, refusal=reason, found=printable(text))
