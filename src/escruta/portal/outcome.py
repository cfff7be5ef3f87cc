"""Where the election stands, in plain words that never say more than the evidence."""

from __future__ import annotations

from html import escape

from escruta.base.words import CodeUnknown, code_words
from escruta.portal.contents import DIFFERING, AreaResult
from escruta.portal.editions import Edition
from escruta.portal.results import percent

_CHANGE = {True: "could", False: "cannot", None: "unsaid"}


def headline(edition: Edition, result: AreaResult) -> str:
    """Say who leads and whether the rest could change it."""
    words = edition.words
    if result.is_none_counted or result.leader is None:
        return words(f"headline.{'nothing' if result.is_none_counted else _without_leader(result)}")
    leader = edition.candidate_name(result.leader)
    if result.runner_up is None or result.margin_votes is None:
        return words("headline.alone", leader=leader)
    change = "whole" if result.is_whole else _CHANGE[result.can_be_overturned]
    return words(
        f"headline.{change}",
        leader=leader,
        runner_up=edition.candidate_name(result.runner_up),
        n=result.margin_votes,
    )


def _without_leader(result: AreaResult) -> str:
    return "unread" if result.margin_votes is None else "level"


def lead(edition: Edition, result: AreaResult) -> str:
    """Say in one short sentence who leads in an area."""
    words = edition.words
    if result.is_none_counted:
        return words("headline.nothing")
    if result.margin_votes is None and result.leader is None:
        return words("headline.unread")
    if result.leader is None or result.margin_votes is None:
        return words("lead.counted", n=result.in_totals)
    if result.margin_votes == 0:
        return words("headline.level")
    ahead = words("lead.ahead", leader=edition.candidate_name(result.leader), n=result.margin_votes)
    return f"{ahead} {words('lead.counted', n=result.in_totals)}"


def standfirst(edition: Edition, result: AreaResult) -> str:
    """Say how much is counted, on what evidence, and what is left out."""
    words = edition.words
    expected = result.stations[0]
    if expected and expected >= result.counted:
        share = words.numbers.share(result.counted, expected, 1)
        first = words("standfirst.counted_of", n=result.counted, expected=expected, share=share)
    else:
        first = words("standfirst.counted", n=result.counted)
    beside = [words("standfirst.off_register", n=result.off_register)] if result.off_register else []
    return " ".join([first, *beside, _evidence(edition, result), *_left_out(edition, result)])


def _evidence(edition: Edition, result: AreaResult) -> str:
    words = edition.words
    backed = result.stations[4]
    if result.is_none_counted or backed is None:
        return ""
    if backed:
        return words("standfirst.backed", n=backed, confirmed=result.of_verdict("confirmed") or 0)
    chains = {source["origin"] for source in edition.sources}
    if len(chains) == 1:
        origin = edition.origins[chains.pop()]
        return words("standfirst.one_origin", origin=words.named(origin["name"]))
    return words("standfirst.none_backed")


def _left_out(edition: Edition, result: AreaResult) -> list[str]:
    number = sum(result.of_verdict(verdict) or 0 for verdict in DIFFERING)
    if not number:
        return []
    return [edition.words("standfirst.as_published" if edition.is_as_published else "standfirst.left_out", n=number)]


def statement(edition: Edition, result: AreaResult) -> str:
    """Say whether the stations outside the count could change who leads, and why."""
    words = edition.words
    if result.is_none_counted or result.leader is None or result.runner_up is None or result.margin_votes is None:
        return words("outcome.nothing")
    outside, reach = result.outside_registered_voters, result.reachable_votes
    if result.is_whole:
        return words("outcome.whole")
    if result.can_be_overturned is None or outside is None or reach is None:
        return words("outcome.unsaid")
    names = {
        "leader": edition.candidate_name(result.leader),
        "runner_up": edition.candidate_name(result.runner_up),
    }
    stations = result.outside_stations
    where = words("outcome.outside", n=stations, voters=outside) if stations is not None else ""
    if result.unread_at_most:
        where += " " + words("outcome.unread", n=result.unread_at_most)
    if result.can_be_overturned:
        return f"{where} {words('outcome.could', **names, n=result.margin_votes)}"
    return f"{where} {words('outcome.cannot', **names, n=result.margin_votes - reach)}"


def picture(edition: Edition, result: AreaResult) -> str:
    """Draw the lead beside all the votes that could still come."""
    outside, margin = result.reachable_votes, result.margin_votes
    if outside is None or margin is None or result.is_none_counted or result.is_whole:
        return ""
    words, longest = edition.words, max(outside, margin, 1)
    rows = "".join(
        f"<tr><th scope=row>{words(key)}<svg class=bar aria-hidden=true>"
        f'<rect class={shade} width="{percent(number, longest)}" /></svg><td class=n>{words.numbers.count(number)}'
        for key, number, shade in (("outcome.lead", margin, "f1"), ("outcome.at_most", outside, "open"))
    )
    head = f"<thead class=vh><tr><th scope=col>{words('outcome.what')}<th scope=col>{words('outcome.votes')}"
    return f"<table class=duel>{head}<tbody>{rows}</table>"


def assumptions(edition: Edition, result: AreaResult) -> str:
    """List what the outcome takes for granted, one click away."""
    words = edition.words
    said = edition.contest.summary.get("outcome", {})
    listed = [_assumption(edition, code) for code in said.get("assumptions") or ()]
    source = edition.election.get("stations", {}).get("expected_source")
    if source and result.stations[0] is not None:
        listed.append(words("assumption.expected_source", source=source))
    if not (result.stations[4] or 0):
        listed.append(words("assumption.single"))
    items = "".join(f"<li>{item}" for item in listed)
    return f"<details><summary>{words('assumption.title')}</summary><ul>{items}</ul></details>"


def _assumption(edition: Edition, code: str) -> str:
    try:
        said = code_words(f"assumption.{code}", edition.words.language)
    except CodeUnknown:
        return escape(code)
    return f"<b>{escape(said.title)}.</b> {escape(said.meaning)}"
