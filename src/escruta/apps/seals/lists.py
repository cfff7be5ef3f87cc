"""The file of a list of sealing keys: signed by the election's keys, verified before anything of it is used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from escruta.apps.signing.cards import write_new
from escruta.base.errors import FileUnreadable
from escruta.record.entries import entry
from escruta.sheets.seal import KeyList, KeyListMalformed, Revocation, RevocationReason, SealingKey
from escruta.sheets.seal.key_list_text import LARGEST_LIST, content_of, head_of, parse_head, parse_list, split_list
from escruta.tlog.errors import SignatureRefused
from escruta.tlog.keys import KeyKind, Signer, VerifierKey
from escruta.tlog.notes import parse_note
from escruta.tlog.signing import sign_note, verify_note

_HAS_HAPPENED = frozenset((RevocationReason.LOST, RevocationReason.STOLEN))
"""Nobody knows beforehand that a key will be lost or stolen; it may be replaced or closed at a time to come."""
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedList:
    """A list of sealing keys, and who signed it."""

    keys: KeyList
    signed_by: tuple[VerifierKey, ...]
    """Trusted keys whose signature was verified; none where nobody was trusted."""
    path: Path


def read_key_list(path: Path, trusted: Collection[VerifierKey]) -> SignedList:
    """Read the file of a list; every trusted key must have signed it.

    Without any trusted key nothing is verified but the list's own digest, and `signed_by` says so. Raises
    `FileUnreadable`, `KeyListMalformed`, `NoteMalformed`, `SignatureRefused`.
    """
    where = str(path)
    head_bytes, content = split_list(_read(path), where=where)
    note = parse_note(head_bytes, where=where)
    signed = verify_note(note, trusted, where=where) if trusted else ()
    signers = tuple(each.key for each in signed)
    missing = [key.name for key in trusted if key not in signers]
    if missing:
        raise SignatureRefused(
            "a trusted key has not signed this list of sealing keys",
            where=where,
            found=", ".join(sorted({line.name for line in note.signatures})),
            expected=", ".join(missing),
        )
    keys = parse_list(parse_head(note.text, where=where), content, where=where)
    return SignedList(keys=keys, signed_by=signers, path=path)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST_LIST + 1)
    except OSError as error:
        raise FileUnreadable("the list cannot be read", where=str(path), found=error.strerror) from error


def log_entry_of(path: Path, trusted: Collection[VerifierKey]) -> bytes:
    """Give the log entry of a list: its signed head, which names the rest by its digest. Raises as `read_key_list`."""
    read_key_list(path, trusted)
    head_bytes, _ = split_list(_read(path), where=str(path))
    return entry("sealing-keys", note=head_bytes.decode("utf-8"))


def write_key_list(path: Path, keys: KeyList, signers: Sequence[Signer]) -> None:
    """Sign a list and write it to a file that is not there yet; one that could not be read again is never signed."""
    strange = next((signer.key for signer in signers if signer.key.kind is not KeyKind.ED25519), None)
    if strange is not None or not signers:
        raise SignatureRefused(
            "a list of sealing keys is signed by plain Ed25519 keys",
            found="no key" if strange is None else f"{strange.name}, which signs checkpoints",
            expected="keys of kind ed25519",
        )
    head, content = head_of(keys), content_of(keys).encode("utf-8")
    parse_list(parse_head(head.text, where=str(path)), content, where=str(path))
    note = sign_note(head.text, signers, time_s=0)
    write_new(path, bytes(note) + b"\n" + content, mode=0o644)


def _require_time_of_revocation(each: Revocation, earlier: KeyList, issued_at: datetime) -> None:
    """Refuse a revocation that protects nobody for long: the key seals until then, and no list may date it back."""
    ends = earlier.by_kid[each.kid].valid_until if each.kid in earlier.by_kid else each.at
    latest = min(ends, issued_at + _CLOCKS_DIFFER) if each.reason in _HAS_HAPPENED else ends
    if each.at > latest:
        raise KeyListMalformed(
            "the time of a revocation lies too far ahead",
            where=each.kid.hex(),
            found=f"{each.reason.value} at {each.at:%Y-%m-%dT%H:%M:%SZ}",
            expected=f"at most {latest:%Y-%m-%dT%H:%M:%SZ}",
            advice="Say since when it counts; without a time it counts from now on. It cannot be changed later.",
        )


def next_list(
    earlier: KeyList, *, issued_at: datetime, keys: Iterable[SealingKey] = (), revocations: Iterable[Revocation] = ()
) -> KeyList:
    """Make the list that comes after one: all that it says, and more. Raises `KeyListMalformed`."""
    added = list(revocations)
    again = [each.kid.hex() for each in added if each.kid in earlier.revoked]
    if again:
        raise KeyListMalformed("this key is revoked already", found=", ".join(again), advice="Nothing is left to do.")
    for each in added:
        _require_time_of_revocation(each, earlier, issued_at)
    later = replace(
        earlier,
        sequence=earlier.sequence + 1,
        issued_at=issued_at,
        keys=tuple(sorted((*earlier.keys, *keys), key=lambda key: (key.station, key.valid_from, key.kid))),
        revocations=tuple(sorted((*earlier.revocations, *added), key=lambda each: (each.at, each.kid))),
    )
    later.require_continues(earlier)
    return later
