"""What the pages need from a record, read once a shard: the only module here that knows files and frames.

The contract is `docs/reference/record.md`. A column that an older record lacks reads as *not known*, never as zero.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from escruta.base.errors import FileUnreadable
from escruta.portal.contents import (
    DIFFERING,
    STEPS,
    VERDICTS,
    Area,
    AreaResult,
    Candidate,
    Contest,
    Finding,
    InLog,
    Reading,
    ShownPicture,
    Station,
    Votes,
    natural,
)
from escruta.portal.forms.documents import DEFINITION, FILES, SUMMARY, definition_of, digests_of, files_of, summary_of
from escruta.portal.forms.errors import AGAIN
from escruta.portal.forms.tables import in_form
from escruta.portal.forms.together import require_whole
from escruta.portal.proof.record_log import RecordLog
from escruta.record.digests import DIGESTS
from escruta.record.pictures import PICTURES

T = TypeVar("T")

_OPEN = ("disputed", "contradicted")
"""Verdicts on stations that would add votes, were they decided for one of their readings."""
_TABLE_FIGURES = ("registered_voters", "ballots", "valid", "candidate_votes", "null", "blank")


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A table that equals another one with the same cells."""

    table: pl.DataFrame

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.table.equals(other.table)

    def __hash__(self) -> int:
        return hash(self.table.shape)


class Record:
    """A record folder, opened for the pages."""

    comes_again = False
    """Whether its next version will go on from this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _require_files(folder, (SUMMARY, DEFINITION, FILES))
        self.summary = summary_of(_json(folder / SUMMARY))
        self.election = definition_of(_json(folder / DEFINITION))
        self.files = files_of(_json(folder / FILES))
        self._found: dict[tuple[str, ...], Any] = {}

    def table(self, name: str) -> pl.DataFrame:
        """Read one table of the record; raises `FileUnreadable` where it is cut off, none, or not in its form."""
        return in_form(name, self.as_written(name))

    def as_written(self, name: str) -> pl.DataFrame:
        """Read one table as its file has it."""
        return _parquet(pl.read_parquet, self.folder / f"{name}.parquet")

    def has(self, name: str) -> bool:
        """Whether the record has a table."""
        return (self.folder / f"{name}.parquet").is_file()

    def columns(self, name: str) -> list[str]:
        """Name the columns of a table, and read nothing else of it."""
        return list(_parquet(pl.read_parquet_schema, self.folder / f"{name}.parquet"))

    def require_whole(self) -> None:
        """Require that documents and tables fit together; raises `FileUnreadable` where they do not."""
        _require_files(self.folder, (DIGESTS,))
        require_whole(self.election, self.table)

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each of its files, by path."""
        return digests_of(self.folder)

    def kept(self, _key: str, _made_from: tuple[object, ...], make: Callable[[], T]) -> T:
        """Make something that depends on `_made_from` alone: a record that comes again and again may keep it."""
        return make()

    def once(self, key: tuple[str, ...], find: Callable[[], T]) -> T:
        """Find something in the tables that the front pages of all languages need, when it is first asked for."""
        if key not in self._found:
            self._found[key] = find()
        found: T = self._found[key]
        return found

    @cached_property
    def log(self) -> RecordLog | None:
        """The record's log; None where it has none."""
        return RecordLog.of(self.folder)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """List the areas, the country first, then each directly before the areas inside it."""
        frame = self.table("areas").select("area", "level", "level_id", "code", "name", "parent", "stations_listed")
        return self.kept("areas", (Same(frame),), lambda: _areas_of(frame))

    @cached_property
    def contests(self) -> tuple[Contest, ...]:
        """List the contests, in the order of the definition."""
        candidates = self.table("candidates").sort("position")
        options = self.table("options").sort("position")
        return tuple(self._contest(declared, candidates, options) for declared in self.election["contests"])

    def _contest(self, declared: Mapping[str, Any], candidates: pl.DataFrame, options: pl.DataFrame) -> Contest:
        contest = declared["id"]
        own = candidates.filter(pl.col("contest") == contest).select("candidate", "name", "party", "colour")
        slots = options.filter(pl.col("contest") == contest).select("option", "name")
        people = tuple(Candidate(*row) for row in own.iter_rows())
        columns = self.columns(f"readings-{contest}")
        return Contest(
            contest=contest,
            name=declared.get("name", contest),
            candidates=people,
            figures=_figure_order(columns, people),
            option_names=dict(slots.iter_rows()),
            figure_names={item["id"]: item["name"] for item in declared.get("further_figures", ())},
            sheet_figures=tuple(declared.get("figures", ())),
            summary=next((item for item in self.summary["contests"] if item["contest"] == contest), {}),
        )

    def results(self, contest: Contest, areas: Iterable[str]) -> dict[str, AreaResult]:
        """Read what the record says of some areas in a contest."""
        wanted = pl.Series(list(areas), dtype=pl.String)
        frame = self.table(f"areas-{contest.contest}").lazy().with_columns(pl.col("area").fill_null(""))
        votes = self._votes(contest, wanted)
        nobody = (Votes(None, None, None, 0),) * len(contest.candidates)
        rows = frame.filter(pl.col("area").is_in(wanted.implode())).collect().iter_rows(named=True)
        return {row["area"]: _result(row, votes.get(row["area"], nobody)) for row in rows}

    def _votes(self, contest: Contest, wanted: pl.Series) -> dict[str, tuple[Votes, ...]]:
        totals = (
            self.table("totals")
            .lazy()
            .with_columns(pl.col("area").fill_null(""))
            .filter((pl.col("contest") == contest.contest) & pl.col("area").is_in(wanted.implode()))
            .sort("area", "position")
            .select("area", "candidate", "votes", "votes_low", "votes_high", "unread_stations")
            .collect()
        )
        return {
            area: tuple(Votes(votes, low, high, unread or 0) for _, _, votes, low, high, unread in rows)
            for area, rows in groupby(totals.iter_rows(), key=itemgetter(0))
        }

    def stations(self, contest: Contest, areas: Iterable[str] | None = None) -> dict[str, list[Station]]:
        """Read the stations that lie directly in some areas (or all that differ), with their readings and findings."""
        if areas is None:
            wanted = pl.col("verdict").is_in(DIFFERING)
        else:
            wanted = pl.col("area").is_in(pl.Series(list(areas), dtype=pl.String).implode())
        verdicts = self.table(f"verdicts-{contest.contest}").lazy().with_columns(pl.col("area").fill_null(""))
        rows = verdicts.filter(wanted).collect()
        own = self.table("stations").lazy().filter(pl.col("station").is_in(rows["station"].implode()))
        known = own.select("station", "name", "on_register").collect()
        found = self._stations_of(contest, rows.join(known, on="station", how="left"))
        return {area: sorted(inside, key=lambda each: natural(each.station)) for area, inside in found.items()}

    def differing(self, contest: Contest) -> tuple[Station, ...]:
        """Read the stations that differ: by verdict, and then in the order of the pages."""
        return self.once(("differing", contest.contest), lambda: self._differing(contest))

    def _differing(self, contest: Contest) -> tuple[Station, ...]:
        found = (each for inside in self.stations(contest).values() for each in inside)
        return tuple(sorted(found, key=lambda each: (DIFFERING.index(each.verdict), each.area, each.station)))

    def seats(self, contest: Contest) -> list[tuple[str, str]]:
        """List every station as (area, station), in the order in which the pages show them."""
        frame = self.table(f"verdicts-{contest.contest}").select(pl.col("area").fill_null(""), "station")
        return self.kept(
            f"seats-{contest.contest}",
            (Same(frame),),
            lambda: sorted(frame.iter_rows(), key=lambda row: (row[0], natural(row[1]))),
        )

    def _stations_of(self, contest: Contest, rows: pl.DataFrame) -> dict[str, list[Station]]:
        readings = self._readings(contest, rows["station"])
        findings = self._findings(contest, rows["station"])
        columns = ("station", "name", "area", "verdict", "reasons", "counted", "registered_voters", "on_register")
        found: dict[str, list[Station]] = defaultdict(list)
        for station, name, area, verdict, reasons, counted, registered, on_register in rows.select(columns).iter_rows():
            found[area].append(
                Station(
                    station,
                    name,
                    area,
                    verdict,
                    tuple(part for part in (reasons or "").split(";") if part),
                    bool(counted),
                    registered,
                    on_register,
                    readings.get(station, ()),
                    findings.get(station, ()),
                )
            )
        return found

    def _readings(self, contest: Contest, stations: pl.Series) -> dict[str, tuple[Reading, ...]]:
        keys = ("station", "reading", "source", "origin", "copy", "method", "act", "row", "standing")
        own = self.table(f"readings-{contest.contest}").lazy().filter(pl.col("station").is_in(stations.implode()))
        order = {source["id"]: place for place, source in enumerate(self.election["sources"])}
        place = pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int64)
        ordered = own.sort("station", place, "source", "row", "reading")
        frame = ordered.select(*keys, *contest.figures).collect()
        shown = self._shown(contest, frame["reading"])
        marks = self._marks(contest, frame["reading"])
        none: Mapping[str, tuple[str, str | None]] = {}
        log = self.log
        rows = (
            (row[0], _reading(row, marks.get(key, none), None if log is None else log.place_of(key), shown.get(key)))
            for row, key in zip(frame.iter_rows(), frame["reading"], strict=True)
        )
        return {station: tuple(each for _, each in group) for station, group in groupby(rows, key=itemgetter(0))}

    def _shown(self, contest: Contest, readings: pl.Series) -> dict[str, ShownPicture]:
        """Find the picture of each reading's copy, where the record has one that may be seen."""
        if not self.has(PICTURES):
            return {}
        named = self.table(f"readings-{contest.contest}").select("reading", "source", "picture")
        own = named.filter(pl.col("reading").is_in(readings.implode()))
        found = own.join(self.table(PICTURES), on=["source", "picture"]).select("reading", "file", "sha256")
        return {reading: ShownPicture(file, sha256) for reading, file, sha256 in found.iter_rows()}

    def _marks(self, contest: Contest, readings: pl.Series) -> dict[str, dict[str, tuple[str, str | None]]]:
        frame = self.table("marks").filter(
            (pl.col("contest") == contest.contest) & pl.col("reading").is_in(readings.implode())
        )
        found: dict[str, dict[str, tuple[str, str | None]]] = defaultdict(dict)
        for reading, figure, mark, text in frame.select("reading", "figure", "mark", "found").iter_rows():
            found[reading][figure] = (mark, text)
        return found

    def _findings(self, contest: Contest, stations: pl.Series) -> dict[str, tuple[Finding, ...]]:
        own = self.findings(contest).lazy().filter(pl.col("station").is_in(stations.implode()))
        frame = own.sort("station", "code", "source", "row", "figure").collect()
        return {
            station: tuple(finding_of(row) for row in rows)
            for station, rows in groupby(frame.iter_rows(named=True), key=itemgetter("station"))
        }

    def findings_by_code(self, contest: Contest, most: int) -> tuple[tuple[int, tuple[Finding, ...]], ...]:
        """Read the first findings of each code, and tell how many there are of it."""
        return self.once(("findings", contest.contest), lambda: tuple(self._findings_by_code(contest, most)))

    def _findings_by_code(self, contest: Contest, most: int) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        frame = self.findings(contest).sort("code", "station", "source", "row", "figure")
        for whole in frame.partition_by("code", maintain_order=True):
            yield len(whole), tuple(finding_of(row) for row in whole.head(most).iter_rows(named=True))

    def findings(self, contest: Contest) -> pl.DataFrame:
        """Read the findings of a contest, and those of no contest."""
        return self.table("findings").filter(pl.col("contest").is_null() | (pl.col("contest") == contest.contest))


def _require_files(folder: Path, names: Sequence[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise FileUnreadable(
            "the folder is no record",
            where=str(folder),
            found=f"no {', no '.join(missing)}",
            expected="a folder that `escruta run` wrote",
            advice="Name the record's folder, the one with summary.json and SHA256SUMS in it.",
        )


def _figure_order(columns: Iterable[str], candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Order figures as a reader expects: voters, candidates, sums, the rest, then the slots of the ballot."""
    there = list(columns)
    votes = [f"votes.{candidate.candidate}" for candidate in candidates]
    first, *rest = _TABLE_FIGURES
    others = [name for name in there if name.startswith("other.")]
    options = [name for name in there if name.startswith("option.")]
    return tuple(name for name in (first, *votes, *rest, *others, *options) if name in there)


def _reading(
    row: tuple[Any, ...],
    marks: Mapping[str, tuple[str, str | None]],
    in_log: InLog | None,
    picture: ShownPicture | None,
) -> Reading:
    _, reading, source, origin, copy, method, act, at, is_standing, *figures = row
    return Reading(reading, source, origin, copy, method, act, at, is_standing, tuple(figures), marks, in_log, picture)


def _result(row: Mapping[str, Any], votes: tuple[Votes, ...]) -> AreaResult:
    found = _as_recorded(row, votes)
    if not found.is_none_counted:
        return found
    differ = any(found.of_verdict(verdict) for verdict in _OPEN)
    ends = [(each.low, each.high) if differ else (None, None) for each in votes]
    return replace(found, votes=tuple(Votes(None, low, high, 0) for low, high in ends), candidate_votes=None)


def _as_recorded(row: Mapping[str, Any], votes: tuple[Votes, ...]) -> AreaResult:
    return AreaResult(
        stations=tuple(row.get(f"stations.{step}") for step in STEPS),
        registered=tuple(row.get(f"registered.{step}") for step in STEPS),
        verdicts=tuple(row.get(f"verdict.{verdict}") for verdict in VERDICTS),
        candidate_votes=row.get("candidate_votes", row.get("valid")),
        valid=row.get("valid"),
        null=row.get("null"),
        blank=row.get("blank"),
        ballots=row.get("ballots"),
        leader=row.get("leader"),
        runner_up=row.get("runner_up"),
        margin_votes=row.get("margin_votes"),
        outside_stations=row.get("outside_stations"),
        outside_registered_voters=row.get("outside_registered_voters"),
        unread_at_most=None if row.get("unread_open") else row.get("unread_at_most", 0),
        can_be_overturned=row.get("can_be_overturned"),
        null_low=row.get("null_low"),
        blank_low=row.get("blank_low"),
        valid_low=row.get("valid_low"),
        ballots_low=row.get("ballots_low"),
        votes=votes,
        off_register=row.get("stations_counted_off_register") or 0,
    )


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Take a finding from a row of its table."""

    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None else str(value)

    return Finding(
        row["code"],
        row["severity"],
        row.get("station"),
        row.get("source"),
        row.get("reading"),
        row.get("row"),
        row.get("figure"),
        text("found"),
        text("expected"),
        text("limit"),
    )


def _parquet(read: Callable[[Path], T], path: Path) -> T:
    try:
        return read(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise FileUnreadable(
            "a table of the record cannot be read",
            where=path.name,
            found="no file" if isinstance(error, FileNotFoundError) else str(error).partition("\n")[0],
            expected="a Parquet file, as it was published",
            advice=AGAIN,
        ) from error


def _json(path: Path) -> Any:  # noqa: ANN401 - JSON as it was found
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(found, ensure_ascii=False).encode()  # half a sign, which JSON can name, stands on no page
    except (ValueError, RecursionError, OSError) as error:
        raise FileUnreadable(
            "a file of the record cannot be read",
            where=path.name,
            found=str(error),
            expected="JSON, as it was published",
            advice=AGAIN,
        ) from error
    return found


def _areas_of(frame: pl.DataFrame) -> tuple[Area, ...]:
    rows = [
        Area(area or "", level or 0, level_id or "", code or "", name or "", parent or "", listed)
        for area, level, level_id, code, name, parent, listed in frame.iter_rows()
    ]
    return tuple(sorted(rows, key=lambda row: natural(row.area)))
