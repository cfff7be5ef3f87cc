"""How a log asks log witnesses to cosign, all at the same time. Source: C2SP tlog-witness, "add-checkpoint".

Each is asked at most twice: when the first answer tells another old size (409), once more with the proof from there.
Nothing that comes back is believed before it is verified against the keys of the policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from escruta.apps.witness.fetching import Reply, fetch, new_client, run_apart
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import parse_decimal
from escruta.tlog.errors import LogInputError, NoteMalformed, SignatureRefused
from escruta.tlog.keys import VerifierKey
from escruta.tlog.notes import Note, SignatureLine, parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.signing import verify_line
from escruta.tlog.submissions import Submission
from escruta.tlog.witnessing import Status

TIMEOUT_S = 2.0
"""In seconds, for each of the two requests; log witnesses may be behind slow lines, and a log must not wait for one."""

Prove = Callable[[int], Sequence[bytes]]
"""Gives the proof that the checkpoint's tree begins with its first so many leaves."""


class Outcome(StrEnum):
    """What came of asking a log witness."""

    COSIGNED = "cosigned"
    AHEAD = "ahead"
    """It says to have cosigned a larger tree than ours."""
    SPLIT = "split"
    """It does not find our tree to continue the one that it cosigned: possibly another was shown to it."""
    REFUSED = "refused"
    """It does not know this log or its key, or does not understand us."""
    UNUSABLE = "unusable"
    """It answered, and the answer is not what the protocol or its key asks for."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking one log witness; one with two keys has two names in the policy, and is asked once."""

    url: str
    names: tuple[str, ...]
    """In the policy."""
    outcome: Outcome
    words: str
    """What it said, for people."""
    lines: tuple[SignatureLine, ...] = ()
    """Its cosignatures, verified."""
    size: int | None = None
    """The size that it says to have cosigned last, where it said one."""
    status: int | None = None

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{', '.join(self.names)}: {self.outcome}" + (f" ({self.words})" if self.words else "")


@dataclass(frozen=True, slots=True)
class _Asking:
    """One log witness that is being asked."""

    url: str
    keys: Mapping[str, VerifierKey]
    note: Note
    size: int
    prove: Prove
    sizes: list[int] = field(default_factory=list)
    """The old sizes that were sent."""

    def told(self, outcome: Outcome, words: str, **further: object) -> Asked:
        return Asked(url=self.url, names=tuple(self.keys), outcome=outcome, words=words, **further)  # type: ignore[arg-type]


def ask_witnesses(
    policy: Policy,
    note: Note,
    prove: Prove,
    *,
    old_sizes: Mapping[str, int] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Asked, ...]:
    """Ask every log witness of the policy that has a URL to cosign a checkpoint, all at the same time.

    `old_sizes` says, by name, which size a log witness is thought to have cosigned last; it saves a request where it is
    right, and 0 is always allowed. Raises nothing for what a log witness does: that is told.
    """
    size = checkpoint_of(note).head.size
    known = old_sizes or {}
    asking = []
    for url, keys in witnesses_by_url(policy).items():
        old = min(max(known.get(name, 0) for name in keys), size)
        asking.append((_Asking(url, keys, note, size, prove), old))

    async def ask_all() -> list[Asked]:
        async with new_client(each.url for each, _ in asking) as client:
            return await asyncio.gather(*(_ask(client, each, old, timeout_s) for each, old in asking))

    return tuple(run_apart(ask_all))


def witnesses_by_url(policy: Policy) -> dict[str, dict[str, VerifierKey]]:
    """Give the keys of the log witnesses by name, for each URL; those without one cannot be asked."""
    found: dict[str, dict[str, VerifierKey]] = {}
    for name, key in policy.witnesses.items():
        url = policy.urls.get(str(key))
        if url is not None:
            found.setdefault(url.rstrip("/"), {})[name] = key
    return found


async def _ask(client: httpx.AsyncClient, asking: _Asking, old: int, timeout_s: float) -> Asked:
    reply = await _send(client, asking, old, timeout_s)
    size = _size_of(reply)
    if size is not None and size != old and size <= asking.size:
        reply = await _send(client, asking, size, timeout_s)
    return _judge(asking, reply)


async def _send(client: httpx.AsyncClient, asking: _Asking, old: int, timeout_s: float) -> Reply:
    asking.sizes.append(old)
    submission = Submission(old_size=old, proof=tuple(asking.prove(old)), note=asking.note)
    return await fetch(client, f"{asking.url}/add-checkpoint", timeout_s, body=bytes(submission))


def _size_of(reply: Reply) -> int | None:
    """Give the size that a conflict tells."""
    if reply.status != Status.OTHER_SIZE or not reply.body.endswith(b"\n"):
        return None
    return parse_decimal(reply.body[:-1].decode("ascii", "replace"))


def _judge(asking: _Asking, reply: Reply) -> Asked:
    if reply.status is None:
        return asking.told(Outcome.UNREACHABLE, reply.words)
    if reply.status == Status.COSIGNED:
        return _judge_lines(asking, reply)
    if reply.status == Status.OTHER_SIZE:
        return _judge_conflict(asking, reply)
    if reply.status == Status.INCONSISTENT:
        words = f"our tree does not continue the one of {asking.sizes[-1]} entries that it cosigned: {reply.words}"
        return asking.told(Outcome.SPLIT, words, status=reply.status, size=asking.sizes[-1])
    reasons: dict[int, str] = {
        Status.UNKNOWN_LOG: "it does not know this log",
        Status.UNTRUSTED: f"it does not trust our key: {reply.words}",
        Status.MALFORMED: f"it does not understand us: {reply.words}",
    }
    outcome = Outcome.REFUSED if reply.status in reasons else Outcome.UNUSABLE
    words = reasons.get(reply.status, f"status {reply.status}: {reply.words}")
    return asking.told(outcome, words, status=reply.status)


def _judge_conflict(asking: _Asking, reply: Reply) -> Asked:
    size = _size_of(reply)
    if size is None:
        return asking.told(Outcome.UNUSABLE, "a conflict that tells no size", status=reply.status)
    if size > asking.size:
        words = f"it says to have cosigned {size} entries, and ours has {asking.size}"
        return asking.told(Outcome.AHEAD, words, status=reply.status, size=size)
    if size == asking.sizes[-1] == asking.size:  # as version 1.0.0 of the specification tells another root
        words = f"it says to have cosigned another tree of {size} entries"
        return asking.told(Outcome.SPLIT, words, status=reply.status, size=size)
    words = f"it told {size} after we sent a proof from {asking.sizes[-1]}"
    return asking.told(Outcome.UNUSABLE, words, status=reply.status, size=size)


def _judge_lines(asking: _Asking, reply: Reply) -> Asked:
    try:
        lines = read_lines(reply.body, asking.note.text, asking.keys.values(), where=asking.url)
    except LogInputError as error:
        return asking.told(Outcome.UNUSABLE, str(error).replace("\n", ";"), status=reply.status)
    if not lines:
        return asking.told(Outcome.UNUSABLE, "none of its lines is of its key in the policy", status=reply.status)
    missing = len(asking.keys) - len(lines)
    words = f"{missing} of its keys did not sign" if missing else ""
    return asking.told(Outcome.COSIGNED, words, lines=lines, size=asking.size, status=reply.status)


def read_lines(raw: bytes, text: str, keys: Iterable[VerifierKey], *, where: str) -> tuple[SignatureLine, ...]:
    """Read the lines of an answer, at most one for each key; lines of other keys are passed over.

    Raises `NoteMalformed` where these are no lines, and `SignatureRefused` where one of a known key is false.
    """
    known = {(key.name, key.key_id): key for key in keys}
    whole = parse_note(text.encode("utf-8") + b"\n" + raw, where=where)
    if whole.text != text:
        raise NoteMalformed("the answer is more than lines of signatures", where=where)
    found: dict[tuple[str, bytes], SignatureLine] = {}
    for line in whole.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None and (line.name, line.key_id) not in found:
            if not verify_line(text, line, key, where=where).time_s:
                raise SignatureRefused("a cosignature without a time", where=where, found=line.name)
            found[line.name, line.key_id] = line
    return tuple(found.values())
