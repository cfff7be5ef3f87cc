"""The plan of an audit, and what it commits to before anybody knows the seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from escruta.apps.audits.commitments import record_of, require_as_listed
from escruta.apps.audits.designs import has_slips, is_one_look
from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.folders import AuditFolder, Step, to_json
from escruta.apps.audits.rules import assertions_as_defined
from escruta.apps.audits.slip_plans import Asked, SlipPlan, slip_plan
from escruta.apps.audits.tables import Published, boxes_csv, read_published
from escruta.audit import bravo, practised, shangrla
from escruta.audit.assertions import Assertion, assert_first, assert_majority, assert_run_off
from escruta.audit.errors import AuditImpossible
from escruta.audit.macro import UNIT, ErrorBounds, error_bounds, sample_size

FORMAT = "escruta/audit/v1"
OUTSIDE = ("worst", "left-out")
RULES = ("as-defined", "first", "majority", "run-off")
PLAN, BOXES = "plan.json", "boxes.csv"
_MOST_DRAWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What whoever plans an audit decides; all of it is committed to."""

    contest: str | None = None
    method: str = "macro"
    risk_limit: Fraction = Fraction(1, 20)
    bound: str = "registered-voters"
    outside: str = "worst"
    rule: str = "as-defined"
    share: Fraction = Fraction(1, 2)
    winners: int = 1
    spare: int = 1
    """Draws beyond the fewest, so that one small difference need not mean another round."""
    draws: int | None = None
    """How many to draw in the first round; the fewest and the spare ones by default."""
    centre_share: Fraction = Fraction(1, 2)
    """The part of each centre's boxes that is drawn, rounded up, where the draw is centre by centre."""
    manifest: Path | None = None
    """The authority's manifest: how many slips lie in each box, where slips are drawn."""
    records: Path | None = None
    """Cast vote records, where single slips are compared."""
    poll: tuple[str, ...] = ()
    """Areas whose boxes are polled, where there are two strata."""
    poll_list: Path | None = None
    """A list of the boxes that are polled."""
    slips: int | None = None
    """Slips of the polled stratum's first round; those that the plan works out by default."""


def plan_audit(record: Path, folder: Path, choices: Choices, *, now: datetime) -> tuple[dict[str, Any], Step]:
    """Write the plan and the table, and commit to both.

    Raises:
        AuditImpossible: there is nothing that paper could confirm.
        AuditRefused: the folder has an audit already.
    """
    audit = AuditFolder(folder)
    audit.require_turn("plan")
    published = published_of(record, choices.contest, choices.bound)
    files, plan = committed(published, choices)
    plan["record"] = record_of(record)
    step = audit.append("plan", {**files, PLAN: to_json(plan)}, now=now)
    return plan, step


def published_of(record: Path, contest: str | None, bound: str) -> Published:
    """Read what a record publishes of a contest, from files that are as its list of digests says.

    Raises:
        AuditRefused: a file was changed since the record was written.
    """
    published = read_published(record, contest, bound)
    name = published.contest["id"]
    require_as_listed(record, ("election.json", "areas.parquet", f"verdicts-{name}.parquet", f"areas-{name}.parquet"))
    return published


def require_same_table(audit: AuditFolder, record: Path) -> None:
    """Raise `AuditRefused` where the committed table is not the one that the record gives."""
    plan = plan_of(audit)
    choices = choices_of(plan)
    published = published_of(record, plan["contest"], plan["bound"])
    assertions = assertions_of(published, choices)
    bounds = error_bounds(published.batches, assertions, pending=_pending(published, choices))
    said = [_said(each, margin) for each, margin in zip(bounds.assertions, bounds.margins, strict=True)]
    if boxes_csv(published, bounds.units) != audit.read(BOXES) or said != plan["assertions"]:
        raise AuditRefused(
            "the committed table is not the one that this record gives",
            where=str(audit.folder / BOXES),
            expected="the published result of each box, and what follows from the rule",
            advice="This audit says nothing of this record; begin another.",
        )


def committed(published: Published, choices: Choices) -> tuple[Mapping[str, bytes], dict[str, Any]]:
    """Make the table, with a manifest and records where slips are drawn, and the plan from what was published."""
    assertions = assertions_of(published, choices)
    _require_borne_out(assertions, published)
    pending = _pending(published, choices)
    bounds = error_bounds(published.batches, assertions, pending=pending)
    if bounds.exact_total is None:
        raise AuditImpossible(
            "the published boxes cannot confirm the outcome, whatever the paper says",
            found=f"{pending:,} ballots without a published result against a margin of "
            f"{min(each.sum_of(published.batches.totals) for each in assertions):,}",
            expected="a margin that is larger than what is outside",
            advice="Publish the missing results, count all the paper, or audit the published ones alone: "
            "--outside left-out, which then says nothing on the outcome.",
        )
    raw = boxes_csv(published, bounds.units)
    more = _slips(published, choices, bounds, pending)
    plan = _plan(published, choices, bounds, pending, more) | {"table": {"file": BOXES, "sha256": _digest(raw)}}
    return {BOXES: raw, **({} if more is None else more.files)}, plan


def _slips(published: Published, choices: Choices, bounds: ErrorBounds, pending: int) -> SlipPlan | None:
    if not has_slips(choices.method):
        _require_no_slips(choices)
        return None
    return slip_plan(
        Asked(
            published=published,
            method=choices.method,
            bounds=bounds,
            pending=pending,
            limit=choices.risk_limit,
            manifest=choices.manifest,
            records=choices.records,
            polled=choices.poll,
            polled_list=choices.poll_list,
            slips=choices.slips,
            draws=choices.draws,
        )
    )


def _require_no_slips(choices: Choices) -> None:
    wanted = {"--manifest": choices.manifest, "--records": choices.records, "--poll-list": choices.poll_list}
    given = [name for name, value in wanted.items() if value is not None] + (["--poll"] if choices.poll else [])
    if given:
        raise AuditRefused(
            "this design draws whole boxes, and no slips",
            found=f"{', '.join(given)} with --method {choices.method}",
            expected="--method bravo, polling, comparison or strata",
        )


def _require_borne_out(assertions: Sequence[Assertion], published: Published) -> None:
    """Refuse a rule that the published totals themselves do not meet, before any paper is looked at."""
    for each in assertions:
        if each.sum_of(published.batches.totals) <= 0:
            share = "" if each.share is None else f", share {each.share}"
            raise AuditImpossible(
                "the published totals do not say what this rule asks",
                found=f"{each.kind}: {each.winner}{share}, with a margin of {each.sum_of(published.batches.totals):,}",
                expected="a margin above 0 for every statement that the paper has to bear out",
                advice="Choose the rule under which the outcome was declared: --rule, --share.",
            )


def _digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def assertions_of(published: Published, choices: Choices) -> tuple[Assertion, ...]:
    """Say what has to be true under the contest's rule."""
    options, totals, rule = published.batches.options, published.batches.totals, published.contest.get("rule")
    people = [place for place, option in enumerate(options) if option in _candidates(published)]
    if len(people) <= choices.winners:
        raise AuditImpossible("nobody lost: there is nothing to confirm", found=f"{len(people)} candidates")
    if choices.rule == "as-defined" and isinstance(rule, dict):
        return assertions_as_defined(options, totals, people, rule)
    if choices.rule == "majority":
        return assert_majority(options, totals, choices.share, among=people)
    if choices.rule == "run-off":
        return assert_run_off(options, totals, choices.share, among=people)
    return assert_first(options, totals, winners=choices.winners, among=people)


def _candidates(published: Published) -> set[str]:
    return {each["id"] for each in published.contest["candidates"]}


def _pending(published: Published, choices: Choices) -> int:
    if choices.outside != "worst":
        return 0
    if published.voters_without_result is None:
        raise AuditImpossible(
            "nobody knows how many may vote at the stations without a published result",
            expected="registered voters of all expected stations, in the definition",
            advice="Say them in the definition, or audit the published stations alone: --outside left-out.",
        )
    return published.voters_without_result


def _plan(
    published: Published, choices: Choices, bounds: ErrorBounds, pending: int, slips: SlipPlan | None
) -> dict[str, Any]:
    if choices.method == "per-centre" and choices.draws not in (None, sum(_per_centre(published, choices).values())):
        raise AuditRefused(
            "a draw centre by centre has its size from the part that is drawn in each",
            found=f"--draws {choices.draws:,}",
            expected="--centre-share alone",
        )
    sizes = sizes_of(published, choices, bounds, pending, slips)
    least = sizes[choices.method] if slips is None else _whole(slips.least)
    planned = None if slips is None else _whole(slips.planned)
    if not least or least > _MOST_DRAWS:
        raise AuditImpossible(
            "no sample of this design can confirm the outcome",
            found=f"{choices.method}, risk limit {choices.risk_limit}",
            advice="Count all the paper, or choose another design with --method.",
        )
    return {
        "format": FORMAT,
        "election": published.election["id"],
        "name": published.election["name"],
        "date": published.election["date"],
        "contest": published.contest["id"],
        "contest_name": published.contest.get("name", published.contest["id"]),
        "method": choices.method,
        "risk_limit": str(choices.risk_limit),
        "rule": choices.rule,
        "share": str(choices.share) if choices.rule in {"majority", "run-off"} else None,
        "winners": choices.winners,
        "bound": choices.bound,
        "bound_from_ballots": published.bound_from_ballots,
        "outside": choices.outside,
        "pending_ballots": pending,
        "boxes": len(published.batches),
        "ballots_at_most": published.batches.ballots,
        "stations_without_result": published.without_result,
        "voters_without_result": published.voters_without_result,
        "options": [{"id": option, "name": published.names[option]} for option in published.batches.options],
        "totals": dict(zip(published.batches.options, published.batches.totals, strict=True)),
        "assertions": [_said(each, margin) for each, margin in zip(bounds.assertions, bounds.margins, strict=True)],
        "error_bound_unit": f"1/{UNIT} of the margin",
        "error_bound_sum": int(bounds.units.sum()),
        "U": round(bounds.total, 6),
        "least_draws": least,
        "draws": choices.draws or planned or (least if is_one_look(choices.method) else least + choices.spare),
        "centre_share": str(choices.centre_share) if choices.method == "per-centre" else None,
        "sizes": sizes,
        "areas": _area_names(published),
        **({} if slips is None else slips.said),
    }


def _whole(size: float) -> int | None:
    return None if math.isinf(size) else int(size)


def _said(assertion: Assertion, margin: int) -> dict[str, Any]:
    return {
        "kind": assertion.kind,
        "winner": assertion.winner,
        "loser": assertion.loser,
        "share": None if assertion.share is None else str(assertion.share),
        "weights": list(assertion.weights),
        "margin": margin,
    }


def _area_names(published: Published) -> dict[str, str]:
    """Give the names of the areas that boxes lie in, and of those above; codes stand for themselves."""
    above = {
        "/".join(parts[: place + 1])
        for path in set(published.places)
        if (parts := path.split("/"))
        for place in range(len(parts))
    }
    named = ((path, published.area_names.get(path)) for path in sorted(above))
    return {path: name for path, name in named if name and name != path.rpartition("/")[2]}


def sizes_of(
    published: Published, choices: Choices, bounds: ErrorBounds, pending: int, slips: SlipPlan | None
) -> dict[str, int | None]:
    """Give the fewest draws of each design if there is no difference.

    Polling single slips is among them where it would answer the same question: who is first among the published ones.
    """
    limit, batches = float(choices.risk_limit), published.batches
    number = practised.breaking_number(bounds.shares)
    found = {
        "macro": sample_size(bounds.unit_total, limit),
        "alpha": shangrla.sample_size(
            bounds.assertions, bounds.margins, batches.ballots, limit, test="alpha-comparison", most=_MOST_DRAWS
        ),
        "equal": practised.size_of_equal_draw(len(batches), number, limit),
        "per-centre": _size_per_centre(published, choices, bounds),
    }
    if all(each.kind == "ahead" for each in bounds.assertions) and not pending:
        people, ballots = _candidates(published), int(published.ballots.sum())
        totals = [votes for option, votes in zip(batches.options, batches.totals, strict=True) if option in people]
        if choices.winners == 1:
            found["polling-average"] = bravo.expected_size(totals, ballots, limit)
        found["polling-9-of-10"] = bravo.size_for(totals, ballots, limit, 0.9, winners=choices.winners)
    return {name: _whole(size) for name, size in (found | ({} if slips is None else dict(slips.sizes))).items()}


def _size_per_centre(published: Published, choices: Choices, bounds: ErrorBounds) -> float:
    """Give how many boxes the share of each centre comes to; infinite where that many are not enough."""
    drawn = _per_centre(published, choices)
    names, centres = np.unique(np.array(published.places), return_inverse=True)
    inside = {place: drawn[str(name)] for place, name in enumerate(names)}
    risk = practised.chance_per_centre(centres, bounds.shares, inside)
    return float(sum(drawn.values())) if risk <= choices.risk_limit else math.inf


def _per_centre(published: Published, choices: Choices) -> dict[str, int]:
    return drawn_per_centre(published.places, choices.centre_share)


def drawn_per_centre(places: tuple[str, ...], share: Fraction) -> dict[str, int]:
    """Say how many boxes are drawn in each centre: its part, rounded up."""
    centres, sizes = np.unique(np.array(places), return_counts=True)
    return {
        str(centre): -(-int(size) * share.numerator // share.denominator)
        for centre, size in zip(centres, sizes, strict=True)
    }


def plan_of(audit: AuditFolder) -> Mapping[str, Any]:
    """Read the plan of an audit."""
    if audit.last is None:
        raise AuditRefused(
            "there is no audit in this folder",
            where=str(audit.folder),
            expected="a folder in which `escruta audit plan` was run",
        )
    found: Mapping[str, Any] = audit.json(PLAN)
    return found


def choices_of(plan: Mapping[str, Any]) -> Choices:
    """Give the choices that a plan was made with."""
    return Choices(
        contest=plan["contest"],
        method=plan["method"],
        risk_limit=Fraction(plan["risk_limit"]),
        bound=plan["bound"],
        outside=plan["outside"],
        rule=plan["rule"],
        share=Fraction(plan["share"] or "1/2"),
        winners=plan["winners"],
        draws=plan["draws"],
        centre_share=Fraction(plan["centre_share"] or "1/2"),
    )


def bounds_of(plan: Mapping[str, Any], units: Any, shares: Any) -> ErrorBounds:  # noqa: ANN401 - columns of the table
    """Give the bounds as they were committed."""
    assertions = tuple(
        Assertion(
            kind=each["kind"],
            winner=each["winner"],
            loser=each["loser"],
            share=None if each["share"] is None else Fraction(each["share"]),
            weights=tuple(each["weights"]),
        )
        for each in plan["assertions"]
    )
    return ErrorBounds(
        assertions=assertions,
        margins=tuple(each["margin"] for each in plan["assertions"]),
        shares=shares,
        units=units,
        exact_total=Fraction(int(units.sum()), UNIT),
    )
