"""What each drawn slip shows: typed by two people from the signed forms, checked, compared, and committed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from escruta.apps.audits.draws import SLIP_COLUMNS, Draw, in_boxes
from escruta.apps.audits.errors import refuse_faults
from escruta.apps.audits.folders import AuditFolder, Step
from escruta.apps.audits.manifests import read_rows
from escruta.apps.audits.shows import NOT_FOUND, fault_of

_WHAT = "what the slips show cannot be taken as it is"
_ADVICE = "Look at the signed forms, correct the file, and enter it again; nothing was written."
_Slip = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A drawn slip, and what it shows."""

    box: str
    slip: str
    shows: str
    """An option's id, `blank`, `null`, or `not-found`, which counts as the worst case."""

    @property
    def state(self) -> str:
        """`counted` or `missing`, as of a box."""
        return "missing" if self.shows == NOT_FOUND else "counted"


def enter_slips(
    audit: AuditFolder,
    drawn: Sequence[Draw],
    options: Sequence[str],
    paths: tuple[Path, Path | None],
    *,
    now: datetime,
) -> tuple[list[Seen], Step]:
    """Take what the slips of the round show.

    Raises:
        AuditRefused: it is not said what a slip shows, a slip was not drawn or is not there, or the two files differ;
            every fault is named, and nothing is written.
    """
    wanted = [(each.name, each.slip or "") for each in in_boxes(drawn)]
    first = _checked(paths[0], options, wanted)
    if paths[1] is not None:
        second = _checked(paths[1], options, wanted)
        faults = [
            f"{_named(slip)}: {first[slip]} in the first file and {second[slip]} in the second"
            for slip in wanted
            if first[slip] != second[slip]
        ]
        refuse_faults(_WHAT, faults, paths[1], _ADVICE)
    seen = [Seen(box=box, slip=slip, shows=first[box, slip]) for box, slip in wanted]
    return seen, audit.append("enter", {f"count-{audit.round}.csv": _csv(seen)}, now=now)


def _checked(path: Path, options: Sequence[str], wanted: Sequence[_Slip]) -> Mapping[_Slip, str]:
    rows = read_rows(path, SLIP_COLUMNS, exactly=True)
    slips, known = Counter((row["box"], row["slip"]) for _, row in rows), set(wanted)
    faults = [
        f"row {number}, {_named((row['box'], row['slip']))}: {fault}"
        for number, row in rows
        if (fault := fault_of(row["shows"], options))
    ]
    faults += [f"{_named(slip)} was not drawn in this round" for slip in slips if slip not in known]
    faults += [f"{_named(slip)} is there twice" for slip, times in slips.items() if times > 1]
    faults += [
        f"{_named(slip)} is not there: say what it shows, or {NOT_FOUND}" for slip in wanted if slip not in slips
    ]
    refuse_faults(_WHAT, faults, path, _ADVICE)
    return {(row["box"], row["slip"]): row["shows"] for _, row in rows}


def _named(slip: _Slip) -> str:
    return f"box {slip[0]}, slip {slip[1]}"


def _csv(seen: Sequence[Seen]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SLIP_COLUMNS)
    writer.writerows([each.box, each.slip, each.shows] for each in seen)
    return out.getvalue().encode()


def slips_of(audit: AuditFolder) -> dict[_Slip, str]:
    """Read what the slips of all entered rounds show, by box and slip."""
    found: dict[_Slip, str] = {}
    for number in range(1, audit.entered + 1):
        rows = csv.DictReader(io.StringIO(audit.read(f"count-{number}.csv").decode()))
        found |= {(row["box"], row["slip"]): row["shows"] for row in rows if "slip" in row}
    return found
