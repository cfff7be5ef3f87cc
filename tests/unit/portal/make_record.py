"""Builds a synthetic record by the contract of docs/reference/record.md, to try the pages without a count.

    python -m tests.unit.portal.make_record FOLDER [--venezuela]

The republic is invented. It has every verdict, unread figures, a superseded reading, names that need escaping, and an
announcement; with `--venezuela` it has the size of the worked case.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from escruta.sheets.canonical import MEMBERS, canonical_reading, reading_digest

Row = dict[str, Any]
STEPS = ("expected", "received", "legible", "consistent", "corroborated", "counted")
VERDICTS = ("missing", "single", "corroborated", "confirmed", "contradicted", "disputed", "quarantined")
OPEN = ("contradicted", "disputed")
COUNTED = ("single", "corroborated", "confirmed")
CANDIDATES = (("alba", "Ana Alba", "Lista Norte"), ("brun", "Bo Brun", None), ("cruz", "Carla Cruz", "Foro & Mar"))
FEED = ("feed", "authority", "transmission")
ALBA = ("alba-copies", "party", "copies-alba")
PHOTOS = ("photos", "citizen", "copies-alba")
BRUN = ("brun-copies", "party", "copies-brun")
SOURCES = (FEED, ALBA, PHOTOS, BRUN)
READ_BY = {"missing": (), "single": (ALBA, PHOTOS), "quarantined": (FEED,), "disputed": (ALBA, PHOTOS)}
LEVELS = (
    ("state", "State", "Estado", "Deelstaat"),
    ("town", "Town", "Municipio", "Gemeente"),
    ("parish", "Parish", "Parroquia", "Parochie"),
    ("centre", "Voting centre", "Centro de votación", "Stembureaulocatie"),
)


@dataclass(kw_only=True)
class Shape:
    """How large the republic is, and what is known of it."""

    areas: tuple[int, ...] = (4, 10, 24)
    """Areas at each level, the narrowest last; none for a country without areas."""
    stations: int = 60
    seed: int = 1
    register_complete: bool = True
    colours: bool = False
    one_origin: bool = False
    differing_share: float = 0.12

    @property
    def sources(self) -> tuple[tuple[str, str, str], ...]:
        """Who gives readings."""
        return (ALBA, PHOTOS) if self.one_origin else SOURCES


VENEZUELA = Shape(
    areas=(24, 326, 1072, 12824), stations=24560, register_complete=False, one_origin=True, differing_share=0.0003
)


@dataclass
class Made:
    """The rows of the tables while they are made."""

    areas: list[Row] = field(default_factory=list)
    stations: list[Row] = field(default_factory=list)
    readings: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)


def make_record(folder: Path, shape: Shape) -> Path:
    """Write a record into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    random, made = Random(shape.seed), Made()  # noqa: S311 - the same republic each time
    leaves = make_areas(made, shape)
    for number in range(shape.stations):
        make_station(made, shape, random, leaves[number * len(leaves) // shape.stations], number)
    count_listed(made)
    tables = tables_of(made, shape)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
        frame.write_csv(folder / f"{name}.csv")
    write_json(folder / "election.json", election(shape))
    write_json(folder / "summary.json", summary(tables))
    write_json(folder / "files.json", [])
    (folder / "recompute.sql").write_text("SELECT 1;\n", encoding="utf-8")
    files = sorted(each for each in folder.iterdir() if each.is_file() and each.name != "SHA256SUMS")
    digests = [f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}" for each in files]
    (folder / "SHA256SUMS").write_text("\n".join(digests) + "\n", encoding="utf-8")
    return folder


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), encoding="utf-8")


# The country and its stations


def make_areas(made: Made, shape: Shape) -> list[str]:
    """Make the areas of every level, and return the narrowest ones."""
    made.areas.append(area_row("", 0, None, "", None, None))
    above, levels = [""], LEVELS[-len(shape.areas) :] if shape.areas else ()
    for depth, (wanted, level) in enumerate(zip(shape.areas, levels, strict=True), start=1):
        inside: Counter[str] = Counter()
        here = []
        for number in range(wanted):
            parent = above[number * len(above) // wanted]
            inside[parent] += 1
            code = f"{inside[parent]:02d}"
            path = f"{parent}/{code}" if parent else code
            name = f"{level[1]} <{number + 1}> & Co" if number == 1 else f"{level[1]} of Long Name {number + 1}"
            named = depth < len(levels) or number % 3 == 0
            made.areas.append(area_row(path, depth, level[0], code, name if named else code, parent))
            here.append(path)
        above = here
    return above


def area_row(path: str, level: int, level_id: str | None, code: str, name: str | None, parent: str | None) -> Row:
    keys = ("area", "level", "level_id", "code", "name", "parent", "stations_listed")
    return dict(zip(keys, (path, level, level_id, code, name, parent, 0), strict=True))


def count_listed(made: Made) -> None:
    listed = Counter(each for station in made.stations for each in above(station["area"]))
    for area in made.areas:
        area["stations_listed"] = listed[area["area"]]


def above(area: str) -> Iterator[str]:
    while area:
        yield area
        area = area.rpartition("/")[0]
    yield ""


def make_station(made: Made, shape: Shape, random: Random, area: str, number: int) -> None:
    """Make a station with its readings and its verdict; the first seven have one verdict each."""
    station, registered = f"{area or 'X'}/{number + 1}", random.randint(200, 900)
    independent = {"corroborated", "confirmed", "contradicted"}
    kinds = [kind for kind in VERDICTS if not (shape.one_origin and kind in independent)]
    odd = random.random() < shape.differing_share or number < len(kinds)
    usual = "single" if shape.one_origin else "confirmed"
    verdict = kinds[number % len(kinds)] if odd else usual
    keys = ("station", "name", "area", "registered_voters", "registered_from", "on_register")
    made.stations.append(dict(zip(keys, (station, str(number + 1), area, registered, "register", True), strict=True)))
    votes = votes_of(random, registered)
    before = len(made.readings)
    readers = [each for each in READ_BY.get(verdict, (FEED, PHOTOS, BRUN)) if each in shape.sources]
    for place, source in enumerate(readers or [ALBA] * (verdict != "missing")):
        more = 11 if verdict in OPEN and place == 1 else 0
        make_reading(made, source, station, {**votes, "votes.alba": votes["votes.alba"] + more}, number)
    made.verdicts.append(verdict_row(made.readings[before:], made.stations[-1], verdict, votes))
    code = {"disputed": "C102", "contradicted": "C201", "quarantined": "S103"}.get(verdict)
    if code is not None:
        made.findings.append(finding_row(station, code))


def votes_of(random: Random, registered: int) -> dict[str, int]:
    cast = int(registered * random.uniform(0.4, 0.8))
    first = int(cast * random.uniform(0.45, 0.7))
    second = int((cast - first) * 0.9)
    figures = ("registered_voters", "votes.alba", "votes.brun", "votes.cruz", "valid", "null")
    return dict(zip(figures, (registered, first, second, cast - first - second, cast, 3), strict=True))


def make_reading(made: Made, source: tuple[str, str, str], station: str, votes: dict[str, int], number: int) -> None:
    figures: dict[str, int | None] = {"ballots": None, "blank": None, **votes}
    marks = {}
    if source is PHOTOS:
        figures |= {"registered_voters": None, "null": None}
        marks["null"] = "illegible"
    members = {
        "contest": "head",
        "source": source[0],
        "origin": source[2],
        "copy": None,
        "method": "feed" if source is FEED else "typed",
        "act": "count",
        "station": station,
    }
    reading = reading_digest(entry_of(members, figures, marks))
    keys = ("contest", "reading", "figure", "mark", "found")
    for figure, mark in marks.items():
        made.marks.append(dict(zip(keys, ("head", reading, figure, mark, f"<{number}?>"), strict=True)))
    place = {"file": f"{source[0]}.csv", "row": number + 2, "standing": True}
    made.readings.append({"reading": reading, **members, **place, **figures})


def entry_of(members: Row, figures: Row, marks: dict[str, str]) -> bytes:
    """Write a reading in canonical form: its entry in the log."""
    own = {name: members.get(name) for name in MEMBERS}
    return canonical_reading({**own, "election": "utopia"}, {**figures, **marks})


def verdict_row(readings: list[Row], station: Row, verdict: str, votes: dict[str, int]) -> Row:
    counted = verdict in COUNTED
    row: Row = {
        "station": station["station"],
        "area": station["area"],
        "verdict": verdict,
        "reasons": {"disputed": "C102", "contradicted": "C201", "quarantined": "C401;S103"}.get(verdict, ""),
        "counted": counted,
        "readings": len(readings),
        "legible": bool(readings),
        "registered_voters": station["registered_voters"],
    }
    for figure in ("votes.alba", "votes.brun", "votes.cruz", "valid", "null"):
        row[figure] = votes[figure] if counted else None
    for candidate, _, _ in CANDIDATES:
        read = [each[f"votes.{candidate}"] for each in readings]
        row[f"low.{candidate}"], row[f"high.{candidate}"] = min(read, default=None), max(read, default=None)
    return row


def finding_row(station: str, code: str) -> Row:
    difference = code.startswith("C")
    return {
        "code": code,
        "severity": "error",
        "contest": "head",
        "station": station,
        "source": None if difference else "feed",
        "reading": None,
        "file": None if difference else "feed.csv",
        "row": None if difference else 7,
        "figure": "votes.alba",
        "found": "feed 211, photos 222" if difference else "211",
        "expected": None if difference else "200",
        "limit": None,
    }


# The tables


def tables_of(made: Made, shape: Shape) -> dict[str, pl.DataFrame]:
    inside: dict[str, list[Row]] = defaultdict(list)
    for row in made.verdicts:
        for each in above(row["area"]):
            inside[each].append(row)
    areas = [area["area"] for area in made.areas]
    slots = {**dict.fromkeys(("contest", "option", "name", "candidate"), pl.String), "position": pl.Int64}
    counts = [pl.col(name).cast(pl.Int64) for name in ("registered_voters", "null", "ballots", "blank")]
    return {
        "areas": frame_of(made.areas).sort("level", "area"),
        "stations": frame_of(made.stations).sort("station"),
        "candidates": frame_of([candidate_row(shape, place) for place in range(len(CANDIDATES))]),
        "options": pl.DataFrame(schema=slots),
        "readings-head": frame_of(made.readings).with_columns(counts),
        "marks": pl.DataFrame(made.marks, schema=["contest", "reading", "figure", "mark", "found"]),
        "findings": frame_of(made.findings).with_columns(pl.col("row").cast(pl.Int64), pl.col("limit").cast(pl.String)),
        "verdicts-head": frame_of(made.verdicts),
        "areas-head": frame_of([area_result(area, inside[area], shape) for area in areas]),
        "totals": frame_of([total for area in areas for total in totals_of(area, inside[area])]),
        "checks": checks(),
        "agreement": agreement(made),
        "announcements": announced(inside[""]),
    }


def frame_of(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def candidate_row(shape: Shape, place: int) -> Row:
    candidate, name, party = CANDIDATES[place]
    colour = f"#1a7f0{place}" if shape.colours and place < 2 else None
    keys = ("contest", "candidate", "name", "party", "colour", "position")
    return dict(zip(keys, ("head", candidate, name, party, colour, place + 1), strict=True))


def area_result(area: str, rows: list[Row], shape: Shape) -> Row:
    counted = [row for row in rows if row["counted"]]
    received = [row for row in rows if row["verdict"] != "missing"]
    backed = [row for row in rows if row["verdict"] in {"corroborated", "confirmed"}]
    steps = dict(zip(STEPS, (rows, received, received, counted, backed, counted), strict=True))
    stations: dict[str, int | None] = {step: len(each) for step, each in steps.items()}
    voters: dict[str, int | None] = {step: voters_of(each) for step, each in steps.items()}
    if not shape.register_complete:
        stations["expected"] = None if area else len(rows) + 5466
        voters["expected"] = None if area else voters_of(rows) + 3_640_000
    verdicts = Counter(row["verdict"] for row in rows)
    return {
        "area": area,
        **{f"stations.{step}": stations[step] for step in STEPS},
        **{f"registered.{step}": voters[step] for step in STEPS},
        **{f"verdict.{each}": verdicts[each] for each in VERDICTS},
        "valid": sum(row["valid"] for row in counted),
        "null": None,
        "null_low": sum(row["null"] for row in counted),
        "blank": None,
        "blank_low": None,
        "candidate_votes": sum(row["valid"] for row in counted),
        **outcome(counted, stations["expected"], voters["expected"]),
    }


def voters_of(rows: list[Row]) -> int:
    return sum(row["registered_voters"] for row in rows)


def outcome(counted: list[Row], stations: int | None, voters: int | None) -> Row:
    votes = sorted(((sum(row[f"votes.{each[0]}"] for row in counted), each[0]) for each in CANDIDATES), reverse=True)
    margin = votes[0][0] - votes[1][0]
    left = None if voters is None else voters - voters_of(counted)
    return {
        "outside_stations": None if stations is None else stations - len(counted),
        "outside_registered_voters": left,
        "unread_at_most": 0,
        "unread_open": False,
        "leader": votes[0][1] if margin else None,
        "runner_up": votes[1][1] if margin else None,
        "margin_votes": margin if counted else None,
        "can_be_overturned": None if left is None else left >= margin,
    }


def totals_of(area: str, rows: list[Row]) -> Iterator[Row]:
    undecided = [row for row in rows if row["verdict"] in OPEN]
    for position, (candidate, _, _) in enumerate(CANDIDATES, start=1):
        votes = sum(row[f"votes.{candidate}"] for row in rows if row["counted"])
        yield {
            "contest": "head",
            "area": area,
            "candidate": candidate,
            "position": position,
            "votes": votes,
            "votes_low": votes + sum(row[f"low.{candidate}"] for row in undecided),
            "votes_high": votes + sum(row[f"high.{candidate}"] for row in undecided),
            "unread_stations": 0,
        }


def checks() -> pl.DataFrame:
    limits = (("S103", "error", None), ("S201", "error", None), ("S402", "warning", "0.2"))
    rows = [
        ("head", source[0], code, 40 * (place != 1), int(source is FEED and code == "S103"), 20, severity, limit)
        for place, source in enumerate(SOURCES)
        for code, severity, limit in limits
    ]
    names = ["contest", "source", "code", "passed", "failed", "could_not_check", "severity", "limit"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def agreement(made: Made) -> pl.DataFrame:
    read: dict[str, dict[str, int]] = {source[0]: {} for source in SOURCES}
    for row in made.readings:
        read[row["source"]][row["station"]] = row["votes.alba"]
    rows = []
    for place, a in enumerate(read):
        for b in list(read)[place + 1 :]:
            both = read[a].keys() & read[b].keys()
            rows.append(("head", a, b, len(both), sum(read[a][each] != read[b][each] for each in both)))
    return pl.DataFrame(rows, schema=["contest", "a", "b", "shared", "differing"], orient="row")


def announced(rows: list[Row]) -> pl.DataFrame:
    said = []
    for candidate, together, votes in (("alba", None, 9000), ("brun", None, 11000), ("others", "cruz", 20)):
        counted = sum(row[f"votes.{together or candidate}"] for row in rows if row["counted"])
        said.append(("head", "night", candidate, together, votes, counted, votes - counted))
    names = ["contest", "announcement", "candidate", "candidates", "announced", "counted", "difference"]
    return pl.DataFrame(said, schema=names, orient="row", infer_schema_length=None)


# The definition and the summary


def named(en: str, es: str, nl: str) -> dict[str, str]:
    return {"en": en, "es": es, "nl": nl}


def election(shape: Shape) -> Row:
    levels = LEVELS[-len(shape.areas) :] if shape.areas else ()
    figures = ["registered_voters", "valid", "null"]
    return {
        "format": "escruta/election/v1",
        "id": "utopia",
        "name": named("Utopia, head of state", "Utopía, jefatura de Estado", "Utopia, staatshoofd"),
        "date": "2031-05-04",
        "languages": ["en", "es", "nl"],
        "policy": "single",
        "stations": {"key": [{"part": "station", "kind": "text"}], "expected_source": "Electoral board"},
        "levels": [{"id": each[0], "name": named(*each[1:])} for each in levels],
        "contests": [
            {
                "id": "head",
                "name": named("Head of state", "Jefatura", "Staatshoofd"),
                "candidates": [{"id": candidate, "name": name} for candidate, name, _ in CANDIDATES],
                "figures": figures,
            }
        ],
        "origins": [
            origin("transmission", "authority", ()),
            origin("copies-alba", "party", ("transmission", "copies-brun")),
            origin("copies-brun", "party", ()),
        ],
        "sources": [source_declared(each) for each in shape.sources],
        "announcements": [announcement()],
    }


def origin(name: str, owner: str, adverse: tuple[str, ...]) -> Row:
    names = named(f"The chain of {name}", f"La cadena de {name}", f"De keten van {name}")
    return {"id": name, "owner": owner, "name": names, "derived_from": [], "adverse_to": list(adverse)}


def source_declared(source: tuple[str, str, str]) -> Row:
    return {
        "id": source[0],
        "name": named(f"Figures of {source[0]}", f"Cifras de {source[0]}", f"Cijfers van {source[0]}"),
        "kind": source[1],
        "origin": source[2],
        "method": "feed" if source is FEED else "typed",
        "files": [{"path": f"{source[0]}.csv", "sha256": "0" * 64, "published_at": "invented"}],
        "layout": {"station": {"station": "station"}, "votes": {each[0]: each[0] for each in CANDIDATES}},
    }


def announcement() -> Row:
    names = named("Announcement of the night", "Anuncio de la noche", "Bekendmaking van de nacht")
    return {
        "id": "night",
        "name": names,
        "by": "authority",
        "at": "2031-05-04",
        "coverage_text": "93 %",
        "votes": {"alba": 9000},
    }


def summary(tables: dict[str, pl.DataFrame]) -> Row:
    readings = tables["readings-head"]
    stations = dict(readings.group_by("source").agg(pl.col("station").n_unique()).iter_rows())
    contest = {
        "contest": "head",
        "policy": "single",
        "outcome": {"assumptions": ["counted_figures_are_right", "nobody_votes_twice"]},
        "sources": [{"source": each[0], "stations": stations.get(each[0], 0)} for each in SOURCES],
        "agreement": tables["agreement"].drop("contest").to_dicts(),
        "announcements": [{"announcement": "night", "missing_to_compare": ["results_of_polling_stations"]}],
    }
    return {"election": "utopia", "contests": [contest]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--venezuela", action="store_true")
    chosen = parser.parse_args()
    make_record(chosen.folder, VENEZUELA if chosen.venezuela else Shape())


if __name__ == "__main__":
    main()
