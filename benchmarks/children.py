"""What the benchmarks run in processes of their own: making input, and the main job without its command line."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def make_night(folder: str, stations: str, *sources: str) -> None:
    """Write a demo election as Parquet."""
    from escruta.apps.demo import write_demo  # noqa: PLC0415 - each task loads only what it measures

    write_demo(Path(folder), stations=int(stations), form="parquet", sources=sources)


def make_statements(folder: str, statements: str) -> None:
    """Write statements, the totals that they should add up to, and the definition."""
    import statements as made  # noqa: PLC0415

    made.write_input(Path(folder), int(statements))


def examine(folder: str) -> None:
    """Check, collate and total an election; print the totals of its widest areas, and how long it took."""
    import escruta.apps.cli  # noqa: PLC0415, F401 - the command line tells the allocator to give memory back
    from escruta.apps.examine import examine_election  # noqa: PLC0415
    from escruta.election.reading import read_election  # noqa: PLC0415

    begun = time.perf_counter()
    results = examine_election(read_election(Path(folder)), [Path(folder)])
    found = {"seconds_inside": time.perf_counter() - begun, "areas": _areas(results)}
    sys.stdout.write(json.dumps(found))


def _areas(results: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401 - imported late
    """Give the totals of the areas of the widest level, a table an area."""
    contest = results.contests[0]
    levels = results.geography.areas
    wide = contest.areas.filter(contest.areas["area"].is_in(levels.filter(levels["level"] == 1)["area"].implode()))
    areas = {
        row["area"]: {"stations": row["stations.counted"], "null": row["null"], "blank": row["blank"]}
        for row in wide.iter_rows(named=True)
    }
    for row in contest.tally.totals.iter_rows(named=True):
        if row["area"] in areas:
            areas[row["area"]][row["candidate"]] = row["votes"]
    return areas


def live(folder: str, data: str, file: str, sheets: str, languages: str) -> None:
    """Publish an election but for the last sheets of a file, then those one by one; print what each version took."""
    import shutil  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from escruta.apps.live import Intake, LiveFolder  # noqa: PLC0415
    from escruta.record.logbook import GrowingSealedBook  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="escruta-live-") as name:
        work = Path(name)
        election = shutil.copytree(folder, work / "election")
        definition = election / "election.toml"
        text = definition.read_text(encoding="utf-8")
        definition.write_text(re.sub(r'(?m)(, )?sha256 *= *"[0-9a-f]{64}"', "", text), encoding="utf-8")
        shutil.copytree(data, work / "data", dirs_exist_ok=True)
        intake = next(path for path in (work / "data" / file, election / file) if path.is_file())
        incoming = Intake(election, work / "data")
        lines = intake.read_bytes().splitlines(keepends=True)
        book_of = partial(GrowingSealedBook, clock=time.ctime)
        with LiveFolder(work / "out", book_of, languages=languages.split(",")) as place:
            for left in range(int(sheets), -1, -1):
                intake.write_bytes(b"".join(lines[: len(lines) - left]))
                begun = time.perf_counter()
                results = incoming.results()
                read = time.perf_counter() - begun
                update = place.publish(results, incoming.folders)
                said = {"pages": update.pages, "written": update.written, "seconds": {"read": read, **update.seconds}}
                sys.stdout.write(json.dumps(said) + "\n")
                sys.stdout.flush()
                place.make_ready()


_TASKS: dict[str, Callable[..., None]] = {
    "make-night": make_night,
    "make-statements": make_statements,
    "examine": examine,
    "live": live,
}

if __name__ == "__main__":
    _TASKS[sys.argv[1]](*sys.argv[2:])
