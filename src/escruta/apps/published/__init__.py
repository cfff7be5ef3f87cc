"""A published record or log, wherever it is: a folder, a zip file, a server. All of it is foreign and none is trusted.

The door::

    with open_published("https://example.org/record") as published:
        published.read("summary.json")                       # bytes; None where there is no such file
        verify_log(published.under("log"), policy)           # what lies below log/, as a log
"""

from escruta.apps.published.errors import FileRefused, PlaceUnusable
from escruta.apps.published.limits import LIMITS, Limits
from escruta.apps.published.logs import paths_of_log
from escruta.apps.published.opening import open_published
from escruta.apps.published.places import Published
from escruta.apps.published.records import PublishedRecord

__all__ = [
    "LIMITS",
    "FileRefused",
    "Limits",
    "PlaceUnusable",
    "Published",
    "PublishedRecord",
    "open_published",
    "paths_of_log",
]
