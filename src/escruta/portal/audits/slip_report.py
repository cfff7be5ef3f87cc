"""What the report of an audit says of single slips: what they show, where they lie, and how to draw them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from escruta.portal.audits.story import DrawnSlip, Story
from escruta.portal.charts import Axis, Bar, Caption, bar_chart
from escruta.portal.single import Assumption, Fact, Section, long_table, paragraphs, table
from escruta.portal.words import Words

_MOST = 60
_MOST_BARS = 20


class SlipDesk:
    """The sentences and tables on slips."""

    def __init__(self, words: Words, story: Story) -> None:
        self._words, self._story, self._plan = words, story, story.plan
        self._names = {each["id"]: each["name"] for each in story.plan["options"]}
        self._seen = [each for each in story.slips if each.shows is not None]

    def _say(self, key: str, **values: object) -> Markup:
        return self._words.html(f"audit.slips.{key}", **values)

    def headline(self) -> Markup | None:
        """Say what is due, where slips are: None while boxes are."""
        if self._story.seed is None:
            return None if "strata" in self._plan else self._say("head_planned", n=self._plan["draws"])
        waiting = len(self._story.slips) - len(self._seen)
        return self._say("head_drawn", n=waiting) if waiting else None

    def standfirst(self, said: list[Markup], limit: str) -> list[Markup]:
        """Say what was looked at; `said` are the sentences on boxes."""
        verdict, manifest = self._story.verdict, self._plan["manifest"]
        found = list(said) if verdict is None or "boxes_that_differ" in verdict else []
        if verdict is None and "strata" not in self._plan:
            found = [self._say("stand_planned", n=manifest["slips"], limit=limit)]
        if verdict is not None and verdict.get("slips"):
            draws = verdict.get("polled_draws", verdict["draws"])
            found.append(self._say("stand_looked", n=verdict["slips"], draws=draws))
        if verdict is not None and verdict.get("slips_not_found"):
            found.append(self._say("not_found", n=verdict["slips_not_found"]))
        if manifest["boxes_that_differ"]:
            found.append(self._say("given", n=manifest["boxes_that_differ"]))
        if self._plan.get("records", {}).get("boxes_that_differ"):
            found.append(self._say("records", n=self._plan["records"]["boxes_that_differ"]))
        return found

    def among(self) -> Markup:
        """Say from how many slips was drawn."""
        return self._say("of", n=self._plan["manifest"]["slips"])

    def fact(self) -> Fact:
        """Give the figure that matters: slips that differ from their records, or that are not there."""
        is_compared = "records" in self._plan
        number = sum(each.differs if is_compared else each.shows == "not-found" for each in self._seen)
        return Fact(
            name=self._say("differ" if is_compared else "lost"),
            figure=self._words.numbers.count(number) if self._seen else str(self._words("unknown")),
            note=self._say("looked", n=len(self._seen)),
        )

    def sections(self) -> Iterator[Section]:
        """Write what the slips show, the differences, and where they lie."""
        if self._seen:
            yield Section(title=self._say("title"), body=self._shown())
        if self._seen and "records" in self._plan:
            yield Section(title=self._say("differ_title"), body=self._differences())
        if self._story.slips:
            yield Section(title=self._say("drawn"), body=self._drawn())

    def _shown(self) -> Markup:
        shown = Counter(each.shows for each in self._seen)
        published, share = sum(self._plan["totals"].values()), self._words.numbers.share
        rows = [
            (
                self._named(name),
                self._words.numbers.count(shown[name]),
                share(shown[name], len(self._seen), 1),
                share(self._plan["totals"][name], max(published, self._plan["manifest"]["slips"]), 1)
                if name in self._plan["totals"] and "strata" not in self._plan
                else "",
            )
            for name in dict.fromkeys((*self._names, "blank", "null", "not-found"))
            if name in self._names or shown[name]
        ]
        head = [self._say(each) for each in ("shows", "number", "share", "published")]
        return table(self._say("title"), head, rows)

    def _named(self, shows: str | None) -> str:
        if shows == "blank":
            return str(self._words.html("audit.blank"))
        if shows in {"null", "not-found"}:
            return self._say("null" if shows == "null" else "not_there")
        return str(self._names.get(shows or "", shows or ""))

    def _differences(self) -> Markup:
        found = [each for each in self._seen if each.differs]
        if not found:
            return paragraphs(self._say("none"))
        rows = [(each.box, each.slip, self._named(each.recorded), self._named(each.shows)) for each in found[:_MOST]]
        head = [self._words.html("audit.boxes.box"), *(self._say(each) for each in ("slip", "recorded", "shows"))]
        return table(self._say("differ_title"), head, rows, figures=()) + self._more(found)

    def _more(self, slips: Sequence[DrawnSlip]) -> Markup:
        more = len(slips) - _MOST
        return paragraphs(self._say("more", n=more)) if more > 0 else Markup("")

    def _drawn(self) -> Markup:
        slips = self._story.slips
        wide = Counter(self._area(each.area.partition("/")[0]) for each in slips)
        bars = sorted(wide.items(), key=lambda row: (-row[1], row[0]))[:_MOST_BARS]
        chart = bar_chart(
            self._words,
            Caption(name="slips", title=self._say("chart"), summary=self._say("summary")),
            [Bar(name=name, value=number) for name, number in bars],
            axis=Axis(whole=True),
        )
        waiting = str(self._words.html("audit.state.waiting"))
        rows = [
            (each.box, self._area(each.area), each.slip, waiting if each.shows is None else self._named(each.shows))
            for each in slips[:_MOST]
        ]
        head = [
            self._words.html("audit.boxes.box"),
            self._words.html("audit.boxes.area"),
            self._say("slip"),
            self._say("shows"),
        ]
        return chart + long_table(self._words, self._say("drawn"), head, rows, figures=()) + self._more(slips)

    def _area(self, path: str) -> str:
        return self._story.names.get(path) or path.rpartition("/")[2] or str(self._words("place.country"))

    def method(self) -> Markup:
        """Say how it was asked."""
        return self._say(f"method_{self._plan['method']}")

    def committed(self) -> Iterator[Markup]:
        """Say what the plan committed to besides the table."""
        yield self._say("steps_manifest", digest=self._plan["manifest"]["sha256"])
        if "records" in self._plan:
            yield self._say("steps_records", digest=self._plan["records"]["sha256"])

    def again(self) -> Markup:
        """Say how anybody draws the slips again."""
        seed, method = self._story.seed or {}, self._plan["method"]
        said = [
            self._words.html("audit.again.seed", seed=seed.get("seed", ""), where=seed.get("where", "")),
            *([self._say("again_lists"), self._words.html("audit.again.bound")] if method == "strata" else []),
            self._say("again"),
            *([self._say("again_once")] if method in {"polling", "strata"} else []),
        ]
        name = self._plan["contest"] + ("/polled" if method == "strata" else "")
        line = Markup("<pre tabindex=0>printf '{}' | sha256sum</pre>").format(f"{seed.get('seed', '')},{name},1")
        return paragraphs(*said) + line

    def assumption(self) -> Assumption:
        """Say what must be true of the manifest."""
        return Assumption(title=self._say("assume_title"), meaning=self._say("assume_meaning"))
