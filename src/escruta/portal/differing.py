"""The stations that count for nobody until somebody decides, and the findings by code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from escruta.base.words import CodeUnknown, code_words
from escruta.portal.areas import Page
from escruta.portal.contents import DIFFERING, Finding, Station, standing
from escruta.portal.editions import Edition
from escruta.portal.places import anchor, link
from escruta.portal.reading import Record
from escruta.portal.shell import Shell
from escruta.portal.stations import apart, code_title, findings_list, inputs, legend, reason_text
from escruta.portal.verdicts import chip, meaning
from escruta.portal.words import Words

ROWS_A_PAGE = 200
FINDINGS_A_CODE = 50
Seats = Mapping[str, tuple[str, int, int]]
"""Where a station's readings stand: its area, its place there and how many stations the area holds."""


def differing_pages(edition: Edition, shell: Shell, record: Record, seats: Seats) -> Iterator[Page]:
    """Write the lists of disputed, contradicted and quarantined stations."""
    found = record.differing(edition.contest)
    numbers = {verdict: sum(each.verdict == verdict for each in found) for verdict in DIFFERING}
    parts = [found[start : start + ROWS_A_PAGE] for start in range(0, len(found), ROWS_A_PAGE)] or [()]
    for number, part in enumerate(parts, start=1):
        here = _address(edition, number)
        body = _differing_body(edition, here, part, numbers, seats) + _pager(edition, number, len(parts))
        title = edition.words("nav.differing")
        yield here, shell.page(here, f"<article class=list>{body}</article>", title=title, tab="differing")


def _address(edition: Edition, number: int) -> str:
    return f"{edition.places.prefix}differing{'' if number == 1 else f'-{number}'}.html"


def _pager(edition: Edition, number: int, pages: int) -> str:
    if pages == 1:
        return ""
    links = "".join(
        f"<li><b aria-current=page>{each}</b>"
        if each == number
        else f"<li><a href='{_address(edition, each).rpartition('/')[2]}'>{each}</a>"
        for each in range(1, pages + 1)
    )
    return f"<nav class=pager aria-label='{edition.words('list.pages')}'><ul>{links}</ul></nav>"


def _differing_body(
    edition: Edition, here: str, part: Sequence[Station], numbers: Mapping[str, int], seats: Seats
) -> str:
    words = edition.words
    chips = " ".join(f"{chip(edition, verdict)} {words.numbers.count(numbers[verdict])}" for verdict in DIFFERING)
    intro = "list.differing_as_published" if edition.is_as_published else "list.differing_intro"
    head = (
        f"<header class=top><p class=kicker>{edition.election_name}<h1>{words('nav.differing')}</h1>"
        f"<p class=stand>{words(intro)}<p class=chips>{chips}{legend(edition)}</header>"
    )
    if not part:
        return f"{head}<p>{words('list.none')}"
    groups = "".join(
        f"<section class=wide><h2>{words(f'verdict.{verdict}')}</h2><div><p>{meaning(edition, verdict)}"
        f"{_station_table(edition, here, list(group), seats)}</div></section>"
        for verdict, group in groupby(part, key=lambda each: each.verdict)
    )
    return head + groups


def _station_table(edition: Edition, here: str, part: Sequence[Station], seats: Seats) -> str:
    words = edition.words
    rows = "".join(_station_row(edition, here, each, seats) for each in part)
    label = words(f"verdict.{part[0].verdict}")
    return (
        f"<div class=w tabindex=0 role=region aria-label='{label}'><table class=dif><thead><tr>"
        f"<th scope=col>{words('station.station')}<th scope=col>{words('list.what')}<tbody>{rows}</table></div>"
    )


def _station_row(edition: Edition, here: str, station: Station, seats: Seats) -> str:
    shown = [edition.area_name(step.area) for step in edition.places.path(station.area)[::-1]]
    failed = [each for each in station.findings if each.severity == "error" and not each.code.startswith("C")]
    reasons = " ".join(reason_text(edition.words, reason) for reason in station.reasons)
    what = differences(edition, station) or findings_list(edition, failed) or reasons
    return (
        f"<tr><th scope=row><a href='{escape(station_href(edition, here, station.station, seats))}'>"
        f"{escape(station.station)}</a><small>{', '.join(shown)}</small><td>{what}"
    )


def station_href(edition: Edition, here: str, station: str, seats: Seats) -> str:
    """Write the address of a station's readings as seen from a page."""
    area, place, number = seats[station]
    return f"{link(here, edition.places.page_of_station(area, place, number))}#{anchor(station)}"


def differences(edition: Edition, station: Station) -> str:
    """List the figures at which the standing readings differ, each with its counts."""
    readings = standing(station.readings)
    count, parts = edition.words.numbers.count, []
    for place, figure in enumerate(edition.contest.figures):
        if figure.startswith("option."):
            continue
        values = [(each.source, value) for each in readings if (value := each.figures[place]) is not None]
        if len({value for _, value in values}) > 1:
            said = apart(edition, [(source, count(value)) for source, value in values])
            parts.append(f"<li>{edition.words.labelled(edition.figure_labels[place], said)}")
    return f"<ul class=plain>{''.join(parts)}</ul>" if parts else ""


def findings_page(edition: Edition, shell: Shell, record: Record, seats: Seats) -> Page:
    """Write the findings, code by code: the first ones in full, the rest in the record."""
    words, here = edition.words, f"{edition.places.prefix}findings.html"
    sections = "".join(
        _code_section(edition, here, first, number, seats)
        for number, first in record.findings_by_code(edition.contest, FINDINGS_A_CODE)
    )
    csv = escape("../" * (here.count("/") + 1) + edition.record_href + "findings.csv")
    body = (
        f"<article class=list><header class=top><p class=kicker>{edition.election_name}<h1>{words('nav.findings')}</h1>"
        f"<p class=stand>{words('list.findings_intro')}{legend(edition)}<p><a href='{csv}'>findings.csv</a></header>"
        f"{sections or words('list.no_findings')}</article>"
    )
    return here, shell.page(here, body, title=words("nav.findings"), tab="findings")


def _code_section(edition: Edition, here: str, first: Sequence[Finding], number: int, seats: Seats) -> str:
    words, code = edition.words, first[0].code
    shown = escape(code)
    of_sources = any(each.source is not None for each in first)
    heads = f"<th scope=col>{words('checks.source')}" if of_sources else ""
    groups = groupby(first, key=lambda each: (each.station, each.source, each.row))
    rows = "".join(_finding_row(edition, here, _in_order(edition, group), seats, of_sources) for _, group in groups)
    more = f"<p>{words('list.more', n=number - len(first))}" if number > len(first) else ""
    return (
        f'<section id="{shown}"><h2>{code_title(words, code) or shown}'
        f"<small>{shown} · {words(f'severity.{first[0].severity}')} · {words('count.findings', n=number)}</small></h2>"
        f"<div>{_meaning(words, code)}<div class=w tabindex=0 role=region aria-label='{shown}'>"
        f"<table class=dif><thead><tr><th scope=col>{words('station.station')}{heads}"
        f"<th scope=col>{words('list.what')}<tbody>{rows}</table></div>{more}</div></section>"
    )


def _in_order(edition: Edition, findings: Iterable[Finding]) -> list[Finding]:
    """Put findings in the order in which a station's figures are shown: candidates as on the ballot."""
    places = {figure: place for place, figure in enumerate(edition.contest.figures)}
    return sorted(findings, key=lambda each: places.get(each.figure or "", len(places)))


def _meaning(words: Words, code: str) -> str:
    try:
        said = code_words(code, words.language)
    except CodeUnknown:
        return ""
    return f"<p>{escape(said.meaning)}"


def _finding_row(
    edition: Edition,
    here: str,
    findings: Sequence[Finding],
    seats: Seats,
    of_sources: bool,  # noqa: FBT001 - whether the table has a column for them
) -> str:
    """Write the findings of one code at one station and source as one row."""
    words, station, source = edition.words, findings[0].station, findings[0].source
    name = escape(station or "–")
    if station is not None and station in seats:
        name = f"<a href='{escape(station_href(edition, here, station, seats))}'>{name}</a>"
    letter = edition.letters.get(source or "")
    shown = f"<b class=k>{letter}</b>" if letter else escape(source or "–")
    row = findings[0].row
    at = f" <small>{words('station.row')} {row}</small>" if row is not None else ""
    said = [inputs(edition, each) for each in findings]
    what = said[0] if len(said) == 1 else f"<ul class=plain>{''.join(f'<li>{each}' for each in said)}</ul>"
    return f"<tr><th scope=row>{name}{f'<td>{shown}{at}' if of_sources else ''}<td>{what}"
