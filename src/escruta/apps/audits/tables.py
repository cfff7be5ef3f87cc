"""The table that an audit commits to: the published result of each box, as the record says it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from escruta.audit.batches import Batches, Counts
from escruta.audit.errors import AuditImpossible
from escruta.base.errors import FileUnreadable

BLANK = "blank"
"""The option of blank votes, where the law counts them as valid."""
BOUNDS = ("registered-voters", "ballots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a record publishes of one contest, as far as paper can be held against it."""

    election: Mapping[str, Any]
    contest: Mapping[str, Any]
    names: Mapping[str, str]
    """Of the options."""
    batches: Batches
    places: tuple[str, ...]
    """The narrowest area of each box, as the record's path."""
    ballots: Counts
    """Ballots that the published sheet says were cast, at least, `(boxes,)`."""
    bound_from_ballots: int
    """Boxes of which nobody gives the registered voters, so that the ballots of the sheet stand in."""
    without_result: int | None
    """Stations without a published result, which cannot be audited; None = nobody says how many there are."""
    voters_without_result: int | None
    """Their registered voters; None likewise."""
    area_names: Mapping[str, str]


def read_published(record: Path, contest: str | None, bound: str) -> Published:
    """Read the boxes of a contest that the record's policy counts and of which every vote is read.

    Raises:
        AuditImpossible: there is none, and so nothing that paper could be compared with.
        FileUnreadable: the folder is no record.
    """
    election = _json(record / "election.json")
    declared = _contest_of(election, contest, record)
    options, names = _options(declared)
    frame = pl.read_parquet(record / f"verdicts-{declared['id']}.parquet").sort("station")
    votes = [BLANK if option == BLANK else f"votes.{option}" for option in options]
    counted = frame.filter(pl.col("counted"))
    whole = counted.drop_nulls(votes)
    if whole.is_empty():
        raise AuditImpossible(
            "no polling station has a published result that the policy counts",
            where=str(record),
            expected="the result of each box: totals alone cannot be audited, and their risk is 1",
            advice="Ask the authority to publish the result of every polling station.",
        )
    cast = _ballots(whole, votes)
    voters = whole["registered_voters"].to_numpy() if bound == BOUNDS[0] else None
    limits, stand_ins = _limits(voters, cast)
    country = pl.read_parquet(record / f"areas-{declared['id']}.parquet").filter(pl.col("area").fill_null("") == "")
    outside = country.row(0, named=True)
    unread = counted.height - whole.height
    unread_voters = _voters(counted.join(whole, on="station", how="anti"), votes)
    areas = pl.read_parquet(record / "areas.parquet")
    return Published(
        election=election,
        contest=declared,
        names=names,
        batches=Batches(
            names=tuple(whole["station"]),
            options=tuple(options),
            votes=whole.select(votes).to_numpy().astype(np.int64),
            bound=limits,
        ),
        places=tuple(whole["area"].fill_null("")),
        ballots=cast,
        bound_from_ballots=stand_ins,
        without_result=_plus(outside["outside_stations"], unread),
        voters_without_result=_plus(outside["outside_registered_voters"], unread_voters),
        area_names=dict(zip(areas["area"].fill_null(""), areas["name"], strict=True)),
    )


def _voters(frame: pl.DataFrame, votes: Sequence[str]) -> int:
    """Add up who can have voted: registered voters, and at least the ballots where those are not known."""
    voters = frame["registered_voters"].fill_null(0).to_numpy().astype(np.int64)
    return int(np.maximum(voters, _ballots(frame, votes)).sum())


def _plus(number: int | None, more: int) -> int | None:
    return None if number is None else number + more


def _contest_of(election: Mapping[str, Any], contest: str | None, record: Path) -> Mapping[str, Any]:
    known = {each["id"]: each for each in election["contests"]}
    chosen = contest or next(iter(known))
    if chosen not in known or (contest is None and len(known) > 1):
        raise FileUnreadable(
            "an audit is of one contest",
            where=str(record),
            found=contest or "no --contest",
            expected=f"--contest, one of {', '.join(known)}",
        )
    found: Mapping[str, Any] = known[chosen]
    return found


def _options(declared: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    names = {each["id"]: each["name"] for each in declared["candidates"]}
    if declared.get("blank_is_valid"):
        names[BLANK] = BLANK
    return list(names), names


def _ballots(frame: pl.DataFrame, votes: Sequence[str]) -> Counts:
    """Give the ballots that each sheet says were cast, or what its figures add up to at least."""
    sums = pl.sum_horizontal(*votes, *(name for name in ("null", BLANK) if name not in votes))
    return frame.select(pl.max_horizontal(pl.col("ballots").fill_null(0), sums)).to_series().to_numpy().astype(np.int64)


def _limits(voters: Any, cast: Counts) -> tuple[Counts, int]:  # noqa: ANN401 - a column with gaps, or None
    if voters is None:
        return cast, 0
    known = np.nan_to_num(voters.astype(np.float64), nan=-1).astype(np.int64)
    return np.where(known >= cast, known, cast), int((known < 0).sum())


def boxes_csv(published: Published, units: Counts) -> bytes:
    """Write the table: key, area, the most ballots, the ballots that were published, votes, and the error bound."""
    batches = published.batches
    columns: dict[str, Any] = {
        "box": batches.names,
        "area": published.places,
        "ballots_at_most": batches.bound,
        "ballots": published.ballots,
        **{f"votes.{option}": batches.votes[:, place] for place, option in enumerate(batches.options)},
        "error_bound": units,
    }
    out = io.BytesIO()
    pl.DataFrame(columns).write_csv(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The committed table, read again."""

    batches: Batches
    places: tuple[str, ...]
    ballots: Counts
    units: Counts


def read_boxes(raw: bytes) -> Table:
    """Read the table."""
    frame = pl.read_csv(io.BytesIO(raw), schema_overrides={"box": pl.String, "area": pl.String})
    votes = [name for name in frame.columns if name.startswith("votes.")]
    whole = {name: frame[name].to_numpy().astype(np.int64) for name in ("ballots_at_most", "ballots", "error_bound")}
    return Table(
        batches=Batches(
            names=tuple(frame["box"]),
            options=tuple(name.removeprefix("votes.") for name in votes),
            votes=frame.select(votes).to_numpy().astype(np.int64),
            bound=whole["ballots_at_most"],
        ),
        places=tuple(frame["area"].fill_null("")),
        ballots=whole["ballots"],
        units=whole["error_bound"],
    )


def _json(path: Path) -> Any:  # noqa: ANN401 - JSON as it was found
    if not path.is_file():
        raise FileUnreadable(
            "the folder is no record",
            where=str(path.parent),
            found=f"no {path.name}",
            expected="a folder that `escruta run` wrote",
        )
    return json.loads(path.read_text(encoding="utf-8"))
