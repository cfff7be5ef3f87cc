"""`summary.json`, the contract that other programs read.

It is extended, never renamed; what cannot be known is null.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl

from escruta.assessment.announced import Answer, quick_answer
from escruta.assessment.announcements import missing_to_compare
from escruta.assessment.bounds import Certificate
from escruta.assessment.groups import groups_of
from escruta.assessment.known import KnownSheets, known_sheets, universe_of
from escruta.assessment.outcome import outcome_of
from escruta.collation.verdicts import Verdict
from escruta.election.definition import Announcement
from escruta.record.contents import ContestResults, Results
from escruta.sources.readings import FileRead
from escruta.tally.totals import STEPS

SUMMARY_FORMAT = "escruta/summary/v1"


def summary_of(results: Results) -> dict[str, Any]:
    """Draw the results of every contest up as plain values, ready to be written as JSON."""
    election = results.election
    return {
        "format": SUMMARY_FORMAT,
        "election": election.id,
        "name": election.name,
        "date": election.date.isoformat(),
        "contests": [_contest(each, results) for each in results.contests],
    }


def _contest(results: ContestResults, whole: Results) -> dict[str, Any]:
    country = results.areas.row(by_predicate=pl.col("area") == "", named=True)
    return {
        "contest": results.contest,
        "policy": results.policy,
        "coverage": {
            "stations": {step: country[f"stations.{step}"] for step in STEPS},
            "registered_voters": {step: country[f"registered.{step}"] for step in STEPS},
            "stations_without_registered_voters": country["voters_unknown"],
            "stations_counted_off_the_register": country["stations_counted_off_register"],
        },
        "totals": _totals(results, country),
        "verdicts": {verdict.value: country[f"verdict.{verdict.value}"] for verdict in Verdict},
        "outcome": _outcome(results.areas),
        "sources": [_source(source.id, source.origin, results, whole.files) for source in results.sources],
        "agreement": results.agreement.to_dicts(),
        "announcements": _announcements(results, whole),
        "checks": results.check_counts.to_dicts(),
        "findings": {
            "error": int((results.findings["severity"] == "error").sum()),
            "warning": int((results.findings["severity"] == "warning").sum()),
        },
    }


def _totals(results: ContestResults, country: dict[str, Any]) -> dict[str, Any]:
    contest = results.figures.contest
    names = {candidate.id: candidate.name for candidate in contest.candidates}
    rows = results.tally.totals.filter(pl.col("area") == "").to_dicts()
    whole = country["candidate_votes"]
    options = {
        row["candidate"]: {
            "name": names[row["candidate"]],
            "votes": row["votes"],
            "votes_low": row["votes_low"],
            "votes_high": row["votes_high"],
            "share": share_of(row["votes"], whole),
            "share_exact": f"{row['votes']}/{whole}" if whole else None,
            "unread_stations": row["unread_stations"],
        }
        for row in rows
    }
    others = {
        figure.id: country[column]
        for figure, column in zip(contest.further_figures, results.figures.others, strict=True)
    }
    return {
        "options": options,
        "valid": country["valid"],
        "valid_at_least": country["valid_low"],
        "null": country["null"],
        "blank": country["blank"],
        "null_at_least": country["null_low"],
        "blank_at_least": country["blank_low"],
        "ballots": country["ballots"],
        "ballots_at_least": country["ballots_low"],
        "candidate_votes": whole,
        "other_figures": others,
    }


def share_of(votes: int, whole: int | None) -> float | None:
    """Show the exact share of a whole as the nearest binary fraction; None where there is nothing to share.

    >>> share_of(1, 3)
    0.3333333333333333
    """
    return float(Fraction(votes, whole)) if whole else None


def _outcome(areas: pl.DataFrame) -> dict[str, Any]:
    outcome = outcome_of(areas)
    return {
        "leader": outcome.leader,
        "runner_up": outcome.runner_up,
        "margin_votes": outcome.margin_votes,
        "outside": {
            "stations": outcome.outside_stations,
            "registered_voters": outcome.outside_registered_voters,
            "unread_votes_at_most": outcome.unread_votes_at_most,
        },
        "can_be_overturned": outcome.can_be_overturned,
        "assumptions": list(outcome.assumptions),
    }


def _source(
    source: str, origin: str, results: ContestResults, files: tuple[tuple[str, FileRead], ...]
) -> dict[str, Any]:
    own = [file for name, file in files if name == source]
    rows = results.judged.rows
    stations = rows["station"].filter(rows["source"] == source).n_unique()
    return {
        "source": source,
        "origin": origin,
        "stations": stations,
        "sha256": own[0].table.file.sha256 if own else None,
        "files": [{"path": each.file.path, "sha256": each.table.file.sha256, "rows": each.rows} for each in own],
    }


def _announcements(results: ContestResults, whole: Results) -> list[dict[str, Any]]:
    own = [each for each in whole.election.announcements if each.contest in (None, results.contest)]
    known = {area: known_sheets(results.stations, results.figures, area) for area in {each.area or "" for each in own}}
    return [_announcement(each, results, known[each.area or ""]) for each in own]


def _announcement(announcement: Announcement, results: ContestResults, sheets: KnownSheets) -> dict[str, Any]:
    rows = results.announcements.filter(pl.col("announcement") == announcement.id).drop("announcement").to_dicts()
    area = announcement.area or ""
    known = results.areas.filter(pl.col("area") == area).to_dicts()
    counted = sum(row["stations.counted"] + row["stations_counted_off_register"] for row in known)
    return {
        "announcement": announcement.id,
        "area": announcement.area,
        "name": announcement.name,
        "by": announcement.by,
        "at": announcement.at.isoformat() if announcement.at is not None else None,
        "coverage_text": announcement.coverage_text,
        "stations": announcement.stations,
        "valid": announcement.valid,
        "null": announcement.null,
        "blank": announcement.blank,
        "figures": rows,
        "stations_counted": counted,
        "missing_to_compare": list(missing_to_compare(announcement, stations_counted=counted)),
        "bound": _bound(announcement, results, sheets) if known else None,
    }


def _bound(announcement: Announcement, results: ContestResults, sheets: KnownSheets) -> dict[str, Any] | None:
    """Say what is proved of an announcement beside the sheets of its area; None where there is none of them."""
    if not sheets.count or not groups_of([announcement], sheets):
        return None
    universe = universe_of(results.areas, announcement.area or "")
    return answer_values(quick_answer(announcement, sheets, universe))


def answer_values(answer: Answer) -> dict[str, Any]:
    """Draw an answer up as plain values, ready to be written as JSON."""
    counted = answer.counted
    return {
        "verdict": answer.verdict.value,
        "groups": [
            {
                "group": group.id,
                "candidates": list(group.candidates),
                "announced": one.announced,
                "counted": total,
                "smallest_possible": one.smallest,
                "false_sheets_at_least": one.false_sheets,
            }
            for group, one, total in zip(answer.groups, answer.alone, counted, strict=True)
        ],
        "coverage": {"by": answer.coverage.by, "claimed": answer.coverage.claimed, "of": answer.coverage.of},
        "outside": {"stations": answer.stations_outside, "registered_voters": answer.voters_outside},
        "certificate": certificate_values(answer.certificate),
        "certificate_at_any_coverage": certificate_values(answer.certificate_at_any_coverage),
        "assumptions": list(answer.assumptions),
    }


def certificate_values(certificate: Certificate | None) -> dict[str, Any] | None:
    """Draw a proof up: the weights, the announced score, and the most that any stations can score."""
    if certificate is None:
        return None
    return {
        "weights": [list(row) for row in certificate.weights],
        "coverage_prices": list(certificate.coverage_prices),
        "announced_score": certificate.announced_score,
        "largest_possible": certificate.bound,
        "gap": certificate.gap,
    }
