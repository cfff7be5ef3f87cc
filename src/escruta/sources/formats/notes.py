"""What a reader noticed: facts about a file that stop nothing, but that a person should be able to see.

A note is data: a code and its details. The words are kept apart, in `WORDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS: Mapping[str, str] = {
    "F101": "The encoding was not declared; it was taken to be {encoding}. An example: {example}",
    "F102": "The file begins with a byte-order mark ({encoding}); it was removed.",
    "F103": "The delimiter was not declared; it was taken to be {delimiter}.",
    "F104": "Line ends are mixed: {crlf} CRLF, {lf} LF, {cr} CR. All were read as line ends.",
    "F105": "The last line has no line end: make sure that the file is complete.",
    "F106": "{count} blank rows were left out, the first at row {first}.",
    "F107": "Spaces around column names, or split accents in them, were tidied: {names}.",
    "F108": "The file has a column named `row`; it is called `file.row` here.",
    "F109": "Columns without a name, or with a name used twice, were not read: {columns}.",
    "F110": "The format was not declared; it was taken to be {format}.",
    "F111": "Text in {cells} cells looks encoded twice, for example {found} for {expected}. It was left as found.",
    "F112": "Text in {cells} cells was encoded twice and was repaired, for example {found} to {expected}.",
    "F113": "The file has no rows yet.",
    "F114": "All {rows} rows are those of other sources.",
    "F121": "No sheet was named; {sheet} was read. The workbook also has {others}.",
    "F122": "{cells} cells hold dates or times, the first at {first}; they are given as ISO 8601 text.",
    "F123": "{cells} cells hold a spreadsheet error, the first at {first}: {found}. They are given as text.",
    "F124": "{cells} cells hold formulas in columns that were not asked for, the first at {first}.",
    "F125": "{cells} cells hold a truth value, the first at {first}; they are given as TRUE and FALSE.",
    "F131": "Columns hold values that are neither text nor whole numbers; they are given as text: {columns}.",
    "F141": "{statements} statements have keys that the format does not know, for example {key}; they were not read.",
    "F142": "{statements} statements do not list every candidature of the file; the format says: zero votes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a reader noticed.

    >>> print(Note(code="F103", details={"delimiter": ";"}))
    F103 The delimiter was not declared; it was taken to be ;.
    """

    code: str
    """A key of `WORDS`."""
    details: Mapping[str, str | int] = field(default_factory=dict)
    """What the words name: encodings, counts, the first place, an example."""

    def __str__(self) -> str:
        """Say it in English."""
        return f"{self.code} {WORDS[self.code].format(**self.details)}"
