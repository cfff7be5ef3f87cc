"""The report of an audit: what the paper says so far, how it was asked, and how to ask it again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from markupsafe import Markup

from escruta.portal.audits.slip_report import SlipDesk
from escruta.portal.audits.story import DrawnBox, Story
from escruta.portal.charts import Axis, Bar, Caption, Mark, Series, bar_chart, line_chart
from escruta.portal.single import Assumption, Fact, Section, long_table, paragraphs, single_page, table
from escruta.portal.words import Words, load_words

_MOST = 60
_MOST_BARS = 20
_SHORT = 16
_RISK_DIGITS = 4


def audit_page(story: Story, language: str) -> bytes:
    """Write the report in one language; it stands on its own."""
    words = load_words(language)
    desk = _Desk(words, story)
    return single_page(
        words,
        title=desk.headline(),
        kicker=desk.kicker(),
        standfirst=desk.standfirst(),
        facts=desk.facts(),
        sections=list(desk.sections()),
        assumptions=desk.assumptions(),
        foot=words("audit.foot"),
    )


class _Desk:
    """Everything that the sections are written from."""

    def __init__(self, words: Words, story: Story) -> None:
        self._words, self._story, self._plan = words, story, story.plan
        self._names = {each["id"]: each["name"] for each in story.plan["options"]}
        self._slips = SlipDesk(words, story) if "manifest" in story.plan else None
        self._counted = [each for each in story.boxes if each.state is not None]
        self._differing = [each for each in self._counted if each.differs]

    def _say(self, key: str, **values: object) -> Markup:
        return self._words.html(f"audit.{key}", **values)

    def kicker(self) -> str:
        """Name the election, the contest and the day."""
        parts = (self._plan["name"], self._plan["contest_name"])
        return " · ".join([*(self._words.named(each) for each in parts), self._words.day(self._plan["date"])])

    def headline(self) -> Markup:
        """Say in a sentence what the paper says so far."""
        verdict = self._story.verdict
        said = None if self._slips is None or self._is_judged() else self._slips.headline()
        if said is not None:
            return said
        if self._story.seed is None:
            return self._say("head.planned", n=self._plan["draws"])
        if verdict is None or not self._is_judged():
            return self._say("head.drawn", n=len([each for each in self._story.boxes if each.state is None]))
        if verdict["counted_in_full"]:
            return self._say("head.full_yes" if verdict["decision"] == "stop" else "head.full_no")
        if verdict["decision"] == "go-on":
            return self._say("head.go_on", n=verdict["more_draws"])
        return self._say("head.stop" if verdict["decision"] == "stop" else "head.full", limit=self._limit())

    def _is_judged(self) -> bool:
        states = [each.state for each in self._story.boxes] + [each.shows for each in self._story.slips]
        return bool(states) and None not in states

    def _limit(self) -> str:
        limit = Fraction(self._plan["risk_limit"])
        return self._words.numbers.share(limit.numerator, limit.denominator, 1)

    def _percent(self, risk: float) -> str:
        is_full = self._story.verdict is not None and self._story.verdict["counted_in_full"]
        return self._words.numbers.share(math.ceil(risk * 10**9) or int(not is_full), 10**9, 2)

    def standfirst(self) -> Markup:
        """Say what was drawn and found, and what it does not speak of."""
        verdict = self._story.verdict
        said = [self._say("stand.planned", n=self._plan["boxes"], limit=self._limit())]
        if verdict is not None and "boxes_that_differ" in verdict:
            draws = verdict.get("compared_draws", verdict["draws"])
            said = [
                self._say("stand.counted", n=verdict["boxes"], draws=draws),
                self._say("stand.differ", n=verdict["boxes_that_differ"]),
            ]
            if verdict["boxes_missing"]:
                said.append(self._say("stand.missing", n=verdict["boxes_missing"]))
        if self._slips is not None:
            said = self._slips.standfirst(said, self._limit())
        if self._plan["outside"] == "left-out" and self._plan["stations_without_result"] != 0:
            said.append(self._say("stand.left_out"))
        return Markup(" ").join(said)

    def facts(self) -> list[Fact]:
        """Choose three figures: the risk, the draws, the boxes or slips that differ."""
        verdict, count = self._story.verdict, self._words.numbers.count
        drawn = sum(len(each.draws) for each in self._story.boxes) + len(self._story.slips)
        if verdict is not None:
            drawn = max(drawn, verdict["draws"])
        is_slips = self._slips is not None and "strata" not in self._plan
        unknown = str(self._words("unknown"))
        return [
            Fact(
                name=self._say("fact.risk"),
                figure=unknown if verdict is None else self._percent(verdict["risk"]),
                note=self._say("fact.limit", limit=self._limit()),
            ),
            Fact(
                name=self._say("fact.draws"),
                figure=count(drawn),
                note=self._slips.among()
                if self._slips and is_slips
                else self._say("fact.of_boxes", n=self._plan["boxes"]),
            ),
            self._slips.fact()
            if self._slips and is_slips
            else Fact(
                name=self._say("fact.differ"),
                figure=unknown if verdict is None else count(verdict.get("boxes_that_differ", 0)),
                note=self._say("fact.counted", n=len(self._counted)),
            ),
        ]

    def sections(self) -> Iterator[Section]:
        """Write the sections, the answer first."""
        if self._story.rounds:
            yield Section(title=self._say("risk.title"), body=self._risk())
        if self._slips is not None:
            yield from self._slips.sections()
        if self._story.boxes:
            yield Section(title=self._say("boxes.title"), body=self._boxes())
        if self._counted:
            yield Section(title=self._say("differ.title"), body=self._differences())
        yield Section(title=self._say("claim.title"), body=self._claims())
        yield Section(title=self._say("method.title"), body=self._method())
        yield Section(title=self._say("steps.title"), body=self._steps())
        if self._story.seed is not None:
            yield Section(title=self._say("again.title"), body=self._again())

    def _risk(self) -> Markup:
        points = [(0, 1.0), *enumerate(self._story.risks, start=1)]
        if not self._story.risks:
            points = [(0, 1.0), *((each.draws, each.risk) for each in self._story.rounds)]
        chart = line_chart(
            self._words,
            Caption(name="risk", title=self._say("risk.chart"), summary=self._say("risk.summary", limit=self._limit())),
            [Series(name=self._say("risk.line"), points=points, step=not self._story.risks)],
            x=Axis(label=self._say("risk.draws"), whole=True),
            y=Axis(label=self._say("risk.line"), kind="share", low=0, high=1),
            marks=[
                Mark(text=self._say("risk.limit", limit=self._limit()), y=float(Fraction(self._plan["risk_limit"])))
            ],
        )
        rows = [
            (
                str(each.number),
                self._words.numbers.count(each.draws),
                self._percent(each.risk),
                self._say(f"decision.{each.decision}"),
            )
            for each in self._story.rounds
        ]
        head = [self._say(f"risk.{name}") for name in ("round", "draws", "line", "decided")]
        one_look = self._plan["method"] in {"equal", "per-centre"}
        return (Markup("") if one_look else chart) + table(self._say("risk.title"), head, rows, figures=(1, 2))

    def _boxes(self) -> Markup:
        wide = Counter(self._area(each.area.partition("/")[0]) for each in self._story.boxes)
        bars = [
            Bar(name=name, value=number) for name, number in sorted(wide.items(), key=lambda row: (-row[1], row[0]))
        ]
        chart = bar_chart(
            self._words,
            Caption(name="drawn", title=self._say("boxes.chart"), summary=self._say("boxes.summary")),
            bars[:_MOST_BARS],
            axis=Axis(whole=True),
        )
        rows = [self._row(each) for each in self._story.boxes[:_MOST]]
        head = [self._say(f"boxes.{name}") for name in ("box", "area", "draws", "state")]
        shown = chart + long_table(self._words, self._say("boxes.title"), head, rows, figures=())
        more = len(self._story.boxes) - _MOST
        return shown + (paragraphs(self._say("boxes.more", n=more)) if more > 0 else Markup(""))

    def _row(self, box: DrawnBox) -> tuple[str, ...]:
        state = "waiting" if box.state is None else "missing" if box.state == "missing" else "same"
        said = self._say("state.differs" if box.differs and box.paper is not None else f"state.{state}")
        draws = ", ".join(self._words.numbers.count(each) for each in box.draws)
        return (box.box, self._way(box.area), draws, said)

    def _area(self, path: str) -> str:
        return self._story.names.get(path) or path.rpartition("/")[2] or str(self._words("place.country"))

    def _way(self, path: str) -> str:
        parts = path.split("/") if path else []
        return " / ".join(self._area("/".join(parts[: at + 1])) for at in range(len(parts)))

    def _differences(self) -> Markup:
        if not self._differing:
            return paragraphs(self._say("differ.none", n=len(self._counted)))
        worst = sorted(self._differing, key=lambda each: -each.taint)
        chart = bar_chart(
            self._words,
            Caption(name="taints", title=self._say("differ.chart"), summary=self._say("differ.summary")),
            [
                Bar(name=each.box, value=max(0.0, each.taint), text=self._taint(each.taint), style=int(each.taint > 0))
                for each in worst[:_MOST_BARS]
            ],
            axis=Axis(kind="share"),
        )
        head = [self._say(f"differ.{name}") for name in ("box", "option", "published", "paper", "more")]
        rows = [row for each in worst[:_MOST] for row in self._difference(each)]
        return chart + table(self._say("differ.title"), head, rows, figures=(2, 3, 4))

    def _taint(self, taint: float) -> str:
        sign = "−" if taint < 0 else ""
        return sign + self._words.numbers.share(round(abs(taint) * 10**6), 10**6, 2)

    def _difference(self, box: DrawnBox) -> Iterator[tuple[str, ...]]:
        count, signed = self._words.numbers.count, self._words.numbers.signed
        if box.paper is None:
            yield (box.box, self._say("state.missing"), "", "", "")
            return
        for option, was, now in zip(self._names, box.published, box.paper, strict=True):
            if was != now:
                yield (box.box, self._option(option), count(was), count(now), signed(now - was))
        if box.missing_slips:
            yield (box.box, self._say("differ.slips"), "", "", f"−{count(box.missing_slips)}")

    def _option(self, option: str | None) -> str:
        if option == "blank":
            return self._say("blank")
        return str(self._names.get(option or "", option or ""))

    def _claims(self) -> Markup:
        rows = []
        for each in self._plan["assertions"]:
            share = Fraction(each["share"] or "1")
            said = self._say(
                f"claim.{each['kind']}",
                winner=self._option(each["winner"]),
                loser=self._option(each["loser"]),
                share=self._words.numbers.share(share.numerator, share.denominator, 1),
            )
            rows.append((said, self._words.numbers.count(each["margin"])))
        head = [self._say("claim.what"), self._say("claim.margin")]
        asked = table(self._say("claim.title"), head, rows)
        scaled = any(each["kind"] != "ahead" for each in self._plan["assertions"])
        return (
            paragraphs(self._say("claim.intro")) + asked + paragraphs(*([self._say("claim.scaled")] if scaled else []))
        )

    def _method(self) -> Markup:
        plan = self._plan
        said = [self._slips.method() if self._slips else self._say(f"method.{plan['method'].replace('-', '_')}")]
        if plan["method"] in {"equal", "per-centre"}:
            said.append(self._say("method.one_look"))
        if self._slips is None or "strata" in plan:
            said.append(self._say(f"bound.{plan['bound'].replace('-', '_')}"))
        if plan["outside"] == "worst" and plan["pending_ballots"]:
            said.append(self._say("outside.worst", n=plan["pending_ballots"]))
        rows = [(self._design(name.replace("-", "_")), self._size(plan["sizes"].get(name))) for name in plan["sizes"]]
        head = [self._say("design.what"), self._say("design.size", limit=self._limit())]
        return paragraphs(*said) + table(self._say("design.what"), head, rows)

    def _design(self, name: str) -> Markup:
        return self._say(f"design.{name}" if self._words.has(f"audit.design.{name}") else f"slips.design_{name}")

    def _size(self, size: int | None) -> str:
        return str(self._say("design.never")) if size is None else self._words.numbers.count(size)

    def _steps(self) -> Markup:
        rows = [(self._say(f"step.{each.step}"), _moment(each.at), each.digest[:_SHORT]) for each in self._story.steps]
        head = [self._say(f"steps.{name}") for name in ("what", "when", "digest")]
        record = self._plan["record"]
        said = [
            self._say("steps.intro"),
            self._say("steps.table", digest=self._plan["table"]["sha256"]),
            self._say("steps.record", digest=record["sha256sums"]),
            *(self._slips.committed() if self._slips else ()),
            self._logged(record["log"]),
        ]
        return paragraphs(*said) + table(self._say("steps.title"), head, rows, figures=())

    def _logged(self, log: dict[str, object] | None) -> Markup:
        if log is None or log["entry"] is None:
            return self._say("steps.unlogged")
        key = "steps.sealed" if log["sealed"] else "steps.logged"
        return self._say(key, entry=log["entry"], origin=log["origin"], size=log["size"], cosigned=log["cosigned"])

    def _again(self) -> Markup:
        seed = self._story.seed or {}
        if self._slips is not None:
            return self._slips.again()
        key = self._plan["method"].replace("-", "_")
        said = paragraphs(
            self._say("again.seed", seed=seed.get("seed", ""), where=seed.get("where", "")),
            self._say(f"again.{'equal' if key in {'equal', 'per_centre'} else 'bound'}"),
        )
        name = self._plan["contest"] if key in {"macro", "alpha"} else "BOX"
        line = Markup("<pre tabindex=0>printf '{}' | sha256sum</pre>").format(f"{seed.get('seed', '')},{name},1")
        return said + line

    def assumptions(self) -> list[Assumption]:
        """List what must be true for the sentences above."""
        names = ["paper", "boxes", "seed"]
        if self._slips is not None and "strata" not in self._plan:
            return [*(self._assumption(name) for name in names), self._slips.assumption()]
        names += ["ballots"] if self._plan["bound"] == "ballots" else ["registered"]
        names += ["bound_from_ballots"] if self._plan["bound_from_ballots"] and self._plan["bound"] != "ballots" else []
        found = [self._assumption(name) for name in names]
        return found if self._slips is None else [*found, self._slips.assumption()]

    def _assumption(self, name: str) -> Assumption:
        values = {"n": self._plan["bound_from_ballots"]} if name == "bound_from_ballots" else {}
        return Assumption(
            title=self._say(f"assume.{name}.title"), meaning=self._say(f"assume.{name}.meaning", **values)
        )


def _moment(at: str) -> str:
    """Set a moment in UTC so that it breaks between its day and its hour."""
    return at.removesuffix("Z").replace("T", " ")
