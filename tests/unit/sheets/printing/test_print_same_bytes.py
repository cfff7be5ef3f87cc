"""The same sheet is the same file, in whatever process, and the file has no moment of its own."""

import hashlib
import re
import subprocess
import sys

from tests.conftest import REPOSITORY
from tests.unit.sheets.printing.print_samples import example, printer, sheet_to_print

from escruta.sheets.printing import SheetForm

_PROGRAM = """
import hashlib
from tests.unit.sheets.printing.print_samples import example, printer, sheet_to_print
from escruta.sheets.printing import SheetForm
for paper in SheetForm:
    print(hashlib.sha256(printer(paper).print([sheet_to_print(example("paraguay-2023"))]).pdf).hexdigest())
"""


def test_two_processes_make_the_same_bytes():
    ours = [
        hashlib.sha256(printer(paper).print([sheet_to_print(example("paraguay-2023"))]).pdf).hexdigest()
        for paper in SheetForm
    ]
    environment = {"PYTHONHASHSEED": "7", "PATH": "", "TZ": "Asia/Tokyo"}
    child = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _PROGRAM], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert child.stdout.split() == ours


def test_the_order_of_printing_changes_nothing():
    sheets = [sheet_to_print(example("paraguay-2023"), station=station) for station in ("1", "2", "1")]
    first, _, again = [printer(SheetForm.STRIP).print([sheet]).pdf for sheet in sheets]
    assert first == again


def test_the_only_moment_in_the_file_is_the_day_of_the_sheet():
    pdf = printer(SheetForm.A4).print([sheet_to_print(example("paraguay-2023"))]).pdf
    assert set(re.findall(rb"D:(\d{8})|(\d{4}-\d\d-\d\d)T", pdf)) <= {(b"20310302", b""), (b"", b"2031-03-02")}
    assert b"Noto" in pdf
