"""For which stations keys are issued: those of the register, or of a file that somebody names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from escruta.base.errors import FileUnreadable, InputError
from escruta.election.definition import Election
from escruta.sheets.figures import figures_of
from escruta.sources.readings import read_source
from escruta.sources.stations import geography_of

_LARGEST_FILE = 200_000_000


def stations_of_register(election: Election, folders: tuple[Path, ...]) -> pl.DataFrame:
    """Read the election's register: `station` and `area` (path, null where not known); raises `InputError`."""
    register = election.register_
    if register is None:
        raise InputError(
            "the definition names no register of polling stations",
            where=election.id,
            advice="Name the stations yourself: --stations FILE, one on a line.",
        )
    sources = [source for source in election.sources if source.id == register.source]
    contests = {contest.id: contest for contest in election.contests}
    read = [
        read_source(election, each, figures_of(contests[each.contest or election.contests[0].id], sources), folders)
        for each in sources
    ]
    listed = geography_of(election, read, folders).stations
    return listed.filter(pl.col("on_register")).select("station", "area")


def stations_in_file(path: Path) -> pl.DataFrame:
    """Read a file with one station on a line; raises `InputError`."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(_LARGEST_FILE + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("the stations cannot be read", where=str(path), expected="UTF-8, one a line") from error
    if len(raw) > _LARGEST_FILE:
        raise FileUnreadable("the file is too long for one of stations", where=str(path), found=f"{len(raw):,} bytes")
    stations = [line.strip() for line in text.split("\n") if line.strip()]
    if not stations:
        raise InputError("there is no station in the file", where=str(path), expected="one on each line")
    twice, times = Counter(stations).most_common(1)[0]
    if times > 1:
        raise InputError("a station stands twice in the file", where=str(path), found=twice)
    return pl.DataFrame({"station": stations, "area": [None] * len(stations)}, schema_overrides={"area": pl.String})
