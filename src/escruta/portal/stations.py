"""A polling station: its readings side by side, figure by figure, its verdict and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from html import escape

from escruta.base.words import CodeUnknown, code_words
from escruta.portal.contents import Finding, Reading, Station
from escruta.portal.editions import Edition
from escruta.portal.places import anchor
from escruta.portal.proof.pages import CHECK, PROOFS
from escruta.portal.words import Words

_DIGEST_SHOWN = 8
_FIT_A_PHONE = 2
"""A table with more readings may have to be scrolled, also by keyboard."""
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
_NAMED = frozenset({"S203", "S303"})
"""Checks that find a station or a picture: a name, also where it has digits only."""


def blocks(edition: Edition, here: str, stations: Iterable[Station]) -> str:
    """Write the stations of a page, one after the other."""
    return f"<div class=sts>{''.join([block(edition, here, station) for station in stations])}</div>"


def block(edition: Edition, here: str, station: Station) -> str:
    """Write one polling station."""
    registered = station.registered_voters
    phrases = phrases_of(edition.words)
    voters = (
        phrases["registered"].replace("{n}", edition.words.numbers.count(registered))
        if registered is not None
        else phrases["registered_unknown"]
    )
    return (
        f'<section class=st id="{anchor(station.station)}">'
        f"<h3>{_chip(edition, station.verdict)}{_title(station, phrases)}</h3>"
        f"<p class=why>{voters}. {_why(edition, station)}"
        f"{_readings(edition, here, station.readings, phrases)}{_pictures(edition, here, station)}"
        f"{findings_list(edition, _unsaid(station))}</section>"
    )


def _pictures(edition: Edition, here: str, station: Station) -> str:
    """Show the redacted picture of each copy that has one; it is loaded when the reader comes to it."""
    up, words, shown, drawn = "../" * (here.count("/") + 1), edition.words, set(), []
    for each in station.readings:
        if each.picture is None or each.picture.file in shown:
            continue
        shown.add(each.picture.file)
        letter = edition.letters.get(each.source) or escape(each.source)
        said = words("places.picture", source=letter, station=station.station)
        href = escape(f"{up}{edition.record_href}{each.picture.file}")
        drawn.append(
            f"<figure class=pic><a href='{href}'><img src='{href}' alt='{said}' loading=lazy></a>"
            f"<figcaption><b class=k>{letter}</b> {words('places.redacted')}"
            f" <code class=sha>SHA-256 {each.picture.sha256}</code></figcaption></figure>"
        )
    return "".join(drawn)


def _title(station: Station, phrases: dict[str, str]) -> str:
    """Name a station as people do, with its key beside it."""
    key = escape(station.station)
    if not station.name or station.name == station.station:
        return f"{phrases['station']} {key}"
    return f"{phrases['station']} {escape(station.name)} <small>{key}</small>"


def _unsaid(station: Station) -> list[Finding]:
    """Leave out the differences that the verdict's reasons and the marked rows say already."""
    return [each for each in station.findings if not (each.code in station.reasons and each.code.startswith("C"))]


def legend(edition: Edition) -> str:
    """Say which source each letter stands for, with its origin and method."""
    words, items = edition.words, []
    for source in edition.sources:
        name, origin = (words.named(each["name"]) for each in (source, edition.origins[source["origin"]]))
        whence = "" if origin == name else f" <small>{words.labelled(words('source.origin'), escape(origin))}</small>"
        items.append(f"<li><b class=k>{edition.letters[source['id']]}</b> {escape(name)}{whence}")
    return f"<ul class=key>{''.join(items)}</ul>"


def findings_list(edition: Edition, findings: Sequence[Finding]) -> str:
    """List the checks that failed at a station, with what was found and what was expected."""
    if not findings:
        return ""
    said = dict.fromkeys(_finding(edition, each) for each in findings)  # copies of one source may fail alike
    return f"<ul class=fnd>{''.join(said)}</ul>"


@lru_cache(maxsize=256)
def code_title(words: Words, code: str) -> str:
    """Say in a few words what a code means; a code that we have no words for stands for itself."""
    try:
        return escape(code_words(code, words.language).title)
    except CodeUnknown:
        return ""


@lru_cache(maxsize=64)
def phrases_of(words: Words) -> dict[str, str]:
    """Look up once what every station needs."""
    names = (
        "station", "registered_unknown", "not_given", "figure", "differs", "superseded", "row", "reading",
        "no_readings", "counted", "not_counted", "by_slot", "in_log",
    )  # fmt: skip
    found = {name: str(words(f"station.{name}")) for name in names}
    found["check_it"] = str(words("station.check_it", n="{n}"))
    found["registered"] = str(words("station.registered", n="{n}"))
    return found


@lru_cache(maxsize=256)
def _chip_text(edition_words: Words, verdict: str) -> str:
    return f"<span class='v {verdict}'>{edition_words(f'verdict.{verdict}')}</span>"


def _chip(edition: Edition, verdict: str) -> str:
    return _chip_text(edition.words, verdict)


def _why(edition: Edition, station: Station) -> str:
    words, phrases = edition.words, phrases_of(edition.words)
    reasons = [reason_text(words, reason) for reason in station.reasons]
    if station.readings:
        reasons.append(phrases["counted"] if station.counted else phrases["not_counted"])
    return " ".join(reasons)


@lru_cache(maxsize=4096)
def reason_text(words: Words, reason: str) -> str:
    """Say a verdict's reason in words; a failed check is said with its code."""
    if words.has(f"reason.{reason}"):
        return f"{words(f'reason.{reason}')}."
    title = code_title(words, reason)
    return f"<b>{escape(reason)}</b>{f' {title}' if title else ''}."


def _readings(edition: Edition, here: str, readings: Sequence[Reading], phrases: dict[str, str]) -> str:
    if not readings:
        return f"<p class=none>{phrases['no_readings']}"
    slots = [place for place, figure in enumerate(edition.contest.figures) if figure.startswith("option.")]
    plain = range(len(edition.contest.figures) - len(slots))
    head = _head(edition, readings, phrases)
    rows = _rows(edition, readings, plain, phrases)
    files = "".join([f"<td>{_row_number(each)}" for each in readings])
    digests = "".join([f"<td>{each.reading[:_DIGEST_SHOWN]}" for each in readings])
    reachable = " tabindex=0" if len(readings) > _FIT_A_PHONE else ""
    kind = "'rd many'" if len(readings) > _FIT_A_PHONE else "rd"
    logged = _in_log(edition, here, readings, phrases)
    table = (
        f"<div class=w{reachable}><table class={kind}>{head}<tbody>{rows}<tbody class=id>"
        f"<tr><th scope=row>{phrases['row']}{files}"
        f"<tr><th scope=row>{phrases['reading']}{digests}{logged}</table></div>"
    )
    by_slot = _rows(edition, readings, slots, phrases) if slots else ""
    if by_slot:
        table += (
            f"<details><summary>{phrases['by_slot']}</summary>"
            f"<div class=w{reachable}><table class={kind}>{head}<tbody>{by_slot}</table></div></details>"
        )
    return table


def _in_log(edition: Edition, here: str, readings: Sequence[Reading], phrases: dict[str, str]) -> str:
    """Lead from each reading to the page that checks it, and to its proof as a file."""
    if not any(each.in_log for each in readings):
        return ""
    up = "../" * here.count("/")
    cells = []
    for each in readings:
        if each.in_log is None:
            cells.append("<td>–")
            continue
        said = phrases["check_it"].replace("{n}", edition.words.numbers.count(each.in_log.index))
        cells.append(
            f"<td><a href='{up}{CHECK}#{each.in_log.address}'>{said}</a>"
            f"<small><a href='{up}../{PROOFS}/{each.reading}.tlog-proof'>.tlog-proof</a></small>"
        )
    return f"<tr class=proofs><th scope=row>{phrases['in_log']}{''.join(cells)}"


def _row_number(reading: Reading) -> str:
    return str(reading.row) if reading.row is not None else "–"


def _head(edition: Edition, readings: Sequence[Reading], phrases: dict[str, str]) -> str:
    cells = []
    for each in readings:
        old = f"<small>{phrases['superseded']}</small>" if not each.standing else ""
        letter = edition.letters.get(each.source) or escape(each.source)
        cells.append(f"<th scope=col><b class=k>{letter}</b><small>{_method(edition.words, each)}</small>{old}")
    return f"<thead><tr><th scope=col>{phrases['figure']}{''.join(cells)}"


@lru_cache(maxsize=64)
def _said(words: Words, kind: str, name: str) -> str:
    key = f"{kind}.{name}"
    return str(words(key)) if words.has(key) else escape(name)


def _method(words: Words, reading: Reading) -> str:
    method = _said(words, "method", reading.method)
    return method if reading.act == "count" else f"{method}, {_said(words, 'act', reading.act)}"


def _rows(edition: Edition, readings: Sequence[Reading], places: Iterable[int], phrases: dict[str, str]) -> str:
    """Write one line a figure; a figure that no reading has and no sheet should have is left out."""
    return "".join([_row(edition, readings, place, phrases) for place in places])


def _row(edition: Edition, readings: Sequence[Reading], place: int, phrases: dict[str, str]) -> str:
    values = [each.figures[place] for each in readings]
    figure, count = edition.contest.figures[place], edition.words.numbers.count
    if None not in values:
        cells = "".join([f"<td>{count(value)}" for value in values if value is not None])
    elif _is_blank(edition, readings, figure, values):
        return ""
    else:
        pairs = zip(values, readings, strict=True)
        cells = "".join(
            [
                _absent(edition, each, figure, phrases) if value is None else f"<td>{count(value)}"
                for value, each in pairs
            ]
        )
    label = edition.figure_labels[place]
    if len(readings) > 1 and _differs(values, readings):
        return f"<tr class=d><th scope=row>{label} <b>{phrases['differs']}</b>{cells}"
    return f"<tr><th scope=row>{label}{cells}"


def _is_blank(edition: Edition, readings: Sequence[Reading], figure: str, values: Sequence[int | None]) -> bool:
    if figure in edition.sheet_figures or any(value is not None for value in values):
        return False
    return not any(figure in each.marks for each in readings)


def _differs(values: Sequence[int | None], readings: Sequence[Reading]) -> bool:
    first = values[0]
    if all(value == first for value in values):
        return False
    there = {value for value, each in zip(values, readings, strict=True) if value is not None and each.standing}
    return len(there) > 1


def _absent(edition: Edition, reading: Reading, figure: str, phrases: dict[str, str]) -> str:
    """Say why a figure has no count: never a zero, never an empty cell."""
    mark = reading.marks.get(figure)
    if mark is None:
        return f"<td class=u>{phrases['not_given']}"
    kind, found = mark
    text = f" <small>“{escape(found)}”</small>" if found else ""
    return f"<td class=u>{_said(edition.words, 'mark', kind)}{text}"


def _finding(edition: Edition, finding: Finding) -> str:
    words = edition.words
    letter = edition.letters.get(finding.source or "", "")
    who = f"<b class=k>{letter}</b> " if letter else ""
    said = f"<b>{escape(finding.code)}</b> {code_title(words, finding.code)}{inputs(edition, finding)}"
    return f"<li class={finding.severity}>{who}{said}"


def inputs(edition: Edition, finding: Finding) -> str:
    """Say what a check looked at: figure, found, expected, limit."""
    words = edition.words
    parts = {"found": finding.found, "expected": finding.expected, "limit": finding.limit}
    tell = escape if finding.code in _NAMED else partial(plain, edition)
    said = [f"{words(f'finding.{key}')} {tell(text)}" for key, text in parts.items() if text is not None]
    if finding.figure:
        said.insert(0, edition.figure_label(finding.figure))
    if finding.source is None and finding.found is not None:
        said = [edition.figure_label(finding.figure)] if finding.figure else []
        said.append(_by_letter(edition, finding.found))
    return f" <span class=inp>{' · '.join(said)}</span>" if said else ""


def plain(edition: Edition, text: str) -> str:
    """Write a number as the language writes it; any other text as it is."""
    return edition.words.numbers.decimal(text) if _NUMBER.fullmatch(text) else escape(text)


def _by_letter(edition: Edition, found: str) -> str:
    """Put the letter of a source where a difference names it: `campaign 0, copies 1`."""
    parts = [part.rpartition(" ") for part in found.split(", ")]
    if not all(source in edition.letters for source, _, _ in parts):
        return escape(found)
    return apart(edition, [(source, plain(edition, value)) for source, _, value in parts])


def apart(edition: Edition, counts: Iterable[tuple[str, str]]) -> str:
    """Write counts that differ, each once and after the letters of the sources that have it; the counts are HTML."""
    letters: dict[str, list[str]] = {}
    for source, count in counts:
        shown = f"<b class=k>{edition.letters.get(source) or escape(source)}</b>\N{NO-BREAK SPACE}"
        if shown not in letters.setdefault(count, []):
            letters[count].append(shown)
    return " ≠ ".join(f"<span class=one>{''.join(each)}{count}</span>" for count, each in letters.items())
