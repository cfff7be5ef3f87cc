"""Boards: named members, each with a printed key, and how many of them must have signed.

A board stands in a file in the grammar of a log's policy, with a line `witness` for each member:

    witness rector-1 rector-1.example+1f2e3d4c+AQ…
    witness rector-2 rector-2.example+5a6b7c8d+AQ…
    witness rector-3 rector-3.example+9e0f1a2b+AQ…
    group majority 2 rector-1 rector-2 rector-3
    quorum majority

Source: C2SP tlog-policy, with plain Ed25519 keys (0x01), since a member signs what a bulletin says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from escruta.base.errors import FileUnreadable
from escruta.record.bulletins import Bulletin, parse_dissent
from escruta.tlog.errors import PolicyMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, VerifierKey
from escruta.tlog.notes import Note
from escruta.tlog.policies import LARGEST_POLICY, NONE, Policy, parse_policy
from escruta.tlog.signing import verify_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The members by name, and the rule of how many must have signed."""

    members: Mapping[str, VerifierKey]
    policy: Policy

    def signers_of(self, note: Note, *, where: str | None = None) -> tuple[str, ...]:
        """Give the members who signed a note, in the order of the board.

        Raises `SignatureRefused` where a line in a member's name is false, or no member signed.
        """
        signed = {each.key for each in verify_note(note, self.members.values(), where=where)}
        return tuple(name for name, key in self.members.items() if key in signed)

    def is_met_by(self, names: Collection[str]) -> bool:
        """Tell whether these members make the quorum."""
        octets = [name.encode("utf-8").decode("ascii", "surrogateescape") for name in names]
        return self.policy.is_met_by(octets)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStanding:
    """How a board stands to a bulletin."""

    members: tuple[str, ...]
    signed: tuple[str, ...]
    dissenting: Mapping[str, str]
    """The words of each member who dissents."""
    is_met: bool
    """Whether those who signed make the quorum."""

    @property
    def silent(self) -> tuple[str, ...]:
        """The members who neither signed nor dissent."""
        return tuple(name for name in self.members if name not in self.signed and name not in self.dissenting)

    def __str__(self) -> str:
        """Say it in one line: `3 of 5 members signed; 1 dissents: rector-4; 1 has not signed: rector-5`."""
        parts = [f"{len(self.signed)} of {len(self.members)} members signed"]
        for verb, names in ((("dissents", "dissent"), tuple(self.dissenting)), (("has", "have"), self.silent)):
            tail = " not signed" if verb[0] == "has" else ""
            if names:
                parts.append(f"{len(names)} {verb[len(names) > 1]}{tail}: {', '.join(names)}")
        return "; ".join(parts)


def parse_board(raw: bytes, *, where: str | None = None) -> Board:
    """Read a board; raises `PolicyMalformed`."""
    policy = parse_policy(raw, where=where, witness_kinds=(KeyKind.ED25519,))
    if policy.quorum == NONE or policy.logs:
        raise PolicyMalformed(
            "a board has members and a quorum, and no logs",
            where=where,
            found="a log" if policy.logs else "quorum none",
            expected="lines witness NAME KEY, group NAME K MEMBER…, quorum NAME",
        )
    return Board(members={_readable(name): key for name, key in policy.witnesses.items()}, policy=policy)


def _readable(name: str) -> str:
    """Read the octets of a name in a policy as UTF-8."""
    return name.encode("ascii", "surrogateescape").decode("utf-8", "replace")


def read_board(path: Path) -> Board:
    """Read a board from its file."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_POLICY + 1)
    except OSError as error:
        raise FileUnreadable("the board cannot be read", where=str(path), found=error.strerror) from error
    return parse_board(raw, where=str(path))


def standing_of_board(
    bulletin: Bulletin, note: Note, dissents: Iterable[Note], board: Board, *, where: str | None = None
) -> BoardStanding:
    """See which members signed a bulletin and which dissent; a quorum that is not met is told, not raised.

    Raises `SignatureRefused` where a line in a member's name is false, or a dissent is signed by nobody of the board.
    """
    signed = board.signers_of(note, where=where) if note.signatures else ()
    dissenting: dict[str, str] = {}
    for each in dissents:
        dissent = parse_dissent(each.text, where=where)
        if dissent.bulletin_sha256 != bulletin.sha256:
            raise SignatureRefused(
                "a dissent is on another bulletin",
                where=where,
                found=dissent.bulletin_sha256,
                expected=bulletin.sha256,
            )
        dissenting |= dict.fromkeys(board.signers_of(each, where=where), dissent.words)
    ordered = {name: dissenting[name] for name in board.members if name in dissenting}
    return BoardStanding(
        members=tuple(board.members), signed=signed, dissenting=ordered, is_met=board.is_met_by(signed)
    )
