"""Live: an election's files are watched, and each time that one comes or changes, the record and its pages follow.

The doors::

    with LiveFolder(out, book_of) as live:                       # `out` is at every moment one whole version
        for moment in watch(election, data, live, ...):          # what was published, or why not
            ...
"""

from escruta.apps.live.intake import Intake
from escruta.apps.live.publishing import LiveFolder, Update
from escruta.apps.live.watching import Refused, Unchanged, watch

__all__ = ["Intake", "LiveFolder", "Refused", "Unchanged", "Update", "watch"]
