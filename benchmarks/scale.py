"""How the cost grows with the country: demo elections of 30 thousand, 300 thousand and 3 million stations."""

from __future__ import annotations

from pathlib import Path

from measuring import Measured, child, measure
from reporting import Section

_SIZES = (30_000, 300_000, 3_000_000)
_SOURCES = ("authority", "party-a")
_MOST_TIMES = 1.25  # what a station may cost in the largest country, beside the cost in the middle one


def report(work: Path, arguments: list[str]) -> Section:
    """Do the main job on each size; sizes may be given as arguments."""
    sizes = tuple(int(argument) for argument in arguments) or _SIZES
    runs = {size: _one(work, size) for size in sizes}
    each = [run.cpu_seconds / size for size, run in runs.items()]
    growth = each[-1] / each[-2] if len(each) > 1 else 1.0
    return Section(
        name="scale",
        title="From thousands to millions of polling stations",
        text=f"Two sources ({' and '.join(_SOURCES)}) as Parquet, and the register: read, checked, collated and "
        f"totalled in every area down to the centre. In the largest country a station takes {growth:.2f} times the "
        f"computing that it takes in a tenth of that (linear is 1; target: at most {_MOST_TIMES}).",
        columns=("stations", "seconds", "of computing", "µs a station", "peak memory", "bytes a station"),
        rows=tuple(_row(size, run) for size, run in runs.items()),
        is_met=growth <= _MOST_TIMES,
    )


def _one(work: Path, size: int) -> Measured:
    folder = work / f"night-{size}"
    measure(child("make-night", folder, str(size), *_SOURCES))
    return measure(child("examine", folder))


def _row(size: int, run: Measured) -> tuple[str, ...]:
    per_station = run.peak_bytes / size
    seconds = (f"{run.seconds:.2f}", f"{run.cpu_seconds:.2f}", f"{run.seconds / size * 1e6:.1f}")
    return (f"{size:,}", *seconds, run.peak, f"{per_station:,.0f}")
