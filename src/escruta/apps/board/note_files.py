"""Files that people pass around to sign: a text, and below it the lines of those who have signed so far."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from escruta.apps.board.errors import BulletinRefused
from escruta.apps.signing import kind_name
from escruta.base.errors import FileUnreadable
from escruta.tlog.encodings import decode_text
from escruta.tlog.errors import NoteMalformed
from escruta.tlog.keys import KeyKind, Signer
from escruta.tlog.notes import LARGEST_NOTE, Note, parse_note
from escruta.tlog.signing import sign_text

_FIRST_LINE = "\n\n— "


def read_signable(path: Path) -> Note:
    """Read a text that nobody signed yet, or a note; raises `FileUnreadable`, `NoteMalformed`."""
    raw = _read(path)
    if _FIRST_LINE.encode("utf-8") in raw:
        return parse_note(raw, where=str(path))
    return Note(text=_decode(raw, path), signatures=())


def read_words(path: Path) -> str:
    """Read a person's own text, whatever stands in it; raises `FileUnreadable`, `NoteMalformed`."""
    return _decode(_read(path), path)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_NOTE + 1)
    except OSError as error:
        raise FileUnreadable("the file cannot be read", where=str(path), found=error.strerror) from error
    if len(raw) > LARGEST_NOTE:
        raise NoteMalformed("the text is too long", where=str(path), expected=f"at most {LARGEST_NOTE} bytes")
    return raw


def _decode(raw: bytes, path: Path) -> str:
    text = decode_text(raw, NoteMalformed, where=str(path))
    if not text.endswith("\n"):
        raise NoteMalformed("the last line does not end", where=str(path), offset=len(raw), expected="a line feed")
    return text


def join_notes(paths: Sequence[Path]) -> Note:
    """Read copies of one text that were signed apart, and give it with all their lines."""
    notes = [read_signable(path) for path in paths]
    whole = notes[0]
    for path, note in zip(paths[1:], notes[1:], strict=True):
        if note.text != whole.text:
            raise BulletinRefused(
                "the files do not hold the same text, so their signatures cannot be joined",
                where=str(path),
                expected=f"the text of {paths[0]}, byte for byte",
            )
        whole = whole.signed_also(*note.signatures)
    return whole


def sign_also(note: Note, signer: Signer) -> Note:
    """Add a person's line to a note; one who has signed already changes nothing."""
    if signer.key.kind is not KeyKind.ED25519:
        raise BulletinRefused(
            "a person signs with a plain Ed25519 key: this one signs checkpoints",
            found=f"{signer.key.name}, {kind_name(signer.key.kind)}",
            expected="a key of kind ed25519",
        )
    return note.signed_also(sign_text(note.text, signer, time_s=0))


def as_file(note: Note) -> bytes:
    """Write a note, or the text alone where nobody has signed."""
    return bytes(note) if note.signatures else note.text.encode("utf-8")


def replace_file(path: Path, raw: bytes) -> None:
    """Let a file have a new content; whatever fails, the old or the new one stands there whole."""
    path = path.resolve()
    opened, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    staged = Path(name)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        staged.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
