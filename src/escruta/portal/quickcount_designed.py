"""The page of a quick count before the night: the plan, and the centres that were drawn with a public seed."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from markupsafe import Markup

from escruta.assessment.quickcount import Draw, Plan
from escruta.portal.charts import Axis, Caption, StackedBar, stacked_chart
from escruta.portal.single import Assumption, Fact, Section, long_table, paragraphs, single_page, table
from escruta.portal.words import Words


def design_page(words: Words, made: Plan, drawn: Draw | None = None) -> bytes:
    """Write the page of a plan, or of a draw; it stands on its own."""
    sections = [
        Section(title=_say(words, "seed"), body=_seed(words, drawn)),
        Section(title=_say(words, "strata"), body=_strata(words, made), wide=True),
    ]
    if drawn is not None:
        sections.append(Section(title=_say(words, "list"), body=_listed(words, drawn), wide=True))
    return single_page(
        words,
        title=_say(words, "plan_title" if drawn is None else "draw_title", n=made.drawn),
        kicker=words.html("quickcount.kicker"),
        standfirst=_say(
            words,
            "plan_stand",
            width=words.numbers.decimal(f"{made.half_width * 100:g}"),
            level=words.numbers.share(round(made.confidence * 1000), 1000, 1),
            needed=made.needed,
            drawn=made.drawn,
        ),
        facts=_facts(words, made),
        sections=sections,
        assumptions=[
            Assumption(
                title=words.html(f"quickcount.assumed.{key}"), meaning=words.html(f"quickcount.assumed.{key}_means")
            )
            for key in ("drawn", "frame")
        ],
    )


def _say(words: Words, key: str, **values: object) -> Markup:
    return words.html(f"quickcount.design.{key}", **values)


def _facts(words: Words, made: Plan) -> list[Fact]:
    count = words.numbers.count
    whole = sum(each.centres for each in made.strata)
    return [
        Fact(name=_say(words, "fact_drawn"), figure=count(made.drawn), note=_say(words, "fact_needed_note", n=whole)),
        Fact(name=_say(words, "fact_needed"), figure=count(made.needed)),
        Fact(
            name=words.html("quickcount.fact_effect"),
            figure=words.numbers.decimal(f"{made.design_effect:.1f}"),
            note=words.html("quickcount.fact_effect_note"),
        ),
    ]


def _seed(words: Words, drawn: Draw | None) -> Markup:
    if drawn is None:
        return paragraphs(_say(words, "no_seed"))
    shown = Markup("<p><code>{}</code> ({})</p>").format(drawn.seed, _say(words, "seed_note"))
    return shown + paragraphs(_say(words, "draw_stand"))


def _strata(words: Words, made: Plan) -> Markup:
    chart = stacked_chart(
        words,
        Caption(name="strata", title=_say(words, "strata_says")),
        [words.html("quickcount.drawn"), _say(words, "not_drawn")],
        [
            StackedBar(
                name=each.name, parts=(each.drawn, each.centres - each.drawn), text=f"{each.drawn}/{each.centres}"
            )
            for each in made.strata
        ],
        axis=Axis(whole=True),
        has_rest=True,
    )
    count = words.numbers.count
    rows = [(each.name, count(each.centres), count(each.registered), count(each.drawn)) for each in made.strata]
    head = [
        words.html("quickcount.stratum"),
        words.html("quickcount.centres"),
        _say(words, "registered"),
        words.html("quickcount.drawn"),
    ]
    return chart + table(_say(words, "strata"), head, rows)


def _listed(words: Words, drawn: Draw) -> Markup:
    """Set the centres out, with the same as CSV inside the page."""
    rows = list(zip(drawn.centres, drawn.strata, drawn.tickets, strict=True))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("centre", "stratum", "ticket"), *rows])
    link = Markup("<p><a download=drawn.csv href='data:text/csv;charset=utf-8,{}'>{}</a></p>").format(
        quote(text.getvalue()), _say(words, "csv")
    )
    head = [_say(words, "centre"), words.html("quickcount.stratum"), _say(words, "ticket")]
    shown = [(*row[:2], f"{row[2][:16]}…") for row in rows]
    return link + long_table(words, _say(words, "list"), head, shown, figures=[], dense=True)
