"""The page of a projection: what may come, with its interval, what it assumes, and how the missing differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from markupsafe import Markup
from scipy.stats import norm

from escruta.assessment.projection import AreaProjection, FramedCentres, Interval, Projection
from escruta.portal.charts import Axis, Band, Bar, Caption, Mark, Series, bar_chart, line_chart
from escruta.portal.charts.ticks import decimal, percent_sign
from escruta.portal.single import Assumption, Fact, Section, long_table, paragraphs, single_page, table
from escruta.portal.words import Words

_MOST_AREAS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedOf:
    """What the page says beside the projection."""

    election: str
    contest: str
    names: Mapping[str, str]
    """Of the candidates."""
    level: str
    """The name of the level whose areas are shown."""
    others: Sequence[tuple[int, Interval]] = ()
    """The country's margin if another percentage of the missing voters were in new centres."""


def projected_page(words: Words, asked: ProjectedOf, frame: FramedCentres, found: Projection) -> bytes:
    """Write the page in one language; it stands on its own."""
    desk = _Desk(words, asked, frame, found)
    return single_page(
        words,
        title=desk.headline(),
        kicker=f"{asked.election} · {asked.contest}",
        standfirst=desk.standfirst(),
        facts=desk.facts(),
        sections=list(desk.sections()),
        assumptions=desk.assumptions(),
    )


class _Desk:
    """Everything that the sections are written from."""

    def __init__(self, words: Words, asked: ProjectedOf, frame: FramedCentres, found: Projection) -> None:
        self._words, self._asked, self._frame, self._found = words, asked, frame, found

    def headline(self) -> str:
        """Say who would lead by how much, or that nothing is projected."""
        country = self._found.country
        if country is None:
            return self._say("refused")
        low, high = round(country.margin.low), round(country.margin.high)
        if country.runner_up is None:
            return self._say("alone", leader=self._name(country.leader))
        key = "ahead" if low > 0 else "open"
        return self._say(
            key, leader=self._name(country.leader), runner_up=self._name(country.runner_up), low=low, high=high
        )

    def standfirst(self) -> str:
        """Say that it is an estimate, and what arithmetic alone says."""
        country = self._found.country
        if country is None:
            return self._say("stand_refused")
        certain = country.leads.is_certain and country.leads.value == 1
        thousandths = min(max(round(country.leads.value * 1000), 1), 999)
        chance: str = self._words.numbers.share(thousandths, 1000, 1)
        if thousandths in {1, 999}:  # a model's chance is never told as certainty
            chance = self._say("chance_under" if thousandths == 1 else "chance_over", share=chance)
        return self._say("stand_certain" if certain else "stand_chance", share=chance)

    def facts(self) -> list[Fact]:
        """Choose three figures: what is in, the margin, its interval."""
        found, count = self._found, self._words.numbers.count
        facts = [
            Fact(
                name=self._say("fact_in"),
                figure=self._share(found.coverage),
                note=self._say("fact_in_note", n=found.missing.centres_out),
            )
        ]
        if found.country is not None:
            margin = found.country.margin
            facts += [
                Fact(
                    name=self._say("fact_margin"),
                    figure=count(round(margin.middle)),
                    note=self._say("between", low=round(margin.low), high=round(margin.high)),
                ),
                Fact(
                    name=self._say("fact_bound"),
                    figure=count(margin.least),
                    note=self._say("fact_bound_note", n=margin.most),
                ),
            ]
        return facts

    def sections(self) -> Iterator[Section]:
        """Write the sections."""
        found = self._found
        if found.refused or found.cautions:
            yield Section(title=self._say("reasons"), body=self._reasons())
        if found.country is not None:
            yield Section(title=self._say("candidates"), body=self._candidates(found.country), wide=True)
        if found.backcast is not None and found.country is not None:
            yield Section(title=self._say("night"), body=self._night(found.country), wide=True)
        yield Section(title=self._say("missing"), body=self._missing(), note=self._say("missing_note"), wide=True)
        if self._asked.others:
            yield Section(title=self._say("others"), body=self._others())
        for areas in found.areas[:1]:
            yield Section(title=self._asked.level, body=self._areas(areas), wide=True)

    def assumptions(self) -> list[Assumption]:
        """List what the projection takes for granted."""
        keys = ["random", "frame", "counted"]
        if self._frame.supposed:
            keys.append("supposed")
        if self._frame.new:
            keys.append("new")
        if self._found.backcast is not None and not self._found.backcast.known_order:
            keys.append("order")
        values: dict[str, object] = {"voters": self._frame.supposed, "new": self._frame.new}
        return [
            Assumption(title=self._say(f"assumed.{key}"), meaning=self._say(f"assumed.{key}_means", **values))
            for key in keys
        ]

    def _reasons(self) -> Markup:
        said = [
            self._say(
                f"reason.{each.code}",
                found=self._share(float(each.found)) if each.found <= 1 else round(each.found),
                limit=self._share(each.limit) if each.limit <= 1 else round(each.limit),
                areas=", ".join(each.areas),
            )
            for each in (*self._found.refused, *self._found.cautions)
        ]
        return paragraphs(*said)

    def _candidates(self, country: AreaProjection) -> Markup:
        count, whole = self._words.numbers.count, sum(each.middle for each in country.votes)
        order = sorted(range(len(country.votes)), key=lambda place: -country.votes[place].middle)
        rows, bars = [], []
        for place in order:
            each = country.votes[place]
            shares = [self._share(value / whole) for value in (each.middle, each.low, each.high)]
            rows.append(
                (
                    self._name(place),
                    count(each.counted),
                    count(round(each.middle)),
                    self._range(each),
                    shares[0],
                )
            )
            bars.append(
                Bar(
                    name=self._name(place),
                    value=Fraction(each.middle / whole).limit_denominator(10**6),
                    low=Fraction(each.low / whole).limit_denominator(10**6),
                    high=Fraction(each.high / whole).limit_denominator(10**6),
                    text=shares[0],
                )
            )
        chart = bar_chart(
            self._words,
            Caption(
                name="shares", title=self._say("chart_shares"), summary=self._say("chart_shares_says", **self._at())
            ),
            bars,
            axis=Axis(kind="share"),
        )
        head = [self._say(key) for key in ("candidate", "counted", "projected", "interval", "share")]
        return chart + table(self._say("candidates"), head, rows)

    def _night(self, country: AreaProjection) -> Markup:
        """Draw what the model would have said of the centres that are in now, at earlier moments."""
        past = self._found.backcast
        if past is None or country.runner_up is None:
            return Markup("")
        weights = np.zeros(len(self._found.candidates))
        weights[[country.leader, country.runner_up]] = 1, -1
        now = country.margin.counted
        errors = past.errors[:, -1] @ weights
        spread = np.sqrt(np.maximum(past.variance[:, -1] * float(weights @ past.covariance @ weights), 0))
        factor = past.factors(weights)[1]
        wide = float(norm.ppf((1 + self._found.level) / 2)) * factor
        said = [now - float(error) for error in errors]
        places = [Fraction(moment).limit_denominator(1000) for moment in past.moments]
        line = [*zip(places, said, strict=True), (Fraction(1), now)]
        band = [
            *(
                (at, middle - wide * each, middle + wide * each)
                for at, middle, each in zip(places, said, spread, strict=True)
            ),
            (Fraction(1), now, now),
        ]
        chart = line_chart(
            self._words,
            Caption(name="night", title=self._say("chart_night"), summary=self._say("chart_night_says", **self._at())),
            [Series(name=self._say("said_then"), points=line)],
            bands=[Band(name=self._say("band", **self._at()), points=band)],
            marks=[Mark(text=self._say("came"), y=now)],
            x=Axis(label=self._say("share_in"), kind="share", low=Fraction(3, 10), high=1, from_zero=False),
            y=Axis(label=self._say("margin"), from_zero=False),
        )
        key = "known" if past.known_order else "supposed"
        times = self._words.numbers.decimal(f"{factor:.2f}")
        wider = self._say("factor", factor=times) if round(factor, 2) > 1 else self._say("factor_one")
        return chart + paragraphs(self._say(f"order_{key}"), wider)

    def _missing(self) -> Markup:
        missing = self._found.missing
        if not missing.gaps:
            return paragraphs(self._say("missing_nothing"))
        parts = Markup("")
        if missing.classes:
            bars = [
                Bar(
                    name=f"{self._share(each.low, 0)} – {self._share(each.high, 0)}",
                    value=Fraction(each.share_in).limit_denominator(10**6),
                    text=self._say("in_of", share=self._share(each.share_in, 0), n=each.centres),
                )
                for each in missing.classes
            ]
            title = self._say("chart_classes", name=self._covariate(missing.gaps[0].name))
            parts += bar_chart(
                self._words,
                Caption(name="classes", title=title, summary=self._say("chart_classes_says")),
                bars,
                axis=Axis(kind="share", high=1),
            )
        slopes = {each.name: each for each in missing.logit}
        rows = [
            (
                self._covariate(each.name),
                self._decimal(each.mean_in),
                self._decimal(each.mean_out),
                self._decimal(each.difference),
                self._decimal(each.chance),
                f"{self._decimal(slopes[each.name].value, 2)} ± {self._decimal(slopes[each.name].standard_error, 2)}",
            )
            for each in missing.gaps
        ]
        head = [self._say(key) for key in ("known_before", "mean_in", "mean_out", "gap", "chance", "logit")]
        return parts + table(self._say("missing"), head, rows) + paragraphs(self._say("missing_says"))

    def _others(self) -> Markup:
        rows = [
            (self._share(percent / 100, 0), self._words.numbers.count(round(margin.middle)), self._range(margin))
            for percent, margin in self._asked.others
        ]
        head = [self._say(key) for key in ("new_share", "margin", "interval")]
        return table(self._say("others"), head, rows) + paragraphs(self._say("others_says"))

    def _areas(self, areas: Sequence[AreaProjection]) -> Markup:
        count = self._words.numbers.count
        rows = [
            (
                self._say("nowhere") if area.area == "?" else area.area,
                self._name(area.leader),
                count(area.margin.counted),
                count(round(area.margin.middle)),
                self._range(area.margin),
                count(area.out),
            )
            for area in areas[:_MOST_AREAS]
        ]
        head = [self._say(key) for key in ("area", "leader", "margin_counted", "margin", "interval", "out")]
        return long_table(self._words, self._asked.level, head, rows, figures=range(2, 6))

    def _at(self) -> dict[str, object]:
        return {"level": self._share(self._found.level, 0)}

    def _covariate(self, name: str) -> str:
        return self._say(f"covariate.{name}") if self._words.has(f"projection.covariate.{name}") else name

    def _range(self, each: Interval) -> str:
        count = self._words.numbers.count
        return f"{count(round(each.low))}\u00a0– {count(round(each.high))}"

    def _name(self, place: int) -> str:
        return self._asked.names[self._found.candidates[place]]

    def _share(self, value: float, digits: int = 1) -> str:
        if digits == 0:
            return decimal(self._words, Fraction(round(value * 100))) + percent_sign(self._words)
        return self._words.numbers.share(round(value * 100_000), 100_000, digits)

    def _decimal(self, value: float, digits: int = 3) -> str:
        text = self._words.numbers.decimal(f"{abs(value):.{digits}f}")
        return f"−{text}" if value < 0 and float(f"{value:.{digits}f}") else text

    def _say(self, key: str, **values: object) -> Markup:
        return self._words.html(f"projection.{key}", **values)
