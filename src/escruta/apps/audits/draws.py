"""The draws of an audit, as its files hold them, and the files into which is typed what the paper says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.planning import BOXES
from escruta.apps.audits.tables import Table, read_boxes

SLIP_COLUMNS = ("box", "slip", "shows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw."""

    number: int
    round: int
    box: int
    """Its place in the table, from 0."""
    name: str
    random: str
    """The SHA-256 that chose it, in hexadecimal; empty where all boxes are opened."""
    slip: str | None = None
    """The slip that was drawn: its place in the pile from 1, or its id in the records; None = the whole box."""


def newly_drawn(drawn: Sequence[Draw], earlier: Sequence[Draw]) -> list[Draw]:
    """Give the draws whose box, or slip, was not drawn before, each once: what has to be looked at."""
    seen = {(each.box, each.slip) for each in earlier}
    fresh = []
    for each in drawn:
        if (each.box, each.slip) not in seen:
            seen.add((each.box, each.slip))
            fresh.append(each)
    return fresh


def draws_csv(drawn: Sequence[Draw]) -> bytes:
    """Write the draws of a round."""
    if drawn[0].slip is None:
        return _csv(["draw", "box", "random"], [[each.number, each.name, each.random] for each in drawn])
    rows = [[each.number, each.name, each.slip, each.random] for each in drawn]
    return _csv(["draw", "box", "slip", "random"], rows)


def to_fill(table: Table, drawn: Sequence[Draw], earlier: Sequence[Draw]) -> bytes:
    """Write the file into which is typed what the paper says."""
    fresh = newly_drawn(drawn, earlier)
    if drawn[0].slip is not None:
        return _csv(SLIP_COLUMNS, [[each.name, each.slip, ""] for each in in_boxes(fresh)])
    rows = [[each.name, "counted", *[""] * (len(table.batches.options) + 2)] for each in fresh]
    return _csv(columns_of(table.batches.options), rows)


def in_boxes(drawn: Sequence[Draw]) -> list[Draw]:
    """Put drawn slips in the order in which they are looked for: box by box, from the top of the pile."""
    return sorted(drawn, key=lambda each: (each.box, len(each.slip or ""), each.slip or ""))


def columns_of(options: Sequence[str]) -> list[str]:
    """Name the columns of a file of counts; an option with the id of another column is `votes.ID` there."""
    return ["box", "state", "slips", *map(column_of, options), "other"]


def column_of(option: str) -> str:
    """Name the column of an option's votes.

    >>> column_of("ana"), column_of("other")
    ('ana', 'votes.other')
    """
    return f"votes.{option}" if option in {"box", "state", "slips", "other"} else option


def _csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()


def draws_of(audit: AuditFolder, number: int | None = None) -> list[Draw]:
    """Read the draws of all rounds, or of one."""
    names = {name: place for place, name in enumerate(read_boxes(audit.read(BOXES)).batches.names)}
    found = []
    for at in range(1, audit.round + 1):
        rows = csv.DictReader(io.StringIO(audit.read(f"draw-{at}.csv").decode()))
        found += [
            Draw(
                number=int(row["draw"]),
                round=at,
                box=names[row["box"]],
                name=row["box"],
                random=row["random"],
                slip=row.get("slip"),
            )
            for row in rows
        ]
    return [each for each in found if number is None or each.round == number]
