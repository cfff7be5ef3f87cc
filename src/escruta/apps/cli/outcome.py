"""`escruta outcome`: who leads, whether that can still change, and what would have to be false for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.options import asks_results, open_asked, writes_page
from escruta.apps.cli.screen import say, show_json, show_table, shown

if TYPE_CHECKING:
    from escruta.assessment.overturn import Overturn
    from escruta.record.contents import ContestResults, Results

_AREAS_SHOWN = 400


@click.command()
@asks_results
@click.option("--area", default="", metavar="PATH", help="Codes of an area from the widest level down, joined by /.")
@click.option("--pending", type=FILE, help="File of stations, one a line, whose count may not stand.")
@click.option("--annulled", type=FILE, help="File of stations, one a line, that are void.")
@click.option("--arrivals", type=FILE, help="CSV with the columns station and arrived_at (ISO 8601): draws the night.")
@writes_page
@with_exit_codes
def outcome(*, election: Path, area: str, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Say who leads, and whether what stands outside the count could still change it.

    The bound is arithmetic, with no probability: as if every registered voter outside voted for the runner-up.
    Then: how many of the counted sheets would have to be false for another outcome, in three readings of false.

    \b
    Examples:
      escruta outcome examples/venezuela-2024 --data ../shared/data
      escruta outcome out/venezuela-2024 --source campaign --page outcome.html --language es
      escruta outcome examples/paraguay-2023 --data ../shared/data --area 11 --json
    """
    from escruta.apps import api  # noqa: PLC0415 - keeps `--help` quick
    from escruta.assessment.overturn import overturn  # noqa: PLC0415

    results, one = open_asked(election, said, quiet=as_json)
    api.require_area(one, area)
    aside, void = _stations(said["pending"], one), _stations(said["annulled"], one)
    _require_apart(aside, void)
    found = overturn(
        stations=one.stations,
        areas=one.areas,
        totals=one.tally.totals,
        figures=one.figures,
        area=area,
        pending=aside,
        annulled=void,
        arrivals=_arrivals(said["arrivals"], results, one),
    )
    if said["page"] is not None:
        said["page"].write_bytes(_page(results, one, found, said["language"]))
    if as_json:
        show_json(_as_json(one, found))
    else:
        _tell(one, found, results.election.time_zone)
    return FINDINGS if results.has_errors() else DONE


def _stations(file: Path | None, results: ContestResults) -> list[str]:
    """Read a list of stations, and refuse one that is not there."""
    from escruta.apps.cli.texts import text_of  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    if file is None:
        return []
    named = [line.strip() for line in text_of(file).splitlines() if line.strip()]
    known = set(results.stations["station"])
    unknown = [each for each in named if each not in known]
    if unknown:
        raise InputError(
            "there is no such station",
            where=str(file),
            found=", ".join(unknown[:3]),
            expected="a station's key, as it stands in the record, on each line",
        )
    return list(dict.fromkeys(named))


def _require_apart(pending: Sequence[str], annulled: Sequence[str]) -> None:
    """Refuse a station that is in both lists: its votes can be taken out once."""
    from escruta.base.errors import InputError  # noqa: PLC0415

    both = set(pending).intersection(annulled)
    if both:
        raise InputError(
            "a station is pending and annulled",
            found=", ".join(sorted(both)[:3]),
            expected="each station in one of the two files",
        )


def _arrivals(file: Path | None, results: Results, one: ContestResults) -> Mapping[str, datetime] | None:
    """Take the times from a file, or from the sources' files, or from snapshots that say of which moment they are."""
    import polars as pl  # noqa: PLC0415

    from escruta.apps.cli.arriving import arrivals_of_file, arrivals_of_readings, arrivals_of_sources  # noqa: PLC0415

    if file is not None:
        return arrivals_of_file(file, results.election.time_zone)
    said = arrivals_of_readings(one.readings)
    if said is not None:
        return said
    return arrivals_of_sources(one.judged.rows.select(pl.col("station", "source").cast(pl.String)), one.sources)


def _page(results: Results, one: ContestResults, found: Overturn, language: str | None) -> bytes:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    import polars as pl  # noqa: PLC0415

    from escruta.apps.cli.paging import area_name, page_words  # noqa: PLC0415
    from escruta.portal.overturned import AreaLine, Asked, overturn_page  # noqa: PLC0415

    words = page_words(results.election, language)
    places = results.geography.areas
    inside = places.filter((pl.col("parent").fill_null("") == found.area) & (pl.col("area").fill_null("") != ""))
    rows = one.areas.filter(pl.col("area").is_in(inside["area"].implode()) & (pl.col("area") != found.area))
    lines = [
        AreaLine(
            name=area_name(results, words, row["area"]),
            leader=row["leader"],
            margin_votes=row["margin_votes"],
            can_be_overturned=row["can_be_overturned"],
        )
        for row in rows.head(_AREAS_SHOWN).to_dicts()
    ]
    asked = Asked(
        election=words.named(results.election.name),
        contest=words.named(one.figures.contest.name),
        area=area_name(results, words, found.area) if found.area else "",
        names={each.id: each.name for each in one.figures.contest.candidates},
        zone=ZoneInfo(results.election.time_zone),
    )
    return overturn_page(words, asked, found, lines)


def _as_json(one: ContestResults, found: Overturn) -> dict[str, Any]:
    from escruta.assessment.outcome import outcome_of  # noqa: PLC0415

    night = found.night
    return {
        "contest": one.contest,
        "area": found.area,
        **dataclasses.asdict(outcome_of(one.areas, found.area)),
        "policy": one.policy,
        "sheets": found.sheets,
        "votes": dict(found.votes),
        "leader": found.leader,
        "runner_up": found.runner_up,
        "margin_votes": found.margin_votes,
        "could_still_come": found.reach,
        "slack": found.slack,
        "can_be_overturned": None if found.slack is None else found.slack <= 0,
        "slack_if_each_disputed_sheet_is_decided": found.slack_if_decided,
        "outside": [dataclasses.asdict(part) for part in found.parts],
        "rule": None if found.standing is None else dataclasses.asdict(found.standing),
        **_false_as_json(found),
        "pending": found.pending,
        "annulled": found.annulled,
        "night": None
        if night is None
        else {"moments": len(night.moments), "settled_at": night.settled_at, "margin_votes": int(night.margins[-1])},
    }


def _false_as_json(found: Overturn) -> dict[str, Any]:
    false = None if found.false_sheets is None else dataclasses.asdict(found.false_sheets)
    return {
        "false_sheets_not_known": [] if false is None else false.pop("not_known"),
        "false_sheets_at_least": false,
        "no_false_sheets": found.no_false_sheets,
    }


def _tell(one: ContestResults, found: Overturn, zone: str) -> None:
    from escruta.apps.cli import telling  # noqa: PLC0415
    from escruta.assessment.outcome import outcome_of  # noqa: PLC0415

    names = {each.id: each.name for each in one.figures.contest.candidates}
    plain = outcome_of(one.areas, found.area)
    if found.pending or found.annulled:
        said = f"{shown(found.pending)} pending, {shown(found.annulled)} annulled"
        say(f"Without the stations that were set aside ({said}):")
        if found.leader is not None and found.runner_up is not None:
            lead = f"{names[found.leader]} leads {names[found.runner_up]} by {shown(found.margin_votes)} votes"
            say(f"{lead}; {shown(found.reach)} could still come.")
    else:
        for line in telling.outcome_sentences(plain, names):
            say(line)
    if found.margin_votes is None:
        return
    if found.slack is not None:
        say(f"Lead less what could still come: {shown(found.slack)} votes.")
    if found.slack_if_decided is not None and found.slack_if_decided != found.slack:
        say(f"If every disputed sheet were decided for one of its readings: {shown(found.slack_if_decided)} votes.")
    _tell_rule(found, names)
    _tell_false(found)
    if found.night is None:
        say("The night is not known: the sources do not say when each sheet arrived.")
    else:
        settled = found.night.settled
        at = None if settled is None else _in_both(found.night.moments[settled], zone)
        say("The night: never settled." if at is None else f"The night: settled from {at} on.")


def _in_both(moment: datetime, zone: str) -> str:
    """Say a moment in the election's zone and in UTC, as the pages do."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from escruta.portal.moments import in_both_plain  # noqa: PLC0415
    from escruta.portal.words import load_words  # noqa: PLC0415

    return in_both_plain(load_words("en"), moment.astimezone(ZoneInfo(zone)))


def _tell_rule(found: Overturn, names: Mapping[str, str]) -> None:
    rule = found.standing
    if rule is None or rule.kind == "plurality":
        return

    def listed(ids: Sequence[str]) -> str:
        return ", ".join(names[each] for each in ids) or "nobody"

    if rule.kind == "bar":
        say(
            f"Over the bar whatever still comes: {listed(rule.certain)}; still open: "
            f"{listed([each for each in rule.possible if each not in rule.certain])}."
        )
        return
    say(f"Has won in the first round whatever still comes: {listed(rule.certain)}; still can: {listed(rule.possible)}.")
    say(f"Among the first two whatever still comes: {listed(rule.second_round)}.")


def _tell_false(found: Overturn) -> None:
    false = found.false_sheets
    if false is None:
        applies = found.no_false_sheets is not None and found.no_false_sheets.value == "not_known"
        say(f"How many sheets would have to be false: {'not known' if applies else 'does not apply'}.")
        return
    rows = [
        (reading, "not known" if name in false.not_known else "all are not enough" if number is None else number)
        for reading, name, number in (
            ("besides everybody outside voting against the leader", "in_addition", false.in_addition),
            ("by themselves, invented as a whole", "by_themselves", false.by_themselves),
            ("by themselves, the two candidates' votes exchanged", "swapped", false.swapped),
        )
    ]
    show_table(f"At least so many of {shown(found.sheets)} sheets must be false", ("reading of false", "sheets"), rows)
