"""Signed notes: a text, and lines with signatures of it. Source: C2SP signed-note."""

from __future__ import annotations

from dataclasses import dataclass, replace

from escruta.tlog.encodings import decode_text, parse_base64, to_base64
from escruta.tlog.errors import NoteMalformed
from escruta.tlog.keys import KEY_ID_SIZE, is_name

MOST_SIGNATURES = 100
"""A note with more is refused: whoever adds lines must not make us work for ever."""

LARGEST_NOTE = 1_000_000
"""In bytes."""

_MARK = "— "


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One line below a note: who says to have signed, and the signature, which may be false."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """Write the line, with its end."""
        return f"{_MARK}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and the signatures below it. Nothing of it may be believed before a signature is verified."""

    text: str
    """With its last line feed."""
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        """Write the note."""
        return f"{self.text}\n{''.join(str(line) for line in self.signatures)}"

    def __bytes__(self) -> bytes:
        """Write the note as it is published."""
        return str(self).encode("utf-8")

    def signed_also(self, *lines: SignatureLine) -> Note:
        """Give the note with further lines; one that is there already is not repeated."""
        new = [line for line in dict.fromkeys(lines) if line not in self.signatures]
        return replace(self, signatures=(*self.signatures, *new))


def parse_note(raw: bytes, *, where: str | None = None) -> Note:
    r"""Read a note; nothing is verified yet.

    >>> note = parse_note("Ognuno sta solo\n\n— quasimodo.example/salvatore YWJjZGVm\n".encode())
    >>> note.text, note.signatures[0].name, note.signatures[0].key_id
    ('Ognuno sta solo\n', 'quasimodo.example/salvatore', b'abcd')
    """
    if len(raw) > LARGEST_NOTE:
        raise NoteMalformed(
            "the note is too long", where=where, found=f"{len(raw)} bytes", expected=f"at most {LARGEST_NOTE}"
        )
    whole = decode_text(raw, NoteMalformed, where=where)
    text, blank, below = whole.rpartition("\n\n")
    if not blank:
        raise NoteMalformed("no blank line separates a text from signatures", where=where, offset=len(raw))
    text += "\n"
    offset = len(text.encode("utf-8")) + 1
    if not below.endswith("\n"):
        raise NoteMalformed("the last line does not end", where=where, offset=len(raw), expected="a line feed")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteMalformed(
            "too many signatures", where=where, offset=offset, found=len(lines), expected=f"at most {MOST_SIGNATURES}"
        )
    signatures = []
    for line in lines:
        signatures.append(_parse_line(line, offset, where))
        offset += len(line.encode("utf-8")) + 1
    return Note(text=text, signatures=tuple(signatures))


def _parse_line(line: str, offset: int, where: str | None) -> SignatureLine:
    name, space, encoded = line.removeprefix(_MARK).rpartition(" ")
    if not line.startswith(_MARK) or not space or not is_name(name):
        raise NoteMalformed(
            "this is no line of a signature", where=where, offset=offset, found=line, expected="— name signature"
        )
    raw = parse_base64(encoded)
    if raw is None or len(raw) <= KEY_ID_SIZE:
        raise NoteMalformed(
            "the signature is not in Base64, or too short", where=where, offset=offset, found=encoded or "nothing"
        )
    return SignatureLine(name=name, key_id=raw[:KEY_ID_SIZE], signature=raw[KEY_ID_SIZE:])
