"""Which pages wait for whom, and what each reader may see of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escruta.apps.scan.decisions import LARGEST, Decision, add_decision, decided, person_of, read_decisions
from escruta.apps.scan.finishing import doubtful_findings
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.orders import orders_of
from escruta.apps.scan.originals import open_original
from escruta.apps.scan.printed import Printed, lay_over, layout_at
from escruta.apps.scan.saying import cell_of
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import page_of_copy
from escruta.base.errors import InputError
from escruta.election.definition import KeyPart
from escruta.sheets.seal import names_of
from escruta.sheets.station_cells import STATION, station_in_cells
from escruta.sources.scans.evidence import GRADES, Grade
from escruta.sources.scans.pictures import Picture

_LONGEST_NAME = 60

Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTask:
    """A page for one reader."""

    digest: str
    page: int
    number: int
    """Which reader this is, from 1; only the first one sees what the machine read."""
    reasons: tuple[str, ...]
    """Codes of findings, or `no-reading`; none for a second reader."""
    station: Mapping[str, str]
    """What was read of the station, by part; empty for a second reader, and where code and print name two stations."""
    figures: Mapping[str, int | None]
    """What was read, by column; empty for a second reader."""
    places: Mapping[str, Sequence[tuple[float, float]]]
    """Where each figure stands on the picture, as corners in its pixels."""
    codes: Sequence[Sequence[tuple[float, float]]]
    """Where codes were read."""
    width: int
    height: int


@dataclass(slots=True)
class ReviewQueue:
    """The doubtful pages of an election's place for scans; `reopen` looks at the files again."""

    home: ScanHome
    _standing: Standing = field(init=False)
    _reasons: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    _passed: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    _opened: tuple[Place, Picture] | None = None

    def __post_init__(self) -> None:
        """Read the journal and the findings."""
        self._standing = Standing(self.home.journal)
        self._reasons = dict(
            sorted(_reasons(self._standing, self.home).items(), key=lambda each: (_rank(each[1]), each))
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the station key."""
        return tuple(part.part for part in self.home.election.stations.key)

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures that are typed, in the order of the sheet."""
        return orders_of(self.home).forms[0].figures

    @property
    def names(self) -> dict[str, str]:
        """What people call the figures: candidates, options, further figures."""
        return dict(names_of(self.home.election, orders_of(self.home).forms[0]))

    def left(self) -> int:
        """Count the pages that are not decided."""
        return len(self._open_places(self._decisions()))

    def next_for(self, reader: str) -> ReviewTask | None:
        """Give the first page that waits for this reader; None where none does."""
        said = self._decisions()
        for place in self._open_places(said):
            words = said.get(place, [])
            readers = {each.person for each in words}
            if person_of(reader) in readers or self._has_passed(reader, place):
                continue
            try:
                return self._task(place, 1 + len(readers))
            except InputError:  # its original is not kept here, or is not what it was: the others can be read
                self.pass_over(reader, place)
        return None

    def take(self, decision: Decision) -> None:
        """Write down what a reader typed; raises `InputError` where it is no decision on a page that waits."""
        self._require_sound(decision)
        add_decision(self.home, decision)

    def pass_over(self, reader: str, place: Place) -> None:
        """Leave a page to somebody else, for as long as this program runs."""
        self._passed[person_of(reader)].add(place)

    def picture(self, place: Place) -> Picture:
        """Open the original of a page; raises `InputError` where it is not kept here."""
        if place not in self._reasons:
            raise InputError("this page is not under review", found=f"{place[0][:12]}, page {place[1]}")
        opened = self._opened  # another thread may open another page meanwhile
        if opened is None or opened[0] != place:
            self._opened = opened = (place, open_original(self.home.originals, *place))
        return opened[1]

    def _has_passed(self, reader: str, place: Place) -> bool:
        return place in self._passed[person_of(reader)]

    def _decisions(self) -> dict[Place, list[Decision]]:
        by_place: dict[Place, list[Decision]] = defaultdict(list)
        for each in read_decisions(self.home.decisions):
            by_place[each.place].append(each)
        return by_place

    def _open_places(self, said: Mapping[Place, list[Decision]]) -> list[Place]:
        done = decided(each for words in said.values() for each in words)
        return [place for place in self._reasons if place not in done]

    def _task(self, place: Place, number: int) -> ReviewTask:
        page = self._page(place)
        station, figures = _machine_reading(page, self.home.election.stations.key) if number == 1 else ({}, {})
        if "P204" in self._reasons[place]:
            station = {}  # whether the code's station is that of the paper is just what people are asked
        picture = self.picture(place)
        return ReviewTask(
            digest=place[0],
            page=place[1],
            number=number,
            reasons=self._reasons[place] if number == 1 else (),
            station=station,
            figures={name: value for name, value in figures.items() if name in self.columns},
            places=self._places(picture),
            codes=[code["corners"] for code in page["codes"]],
            width=picture.width,
            height=picture.height,
        )

    def _page(self, place: Place) -> dict[str, Any]:
        page = self._standing.page(*place)
        if page is None:
            raise InputError("this page is not under review", found=f"{place[0][:12]}, page {place[1]}")
        return page

    def _places(self, picture: Picture) -> dict[str, list[tuple[float, float]]]:
        """Find where each figure stands, from the layout that the picture fits; nothing where it fits none."""
        laid = lay_over(picture, [layout_at(*each) for each in orders_of(self.home).layouts], ())
        if not isinstance(laid, Printed):
            return {}
        found = {
            cell.figure: [
                (round(float(x), 1), round(float(y), 1)) for x, y in laid.registration.to_picture(cell.box.corners)
            ]
            for cell in laid.layout.cells
        }
        return {**found, **_whole_parts(found, self.parts)}

    def _require_sound(self, decision: Decision) -> None:
        columns = set(self.columns)
        whole = decision.figures.keys() == columns and set(decision.station) == set(self.parts)
        counts = all(value is None or 0 <= value <= LARGEST for value in decision.figures.values())
        named = all(_may_be_a_name(text) for text in decision.station.values())
        if decision.place not in self._reasons:
            raise InputError("this page is not under review", found=f"{decision.digest[:12]}, page {decision.page}")
        if not _may_be_a_name(decision.reader):
            raise InputError("a reader gives a name", found=decision.reader, expected=f"1 to {_LONGEST_NAME} letters")
        if decision.is_sheet and not (whole and counts and named):
            raise InputError("a figure is missing, or is no count", expected="a count or a mark for each figure")


def _whole_parts(
    places: Mapping[str, list[tuple[float, float]]], parts: Sequence[str]
) -> dict[str, list[tuple[float, float]]]:
    """Find where a part of the key stands that takes several cells: from the first one to the last one."""
    found = {}
    for name in (STATION + part for part in parts):
        cells = [places[each] for at in range(1, len(places) + 1) if (each := f"{name}.{at}") in places]
        if cells:
            found[name] = [cells[0][0], cells[-1][1], cells[-1][2], cells[0][3]]
    return found


def _may_be_a_name(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_NAME and text.isprintable()


def _reasons(standing: Standing, home: ScanHome) -> dict[Place, tuple[str, ...]]:
    """Find the doubtful pages: no reading, unread figures, or findings that question or contradict."""
    found: dict[Place, list[str]] = defaultdict(list)
    for said in standing:
        for page in said["pages"]:
            if not page["sheets"]:
                found[said["digest"], page["page"]].append("no-reading")
            elif any(sheet["unread"] for sheet in page["sheets"]):
                found[said["digest"], page["page"]].append("unread")
    for each in doubtful_findings(home):
        digest, number = page_of_copy(each.copy)
        if digest in standing:
            found[digest, number].append(each.code)
    return {place: tuple(dict.fromkeys(reasons)) for place, reasons in found.items()}


def _rank(reasons: Sequence[str]) -> int:
    """Put what contradicts first, then what questions, then what was not read."""
    grades = [GRADES[reason] for reason in reasons if reason in GRADES]
    return 0 if Grade.CONTRADICTS in grades else 1 if grades else 2


def _machine_reading(page: Mapping[str, Any], key: Sequence[KeyPart]) -> tuple[dict[str, str], dict[str, int | None]]:
    """Give what was read of a page: of its code, else of its print."""
    for sheet in page["sheets"]:
        figures = {f"{group}.{name}": value for group in ("votes", "figures") for name, value in sheet[group].items()}
        return dict(sheet["station"]), _by_column(figures)
    read = (page["print"] or {}).get("read", {})
    values = {name: each["value"] for name, each in read.items()}
    station = {part.part: text for part in key for text in (station_in_cells((part,), values) or {}).values()}
    return station, {name: value for name, value in values.items() if not name.startswith(STATION)}


def _by_column(cells: Mapping[str, int]) -> dict[str, int | None]:
    """Take the cells of a table of scans to the columns that a form may have."""
    found: dict[str, int | None] = {}
    for name, value in cells.items():
        group, _, item = name.partition(".")
        for column in (f"option.{item}", f"votes.{item}") if group == "votes" else (item, f"other.{item}"):
            assert cell_of(column) == (group, item)  # noqa: S101 - the two are each other's inverse
            found[column] = value
    return found
