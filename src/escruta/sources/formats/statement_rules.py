"""One tally-sheet statement of the format `actasum/statement/v0.1`: what it may say, its canonical form and its id.

A statement is refused here for the same reasons for which its own software refuses it, and for two more: a key that
stands twice, and a count that no 64-bit integer holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

STATEMENT_SPEC = "actasum/statement/v0.1"
"""The only version of the format that we read and write."""

CANDIDATURE, OTHER = "candidature:", "other:"
"""How a column of votes, and one of another category of ballots, begins."""

EVIDENCE = ("kind", "url", "sha256")
"""The keys of a statement's evidence that become columns, as `evidence.kind` and so on."""

UNREAD = {"illegible": "illegible", "empty": "empty"}
"""Reasons why a figure was not read, and our mark for each."""

NOT_ON_SHEET = {"no-field": "not-on-sheet"}
"""Reasons why a sheet has no such figure, and our mark for each."""

Document: TypeAlias = Mapping[str, Any]
Mark: TypeAlias = tuple[str, str]
"""A column, and why it has no count."""

_KNOWN_KEYS = frozenset({
    "spec", "profile", "election", "station", "constituency", "counts", "unit", "stage", "supersedes", "evidence",
    "extra",
})  # fmt: skip
_KNOWN_COUNTS = frozenset({
    "candidatures", "blank", "null", "unread", "not_on_sheet", "registered", "candidature_total", "other",
})  # fmt: skip
_FIGURES = ("blank", "null", "registered", "candidature_total")
_NAMES = ("profile", "election", "station", "constituency")
_UNITS = ("station", "aggregate")
_STAGES = ("count", "canvass", "ruling", "rerun")
_ID = re.compile(r"sha256:[0-9a-f]{64}")
_LARGEST = 2**63 - 1


class StatementError(ValueError):
    """A document is no statement; tells the path of the key, what stands there and what should."""

    def __init__(self, path: str, found: object, expected: str) -> None:
        super().__init__(f"{path or 'the document'} must be {expected}")
        self.path = path
        self.found = found
        self.expected = expected


def parse_statement(line: str) -> dict[str, Any]:
    """Parse a line of JSON; raises `StatementError` when it is no JSON object or a key stands twice in an object."""
    try:
        document = json.loads(line, object_pairs_hook=_object, parse_constant=_no_constant)
        if "\\ud" in line.lower():
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except StatementError:
        raise
    except RecursionError as error:
        raise StatementError("", line, "JSON that is not nested so deeply") from error
    except json.JSONDecodeError as error:
        shown = line[max(0, error.pos - 20) : error.pos + 20]
        raise StatementError("", shown, f"JSON ({error.msg} at character {error.pos + 1})") from error
    except ValueError as error:
        raise StatementError("", error, "JSON with plain numbers") from error
    if not isinstance(document, dict):
        raise StatementError("", line, "a JSON object")
    return document


def check_statement(document: Document) -> list[Mark]:
    """Check a statement and give its marks; raises `StatementError` at the first thing that is wrong."""
    if document.get("spec") != STATEMENT_SPEC:
        raise StatementError("spec", document.get("spec"), STATEMENT_SPEC)
    for name in _NAMES:
        _require_name(document.get(name), name)
    _require_choice(document.get("unit", "station"), "unit", _UNITS)
    _require_choice(document.get("stage", "count"), "stage", _STAGES)
    require_id(document.get("supersedes"))
    evidence = _object_or_nothing(document.get("evidence"), "evidence")
    if not isinstance(evidence.get("kind", ""), str):
        raise StatementError("evidence.kind", evidence["kind"], "a text")
    return _check_counts(document.get("counts"))


def unknown_keys(document: Document) -> list[str]:
    """Give the keys that the format does not know; they are not part of the statement or of its id."""
    counts = document.get("counts")
    inner = counts if isinstance(counts, dict) else {}
    return sorted([*(set(document) - _KNOWN_KEYS), *(f"counts.{key}" for key in set(inner) - _KNOWN_COUNTS)])


def to_cells(document: Document) -> dict[str, str | int | None]:
    """Give the cells of a checked statement by column; a figure that it does not give has no cell."""
    counts = document["counts"]
    evidence = document.get("evidence") or {}
    cells: dict[str, str | int | None] = {name: document[name] for name in _NAMES}
    cells["unit"] = document.get("unit", "station")
    cells["stage"] = document.get("stage", "count")
    cells["supersedes"] = document.get("supersedes")
    for name in _FIGURES:
        cells[name] = counts.get(name)
    cells |= {f"{CANDIDATURE}{code}": votes for code, votes in counts["candidatures"].items()}
    cells |= {f"{OTHER}{category}": ballots for category, ballots in (counts.get("other") or {}).items()}
    cells |= {f"evidence.{key}": as_text(evidence[key]) for key in EVIDENCE if key in evidence}
    return cells


def canonical_statement(document: Document) -> dict[str, Any]:
    """Give a checked statement without what says nothing: defaults, empty objects and unknown keys."""
    counts = document["counts"]
    figures = {name: counts[name] for name in _FIGURES if counts.get(name) is not None}
    objects = {name: counts[name] for name in ("unread", "not_on_sheet", "other") if counts.get(name)}
    kept = {"candidatures": counts["candidatures"]} | figures | objects
    canonical = {name: document[name] for name in ("spec", *_NAMES)} | {"counts": kept}
    for name, default in (("unit", "station"), ("stage", "count"), ("supersedes", None)):
        if document.get(name, default) != default:
            canonical[name] = document[name]
    return canonical | {name: document[name] for name in ("evidence", "extra") if document.get(name)}


def canonical_line(document: Document) -> bytes:
    """Write a checked statement in canonical form: sorted keys, no spaces, UTF-8; raises `StatementError` at a float.

    Two parties that transcribe a sheet in the same way write the same line.
    """
    canonical = canonical_statement(document)
    _reject_floats(canonical, "")
    try:
        return json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise StatementError("", error, "text that UTF-8 can hold") from error


def statement_id(line: bytes) -> str:
    """Give the id of a statement from its canonical line, as in `sha256:ab…`."""
    return "sha256:" + hashlib.sha256(line).hexdigest()


def as_text(value: object) -> str | None:
    """Give a text as it is and any other JSON value as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _check_counts(counts: object) -> list[Mark]:
    if not isinstance(counts, dict):
        raise StatementError("counts", counts, "an object")
    votes = counts.get("candidatures")
    if not isinstance(votes, dict):
        raise StatementError("counts.candidatures", votes, "an object")
    other = _object_or_nothing(counts.get("other"), "counts.other")
    marks = _check_marks(counts, votes, other)
    marked = {column for column, _ in marks}
    for name in ("blank", "null"):
        _require_count(counts.get(name), f"counts.{name}", is_optional=name in marked)
    for name in ("registered", "candidature_total"):
        _require_count(counts.get(name), f"counts.{name}", is_optional=True)
    for code, figure in votes.items():
        _require_count(figure, f"counts.candidatures.{code}")
    for category, figure in other.items():
        _require_count(figure, f"counts.other.{category}")
    return marks


def _check_marks(counts: Document, votes: Document, other: Document) -> list[Mark]:
    marks: dict[str, str] = {}
    for key, reasons in (("unread", UNREAD), ("not_on_sheet", NOT_ON_SHEET)):
        for item, reason in _object_or_nothing(counts.get(key), f"counts.{key}").items():
            path = f"counts.{key}.{item}"
            if not isinstance(reason, str) or reason not in reasons:
                raise StatementError(path, reason, "one of " + ", ".join(reasons))
            if item in marks:
                raise StatementError(path, reason, "absent, because the figure is unread: it cannot be both")
            if _value_of(item, counts, votes, other, path) is not None:
                raise StatementError(path, reason, "absent, because the figure has a value")
            marks[item] = reasons[reason]
    return list(marks.items())


def _value_of(item: str, counts: Document, votes: Document, other: Document, path: str) -> object:
    """Give what a statement says for an item; a key that is there counts, whatever stands behind it."""
    if item in {"blank", "null"}:
        return counts.get(item)
    for prefix, figures in ((CANDIDATURE, votes), (OTHER, other)):
        if item.startswith(prefix):
            return True if item.removeprefix(prefix) in figures else None
    raise StatementError(path, item, "blank, null, candidature:CODE or other:CATEGORY")


def _object_or_nothing(value: object, path: str) -> Document:
    """Take an empty value for no object, as the format's own software does."""
    if value and not isinstance(value, dict):
        raise StatementError(path, value, "an object")
    return value if isinstance(value, dict) else {}


def _require_name(value: object, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise StatementError(path, value, "a text that is not empty")


def _require_choice(value: object, path: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise StatementError(path, value, "one of " + ", ".join(choices))


def require_id(value: object) -> None:
    """Refuse what is neither nothing nor the id of a statement."""
    if value is not None and not (isinstance(value, str) and _ID.fullmatch(value)):
        raise StatementError("supersedes", value, "sha256: and 64 hexadecimal digits")


def _require_count(value: object, path: str, *, is_optional: bool = False) -> None:
    if value is None and is_optional:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise StatementError(path, value, "a whole number that is not negative")


def _reject_floats(value: object, path: str) -> None:
    if isinstance(value, float):
        raise StatementError(path, value, "no fraction, because its text is ambiguous")
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        _reject_floats(child, f"{path}.{key}" if path else str(key))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise StatementError(twice, names, "in its object once")
    return found


def _no_constant(name: str) -> None:
    raise StatementError("", name, "JSON, which has no such number")
