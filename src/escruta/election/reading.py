"""From the text of an `election.toml` to an `Election`, or to every fault at once."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from escruta.election.definition import Election
from escruta.election.faults import DefinitionError, Fault
from escruta.election.rules import semantic_faults
from escruta.election.structure import parse_structure

DEFINITION_NAME = "election.toml"


def read_election(path: Path) -> Election:
    """Read the definition in a folder's `election.toml`, or in the file that is named.

    Raises `DefinitionError` with every fault of it.
    """
    where, raw = read_definition(path)
    return election_of(raw, where=where)


def read_definition(path: Path) -> tuple[str, bytes]:
    """Read the bytes of the definition in a folder, or of the file that is named, and say what faults call it."""
    file = path / DEFINITION_NAME if path.is_dir() else path
    try:
        return str(file), file.read_bytes()
    except FileNotFoundError:
        advice = f"Name a folder with an {DEFINITION_NAME}, or write one with `escruta init FILES… --out FOLDER`."
        raise _unusable(str(file), "nothing", "an election's definition", advice) from None
    except OSError as error:
        raise _unusable(
            str(file), error.strerror or "an error", "a readable file", "Look at its permissions."
        ) from None


def election_of(raw: bytes, *, where: str) -> Election:
    """Read a definition from its bytes; `where` is what the faults call the file.

    Raises `DefinitionError` with every fault of it.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
        raise _unusable(where, found, "UTF-8 text", "Save the definition as UTF-8.") from None
    return parse_election(text, where=where)


def parse_election(text: str, *, where: str) -> Election:
    """Parse a definition; `where` is what the faults call the file.

    Raises `DefinitionError` with every fault of it: of its parts, and of what ties the parts together.

    >>> parse_election("format = 1 2", where="election.toml")
    Traceback (most recent call last):
    ...
    escruta.election.faults.DefinitionError: 1 fault in the definition:
    - election.toml: line 1, column 12: found Expected newline or end of document after a statement, ...
    """
    document = _toml(text, where)
    election, structural = parse_structure(document, where)
    faults = (*structural, *semantic_faults(document, where))
    if faults or election is None:
        raise DefinitionError(faults)
    return election


def _toml(text: str, where: str) -> Mapping[str, object]:
    """Parse TOML into values that JSON has too: dates become text in the form of ISO 8601."""
    try:
        # Line ends of Windows are fine in TOML, those of old Macintoshes are not.
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), where) from None
    as_json = json.dumps(document, default=lambda moment: moment.isoformat())
    return cast("Mapping[str, object]", json.loads(as_json))


def _not_toml(message: str, where: str) -> DefinitionError:
    match = re.match(r"(?P<what>.*?) \(at (?P<spot>line \d+, column \d+|end of document)\)$", message, re.DOTALL)
    what, spot = (match["what"], match["spot"]) if match else (message, "")
    advice = "Look at this line: quotes, brackets and commas; names with accents or spaces stand in quotes."
    return DefinitionError([Fault(file=where, key=spot, found=what, expected="TOML", advice=advice)])


def _unusable(where: str, found: str, expected: str, advice: str) -> DefinitionError:
    return DefinitionError([Fault(file=where, key="", found=found, expected=expected, advice=advice)])
