"""What a board says of a result, and what candidates accept, as texts to be signed: one way to write each.

A bulletin gives the totals of a contest and the checkpoint of the log that they were computed from; a dissent is a
member's own words on a bulletin; an acceptance binds a pact and the election's definition. Each is the text of a signed
note, and goes into the log as `{"kind":"bulletin","note":"…"}`. A text that we would write otherwise is refused, so
that the same thing has one digest. The forms are on the page docs/reference/bulletins.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from escruta.base.errors import InputError
from escruta.tlog.checkpoints import Checkpoint, parse_checkpoint
from escruta.tlog.encodings import parse_decimal
from escruta.tlog.errors import CheckpointMalformed

BULLETIN, DISSENT, ACCEPTANCE = "escruta/bulletin/v1", "escruta/dissent/v1", "escruta/acceptance/v1"
UNKNOWN = "unknown"
"""Stands where the record has no figure; never a zero."""
LONGEST_TEXT = 2_000
"""Bytes of a dissent's words, and of a pact that stands in its acceptance, in UTF-8."""

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_ID = r"[a-z0-9][a-z0-9_-]{0,63}"
_DIGEST = "[0-9a-f]{64}"
_NUMBER = "[1-9][0-9]{0,5}"
_COUNT = f"(?:[0-9]{{1,19}}|{UNKNOWN})"
_ABOUT = rf"election ({_ID})\ncontest ({_ID})\nnumber ({_NUMBER})\n"
_STATIONS = ("counted", "received", "expected")
_FIGURES = ("valid", "null", "blank", "ballots")
_BULLETIN = re.compile(
    rf"{BULLETIN}\n{_ABOUT}time ([0-9T:Z-]+)\npolicy ({_ID}(?::{_ID})?)\n"
    + "".join(rf"stations {name} ({_COUNT})\n" for name in _STATIONS)
    + rf"((?:votes {_ID} {_COUNT}\n)+)"
    + "".join(rf"{name} ({_COUNT})\n" for name in _FIGURES)
    + rf"log ([^\n]+)\nsize ([0-9]+)\nroot ([^\n]+)\nsummary ({_DIGEST})\n"
)
_DISSENT = re.compile(rf"{DISSENT}\n{_ABOUT}bulletin ({_DIGEST})\n\n(.+)", re.DOTALL)
_ACCEPTANCE = re.compile(
    rf"{ACCEPTANCE}\nelection ({_ID})\ndefinition ({_DIGEST})\npact ({_DIGEST})\n(?:\n(.+))?", re.DOTALL
)


class BulletinMalformed(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The text is no bulletin, dissent or acceptance, or not written in the one way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """The totals of a contest, as a board announces them, and what they were computed from."""

    election: str
    contest: str
    number: int
    """Counts the bulletins of a contest from 1."""
    time: datetime
    """When it was drawn up, in UTC, in whole seconds."""
    policy: str
    """Which readings count, as in the record."""
    stations: tuple[int | None, int | None, int | None]
    """Counted, received, expected; None where nobody knows."""
    votes: tuple[tuple[str, int | None], ...]
    """Of each candidate, by id, in the order of the definition."""
    figures: tuple[int | None, int | None, int | None, int | None]
    """Valid, null and blank votes, and ballots; None where the record has no figure."""
    checkpoint: Checkpoint
    """Of the log that the record was computed from."""
    summary_sha256: str
    """Of the record's summary.json."""

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [
            *(BULLETIN, f"election {self.election}", f"contest {self.contest}", f"number {self.number}"),
            f"time {self.time.astimezone(UTC):{_MOMENT}}",
            f"policy {self.policy}",
            *(f"stations {name} {_written(count)}" for name, count in zip(_STATIONS, self.stations, strict=True)),
            *(f"votes {candidate} {_written(count)}" for candidate, count in self.votes),
            *(f"{name} {_written(count)}" for name, count in zip(_FIGURES, self.figures, strict=True)),
        ]
        origin, size, root = self.checkpoint.text.splitlines()
        lines += [f"log {origin}", f"size {size}", f"root {root}", f"summary {self.summary_sha256}"]
        return "".join(f"{line}\n" for line in lines)

    @property
    def sha256(self) -> str:
        """Digest the text: what a dissent names."""
        return sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """A member's own words on a bulletin."""

    election: str
    contest: str
    number: int
    bulletin_sha256: str
    """Of the bulletin's text."""
    words: str
    """With its last line feed."""

    @property
    def text(self) -> str:
        """What is signed."""
        about = f"election {self.election}\ncontest {self.contest}\nnumber {self.number}\n"
        return f"{DISSENT}\n{about}bulletin {self.bulletin_sha256}\n\n{self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A pact, and the definition of the election that it is about."""

    election: str
    definition_sha256: str
    """Of the definition in canonical form, as a record holds it in election.json."""
    pact_sha256: str
    pact: str | None
    """Its text, with its last line feed; None where it is too long to stand here."""

    @property
    def text(self) -> str:
        """What is signed."""
        head = f"{ACCEPTANCE}\nelection {self.election}\ndefinition {self.definition_sha256}\npact {self.pact_sha256}\n"
        return head if self.pact is None else f"{head}\n{self.pact}"


def _written(count: int | None) -> str:
    return UNKNOWN if count is None else str(count)


def bulletin_of(summary: Mapping[str, Any], contest: str, **said: Any) -> Bulletin:  # noqa: ANN401
    """Draw up the bulletin of a contest from a record's summary; `said` is what the summary does not hold.

    Raises `BulletinMalformed` where the summary has no such contest.
    """
    found = next((each for each in summary["contests"] if each["contest"] == contest), None)
    if found is None:
        raise BulletinMalformed(
            "the record has no such contest",
            found=contest,
            expected=", ".join(each["contest"] for each in summary["contests"]),
        )
    totals, stations = found["totals"], found["coverage"]["stations"]
    return Bulletin(
        election=summary["election"],
        contest=contest,
        policy=found["policy"],
        stations=(stations["counted"], stations["received"], stations["expected"]),
        votes=tuple((candidate, row["votes"]) for candidate, row in totals["options"].items()),
        figures=(totals["valid"], totals["null"], totals["blank"], totals["ballots"]),
        **said,
    )


def differing_lines(mine: Bulletin, theirs: Bulletin) -> Iterator[tuple[str, str]]:
    """Give the lines in which two bulletins differ, the first one's before the other's."""
    ours, others = mine.text.splitlines(), theirs.text.splitlines()
    size = max(len(ours), len(others))
    padded = ([*lines, *["no line"] * (size - len(lines))] for lines in (ours, others))
    yield from ((one, other) for one, other in zip(*padded, strict=True) if one != other)


def acceptance_of(election: str, definition_sha256: str, pact: str) -> Acceptance:
    """Bind a pact to a definition; a pact that is too long is named by its digest alone."""
    raw = pact.encode("utf-8")
    text = pact if len(raw) <= LONGEST_TEXT else None
    return Acceptance(
        election=election, definition_sha256=definition_sha256, pact_sha256=sha256(raw).hexdigest(), pact=text
    )


def parse_bulletin(text: str, *, where: str | None = None) -> Bulletin:
    """Read the text of a note as a bulletin; nothing is verified yet. Raises `BulletinMalformed`."""
    found = _BULLETIN.fullmatch(text)
    if found is None:
        raise _malformed(text, BULLETIN, where)
    election, contest, number, time, policy, *counts, log, size, root, summary = found.groups()
    votes = [line.split(" ") for line in counts[3].splitlines()]
    try:
        checkpoint = parse_checkpoint(f"{log}\n{size}\n{root}\n", where=where)
    except CheckpointMalformed as error:
        raise BulletinMalformed(
            f"the bulletin names no checkpoint: {error.what}", where=where, found=error.found
        ) from error
    bulletin = Bulletin(
        election=election,
        contest=contest,
        number=int(number),
        time=_moment(time, where),
        policy=policy,
        stations=_three([_count(each, where) for each in counts[:3]]),
        votes=tuple((candidate, _count(count, where)) for _, candidate, count in votes),
        figures=_four([_count(each, where) for each in counts[4:]]),
        checkpoint=checkpoint,
        summary_sha256=summary,
    )
    if len({candidate for candidate, _ in bulletin.votes}) != len(bulletin.votes):
        raise BulletinMalformed("a candidate stands in the bulletin twice", where=where)
    return bulletin


def _three(counts: Sequence[int | None]) -> tuple[int | None, int | None, int | None]:
    one, two, three = counts
    return one, two, three


def _four(counts: Sequence[int | None]) -> tuple[int | None, int | None, int | None, int | None]:
    one, two, three, four = counts
    return one, two, three, four


def parse_dissent(text: str, *, where: str | None = None) -> Dissent:
    """Read the text of a note as a dissent; nothing is verified yet. Raises `BulletinMalformed`."""
    found = _DISSENT.fullmatch(text)
    if found is None:
        raise _malformed(text, DISSENT, where)
    election, contest, number, digest, words = found.groups()
    require_words(words, where)
    return Dissent(election=election, contest=contest, number=int(number), bulletin_sha256=digest, words=words)


def parse_acceptance(text: str, *, where: str | None = None) -> Acceptance:
    """Read the text of a note as an acceptance; nothing is verified yet. Raises `BulletinMalformed`."""
    found = _ACCEPTANCE.fullmatch(text)
    if found is None:
        raise _malformed(text, ACCEPTANCE, where)
    election, definition, digest, pact = found.groups()
    if pact is not None:
        require_words(pact, where)
        if sha256(pact.encode("utf-8")).hexdigest() != digest:
            raise BulletinMalformed("the digest is not that of the pact", where=where, found=digest)
    return Acceptance(election=election, definition_sha256=definition, pact_sha256=digest, pact=pact)


def require_words(words: str, where: str | None = None) -> None:
    """Raise `BulletinMalformed` where words cannot stand in a note: too long, not ended, or only blank."""
    size = len(words.encode("utf-8"))
    if not words.endswith("\n") or not words.strip() or size > LONGEST_TEXT:
        raise BulletinMalformed(
            "the words are empty, too long, or do not end with a line feed",
            where=where,
            found=f"{size} bytes",
            expected=f"at most {LONGEST_TEXT} bytes in UTF-8, whose last line ends",
        )


def _count(text: str, where: str | None) -> int | None:
    if text == UNKNOWN:
        return None
    count = parse_decimal(text)
    if count is None:
        raise BulletinMalformed("this is no count", where=where, found=text, expected=f"a number, or {UNKNOWN}")
    return count


def _moment(text: str, where: str | None) -> datetime:
    try:
        moment = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or f"{moment:{_MOMENT}}" != text:
        raise BulletinMalformed("this is no time", where=where, found=text, expected="such as 2024-07-29T00:00:00Z")
    return moment


def _malformed(text: str, form: str, where: str | None) -> BulletinMalformed:
    first = text.partition("\n")[0]
    return BulletinMalformed(
        f"this is no {form.split('/')[1]}, or not written in its one way",
        where=where,
        found=first if first != form else "lines that are not those of the form, or in another order",
        expected=f"{form}, with the lines that docs/reference/bulletins.md lists, in that order",
    )
