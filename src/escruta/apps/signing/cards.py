"""Key cards: the public side of a key, in a small file that may be given to anybody.

    example.com/log+1f2e3d4c+AQ…
    owner National Electoral Board
    for example.com/log
    signer pkcs11:token=board;object=log?module-path=/usr/lib/libtoken.so

The first line is the verifier key. `owner` and `for` are words for the printed sheet. `signer` says where the private
side is, when it is no file beside the card.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.signing.errors import KeyUnusable
from escruta.base.errors import FileUnreadable, OutputRefused
from escruta.tlog.encodings import decode_text
from escruta.tlog.errors import KeyMalformed
from escruta.tlog.keys import VerifierKey, parse_verifier_key

SUFFIX = ".vkey"
LARGEST_CARD = 16_384
"""In bytes; a card with an ML-DSA-44 key has about 2,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCard:
    """A verifier key, and what people should know of it."""

    key: VerifierKey
    owner: str | None = None
    """To whom the key belongs, in words."""
    valid_for: str | None = None
    """What it may sign, in words or as an origin."""
    signer: str | None = None
    """The reference of the private side; None where it is the file beside the card."""

    def __post_init__(self) -> None:
        """Refuse words that would not stay on their line."""
        for text in (self.owner, self.valid_for, self.signer):
            if text is not None and (not text.strip() or any(letter < " " for letter in text)):
                raise KeyUnusable("this cannot stand on a card", found=text, expected="words on one line")

    def __str__(self) -> str:
        """Write the card."""
        lines = {"owner": self.owner, "for": self.valid_for, "signer": self.signer}
        return f"{self.key}\n" + "".join(f"{word} {text}\n" for word, text in lines.items() if text is not None)


def card_path(path: Path) -> Path:
    """Name the card of a key file; a card is its own."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


def parse_card(raw: bytes, *, where: str | None = None) -> KeyCard:
    """Read a card; raises `KeyMalformed`."""
    if len(raw) > LARGEST_CARD:
        raise KeyMalformed("the card is too long", where=where, found=f"{len(raw)} bytes", expected="a verifier key")
    first, *further = decode_text(raw, KeyMalformed, where=where).removesuffix("\n").split("\n")
    words: dict[str, str] = {}
    for row, line in enumerate(further, start=2):
        word, _, text = line.partition(" ")
        if word not in ("owner", "for", "signer") or word in words or not text.strip():
            raise KeyMalformed("no such line on a card", where=where, row=row, found=line, expected=_LINES)
        words[word] = text
    key = parse_verifier_key(first, where=where)
    return KeyCard(key=key, owner=words.get("owner"), valid_for=words.get("for"), signer=words.get("signer"))


_LINES = "owner WORDS, for WORDS, signer REFERENCE, each at most once"


def read_card(path: Path) -> KeyCard:
    """Read the card of a key from its file."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_CARD + 1)
    except OSError as error:
        raise FileUnreadable(
            "the card of the key cannot be read", where=str(path), found=error.strerror, expected="a verifier key"
        ) from error
    return parse_card(raw, where=str(path))


def card_of(reference: str) -> KeyCard:
    """Find the card that a person means: the verifier key itself, the file of a card, or a key file with one beside it.

    Raises `KeyUnusable` where there is none.
    """
    text = reference.removeprefix("file:")
    if text.count("+") > 1 and not Path(text).exists():
        return KeyCard(key=parse_verifier_key(text))
    path = card_path(Path(text))
    if not path.exists():
        raise KeyUnusable(
            "there is no card of this key",
            where=str(path),
            expected="a verifier key, or a file PATH.vkey that has one",
            advice="Make the card anew with: escruta key show PATH --name NAME --kind KIND --card",
        )
    return read_card(path)


def write_new(path: Path, raw: bytes, *, mode: int) -> None:
    """Write a file that is not there yet, and come back when it is on the disk; never writes over one."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise OutputRefused(
            "there is a file of that name already", where=str(path), advice="Name another file, or move this one away."
        ) from error
    except OSError as error:
        raise OutputRefused("the file cannot be written", where=str(path), found=error.strerror) from error
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Let the name of a new file survive a loss of power, where the system can say so of a folder."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
