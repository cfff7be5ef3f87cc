"""Policies: whose signatures make a checkpoint worth believing. Source: C2SP tlog-policy.

Names in a policy are octets to the specification; here each octet above 127 is kept as it is (`surrogateescape`), so
that two names are equal exactly when their octets are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.encodings import parse_decimal
from escruta.tlog.errors import KeyMalformed, PolicyMalformed, PolicyUnmet, SignatureRefused
from escruta.tlog.keys import KeyKind, VerifierKey, parse_verifier_key
from escruta.tlog.notes import Note
from escruta.tlog.signing import verify_note

NONE = "none"
LARGEST_POLICY = 1_000_000
"""In bytes; a policy of 32 logs and 32 log witnesses has less than a tenth."""

_LOG_KINDS = (KeyKind.ED25519, KeyKind.MLDSA44_COSIGNATURE)
WITNESS_KINDS = (KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Log witnesses, or groups of them, of which at least `threshold` must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The logs, the log witnesses, and how many of which must have cosigned."""

    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    """In the order of the lines: a group names only what stands before it."""
    quorum: str = NONE
    urls: Mapping[str, str] = field(default_factory=dict)
    """Where a log or log witness is reached, by its verifier key."""

    def is_met_by(self, cosigned: Collection[str]) -> bool:
        """Tell whether these log witnesses, by their names in the policy, make the quorum."""
        met = {NONE, *(name for name in self.witnesses if name in cosigned)}
        for name, group in self.groups.items():
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(name)
        return self.quorum in met


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a checkpoint has under a policy."""

    checkpoint: Checkpoint
    log_keys: tuple[VerifierKey, ...]
    """The log's own keys that signed."""
    cosigned: Mapping[str, int]
    """The log witnesses that cosigned, by their names in the policy, with the time that each gives (seconds, UTC)."""
    is_met: bool
    """Whether they make the quorum."""


def standing_of(note: Note, policy: Policy, *, where: str | None = None) -> Standing:
    """Verify a checkpoint and see who cosigned it; a quorum that is not met is told, not raised.

    Raises `SignatureRefused` where no log of the policy signed, where the key that signed is not that of the
    checkpoint's origin, or where any known key's signature is false.
    """
    checkpoint = checkpoint_of(note, where=where)
    names = {(key.name, key.key_id): name for name, key in policy.witnesses.items()}
    signed = verify_note(note, (*policy.logs, *policy.witnesses.values()), where=where)
    own = tuple(each.key for each in signed if each.key in policy.logs and each.key.name == checkpoint.origin)
    if not own:
        raise SignatureRefused(
            "no log of the policy signed this checkpoint under its own name",
            where=where,
            found=checkpoint.origin,
            expected=" or ".join(sorted({key.name for key in policy.logs})) or "a log in the policy",
        )
    cosigned: dict[str, int] = {}
    for each in signed:
        name = names.get((each.key.name, each.key.key_id))
        if name is not None and each.time_s:  # a cosignature of time 0 does not say "the largest that I have seen"
            cosigned[name] = max(each.time_s, cosigned.get(name, 0))
    return Standing(checkpoint=checkpoint, log_keys=own, cosigned=cosigned, is_met=policy.is_met_by(cosigned))


def require_policy(note: Note, policy: Policy, *, where: str | None = None) -> Standing:
    """Do the same, and raise `PolicyUnmet` where the quorum is not met."""
    standing = standing_of(note, policy, where=where)
    if not standing.is_met:
        raise PolicyUnmet(
            f"{len(standing.cosigned)} of {len(policy.witnesses)} log witnesses cosigned, which is not the quorum",
            where=where,
            found=", ".join(sorted(standing.cosigned)) or "none",
            expected=f"the quorum {policy.quorum}",
        )
    return standing


def parse_policy(raw: bytes, *, where: str | None = None, witness_kinds: Collection[KeyKind] = WITNESS_KINDS) -> Policy:
    r"""Read a policy; every name must be defined above the line that uses it.

    `witness_kinds` are the kinds of keys that may stand in a line `witness`. Whoever writes other lists of people in
    this grammar, such as the members of a board, names other kinds.

    >>> parse_policy(b"quorum none").is_met_by([])
    Traceback (most recent call last):
    ...
    escruta.tlog.errors.PolicyMalformed: the last line does not end
      where: line 1
      expected: a line feed
    >>> parse_policy(b"quorum none\n").is_met_by([])
    True
    """
    return _Reader(where, witness_kinds).read(raw)


class _Reader:
    """A policy as far as it has been read."""

    def __init__(self, where: str | None, witness_kinds: Collection[KeyKind]) -> None:
        self.where = where
        self.witness_kinds = witness_kinds
        self.row = 0
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.urls: dict[str, str] = {}
        self.used: set[str] = set()

    def read(self, raw: bytes) -> Policy:
        if len(raw) > LARGEST_POLICY:
            raise self._fault("the policy is too long", found=f"{len(raw)} bytes", expected=f"at most {LARGEST_POLICY}")
        lines = raw.split(b"\n")
        for self.row, line in enumerate(lines, start=1):
            self._reject_controls(line)
            words = line.decode("ascii", "surrogateescape").replace("\t", " ").split(" ")
            self._read_line([word for word in words if word])
        if lines[-1]:
            raise self._fault("the last line does not end", expected="a line feed")
        if self.quorum is None:
            raise self._fault("no line gives the quorum", expected="quorum NAME, or quorum none")
        return Policy(
            logs=tuple(self.logs), witnesses=self.witnesses, groups=self.groups, quorum=self.quorum, urls=self.urls
        )

    def _reject_controls(self, line: bytes) -> None:
        wrong = next((octet for octet in line if (octet < _SPACE and octet != _TAB) or octet == _DELETE), None)
        if wrong is not None:
            raise self._fault("a control character", found=f"{wrong:#04x}", expected="no control character but tab")

    def _read_line(self, words: list[str]) -> None:
        if not words or words[0].startswith("#"):
            return
        readers = {
            "log": self._read_log,
            "witness": self._read_witness,
            "group": self._read_group,
            "quorum": self._read_quorum,
        }
        reader = readers.get(words[0])
        if reader is None:
            raise self._fault("no such line", found=words[0], expected=", ".join(readers))
        reader(words[1:])

    def _read_log(self, words: list[str]) -> None:
        self._require_words(words, (1, 2), "log KEY [URL]")
        key = self._read_key(words[0], _LOG_KINDS)
        self.logs.append(key)
        self._keep_url(key, words[1:])

    def _read_witness(self, words: list[str]) -> None:
        self._require_words(words, (2, 3), "witness NAME KEY [URL]")
        self._require_new(words[0])
        key = self._read_key(words[1], self.witness_kinds)
        self.witnesses[words[0]] = key
        self._keep_url(key, words[2:])

    def _read_group(self, words: list[str]) -> None:
        self._require_words(words, range(3, 1000), "group NAME all|any|K MEMBER...")
        name, rule, *members = words
        self._require_new(name)
        for member in members:
            self._require_defined(member)
            if member in self.used:
                raise self._fault("a name is a member twice", found=member, expected="each at most once")
            self.used.add(member)
        threshold = {"all": len(members), "any": 1}.get(rule, parse_decimal(rule))
        if threshold is None or not 1 <= threshold <= len(members):
            raise self._fault("no such threshold", found=rule, expected=f"all, any, or 1 to {len(members)}")
        self.groups[name] = Group(threshold=threshold, members=tuple(members))

    def _read_quorum(self, words: list[str]) -> None:
        self._require_words(words, (1,), "quorum NAME, or quorum none")
        if self.quorum is not None:
            raise self._fault("a second quorum", found=words[0], expected="exactly one line")
        if words[0] != NONE:
            self._require_defined(words[0])
        self.quorum = words[0]

    def _read_key(self, text: str, kinds: Collection[KeyKind]) -> VerifierKey:
        """Read a key that no line above has, also not in another role: a log must not be its own log witness."""
        try:
            key = parse_verifier_key(_as_utf8(text))
        except KeyMalformed as error:
            raise self._fault(error.what, found=error.found, expected=error.expected) from error
        if key.kind not in kinds:
            expected = " or ".join(f"{kind:#04x}" for kind in kinds)
            raise self._fault("a key of this kind cannot stand here", found=f"{key.kind:#04x}", expected=expected)
        if any(key.public_key == other.public_key for other in (*self.logs, *self.witnesses.values())):
            raise self._fault("the same key twice", found=key.name)
        return key

    def _keep_url(self, key: VerifierKey, words: list[str]) -> None:
        if words:
            self.urls[str(key)] = _as_utf8(words[0])

    def _require_words(self, words: list[str], count: Collection[int], form: str) -> None:
        if len(words) not in count:
            raise self._fault("the line has too few or too many words", found=" ".join(words), expected=form)

    def _require_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise self._fault("the name is taken", found=name, expected="a new name")

    def _require_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise self._fault("the name is not defined above this line", found=name, expected="a witness or group")

    def _fault(self, what: str, *, found: object = None, expected: str | None = None) -> PolicyMalformed:
        return PolicyMalformed(what, where=self.where, row=self.row or None, found=found, expected=expected)


_TAB, _SPACE, _DELETE = 0x09, 0x20, 0x7F


def _as_utf8(text: str) -> str:
    return text.encode("ascii", "surrogateescape").decode("utf-8", "replace")
