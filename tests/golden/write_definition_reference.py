"""Writes what the documentation takes from the model of a definition: its JSON Schema and its tables of keys.

    python tests/golden/write_definition_reference.py

A test runs it and sees that the committed files are the same.
"""

import json
from pathlib import Path

from escruta.election.reference import key_tables
from escruta.election.schema import definition_schema

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
SCHEMA = REFERENCE / "election.schema.json"
PAGE = REFERENCE / "election-definition.md"
MARK = "<!-- The rest of this page is made by tests/golden/write_definition_reference.py -->\n"


def schema_text() -> str:
    """Write the JSON Schema as it is published."""
    return json.dumps(definition_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def page_text() -> str:
    """Write the page anew, from its hand-written part and the model's tables."""
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    return f"{written}{MARK}\n{key_tables().rstrip()}\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8", newline="\n")
    PAGE.write_text(page_text(), encoding="utf-8", newline="\n")
