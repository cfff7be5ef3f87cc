"""Measure speed and memory: `python benchmarks/run.py [NAME] [ARGUMENT ...]`, with a name of `BENCHMARKS`.

Without a name every benchmark runs. With one name, what follows it is for that benchmark: a number of statements, the
folder of the Venezuelan files, numbers of stations; such a run prints its result and leaves RESULTS.md alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import assessment
import audit
import codes
import figures
import pages
import printing
import projection
import scale
import scans
import seals
import statements
import tlog
import venezuela
from measuring import BenchmarkFailed, machine
from reporting import Section, write_report

BENCHMARKS = {
    "assessment": assessment.report,
    "audit": audit.report,
    "codes": codes.report,
    "figures": figures.report,
    "statements": statements.report,
    "pages": pages.report,
    "venezuela": venezuela.report,
    "printing": printing.report,
    "projection": projection.report,
    "scale": scale.report,
    "scans": scans.report,
    "seals": seals.report,
    "tlog": tlog.report,
}
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks; give 1 when a target is not met, 2 when a benchmark could not be run."""
    names = [argument for argument in arguments if argument in BENCHMARKS]
    further = [argument for argument in arguments if argument not in BENCHMARKS]
    if further and len(names) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    sections = []
    for name in names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        before = machine()
        try:
            section = _run(name, further)
        except BenchmarkFailed as failure:
            print(f"{name}: {failure}", file=sys.stderr)
            return 2
        print(section.markdown(before))
        sections.append(section)
        if not further:
            write_report(RESULTS, section, before)
    return 0 if all(section.is_met for section in sections) else 1


def _run(name: str, arguments: list[str]) -> Section:
    with tempfile.TemporaryDirectory(prefix="escruta-bench-") as work:
        return BENCHMARKS[name](Path(work), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
