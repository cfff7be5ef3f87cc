"""What a file says of itself, beside what is said of it. None of this proves anything: anyone can write it.

A clock may be wrong, a messenger takes metadata away, and a phone's gallery may call itself an editor. So nothing here
contradicts; it asks a question, or says nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from escruta.sources.scans.evidence.grades import PictureFinding

_EDITORS = re.compile(
    r"photoshop|lightroom|gimp|snapseed|picsart|pixelmator|affinity|paint|canva|illustrator|acrobat|inkscape"
    r"|imagemagick|photopea|facetune|pixlr",
    re.IGNORECASE,
)


def findings_of_metadata(
    taken: str | None, software: str | None, *, has_any: bool, election_day: dt.date, time_zone: str
) -> Iterator[PictureFinding]:
    """Compare the time and the program that a file names with the day of the vote.

    `taken` is a time of the camera, with or without a zone; one without is taken to be of `time_zone`.

    >>> day = dt.date(2024, 7, 28)
    >>> found = findings_of_metadata("2024-07-27T18:00:00", None, has_any=True, election_day=day, time_zone="UTC")
    >>> [each.code for each in found]
    ['P602']
    """
    if not has_any:
        yield PictureFinding(code="P604")
        return
    moment = _moment(taken, time_zone)
    early = moment is not None and moment.date() < election_day
    editor = _EDITORS.search(software or "")
    if early:
        yield PictureFinding(code="P602", details={"taken": str(taken), "day": election_day.isoformat()})
    if editor:  # only the program's own name: the rest of the text may be a person's
        yield PictureFinding(code="P603", details={"software": editor[0].casefold()})
    if not early and not editor:
        yield PictureFinding(code="P601")


def _moment(taken: str | None, time_zone: str) -> dt.datetime | None:
    """Read a camera's time in the zone of the election; None where it is no time."""
    if taken is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(taken)
    except ValueError:
        return None
    zone = ZoneInfo(time_zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
