"""Make the vectors of canonical readings and their digests: run it in this folder, and the diff is empty.

The canonical text is written with the standard library alone, so that the vectors are not our own words come back: for
the texts and whole numbers that stand here, `json.dumps` with sorted keys and no spaces is RFC 8785. Keys are sorted by
UTF-16 code units (section 3.2.3), and text is not escaped beyond what JSON needs (section 3.2.2.2).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

READINGS: dict[str, tuple[dict[str, str | None], dict[str, int | str | None]]] = {
    "plain": ({"station": "010113042.1", "source": "feed"}, {"votes.ana": 3, "null": 0}),
    "no figures": ({"station": "1"}, {}),
    "every member": (
        {
            "act": "count",
            "contest": "president",
            "copy": "1",
            "election": "small",
            "method": "typed",
            "origin": "witness-copies",
            "source": "campaign",
            "station": "1",
            "supersedes": "0" * 64,
        },
        {"registered_voters": 10_000_000, "votes.ana": 1},
    ),
    "unread figures": (
        {"station": "1"},
        {"votes.ana": "illegible", "votes.ben": "empty", "blank": "not-on-sheet", "null": "not-a-count", "ballots": 7},
    ),
    "figures that the source does not give": ({"station": "1", "copy": None}, {"votes.ana": None, "null": 2}),
    "quotes and backslashes": ({"station": 'say "x" \\ y'}, {"null": 1}),
    "control characters": ({"station": "a\nb\tc\rd\be\ff\x00g\x1fh"}, {"null": 1}),
    "characters that need no escape": ({"station": "/\x7f\u2028\u00e9"}, {"null": 1}),
    "beyond the first plane": ({"station": "\U0001f5f3 \U00020000"}, {"null": 1}),
    "split accents stay as they are": ({"station": "Le\u0301on", "copy": "L\u00e9on"}, {"null": 1}),
    "order of keys": ({"station": "1"}, {"votes.b": 1, "votes.a": 2, "votes": 3, "votes.a-1": 4, "other.z": 5}),
}


def canonical(members: dict[str, str | None], figures: dict[str, int | str | None]) -> str:
    document: dict[str, object] = {name: value for name, value in members.items() if value is not None}
    document["figures"] = {name: value for name, value in figures.items() if value is not None}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def vectors() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for name, (members, figures) in READINGS.items():
        text = canonical(members, figures)
        digest = hashlib.sha256(text.encode()).hexdigest()
        made.append({"name": name, "members": members, "figures": figures, "canonical": text, "sha256": digest})
    return made


def written() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("readings.json").write_text(written(), encoding="utf-8", newline="\n")
