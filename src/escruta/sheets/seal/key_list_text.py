"""The text of a list of sealing keys: what is signed, and what it names by its digest.

A list of a country is longer than a signed note may be, so what is signed is short, and names the rest by its SHA-256:

    escruta/sealing-keys/v1
    election ve-2024-president
    sequence 1
    issued 2024-07-20T12:00:00Z
    content 3f9c…

    — board.example/keys …

    form president
    figure registered_voters
    figure option.psuv PSUV · Nicolás Maduro
    …
    key BASE64 2024-07-27T04:00:00Z 2024-08-28T04:00:00Z 010113042.1
    …
    revoked 0123456789abcdef 2024-07-28T14:00:00Z stolen
    …

Every list has one text, and no other text is read as it. Signing and verifying the note is the business of
`escruta.apps.seals`. Sources: C2SP signed-note; RFC 4648, section 4.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from escruta.sheets.seal.errors import KeyListMalformed
from escruta.sheets.seal.forms import PROFILE, SealForm, parse_form
from escruta.sheets.seal.key_list import KeyList, Revocation, RevocationReason, SealingKey, may_stand_on_a_line

FORMAT = "escruta/sealing-keys/v1"
LARGEST_LIST = 400_000_000
"""In bytes; a list of a million stations has about 110 million."""
_LARGEST_HEAD = 100_000
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_HEAD = re.compile(
    rf"{FORMAT}\nelection ([a-z0-9][a-z0-9_-]{{0,63}})\nsequence ([1-9][0-9]{{0,8}})\nissued ([0-9TZ:-]{{20}})\n"
    r"content ([0-9a-f]{64})\n",
    re.ASCII,
)
_WORDS = ("form", "figure", "key", "revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """The part of a list that is signed."""

    election: str
    sequence: int
    issued_at: datetime
    content_sha256: str

    @property
    def text(self) -> str:
        """The text of the signed note."""
        lines = (
            FORMAT,
            f"election {self.election}",
            f"sequence {self.sequence}",
            f"issued {moment_text(self.issued_at)}",
            f"content {self.content_sha256}",
        )
        return "".join(f"{line}\n" for line in lines)


def head_of(keys: KeyList) -> ListHead:
    """Give the part of a list that is signed."""
    return ListHead(
        election=keys.election,
        sequence=keys.sequence,
        issued_at=keys.issued_at,
        content_sha256=sha256(content_of(keys).encode("utf-8")).hexdigest(),
    )


def content_of(keys: KeyList) -> str:
    """Write forms, keys and revocations."""
    return "".join(f"{line}\n" for line in _lines(keys))


def _lines(keys: KeyList) -> Iterator[str]:
    for form in keys.forms:
        yield f"form {form.contest}"
        for figure in form.figures:
            name = keys.names.get(name_key(form.contest, figure))
            yield f"figure {figure}" if name is None else f"figure {figure} {name}"
    for key in keys.keys:
        encoded = base64.b64encode(key.public_key).decode("ascii")
        yield f"key {encoded} {moment_text(key.valid_from)} {moment_text(key.valid_until)} {key.station}"
    for each in keys.revocations:
        yield f"revoked {each.kid.hex()} {moment_text(each.at)} {each.reason.value}"


def name_key(contest: str, figure: str) -> str:
    """Name the place of a figure's name in `KeyList.names`."""
    return f"{contest} {figure}"


def split_list(raw: bytes, *, where: str | None = None) -> tuple[bytes, bytes]:
    """Cut the file of a list into the signed note and the content; raises `KeyListMalformed`."""
    text_end = raw.find(b"\n\n", 0, _LARGEST_HEAD)
    note_end = raw.find(b"\n\n", text_end + 2, _LARGEST_HEAD) if text_end >= 0 else -1
    if note_end < 0 or len(raw) > LARGEST_LIST:
        raise KeyListMalformed(
            "this is no list of sealing keys",
            where=where,
            found=raw[:40].decode("utf-8", "replace"),
            expected=f"a signed note that begins with {FORMAT}, a blank line, and forms and keys",
        )
    return raw[: note_end + 1], raw[note_end + 2 :]


def parse_head(text: str, *, where: str | None = None) -> ListHead:
    """Read the text of the signed note; nothing is verified yet. Raises `KeyListMalformed`."""
    found = _HEAD.fullmatch(text)
    issued = None if found is None else _moment(found[3])
    if found is None or issued is None:
        raise KeyListMalformed(
            "the head is not that of a list of sealing keys",
            where=where,
            found=text,
            expected=f"{FORMAT}, election, sequence, issued, content",
        )
    return ListHead(election=found[1], sequence=int(found[2]), issued_at=issued, content_sha256=found[4])


def parse_list(head: ListHead, content: bytes, *, where: str | None = None) -> KeyList:
    """Read the content that a head names; raises `KeyListMalformed`."""
    if sha256(content).hexdigest() != head.content_sha256:
        raise KeyListMalformed(
            "the content is not the one that was signed",
            where=where,
            found=f"SHA-256 {sha256(content).hexdigest()}",
            expected=head.content_sha256,
            advice="Believe nothing of it, and fetch the list again.",
        )
    reader = _Content(head.election, where)
    try:
        lines = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise KeyListMalformed("the content is not UTF-8", where=where) from error
    if lines.pop() != "":
        raise KeyListMalformed("the last line does not end", where=where, expected="a line feed")
    for row, line in enumerate(lines, start=1):
        reader.take(row, line)
    keys = reader.result(head)
    if content_of(keys).encode("utf-8") != content:
        raise KeyListMalformed("the list is not in its one form", where=where, expected="its lines in their order")
    return keys


class _Content:
    """Takes the lines of a content one after another."""

    def __init__(self, election: str, where: str | None) -> None:
        self._election, self._where = election, where
        self._figures: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._keys: list[SealingKey] = []
        self._revocations: list[Revocation] = []

    def take(self, row: int, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word not in _WORDS or not may_stand_on_a_line(line):
            raise KeyListMalformed(
                "no such line in a list of sealing keys",
                where=self._where,
                row=row,
                found=line,
                expected=" or ".join(_WORDS),
            )
        {"form": self._form, "figure": self._figure, "key": self._key, "revoked": self._revoked}[word](row, rest)

    def _form(self, _row: int, contest: str) -> None:
        self._figures[contest] = []

    def _figure(self, row: int, rest: str) -> None:
        figure, _, name = rest.partition(" ")
        if not self._figures:
            raise KeyListMalformed("a figure stands before any form", where=self._where, row=row, found=rest)
        contest = next(reversed(self._figures))
        self._figures[contest].append(figure)
        if name:
            self._names[name_key(contest, figure)] = name

    def _key(self, row: int, rest: str) -> None:
        encoded, start, end, station = _parts(rest, 4)
        valid_from, valid_until = _moment(start), _moment(end)
        try:
            public_key = base64.b64decode(encoded.encode("ascii", "replace"), validate=True)
        except binascii.Error:
            public_key = b""
        if not public_key or valid_from is None or valid_until is None or not station:
            raise self._line("this is no key of a station", row, rest, "key BASE64 FROM UNTIL STATION")
        self._keys.append(
            SealingKey(station=station, public_key=public_key, valid_from=valid_from, valid_until=valid_until)
        )

    def _revoked(self, row: int, rest: str) -> None:
        kid, at, reason = _parts(rest, 3)
        moment = _moment(at)
        if moment is None or not _KID.fullmatch(kid) or reason not in set(RevocationReason):
            raise self._line("this is no revocation", row, rest, f"revoked KID TIME {'|'.join(RevocationReason)}")
        self._revocations.append(Revocation(kid=bytes.fromhex(kid), at=moment, reason=RevocationReason(reason)))

    def _line(self, what: str, row: int, found: str, expected: str) -> KeyListMalformed:
        return KeyListMalformed(what, where=self._where, row=row, found=found, expected=expected)

    def result(self, head: ListHead) -> KeyList:
        return KeyList(
            election=head.election,
            sequence=head.sequence,
            issued_at=head.issued_at,
            forms=tuple(self._form_of(contest, figures) for contest, figures in self._figures.items()),
            keys=tuple(self._keys),
            revocations=tuple(self._revocations),
            names=self._names,
        )

    def _form_of(self, contest: str, figures: Sequence[str]) -> SealForm:
        lines = [PROFILE, f"election {self._election}", f"contest {contest}", *(f"figure {each}" for each in figures)]
        return parse_form("".join(f"{line}\n" for line in lines), where=self._where)


_KID = re.compile(r"[0-9a-f]{16}", re.ASCII)


def _parts(text: str, count: int) -> list[str]:
    parts = text.split(" ", count - 1)
    return parts + [""] * (count - len(parts))


def moment_text(moment: datetime) -> str:
    """Write a moment as lists do: in UTC and whole seconds.

    >>> moment_text(datetime(2024, 7, 28, 18, tzinfo=UTC))
    '2024-07-28T18:00:00Z'
    """
    return f"{moment.astimezone(UTC):{_MOMENT}}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment_text(moment) == text else None
