"""The page of `escruta outcome`: can it still be overturned, and what would have to be false."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup, escape

from escruta.assessment.night import Night
from escruta.assessment.overturn import NoFalseSheets, Overturn
from escruta.base.words import code_words
from escruta.portal.charts import Axis, Bar, Caption, Mark, Series, bar_chart, line_chart
from escruta.portal.moments import in_both_plain, zone_with_offset
from escruta.portal.single import Assumption, Fact, Section, paragraphs, single_page, table
from escruta.portal.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """An area inside the one asked about."""

    name: str
    leader: str | None
    margin_votes: int | None
    can_be_overturned: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page is about, by name."""

    election: str
    contest: str
    area: str
    """The area's name; empty for the country."""
    names: Mapping[str, str]
    """Candidate to name."""
    zone: tzinfo


def overturn_page(words: Words, asked: Asked, found: Overturn, areas: Sequence[AreaLine] = ()) -> bytes:
    """Write the page."""
    sections = [
        Section(title=words.html("overturn.margin"), body=_duel(words, found) + _rule(words, asked, found)),
        Section(title=words.html("overturn.parts"), body=_parts(words, found)),
        Section(title=words.html("overturn.false"), body=_false(words, found)),
        Section(title=words.html("overturn.night"), body=_night(words, asked, found.night)),
        Section(title=words.html("overturn.result"), body=_result(words, asked, found)),
    ]
    if areas:
        sections.append(Section(title=words.html("overturn.areas"), body=_areas(words, asked, areas), wide=True))
    return single_page(
        words,
        title=words.html("overturn.title"),
        kicker=" · ".join(part for part in (asked.election, asked.contest, asked.area) if part),
        standfirst=_answer(words, asked, found),
        facts=_facts(words, asked, found),
        sections=sections,
        assumptions=assumed(words, found.assumptions),
    )


def assumed(words: Words, codes: Sequence[str]) -> list[Assumption]:
    """Give the words of assumptions."""
    said = [code_words(f"assumption.{code}", words.language) for code in codes]
    return [Assumption(title=f"{each.title}.", meaning=each.meaning) for each in said]


def _answer(words: Words, asked: Asked, found: Overturn) -> str:
    if found.leader is None:
        return words.html("overturn.nothing")
    if found.slack is None:
        return words.html("overturn.unsaid")
    if found.slack > 0:
        return words.html("overturn.cannot", leader=asked.names[found.leader])
    return words.html("overturn.could")


def _facts(words: Words, asked: Asked, found: Overturn) -> list[Fact]:
    def figure(number: int | None) -> str:
        return words.html("unknown") if number is None else words.numbers.count(number)

    leads = found.leader is not None and found.runner_up is not None
    lead = (
        words.html(
            "overturn.margin_note", leader=asked.names[found.leader or ""], runner_up=asked.names[found.runner_up or ""]
        )
        if leads
        else ""
    )
    return [
        Fact(name=words.html("overturn.margin"), figure=figure(found.margin_votes), note=lead),
        Fact(name=words.html("overturn.outside"), figure=figure(found.reach), note=words.html("overturn.outside_note")),
        Fact(name=words.html("overturn.slack"), figure=figure(found.slack), note=words.html("overturn.slack_note")),
    ]


def _duel(words: Words, found: Overturn) -> Markup:
    bars = [
        Bar(name=words.html("overturn.against_lead"), value=found.margin_votes),
        Bar(name=words.html("overturn.could_come"), value=found.reach, style=1),
    ]
    caption = Caption(name="lead", title=words.html("overturn.chart"))
    decided = found.slack_if_decided
    also = (
        paragraphs(words.html("overturn.if_decided", n=decided))
        if decided is not None and decided != found.slack
        else Markup("")
    )
    return bar_chart(words, caption, bars, axis=Axis(label=words.html("overturn.votes"))) + also


def _rule(words: Words, asked: Asked, found: Overturn) -> Markup:
    """Say what a rule that is not plurality makes of it."""
    rule = found.standing
    if rule is None or rule.kind == "plurality":
        return Markup("")

    def names(ids: Sequence[str]) -> Markup:
        return words.either([escape(asked.names[each]) for each in ids]) or words.html("overturn.nobody")

    if rule.kind == "bar":
        undecided = [each for each in rule.possible if each not in rule.certain]
        return paragraphs(
            words.html("overturn.over_bar", names=names(rule.certain)),
            words.html("overturn.under_bar", names=names(undecided)),
        )
    if rule.certain:
        first = words.html("overturn.won", names=names(rule.certain))
    elif rule.possible:
        first = words.html("overturn.open_rule", names=names(rule.possible))
    else:
        first = words.html("overturn.run_off")
    return paragraphs(first, words.html("overturn.second_round", names=names(rule.second_round)))


def _parts(words: Words, found: Overturn) -> Markup:
    rows = [
        [words.html(f"overturn.part.{part.why}"), _known(words, part.stations), _known(words, part.voters)]
        for part in found.parts
    ]
    head = [words.html(f"overturn.{each}") for each in ("why", "stations", "voters")]
    return table(words.html("overturn.parts"), head, rows)


def _known(words: Words, number: int | None) -> str:
    return words.html("unknown") if number is None else words.numbers.count(number)


def _false(words: Words, found: Overturn) -> Markup:
    false = found.false_sheets
    if false is None:
        applies = found.no_false_sheets is not NoFalseSheets.DOES_NOT_APPLY
        return paragraphs(words.html("overturn.false_not_known" if applies else "overturn.false_does_not_apply"))
    numbers = {"in_addition": false.in_addition, "by_themselves": false.by_themselves, "swapped": false.swapped}
    keys = {"in_addition": "addition", "by_themselves": "themselves"}
    rows = []
    for name, number in numbers.items():
        key = keys.get(name, name)
        without = words.html("unknown" if name in false.not_known else "overturn.not_enough")
        shown = without if number is None else words.numbers.count(number)
        share = words.numbers.share(number, found.sheets, 1) if number is not None and found.sheets else ""
        rows.append([words.html(f"overturn.is_false.{key}"), shown, share])
    head = [words.html(f"overturn.{each}") for each in ("reading", "sheets", "share")]
    intro = paragraphs(words.html("overturn.false_intro", n=found.sheets))
    return intro + table(words.html("overturn.false"), head, rows)


def _night(words: Words, asked: Asked, night: Night | None) -> Markup:
    if night is None:
        return paragraphs(words.html("overturn.night_none"))
    moments: list[datetime] = night.moments.to_list()
    lead = Series(
        name=words.html("overturn.against_lead"),
        points=list(zip(moments, (int(each) for each in night.margins), strict=True)),
        step=True,
    )
    out = Series(
        name=words.html("overturn.night_out"),
        points=list(zip(moments, (int(each) for each in night.outside), strict=True)),
        step=True,
    )
    marks = []
    said = words.html("overturn.never_settled")
    if night.settled is not None:
        moment = moments[night.settled].astimezone(asked.zone)
        marks.append(Mark(text=words.html("overturn.settled"), x=moment))
        said = words.html("overturn.settled_at", time=in_both_plain(words, moment))
    caption = Caption(name="night", title=words.html("overturn.night_chart"), summary=said)
    axis = Axis(
        kind="time",
        label=words.html("arrival.time", zone=zone_with_offset(moments[0].astimezone(asked.zone))),
        zone=asked.zone,
    )
    return line_chart(words, caption, [lead, out], x=axis, y=Axis(label=words.html("overturn.votes")), marks=marks)


def _result(words: Words, asked: Asked, found: Overturn) -> Markup:
    whole = sum(found.votes.values())
    rows = [
        [asked.names[name], words.numbers.count(votes), words.numbers.share(votes, whole, 2) if whole else "–"]
        for name, votes in sorted(found.votes.items(), key=lambda each: -each[1])
    ]
    head = [words.html("result.candidate"), words.html("overturn.votes"), words.html("overturn.share")]
    return table(words.html("overturn.result"), head, rows)


def _areas(words: Words, asked: Asked, areas: Sequence[AreaLine]) -> Markup:
    change = {True: "overturn.change_yes", False: "overturn.change_no", None: "unknown"}
    rows = [
        [
            line.name,
            asked.names[line.leader] if line.leader is not None else "–",
            _known(words, line.margin_votes),
            words.html(change[line.can_be_overturned]),
        ]
        for line in areas
    ]
    head = [words.html(f"overturn.{each}") for each in ("area", "leads", "margin", "change")]
    return table(words.html("overturn.areas"), head, rows, figures=[2, 3], dense=True)
