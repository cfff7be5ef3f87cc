"""The page of two records side by side: what was added, dropped and changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from escruta.portal.single import Fact, Section, long_table, paragraphs, single_page, table
from escruta.portal.words import Words, load_words
from escruta.record.comparing import Comparison

_MOST = 500
"""Rows of a table on the page; the CSV files have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What the page says of the two records beside their differences."""

    places: tuple[str, str]
    election: Mapping[str, Any]
    names: Mapping[str, str]
    """Of candidates, by `CONTEST/CANDIDATE`."""
    sources: Mapping[str, str]
    log: str
    """What the logs say of each other: a word of `compared.log`."""


def compared_page(comparison: Comparison, sides: Sides, language: str) -> bytes:
    """Write the page in one language; it stands on its own."""
    words = load_words(language)
    desk = _Desk(words, comparison, sides)
    return single_page(
        words,
        title=desk.headline(),
        kicker=words.named(sides.election.get("name")),
        standfirst=words.html("compared.stand", first=sides.places[0], second=sides.places[1]),
        facts=desk.facts(),
        sections=list(desk.sections()),
    )


class _Desk:
    """Everything that the sections are written from."""

    def __init__(self, words: Words, comparison: Comparison, sides: Sides) -> None:
        self._words, self._comparison, self._sides = words, comparison, sides
        given = {each["id"]: words.named(each.get("name")) for each in sides.election.get("sources", ())}
        self._sources = {**sides.sources, **{source: name for source, name in given.items() if name}}
        self._options = {
            f"{contest['id']}/{option['id']}": words.named(option.get("name")) or option["id"]
            for contest in sides.election.get("contests", ())
            for option in contest.get("options", ())
        }
        self._has_contests = comparison.coverage["contest"].n_unique() > 1

    def headline(self) -> str:
        """Say in a sentence whether they differ."""
        number = self._comparison.stations.height
        if number:
            return self._say("differ", n=number)
        return self._say("elsewhere" if self._comparison.differs else "same")

    def facts(self) -> list[Fact]:
        """Choose three figures: stations, figures and readings."""
        comparison, count = self._comparison, self._words.numbers.count
        stations, readings = comparison.stations, comparison.readings
        return [
            Fact(
                name=self._say("fact_stations"),
                figure=count(stations.height),
                note=self._say("parts", **_counts(stations, "added", "dropped", "changed")),
            ),
            Fact(name=self._say("fact_figures"), figure=count(comparison.figures.height), note=self._say("of_both")),
            Fact(
                name=self._say("fact_readings"),
                figure=count(readings.height),
                note=self._say("two_parts", **_counts(readings, "added", "dropped")),
            ),
        ]

    def sections(self) -> Iterator[Section]:
        """Write the sections, the widest view first."""
        yield Section(title=self._say("votes"), body=self._votes())
        yield Section(title=self._say("coverage"), body=self._coverage())
        yield Section(title=self._say("stations"), body=self._stations())
        yield Section(title=self._say("figures"), body=self._figures())
        yield Section(title=self._say("sources"), body=self._readings())
        yield Section(title=self._say("definition"), body=paragraphs(*self._made()))

    def _made(self) -> Iterator[str]:
        comparison = self._comparison
        before, after = (policy or self._say("unknown") for policy in comparison.policies)
        yield self._say("definition_same" if comparison.is_same_definition else "definition_other")
        yield (
            self._say("policy_same", policy=before)
            if before == after
            else self._say("policy_other", first=before, second=after)
        )
        for key, contests in (
            ("contests_first", comparison.contests_dropped),
            ("contests_second", comparison.contests_added),
        ):
            if contests:
                yield self._say(key, contests=", ".join(contests))
        yield self._say(f"log.{self._sides.log}")

    def _votes(self) -> Markup:
        totals = self._comparison.totals
        rows = [
            (*self._contest(row), self._name(row), *self._numbers(row["first"], row["second"]))
            for row in totals.filter(pl.col("area") == "").to_dicts()
        ]
        areas = totals.filter(pl.col("area") != "")["area"].n_unique()
        if not rows and not areas:
            return paragraphs(self._say("no_votes"))
        said = paragraphs(self._say("areas", n=areas))
        return (self._table("votes", ("candidate",), rows) + said) if rows else said

    def _coverage(self) -> Markup:
        rows = [
            (*self._contest(row), self._word(f"step.{row['step']}"), *self._numbers(row["first"], row["second"]))
            for row in self._comparison.coverage.to_dicts()
        ]
        return self._table("coverage", ("stations",), rows)

    def _stations(self) -> Markup:
        stations = self._comparison.stations
        if not stations.height:
            return paragraphs(self._say("no_stations"))
        rows = [
            (
                *self._contest(row),
                row["station"],
                self._say(f"is.{row['what']}"),
                self._verdict(row["verdict_first"]),
                self._verdict(row["verdict_second"]),
                "–" if row["figures"] is None else self._words.numbers.count(row["figures"]),
            )
            for row in stations.head(_MOST).to_dicts()
        ]
        head = [*self._head(), *(self._say(key) for key in ("station", "what", "first", "second", "figures"))]
        shown = long_table(self._words, self._say("stations"), head, rows, figures=[len(head) - 1])
        return shown + self._more(stations)

    def _figures(self) -> Markup:
        figures = self._comparison.figures
        if not figures.height:
            return paragraphs(self._say("no_figures"))
        rows = [
            (*self._contest(row), row["station"], self._figure(row), *self._numbers(row["first"], row["second"]))
            for row in figures.head(_MOST).to_dicts()
        ]
        return self._table("figures", ("station", "figure"), rows) + self._more(figures)

    def _readings(self) -> Markup:
        comparison, count = self._comparison, self._words.numbers.count
        counts = comparison.readings.group_by("source", "what").len().sort("source", "what").iter_rows()
        rows = [
            (self._sources.get(source, source), self._say("reads"), self._say(f"is.{what}"), count(number))
            for source, what, number in counts
        ]
        rows += [
            (self._sources.get(row["source"], row["source"]), row["path"], self._say(f"is.{row['what']}"), "")
            for row in comparison.files.to_dicts()
        ]
        if not rows:
            return paragraphs(self._say("no_sources"))
        head = (self._say("source"), self._say("file"), self._say("what"), self._say("reads"))
        return table(self._say("sources"), head, rows, figures=[3])

    def _table(self, name: str, first: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
        """Set a table whose last three columns are the first record, the second, and the change."""
        head = [*self._head(), *(self._say(key) for key in (*first, "first", "second", "change"))]
        return long_table(self._words, self._say(name), head, rows, figures=range(len(head) - 3, len(head)))

    def _head(self) -> list[str]:
        return [self._say("contest")] if self._has_contests else []

    def _contest(self, row: Mapping[str, Any]) -> list[str]:
        return [str(row["contest"])] if self._has_contests else []

    def _name(self, row: Mapping[str, Any]) -> str:
        return self._sides.names.get(f"{row['contest']}/{row['candidate']}", str(row["candidate"]))

    def _figure(self, row: Mapping[str, Any]) -> str:
        kind, _, name = str(row["figure"]).partition(".")
        if kind == "votes":
            return self._sides.names.get(f"{row['contest']}/{name}", name)
        if kind == "option":
            return self._options.get(f"{row['contest']}/{name}", name)
        return self._word(f"figure.{row['figure']}") if self._words.has(f"figure.{row['figure']}") else name or kind

    def _verdict(self, verdict: str | None) -> str:
        return self._word(f"verdict.{verdict or 'missing'}")

    def _numbers(self, first: int | None, second: int | None) -> tuple[str, str, str]:
        numbers, unknown = self._words.numbers, self._say("unknown")
        before, after = (unknown if number is None else numbers.count(number) for number in (first, second))
        return before, after, unknown if first is None or second is None else numbers.signed(second - first)

    def _more(self, frame: pl.DataFrame) -> Markup:
        left = frame.height - _MOST
        return paragraphs(self._say("more", n=left)) if left > 0 else Markup("")

    def _say(self, key: str, **values: object) -> Markup:
        return self._words.html(f"compared.{key}", **values)

    def _word(self, key: str) -> Markup:
        return self._words.html(key)


def _counts(frame: pl.DataFrame, *what: str) -> dict[str, int]:
    found = dict(frame.group_by("what").len().iter_rows())
    return {name: int(found.get(name, 0)) for name in what}
