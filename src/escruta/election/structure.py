"""The form of a definition: keys, types and single values, told in the words of the person who wrote the file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from escruta.election.definition import ADDRESS, FIRST_YEAR, LAST_YEAR, Election
from escruta.election.faults import Fault, Location, key_path, listed, nearest
from escruta.election.schema import described_at
from escruta.election.spots import as_found

MOMENT = "a date (2024-07-28) or a moment (2024-07-28T18:00:00-04:00)"
WHAT_IS_EXPECTED: Mapping[str, str] = {
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "string_too_long": "one character",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "tuple_type": "a list",
    "too_short": "at least one entry",
    "recursion_loop": "a value",
    "year_out_of_range": f"a year from {FIRST_YEAR} to {LAST_YEAR}",
}
PATTERNS: Mapping[str, str] = {
    "^[a-z0-9][a-z0-9_-]{0,63}$": "an id: small letters a–z, digits, `-` and `_`, at most 64",
    "^[0-9a-f]{64}$": "a SHA-256: 64 digits 0–9 and a–f",
    "^[a-z]{2,3}(-[A-Za-z0-9]+)*$": "a language such as `es` or `nl`",
    "^#[0-9a-fA-F]{6}$": "a colour such as `#0b7a75`",
    ADDRESS: "the address of a folder: `https://` or `http://`, a host without name or password, and a plain path",
    "^[A-Z]{2}$": "two capital letters of ISO 3166-1, such as `BO`",
}


def parse_structure(document: Mapping[str, object], file: str) -> tuple[Election | None, tuple[Fault, ...]]:
    """Read a document as an election, or list every spot of it that does not have the form of one."""
    try:
        return Election.model_validate_json(json.dumps(document)), ()
    except ValidationError as error:
        return None, tuple(dict.fromkeys(_faults(error.errors(include_url=False), document, file)))


def _faults(errors: Sequence[ErrorDetails], document: object, file: str) -> Iterator[Fault]:
    for error in errors:
        location, found = _located(error["loc"], document)
        if error["type"] == "too_short" and found:
            continue  # The entries are there; each has its own fault.
        expected, advice = _explained(error, location)
        if error["type"] == "missing":
            found = None
        text = as_found(found) if error["type"] != "extra_forbidden" else f"a key `{location[-1]}`"
        yield Fault(file=file, key=key_path(location), found=text, expected=expected, advice=advice)


def _located(steps: Sequence[str | int], document: object) -> tuple[Location, object]:
    """Follow pydantic's location through the document, leaving out the names of the arms of unions."""
    location: list[str | int] = []
    value = document
    for position, step in enumerate(steps):
        if isinstance(value, dict) and isinstance(step, str) and not step.startswith("<") and step != "[key]":
            location.append(step)
            is_last = position == len(steps) - 1
            value = value.get(step) if not is_last or step in value else None
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            location.append(step)
            value = value[step]
        elif step == "[key]" and location:
            value = location[-1]
    return tuple(location), value


def _explained(error: ErrorDetails, location: Location) -> tuple[str, str]:
    """Say what was expected, and what to do."""
    kind = error["type"]
    here = described_at(location)
    meaning = here.meaning or described_at(location[:-1]).meaning
    if kind == "extra_forbidden":
        known = described_at(location[:-1]).keys
        near = nearest(str(location[-1]), known)
        return f"one of {listed(known, 40)}", f"Did you mean `{near}`?" if near else "Remove it, or correct its name."
    if kind == "missing":
        return "a value", f"Write it: {here.meaning}" if here.meaning else "Write it."
    return _expected(error), f"This key means: {meaning}" if meaning else "Correct it."


def _expected(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        return "one of " + re.sub(r"'([^']*)'", r"`\1`", str(context["expected"])).replace(" or ", ", ")
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(str(context["pattern"]), f"text like {context['pattern']}")
    if kind.startswith(("date", "time")):
        return MOMENT
    if kind == "greater_than_equal":
        return f"at least {context['ge']}"
    if kind == "less_than_equal":
        return f"at most {context['le']}"
    return WHAT_IS_EXPECTED.get(kind, error["msg"])
