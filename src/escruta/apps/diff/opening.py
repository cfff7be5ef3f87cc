"""Two published records, opened for a comparison: their documents, their tables, and what their logs say of each other.

Nothing is verified here beyond the form: `escruta verify` does that, for each record on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from escruta.apps.published import Published, PublishedRecord
from escruta.base.errors import FileUnreadable, InputError, printable
from escruta.record.comparing import Comparison, Tables, compare_records
from escruta.record.logbook import LOG
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.errors import LogInputError
from escruta.tlog.reading import Resources, TreeReader, read_checkpoint
from escruta.tlog.sealing import is_sealed


class LogRelation(StrEnum):
    """What the logs of two records say of each other."""

    SAME = "same"
    """Both end with the same checkpoint."""
    CONTINUES = "continues"
    """The second log begins with all of the first."""
    EARLIER = "earlier"
    """The first log begins with all of the second: the second is an older version."""
    FORKS = "forks"
    """Neither begins with the other, and they have one name: two histories of what must be one."""
    OTHER_LOG = "other-log"
    """They have different names."""
    SEALED = "sealed"
    """At least one is sealed with a key that anybody can derive: it is made anew with each record, and says nothing."""
    NONE = "none"
    """At least one record has no log."""
    UNREADABLE = "unreadable"
    """At least one log cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two records say differently, and where they are."""

    places: tuple[str, str]
    names: dict[str, str]
    """The candidates' names by `CONTEST/CANDIDATE`."""
    sources: dict[str, str]
    """The names of the sources."""
    election: dict[str, Any]
    """The definition of the second record."""
    log: LogRelation
    comparison: Comparison


def compare_published(first: Published, second: Published) -> Difference:
    """Compare two records.

    Raises `InputError` where a place holds no record, or the two are of different elections.
    """
    opened = [PublishedRecord(place) for place in (first, second)]
    ids = [each.election.get("id") for each in opened]
    if ids[0] != ids[1]:
        raise InputError(
            "these are records of different elections",
            where=f"{first.place} and {second.place}",
            found=f"{printable(ids[0])} and {printable(ids[1])}",
            expected="one election, published twice",
            advice="Name two records of one election.",
        )
    tables = [
        Tables(election=each.election, files=each.files, contests=each.contests, table=each.table) for each in opened
    ]
    policies = [each.policy for each in opened]
    return Difference(
        places=(first.place, second.place),
        names={key: name for each in opened for key, name in each.candidates().items()},
        sources={key: name for each in opened for key, name in each.sources().items()},
        election=opened[1].election,
        log=relation_of(first.under(LOG), second.under(LOG)),
        comparison=_compared(tables[0], tables[1], (policies[0], policies[1]), (first.place, second.place)),
    )


def _compared(
    first: Tables, second: Tables, policies: tuple[str | None, str | None], places: tuple[str, str]
) -> Comparison:
    try:
        return compare_records(first, second, policies)
    except (pl.exceptions.PolarsError, KeyError, IndexError, TypeError) as error:
        raise FileUnreadable(
            "a table of one of the records is not in its form",
            where=f"{places[0]} or {places[1]}",
            found=printable(error)[:200],
            advice="Run `escruta verify` on both: it names the file.",
        ) from error


def relation_of(first: Resources, second: Resources) -> LogRelation:
    """Tell what two logs say of each other; the trees are followed, and signatures are not looked at."""
    try:
        heads = [_checkpoint(log) for log in (first, second)]
        if heads[0] is None or heads[1] is None:
            return LogRelation.NONE
        return _relation(first, second, heads[0], heads[1])
    except LogInputError:
        return LogRelation.UNREADABLE


def _checkpoint(log: Resources) -> Checkpoint | None:
    if log.read(CHECKPOINT) is None:
        return None
    return checkpoint_of(read_checkpoint(log), where=CHECKPOINT)


def _relation(first: Resources, second: Resources, one: Checkpoint, other: Checkpoint) -> LogRelation:
    if is_sealed(one.origin) or is_sealed(other.origin):
        return LogRelation.SAME if one == other else LogRelation.SEALED
    if one.origin != other.origin:
        return LogRelation.OTHER_LOG
    if one.head == other.head:
        return LogRelation.SAME
    older, newer, log = (one, other, second) if one.head.size <= other.head.size else (other, one, first)
    if TreeReader(log, newer.head).root_at(older.head.size) != older.head.root:
        return LogRelation.FORKS
    return LogRelation.CONTINUES if older is one else LogRelation.EARLIER
