"""The checks that the sheets went through: passed, failed, or could not be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from escruta.portal.editions import Edition
from escruta.portal.folding import fold, folded
from escruta.portal.results import percent
from escruta.portal.stations import code_title, plain

_ANSWERS = ("passed", "failed", "could_not_check")


def checks_table(edition: Edition, rows: Iterable[Mapping[str, Any]], findings_page: str) -> str:
    """List each check with its answers per source; a check that could not be made never looks like a pass."""
    words = edition.words
    ordered = sorted(rows, key=lambda row: (row["code"], edition.letters.get(row["source"], "")))
    groups = [list(group) for _, group in groupby(ordered, key=itemgetter("code"))]
    made = [group for group in groups if any(row["passed"] or row["failed"] for row in group)]
    never = [group for group in groups if group not in made]
    if not groups:
        return f"<p>{words('checks.none')}"
    full = _table(edition, made, findings_page)
    by_source = f"<details class=aside><summary>{words('checks.by_source')}</summary>{full}</details>"
    return _summary(edition, made, findings_page) + (by_source if made else "") + _never(edition, never, findings_page)


def _summary(edition: Edition, groups: list[list[Mapping[str, Any]]], findings_page: str) -> str:
    """Set each check on one line, with the answers of all sources together."""
    if not groups:
        return ""
    words = edition.words
    heads = "".join(f"<th scope=col class=n>{words(f'checks.{answer}')}" for answer in _ANSWERS)
    kept = [any(row["failed"] for row in group) for group in groups]
    rest = kept.count(False) if any(kept) else 0
    rows = "".join(
        f"<tr{folded(bool(rest) and not stays)}><th scope=row>{_named(edition, group, findings_page)}"
        f"{_strip(_sums(group))}{_numbers(edition, group)}"
        for group, stays in zip(groups, kept, strict=True)
    )
    return (
        f"{fold(words, 'checks', len(groups), rest)}"
        f"<div class=w tabindex=0 role=region aria-label='{words('checks.title')}'><table class=chk><thead><tr>"
        f"<th scope=col>{words('checks.check')}{heads}<tbody>{rows}</table></div>"
    )


def _never(edition: Edition, groups: list[list[Mapping[str, Any]]], findings_page: str) -> str:
    if not groups:
        return ""
    table = _table(edition, groups, findings_page)
    return f"<details><summary>{edition.words('checks.never', n=len(groups))}</summary>{table}</details>"


def _table(edition: Edition, groups: list[list[Mapping[str, Any]]], findings_page: str) -> str:
    words = edition.words
    heads = "".join(f"<th scope=col class=n>{words(f'checks.{answer}')}" for answer in _ANSWERS)
    return (
        f"<div class=w tabindex=0 role=region aria-label='{words('checks.title')}'><table class=chk><thead><tr>"
        f"<th scope=col>{words('checks.check')}<th scope=col>{words('checks.source')}{heads}"
        f"{''.join(_group(edition, group, findings_page) for group in groups)}</table></div>"
    )


def _group(edition: Edition, rows: list[Mapping[str, Any]], findings_page: str) -> str:
    lines = [_answers(edition, [row]) for row in rows if row["passed"] or row["failed"]]
    without = [row for row in rows if not (row["passed"] or row["failed"])]
    lines += [_answers(edition, without)] if without else []
    name = f"<th scope=rowgroup rowspan={len(lines)}>{_named(edition, rows, findings_page)}"
    return f"<tbody><tr>{name}{'<tr>'.join(lines)}"


def _named(edition: Edition, rows: list[Mapping[str, Any]], findings_page: str) -> str:
    """Name a check, with its code, what a failure means, and its limit."""
    words, code = edition.words, rows[0]["code"]
    severity = rows[0].get("severity") or "warning"
    limit = rows[0].get("limit")
    note = f" · {words('finding.limit')} {plain(edition, str(limit))}" if limit is not None else ""
    any_failed = any(row["failed"] for row in rows)
    shown = f"<a href='{findings_page}#{escape(code)}'>{escape(code)}</a>" if any_failed else escape(code)
    return f"{code_title(words, code)}<small>{shown} · {words(f'severity.{severity}')}{note}</small>"


def _answers(edition: Edition, rows: list[Mapping[str, Any]]) -> str:
    """Write the answers of one source, or of several whose sheets all could not be checked."""
    letters = " ".join(
        f"<b class=k>{edition.letters.get(row['source']) or escape(str(row['source']))}</b>" for row in rows
    )
    return f"<th scope=row>{letters}{_strip(_sums(rows))}{_numbers(edition, rows)}"


def _sums(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [sum(row[answer] or 0 for row in rows) for answer in _ANSWERS]


def _numbers(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> str:
    count = edition.words.numbers.count
    return "".join(f"<td class='n{'' if number else ' zero'}'>{count(number)}" for number in _sums(rows))


def _strip(numbers: Sequence[int]) -> str:
    whole, parts, start = sum(numbers), [], 0
    for answer, number in zip(_ANSWERS, numbers, strict=True):
        if number:
            at = f'x="{percent(start, whole)}" width="{percent(number, whole)}"'
            parts.append(f'<rect class="a-{answer[0]}" {at} />')
            start += number
    return f"<svg class=strip aria-hidden=true>{''.join(parts)}</svg>"
