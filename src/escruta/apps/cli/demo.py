"""`escruta demo`: write the fictional republic, do the main job on it, and hold the one against the other."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from escruta.apps import api
from escruta.apps.cli.run import tell_run
from escruta.apps.cli.screen import progress_bars, say, show_json
from escruta.apps.demo import describe, read_truth, write_demo
from escruta.record.folders import has_files, whole_folder

ELECTION, RESULT = "election", "result"


def run_demo(*, stations: int, seed: int, out: Path, with_pages: bool, as_json: bool) -> int:
    """Run the demo; `out/election` holds what was published, `out/result` what was found."""
    with progress_bars(quiet=as_json) as progress:
        progress("write", 0, 1)
        election = out / ELECTION
        with whole_folder(
            election, has_files("election.toml", "what-really-happened.json"), holds="the election"
        ) as staged:
            write_demo(staged, stations=stations, seed=seed)
        progress("write", 1, 1)
        report = api.run(election, out / RESULT, with_pages=with_pages, progress=progress)
    if as_json:
        show_json(report.summary)
        return 1 if report.has_errors else 0
    tell_run(report)
    verdicts = pl.read_parquet(report.out / "verdicts-president.parquet", columns=["station", "verdict"])
    say()
    for line in describe(read_truth(election), report.summary, verdicts):
        say(line)
    say()
    say(f"What was published: {election}    what really happened: {election / 'what-really-happened.json'}")
    return 1 if report.has_errors else 0
