"""The page of a quick count: the estimate, who answered, and the missing at their worst."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from markupsafe import Markup

from escruta.assessment.quickcount import Estimate, QuickCount
from escruta.portal.charts import Axis, Bar, Caption, StackedBar, bar_chart, stacked_chart
from escruta.portal.single import Assumption, Fact, Section, paragraphs, single_page, table
from escruta.portal.words import Words


def quickcount_page(words: Words, found: QuickCount, names: Mapping[str, str]) -> bytes:
    """Write the page in one language; it stands on its own. `names` are the candidates' that have one."""
    desk = _Desk(words, found, names)
    drawn = sum(each.drawn for each in found.responses)
    answered = sum(each.answered for each in found.responses)
    return single_page(
        words,
        title=desk.headline(),
        kicker=desk.say("kicker"),
        standfirst=desk.say("stand", drawn=drawn, n=answered),
        facts=desk.facts(drawn, answered),
        sections=[
            Section(title=desk.say("shares"), body=desk.shares(), wide=True),
            Section(title=desk.say("answers"), body=desk.answers(), note=desk.say("answers_note"), wide=True),
        ],
        assumptions=[
            Assumption(title=desk.say(f"assumed.{key}"), meaning=desk.say(f"assumed.{key}_means"))
            for key in ("alike", "drawn", "frame")
        ],
    )


class _Desk:
    """Everything that the sections are written from."""

    def __init__(self, words: Words, found: QuickCount, names: Mapping[str, str]) -> None:
        self._words, self._found, self._names = words, found, names

    def headline(self) -> str:
        """Say who is ahead, if the interval says so."""
        lead = self._found.lead
        best = max(self._found.shares, key=lambda each: each.share.value)
        if lead is None:
            return self.say("alone", leader=self._name(best.name))
        return self.say(
            "ahead" if lead.low > 0 else "open", leader=self._name(best.name), share=self._share(lead.share.value)
        )

    def facts(self, drawn: int, answered: int) -> list[Fact]:
        """Choose three figures: answers, lead, design effect."""
        found = self._found
        facts = [
            Fact(
                name=self.say("fact_answers"),
                figure=self._words.numbers.count(answered),
                note=self.say("fact_answers_note", n=drawn),
            )
        ]
        if found.lead is not None:
            facts.append(
                Fact(
                    name=self.say("fact_lead"),
                    figure=self._share(found.lead.share.value),
                    note=self._range(found.lead.low, found.lead.high),
                )
            )
        effect = self._words.numbers.decimal(f"{found.design_effect:.1f}")
        facts.append(Fact(name=self.say("fact_effect"), figure=effect, note=self.say("fact_effect_note")))
        return facts

    def shares(self) -> Markup:
        """Draw and list the shares with both intervals."""
        found = self._found
        order = sorted(found.shares, key=lambda each: -each.share.value)
        chart = bar_chart(
            self._words,
            Caption(
                name="shares",
                title=self.say("chart_says", level=self._words.numbers.share(round(found.confidence * 1000), 1000, 1)),
            ),
            [
                Bar(
                    name=self._name(each.name),
                    value=_exact(each.share.value),
                    low=_exact(each.low),
                    high=_exact(each.high),
                    text=self._share(each.share.value),
                )
                for each in order
            ],
            axis=Axis(kind="share"),
        )
        rows = [self._row(each) for each in (*order, *([found.lead] if found.lead is not None else []))]
        head = [self.say(key) for key in ("candidate", "share", "error", "interval", "worst")]
        return chart + table(self.say("shares"), head, rows)

    def answers(self) -> Markup:
        """Draw and list who answered, by stratum."""
        responses = self._found.responses
        chart = stacked_chart(
            self._words,
            Caption(name="answers", title=self.say("answers_says")),
            [self.say("answered"), self.say("silent")],
            [
                StackedBar(
                    name=each.name,
                    parts=(each.answered, each.drawn - each.answered),
                    text=f"{each.answered}/{each.drawn}",
                )
                for each in responses
                if each.drawn
            ],
            axis=Axis(whole=True),
            has_rest=True,
        )
        count = self._words.numbers.count
        rows = [(each.name, count(each.centres), count(each.drawn), count(each.answered)) for each in responses]
        head = [self.say(key) for key in ("stratum", "centres", "drawn", "answered")]
        left_out = self._found.reports_not_drawn
        said = paragraphs(self.say("left_out", n=len(left_out))) if left_out else Markup("")
        return chart + table(self.say("answers"), head, rows) + said

    def _row(self, each: Estimate) -> tuple[str, ...]:
        return (
            self._name(each.name),
            self._share(each.share.value),
            self._share(each.share.standard_error),
            self._range(each.low, each.high),
            self._range(each.worst_low, each.worst_high),
        )

    def _range(self, low: float, high: float) -> str:
        return f"{self._share(low)}\u00a0– {self._share(high)}"

    def _name(self, name: str) -> str:
        return " – ".join(self._names.get(part, part) for part in name.split(" - "))

    def _share(self, value: float) -> str:
        text = self._words.numbers.share(round(abs(value) * 10**6), 10**6, 2)
        return f"−{text}" if value < 0 else text

    def say(self, key: str, **values: object) -> Markup:
        """Say a sentence of this page."""
        return self._words.html(f"quickcount.{key}", **values)


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(10**6)
