"""Make the golden record of a night on which every verdict occurs: run it in this folder, and the diff is empty.

A change of these files is a change of what other programs read: say so in the changelog.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from escruta.apps.examine import examine_election
from escruta.record.writing import write_record
from escruta.testing import Row, SmallElection, SmallOrigin, SmallSource

KEPT = ("summary.json", "totals.csv", "verdicts-president.csv", "areas-president.csv", "findings.csv", "agreement.csv")


def sheet(station: str, ana: int | None, ben: int | None, null: int | None = 1, **more: object) -> Row:
    return {
        "station": station,
        "state": "North" if station < "5" else "South",
        "ana": ana,
        "ben": ben,
        "null": null,
        **more,
    }


NIGHT = SmallElection(
    sources=(
        SmallSource(
            id="feed",
            kind="authority",
            origin="authority",
            rows=(sheet("2", 20, 10), sheet("3", 20, 10), sheet("4", 20, 10), sheet("7", 20, None, ballots=50)),
        ),
        SmallSource(
            id="red",
            origin="red-copies",
            rows=(
                sheet("1", 30, 11, copy="1"),
                sheet("3", 20, 10, copy="1"),
                sheet("4", 21, 9, copy="1"),
                sheet("5", 8, 8, copy="1"),
                sheet("5", 9, 8, copy="2"),
                sheet("6", 5, 5, null=0, copy="1", ballots=11),
            ),
        ),
        SmallSource(id="notes", kind="observer", origin="observers", rows=(sheet("2", 20, 10, null=None),)),
    ),
    origins=(
        SmallOrigin(id="authority", owner="authority"),
        SmallOrigin(id="red-copies", adverse_to=("authority",)),
        SmallOrigin(id="observers", owner="observer"),
    ),
    levels=("state",),
    figures=("registered_voters", "ballots", "null"),
    register=tuple(
        {"station": str(at), "state": "North" if at < 5 else "South", "registered_voters": 60} for at in range(1, 9)
    ),
    announcements=(
        {"id": "bulletin", "name": "Bulletin", "by": "authority", "votes": {"ana": 150, "ben": 190}, "stations": 8},
    ),
)


def make(folder: Path) -> None:
    with TemporaryDirectory() as given, TemporaryDirectory() as record:
        write_record(examine_election(NIGHT.write(Path(given)), [Path(given)]), Path(record))
        for name in KEPT:
            (folder / name).write_bytes((Path(record) / name).read_bytes())


if __name__ == "__main__":
    make(Path(__file__).resolve().parent)
