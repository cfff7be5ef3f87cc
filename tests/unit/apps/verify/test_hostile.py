"""A publisher, a server or a reader that means ill: what would pass if verifying took anything for granted."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from tests.unit.apps.verify import test_records
from tests.unit.apps.verify.memory import InMemory, Verify
from tests.unit.apps.verify.test_records import change, entries_of, kinds, publish_again, verified

from escruta.apps.cli import main
from escruta.apps.verify import Pages, Printed, RecordFaultKind, RecordReport, verify_record
from escruta.apps.verify.findings import Findings
from escruta.apps.verify.records import _judge_freshness
from escruta.record.digests import write_digests
from escruta.record.entries import History, entry, kind_of, record_list
from escruta.record.logbook import LOG, SealedBook
from escruta.tlog import KeyKind, Policy, SeedSigner, parse_policy
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.notes import Note
from escruta.tlog.policies import Standing, standing_of
from escruta.tlog.signing import sign_text
from escruta.tlog.trees import EMPTY_TREE

CONTEST = "president"


@pytest.fixture
def dishonest(record_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(record_folder, tmp_path / "record")


class TwoFaced(InMemory):
    """A server that gives one file to whoever asks first, and another one from then on."""

    def __init__(self, files: Mapping[str, bytes], later: Mapping[str, bytes]) -> None:
        super().__init__(files)
        self.later = later
        self.asked: Counter[str] = Counter()

    def _read(self, path: str, most_bytes: int) -> bytes | None:
        self.asked[path] += 1
        if self.asked[path] > 1 and path in self.later:
            return self.later[path]
        return super()._read(path, most_bytes)


def read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(report: RecordReport) -> str:
    return "\n".join(f"{each.subject}: {each.why}" for each in report.unchecked)


def a_reading(folder: Path) -> bytes:
    return next(raw for raw in entries_of(folder) if kind_of(raw)[0] == "reading")


def without(folder: Path, reading: str) -> None:
    """Leave a reading out of a record, with everything that follows from it, as far as verifying looks at ids."""
    for table in (f"readings-{CONTEST}", f"checks-{CONTEST}", "marks"):
        frame = pl.read_parquet(folder / f"{table}.parquet").filter(pl.col("reading") != reading)
        frame.write_parquet(folder / f"{table}.parquet")
        frame.write_csv(folder / f"{table}.csv")


# a server


def forged(record: Mapping[str, bytes], changed: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Change files of a record and its list of digests; give it, and bundles of the log that name the forged list."""
    files = {**record, **changed}
    old = files["SHA256SUMS"]
    for path in changed:
        old = old.replace(sha256(record[path]).hexdigest().encode(), sha256(changed[path]).hexdigest().encode())
    named = sha256(files["SHA256SUMS"]).hexdigest().encode()
    files["SHA256SUMS"] = old
    bundles = {
        path: raw.replace(named, sha256(old).hexdigest().encode())
        for path, raw in record.items()
        if path.startswith("log/tile/entries/")
    }
    return files, bundles


def test_a_mirror_that_gives_other_entries_the_second_time(record: Mapping[str, bytes]) -> None:
    """The checkpoint and what is asked for first are genuine; what is asked for next names the mirror's own files."""
    files, bundles = forged(record, {"recompute.sql": b"select 'Ana has won';"})
    assert any(bundles[path] != record[path] for path in bundles)
    with TwoFaced(files, bundles) as place:
        report = verify_record(place, Printed(policy=record["log.policy"]))
    assert any("the second time" in fault.what for fault in report.faults)


@pytest.mark.parametrize("path", ["summary.json", "election.json", "readings-president.parquet", "totals.csv"])
def test_a_file_that_is_another_the_second_time_is_a_fault(record: Mapping[str, bytes], path: str) -> None:
    with TwoFaced(record, {path: b"something else"}) as place:
        report = verify_record(place, Printed(policy=record["log.policy"]))
    if place.asked[path] > 1:
        assert any(fault.file == path and "second time" in fault.what for fault in report.faults)
    else:
        assert report.is_sound


class Unlisted(InMemory):
    """A server, which lists no files."""

    def paths(self) -> None:  # type: ignore[override]
        return


def test_a_kept_checkpoint_of_another_history_is_found_where_files_cannot_be_listed(dishonest: Path) -> None:
    """The proofs on the pages would lead to a tree that is not this log's."""
    kept = next((dishonest / LOG / "checkpoints").iterdir())
    book = SealedBook(json.loads((dishonest / "election.json").read_bytes())["id"])
    book.append(str(number).encode() for number in range(int(kept.name)))
    book.publish(dishonest / "other", keep=False)
    other = (dishonest / "other" / "checkpoint").read_bytes()
    listed = dishonest / "site" / "SHA256SUMS"
    before, after = (sha256(raw).hexdigest() for raw in (kept.read_bytes(), other))
    files = read(dishonest)
    files[f"log/checkpoints/{kept.name}"] = other
    files["site/SHA256SUMS"] = listed.read_bytes().replace(before.encode(), after.encode())
    with Unlisted(files) as place:
        assert "history-changed" in kinds(verify_record(place, Printed(policy=files["log.policy"])))


# entries


@pytest.mark.parametrize(
    "raw",
    [
        b'{"figures":{},"kind":null}',
        b'{"figures":{},"kind":3}',
        b'{"kind":"reading"}',
        b'{"kind":"withdrawal"}',
        b'{"kind":"bulletin","note":"\\ud800"}',
        b'{"kind":"file","sha256":["a"]}',
        b'{"kind":"rules","sha256":{}}',
        b'{"kind":"bulletin"}',
        b'{"kind":"bulletin","note":7}',
        b'{"kind":"unheard-of"}',
        b"\xff\xfe",
        b"",
        b"[" * 4000,
        b'{"source":"y", "kind":"withdrawal","reading":"x"}',
        b'{"kind":"rules","election":"x","sha256":1e999}',
    ],
)
def test_an_entry_that_is_none_of_ours_is_told(dishonest: Path, raw: bytes) -> None:
    publish_again(dishonest, [*entries_of(dishonest), raw])
    report = verified(dishonest)
    assert "entries of the log" in told(report) or not report.is_sound


def test_an_entry_that_two_programs_read_differently_is_a_fault(dishonest: Path) -> None:
    raw = b'{"kind":"page","kind":"withdrawal","noticed":null,"reading":"00","source":"x"}'
    publish_again(dishonest, [*entries_of(dishonest), raw])
    assert not verified(dishonest).is_sound


@pytest.mark.parametrize("kind", ["reading", "return"])
def test_a_reading_cannot_be_hidden_by_giving_it_to_nobody(dishonest: Path, kind: str) -> None:
    raw = a_reading(dishonest)
    reading = sha256(raw).hexdigest()
    without(dishonest, reading)
    moved = entry(kind, reading=reading, source="nobody", noticed=None, contest=CONTEST, station="1")
    publish_again(dishonest, [*entries_of(dishonest), moved])
    assert RecordFaultKind.NOT_PUBLISHED in kinds(verified(dishonest))


def test_withdrawals_are_told(dishonest: Path) -> None:
    raw = a_reading(dishonest)
    withdrawal = entry("withdrawal", reading=sha256(raw).hexdigest(), source=kind_of(raw)[1]["source"], noticed=None)
    publish_again(dishonest, [*entries_of(dishonest), withdrawal])
    report = verified(dishonest)
    assert any("withdrawn" in line and "1" in line for line in report.checked)


def test_a_withdrawal_in_the_name_of_another_source_is_a_fault(dishonest: Path) -> None:
    raw = a_reading(dishonest)
    reading = sha256(raw).hexdigest()
    without(dishonest, reading)
    publish_again(
        dishonest, [*entries_of(dishonest), entry("withdrawal", reading=reading, source="nobody", noticed=None)]
    )
    assert "malformed" in kinds(verified(dishonest))


# lists


@pytest.mark.parametrize("line", ["{0}  totals.csv\n", "{0}  x\u2028{0}  totals.csv\n"])
def test_a_list_that_can_be_read_in_two_ways_is_a_fault(
    dishonest: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    manifest = dishonest / "SHA256SUMS"

    entries = entries_of(dishonest)
    publish_again(dishonest, entries)
    text = line.format("0" * 64) + manifest.read_text(encoding="utf-8")
    manifest.write_text(text, encoding="utf-8")
    monkeypatch.setattr(test_records, "write_digests", lambda _folder: None)
    publish_again(dishonest, entries)
    assert kinds(verified(dishonest)) & {"malformed", "missing", "refused"}


def test_a_file_that_nothing_recomputes_is_told(dishonest: Path) -> None:
    (dishonest / "final-result.csv").write_text("ana,100%\n", encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert "final-result.csv" in told(verified(dishonest))


def test_what_pages_say_is_told_as_not_checked(record: Mapping[str, bytes], verify: Verify) -> None:
    assert "what the pages say" in told(verify(record))


# time


def cosigned(times: Mapping[str, int], quorum: int) -> tuple[bytes, Standing, Policy]:
    """Give the standing of a checkpoint that log witnesses saw at these times, and a policy that asks for some."""
    log = SeedSigner("example.com/log", KeyKind.ED25519, bytes(32))
    signers = {
        name: SeedSigner(f"{name}.example/w", KeyKind.ED25519_COSIGNATURE, bytes([at]) * 32)
        for at, name in enumerate(times, 1)
    }
    lines = "".join(f"witness {name} {signer.key}\n" for name, signer in signers.items())
    raw = f"log {log.key}\n{lines}group all-of-us {quorum} {' '.join(times)}\nquorum all-of-us\n".encode()
    policy = parse_policy(raw)
    text = Checkpoint(origin="example.com/log", head=EMPTY_TREE).text
    signed = [
        sign_text(text, log, time_s=1),
        *(sign_text(text, signers[name], time_s=time) for name, time in times.items()),
    ]
    return raw, standing_of(Note(text=text, signatures=tuple(signed)), policy), policy


@pytest.mark.parametrize(
    ("times", "is_fresh"),
    [
        ({"red": 1000, "blue": 990, "press": 1}, True),
        ({"red": 1000, "blue": 1, "press": 1}, False),
        ({"red": 9_000_000_000, "blue": 1, "press": 1}, False),
        ({"red": 9_000_000_000, "blue": 9_000_000_000, "press": 1000}, False),
        ({"red": 1100, "blue": 1000, "press": 1}, True),
    ],
)
def test_one_log_witness_cannot_make_an_old_checkpoint_fresh(times: Mapping[str, int], is_fresh: bool) -> None:
    _, standing, policy = cosigned(times, 2)
    findings = Findings()
    _judge_freshness(standing, policy, findings, 60, datetime.fromtimestamp(1010, UTC))
    assert (not findings.faults) is is_fresh
    assert is_fresh or findings.faults[0].kind == RecordFaultKind.STALE


# documents


def test_a_summary_that_says_a_thing_twice_is_a_fault(dishonest: Path) -> None:
    text = (dishonest / "summary.json").read_text(encoding="utf-8")
    (dishonest / "summary.json").write_text('{"name": "Ana has won",' + text.lstrip()[1:], encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert not verified(dishonest).is_sound


def test_a_definition_that_is_not_canonical_is_a_fault(dishonest: Path) -> None:
    raw = b'{"name":"another",' + (dishonest / "election.json").read_bytes()[1:]
    (dishonest / "election.json").write_bytes(raw)
    rules = entry("rules", election="x", sha256=sha256(raw).hexdigest())
    publish_again(dishonest, [*entries_of(dishonest), rules])
    assert not verified(dishonest).is_sound


def test_files_of_the_summary_that_never_arrived_are_a_fault(dishonest: Path) -> None:
    summary = json.loads((dishonest / "summary.json").read_text(encoding="utf-8"))
    summary["contests"][0]["sources"][0]["sha256"] = "0" * 64
    (dishonest / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert not verified(dishonest).is_sound


def test_what_a_hostile_record_says_cannot_write_on_the_terminal(dishonest: Path) -> None:
    (dishonest / "\x1b[2J\x1b[1;1HNo fault was found.").write_text("", encoding="utf-8")
    shown = CliRunner().invoke(main, ["verify", str(dishonest)], color=True)
    assert shown.exit_code == 1
    assert "\x1b" not in shown.stdout


def test_a_table_over_which_the_library_panics_is_a_fault(dishonest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some damaged files raise what is no `Exception`."""

    def panic(_raw: object) -> pl.DataFrame:
        raise pl.exceptions.PanicException("called `Result::unwrap()` on an `Err` value")

    monkeypatch.setattr(pl, "read_parquet", panic)
    assert kinds(verified(dishonest)) == {RecordFaultKind.MALFORMED}


def test_rules_that_were_changed_and_a_policy_that_was_swapped_are_told(
    dishonest: Path, record: Mapping[str, bytes], verify: Verify
) -> None:
    publish_again(dishonest, [*entries_of(dishonest), entry("rules", election="x", sha256="0" * 64)])
    assert "which rules hold: the log has 2 definitions" in told(verified(dishonest))
    assert "log.policy" not in told(verify(record))
    swapped = verify({**record, "log.policy": b"quorum none\n"})
    assert "the record's own log.policy" in told(swapped)
    assert not swapped.is_sound


def test_files_of_another_shape_are_a_fault_also_where_the_pages_are_made_again(dishonest: Path) -> None:
    """The log and the list of digests name the files as they are: only who reads them sees that they hold no record."""
    change(dishonest, "stations", lambda frame: frame.with_columns(on_register=pl.lit("yes")))
    write_digests(dishonest)
    entries = [raw for raw in entries_of(dishonest) if kind_of(raw)[0] != "record"]
    pages = [raw for raw in entries if kind_of(raw)[0] in {"page", "pages"}]
    others = [raw for raw in entries if raw not in pages]
    shutil.rmtree(dishonest / LOG)
    book = SealedBook(json.loads((dishonest / "election.json").read_bytes())["id"])
    book.append([*others, *record_list(dishonest / "SHA256SUMS", History()), *pages])
    book.publish(dishonest / LOG, keep=True)
    report = verified(dishonest, pages=Pages.RENDERED)
    spots = {fault.file for fault in report.faults if fault.kind is RecordFaultKind.MALFORMED}
    assert "stations.parquet, column on_register" in spots
