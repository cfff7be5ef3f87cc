"""What the commands say of results: findings, totals, coverage, outcome, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from escruta.apps.cli.screen import percent, say, show_table, shown
from escruta.assessment.outcome import Outcome
from escruta.base.words import code_words
from escruta.collation.verdicts import Verdict
from escruta.record.contents import ContestResults, Results
from escruta.sources.versions import VersionReport
from escruta.tally.totals import STEPS

FINDINGS_SHOWN = 10


def tell_notes(results: Results) -> None:
    """Say what was noticed in the files."""
    for source, read in results.files:
        for note in read.table.notes:
            say(f"{source}: {read.file.path}: {note}")


def tell_checks(results: ContestResults) -> None:
    """Show how many readings passed, failed and could not be checked, for each source and check."""
    rows = [
        (row["code"], title_of(row["code"]), row["source"], row["passed"], row["failed"], row["could_not_check"])
        for row in results.check_counts.sort("code", "source").to_dicts()
    ]
    headers = ("code", "check", "source", "passed", "failed", "could not check")
    show_table(f"Checks on the readings ({results.contest})", headers, rows, left=3)


def tell_findings(findings: pl.DataFrame, *, most: int = FINDINGS_SHOWN) -> None:
    """Show the findings, the first few of each code."""
    if findings.is_empty():
        say("No findings.")
        return
    ordered = findings.sort("severity", "code", "station", "source", "row", "figure", nulls_last=True)
    for (code,), group in ordered.group_by("code", maintain_order=True):
        severity = group["severity"][0]
        say(f"\n{code} {title_of(str(code))}: {shown(group.height)} ({severity})")
        for row in group.head(most).to_dicts():
            say("  " + _finding(row))
        if group.height > most:
            say(f"  … and {shown(group.height - most)} more: see findings.csv in the record, or --json")


def _finding(row: dict[str, Any]) -> str:
    spot = f"station {row['station']}"
    if row["source"] is not None:
        spot += f", {row['source']}"
    if row["file"] is not None:
        spot += f" ({row['file']}, row {row['row']})"
    parts = [f"{row['figure']}" if row["figure"] else "", f"found {row['found']}" if row["found"] is not None else ""]
    if row["expected"] is not None:
        parts.append(f"expected {row['expected']}")
    if row["limit"] is not None:
        parts.append(f"limit {row['limit']}")
    return f"{spot}: " + ", ".join(part for part in parts if part)


def title_of(code: str) -> str:
    """Give a code's title in English."""
    return code_words(code, "en").title


def tell_coverage(areas: pl.DataFrame, area: str) -> None:
    """Show the funnel, in stations and in registered voters, and the verdicts."""
    row = areas.row(by_predicate=pl.col("area") == area, named=True)
    funnel = [
        (
            step,
            row[f"stations.{step}"],
            _share(row, "stations", step),
            row[f"registered.{step}"],
            _share(row, "registered", step),
        )
        for step in STEPS
    ]
    show_table("Coverage", ("step", "stations", "", "registered voters", ""), funnel)
    if row["stations_counted_off_register"]:
        say(f"  beside these {shown(row['stations_counted_off_register'])} counted that the register does not list")
    verdicts = [(verdict.value, row[f"verdict.{verdict.value}"]) for verdict in Verdict]
    say()
    show_table("Verdicts", ("verdict", "stations"), verdicts)


def _share(row: Mapping[str, Any], kind: str, step: str) -> str:
    """Write a step's share of what is expected; nothing where more is known of than is expected."""
    numbers = [row[f"{kind}.{each}"] or 0 for each in STEPS]
    return percent(row[f"{kind}.{step}"], numbers[0]) if max(numbers) <= numbers[0] else ""


def tell_totals(results: ContestResults, area: str) -> None:
    """Show the votes of every candidate, with the interval that undecided stations leave."""
    names = {candidate.id: candidate.name for candidate in results.figures.contest.candidates}
    rows = results.tally.totals.filter(pl.col("area") == area).sort("votes", descending=True).to_dicts()
    whole = sum(row["votes"] for row in rows)
    other = results.areas.row(by_predicate=pl.col("area") == area, named=True)
    is_any = other["stations.counted"] + other["stations_counted_off_register"] > 0
    is_open = is_any or any(other[f"verdict.{each}"] for each in ("contradicted", "disputed"))
    table = [
        (
            names[row["candidate"]],
            bounded(row) if is_any else None,
            share_of(row, whole),
            f"{shown(row['votes_low'])} – {shown(row['votes_high'])}" if is_open else None,
        )
        for row in rows
    ]
    title = f"Votes counted under the policy `{results.policy}`"
    show_table(title, ("candidate", "votes", "share", "if every disputed station were decided"), table)
    on_sheet = results.figures.contest.figures
    rest = [f"{name} {_known(other, name) if name in on_sheet else 'not on the sheet'}" for name in ("null", "blank")]
    say(f"valid {_known(other, 'valid')}, {', '.join(rest)}")


def bounded(row: Mapping[str, Any]) -> str:
    """Write the votes of a row of totals; where a part of them is unread they are a lower bound, and are shown as one.

    >>> bounded({"votes": 1200, "unread_stations": 0}), bounded({"votes": 0, "unread_stations": 3})
    ('1,200', '≥ 0')
    """
    return f"≥ {shown(row['votes'])}" if row["unread_stations"] else shown(row["votes"])


def share_of(row: Mapping[str, Any], whole: int) -> str:
    """Write the share that a row of totals has; of votes that nobody read there is none."""
    return percent(row["votes"], whole) if row["votes"] or not row["unread_stations"] else ""


def _known(row: dict[str, Any], name: str) -> str:
    if row[name] is None and row[f"{name}_low"]:
        return f"at least {shown(row[f'{name}_low'])}"
    return shown(row[name])


def outcome_sentences(outcome: Outcome, names: dict[str, str]) -> list[str]:
    """Say in plain words who leads and whether that could still change, with the assumptions."""
    if outcome.margin_votes is None:
        if outcome.leader is not None:
            return [f"{names[outcome.leader]} is the only candidate: there is no lead that could change."]
        return ["No station counts, or no vote of those that do could be read: nothing can be said about the outcome."]
    if outcome.leader is None or outcome.runner_up is None:
        lead = "There is no single leader: the candidates with most votes are level."
    else:
        lead = f"{names[outcome.leader]} leads {names[outcome.runner_up]} by {shown(outcome.margin_votes)} votes."
    outside = (
        f"Outside the count are {_number(outcome.outside_stations)} polling stations with "
        f"{_number(outcome.outside_registered_voters)} registered voters."
    )
    answer = {
        True: "If enough of them voted for the runner-up, the order could still change.",
        False: "Even if every one of them voted for the runner-up, the order would not change.",
        None: "Whether that could change the order cannot be said.",
    }[outcome.can_be_overturned]
    assumed = [f"  - {title_of(name)}" for name in outcome.assumptions]
    return [lead, outside, answer, "This holds under these assumptions:", *assumed]


def _number(known: int | None) -> str:
    return "an unknown number of" if known is None else shown(known)


def tell_versions(report: VersionReport, *, most: int = FINDINGS_SHOWN) -> None:
    """Show what differs between two versions of a data set."""
    if report.same_bytes:
        say("The two files are the same, byte for byte.")
        return
    if report.same_content:
        say("The two files hold the same table: only the bytes differ (line ends, encoding or packing).")
        return
    rows = [
        ("rows", report.rows_old, report.rows_new),
        ("keys that stand more than once", report.repeated_keys_old, report.repeated_keys_new),
    ]
    show_table("The two versions differ", ("", "older", "newer"), rows)
    say(f"columns lost: {', '.join(report.columns_lost) or 'none'}")
    say(f"columns added: {', '.join(report.columns_added) or 'none'}")
    say(f"rows added: {shown(report.added.height)}, dropped: {shown(report.dropped.height)}")
    say(f"rows changed: {shown(report.changed_keys)}, in {shown(report.changed.height)} cells")
    for row in report.changed.head(most).to_dicts():
        say(f"  {row['key']}: {row['column']}: {row['old']} → {row['new']}")
    for title, frame in (("dropped", report.dropped), ("added", report.added)):
        for row in frame.head(most).to_dicts():
            say(f"  {title}: {row['key']} (row {row['row']})")
