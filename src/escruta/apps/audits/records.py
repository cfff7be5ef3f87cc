"""Cast vote records: what a machine recorded for each slip, where it publishes that, committed before the seed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from escruta.apps.audits.errors import refuse_faults
from escruta.apps.audits.manifests import read_rows
from escruta.apps.audits.shows import NULL, encode, fault_of
from escruta.audit.batches import Counts

RECORDS = "records.csv"
_COLUMNS = ("box", "slip", "shows")


@dataclass(frozen=True)
class Records:
    """The records of each box, in the order of the file: the first is of the first slip that can be drawn."""

    of_box: Mapping[str, Sequence[tuple[str, str]]]
    """By box: the slip's id, and what was recorded."""

    @cached_property
    def places(self) -> Mapping[tuple[str, str], int]:
        """Where each record stands in its box, from 1."""
        return {
            (box, slip): place for box, rows in self.of_box.items() for place, (slip, _) in enumerate(rows, start=1)
        }

    def numbers(self, names: Sequence[str]) -> Counts:
        """Count the records of each box of the table, `(boxes,)`."""
        return np.array([len(self.of_box.get(name, ())) for name in names], dtype=np.int64)

    def slip(self, box: str, place: int) -> str:
        """Give the id of a slip that was drawn; `unrecorded-N` where there are more slips than records."""
        rows = self.of_box.get(box, ())
        return rows[place - 1][0] if place <= len(rows) else f"unrecorded-{place}"

    def shows(self, box: str, slip: str) -> str:
        """Give what was recorded; null where there is no record."""
        place = self.places.get((box, slip))
        return NULL if place is None else self.of_box[box][place - 1][1]

    def recorded(self, box: str, slip: str, options: Sequence[str]) -> int:
        """Give the same as an option's place, or nobody."""
        return encode(self.shows(box, slip), options)

    def totals(self, options: Sequence[str]) -> tuple[int, ...]:
        """Add up the votes of each option."""
        found = Counter(shows for rows in self.of_box.values() for _, shows in rows)
        return tuple(found[option] for option in options)

    def summary(self, names: Sequence[str], votes: Counts, options: Sequence[str]) -> dict[str, Any]:
        """Say what the plan says of them: how many, and in how many boxes they are not what was published."""
        differ = 0
        for name, published in zip(names, votes.tolist(), strict=True):
            found = Counter(shows for _, shows in self.of_box.get(name, ()))
            differ += [found[option] for option in options] != published
        return {
            "file": RECORDS,
            "records": sum(map(len, self.of_box.values())),
            "totals": dict(zip(options, self.totals(options), strict=True)),
            "boxes_that_differ": differ,
        }

    def to_csv(self) -> bytes:
        """Write them in the order that was read."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([box, *row] for box, rows in self.of_box.items() for row in rows)
        return out.getvalue().encode()


def read_records(path: Path, names: Sequence[str], options: Sequence[str]) -> Records:
    """Read a CSV file with the columns `box`, `slip` (its id, printed on the slip too) and `shows`.

    Raises:
        AuditRefused: a box is not in the table, an id is empty or there twice, or a vote is for nobody we know.
    """
    rows, known = read_rows(path, _COLUMNS), set(names)
    faults = [
        f"row {number}: box {row['box']!r} is not in the published table"
        for number, row in rows
        if row["box"] not in known
    ]
    faults += [f"row {number}: the slip has no id" for number, row in rows if not row["slip"]]
    faults += [
        f"row {number}: {fault}" for number, row in rows if (fault := fault_of(row["shows"], options, lost=False))
    ]
    times = Counter((row["box"], row["slip"]) for _, row in rows)
    faults += [f"box {box}: slip {slip!r} is there twice" for (box, slip), number in times.items() if number > 1]
    refuse_faults("the cast vote records cannot be taken as they are", faults, path)
    return _of([row for _, row in rows])


def parse_records(raw: bytes) -> Records:
    """Read the committed records."""
    return _of(csv.DictReader(io.StringIO(raw.decode())))


def _of(rows: Any) -> Records:  # noqa: ANN401 - rows of texts
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["box"], []).append((row["slip"], row["shows"]))
    return Records(found)
