"""Readings of one polling station, drawn together per copy and per origin into one verdict with its reasons.

>>> from escruta.collation import Verdict
>>> [verdict.value for verdict in Verdict]
['missing', 'single', 'corroborated', 'confirmed', 'contradicted', 'disputed', 'quarantined']
"""

from escruta.collation.acts import with_standing
from escruta.collation.agreement import agreement
from escruta.collation.differences import differences
from escruta.collation.verdicts import Relations, Verdict, collate, relations_of

__all__ = ["Relations", "Verdict", "agreement", "collate", "differences", "relations_of", "with_standing"]
