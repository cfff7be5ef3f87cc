"""The manifest of an audit of single slips: how many lie in each box, so that one of them can be drawn.

It is an upper bound: the larger of what the published sheet says and of what the authority's own manifest says, where
there is one. A slip that is drawn and is not there counts as a vote the worst way; a slip that is in no manifest cannot
be drawn at all, and that would break the risk limit.

Source: Bañuelos and Stark 2012, *Limiting risk by turning manifest phantoms into evil zombies*, arXiv 1207.3413.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from escruta.apps.audits.errors import AuditRefused, refuse_faults
from escruta.audit.batches import Counts

MANIFEST = "manifest.csv"
_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """How many slips can be drawn from each box of the table, `(boxes,)`; 0 where none are."""

    slips: Counts
    published: Counts
    given: Mapping[str, int] | None
    """What the authority's manifest says, by box; None where it gave none."""

    def summary(self, names: Sequence[str]) -> dict[str, Any]:
        """Say what the plan says of it: how many slips, and where the authority's manifest says something else."""
        given = self.given or {}
        inside = [(name, int(number)) for name, number in zip(names, self.published, strict=True)]
        return {
            "file": MANIFEST,
            "slips": int(self.slips.sum()),
            "given": self.given is not None,
            "boxes_that_differ": sum(name in given and given[name] != number for name, number in inside),
            "boxes_not_given": sum(name not in given for name, _ in inside) if self.given is not None else 0,
            "boxes_without_result": len(given.keys() - set(names)),
            "slips_without_result": sum(given[name] for name in given.keys() - set(names)),
        }

    def to_csv(self, names: Sequence[str]) -> bytes:
        """Write the boxes that slips are drawn from, in the table's order."""
        given = self.given or {}
        rows = [
            [name, int(slips), int(published), given.get(name, "")]
            for name, slips, published in zip(names, self.slips, self.published, strict=True)
            if slips
        ]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["box", "slips", "published", "given"])
        writer.writerows(rows)
        return out.getvalue().encode()


def manifest_of(
    published: Counts, names: Sequence[str], path: Path | None, *, at_least: Counts | None = None
) -> Manifest:
    """Put the manifest together; `at_least` are slips of which there are records."""
    given = None if path is None else read_manifest(path)
    slips = published if at_least is None else np.maximum(published, at_least)
    if given is not None:
        slips = np.maximum(slips, np.array([given.get(name, 0) for name in names], dtype=np.int64))
    return Manifest(slips=slips, published=published, given=given)


def read_manifest(path: Path) -> dict[str, int]:
    """Read an authority's manifest: a CSV file with the columns `box` and `slips`.

    Raises:
        AuditRefused: a column is missing, a box stands there twice, or a figure is no count; every fault is named.
    """
    rows = read_rows(path, ("box", "slips"))
    faults = [
        f"row {number}, box {row['box']}: {row['slips']!r} is no count of slips"
        for number, row in rows
        if not is_count(row["slips"])
    ]
    faults += [
        f"box {name!r} is there twice" for name, times in Counter(r["box"] for _, r in rows).items() if times > 1
    ]
    refuse_faults("the manifest cannot be taken as it is", faults, path)
    return {row["box"]: int(row["slips"]) for _, row in rows}


def is_count(text: str) -> bool:
    """Say whether a text is a whole number that a box can hold."""
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def read_rows(path: Path, columns: Sequence[str], *, exactly: bool = False) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file that has these columns, and no others if `exactly`, with the numbers of its rows.

    Raises:
        AuditRefused: it is no UTF-8 text or CSV, a column is missing or there twice, or a row has more cells than that.
    """
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True)
        head = list(reader.fieldnames or ())
        rows = list(enumerate(reader, start=2))
    except (UnicodeDecodeError, csv.Error) as error:
        raise AuditRefused("the file is no CSV in UTF-8", where=str(path), found=str(error)) from error
    if any(head.count(name) != 1 for name in columns) or (exactly and len(head) != len(columns)):
        raise AuditRefused(
            "the file has other columns",
            where=str(path),
            found=", ".join(head) or "none",
            expected=", ".join(columns),
            advice="Fill in the file that `escruta audit draw` wrote." if exactly else None,
        )
    faults = [f"row {number} has more cells than the file has columns" for number, row in rows if None in row]
    refuse_faults("the file cannot be taken as it is", faults, path)
    return [(number, {name: (row[name] or "").strip() for name in columns}) for number, row in rows]


def read_slips(raw: bytes, names: Sequence[str]) -> Counts:
    """Read the committed manifest as slips of each box of the table, `(boxes,)`."""
    said = {row["box"]: int(row["slips"]) for row in csv.DictReader(io.StringIO(raw.decode()))}
    return np.array([said.get(name, 0) for name in names], dtype=np.int64)
