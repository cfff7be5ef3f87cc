"""Verdicts as a word with its sign, and how the stations of an area divide among them."""

from __future__ import annotations

from escruta.portal.contents import DIFFERING, VERDICTS, AreaResult
from escruta.portal.editions import Edition
from escruta.portal.folding import fold
from escruta.portal.results import percent


def chip(edition: Edition, verdict: str) -> str:
    """Name a verdict; the style sheet puts its sign before it."""
    words = edition.words
    return f"<span class='v {verdict}'>{words(f'verdict.{verdict}')}</span>"


def meaning(edition: Edition, verdict: str) -> str:
    """Say what a verdict means; under the policy of one source as published, stations that differ may count."""
    words = edition.words
    if edition.is_as_published and verdict in DIFFERING:
        return words(f"verdict.why_as_published.{verdict}")
    return words(f"verdict.why.{verdict}")


def breakdown(edition: Edition, result: AreaResult) -> str:
    """Draw the stations of an area by verdict: a strip, then each verdict with its meaning and number."""
    words = edition.words
    whole = sum(number or 0 for number in result.verdicts)
    shared = None if None in result.verdicts else whole  # a share of what is not known is not known
    rows = "".join(_row(edition, *each, shared) for each in zip(VERDICTS, result.verdicts, strict=True))
    head = (
        f"<thead><tr><th scope=col>{words('verdict.column')}<th scope=col class=n>{words('funnel.stations')}"
        if whole
        else ""
    )
    opened = fold(words, "verdicts", len(VERDICTS), whole)
    return f"{_strip(edition, result, whole)}{opened}<table class=ver>{head}<tbody>{rows}</table>"


def _row(edition: Edition, verdict: str, number: int | None, whole: int | None) -> str:
    words = edition.words
    if number == 0:
        return f"<tr class='zero x'><th scope=row>{chip(edition, verdict)}<td class=n>{words.numbers.count(0)}"
    share = words.numbers.share(number, whole) if whole and number is not None else "–"
    shown = words.numbers.count(number) if number is not None else f"<i>{words('unknown')}</i>"
    return (
        f"<tr><th scope=row>{chip(edition, verdict)}<small class=x>{meaning(edition, verdict)}</small>"
        f"<td class=n>{shown}<small>{share}</small>"
    )


def line(edition: Edition, result: AreaResult) -> str:
    """Say in one line how the stations of an area divide among the verdicts that occur."""
    words = edition.words
    there = [
        f"<span class=one>{chip(edition, verdict)} {words.numbers.count(number)}</span>"
        for verdict, number in zip(VERDICTS, result.verdicts, strict=True)
        if number
    ]
    return f"<p class=chips>{' '.join(there)}</p>" if there else ""


def _strip(edition: Edition, result: AreaResult, whole: int) -> str:
    if not whole:
        return ""
    words, parts, start = edition.words, [], 0
    said = []
    for verdict, number in zip(VERDICTS, result.verdicts, strict=True):
        if number:
            at = f'x="{percent(start, whole)}" width="{percent(number, whole)}"'
            parts.append(f'<rect class="p-{verdict}" {at} height="100%"/>')
            said.append(f"{words(f'verdict.{verdict}')} {words.numbers.count(number)}")
            start += number
    return (
        f"<svg class=stack role=img aria-labelledby='vt vd'><title id=vt>{words('verdict.title')}</title>"
        f"<desc id=vd>{'; '.join(said)}</desc>{''.join(parts)}</svg>"
    )
