"""An election's definition: areas, contests, options, polling stations, sources and rules.

>>> from escruta.election import parse_election
>>> try:
...     parse_election("format = 1", where="election.toml")
... except Exception as error:
...     type(error).__name__
'DefinitionError'
"""

from escruta.election.definition import Election
from escruta.election.faults import DefinitionError, Fault
from escruta.election.reading import parse_election, read_election

__all__ = ["DefinitionError", "Election", "Fault", "parse_election", "read_election"]
