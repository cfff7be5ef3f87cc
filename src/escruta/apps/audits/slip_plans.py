"""What the plan of an audit of single slips says beyond that of boxes: the manifest, the records, the sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from escruta.apps.audits.designs import STRATA
from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.manifests import MANIFEST, Manifest, manifest_of
from escruta.apps.audits.records import RECORDS, read_records
from escruta.apps.audits.shows import require_plain_options
from escruta.apps.audits.strata import Strata, polled_boxes, size_of_strata
from escruta.apps.audits.tables import Published
from escruta.audit import bravo, polling, supersimple
from escruta.audit.assertions import Assertion
from escruta.audit.errors import AuditImpossible
from escruta.audit.macro import ErrorBounds

NINE_OF_TEN = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPlan:
    """The files, the keys and the sizes of a plan that draws slips."""

    files: Mapping[str, bytes]
    said: Mapping[str, Any]
    sizes: Mapping[str, float]
    """The fewest if nothing differs, or on average, and nine times in ten where that is another number."""
    least: float
    planned: float
    """Slips of the first round; boxes under `strata`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan of slips is made from."""

    published: Published
    method: str
    bounds: ErrorBounds
    pending: int
    limit: Fraction
    manifest: Path | None = None
    records: Path | None = None
    polled: Sequence[str] = ()
    polled_list: Path | None = None
    slips: int | None = None
    draws: int | None = None


def slip_plan(asked: Asked) -> SlipPlan:
    """Make the plan of a design that draws slips.

    Raises:
        AuditRefused: a file is missing, not wanted or wrong.
        AuditImpossible: the design cannot answer what the rule asks.
    """
    batches = asked.published.batches
    require_plain_options(batches.options)
    _require_files(asked)
    if asked.method == "comparison":
        return _comparison(asked)
    if asked.method == STRATA:
        return _strata(asked)
    manifest = manifest_of(asked.published.ballots, batches.names, asked.manifest)
    return _bravo(asked, manifest) if asked.method == "bravo" else _polling(asked, manifest)


def _require_files(asked: Asked) -> None:
    if (asked.records is None) == (asked.method == "comparison"):
        raise AuditRefused(
            "single slips are compared with cast vote records, and only with those"
            if asked.method == "comparison"
            else "cast vote records are for a comparison of single slips",
            found="no --records" if asked.records is None else f"--records with --method {asked.method}",
            expected="a CSV file with the columns box, slip, shows: what the machine recorded for each slip",
            advice="Where machines publish no record of each slip, as in a country of tally sheets, there is nothing "
            "to compare a slip with: take --method macro (boxes) or --method polling (slips)."
            if asked.method == "comparison"
            else "Take --method comparison.",
        )
    if (not asked.polled and asked.polled_list is None) == (asked.method == STRATA):
        raise AuditRefused(
            "two strata are two lists of boxes: those that are compared, and those whose slips are polled",
            found="no boxes to be polled" if asked.method == STRATA else f"--poll with --method {asked.method}",
            expected="--poll AREA or --poll-list FILE, and only with --method strata",
        )


def require_plain(assertions: Sequence[Assertion], pending: int, method: str) -> None:
    """Refuse a design that only compares one option with another, where the rule asks for more.

    Raises:
        AuditImpossible: there is a share or a lead among the assertions, or (BRAVO) there are ballots outside.
    """
    others = sorted({each.kind for each in assertions if each.kind != "ahead"})
    if others:
        raise AuditImpossible(
            f"--method {method} compares one option with another, and the rule asks for more",
            found=f"statements of the kinds {', '.join(others)}",
            expected="who has more votes than whom",
            advice="Take --method polling: ALPHA judges shares, leads and run-offs too.",
        )
    if pending and method == "bravo":
        raise AuditImpossible(
            "BRAVO does not know of ballots that cannot be drawn",
            found=f"{pending:,} ballots without a published result, taken the worst way",
            advice="Take --method polling, which does, or --outside left-out.",
        )


def _bravo(asked: Asked, manifest: Manifest) -> SlipPlan:
    require_plain(asked.bounds.assertions, asked.pending, "bravo")
    pairs = pairs_of(asked.bounds.assertions, asked.published.batches.options)
    totals, slips, limit = asked.published.batches.totals, int(manifest.slips.sum()), float(asked.limit)
    mean, ninth = _mean(totals, pairs, slips, limit), _ninth(totals, pairs, slips, limit)
    return _plan(asked, manifest, {"polling-average": mean, "polling-9-of-10": ninth}, mean, ninth)


def pairs_of(assertions: Sequence[Assertion], options: Sequence[str]) -> list[tuple[int, int]]:
    """Give winner and loser of each plain comparison, by their places."""
    return [(options.index(each.winner), options.index(each.loser or "")) for each in assertions]


def _mean(totals: Sequence[int], pairs: Sequence[tuple[int, int]], slips: int, limit: float) -> float:
    return max(bravo.expected_size((totals[winner], totals[loser]), slips, limit) for winner, loser in pairs)


def _ninth(totals: Sequence[int], pairs: Sequence[tuple[int, int]], slips: int, limit: float) -> float:
    return max(
        bravo.size_for_pair((totals[winner] / slips, totals[loser] / slips), limit, NINE_OF_TEN)
        for winner, loser in pairs
    )


def _polling(asked: Asked, manifest: Manifest) -> SlipPlan:
    mean, ninth = polling.sizes(
        asked.bounds.assertions,
        asked.published.batches.totals,
        slips=int(manifest.slips.sum()),
        risk_limit=float(asked.limit),
        pending=asked.pending,
    )
    average = {} if math.isinf(mean) else {"alpha-polling-average": mean}  # more than was simulated is no size
    return _plan(asked, manifest, {**average, "alpha-polling-9-of-10": ninth}, ninth, ninth)


def _comparison(asked: Asked) -> SlipPlan:
    assert asked.records is not None  # noqa: S101 - looked at before
    require_plain(asked.bounds.assertions, 0, "comparison")
    batches = asked.published.batches
    records = read_records(asked.records, batches.names, batches.options)
    manifest = manifest_of(
        asked.published.ballots, batches.names, asked.manifest, at_least=records.numbers(batches.names)
    )
    slips, limit = int(manifest.slips.sum()), float(asked.limit)
    margins = [each.sum_of(records.totals(batches.options)) - asked.pending for each in asked.bounds.assertions]
    if min(margins) <= 0:
        raise AuditImpossible(
            "the cast vote records do not say what was published",
            where=str(asked.records),
            found=f"a margin of {min(margins):,} where {min(asked.bounds.margins):,} was published",
            expected="records that give the same outcome",
            advice="Ask for the records of every slip; or audit the published results (--method macro).",
        )
    margin = min(margins) / slips
    sizes = {
        "comparison": supersimple.enough(margin, limit),
        "comparison-usual": supersimple.sample_size(margin, limit),
    }
    plan = _plan(asked, manifest, sizes, sizes["comparison"], sizes["comparison-usual"])
    said = dict(plan.said) | {
        "records": records.summary(batches.names, batches.votes, batches.options)
        | {"margins": margins, "sha256": _digest(records.to_csv())}
    }
    return SlipPlan(
        files=dict(plan.files) | {RECORDS: records.to_csv()},
        said=said,
        sizes=sizes,
        least=plan.least,
        planned=plan.planned,
    )


def _strata(asked: Asked) -> SlipPlan:
    require_plain(asked.bounds.assertions, 0, STRATA)
    published = asked.published
    inside = polled_boxes(published, asked.polled, asked.polled_list)
    manifest = manifest_of(published.ballots, published.batches.names, asked.manifest)
    kept = Manifest(slips=np.where(inside, manifest.slips, 0), published=manifest.published, given=manifest.given)
    strata = Strata(bounds=asked.bounds, batches=published.batches, slips=kept.slips)
    draws, slips = size_of_strata(strata, float(asked.limit))
    sizes = {"strata-compared": float(draws), "strata-polled": float(slips)}
    plan = _plan(asked, kept, sizes, draws, draws)
    said = dict(plan.said) | {
        "strata": {
            "polled_boxes": int(np.count_nonzero(inside)),
            "compared_boxes": int(np.count_nonzero(~inside)),
            "polled_draws": asked.slips or _whole(slips),
            "areas": list(asked.polled),
        }
    }
    return SlipPlan(files=plan.files, said=said, sizes=sizes, least=plan.least, planned=plan.planned)


def _plan(asked: Asked, manifest: Manifest, sizes: Mapping[str, float], least: float, planned: float) -> SlipPlan:
    names = asked.published.batches.names
    raw = manifest.to_csv(names)
    return SlipPlan(
        files={MANIFEST: raw},
        said={"manifest": manifest.summary(names) | {"sha256": _digest(raw)}},
        sizes=sizes,
        least=least,
        planned=planned,
    )


def _digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def _whole(size: float) -> int | None:
    return None if math.isinf(size) else int(size)
