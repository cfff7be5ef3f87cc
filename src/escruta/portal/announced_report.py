"""The page of `escruta announced`: all that the programmes add, with the picture of what is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from escruta.assessment.announced import FullAnswer
from escruta.assessment.feasible import edge_of_possible
from escruta.assessment.rounded import RoundedTest
from escruta.assessment.sequences import Bulletins
from escruta.portal.announced import (
    Bound,
    Names,
    covered,
    group_name,
    numbers,
    picture,
    proof,
    taken_for_granted,
    verdict_of,
)
from escruta.portal.charts import Axis, Caption, Point, Region, region_chart
from escruta.portal.single import Section, paragraphs, single_page, table
from escruta.portal.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One announcement with everything that was worked out of it."""

    title: str
    answer: FullAnswer
    bound: Bound
    """The answer as plain values."""
    rounded: tuple[RoundedTest, ...]


def announced_report(
    words: Words,
    *,
    kicker: str,
    names: Names,
    told: Sequence[Told],
    together: Bulletins | None,
    titles: Names,
) -> bytes:
    """Write the page; `titles` names the announcements by their ids."""
    sections = [Section(title=each.title, body=_one(words, names, each)) for each in told]
    if together is not None:
        sections.append(Section(title=words.html("announced.sequence"), body=_together(words, names, together, titles)))
    return single_page(
        words,
        title=words.html("announced.title"),
        kicker=kicker,
        standfirst=words.html("announced.intro"),
        sections=sections,
    )


def _one(words: Words, names: Names, told: Told) -> Markup:
    answer, bound = told.answer, told.bound
    groups = [group_name(words, names, group) for group in bound["groups"]]
    name, anywhere = answer.answer.announcement, answer.answer.certificate_at_any_coverage
    return Markup("").join(
        [
            Markup("<p class=say>{}</p>").format(verdict_of(words, bound)),
            _which(words, answer),
            paragraphs(covered(words, bound), *_supposed(words, names, answer)),
            numbers(words, groups, bound, name),
            _region(words, groups, told) or picture(words, groups, bound, name),
            _limits(words, answer),
            proof(words, groups, bound, "certificate", mixture=answer.answer.mixture(answer.answer.certificate)),
            proof(words, groups, bound, "certificate_at_any_coverage", mixture=answer.answer.mixture(anywhere)),
            _rounded(words, told.rounded),
            taken_for_granted(words, bound["assumptions"]),
        ]
    )


def _supposed(words: Words, names: Names, answer: FullAnswer) -> list[str]:
    """Say what was chosen of the votes outside."""
    outside = answer.answer.outside

    def share(value: Fraction) -> str:
        digits = next((each for each in range(1, 4) if (value * 10 ** (2 + each)).denominator == 1), 4)
        return words.numbers.share(value.numerator, value.denominator, digits)

    said: list[str] = []
    if outside.turnout < 1:
        said.append(words.html("announced.supposed_turnout", share=share(outside.turnout)))
    for name, limit in outside.shares.items():
        said.append(words.html("announced.supposed_share", name=names.get(name, name), share=share(limit)))
    return said


def _which(words: Words, answer: FullAnswer) -> Markup:
    """Say how many sheets must be false if the announcement is not."""
    found = answer.answer
    if found.certificate is None and found.certificate_at_any_coverage is None:
        return Markup("")
    anywhere = found.certificate_at_any_coverage is not None
    least = (answer.false_sheets_at_any_coverage if anywhere else answer.false_sheets) or 0
    key = "announced.one_of_two" if least else "announced.none_of_two"
    return paragraphs(words.html(key, n=least) if least else words.html(key))


def _limits(words: Words, answer: FullAnswer) -> Markup:
    """Set out the critical coverage and the false sheets."""
    count, coverage = words.numbers.count, answer.answer.coverage
    unknown = words("unknown")
    critical = answer.critical_coverage
    shown = unknown
    if critical is not None and critical < 0:
        shown = words("announced.critical_never")
    elif critical is not None:
        note = (
            words.html("announced.critical_note", of=coverage.of, share=words.numbers.share(critical, coverage.of))
            if coverage.of
            else ""
        )
        shown = f"{count(critical)} {note}"
    rows: list[list[str]] = [[words.html("announced.critical"), shown]]
    for key, number in (("false_at", answer.false_sheets), ("false_any", answer.false_sheets_at_any_coverage)):
        rows.append([words.html(f"announced.{key}"), unknown if number is None else count(number)])
    return table(words.html("announced.more"), ["", ""], rows)


def _region(words: Words, groups: Sequence[str], told: Told) -> Markup | None:
    """Draw the first group against all others: where stations can be, and where the announcement is."""
    question = told.answer.answer.question
    anywhere = edge_of_possible(question.at_any_coverage(), 0)
    if anywhere is None:
        return None
    regions = [Region(name=words.html("announced.region_any"), outlines=[anywhere], style=1)]
    here = edge_of_possible(question, 0) if question.at_least[0] else None
    if here is not None:
        regions.append(Region(name=words.html("announced.region_at"), outlines=[here], style=0))
    announced, counted = question.announced[0], question.votes.sum(axis=0)
    own = int(counted[0])
    points = [Point(name=words.html("announced.point"), x=announced[0], y=sum(announced[1:]), style=3)]
    if len(question.votes):
        points.append(Point(name=words.html("announced.sheets"), x=own, y=int(counted.sum()) - own, style=2))
    caption = Caption(
        name=f"region-{told.answer.answer.announcement}",
        title=words.html("announced.region"),
        summary=words.html("announced.region_note"),
    )
    across, up = words.html("announced.votes_for", name=groups[0]), words.html("announced.everybody")
    return region_chart(words, caption, regions, points, x=Axis(label=across), y=Axis(label=up))


def _rounded(words: Words, tests: Sequence[RoundedTest]) -> Markup:
    """Say whether the counts look worked out from percentages, with the benign explanation."""
    title = Markup("<h3>{}</h3>").format(words.html("announced.rounded"))
    if not tests:
        return title + paragraphs(words.html("announced.rounded_few"))
    hit = next((each for each in tests if each.all_hit), None)
    rows = [
        [
            str(test.decimals),
            words.html("announced.of", n=sum(each.is_hit for each in test.counts), of=len(test.counts)),
            words.numbers.decimal(f"{float(min(each.miss for each in test.counts)):.1f}"),
        ]
        for test in tests
    ]
    head = [words.html(f"announced.{key}") for key in ("decimals", "hits", "miss")]
    listed = table(words.html("announced.rounded"), head, rows)
    if hit is None:
        return title + paragraphs(words.html("announced.rounded_none")) + listed
    values: dict[str, Any] = {
        "n": hit.decimals,
        "total": hit.total,
        "odds": round(1 / hit.together),
        "corrected": round(1 / hit.corrected),
    }
    said = words.html("announced.rounded_hit" if hit.is_exact else "announced.rounded_most", **values)
    return title + paragraphs(said, words.html("announced.rounded_benign")) + listed


def _together(words: Words, names: Names, together: Bulletins, titles: Names) -> Markup:
    fewer = [
        words.html("announced.sequence_fewer", name=names[candidate], later=titles[later])
        for later, candidate in together.shrinking
    ]
    if together.certificate_at_any_coverage is not None:
        said = words.html("announced.sequence_any")
    elif together.certificate is not None:
        said = words.html("announced.sequence_at")
    else:
        said = words.html("announced.sequence_none")
    return paragraphs(words.html("announced.sequence_intro"), *fewer, said)
