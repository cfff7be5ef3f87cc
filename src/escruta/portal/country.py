"""The country's page: where the election stands, on what evidence, and the way to everything behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import Environment
from markupsafe import Markup

from escruta.portal import areas, arrival, asides, checks, comparisons, maps, outcome, stakes, verdicts
from escruta.portal.contents import AreaResult, Station
from escruta.portal.editions import Edition
from escruta.portal.funnel import funnel
from escruta.portal.moments import shown
from escruta.portal.reading import Record
from escruta.portal.shell import Shell, Table
from escruta.portal.tiles import tiles


def country_page(
    edition: Edition, shell: Shell, environment: Environment, record: Record, loose: Sequence[Station]
) -> areas.Page:
    """Write the country's page; `loose` are the stations that lie in no area."""
    here = edition.places.page("")
    children = edition.places.children("")
    mine = edition.contest
    inside = record.once(("inside", mine.contest), lambda: record.results(mine, children))
    results = {"": edition.national, **inside}
    parts = {
        **_picture(edition, here, children, results, record.once(("shapes",), lambda: asides.shapes(record))),
        **_evidence(edition, record),
        "stakes": stakes.stakes(edition, record.once(("aside", mine.contest), lambda: asides.set_aside(record, mine))),
        "loose": areas.stations_section(edition, "", loose),
    }
    body = environment.get_template("country.html").render(
        say=edition.words.html,
        day=shown(edition.words, edition.election, str(edition.election["date"])),
        contest=edition.words.named(edition.contest.name),
        facts=_facts(edition),
        record=edition.record_href,
        up="../" * (here.count("/") + 1),
        **{name: Markup(part) for name, part in parts.items()},  # noqa: S704 - the parts are HTML
    )
    lead = outcome.standfirst(edition, edition.national)
    whole = Table(areas.whole_address(edition), edition.words("machines.stations"))
    return here, shell.page(here, body, lead=lead, tab="index", table=whole)


def _picture(
    edition: Edition,
    here: str,
    children: Sequence[str],
    results: Mapping[str, AreaResult],
    shapes: Mapping[str, tuple[int, int, str]],
) -> dict[str, str]:
    national = edition.national
    return {
        "headline": outcome.headline(edition, national),
        "standfirst": outcome.standfirst(edition, national),
        "result": areas.embeddable(edition, edition.words("place.country"), national),
        "funnel": funnel(edition, national, explained=True),
        "statement": outcome.statement(edition, national),
        "duel": outcome.picture(edition, national),
        "assumptions": outcome.assumptions(edition, national),
        "verdicts": verdicts.breakdown(edition, national),
        "tiles": tiles(edition, here, results, children) if len(children) > 1 else "",
        "map": maps.area_map(edition, here, results, children, shapes),
        "children": areas.children_table(edition, here, children, results) if children else "",
    }


def _evidence(edition: Edition, record: Record) -> dict[str, str]:
    contest = edition.contest
    mine = contest.contest
    arrived = record.once(("arrived", mine), lambda: asides.arrivals(record, contest))
    announced = [row for row in record.table("announcements").iter_rows(named=True) if row["contest"] == mine]
    made = [row for row in record.table("checks").iter_rows(named=True) if row["contest"] in {None, mine}]
    return {
        "sources": comparisons.sources_list(edition, record.files),
        "agreement": comparisons.agreement(edition),
        "arrival": arrival.arrival(edition, arrived),
        "announcements": comparisons.announcements(edition, announced),
        "checks": checks.checks_table(edition, made, "findings.html"),
    }


def _facts(edition: Edition) -> list[tuple[Markup, ...]]:
    """Choose the three figures that a reader should take home: what they are, the figure, and of how many."""
    words, say, national = edition.words, edition.words.html, edition.national
    counted = words.numbers.count(national.counted)
    expected = national.stations[0]
    backed = national.stations[4]
    lead = words.numbers.count(national.margin_votes) if national.margin_votes is not None else say("unknown")
    of_expected = say("fact.of_expected", n=expected) if expected is not None else say("fact.of_unknown")
    if national.off_register:
        of_expected += Markup(", {}").format(say("fact.off_register", n=national.off_register))
    return [
        (say("fact.lead"), Markup(lead), say("fact.votes")),  # noqa: S704 - a number
        (say("fact.counted"), Markup(counted), of_expected),  # noqa: S704 - a number
        (
            say("fact.backed"),
            Markup(words.numbers.count(backed)) if backed is not None else say("unknown"),  # noqa: S704 - a number
            say("fact.of_counted", n=national.counted),
        ),
    ]
