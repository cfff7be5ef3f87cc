"""Half a million statements of 12 candidatures, checked, collated and totalled in 28 areas: beside `actasum verify`.

Both read the same file in the same run, each in a process of its own, and both must come to the same 28 totals.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import BenchmarkFailed, best_of, child, measure
from reporting import Section

STATEMENTS = 500_000
AREAS = 28
CODES = tuple(f"{number:02d}" for number in range(1, 13))
_ITEMS = (*CODES, "blank", "null")
_TARGET_TIMES, _TARGET_SHARE = 20, 0.25
_MULTIPLIER, _INCREMENT, _WORD = 6364136223846793005, 1442695040888963407, 1 << 64  # Knuth's linear congruence


def report(work: Path, arguments: list[str]) -> Section:
    """Run both on the same file."""
    count = int(arguments[0]) if arguments else STATEMENTS
    measure(child("make-statements", work, str(count)))
    lines, official = work / "statements.jsonl", work / "official.json"
    ours = best_of(2, child("examine", work))
    theirs = best_of(
        2,
        [sys.executable, "-m", "actasum.cli", "verify", "--statements", lines, "--official", official, "--json"],
    )
    _require_equal(json.loads(ours.out)["areas"], json.loads(official.read_text()), json.loads(theirs.out))
    times, share = theirs.seconds / ours.seconds, ours.peak_bytes / theirs.peak_bytes
    return Section(
        name="statements",
        title=f"{count:,} statements of {len(CODES)} candidatures in {AREAS} areas",
        text=f"{lines.stat().st_size / 1e6:,.0f} MB of JSON Lines; the {AREAS} totals of both are equal. "
        f"{times:.1f} times as fast (target: at least {_TARGET_TIMES}), "
        f"{share:.3f} of the memory (target: less than {_TARGET_SHARE}). Best of two runs each.",
        columns=("", "seconds", "of computing", "peak memory"),
        rows=(
            ("`actasum verify`, actasum 0.1.0", f"{theirs.seconds:.2f}", f"{theirs.cpu_seconds:.2f}", theirs.peak),
            ("escruta: check, collate, total", f"{ours.seconds:.2f}", f"{ours.cpu_seconds:.2f}", ours.peak),
        ),
        is_met=times >= _TARGET_TIMES and share < _TARGET_SHARE,
    )


def _require_equal(ours: dict[str, Any], official: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Hold our totals against those that actasum found to match."""
    if theirs.get("differences"):
        message = f"actasum finds {len(theirs['differences'])} differences from the totals of the generator"
        raise BenchmarkFailed(message)
    expected = {
        area: {"stations": one["stations"], "null": one["null"], "blank": one["blank"]}
        | {f"c{code}": votes for code, votes in one["candidatures"].items()}
        for area, one in official["areas"].items()
    }
    if ours != expected:
        different = sorted(area for area in expected if ours.get(area) != expected[area])
        message = f"our totals differ in {len(different)} areas: {different[:3]}, {ours.get(different[0])}"
        raise BenchmarkFailed(message)


def write_input(folder: Path, count: int) -> None:
    """Write `statements.jsonl` in canonical form, `official.json`, and `election.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    totals: dict[str, dict[str, Any]] = {}
    with (folder / "statements.jsonl").open("w", encoding="utf-8", newline="\n") as out:
        for number, figures in enumerate(_figures(count)):
            area = f"{number % AREAS:02d}"
            out.write(_line(number, area, figures))
            _add(totals.setdefault(area, _nothing()), figures)
    document = {"spec": "actasum/official-totals/v0.1", "profile": "bench", "election": "2026-01", "areas": totals}
    (folder / "official.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "election.toml").write_text(_definition(), encoding="utf-8")


def _figures(count: int) -> Iterator[dict[str, int]]:
    """Draw the figures of each statement."""
    state = 2024
    for _ in range(count):
        figures = {}
        for item, limit in zip(_ITEMS, (*(61,) * len(CODES), 6, 10), strict=True):
            state = (state * _MULTIPLIER + _INCREMENT) % _WORD
            figures[item] = (state >> 33) % limit
        yield figures


def _line(number: int, area: str, figures: dict[str, int]) -> str:
    total = sum(figures[code] for code in CODES)
    statement = {
        "constituency": area,
        "counts": {
            "blank": figures["blank"],
            "candidature_total": total,
            "candidatures": {code: figures[code] for code in CODES},
            "null": figures["null"],
            "registered": total + figures["blank"] + figures["null"] + 100,
        },
        "election": "2026-01",
        "evidence": {"kind": "feed", "row": number + 2, "sha256": "ab" * 32},
        "profile": "bench",
        "spec": "actasum/statement/v0.1",
        "station": f"{area}/{number // AREAS:06d}",
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":")) + "\n"


def _nothing() -> dict[str, Any]:
    return {"blank": 0, "null": 0, "stations": 0, "candidatures": dict.fromkeys(CODES, 0)}


def _add(total: dict[str, Any], figures: dict[str, int]) -> None:
    total["stations"] += 1
    for code in CODES:
        total["candidatures"][code] += figures[code]
    for item in ("blank", "null"):
        total[item] += figures[item]


def _definition() -> str:
    candidates = "\n".join(f'  {{ id = "c{code}", name = "Candidature {code}" }},' for code in CODES)
    votes = ", ".join(f'c{code} = "candidature:{code}"' for code in CODES)
    return f"""\
format = "escruta/election/v1"
id = "bench"
name = "Statements"
date = 2026-01-04

[stations]
key = [{{ part = "station" }}]

[[levels]]
id = "area"
name = "Area"

[register]
source = "statements"
complete = true

[[contests]]
id = "council"
name = "Council"
figures = ["registered_voters", "candidate_votes", "null", "blank"]
candidates = [
{candidates}
]

[[origins]]
id = "authority"
name = "Authority"
owner = "authority"

[[sources]]
id = "statements"
name = "Statements"
kind = "authority"
origin = "authority"
files = [{{ path = "statements.jsonl" }}]

[sources.layout]
format = "actasum"
station = {{ station = "station" }}
areas = {{ area = {{ code = "constituency" }} }}
figures = {{ registered_voters = "registered", candidate_votes = "candidature_total", null = "null", blank = "blank" }}
votes = {{ {votes} }}
"""
