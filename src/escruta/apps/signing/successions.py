"""Successions: an old key says which key comes after it, so that who has the old one printed can follow.

    escruta/succession/v1
    from 2026-05-01T00:00:00Z
    old example.com/log+1f2e3d4c+AQ…
    new example.com/log+5a6b7c8d+AQ…

    — example.com/log …

Both keys bear one name. A trusted Ed25519 key of that name signs: the old one, or, since an ML-DSA-44 key signs only
checkpoints, another one that stands beside it. The keys of log witnesses sign checkpoints and nothing else; a log
witness's new key is printed as the first one was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from escruta.apps.signing.opening import kind_name
from escruta.tlog.errors import NoteMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, Signer, VerifierKey, parse_verifier_key
from escruta.tlog.notes import Note
from escruta.tlog.signing import sign_note, verify_note

FORMAT = "escruta/succession/v1"
_LINES = re.compile(r"escruta/succession/v1\nfrom ([0-9TZ:-]+)\nold ([^\n]+)\nnew ([^\n]+)\n")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Which key comes after which, and from when on."""

    old: VerifierKey
    new: VerifierKey
    since: datetime
    """In UTC, in whole seconds."""

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{FORMAT}\nfrom {self.since.astimezone(UTC):{_MOMENT}}\nold {self.old}\nnew {self.new}\n"


def parse_succession(text: str, *, where: str | None = None) -> Succession:
    """Read the text of a note as a succession; nothing is verified yet. Raises `NoteMalformed`."""
    found = _LINES.fullmatch(text)
    since = None if found is None else _moment(found[1])
    if found is None or since is None:
        raise NoteMalformed(
            "this is no succession of keys",
            where=where,
            found=text.partition("\n")[0],
            expected=f"{FORMAT}, and lines from, old and new",
        )
    old, new = (parse_verifier_key(each, where=where) for each in found.group(2, 3))
    succession = Succession(old=old, new=new, since=since)
    _require_sense(succession, where)
    return succession


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if f"{moment:{_MOMENT}}" == text else None


def _require_sense(succession: Succession, where: str | None) -> None:
    old, new = succession.old, succession.new
    if old.name != new.name or old.kind is not new.kind:
        raise NoteMalformed(
            "a key is succeeded by one of the same name and kind",
            where=where,
            found=f"{new.name}, {kind_name(new.kind)}",
            expected=f"{old.name}, {kind_name(old.kind)}",
        )
    if old.public_key == new.public_key:
        raise NoteMalformed("a key cannot succeed itself", where=where, found=str(new))


def sign_succession(succession: Succession, signer: Signer) -> Note:
    """Sign a succession; `signer` is the old key, or another Ed25519 key of the same name."""
    _require_sense(succession, None)
    _require_can_sign(signer.key, succession)
    return sign_note(succession.text, [signer], time_s=0)


def _require_can_sign(key: VerifierKey, succession: Succession) -> None:
    if key.kind is not KeyKind.ED25519 or key.name != succession.old.name or key == succession.new:
        raise SignatureRefused(
            "this key cannot sign for a successor",
            found=f"{key.name}, {kind_name(key.kind)}",
            expected=f"the old key, or another one, of kind ed25519 and with the name {succession.old.name}",
            advice="The new key of a log witness is printed, as the first one was.",
        )


def follow(trusted: Iterable[VerifierKey], note: Note, *, where: str | None = None) -> tuple[VerifierKey, ...]:
    """Give the keys that are trusted after a succession: the new one stands in the place of the old one.

    Raises `NoteMalformed`, and `SignatureRefused` where no trusted key of the same name signed, or where the old key is
    not trusted, or no more.
    """
    keys = tuple(trusted)
    succession = parse_succession(note.text, where=where)
    if succession.old not in keys:
        raise SignatureRefused(
            "the old key is not one that you trust, or was succeeded already",
            where=where,
            found=str(succession.old),
            expected="a key that was printed, or the last one that follows from it",
            advice="Two successions of one key contradict each other: keep both, they are evidence.",
        )
    able = [key for key in keys if key.kind is KeyKind.ED25519 and key.name == succession.old.name]
    verify_note(note, able, where=where)
    return tuple(succession.new if key == succession.old else key for key in keys)
