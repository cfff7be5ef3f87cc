"""The seed, rolled in public after the table is fixed, and the boxes that follow from it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.folders import AuditFolder, Step, to_json
from escruta.apps.audits.planning import BOXES, drawn_per_centre, plan_of
from escruta.apps.audits.tables import Table, read_boxes
from escruta.audit.drawing import draw_by_bound, draw_equal, draw_per_centre, random_number

SEED = "seed.json"
LEAST_DIGITS = 20
"""Decimal digits of a seed: as many as twenty dice of ten sides give."""
WITH_REPLACEMENT = ("macro", "alpha")


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


def take_seed(audit: AuditFolder, digits: str, *, where: str, now: datetime) -> Step:
    """Commit to the seed; `where` says in which place and by whose dice, without the name of a person."""
    plan_of(audit)
    audit.require_turn("seed")
    seed = re.sub(r"[\s.,-]", "", digits)
    if not re.fullmatch(rf"[0-9]{{{LEAST_DIGITS},}}", seed):
        raise AuditRefused(
            "the seed is not what dice give",
            found=digits,
            expected=f"at least {LEAST_DIGITS} decimal digits, as twenty dice of ten sides give",
            advice="Roll in public, after the plan is published, and read the digits aloud.",
        )
    plan = audit.steps[0]
    return audit.append("seed", {SEED: to_json({"seed": seed, "where": where, "plan": plan.digest})}, now=now)


def draw_round(audit: AuditFolder, *, draws: int | None, everything: bool, now: datetime) -> tuple[list[Draw], Step]:
    """Draw the next round; `everything` opens all boxes that were not counted yet.

    Beside what is committed to, a file is written to type the counts into.
    """
    plan = plan_of(audit)
    audit.require_turn("draw")
    if not everything:
        _require_planned(plan, draws)
    table = read_boxes(audit.read(BOXES))
    earlier = draws_of(audit)
    number = audit.round + 1
    if earlier:
        judged = audit.json(f"risk-{audit.round}.json")
        _require_another(plan, judged, everything=everything)
        draws = draws or judged["more_draws"]
    places = _rest(table, earlier) if everything else _places(plan, table, audit.json(SEED)["seed"], draws, earlier)
    found = [
        Draw(number=at, round=number, box=place, name=table.batches.names[place], random=random)
        for at, (place, random) in enumerate(places, start=len(earlier) + 1)
    ]
    step = audit.append("draw", {f"draw-{number}.csv": _draws_csv(found)}, now=now)
    (audit.folder / f"count-{number}-to-fill.csv").write_bytes(_to_fill(table, found, earlier))
    return found, step


def _require_planned(plan: Mapping[str, Any], draws: int | None) -> None:
    """Refuse another size where the design is one look: whoever knows the seed could choose where to end."""
    if plan["method"] in WITH_REPLACEMENT or draws in (None, plan["draws"]):
        return
    raise AuditRefused(
        "this design is one look: how many boxes are drawn was fixed before the seed",
        found=f"{draws:,} draws",
        expected=f"{plan['draws']:,}, as planned",
        advice="Leave --draws out, open all boxes (--all), or plan another audit, with its own seed.",
    )


def _require_another(plan: Mapping[str, Any], judged: Mapping[str, Any], *, everything: bool) -> None:
    if judged["counted_in_full"]:
        raise AuditRefused("all the paper was counted: there is nothing left to draw")
    if everything:
        return
    if judged["decision"] == "stop":
        raise AuditRefused(
            "the audit has stopped: the paper bears out the outcome at the risk limit that was planned",
            expected="no further draw",
            advice="Whoever wants to know more opens all boxes (--all), or plans an audit with a smaller risk limit.",
        )
    if plan["method"] not in WITH_REPLACEMENT:
        raise AuditRefused(
            "this design is one look: its bound does not hold for a second draw",
            found=plan["method"],
            expected="a stop after the first round, or all boxes",
            advice="Open all boxes (--all), or begin another audit with --method macro and another seed.",
        )
    if judged["decision"] == "full-count":
        raise AuditRefused(
            "no larger sample brings the risk down to the limit",
            expected="a count of all the paper",
            advice="Open all boxes: --all.",
        )


def _places(
    plan: Mapping[str, Any], table: Table, seed: str, draws: int | None, earlier: Sequence[Draw]
) -> list[tuple[int, str]]:
    method, names, wanted = plan["method"], table.batches.names, draws or plan["draws"]
    if method in WITH_REPLACEMENT:
        bounds = table.units if method == "macro" else table.batches.bound
        places = draw_by_bound(seed, plan["contest"], bounds, wanted, after=len(earlier))
        first = len(earlier) + 1
        return [(place, _hex(seed, plan["contest"], first + at)) for at, place in enumerate(places)]
    if method == "equal":
        chosen = draw_equal(seed, names, wanted)
    else:
        share = drawn_per_centre(table.places, Fraction(plan["centre_share"]))
        chosen = draw_per_centre(seed, names, table.places, share)
    return [(place, _hex(seed, names[place], 1)) for place in chosen]


def _hex(seed: str, name: str, draw: int) -> str:
    return f"{random_number(seed, name, draw):064x}"


def _rest(table: Table, earlier: Sequence[Draw]) -> list[tuple[int, str]]:
    counted = {each.box for each in earlier}
    return [(place, "") for place in range(len(table.batches)) if place not in counted]


def newly_drawn(drawn: Sequence[Draw], earlier: Sequence[Draw]) -> list[Draw]:
    """Give the draws whose boxes were not drawn before, each box once: what has to be counted."""
    seen = {each.box for each in earlier}
    fresh = []
    for each in drawn:
        if each.box not in seen:
            seen.add(each.box)
            fresh.append(each)
    return fresh


def _draws_csv(drawn: Sequence[Draw]) -> bytes:
    return _csv(["draw", "box", "random"], [[each.number, each.name, each.random] for each in drawn])


def _to_fill(table: Table, drawn: Sequence[Draw], earlier: Sequence[Draw]) -> bytes:
    rows = [[each.name, "counted", *[""] * (len(table.batches.options) + 2)] for each in newly_drawn(drawn, earlier)]
    return _csv(columns_of(table.batches.options), rows)


def columns_of(options: Sequence[str]) -> list[str]:
    """Name the columns of a file of counts."""
    return ["box", "state", "slips", *options, "other"]


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
            Draw(number=int(row["draw"]), round=at, box=names[row["box"]], name=row["box"], random=row["random"])
            for row in rows
        ]
    return [each for each in found if number is None or each.round == number]
