"""The page of an area, from the widest level down to the one where the polling stations are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from markupsafe import Markup

from escruta.portal import outcome, stations, verdicts
from escruta.portal.contents import VERDICTS, AreaResult, Station
from escruta.portal.editions import Edition
from escruta.portal.folding import LARGEST, fold, folded, smaller
from escruta.portal.funnel import funnel
from escruta.portal.machines import below_address, whole_table
from escruta.portal.places import anchor, link
from escruta.portal.results import result_table, strip
from escruta.portal.shell import Shell, Table
from escruta.portal.sorting import SORTS

Page = tuple[str, bytes]
"""A page's address in its language's folder, and its bytes."""


def area_page(
    edition: Edition, shell: Shell, area: str, results: Mapping[str, AreaResult], inside: Sequence[Station]
) -> Page:
    """Write the page of an area below the country."""
    words, here, result = edition.words, edition.places.page(area), results[area]
    name, level = edition.area_name(area), edition.level_names[edition.places.areas[area].level]
    kicker = f"<p class=kicker>{level}" if edition.has_name(area) else ""
    children = edition.places.children(area)
    lead = outcome.lead(edition, result)
    below = _section(words("children.title"), children_table(edition, here, children, results)) if children else ""
    body = (
        f"<article class=area><header class=top>{kicker}<h1>{name}</h1>"
        f"<p class=stand>{lead}{verdicts.line(edition, result)}</header>"
        f"{embeddable(edition, name, result)}{below}"
        f"{stations_section(edition, area, inside)}"
        f"{_section(words('funnel.title'), funnel(edition, result))}"
        f"{_section(words('outcome.title'), f'<p>{outcome.statement(edition, result)}')}</article>"
    )
    return here, shell.page(
        here,
        body,
        title=f"{name}, {level}" if kicker else name,
        lead=lead,
        crumbs=shell.crumbs(area, here),
        table=_table_of_stations(edition, area),
    )


def _table_of_stations(edition: Edition, area: str) -> Table:
    """Find the table of an area's stations: its own, or that of the area above where no areas lie inside."""
    words, places = edition.words, edition.places
    if places.children(area):
        return Table(below_address(places.page(area)), words("machines.stations"))
    above = places.areas[area].parent
    table = below_address(places.page(above)) if above else whole_address(edition)
    return Table(table, words("machines.stations_of", area=Markup(edition.area_name(above))))  # noqa: S704 - escaped


def whole_address(edition: Edition) -> str:
    """Give the way from the site's folder to the table of all stations of a contest, which stands in the record."""
    return f"{edition.record_href}{whole_table(edition.contest)}"


def embeddable(edition: Edition, name: str, result: AreaResult) -> str:
    """Write an area's result as the section that alone is shown where the page stands in a frame of another site."""
    words = edition.words
    return (
        f"<section id=embed><h2>{words('result.title')}</h2><div><p class=framed><b>{name}</b> · "
        f"{edition.election_name} · <a href='#' target=_top>{words('machines.full')}</a></p>"
        f"{result_table(edition, result)}</div></section>"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2><div>{content}</div></section>"


def _inside(edition: Edition, children: Sequence[str]) -> str:
    return edition.level_names[edition.places.areas[children[0]].level]


def children_table(edition: Edition, here: str, children: Sequence[str], results: Mapping[str, AreaResult]) -> str:
    """List the areas directly inside one: stations counted, the country's first two candidates, the lead."""
    words = edition.words
    heads = "".join(
        f"<th scope=col class=n><i class='dot {edition.shades[place]}'></i>{edition.candidate_names[place]}"
        for place in edition.front
    )
    sizes = {child: _size(results[child]) for child in children if child in results}
    rest = smaller(sizes)
    rows = "".join([_child(edition, here, child, results[child], is_folded=child in rest) for child in sizes])
    return (
        f"{fold(words, 'areas', len(sizes), len(rest), k=LARGEST)}"
        f"<div class=w tabindex=0 role=region aria-label='{words('children.title')}'>"
        f"<table class='kids {SORTS}'><thead><tr>"
        f"<th scope=col>{_inside(edition, children)}<th scope=col class=n>{words('children.counted')}{heads}"
        f"<th scope=col class=n>{words('children.lead')}<tbody>{rows}</table></div>"
    )


def _size(result: AreaResult) -> int:
    """Give the stations that an area has, or those that are known of."""
    return (result.stations[0] if result.stations[0] is not None else result.stations[1]) or 0


def _child(edition: Edition, here: str, child: str, result: AreaResult, *, is_folded: bool) -> str:
    numbers = edition.words.numbers
    expected = result.stations[0] if result.stations[0] is not None else result.stations[1]
    whole = f"<small>/ {numbers.count(expected)}</small>" if expected is not None and expected != result.counted else ""
    cells = "".join([_votes(edition, result, place) for place in edition.front])
    href = escape(link(here, edition.places.page(child)))
    return (
        f"<tr{folded(is_folded)}><th scope=row><a href='{href}'>{edition.area_name(child)}</a>{strip(edition, result)}"
        f"<td class=n data-v={result.counted}>{numbers.count(result.counted)}{whole}{cells}{_lead(edition, result)}"
    )


def _lead(edition: Edition, result: AreaResult) -> str:
    """Write the cell of the lead with the leader's colour, and the name where the table has no column for it."""
    if result.margin_votes is None:
        return "<td class=n>–"
    number, place = edition.words.numbers.count(result.margin_votes), edition.contest.index.get(result.leader or "")
    cell = f"<td class=n data-v={result.margin_votes}>"
    if place is None:
        return cell + number
    name = "" if place in edition.front else f"<small>{edition.candidate_names[place]}</small>"
    return f"{cell}<i class='dot {edition.shades[place]}'></i>{number}{name}"


def _votes(edition: Edition, result: AreaResult, place: int) -> str:
    votes, numbers, is_unread = result.votes[place].votes, edition.words.numbers, result.votes[place].unread_stations
    if votes is None:
        return "<td class=n>–" if result.is_none_counted else f"<td class=n><i>{edition.words('unknown')}</i>"
    has_share = result.candidate_votes and (votes or not is_unread)
    share = f"<small>{numbers.share(votes, result.candidate_votes or 1, 1)}</small>" if has_share else ""
    return f"<td class=n data-v={votes}>{'≥ ' if is_unread else ''}{numbers.count(votes)}{share}"


def stations_section(edition: Edition, area: str, inside: Sequence[Station]) -> str:
    """Write the stations that lie directly in an area, or the way to the pages that hold them."""
    if not inside:
        return ""
    words, here = edition.words, edition.places.page(area)
    if not _has_pages(edition, area, inside):
        index = _index(inside) if len(inside) > _INDEX_FROM else ""
        return (
            f"<section class=wide><h2>{words('station.title')}</h2><div>{stations.legend(edition)}"
            f"{index}{stations.blocks(edition, here, inside)}</div></section>"
        )
    if len(inside) <= _LISTED:
        return _section(words("station.title"), _stations_table(edition, area, inside))
    return f"<section><h2>{words('station.title')}</h2>{_parts_list(edition, area, inside)}</section>"


_INDEX_FROM = 6
_LISTED = 80
"""So many stations are listed one by one; of more, only their pages."""


def _has_pages(edition: Edition, area: str, inside: Sequence[Station]) -> bool:
    """Say whether the stations of an area stand in pages of their own, because its page cannot hold them all."""
    return not area or len(inside) > edition.places.stations_a_page(area)


def _index(inside: Sequence[Station]) -> str:
    items = "".join(f"<li><a href='#{anchor(each.station)}'>{escape(each.name or each.station)}</a>" for each in inside)
    return f"<ul class=idx>{items}</ul>"


def _stations_table(edition: Edition, area: str, inside: Sequence[Station]) -> str:
    """List stations with their verdicts, each with the way to its readings."""
    words, count, here = edition.words, edition.words.numbers.count, edition.places.page(area)
    rows = []
    for place, each in enumerate(inside):
        href = f"{link(here, edition.places.page_of_station(area, place, len(inside)))}#{anchor(each.station)}"
        known = each.registered_voters
        voters = (
            f"<td class=n><i>{words('unknown')}</i>" if known is None else f"<td class=n data-v={known}>{count(known)}"
        )
        rows.append(
            f"<tr><th scope=row><a href='{escape(href)}'>{escape(each.name or each.station)}</a>"
            f"<td data-v={VERDICTS.index(each.verdict)}>{verdicts.chip(edition, each.verdict)}{voters}"
            f"<td class=n data-v={len(each.readings)}>{count(len(each.readings))}"
        )
    return (
        f"<table class='lst {SORTS}'><thead><tr><th scope=col>{words('station.station')}"
        f"<th scope=col>{words('verdict.column')}"
        f"<th scope=col class=n>{words('funnel.registered')}<th scope=col class=n>{words('places.readings')}"
        f"<tbody>{''.join(rows)}</table>"
    )


_PAGES_LISTED = 24
"""Of more pages than this, only those near the open one are listed, and some between."""


def _parts_list(edition: Edition, area: str, inside: Sequence[Station], current: int = 0) -> str:
    """List the pages that hold an area's stations."""
    here = edition.places.stations_page(area, current) if current else edition.places.page(area)
    parts = list(_parts(edition, area, inside))
    step = -(-len(parts) // (_PAGES_LISTED // 2)) if len(parts) > _PAGES_LISTED else 1
    links = []
    for number, part in parts:
        if (number - 1) % step and number != len(parts) and abs(number - current) > 1:
            continue
        first, last = (escape(each.name or each.station) for each in (part[0], part[-1]))
        name = first if len(part) == 1 else f"{first} – {last}"
        href = escape(link(here, edition.places.stations_page(area, number)))
        shown = f"<b aria-current=page>{name}</b>" if number == current else f"<a href='{href}'>{name}</a>"
        links.append(f"<li>{shown}")
    return f"<ul class=pages>{''.join(links)}</ul>"


def station_pages(edition: Edition, shell: Shell, area: str, inside: Sequence[Station]) -> Iterator[Page]:
    """Write the pages of an area with too many stations for its own page."""
    if not _has_pages(edition, area, inside):
        return
    words = edition.words
    kicker = f"<p class=kicker>{edition.level_names[edition.places.areas[area].level]}" if area else ""
    for number, part in _parts(edition, area, inside):
        here = edition.places.stations_page(area, number)
        first, last = (escape(each.name or each.station) for each in (part[0], part[-1]))
        title = f"{edition.area_name(area)} · {first}" + (f" – {last}" if len(part) > 1 else "")
        index = _index(part) if len(part) > _INDEX_FROM else ""
        pager = _pager(edition, area, inside, number)
        body = (
            f"<article class=area><header class=top>{kicker}<h1>{title}</h1></header>"
            f"<section class=wide><h2>{words('station.title')}</h2><div>{stations.legend(edition)}{index}"
            f"{stations.blocks(edition, here, part)}{pager}</div></section></article>"
        )
        yield here, shell.page(here, body, title=title, crumbs=shell.crumbs(area, here))


def _pager(edition: Edition, area: str, inside: Sequence[Station], current: int) -> str:
    """Write the ways to the other pages that hold an area's stations, where there are any."""
    if len(inside) <= edition.places.stations_a_page(area):
        return ""
    listed = _parts_list(edition, area, inside, current)
    return f"<nav class=pager aria-label='{edition.words('places.pages')}'>{listed}</nav>"


def _parts(edition: Edition, area: str, inside: Sequence[Station]) -> Iterator[tuple[int, Sequence[Station]]]:
    size = edition.places.stations_a_page(area)
    for number, start in enumerate(range(0, len(inside), size), start=1):
        yield number, inside[start : start + size]
