"""What the template is given: every text and figure of the sheets, as plain values.

Names reach the typesetter as JSON, so that none of them can be a command.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from escruta.election.definition import Act, Election
from escruta.sheets.printing.errors import SheetUnprintable
from escruta.sheets.printing.papers import CODE_DOTS, MM_PER_DOT, Paper
from escruta.sheets.printing.rows import candidate_names, figure_rows, total_rows
from escruta.sheets.printing.sheets import SheetToPrint
from escruta.sheets.printing.texts import breakable, printable_text
from escruta.sheets.printing.wording import SheetWords
from escruta.sheets.seal.codes import QUIET_ZONE, code_of
from escruta.sheets.seal.forms import contest_of
from escruta.sheets.seal.sheets import FIRST_WITNESS, Recipient, SheetKind
from escruta.sheets.station_cells import StationCell, cells_of_station

DIGITS_A_GROUP = 4


def digest_groups(text: str) -> tuple[str, ...]:
    """Give the digest of a code's text in groups: `printf %s TEXT | sha256sum` gives the same digits.

    >>> digest_groups("ESC1:ABC")[:3]
    ('46ae', '58c1', 'a6f2')
    """
    digits = sha256(text.encode("utf-8")).hexdigest()
    return tuple(digits[at : at + DIGITS_A_GROUP] for at in range(0, len(digits), DIGITS_A_GROUP))


def document_of(sheets: Sequence[SheetToPrint], words: SheetWords, paper: Paper) -> dict[str, Any]:
    """Give the whole document but its fonts; raises `TextUnprintable`, `SheetUnprintable`."""
    first = sheets[0].sheet
    year, month, day = first.printed_at.astimezone(UTC).timetuple()[:3]
    fixed = {key: text for key, text in words.forms.items() if "{" not in text}
    return {
        "paper": paper.as_json(),
        "title": f"{words('title')} {first.station}",
        "date": {"year": year, "month": month, "day": day},
        "lang": words.language.partition("-")[0],
        "rtl": words.is_rtl,
        "words": fixed | {"page": _around(words.forms["page"], "page", "pages")},
        "sheets": [_sheet(sheet, str(at), words, paper) for at, sheet in enumerate(sheets)],
    }


def _sheet(sheet: SheetToPrint, name: str, words: SheetWords, paper: Paper) -> dict[str, Any]:
    contest = contest_of(sheet.election, sheet.form.contest)
    sealed = sheet.sheet
    kind = "zero" if sealed.kind is SheetKind.ZERO else "closing"
    return {
        "id": name,
        "kind": kind,
        "kind_word": words(kind),
        "kind_note": words(_kind_note(sheet)),
        "election": _plain(words.named(sheet.election.name), "the election's name"),
        "contest": _plain(words.named(contest.name), "the contest's name"),
        "station": _plain(sealed.station, "the polling station"),
        "facts": _facts(sheet, words),
        "cells": [[_cell(cell) for cell in part] for part in cells_of_station(sheet.election.stations, sealed.station)],
        "separator": sheet.election.stations.separator,
        "copy": _copy(sheet, words),
        "holder": _holder(sheet, words),
        "rows": [row.as_json() for row in figure_rows(sheet, words)],
        "totals": [row.as_json() for row in total_rows(sheet, words)],
        "heading": words("option" if contest.options else "candidate"),
        "signers": [
            words("chair"),
            *[words("member")] * sheet.signers.members,
            *[words("party_witness")] * sheet.signers.witnesses,
        ],
        "code": None if sheet.text is None else _code(sheet.text, paper, len(sheet.form.figures)),
        "digest": [] if sheet.text is None else digest_groups(sheet.text),
        "note": words("note_unsealed" if sheet.text is None else "note"),
    }


def _kind_note(sheet: SheetToPrint) -> str:
    """Say on a zero sheet that every count is zero only where it is so."""
    if sheet.sheet.kind is not SheetKind.ZERO:
        return "closing_note"
    counts = [figure for column, figure in sheet.figures.items() if column != "registered_voters"]
    return "zero_note" if all(figure == 0 for figure in counts) else "zero_note_counted"


def _facts(sheet: SheetToPrint, words: SheetWords) -> list[dict[str, object]]:
    levels = {level.id: words.named(level.name) for level in sheet.election.levels}
    facts = [(words("station"), sheet.sheet.station)]
    facts += [(levels.get(place.level, place.level), place.name or place.code) for place in sheet.places]
    facts.append((words("date"), _day(sheet.election, words.language)))
    if sheet.sheet.act is not Act.COUNT:
        facts.append((words("act"), words(sheet.sheet.act.value)))
    moment = _moment(sheet.sheet.printed_at, sheet.election.time_zone)
    facts.append((words("printed"), moment))
    numbers = {moment, sheet.sheet.station}
    return [
        {
            "label": _plain(label, "a label"),
            "value": _plain(text, label),
            "is_key": at == 0,
            "is_number": text in numbers,
        }
        for at, (label, text) in enumerate(facts)
    ]


def _cell(cell: StationCell) -> dict[str, object]:
    return {"name": cell.name, "digits": cell.digits, "room": cell.room}


def _copy(sheet: SheetToPrint, words: SheetWords) -> str:
    if sheet.copies is None:
        return words("copy", copy=sheet.sheet.copy)
    return words("copy_of", copy=sheet.sheet.copy, copies=sheet.copies)


def _holder(sheet: SheetToPrint, words: SheetWords) -> str:
    recipient = sheet.sheet.recipient
    contest = contest_of(sheet.election, sheet.form.contest)
    candidates = contest.candidates
    if recipient is None:
        return ""
    if recipient in {each.value for each in Recipient}:
        return words(Recipient(recipient).name.lower())
    if FIRST_WITNESS <= recipient < FIRST_WITNESS + len(candidates):
        name = candidate_names(contest)[candidates[recipient - FIRST_WITNESS].id]
        return words("witness", candidate=name)
    return words("recipient", number=recipient)


def _code(text: str, paper: Paper, figures: int) -> dict[str, object]:
    """Draw the code as one path of whole modules, and see that the paper holds it."""
    modules = code_of(text)
    dots = len(modules) * CODE_DOTS
    if dots > paper.code_room:
        raise SheetUnprintable(
            "the code is wider than what this paper can hold",
            found=f"{len(modules)} modules for {figures} figures: {dots * MM_PER_DOT:.0f} mm",
            expected=f"at most {paper.code_room * MM_PER_DOT:.0f} mm",
            advice="Print this contest on wider paper: --form strip or --form a4.",
        )
    return {"size": len(modules), "quiet": QUIET_ZONE, "dots": CODE_DOTS, "path": _path(modules)}


def _path(modules: Sequence[Sequence[bool]]) -> str:
    """Draw each run of dark modules of a row as one rectangle.

    >>> _path([[True, True, False, True]])
    'M0 0h2v1h-2zM3 0h1v1h-1z'
    """
    parts = []
    for y, row in enumerate(modules):
        start = None
        for x, is_dark in enumerate([*row, False]):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                parts.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return "".join(parts)


def _day(election: Election, language: str) -> str:
    try:
        return format_date(election.date, "long", locale=Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return election.date.isoformat()


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{offset[:3]}:{offset[3:5]}"


def _plain(text: str, where: str) -> str:
    return breakable(printable_text(text, where))


def _around(text: str, first: str, second: str) -> tuple[str, str, str]:
    """Part a text round two places.

    >>> _around("Page {page} of {pages}", "page", "pages")
    ('Page ', ' of ', '')
    """
    before, _, rest = text.partition("{" + first + "}")
    between, _, after = rest.partition("{" + second + "}")
    return before, between, after
