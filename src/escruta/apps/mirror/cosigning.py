"""The checkpoint as a mirror serves it: with signatures that it has verified, and its own.

A mirror's cosignature says that it holds, on its disk, every entry up to here, and serves it. Source: C2SP tlog-mirror.
"""

from __future__ import annotations

from collections.abc import Sequence

from escruta.apps.mirror.errors import MirrorUnusable
from escruta.tlog.errors import SignatureRefused
from escruta.tlog.keys import KeyKind, Signer, VerifierKey
from escruta.tlog.notes import Note, SignatureLine
from escruta.tlog.policies import Policy
from escruta.tlog.signing import sign_text, verify_line

FRESH_S = 600
"""After so many seconds a mirror says again that it holds what it holds."""

_TIME_SIZE = 8


def require_mirror_keys(signers: Sequence[Signer], policy: Policy) -> None:
    """Raise `MirrorUnusable` unless each key may cosign as a mirror: of its own, and for nothing else."""
    taken = {key.name for key in policy.logs} | {key.name for key in policy.witnesses.values()}
    for signer in signers:
        key = signer.key
        if key.kind is KeyKind.ED25519:
            raise MirrorUnusable(
                "this key signs notes, and a mirror cosigns checkpoints",
                found=f"{key.name}, {key.kind.name}",
                expected=f"{KeyKind.MLDSA44_COSIGNATURE.name} or {KeyKind.ED25519_COSIGNATURE.name}",
                advice="Make a key for the mirror alone: escruta key new.",
            )
        if key.name in taken:
            raise MirrorUnusable(
                "a mirror needs a name of its own",
                found=key.name,
                expected="neither a log's name nor a log witness's",
                advice="A log witness says another thing than a mirror: give each its own key and name.",
            )


def compose(found: Note, served: Note | None, policy: Policy, signers: Sequence[Signer], *, time_s: int) -> Note:
    """Give the checkpoint to serve: the found one, whose signatures by keys of the policy are verified, cosigned by us.

    Lines of other keys are left out: a false one below our copy would make it unusable to whoever knows its key. What
    is served already for the same tree stays; of each key the newest line counts.
    """
    lines = {_key(line): line for line in served.signatures} if served is not None and served.text == found.text else {}
    for key in (*policy.logs, *policy.witnesses.values()):
        for line in found.signatures:
            if _is_by(line, key) and _time_of(line, key) >= _time_of(lines.get(_key(line)), key):
                lines[_key(line)] = line
    for signer in signers:
        last = lines.pop((signer.key.name, signer.key.key_id), None)
        own = _fresh(last, found.text, signer, time_s) or sign_text(found.text, signer, time_s=time_s)
        lines[_key(own)] = own
    return Note(text=found.text, signatures=tuple(lines.values()))


def _fresh(last: SignatureLine | None, text: str, signer: Signer, time_s: int) -> SignatureLine | None:
    """Give our last cosignature while it says what it should and is not old."""
    if last is None or not 0 <= time_s - int.from_bytes(last.signature[:_TIME_SIZE], "big") < FRESH_S:
        return None
    try:
        verify_line(text, last, signer.key)
    except SignatureRefused:
        return None
    return last


def _key(line: SignatureLine) -> tuple[str, bytes]:
    return line.name, line.key_id


def _is_by(line: SignatureLine, key: VerifierKey) -> bool:
    return _key(line) == (key.name, key.key_id)


def _time_of(line: SignatureLine | None, key: VerifierKey) -> bytes:
    return line.signature[:_TIME_SIZE] if line is not None and key.kind.is_timed else b""
