"""Counts of drawn boxes: typed by two people from the signed forms, checked, compared, and committed."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from escruta.apps.audits.draws import column_of, columns_of, draws_of, newly_drawn
from escruta.apps.audits.errors import AuditRefused, refuse_faults
from escruta.apps.audits.folders import AuditFolder, Step
from escruta.apps.audits.manifests import is_count, read_rows
from escruta.apps.audits.planning import BOXES, plan_of
from escruta.apps.audits.reading import Seen, enter_slips
from escruta.apps.audits.tables import read_boxes

COUNTED, MISSING = "counted", "missing"
ADVICE = "Look at the signed forms, correct the file, and enter it again; nothing was written."


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the paper of one box says."""

    box: str
    state: str
    """`counted`, or `missing`: the box or its paper is not there, which counts as the worst case."""
    slips: int
    votes: tuple[int, ...]
    other: int
    """Slips for nobody: null, blank where that is no option, void."""


def enter_counts(
    audit: AuditFolder, first: Path, second: Path | None, *, now: datetime
) -> tuple[Sequence[Counted] | Sequence[Seen], Step]:
    """Take the counts of the round that was drawn last; where slips were drawn, what each of them shows.

    Raises:
        AuditRefused: a figure is missing or no count, a sum is wrong, a box was not drawn or is not there, or the two
            files differ; every fault is named.
    """
    plan_of(audit)
    audit.require_turn("enter")
    _require_two_files(first, second)
    options = read_boxes(audit.read(BOXES)).batches.options
    draws = draws_of(audit)
    earlier = [each for each in draws if each.round < audit.round]
    fresh = newly_drawn([each for each in draws if each.round == audit.round], earlier)
    if draws[-1].slip is not None:
        return enter_slips(audit, fresh, options, (first, second), now=now)
    wanted = [each.name for each in fresh]
    counts = _checked(first, options, wanted)
    if second is not None:
        _require_equal(counts, _checked(second, options, wanted), (first, second), options)
    by_box = {each.box: each for each in counts}
    ordered = [by_box[name] for name in wanted]
    name = f"count-{audit.round}.csv"
    return ordered, audit.append("enter", {name: _counts_csv(ordered, options)}, now=now)


def _checked(path: Path, options: Sequence[str], wanted: Sequence[str]) -> list[Counted]:
    rows = _rows(path, options)
    faults: list[str] = []
    found = [_parse(number, row, options, faults) for number, row in rows]
    boxes, known = Counter(row["box"] for _, row in rows), set(wanted)
    faults += [f"box {name!r} was not drawn in this round" for name in boxes if name not in known]
    faults += [f"box {name!r} is there twice" for name, times in boxes.items() if times > 1]
    faults += [
        f"box {name!r} is not there: count it, or say that it is missing" for name in wanted if name not in boxes
    ]
    _refuse(faults, path)
    return [each for each in found if each is not None]


def _require_two_files(first: Path, second: Path | None) -> None:
    if second is not None and first.resolve() == second.resolve():
        raise AuditRefused(
            "one file is no second typing",
            where=str(first),
            expected="two files, typed by two people",
            advice="Name the file of the second typing, or say --once.",
        )


def _refuse(faults: Sequence[str], path: Path) -> None:
    refuse_faults("the counts cannot be taken as they are", faults, path, ADVICE)


def _rows(path: Path, options: Sequence[str]) -> list[tuple[int, Mapping[str, str]]]:
    """Read a CSV file, or a TOML file with a table `[[box]]` for each box, as texts."""
    if path.suffix == ".toml":
        return list(enumerate(_toml_rows(path, options), start=1))
    return list(read_rows(path, columns_of(options), exactly=True))


def _toml_rows(path: Path, options: Sequence[str]) -> list[Mapping[str, str]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("box", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuditRefused("the file is no TOML", where=str(path), found=str(error)) from error
    whole = [each for each in tables if isinstance(each, dict)] if isinstance(tables, list) else []
    unknown = [
        f"box {each.get('key', '')}: {name!r} is no option"
        for each in whole
        for name in _votes(each)
        if name not in options
    ]
    _refuse(unknown, path)
    return [{name: str(_of(each, name, options)) for name in columns_of(options)} for each in whole]


def _votes(table: Mapping[str, Any]) -> Mapping[str, Any]:
    votes = table.get("votes", {})
    return votes if isinstance(votes, dict) else {}


def _of(table: Mapping[str, Any], name: str, options: Sequence[str]) -> object:
    option = {column_of(option): option for option in options}.get(name)
    if option is not None:
        return _votes(table).get(option, "")
    return table.get({"box": "key"}.get(name, name), COUNTED if name == "state" else "")


def _parse(number: int, row: Mapping[str, str], options: Sequence[str], faults: list[str]) -> Counted | None:
    box, state = row["box"], row["state"] or COUNTED
    if state == MISSING:
        filled = [name for name in columns_of(options)[2:] if row[name]]
        if filled:
            faults.append(f"row {number}, box {box}: it is missing, and yet {', '.join(filled)} stands there")
        return Counted(box=box, state=MISSING, slips=0, votes=(0,) * len(options), other=0)
    if state != COUNTED:
        faults.append(f"row {number}, box {box}: state {state!r} is neither {COUNTED} nor {MISSING}")
        return None
    before = len(faults)
    figures = {name: _count(number, box, name, row[name], faults) for name in columns_of(options)[2:]}
    if len(faults) > before:
        return None
    votes = tuple(figures[column_of(option)] for option in options)
    if sum(votes) + figures["other"] != figures["slips"]:
        whole = f"{sum(votes)} votes and {figures['other']} others are {sum(votes) + figures['other']}"
        faults.append(f"row {number}, box {box}: {whole}, and {figures['slips']} slips were counted")
    return Counted(box=box, state=COUNTED, slips=figures["slips"], votes=votes, other=figures["other"])


def _count(number: int, box: str, name: str, text: str, faults: list[str]) -> int:
    if is_count(text):
        return int(text)
    faults.append(
        f"row {number}, box {box}: {name} is {text!r}, and no count"
        if text
        else f"row {number}, box {box}: {name} is empty"
    )
    return 0


def _require_equal(
    first: Sequence[Counted], second: Sequence[Counted], paths: tuple[Path, Path], options: Sequence[str]
) -> None:
    others = {each.box: each for each in second}
    faults = [
        f"box {one.box}: {name} is {a} in the first file and {b} in the second"
        for one in first
        for name, a, b in _pairs(one, others[one.box], options)
        if a != b
    ]
    _refuse(faults, paths[1])


def _pairs(one: Counted, other: Counted, options: Sequence[str]) -> list[tuple[str, object, object]]:
    names = ("state", "slips", *options, "other")
    return list(
        zip(
            names,
            (one.state, one.slips, *one.votes, one.other),
            (other.state, other.slips, *other.votes, other.other),
            strict=True,
        )
    )


def _counts_csv(counts: Sequence[Counted], options: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns_of(options))
    for each in counts:
        figures = [""] * (len(options) + 2) if each.state == MISSING else [each.slips, *each.votes, each.other]
        writer.writerow([each.box, each.state, *figures])
    return out.getvalue().encode()


def counts_of(audit: AuditFolder, options: Sequence[str]) -> dict[str, Counted]:
    """Read the counts of all rounds that were entered, by box; rounds of single slips have none."""
    found = {}
    for number in range(1, audit.entered + 1):
        for row in csv.DictReader(io.StringIO(audit.read(f"count-{number}.csv").decode())):
            parsed = None if "slip" in row else _parse(0, row, options, [])
            if parsed is not None:
                found[parsed.box] = parsed
    return found
