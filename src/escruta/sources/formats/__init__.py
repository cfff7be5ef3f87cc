"""Formats: bytes in, a table out; knows no election.

table = read_table("campaign_v1.csv", TableOptions(columns=("CENTRO", "MESA", "EG")))
table.frame          # `row`, then the columns, each String or Int64; an empty cell is null
table.content_digest # the same for the same table with other line ends, encoding or packing
for note in table.notes:
    print(note)      # what was detected, repaired or left out
"""

from escruta.sources.formats.counts import COUNT_LIMIT, CountProblem, parse_counts
from escruta.sources.formats.headers import column_found
from escruta.sources.formats.notes import WORDS, Note
from escruta.sources.formats.registry import detect_format, formats, read_opened, read_table, reader
from escruta.sources.formats.tables import MARKS_SCHEMA, ROW, RawTable, Reader, TableOptions

__all__ = [
    "COUNT_LIMIT",
    "MARKS_SCHEMA",
    "ROW",
    "WORDS",
    "CountProblem",
    "Note",
    "RawTable",
    "Reader",
    "TableOptions",
    "column_found",
    "detect_format",
    "formats",
    "parse_counts",
    "read_opened",
    "read_table",
    "reader",
]
