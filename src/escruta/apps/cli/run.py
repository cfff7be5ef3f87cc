"""What `escruta run` says when it is done: the result, how sure it is, and where to look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escruta.apps.api import RunReport
from escruta.apps.cli.screen import say, show_table, shown
from escruta.apps.cli.telling import bounded, outcome_sentences, share_of
from escruta.assessment.outcome import Outcome

if TYPE_CHECKING:
    from escruta.apps.operator.books import HomeBook


@contextmanager
def opened_book(home: Path | None) -> Iterator[HomeBook | None]:
    """Open the operator's log for a run; without a home there is none."""
    if home is None:
        yield None
        return
    from escruta.apps.operator.books import open_book  # noqa: PLC0415 - few runs have a home

    with open_book(home) as book:
        yield book


def tell_run(report: RunReport, book: HomeBook | None = None) -> None:
    """Say in a screenful what was found for each contest, and where everything stands."""
    for contest in report.summary["contests"]:
        _tell_contest(contest)
    say()
    say(f"The record: {report.out / 'summary.json'} and the tables beside it")
    say(f"Recompute it without us: cd {report.out} && duckdb < recompute.sql")
    if book is None:
        say(f"Its log is sealed, and nobody vouches for it; verify it: escruta verify {report.out}")
    else:
        say(f"Its log: {book.published}. Verify it: escruta verify {report.out}")
    if report.site is not None:
        say(f"The pages ({report.site.pages:,}): open {report.out / 'site' / 'index.html'}")


def _tell_contest(contest: dict[str, Any]) -> None:
    options = contest["totals"]["options"]
    whole = contest["totals"]["candidate_votes"]
    rows = sorted(options.values(), key=lambda row: -row["votes"])
    stations = contest["coverage"]["stations"]
    is_any = stations["counted"] + contest["coverage"]["stations_counted_off_the_register"] > 0
    say()
    show_table(
        f"{contest['contest']}: votes counted under the policy `{contest['policy']}`",
        ("candidate", "votes", "share"),
        [(row["name"], bounded(row) if is_any else None, share_of(row, whole)) for row in rows],
    )
    say()
    say(
        f"Stations: {shown(stations['counted'])} counted of {shown(stations['received'])} received "
        f"and {shown(stations['expected'])} expected."
    )
    verdicts = ", ".join(f"{name} {shown(number)}" for name, number in contest["verdicts"].items() if number != 0)
    say(f"Verdicts: {verdicts}.")
    for pair in contest["agreement"]:
        say(
            f"Sources {pair['a']} and {pair['b']}: {shown(pair['shared'])} stations in both, "
            f"{shown(pair['differing'])} differ."
        )
    findings = contest["findings"]
    say(f"Findings: {shown(findings['error'])} of error severity, {shown(findings['warning'])} warnings.")
    for line in _outcome(contest["outcome"], options):
        say(line)


def _outcome(outcome: dict[str, Any], options: dict[str, Any]) -> list[str]:

    outside = outcome["outside"]
    value = Outcome(
        leader=outcome["leader"],
        runner_up=outcome["runner_up"],
        margin_votes=outcome["margin_votes"],
        outside_stations=outside["stations"],
        outside_registered_voters=outside["registered_voters"],
        unread_votes_at_most=outside["unread_votes_at_most"],
        can_be_overturned=outcome["can_be_overturned"],
        assumptions=tuple(outcome["assumptions"]),
    )
    return outcome_sentences(value, {name: row["name"] for name, row in options.items()})
