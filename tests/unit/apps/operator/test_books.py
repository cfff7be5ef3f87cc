"""The operator's log under the records of several runs: it grows, and each record verifies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.operator.books import open_book
from escruta.apps.published import open_published
from escruta.apps.verify import Pages, Printed, RecordReport, verify_record
from escruta.record.entries import kind_of
from escruta.testing import Row, SmallElection, SmallSource
from escruta.tlog import LogFolder, read_checkpoint
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.reading import read_entries

FIRST: Row = {"station": "1", "ana": 30, "ben": 20}
SECOND: Row = {"station": "2", "ana": 5, "ben": 7}
CORRECTED: Row = {"station": "2", "ana": 5, "ben": 8}

Run = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = CliRunner().invoke(main, ["log", "init", str(tmp_path / "home"), "--origin", "t.example", "--no-passphrase"])
    assert made.exit_code == 0, made.output
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Run the whole job on rows, into one record, with the operator's log."""

    def done(*rows: Row, with_pages: bool = False) -> Path:
        SmallElection(sources=(SmallSource(id="feed", rows=rows),)).write(tmp_path / "election")
        with open_book(home) as book:
            api.run(tmp_path / "election", tmp_path / "record", languages=["en"], with_pages=with_pages, book=book)
        return tmp_path / "record"

    return done


def entries_of(record: Path) -> list[tuple[str, Mapping[str, Any]]]:
    log = LogFolder(record / "log")
    return [kind_of(raw) for raw in read_entries(log, checkpoint_of(read_checkpoint(log)).head.size)]


def said(record: Path, kind: str) -> list[Mapping[str, Any]]:
    return [each for found, each in entries_of(record) if found == kind]


def verified(record: Path, home: Path, **options: Any) -> RecordReport:
    with open_published(str(record)) as place:
        return verify_record(place, Printed(policy=(home / "log.policy").read_bytes()), **options)


def test_the_same_run_again_adds_nothing(run: Run, home: Path) -> None:
    first = entries_of(run(FIRST, SECOND, with_pages=True))
    record = run(FIRST, SECOND, with_pages=True)
    assert entries_of(record) == first
    assert verified(record, home).faults == ()


def test_a_file_is_logged_once_with_the_time_at_which_it_came(run: Run) -> None:
    run(FIRST, SECOND)
    record = run(FIRST, CORRECTED)
    files = said(record, "file")
    assert len(files) == 2
    assert all(each["arrived"].endswith("Z") for each in files)
    assert len({each["sha256"] for each in files}) == 2


def test_a_corrected_reading_withdraws_the_other_and_both_stay_in_the_log(run: Run, home: Path) -> None:
    run(FIRST, SECOND)
    record = run(FIRST, CORRECTED)
    assert len(said(record, "reading")) == 3
    assert len(said(record, "withdrawal")) == 1
    assert verified(record, home).faults == ()


def test_a_withdrawn_reading_that_is_there_again_is_said_to_return(run: Run, home: Path) -> None:
    run(FIRST, SECOND)
    run(FIRST, CORRECTED)
    record = run(FIRST, SECOND)
    assert len(said(record, "return")) == 1
    assert len(said(record, "withdrawal")) == 2
    assert verified(record, home).faults == ()
    assert len(said(record, "record")) == 3


def test_pages_of_several_runs_verify_with_the_checkpoint_that_their_proofs_lead_to(run: Run, home: Path) -> None:
    run(FIRST, with_pages=True)
    record = run(FIRST, SECOND, with_pages=True)
    assert len(list((home / "pages").glob("[0-9]*"))) == 2
    kept = list((record / "log" / "checkpoints").iterdir())
    assert len(kept) == 2
    listed = (record / "site" / "SHA256SUMS").read_text(encoding="utf-8")
    assert all(f"../log/checkpoints/{each.name}" in listed for each in kept)
    assert verified(record, home, pages=Pages.RENDERED).faults == ()
    for each in kept:
        raw = each.read_bytes()
        each.unlink()
        assert not verified(record, home).is_sound
        each.write_bytes(raw)
    assert verified(record, home).is_sound


def test_an_older_record_is_found_by_the_newer_checkpoint(run: Run, home: Path, tmp_path: Path) -> None:
    older = run(FIRST).rename(tmp_path / "older")
    newer = (run(FIRST, SECOND) / "log" / "checkpoint").read_bytes()
    report = verified(older, home, older=[("newer", newer)])
    assert [fault.kind for fault in report.faults] == ["rolled-back"]


def test_evidence_against_the_log_is_in_the_record_and_told(run: Run, home: Path) -> None:
    (home / "evidence" / "9-00").mkdir(parents=True)
    (home / "evidence" / "9-00" / "theirs").write_text("a checkpoint", encoding="utf-8")
    report = verified(run(FIRST), home)
    assert [(fault.kind, fault.file) for fault in report.faults] == [("contradicted", "log/evidence/9-00/theirs")]


def test_the_command_says_how_many_cosigned(home: Path, tmp_path: Path) -> None:
    SmallElection(sources=(SmallSource(id="feed", rows=(FIRST,)),)).write(tmp_path / "election")
    arguments = ["run", tmp_path / "election", "--out", tmp_path / "out", "--log", home, "--no-pages"]
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    assert "entries of t.example are published" in result.stdout
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
