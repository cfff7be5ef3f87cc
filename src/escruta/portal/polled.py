"""The page of polls beside results: each error with its name, its sign, and the result that it is against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from markupsafe import Markup

from escruta.assessment.polls import Poll, ResultSet, Score, TrackRecord
from escruta.portal.charts import Axis, Bar, Caption, bar_chart
from escruta.portal.single import Assumption, Fact, Section, paragraphs, single_page, table
from escruta.portal.words import Words


def polls_page(
    words: Words,
    polls: Sequence[Poll],
    results: Sequence[ResultSet],
    scores: Sequence[Score],
    tracks: Sequence[TrackRecord],
    names: Mapping[str, str],
) -> bytes:
    """Write the page in one language; it stands on its own. `names` are the candidates'."""
    desk = _Desk(words, polls, names, [each.margin_error * 100 for each in scores])
    scored = [result for result in results if any(each.result == result.id for each in scores)]
    sections = [
        Section(
            title=desk.say("against", result=result.name),
            body=desk.against([each for each in scores if each.result == result.id], f"result-{place}"),
            wide=True,
        )
        for place, result in enumerate(scored)
    ]
    sections.append(Section(title=desk.say("tracks"), body=desk.tracks(tracks), wide=True))
    sections.append(Section(title=desk.say("polls"), body=desk.polls(), wide=True))
    return single_page(
        words,
        title=desk.say("title"),
        kicker=desk.say("kicker"),
        standfirst=desk.say("stand"),
        facts=[
            Fact(name=desk.say("fact_polls"), figure=words.numbers.count(len(polls))),
            Fact(name=desk.say("fact_results"), figure=words.numbers.count(len(scored))),
        ],
        sections=sections,
        assumptions=[
            Assumption(title=desk.say(f"assumed.{key}"), meaning=desk.say(f"assumed.{key}_means"))
            for key in ("undecided", "sample", "published")
        ],
    )


class _Desk:
    """Everything that the sections are written from."""

    def __init__(
        self, words: Words, polls: Sequence[Poll], names: Mapping[str, str], errors: Sequence[Fraction]
    ) -> None:
        self._words, self._polls, self._names = words, {poll.id: poll for poll in polls}, names
        # one scale for all results: so that they can be compared
        self._axis = Axis(label=self.say("points"), low=min([*errors, Fraction(0)]), high=max([*errors, Fraction(1)]))

    def against(self, scores: Sequence[Score], name: str) -> Markup:
        """Draw and list the errors against one result."""
        pair = self.say("pair", first=self._name(scores[0].first), second=self._name(scores[0].second))
        bars = [
            Bar(
                name=each.pollster,
                value=each.margin_error * 100,
                text=self._points(each.margin_error),
                style=0 if each.margin_error >= 0 else 1,
            )
            for each in scores
        ]
        chart = bar_chart(
            self._words,
            Caption(name=name, title=self.say("chart"), summary=self.say("chart_says", pair=pair)),
            bars,
            axis=self._axis,
        )
        rows = [
            (
                each.pollster,
                self._points(each.margin_error),
                self._plain(float(each.average_error) * 100, 2),
                self._maybe(None if each.bias is None else each.bias.value, 3),
                self._maybe(None if each.bias is None else each.bias.z, 1)
                + ("*" if each.bias is not None and each.bias.rests_on_an_assumed_sample else ""),
                self._maybe(each.b, 3),
                self._maybe(each.b_weighted, 3),
            )
            for each in scores
        ]
        head = [self.say(key) for key in ("pollster", "margin_error", "average", "bias", "z", "b", "b_weighted")]
        assumed = any(each.bias is not None and each.bias.rests_on_an_assumed_sample for each in scores)
        return chart + table(name, head, rows) + (paragraphs(self.say("star")) if assumed else Markup(""))

    def tracks(self, tracks: Sequence[TrackRecord]) -> Markup:
        """List the pollsters over their elections."""
        count = self._words.numbers.count
        rows = [
            (
                each.pollster,
                count(len(each.elections)),
                count(each.polls),
                self._points(Fraction(each.mean_margin_error).limit_denominator(10**8)),
                self._plain(each.mean_average_error * 100, 2),
                ", ".join(each.results),
            )
            for each in tracks
        ]
        head = [
            self.say(key) for key in ("pollster", "elections", "number", "margin_error", "average", "scored_against")
        ]
        return table(self.say("tracks"), head, rows, figures=range(1, 5)) + paragraphs(self.say("tracks_says"))

    def polls(self) -> Markup:
        """List the records themselves, with their sources."""
        unknown = self.say("unknown")
        rows = [
            (
                poll.pollster,
                self._words.day(poll.last_day.isoformat()),
                self.say(f"method.{poll.method}"),
                unknown if poll.sample is None else self._words.numbers.count(poll.sample),
                ", ".join(
                    f"{self._name(name)} {self._plain(float(share) * 100, 1)}" for name, share in poll.shares.items()
                ),
                poll.source,
            )
            for poll in self._polls.values()
        ]
        head = [self.say(key) for key in ("pollster", "day", "how", "sample", "said", "source")]
        return table(self.say("polls"), head, rows, figures=[3])

    def _name(self, candidate: str) -> str:
        return self._names.get(candidate) or (self.say("others") if candidate == "others" else candidate)

    def _points(self, share: Fraction) -> str:
        return self._words.numbers.points(share.numerator, share.denominator, 2)

    def _plain(self, value: float, digits: int) -> str:
        text = self._words.numbers.decimal(f"{abs(value):.{digits}f}")
        return f"−{text}" if value < 0 and float(f"{value:.{digits}f}") else text

    def _maybe(self, value: float | None, digits: int) -> str:
        return "–" if value is None else self._plain(value, digits)

    def say(self, key: str, **values: object) -> Markup:
        """Say a sentence of this page."""
        return self._words.html(f"polls.{key}", **values)
