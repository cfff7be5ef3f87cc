"""The seed, rolled in public after the table is fixed, and the boxes or slips that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from escruta.apps.audits.designs import COMPARED, POLLED, REPEATED, SLIPS, STRATA, is_one_look, list_name
from escruta.apps.audits.draws import Draw, draws_csv, draws_of, to_fill
from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.folders import AuditFolder, Step, to_json
from escruta.apps.audits.manifests import MANIFEST, read_slips
from escruta.apps.audits.planning import BOXES, drawn_per_centre, plan_of
from escruta.apps.audits.records import RECORDS, parse_records
from escruta.apps.audits.tables import Table, read_boxes
from escruta.audit.batches import Counts
from escruta.audit.drawing import draw_by_bound, draw_equal, draw_per_centre, draw_slips, random_number

SEED = "seed.json"
LEAST_DIGITS = 20
"""Decimal digits of a seed: as many as twenty dice of ten sides give."""


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
    if len(set(seed)) == 1:
        raise AuditRefused(
            "the seed is not what dice give: one digit again and again",
            found=digits,
            expected="digits that were rolled",
            advice="Roll again in public: fair dice do this once in 10^19 times.",
        )
    plan = audit.steps[0]
    return audit.append("seed", {SEED: to_json({"seed": seed, "where": where, "plan": plan.digest})}, now=now)


def draw_round(
    audit: AuditFolder, *, draws: int | None, everything: bool, now: datetime, stratum: str | None = None
) -> tuple[list[Draw], Step]:
    """Draw the next round; `everything` opens all boxes that were not counted yet.

    Beside what is committed to, a file is written to type the counts into. `stratum` says from which of two lists.
    """
    plan = plan_of(audit)
    audit.require_turn("draw")
    if not everything:
        _require_planned(plan, draws)
    table = read_boxes(audit.read(BOXES))
    earlier = draws_of(audit)
    number = audit.round + 1
    slips = _draws_slips(audit, plan, stratum)
    if earlier:
        judged = audit.json(f"risk-{audit.round}.json")
        _require_another(plan, judged, everything=everything)
        draws = draws or _asked_for(judged, slips=slips)
    found = (
        rest_of(table, earlier, number)
        if everything
        else drawn_from(audit, plan, table, draws or _planned(plan, slips=slips), earlier, slips=slips, number=number)
    )
    if not found:
        raise AuditRefused("every slip was drawn", expected="a count of all boxes", advice="Open all boxes: --all.")
    step = audit.append("draw", {f"draw-{number}.csv": draws_csv(found)}, now=now)
    (audit.folder / f"count-{number}-to-fill.csv").write_bytes(to_fill(table, found, earlier))
    return found, step


def _draws_slips(audit: AuditFolder, plan: Mapping[str, Any], stratum: str | None) -> bool:
    """Say whether the round draws slips: under two strata, from the list that is named, or the one that is due."""
    if plan["method"] != STRATA:
        if stratum is not None:
            raise AuditRefused("only --method strata has two lists to draw from", found=f"--stratum {stratum}")
        return plan["method"] in SLIPS
    if stratum is not None:
        return stratum == POLLED
    due = audit.json(f"risk-{audit.round}.json")["next_list"] if audit.round else COMPARED
    return bool(due == POLLED)


def _planned(plan: Mapping[str, Any], *, slips: bool) -> int:
    return int(plan["strata"]["polled_draws"] if slips and plan["method"] == STRATA else plan["draws"])


def _asked_for(judged: Mapping[str, Any], *, slips: bool) -> int | None:
    """Give how many the last risk asked for, where it asked for more of this list."""
    if judged.get("next_list") in {None, POLLED if slips else COMPARED}:
        more: int | None = judged["more_draws"]
        return more
    return None


def _require_planned(plan: Mapping[str, Any], draws: int | None) -> None:
    """Refuse another size where the design is one look: whoever knows the seed could choose where to end."""
    if not is_one_look(plan["method"]) or draws in (None, plan["draws"]):
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
    if is_one_look(plan["method"]):
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


def drawn_from(
    audit: AuditFolder,
    plan: Mapping[str, Any],
    table: Table,
    draws: int,
    earlier: Sequence[Draw],
    *,
    slips: bool,
    number: int,
) -> list[Draw]:
    """Give the draws of a round, as the seed, the table and the manifest make them: anybody gets the same ones."""
    seed, names = audit.json(SEED)["seed"], table.batches.names
    label = list_name(plan["contest"], plan["method"], slips=slips)
    same = [each for each in earlier if (each.slip is not None) == slips]
    after = max((each.number for each in same), default=0)
    if slips:
        return _slips(audit, plan, names, (seed, label), draws, same, number=number)
    if is_one_look(plan["method"]):
        places = _once(plan, table, seed, draws)
        return [_draw(at, number, place, names, seed, (names[place], 1)) for at, place in enumerate(places, start=1)]
    places = draw_by_bound(seed, label, _bounds(audit, plan, table), draws, after=after)
    return [_draw(at, number, place, names, seed, (label, at)) for at, place in enumerate(places, start=after + 1)]


def _draw(at: int, number: int, place: int, names: Sequence[str], seed: str, hashed: tuple[str, int]) -> Draw:
    return Draw(number=at, round=number, box=place, name=names[place], random=_hex(seed, *hashed))


def _bounds(audit: AuditFolder, plan: Mapping[str, Any], table: Table) -> Counts:
    if plan["method"] == "alpha":
        return table.batches.bound
    if plan["method"] == STRATA:
        return np.where(read_slips(audit.read(MANIFEST), table.batches.names) > 0, 0, table.units)
    return table.units


def _once(plan: Mapping[str, Any], table: Table, seed: str, draws: int) -> tuple[int, ...]:
    if plan["method"] == "equal":
        return draw_equal(seed, table.batches.names, draws)
    share = drawn_per_centre(table.places, Fraction(plan["centre_share"]))
    return draw_per_centre(seed, table.batches.names, table.places, share)


def _slips(
    audit: AuditFolder,
    plan: Mapping[str, Any],
    names: Sequence[str],
    hashed: tuple[str, str],
    draws: int,
    earlier: Sequence[Draw],
    *,
    number: int,
) -> list[Draw]:
    records = parse_records(audit.read(RECORDS)) if plan["method"] == "comparison" else None
    repeated = plan["method"] in REPEATED
    found = draw_slips(
        *hashed,
        read_slips(audit.read(MANIFEST), names),
        draws,
        after=max((each.number for each in earlier), default=0),
        drawn=None if repeated else {(each.box, int(each.slip or 0)) for each in earlier},
    )
    return [
        Draw(
            number=at,
            round=number,
            box=place,
            name=names[place],
            random=_hex(*hashed, at),
            slip=str(slip) if records is None else records.slip(names[place], slip),
        )
        for at, place, slip in found
    ]


def _hex(seed: str, name: str, draw: int) -> str:
    return f"{random_number(seed, name, draw):064x}"


def rest_of(table: Table, earlier: Sequence[Draw], number: int) -> list[Draw]:
    """Give all boxes that were not counted yet, as draws without chance."""
    counted = {each.box for each in earlier if each.slip is None}
    last = max((each.number for each in earlier), default=0)
    left = [place for place in range(len(table.batches)) if place not in counted]
    return [
        Draw(number=at, round=number, box=place, name=table.batches.names[place], random="")
        for at, place in enumerate(left, start=last + 1)
    ]
