"""The map of the areas that the definition brings: who leads where, and by how much; each area leads to its page.

A candidate's colour is that of the bars. How far the leader is ahead is told by how strong it is, and in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from escruta.portal.contents import AreaResult
from escruta.portal.editions import Edition
from escruta.portal.places import link

_BINS = ((5, "m1"), (15, "m2"), (101, "m3"))
"""From which lead, in percent of the votes for candidates, the next class holds."""


def area_map(
    edition: Edition,
    here: str,
    results: Mapping[str, AreaResult],
    children: Sequence[str],
    shapes: Mapping[str, tuple[int, int, str]],
) -> str:
    """Draw the map; nothing where it shows none of the areas. `shapes` gives width, height and path by area's code."""
    codes = {edition.places.areas[child].code: child for child in children if child in results}
    drawn = {code: shapes[code] for code in codes if code in shapes}
    if not drawn:
        return ""
    width, height, _ = next(iter(drawn.values()))
    around = "".join(f'<path class=m0 d="{path}"/>' for code, (_, _, path) in shapes.items() if code not in drawn)
    inside = "".join(_area(edition, here, codes[code], results[codes[code]], drawn[code][2]) for code in drawn)
    words, absent = edition.words, len(codes) - len(drawn)
    note = f"<p class=note>{words('map.absent', n=absent)}" if absent else ""
    return (
        f'<svg class=map viewBox="-2 -2 {width + 4} {height + 4}" role=group aria-label="{words("map.title")}">'
        f"{around}{inside}</svg>{_legend(edition, [results[codes[code]] for code in drawn])}{note}"
    )


def _area(edition: Edition, here: str, area: str, result: AreaResult, path: str) -> str:
    shade, strength = shade_of(edition, result)
    href = escape(link(here, edition.places.page(area)))
    said = f"{edition.area_name(area)}: {_said(edition, result)}"
    outline = f'<path class="{shade} {strength}" d="{path}"><title>{said}</title></path>'
    return f'<a href="{href}" aria-label="{said}">{outline}</a>'


def shade_of(edition: Edition, result: AreaResult) -> tuple[str, str]:
    """Choose the leader's colour and how strong it is; an area in which nobody leads has none."""
    place, whole = edition.contest.index.get(result.leader or ""), result.candidate_votes
    if place is None or result.margin_votes is None or not whole:
        return "m0", ""
    percent = 100 * result.margin_votes // whole
    return edition.shades[place], next(name for below, name in _BINS if percent < below)


def _said(edition: Edition, result: AreaResult) -> str:
    words, whole = edition.words, result.candidate_votes
    if result.leader is None or result.margin_votes is None or not whole:
        return words("map.nobody")
    points = words.numbers.points(result.margin_votes, whole, 1).lstrip("+")
    return words("map.leads", leader=edition.candidate_name(result.leader), points=points)


def _legend(edition: Edition, results: Sequence[AreaResult]) -> str:
    words, index = edition.words, edition.contest.index
    leaders = {index[result.leader] for result in results if result.leader in index}
    items = []
    for place in [each for each in edition.ranking if each in leaders]:
        squares = "".join(
            f'<svg class=msq aria-hidden=true><rect class="{edition.shades[place]} {name}" width=100% /></svg>'
            for _, name in _BINS
        )
        items.append(f"<li>{squares} {edition.candidate_names[place]}")
    if any(result.leader not in index for result in results):
        items.append(f"<li><svg class=msq aria-hidden=true><rect class=m0 width=100% /></svg> {words('map.nobody')}")
    return f"<ul class='keys plain'>{''.join(items)}</ul><p class=note>{words('map.strength')}"
