"""What a tally sheet says: figures, marks where there is none, checks with codes, and the canonical form of a reading.

>>> from escruta.sheets import CATALOGUE, canonical_reading
>>> CATALOGUE["S201"].severity.value
'error'
>>> canonical_reading({"station": "1"}, {"null": 0, "blank": None})
b'{"figures":{"null":0},"station":"1"}'
"""

from escruta.sheets.canonical import canonical_reading, reading_digest
from escruta.sheets.catalogue import CATALOGUE, Check, checks_of
from escruta.sheets.checks import check_readings, count_outcomes
from escruta.sheets.figures import ContestFigures, Mark, figures_of

__all__ = [
    "CATALOGUE",
    "Check",
    "ContestFigures",
    "Mark",
    "canonical_reading",
    "check_readings",
    "checks_of",
    "count_outcomes",
    "figures_of",
    "reading_digest",
]
