"""Sign notes and checkpoints, and verify who did.

Sources: C2SP signed-note, "Signatures"; C2SP tlog-cosignature, "Ed25519 signed message" and "ML-DSA-44 signed message".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from escruta.tlog.checkpoints import Checkpoint, parse_claim
from escruta.tlog.encodings import LARGEST_NUMBER
from escruta.tlog.errors import CheckpointMalformed, SignatureRefused
from escruta.tlog.keys import SIGNATURE_SIZES, KeyKind, Signer, VerifierKey
from escruta.tlog.notes import Note, SignatureLine

_TIME_SIZE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that was verified."""

    key: VerifierKey
    time_s: int | None
    """Seconds since 1970 in UTC, as the signer says; None where the kind of signature has no time."""


def message_to_sign(key: VerifierKey, text: str, time_s: int) -> bytes:
    """Give the bytes that a key signs when it signs the text of a note; the time is 0 where the kind has none."""
    if key.kind is KeyKind.ED25519:
        return text.encode("utf-8")
    if key.kind is KeyKind.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time_s}\n{text}".encode()
    return _tree_message(key.name, parse_claim(text), time_s)


def _tree_message(name: str, checkpoint: Checkpoint, time_s: int) -> bytes:
    """Write the structure `cosigned_message` for a whole tree: it starts at leaf 0."""
    cosigner, origin = name.encode("utf-8"), checkpoint.origin.encode("utf-8")
    return b"".join(
        [
            b"subtree/v1\n\0",
            len(cosigner).to_bytes(1, "big"),
            cosigner,
            time_s.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big"),
            origin,
            (0).to_bytes(8, "big"),
            checkpoint.head.size.to_bytes(8, "big"),
            checkpoint.head.root,
        ]
    )


def sign_text(text: str, signer: Signer, *, time_s: int) -> SignatureLine:
    """Sign the text of a note, as the kind of the key asks; `time_s` counts seconds since 1970 in UTC."""
    if not 0 <= time_s <= LARGEST_NUMBER:
        raise SignatureRefused("no time to sign", found=time_s, expected=f"0 to {LARGEST_NUMBER}")
    signature = signer.sign(message_to_sign(signer.key, text, time_s))
    time = time_s.to_bytes(_TIME_SIZE, "big") if signer.key.kind.is_timed else b""
    return SignatureLine(name=signer.key.name, key_id=signer.key.key_id, signature=time + signature)


def sign_note(text: str, signers: Iterable[Signer], *, time_s: int) -> Note:
    """Make a note that each of the signers signs."""
    return Note(text=text, signatures=tuple(sign_text(text, signer, time_s=time_s) for signer in signers))


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer], *, time_s: int) -> Note:
    """Sign a checkpoint with the keys of its log, which bear the log's name."""
    signing = tuple(signers)
    other = next((signer.key.name for signer in signing if signer.key.name != checkpoint.origin), None)
    if other is not None or not signing:
        raise SignatureRefused(
            "a log signs with its own keys",
            found=other or "no key",
            expected=checkpoint.origin,
            advice="Make keys whose name is the log's origin.",
        )
    return sign_note(checkpoint.text, signing, time_s=time_s)


def verify_line(text: str, line: SignatureLine, key: VerifierKey, *, where: str | None = None) -> Signed:
    """Verify one line in the name of a key; raises `SignatureRefused`."""
    time_size = _TIME_SIZE if key.kind.is_timed else 0
    size = time_size + SIGNATURE_SIZES[key.kind]
    if len(line.signature) != size:
        raise SignatureRefused(
            f"a signature of {key.name} has the wrong length",
            where=where,
            found=f"{len(line.signature)} bytes",
            expected=f"{size} bytes",
        )
    time_s = int.from_bytes(line.signature[:time_size], "big")
    if time_s > LARGEST_NUMBER:
        raise SignatureRefused(f"a signature of {key.name} has an impossible time", where=where, found=time_s)
    try:
        message = message_to_sign(key, text, time_s)
    except CheckpointMalformed as error:
        raise SignatureRefused(f"{key.name} can only sign checkpoints: {error.what}", where=where) from error
    if not key.is_signed(message, line.signature[time_size:]):
        raise SignatureRefused(f"a signature of {key.name} is false", where=where, advice="Believe nothing of it.")
    return Signed(key=key, time_s=time_s if key.kind.is_timed else None)


def verify_note(note: Note, keys: Iterable[VerifierKey], *, where: str | None = None) -> tuple[Signed, ...]:
    """Give the signatures of known keys, in the order of the lines.

    Lines of unknown keys are passed over. Raises `SignatureRefused` where a line of a known key is false, and where
    there is none of a known key.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found = [(line, known.get((line.name, line.key_id))) for line in note.signatures]
    signed = tuple(verify_line(note.text, line, key, where=where) for line, key in found if key is not None)
    if not signed:
        raise SignatureRefused(
            "no known key signed this note",
            where=where,
            found=", ".join(sorted({line.name for line in note.signatures})) or "no signature",
            expected=" or ".join(sorted({key.name for key in known.values()})) or "a known key",
        )
    return signed
