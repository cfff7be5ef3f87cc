"""A log witness: it cosigns a checkpoint when the tree continues the one that it cosigned before, and else never.

What a cosignature says: this is the largest tree that this log witness has seen under this name, and it begins with
every tree that it saw before. It says nothing of what the entries hold. Source: C2SP tlog-witness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from escruta.tlog.checkpoints import Checkpoint, parse_claim
from escruta.tlog.errors import KeyMalformed, LogInputError, SignatureRefused
from escruta.tlog.keys import KeyKind, Signer, VerifierKey
from escruta.tlog.notes import Note, SignatureLine
from escruta.tlog.proofs import verify_consistency
from escruta.tlog.signing import sign_text, verify_note
from escruta.tlog.submissions import Submission, parse_submission
from escruta.tlog.trees import EMPTY_TREE, TreeHead
from escruta.tlog.witness_state import WitnessState, origin_hash

Trust = Mapping[str, Sequence[VerifierKey]]
"""The keys of each log that is cosigned, by its origin."""

TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


class Status(IntEnum):
    """How a log witness answers: the status codes of HTTP that the specification names, in the order of its checks."""

    MALFORMED = 400
    """No request of this protocol; or the old size is larger than the checkpoint's."""
    UNKNOWN_LOG = 404
    UNTRUSTED = 403
    """No trusted key of this log signed, or the signature of one is false."""
    OTHER_SIZE = 409
    """The old size is not that of the last cosigned checkpoint, which the answer tells."""
    INCONSISTENT = 422
    """The tree was not shown to continue the last cosigned one."""
    COSIGNED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to whoever asked."""

    status: Status
    body: str
    media_type: str = TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """What a log witness last cosigned of a log; both are None before the first time."""

    origin: str
    head: TreeHead | None
    time_s: int | None
    """Seconds since 1970 in UTC."""
    has_forked: bool
    """Whether there are two notes of this log with one size and two roots."""


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """A check failed; carries the answer."""

    def __init__(self, status: Status, body: str, media_type: str = TEXT) -> None:
        super().__init__(body)
        self.answer = Answer(status=status, body=body, media_type=media_type)


class LogWitness:
    """Checks, keeps and cosigns; any number of threads and processes may ask at the same time."""

    def __init__(self, state: WitnessState, signers: Sequence[Signer], trust: Trust, clock: Callable[[], int]) -> None:
        """Take up a state; the keys must be for cosigning, and none of them a log's.

        Raises `KeyMalformed` for a key that may not cosign, and `StateDamaged` where other keys cosigned what was kept.
        """
        self._state = state
        self._signers = tuple(signers)
        self._trust = {origin: tuple(keys) for origin, keys in trust.items()}
        self._by_hash = {origin_hash(origin): origin for origin in trust}
        self._clock = clock
        self._require_cosigning_keys()
        for origin in self._trust:
            _last(self._state, origin, self.keys)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The public side of the keys that cosign."""
        return tuple(signer.key for signer in self._signers)

    @property
    def origins(self) -> tuple[str, ...]:
        """The logs that are cosigned."""
        return tuple(self._trust)

    def add_checkpoint(self, raw: bytes) -> Answer:
        """Cosign the checkpoint of a request, or say why not. A signature leaves only after it is on the disk.

        Raises `StateDamaged`, `LogInputError` of the clock or `OSError` where the state cannot be read or kept: then
        nothing was cosigned.
        """
        try:
            submission, checkpoint, known = self._read(raw)
            with self._state.exclusively(checkpoint.origin):
                return self._cosign(submission, checkpoint, known)
        except _Refused as refused:
            return refused.answer

    def monitored(self, hashed: str) -> bytes | None:
        """Give the last cosigned checkpoint of a log, by the hash of its origin; None where there is none."""
        origin = self._by_hash.get(hashed)
        return None if origin is None else self._state.read_durable(origin)

    def cosigned(self) -> tuple[Cosigned, ...]:
        """Tell what was last cosigned of each log."""
        return tell_cosigned(self._state, self._trust, self.keys)

    # the checks, in the order of the specification

    def _read(self, raw: bytes) -> tuple[Submission, Checkpoint, Note]:
        """Give what is asked, and the note with the signatures of trusted keys alone."""
        try:
            submission = parse_submission(raw)
            checkpoint = parse_claim(submission.note.text)
        except LogInputError as error:
            raise _Refused(Status.MALFORMED, f"{error}\n") from error
        keys = self._trust.get(checkpoint.origin)
        if keys is None:
            raise _Refused(Status.UNKNOWN_LOG, "this log witness does not know this log\n")
        try:
            verify_note(submission.note, keys)
        except SignatureRefused as error:
            raise _Refused(Status.UNTRUSTED, f"{error}\n") from error
        if submission.old_size > checkpoint.head.size:
            raise _Refused(Status.MALFORMED, "the old size is larger than the checkpoint's\n")
        return submission, checkpoint, _signed_by(keys, submission.note)

    def _cosign(self, submission: Submission, checkpoint: Checkpoint, known: Note) -> Answer:
        """Check against the state and change it; nobody else may do either meanwhile."""
        origin, head = checkpoint.origin, checkpoint.head
        last = _last(self._state, origin, self.keys)
        old = EMPTY_TREE if last is None else last[1]
        if last is not None and head.size == old.size and head.root != old.root:
            self._state.keep_fork(origin, last[0], known)
        if submission.old_size != old.size:
            raise _Refused(Status.OTHER_SIZE, f"{old.size}\n", SIZE)
        try:
            verify_consistency(old, head, submission.proof)
        except LogInputError as error:
            raise _Refused(Status.INCONSISTENT, f"{error}\n") from error
        time_s = self._clock()
        lines = tuple(sign_text(known.text, signer, time_s=time_s) for signer in self._signers)
        notes = [known] if last is None or last[0].text != known.text else [known, last[0]]
        self._state.keep(origin, _signed_by(self._trust[origin], *notes).signed_also(*lines))
        return Answer(status=Status.COSIGNED, body="".join(str(line) for line in lines))

    def _require_cosigning_keys(self) -> None:
        if not self._signers:
            raise KeyMalformed("a log witness needs a key", expected="one or two keys")
        of_logs = {key.public_key for keys in self._trust.values() for key in keys}
        for key in self.keys:
            if key.kind is KeyKind.ED25519:
                expected = f"{KeyKind.ED25519_COSIGNATURE:#04x} or {KeyKind.MLDSA44_COSIGNATURE:#04x}"
                raise KeyMalformed("a key of this kind cannot cosign", found=f"{key.kind:#04x}", expected=expected)
            if key.public_key in of_logs:
                raise KeyMalformed("a log's key must not cosign", found=key.name, expected="a key of its own")


def tell_cosigned(state: WitnessState, origins: Iterable[str], keys: Sequence[VerifierKey]) -> tuple[Cosigned, ...]:
    """Tell what these keys last cosigned of each log; needs no private key. Raises `StateDamaged`."""
    told = []
    for origin in origins:
        last = _last(state, origin, keys)
        has_forked = state.read_fork(origin) is not None
        head, time_s = (None, None) if last is None else last[1:]
        told.append(Cosigned(origin=origin, head=head, time_s=time_s, has_forked=has_forked))
    return tuple(told)


def _last(state: WitnessState, origin: str, keys: Sequence[VerifierKey]) -> tuple[Note, TreeHead, int] | None:
    """Give the last cosigned checkpoint with its head and time, verified as our own."""
    note = state.read(origin)
    if note is None:
        return None
    try:
        checkpoint = parse_claim(note.text)
        signed = verify_note(note, keys)
    except LogInputError as error:
        raise state.damaged(origin, error.what) from error
    if checkpoint.origin != origin:
        raise state.damaged(origin, f"it is one of {checkpoint.origin}")
    return note, checkpoint.head, max(each.time_s or 0 for each in signed)


def _signed_by(keys: Sequence[VerifierKey], *notes: Note) -> Note:
    """Give notes of one text as one, with a line of each of these keys that signed, and no other."""
    lines: dict[tuple[str, bytes], SignatureLine] = {}
    for line in (line for note in notes for line in note.signatures):
        lines.setdefault((line.name, line.key_id), line)
    own = [lines[key.name, key.key_id] for key in keys if (key.name, key.key_id) in lines]
    return replace(notes[0], signatures=tuple(own))
