"""A small election with a published result of every box, and an audit of it, a step at a time."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from escruta.apps import api
from escruta.apps.audits import AuditFolder, Choices, draw_round, enter_counts, judge, plan_audit, take_seed

STATIONS = 60
SEED = "27182818284590452353"
DEFINITION = """
format = "escruta/election/v1"
id = "boxes"
name = { en = "An election of boxes", es = "Una elección de cajas", nl = "Een verkiezing van bussen" }
date = 2025-05-04

[stations]
key = [{ part = "centre", kind = "number", width = 2 }, { part = "table", kind = "number" }]
separator = "."
EXPECTED

[[levels]]
id = "centre"
name = "Centre"
code_from = { part = "centre", first = 2 }

[[contests]]
id = "mayor"
name = "Mayor"
figures = ["registered_voters", "ballots", "null"]
candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }, { id = "eva", name = "Eva" }]

[[origins]]
id = "feed"
name = "Transmission"
owner = "authority"

[[sources]]
id = "authority"
name = "Authority"
kind = "authority"
origin = "feed"
files = [{ path = "authority.csv" }]

[sources.layout]
station = { centre = "centre", table = "table" }
figures = { registered_voters = "voters", ballots = "ballots", null = "null" }
votes = { ana = "ana", ben = "ben", eva = "eva" }
"""


def write_record(folder: Path, *, outside: int = 0, seed: int = 0, definition: str = DEFINITION) -> Path:
    """Write an election of sixty boxes in fifteen centres, and its record; `outside` voters have no result."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, voters = [], 0
    for number in range(STATIONS):
        ana, ben, eva, null = 90 + (number * 7 + seed) % 40, 40 + number * 5 % 30, number % 9, number % 3
        voters += 250
        ballots = ana + ben + eva + null
        rows.append([number // 4 + 1, number % 4 + 1, 250, ballots, null, ana, ben, eva])
    with (folder / "authority.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["centre", "table", "voters", "ballots", "null", "ana", "ben", "eva"], *rows])
    expected = f"expected = {STATIONS + bool(outside)}\nexpected_registered_voters = {voters + outside}"
    (folder / "election.toml").write_text(definition.replace("EXPECTED", expected), encoding="utf-8")
    return api.run(folder, folder / "record", with_pages=False).out


@pytest.fixture(scope="session")
def record(tmp_path_factory):
    return write_record(tmp_path_factory.mktemp("boxes"))


@pytest.fixture(scope="session")
def record_with_outside(tmp_path_factory):
    return write_record(tmp_path_factory.mktemp("outside"), outside=500)


class Steps:
    """An audit whose steps are a minute apart."""

    def __init__(self, folder: Path, record: Path) -> None:
        self.folder, self.record = folder, record
        self._now = datetime(2025, 5, 6, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now

    def open(self) -> AuditFolder:
        return AuditFolder(self.folder)

    def plan(self, **choices):
        return plan_audit(self.record, self.folder, Choices(**choices), now=self.now())[0]

    def seed(self, digits: str = SEED):
        return take_seed(self.open(), digits, where="The square", now=self.now())

    def draw(self, draws: int | None = None, *, everything: bool = False, stratum: str | None = None):
        return draw_round(self.open(), draws=draws, everything=everything, stratum=stratum, now=self.now())[0]

    def enter(self, changes=(), second=None, name: str = "typed.csv", options=("ana", "ben", "eva")):
        first = self.fill(changes, name, options)
        return enter_counts(self.open(), first, second, now=self.now())[0]

    def show(self, shows=None, changes=(), name: str = "slips.csv"):
        """Enter what each slip of the last round shows: as published, or `shows(box, slip)`; then `(row, text)`."""
        path = self.fill_slips(shows, changes, name)
        return enter_counts(self.open(), path, None, now=self.now())[0]

    def fill_slips(self, shows=None, changes=(), name: str = "slips.csv") -> Path:
        number = self.open().round
        shows = shows or as_published(self.folder)
        with (self.folder / f"count-{number}-to-fill.csv").open(newline="") as opened:
            rows = [[row["box"], row["slip"], shows(row["box"], row["slip"])] for row in csv.DictReader(opened)]
        for at, column, text in changes:
            rows[at][("box", "slip", "shows").index(column)] = text
        path = self.folder.parent / name
        with path.open("w", newline="") as out:
            csv.writer(out).writerows([["box", "slip", "shows"], *rows])
        return path

    def judge(self):
        return judge(self.open(), now=self.now())[0]

    def fill(self, changes=(), name: str = "typed.csv", options=("ana", "ben", "eva")) -> Path:
        """Fill in the last round's file as it was published, then change figures: `(row, column, figure)`."""
        number = self.open().round
        with (self.folder / "boxes.csv").open(newline="") as opened:
            boxes = {row["box"]: row for row in csv.DictReader(opened)}
        with (self.folder / f"count-{number}-to-fill.csv").open(newline="") as opened:
            reader = csv.DictReader(opened)
            rows, head = list(reader), list(reader.fieldnames or ())
        columns = {option: f"votes.{option}" if option == "other" else option for option in options}
        for row in rows:
            box = boxes[row["box"]]
            row.update({column: box[f"votes.{option}"] for option, column in columns.items()}, slips=box["ballots"])
            row["other"] = str(int(row["slips"]) - sum(int(row[column]) for column in columns.values()))
        for at, column, figure in changes:
            rows[at][column] = str(figure(int(rows[at][column])) if callable(figure) else figure)
            if figure == "missing":
                rows[at].update(dict.fromkeys((*options, "slips", "other"), ""))
        path = self.folder.parent / name
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, head)
            writer.writeheader()
            writer.writerows(rows)
        return path


def as_published(folder: Path, paper=None):
    """Give what each slip shows if the boxes hold what was published (or `paper[box]`), options in their order."""
    with (folder / "boxes.csv").open(newline="") as opened:
        boxes = {row["box"]: row for row in csv.DictReader(opened)}

    def shows(box: str, slip: str) -> str:
        left, row = int(slip), boxes[box] if paper is None else paper[box]
        for option in ("ana", "ben", "eva"):
            left -= int(row[f"votes.{option}"])
            if left <= 0:
                return option
        return "null"

    return shows


@pytest.fixture
def steps(tmp_path, record):
    return Steps(tmp_path / "audit", record)


@pytest.fixture
def drawn(steps):
    """An audit of which the first round is drawn, and waits for its counts."""
    steps.plan()
    steps.seed()
    steps.draw()
    return steps
