"""What other programs read, written out in full for one night: a change here is a change for them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from escruta.collation.verdicts import Verdict

FOLDER = Path(__file__).resolve().parent / "every-verdict"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every-verdict")
    (folder / "make.py").write_bytes((FOLDER / "make.py").read_bytes())
    subprocess.run([sys.executable, "make.py"], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.is_file()))
def test_script_makes_the_golden_files_again(made: Path, name: str) -> None:
    assert (made / name).read_text(encoding="utf-8") == (FOLDER / name).read_text(encoding="utf-8")


def test_every_verdict_occurs() -> None:
    with (FOLDER / "verdicts-president.csv").open(encoding="utf-8", newline="") as opened:
        assert {row["verdict"] for row in csv.DictReader(opened)} == {verdict.value for verdict in Verdict}


def test_golden_result_is_what_the_night_comes_to_by_hand() -> None:
    """Counted: 1 (red alone), 2 (feed and observers), 3 (adverse origins), and 7, where ben's votes are unread."""
    (contest,) = json.loads((FOLDER / "summary.json").read_text(encoding="utf-8"))["contests"]
    totals = contest["totals"]["options"]
    assert (totals["ana"]["votes"], totals["ben"]["votes"]) == (30 + 20 + 20 + 20, 11 + 10 + 10)
    # Undecided: 4 is 20 or 21 against 10 or 9; 5 is 8 or 9 against 8. At 7, up to 40 of 60 voters may be ben's.
    assert (totals["ana"]["votes_low"], totals["ana"]["votes_high"]) == (90 + 20 + 8, 90 + 21 + 9)
    assert (totals["ben"]["votes_low"], totals["ben"]["votes_high"]) == (31 + 9 + 8, 31 + 10 + 8 + 40)
    assert contest["coverage"]["stations"] == {
        "expected": 8,
        "received": 7,
        "legible": 6,
        "consistent": 4,
        "corroborated": 2,
        "counted": 4,
    }
    assert contest["outcome"]["outside"] == {"stations": 4, "registered_voters": 4 * 60, "unread_votes_at_most": 40}
