"""What really happened: the file that tells, beside the demo, what was planted in it and where.

It is no part of the election's definition, and nothing but the demo's own report and the tests reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

TRUTH_NAME = "what-really-happened.json"
TRUTH_FORMAT = "escruta/demo-truth/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One kind of thing that happened that night, and the polling stations where it did."""

    kind: str
    source: str | None
    """Whose readings it changed; none where it is no source's doing."""
    stations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really happened on the demo's election night."""

    seed: int
    stations: int
    registered_voters: int
    votes: Mapping[str, int]
    """What the voters of all stations together really voted, by candidate."""
    null: int
    blank: int
    outage: Mapping[str, str]
    """When nothing arrived at the authority: `begins` and `ends`, on the wall clock."""
    holdings: Mapping[str, int]
    """Source → the stations whose sheets it holds."""
    planted: tuple[Planted, ...]

    def touched(self) -> frozenset[str]:
        """List the stations where anything at all was planted."""
        return frozenset(station for planted in self.planted for station in planted.stations)

    def at(self, kind: str) -> tuple[str, ...]:
        """List the stations where one kind of thing happened."""
        return tuple(station for planted in self.planted if planted.kind == kind for station in planted.stations)


def write_truth(truth: Truth, file: Path) -> None:
    """Write the truth as JSON, one kind a line so that people can read it too."""
    plain = {"format": TRUTH_FORMAT, **asdict(truth)}
    planted = plain.pop("planted")
    head = json.dumps(plain, ensure_ascii=False, indent=2)[: -len("\n}")]
    lines = ",\n".join(f"    {json.dumps(one, ensure_ascii=False)}" for one in planted)
    file.write_text(f'{head},\n  "planted": [\n{lines}\n  ]\n}}\n', encoding="utf-8", newline="\n")


def read_truth(file: Path) -> Truth:
    """Read the truth again, from the demo's folder or from the file itself."""
    plain = json.loads((file / TRUTH_NAME if file.is_dir() else file).read_text(encoding="utf-8"))
    plain.pop("format")
    planted = tuple(
        Planted(kind=one["kind"], source=one["source"], stations=tuple(one["stations"])) for one in plain.pop("planted")
    )
    return Truth(**plain, planted=planted)
