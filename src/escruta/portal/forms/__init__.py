"""The form that a record must have for its pages: documents, tables, and what ties them together.

A record comes from anybody. What is not in its form is told with its file, its place and what was expected there, and
nothing further on needs to doubt it. Begin with `documents`, `tables` and `together`.
"""

from escruta.portal.forms.errors import RecordMalformed

__all__ = ["RecordMalformed"]
