"""The pages of one shard, in every language: what a worker does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from escruta.portal.about import about_page
from escruta.portal.announced import announced_page
from escruta.portal.areas import Page, area_page, station_pages
from escruta.portal.checking.page_tables import page_table, table_address
from escruta.portal.contents import AreaResult, Station
from escruta.portal.country import country_page
from escruta.portal.differing import Seats, differing_pages, findings_page
from escruta.portal.editions import Edition, without_national
from escruta.portal.finding import find_page, index_name, index_of
from escruta.portal.machines import (
    FEED,
    StationsBelow,
    area_data,
    below_address,
    data_address,
    draw_picture,
    feed,
    picture_address,
    pictured_pages,
    reports_of,
)
from escruta.portal.output import Output, Written
from escruta.portal.places import Places
from escruta.portal.proof.pages import PROOFS
from escruta.portal.reading import Record
from escruta.portal.shell import Shell, contest_prefix, templates
from escruta.portal.weights import stations_a_page
from escruta.portal.words import load_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be rendered: small enough to send to another process."""

    record: Path
    out: Path
    languages: tuple[str, ...]
    record_href: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the work: the front pages of a contest, or some of its areas."""

    contest: int
    areas: tuple[str, ...] | None


def owner_of(contest: int, area: str) -> str:
    """Name the owner of the files that an area of a contest, by its number, has to itself."""
    return f"{contest} {area}"


def editions_of(order: Order, number: int, record: Record) -> list[Edition]:
    """Give the editions of a contest, one for each language."""
    contest = record.contests[number]
    a_page = stations_a_page(record, contest)
    prefix = contest_prefix(number, contest.contest)
    made_from = (record.areas, prefix, a_page)
    places = record.kept(f"places-{number}", made_from, lambda: Places(record.areas, prefix, a_page))
    national = record.results(contest, [""])[""]
    return [
        Edition(
            words=load_words(language),
            election=record.election,
            contest=contest,
            places=places,
            national=national,
            languages=order.languages,
            contests=record.contests,
            record_href=order.record_href,
            forks=() if record.log is None else record.log.forks,
            has_log=record.log is not None,
        )
        for language in order.languages
    ]


class Workshop:
    """Everything that the pages of a contest need, loaded once."""

    def __init__(self, order: Order, contest: int, record: Record, editions: Sequence[Edition] | None = None) -> None:
        """Load it; `editions` are those of the contest, where they were made already."""
        self._order = order
        self._record = record
        self._number, self._contest = contest, record.contests[contest]
        self._environment = templates()
        editions = editions_of(order, contest, record) if editions is None else editions
        self._desks = [self._desk(edition) for edition in editions]
        self._of_areas = [self._desk(without_national(edition)) for edition in editions]
        self._places = editions[0].places
        self._below = StationsBelow(record, self._contest)
        self._pictured = {edition.words.language: pictured_pages(edition) for edition in editions}

    def _desk(self, edition: Edition) -> tuple[Edition, Shell]:
        return edition, Shell(edition, self._environment, self._record.kept)

    def write(self, shard: Shard) -> Written:
        """Write the pages of a shard."""
        output = Output(self._order.out)
        pages = self._front_pages(output) if shard.areas is None else self._area_pages(shard.areas, output)
        for language, (address, content) in pages:
            output.write(f"{language}/{address}", content)
        return output.written

    def _front_pages(self, output: Output) -> Iterator[tuple[str, Page]]:
        record, seats = self._record, self._seats()
        loose = record.stations(self._contest, [""]).get("", [])
        self._write_proofs(output, loose)
        results = record.results(self._contest, ["", *self._places.children("")])
        self._write_data(output, "", results, loose)
        self._draw_pictures(output, [edition for edition, _ in self._desks], "", results[""])
        sitting = record.seats(self._contest)
        index = record.kept(f"index-{self._number}", (self._places, sitting), lambda: index_of(self._places, sitting))
        output.write(index_name(self._number), index)
        reports = dict(reports_of(record, self._contest, results[""], self._places.prefix))
        for address, content in reports.items():
            output.write(address, content)
        for edition, shell in self._desks:
            language = edition.words.language
            yield language, country_page(edition, shell, self._environment, record, loose)
            yield language, find_page(edition, shell, self._environment)
            yield language, (f"{edition.places.prefix}{FEED}", feed(edition))
            yield language, about_page(edition, shell, self._environment, record, [*reports])
            announced = announced_page(edition, shell)
            if announced is not None:
                yield language, announced
            yield language, findings_page(edition, shell, record, seats)
            for page in differing_pages(edition, shell, record, seats):
                yield language, page
            for page in station_pages(edition, shell, "", loose):
                yield language, page

    def _area_pages(self, areas: Sequence[str], output: Output) -> Iterator[tuple[str, Page]]:
        below = [child for area in areas for child in self._places.children(area)]
        results = self._record.results(self._contest, {*areas, *below})
        stations = self._record.stations(self._contest, areas)
        for area in areas:
            output.owner = owner_of(self._number, area)
            inside = stations.get(area, [])
            self._write_proofs(output, inside)
            self._write_data(output, area, results, inside)
            self._draw_pictures(output, [edition for edition, _ in self._of_areas], area, results[area])
            for edition, shell in self._of_areas:
                language = edition.words.language
                yield language, area_page(edition, shell, area, results, inside)
                for page in station_pages(edition, shell, area, inside):
                    yield language, page

    def _write_data(
        self, output: Output, area: str, results: Mapping[str, AreaResult], inside: Sequence[Station]
    ) -> None:
        """Write the figures of an area's page as JSON, and its table as CSV, once for all languages."""
        election = str(self._record.election["id"])
        contest = self._of_areas[0][0].contest
        raw = area_data(election, contest, self._places, area, results, inside)
        page = self._places.page(area)
        output.write(data_address(page), raw)
        output.write(table_address(page), page_table(contest, self._places, area, results, inside))
        if area and self._places.children(area):
            output.write(below_address(page), self._below.table(area))

    def _draw_pictures(self, output: Output, editions: Sequence[Edition], area: str, result: AreaResult) -> None:
        """Draw the picture of an area's page in each language, where it has one."""
        page = self._places.page(area)
        for edition in editions:
            language = edition.words.language
            if page in self._pictured[language]:
                output.write(f"{language}/{picture_address(page)}", draw_picture(edition, area, result))

    def _write_proofs(self, output: Output, stations: Iterable[Station]) -> None:
        """Write the proof of each reading as a file, once for all languages."""
        log = self._record.log
        if log is None:
            return
        for station in stations:
            for reading in station.readings:
                if reading.in_log is not None:
                    output.write(f"{PROOFS}/{reading.reading}.tlog-proof", log.proof_text(reading.in_log.index))

    def _seats(self) -> Seats:
        """Find the place of each station among those that lie directly in its area."""
        rows = self._record.seats(self._contest)
        return self._record.kept(f"places-of-stations-{self._number}", (rows,), lambda: _seats_of(rows))


def _seats_of(rows: Sequence[tuple[str, str]]) -> Seats:
    found = {}
    for area, group in groupby(rows, key=itemgetter(0)):
        stations = [station for _, station in group]
        for place, station in enumerate(stations):
            found[station] = (area, place, len(stations))
    return found


def render_shard(order: Order, shard: Shard) -> Written:
    """Render one part of a site."""
    stamp = sha256((order.record / "SHA256SUMS").read_bytes()).hexdigest()
    return _workshop(order, shard.contest, stamp).write(shard)


@lru_cache(maxsize=4)
def _workshop(order: Order, contest: int, _stamp: str) -> Workshop:
    """Open a record once in each process; another record in the same place has another stamp."""
    return Workshop(order, contest, Record(order.record))
