"""Sealed sheets of the Venezuelan form, 38 options: the first one of a process, and the next ones, on each paper.

The same run prints one line on one page with the same typesetter: what the typesetter itself costs.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporting import Section

    from escruta.sheets.printing import SheetToPrint

ROOT = Path(__file__).resolve().parent.parent
SHEETS = 40
_TARGET_FIRST_S, _TARGET_NEXT_MS = 3.0, 150


def report(work: Path, arguments: list[str]) -> Section:
    """Measure each paper in a process of its own."""
    from measuring import measure  # noqa: PLC0415 - a child must not load what it does not measure
    from reporting import Section  # noqa: PLC0415

    count = arguments[0] if arguments else str(SHEETS)
    runs = {paper: measure([sys.executable, __file__, paper, count]) for paper in ("line", "strip", "strip-58", "a4")}
    took = {paper: json.loads(run.out) for paper, run in runs.items()}
    (work / "printing.json").write_text(json.dumps(took), encoding="utf-8")
    sheets = [took[paper] for paper in runs if paper != "line"]
    is_met = all(each["first"] <= _TARGET_FIRST_S and each["next"] <= _TARGET_NEXT_MS / 1000 for each in sheets)
    labels = {
        "line": "one line on a page, typst alone",
        "strip": "strip, 80 mm",
        "strip-58": "strip, 58 mm",
        "a4": "A4",
    }
    return Section(
        name="printing",
        title=f"{int(count):,} printed sheets of 38 options",
        text="Sealed, set, and written as PDF/A with where everything stands. The first sheet of a process loads the "
        f"fonts (target: at most {_TARGET_FIRST_S:.0f} s of one core); the median of the next ones (target: at most "
        f"{_TARGET_NEXT_MS} ms) includes the seal.",
        columns=(
            "",
            "first, s",
            "next, ms",
            "of this: drawing the code, ms",
            "sheets a second and core",
            "peak memory",
        ),
        rows=tuple(
            (
                labels[paper],
                f"{each['first']:.2f}",
                f"{1000 * each['next']:.1f}",
                f"{1000 * each['code']:.1f}" if each["code"] else "",
                f"{1 / each['next']:,.1f}",
                runs[paper].peak,
            )
            for paper, each in took.items()
        ),
        is_met=is_met,
    )


def _measure(paper: str, count: int) -> dict[str, float]:
    if paper == "line":
        return _measure_line(count)
    from escruta.sheets.printing import SheetForm, SheetPrinter, sheet_words  # noqa: PLC0415

    make = _maker()
    began = time.process_time()
    printer = SheetPrinter(paper=SheetForm(paper), words=sheet_words("es"))
    printer.print([make(0)])
    first = time.process_time() - began
    took = []
    for at in range(1, count + 1):
        began = time.process_time()
        printer.print([make(at)])
        took.append(time.process_time() - began)
    return {"first": first, "next": statistics.median(took), "code": _code_seconds(make, count)}


def _code_seconds(make: Callable[[int], SheetToPrint], count: int) -> float:
    from escruta.sheets.seal import code_of  # noqa: PLC0415

    took = []
    for at in range(count):
        began = time.process_time()
        code_of(make(at).text or "")
        took.append(time.process_time() - began)
    return statistics.median(took)


def _maker() -> Callable[[int], SheetToPrint]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    from escruta.election import read_election  # noqa: PLC0415
    from escruta.sheets.printing import SheetToPrint  # noqa: PLC0415
    from escruta.sheets.seal import SealSigner, form_of, seal_sheet, sheet_of, text_of  # noqa: PLC0415

    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    signer = SealSigner(public_key=key.public_key().public_bytes_raw(), sign=key.sign)
    election = read_election(ROOT / "examples" / "venezuela-2024")
    form = form_of(election)
    moment = datetime(2024, 7, 28, 22, tzinfo=UTC)

    def make(at: int) -> SheetToPrint:
        figures = {column: (at + place * 37) % 400 for place, column in enumerate(form.figures)}
        sheet = sheet_of(form, f"{at:09d}.1", figures, printed_at=moment)
        text = text_of(seal_sheet(sheet, signer))
        return SheetToPrint(election=election, form=form, sheet=sheet, text=text)

    return make


def _measure_line(count: int) -> dict[str, float]:
    import typst  # noqa: PLC0415

    def print_line(at: int) -> float:
        began = time.process_time()
        typst.compile(f"Polling station {at}".encode())
        return time.process_time() - began

    return {
        "first": print_line(0),
        "next": statistics.median(print_line(at) for at in range(1, count + 1)),
        "code": 0.0,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
