"""Can it still be overturned? All that bears on it in one area: the rule, what is outside, what must be false."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

from escruta.assessment.false_sheets import FalseSheets, least_false
from escruta.assessment.forms import Standing, standing
from escruta.assessment.known import KnownSheets, known_sheets, sheets_to_take_out, universe_of
from escruta.assessment.night import Night, night_of
from escruta.assessment.outcome import outcome_of
from escruta.election.definition import Contest
from escruta.sheets.figures import ContestFigures

_UNDECIDED = ("contradicted", "disputed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A part of what is outside the count; None where it is not known."""

    why: str
    """`missing`, a verdict that does not count, `pending`, or `unread` for figures of counted sheets."""
    stations: int | None
    voters: int | None
    """Registered voters, or the votes that unread figures can be at most."""


class NoFalseSheets(StrEnum):
    """Why nobody can say how many sheets would have to be false."""

    DOES_NOT_APPLY = "does_not_apply"
    """Nobody has won anything on the counted sheets that false ones could take away."""
    NOT_KNOWN = "not_known"
    """Figures of counted sheets are unread, or what the rule looks at is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overturn:
    """The answer for one area."""

    area: str
    votes: Mapping[str, int]
    """Each candidate's votes, on the sheets that stand."""
    leader: str | None
    runner_up: str | None
    margin_votes: int | None
    reach: int | None
    """Votes that may still come, for anybody; None where nobody says how many voters there are."""
    parts: tuple[Outside, ...]
    standing: Standing | None
    """What the rule says; None where the reach, or valid blank votes, are not known."""
    slack_if_decided: int | None
    """The slack if every disputed sheet were decided for one of its readings; None where it is not known."""
    false_sheets: FalseSheets | None
    """How many sheets would have to be false; None where `no_false_sheets` says why."""
    no_false_sheets: NoFalseSheets | None
    """Why that question has no number."""
    sheets: int
    """Sheets that stand."""
    night: Night | None
    """The night, where the sources say when sheets arrived."""
    pending: int
    annulled: int
    assumptions: tuple[str, ...]

    @property
    def slack(self) -> int | None:
        """The margin less what may still come: more than 0 where nothing can change who leads."""
        return None if self.margin_votes is None or self.reach is None else self.margin_votes - self.reach


def overturn(  # noqa: PLR0913 - what the main job found, and what is asked of it
    *,
    stations: pl.DataFrame,
    areas: pl.DataFrame,
    totals: pl.DataFrame,
    figures: ContestFigures,
    area: str = "",
    pending: Sequence[str] = (),
    annulled: Sequence[str] = (),
    arrivals: Mapping[str, datetime] | None = None,
) -> Overturn:
    """Ask whether what is outside could change who leads, or who has won under the contest's rule.

    Args:
        stations: the frame of `tally.decide_counted`.
        areas: the tally's areas, with their outcome.
        totals: the tally's totals.
        figures: the contest's figures.
        area: the area asked about; the country when absent.
        pending: stations whose count may not stand: their votes are taken out and their voters are outside.
        annulled: stations that are void: their votes are taken out, and nobody votes there.
        arrivals: when each station's sheet arrived, where somebody says so.
    """
    contest = figures.contest
    row: dict[str, Any] = areas.row(by_predicate=pl.col("area") == area, named=True)
    whole = known_sheets(stations, figures, area)
    known = whole.without([*pending, *annulled])
    aside, void = (sheets_to_take_out(stations, figures, each, area) for each in (pending, annulled))
    taken = aside.totals + void.totals
    own = totals.filter(pl.col("area") == area).sort("position")
    votes = {name: votes - int(less) for name, votes, less in zip(own["candidate"], own["votes"], taken, strict=True)}
    parts = _parts(stations, row, area, aside)
    reach = _reach(row, aside)
    ranked = sorted(votes, key=lambda name: (-votes[name], contest_place(contest, name)))
    margin = votes[ranked[0]] - votes[ranked[1]] if len(ranked) > 1 and known.count + known.left_out else None
    leads = margin is not None and margin > 0
    counted = _counted(contest, votes, row, is_changed=bool(pending or annulled))
    found = _standing(contest, counted, reach)
    winner = ranked[0] if leads else None
    false = _false(contest, known, winner, counted, reach)
    return Overturn(
        area=area,
        votes=votes,
        leader=winner,
        runner_up=ranked[1] if leads else None,
        margin_votes=margin,
        reach=reach,
        parts=parts,
        standing=found,
        slack_if_decided=_slack_if_decided(stations, own, row, ranked, area)
        if leads and not (pending or annulled)
        else None,
        false_sheets=false if isinstance(false, FalseSheets) else None,
        no_false_sheets=None if isinstance(false, FalseSheets) else false,
        sheets=known.count + known.left_out,
        night=None if arrivals is None else _night(known, arrivals, areas, area),
        pending=aside.count,
        annulled=void.count,
        assumptions=outcome_of(areas, area).assumptions,
    )


def contest_place(contest: Contest, candidate: str) -> int:
    """Give a candidate's place on the ballot."""
    return [each.id for each in contest.candidates].index(candidate)


def _voters(known: KnownSheets) -> int:
    return int(known.capacity.sum())


def _reach(row: Mapping[str, Any], aside: KnownSheets) -> int | None:
    if row["outside_registered_voters"] is None or row["unread_open"]:
        return None
    return int(row["outside_registered_voters"]) + int(row["unread_at_most"] or 0) + _voters(aside)


def _parts(stations: pl.DataFrame, row: Mapping[str, Any], area: str, aside: KnownSheets) -> tuple[Outside, ...]:
    """Say what stands outside, and why; what no frame has a row for is missing."""
    inside = (
        stations if not area else stations.filter((pl.col("area") == area) | pl.col("area").str.starts_with(f"{area}/"))
    )
    held = (
        inside.filter(pl.col("listed") & ~pl.col("counted") & pl.col("verdict").is_not_null())
        .group_by(pl.col("verdict").cast(pl.String).alias("why"))
        .agg(
            pl.len().alias("stations"),
            pl.col("registered_voters").sum(),
            pl.col("registered_voters").null_count().alias("open"),
        )
        .filter(pl.col("why") != "missing")
        .sort("why")
    )
    parts = [
        Outside(why=why, stations=number, voters=None if open_ else voters)
        for why, number, voters, open_ in held.select("why", "stations", "registered_voters", "open").iter_rows()
    ]
    number, voters = row["outside_stations"], row["outside_registered_voters"]
    known = [part.voters for part in parts if part.voters is not None]
    rest = None if voters is None or len(known) < len(parts) else max(0, voters - sum(known))
    rest_number = None if number is None else number - sum(part.stations or 0 for part in parts)
    parts.insert(0, Outside(why="missing", stations=rest_number, voters=rest))
    if aside.count:
        parts.append(Outside(why="pending", stations=aside.count, voters=_voters(aside)))
    if row["unread_at_most"] or row["unread_open"]:
        parts.append(Outside(why="unread", stations=None, voters=None if row["unread_open"] else row["unread_at_most"]))
    return tuple(parts)


def _counted(
    contest: Contest, votes: Mapping[str, int], row: Mapping[str, Any], *, is_changed: bool
) -> list[int] | None:
    """Give what the rule looks at: the votes, and valid blank ones behind them; None where those are not known."""
    counted = [votes[candidate.id] for candidate in contest.candidates]
    if contest.rule == "plurality" or not contest.blank_is_valid:
        return counted
    return None if row["blank"] is None or is_changed else [*counted, row["blank"]]


def _standing(contest: Contest, counted: Sequence[int] | None, reach: int | None) -> Standing | None:
    if reach is None or counted is None or not any(counted):
        return None
    return standing(contest, counted, reach)


def _slack_if_decided(
    stations: pl.DataFrame, own: pl.DataFrame, row: Mapping[str, Any], ranked: Sequence[str], area: str
) -> int | None:
    """Work the slack out with the worst reading of each disputed sheet in place of its registered voters."""
    inside = (
        stations if not area else stations.filter((pl.col("area") == area) | pl.col("area").str.starts_with(f"{area}/"))
    )
    undecided = inside.filter(
        pl.col("verdict").cast(pl.String).is_in(_UNDECIDED) & ~pl.col("counted") & pl.col("listed")
    )
    if row["outside_registered_voters"] is None or undecided["registered_voters"].null_count():
        return None
    low = dict(zip(own["candidate"], own["votes_low"], strict=True))
    high = dict(zip(own["candidate"], own["votes_high"], strict=True))
    others = [high[name] for name in ranked[1:]]
    if any(each is None for each in others):
        return None
    outside = int(row["outside_registered_voters"]) - int(undecided["registered_voters"].sum())
    return int(low[ranked[0]]) - max(int(each) for each in others) - outside


def _false(
    contest: Contest,
    known: KnownSheets,
    leader: str | None,
    counted: Sequence[int] | None,
    reach: int | None,
) -> FalseSheets | NoFalseSheets:
    """Ask it of the leader, where the rule gives the leader something already that false sheets could take away."""
    if leader is None or not known.count + known.left_out:
        return NoFalseSheets.DOES_NOT_APPLY
    if counted is None or known.left_out:
        return NoFalseSheets.NOT_KNOWN
    if leader not in standing(contest, counted, 0).certain:
        return NoFalseSheets.DOES_NOT_APPLY
    return least_false(contest, known, leader, reach=reach, blank=sum(counted[len(contest.candidates) :]))


def _night(known: KnownSheets, arrivals: Mapping[str, datetime], areas: pl.DataFrame, area: str) -> Night | None:
    when = pl.Series([arrivals.get(station) for station in known.stations], dtype=pl.Datetime("us", "UTC"))
    return night_of(known, when, universe_of(areas, area))
