"""A record whose publisher is not honest, or not careful: files and log fit together, and something else does not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from tests.unit.apps.verify.memory import Verify

from escruta.apps import api
from escruta.apps.cli import main
from escruta.apps.published import open_published
from escruta.apps.verify import Pages, Printed, RecordFaultKind, RecordReport, verify_record
from escruta.portal.live import MADE_BY
from escruta.record.digests import INDEX, PARTS, by_path, digest_of, part_of, write_digests, write_list
from escruta.record.entries import History, kind_of, record_list
from escruta.record.logbook import LOG, Publication, SealedBook
from escruta.tlog import LogFolder, read_checkpoint
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.reading import read_entries

CONTEST = "president"


def entries_of(folder: Path) -> list[bytes]:
    log = LogFolder(folder / LOG)
    return list(read_entries(log, checkpoint_of(read_checkpoint(log)).head.size))


def publish_again(folder: Path, entries: list[bytes]) -> None:
    """Write a log anew over a record that was changed, as whoever publishes it could."""
    shutil.rmtree(folder / LOG)
    shutil.rmtree(folder / "site", ignore_errors=True)
    write_digests(folder)
    book = SealedBook(json.loads((folder / "election.json").read_bytes())["id"])
    book.append(raw for raw in entries if kind_of(raw)[0] not in {"record", "page", "pages"})
    for raw in record_list(folder / "SHA256SUMS", History()):
        book.append([raw])
    book.publish(folder / LOG, keep=False)


def parts_in(folder: Path) -> list[Path]:
    return sorted((folder / "site" / PARTS).glob("?"))


def publish_pages_again(folder: Path, *, with_parts: bool = True) -> None:
    """Write an index and a log anew over pages that were changed; `with_parts` is False for an earlier version's."""
    index = folder / "site" / INDEX
    if with_parts:
        write_list(index, ((part.name, digest_of(part)) for part in parts_in(folder)))
    entries = [raw for raw in entries_of(folder) if kind_of(raw)[0] not in {"page", "pages"}]
    shutil.rmtree(folder / LOG)
    book = SealedBook(json.loads((folder / "election.json").read_bytes())["id"])
    book.append(entries)
    book.publish(folder / LOG, keep=True)
    hidden = index.with_name("hidden")
    if not with_parts:
        index.rename(hidden)
    Publication(folder, book).log_pages("site")
    if not with_parts:
        hidden.rename(index)


@pytest.fixture
def dishonest(record_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(record_folder, tmp_path / "record")


def verified(folder: Path, **options: object) -> RecordReport:
    with open_published(str(folder)) as place:
        return verify_record(place, **options)  # type: ignore[arg-type]


def change(folder: Path, table: str, changed: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    frame = changed(pl.read_parquet(folder / f"{table}.parquet"))
    frame.write_parquet(folder / f"{table}.parquet")
    frame.write_csv(folder / f"{table}.csv")


def kinds(report: RecordReport) -> set[str]:
    return {str(fault.kind) for fault in report.faults}


def test_publishing_again_what_was_not_changed_is_sound(dishonest: Path) -> None:
    publish_again(dishonest, entries_of(dishonest))
    assert verified(dishonest).faults == ()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("totals", "votes"),
        (f"areas-{CONTEST}", "margin_votes"),
        (f"verdicts-{CONTEST}", "ballots"),
        ("announcements", "announced"),
        ("agreement", "differing"),
        ("checks", "failed"),
        ("areas", "stations_listed"),
    ],
)
def test_a_count_that_does_not_follow_from_the_readings_is_found(dishonest: Path, table: str, column: str) -> None:
    change(dishonest, table, lambda frame: frame.with_columns(pl.col(column) + pl.lit(1)))
    publish_again(dishonest, entries_of(dishonest))
    report = verified(dishonest)
    assert kinds(report) == {RecordFaultKind.NOT_RECOMPUTED}
    assert any(fault.file == f"{table}.parquet" and column in fault.what for fault in report.faults)


def test_a_verdict_that_does_not_follow_is_found(dishonest: Path) -> None:
    better = pl.when(pl.col("verdict") == "single").then(pl.lit("confirmed")).otherwise("verdict").alias("verdict")
    change(dishonest, f"verdicts-{CONTEST}", lambda frame: frame.with_columns(better))
    publish_again(dishonest, entries_of(dishonest))
    assert kinds(verified(dishonest)) == {RecordFaultKind.NOT_RECOMPUTED}


def test_a_summary_that_does_not_follow_is_found(dishonest: Path) -> None:
    summary = json.loads((dishonest / "summary.json").read_text(encoding="utf-8"))
    summary["contests"][0]["outcome"]["can_be_overturned"] = None
    (dishonest / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    faults = verified(dishonest).faults
    assert [fault.file for fault in faults] == ["summary.json"]
    assert "can_be_overturned" in faults[0].what


def test_figures_under_the_id_of_others_are_found(dishonest: Path) -> None:
    votes = next(name for name in pl.read_parquet_schema(dishonest / f"readings-{CONTEST}.parquet") if "votes." in name)
    first = pl.int_range(pl.len()) == 0
    change(
        dishonest,
        f"readings-{CONTEST}",
        lambda frame: frame.with_columns(pl.when(first).then(pl.col(votes) + 100).otherwise(votes).alias(votes)),
    )
    publish_again(dishonest, entries_of(dishonest))
    assert RecordFaultKind.DIFFERS in kinds(verified(dishonest))


def test_a_reading_left_out_of_the_record_is_found(dishonest: Path) -> None:
    change(dishonest, f"readings-{CONTEST}", lambda frame: frame[1:])
    publish_again(dishonest, entries_of(dishonest))
    assert RecordFaultKind.NOT_PUBLISHED in kinds(verified(dishonest))


def test_a_reading_that_is_not_in_the_log_is_found(dishonest: Path) -> None:
    entries = entries_of(dishonest)
    entries.remove(next(raw for raw in entries if kind_of(raw)[0] == "reading"))
    publish_again(dishonest, entries)
    assert RecordFaultKind.NOT_LOGGED in kinds(verified(dishonest))


def test_a_table_that_says_something_else_as_csv_is_found(dishonest: Path) -> None:
    text = (dishonest / "totals.csv").read_text(encoding="utf-8")
    (dishonest / "totals.csv").write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert [fault.file for fault in verified(dishonest).faults] == ["totals.csv"]


def test_rules_that_are_not_in_the_log_are_found(dishonest: Path) -> None:
    election = json.loads((dishonest / "election.json").read_bytes())
    (dishonest / "election.json").write_bytes(json.dumps({**election, "policy": "confirmed"}).encode())
    publish_again(dishonest, entries_of(dishonest))
    assert [fault.found for fault in verified(dishonest).faults] == [
        "election.json holds rules that are not in the log"
    ]


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"PAR1" + bytes(60) + b"PAR1", b"{}"])
def test_a_table_that_is_none_is_a_fault_and_no_traceback(dishonest: Path, raw: bytes) -> None:
    (dishonest / "totals.parquet").write_bytes(raw)
    publish_again(dishonest, entries_of(dishonest))
    assert kinds(verified(dishonest)) == {RecordFaultKind.MALFORMED}
    told = CliRunner().invoke(main, ["pages", str(dishonest), "--out", str(dishonest.with_name("site"))])
    assert (told.exit_code, "where: totals.parquet" in told.output) == (2, True)
    (dishonest / "election.json").write_bytes(b"{")
    told = CliRunner().invoke(main, ["pages", str(dishonest), "--out", str(dishonest.with_name("site"))])
    assert (told.exit_code, "where: election.json" in told.output) == (2, True)


def test_pages_are_not_made_again_from_files_that_are_not_those_that_were_published(dishonest: Path) -> None:
    table = dishonest / "totals.parquet"
    table.write_bytes(table.read_bytes()[:300])
    left = verified(dishonest, pages=Pages.RENDERED).unchecked
    [why] = [each.why for each in left if each.subject == "what the pages say"]
    assert why == "they cannot be made again: totals.parquet is not the file that was published"


@pytest.mark.parametrize("document", ["[]", "{}", '{"contests": 3}', '{"contests": [{"contest": "x"}]}', "NaN"])
def test_a_summary_that_is_none_is_a_fault_and_no_traceback(dishonest: Path, document: str) -> None:
    (dishonest / "summary.json").write_text(document, encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert not verified(dishonest).is_sound


@pytest.mark.parametrize("sources", ["gone", [[]], [{"source": []}]], ids=["gone", "lists", "no-names"])
def test_a_summary_whose_sources_are_of_another_shape_is_a_fault(dishonest: Path, sources: object) -> None:
    """All else in it is as it was, so that it is read up to there."""
    summary = json.loads((dishonest / "summary.json").read_bytes())
    summary["contests"][0].pop("sources")
    summary["contests"][0] |= {} if sources == "gone" else {"sources": sources}
    (dishonest / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    assert [(str(fault.kind), fault.file) for fault in verified(dishonest).faults] == [("malformed", "the record")]


def test_an_older_state_is_found_by_a_newer_checkpoint(record: Mapping[str, bytes], verify: Verify) -> None:
    """Rolling all of a record back leaves it whole; only who saw more can tell."""
    kept = next(path for path in record if path.startswith("log/checkpoints/"))
    older = {path: raw for path, raw in record.items() if not path.startswith(("site/", "log/checkpoints/"))}
    older["log/checkpoint"] = record[kept]
    assert verify(older).is_sound
    newer = [("what a newspaper printed", record["log/checkpoint"])]
    assert [fault.kind for fault in verify(older, older=newer).faults] == ["rolled-back"]


def test_freshness_without_a_log_witness_is_a_fault(verify: Verify, record: Mapping[str, bytes]) -> None:
    report = verify(record, fresh_s=60, now=datetime(2030, 1, 1, tzinfo=UTC))
    assert kinds(report) == {RecordFaultKind.STALE}


def test_a_record_without_a_log_says_so(record: Mapping[str, bytes], verify: Verify) -> None:
    bare = {path: raw for path, raw in record.items() if not path.startswith("log/")}
    report = verify(bare)
    assert report.standing is None
    assert not report.is_sound
    assert any("nothing vouches" in each.why for each in report.unchecked)


def test_another_key_is_refused(record: Mapping[str, bytes], verify: Verify) -> None:
    other = b"log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n"
    assert "signature-refused" in kinds(verify(record, printed=Printed(policy=other)))


def test_the_keys_of_the_record_itself_are_not_vouched_for(record: Mapping[str, bytes], verify: Verify) -> None:
    subjects = {each.subject for each in verify(record, printed=Printed()).unchecked}
    assert {"whose keys these are", "who made this record", "split views"} <= subjects


def test_the_command_on_a_sound_record_and_on_a_changed_one(record_folder: Path, dishonest: Path) -> None:
    sound = CliRunner().invoke(main, ["verify", str(record_folder), "--json"])
    assert sound.exit_code == 0
    assert json.loads(sound.stdout)["is_sound"] is True
    (dishonest / "totals.csv").unlink()
    changed = CliRunner().invoke(main, ["verify", str(dishonest)])
    assert changed.exit_code == 1
    assert "FAULT        totals.csv: the file is listed, and not there" in changed.stdout


def test_pages_that_follow_from_the_record_are_made_again(record: Mapping[str, bytes], verify: Verify) -> None:
    report = verify(record, pages=Pages.RENDERED)
    assert report.faults == ()
    assert any("made again from the record, byte for byte" in line for line in report.checked)


def test_a_page_that_says_something_else_is_found(dishonest: Path) -> None:
    """The publisher changed a page before its digest went into the log."""
    change_site(dishonest, "en/index.html", lambda text: text.replace("</h1>", "!</h1>", 1))
    publish_pages_again(dishonest)
    assert verified(dishonest).faults == ()
    rendered = verified(dishonest, pages=Pages.RENDERED)
    assert [(str(fault.kind), fault.file) for fault in rendered.faults] == [("not-recomputed", "site/en/index.html")]


def change_site(folder: Path, path: str, changed: Callable[[str], str]) -> None:
    """Change a file of the site and its digest in the lists; `publish_pages_again` then tells the log."""
    page = folder / "site" / path
    digest = digest_of(page)
    page.write_text(changed(page.read_text(encoding="utf-8")), encoding="utf-8")
    for listed in (folder / "site" / "SHA256SUMS", *parts_in(folder)):
        listed.write_text(listed.read_text(encoding="utf-8").replace(digest, digest_of(page)), encoding="utf-8")


def of_version(made_by: object, **more: object) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), "made_by": made_by, **more}) + "\n"


def test_pages_of_another_version_are_told_by_their_version_and_not_page_by_page(dishonest: Path) -> None:
    change_site(dishonest, "version.json", of_version("escruta 0.0.9"))
    publish_pages_again(dishonest)
    same = verified(dishonest, pages=Pages.RENDERED)
    assert same.faults == ()
    assert any(
        "escruta 0.0.9 (program " in line and f"made, made again from the record by {MADE_BY}" in line
        for line in same.checked
    )
    for page in ("en/index.html", "en/about.html"):
        change_site(dishonest, page, lambda text: text.replace("</h1>", "!</h1>", 1))
    publish_pages_again(dishonest)
    [fault] = verified(dishonest, pages=Pages.RENDERED).faults
    assert fault.file == "site/version.json"
    assert str(fault.found).startswith("escruta 0.0.9 (program ")
    assert str(fault.expected).startswith(f"{MADE_BY} (program ")
    assert "2 of " in fault.what
    assert 'pip install "escruta==0.0.9"' in fault.what


@pytest.mark.parametrize(
    ("made_by", "program", "said"),
    [
        ('escruta 1"; rm -rf ~ #', [], "a version of escruta that does not say which"),
        (MADE_BY, "0" * 64, f"{MADE_BY} (program 000000000000)"),
    ],
    ids=["a-trap", "another-state-of-this-version"],
)
def test_pages_of_who_knows_which_version_are_no_pass_where_they_differ(
    dishonest: Path, made_by: object, program: object, said: str
) -> None:
    change_site(dishonest, "version.json", of_version(made_by, program=program))
    change_site(dishonest, "en/index.html", lambda text: text.replace("</h1>", "!</h1>", 1))
    publish_pages_again(dishonest)
    [fault] = verified(dishonest, pages=Pages.RENDERED).faults
    assert fault.found == said
    assert "pip" not in fault.what


def test_pages_in_other_languages_than_the_definition_names_are_made_again(dishonest: Path) -> None:
    api.pages(dishonest, dishonest / "site", languages=["pt", "en"])
    publish_pages_again(dishonest)
    assert verified(dishonest, pages=Pages.RENDERED).faults == ()


def test_pages_that_show_another_record_say_so_themselves(dishonest: Path) -> None:
    change_site(
        dishonest,
        "version.json",
        of_version("escruta 0.0.9", record="0" * 64),
    )
    publish_pages_again(dishonest)
    [fault] = verified(dishonest, pages=Pages.RENDERED).faults
    assert (fault.file, fault.found) == ("site/version.json", "0" * 64)


@pytest.mark.parametrize("digest", ["same", "other"])
def test_a_file_that_a_list_names_twice_is_told(record: Mapping[str, bytes], verify: Verify, digest: str) -> None:
    for path in ("SHA256SUMS", "site/SHA256SUMS"):
        lines = record[path].decode().splitlines()
        again = lines[0] if digest == "same" else f"{'0' * 64}{lines[0][64:]}"
        faults = verify({**record, path: "\n".join([*lines, again, ""]).encode()}).faults
        what = "names a file that a line before it names" if digest == "same" else "gives a file another digest"
        told = [fault.what for fault in faults if (str(fault.kind), fault.file) == ("malformed", path)]
        assert [f"line {len(lines) + 1} {what}" in each for each in told] == [True]


def test_parts_of_the_list_that_were_changed_or_are_gone_are_told(record: Mapping[str, bytes], verify: Verify) -> None:
    part = next(path for path in record if path.startswith("site/digests/") and path != "site/digests/index")
    for path in (part, "site/digests/index"):
        gone = {name: raw for name, raw in record.items() if name != path}
        [fault] = verify(gone).faults
        assert (str(fault.kind), fault.file) == ("missing", path)
        changed = verify({**record, path: record[path].replace(b"  ", b" *", 1)}).faults
        assert ("differs", path) in {(str(fault.kind), fault.file) for fault in changed}


def one_line_more(part: Path) -> None:
    part.write_text(part.read_text(encoding="utf-8") + f"{'0' * 64}  en/index.html\n", encoding="utf-8")


def another_digest(part: Path) -> None:
    part.write_text("0" * 64 + part.read_text(encoding="utf-8")[64:], encoding="utf-8")


@pytest.mark.parametrize(
    ("change_part", "kind", "said"),
    [
        (one_line_more, "differs", "says: 1 lines more, and 0 fewer"),
        (another_digest, "differs", "says: 1 lines more, and 1 fewer"),
        (Path.unlink, "missing", "the index names no part"),
    ],
    ids=["one-line-more", "another-digest", "a-part-less"],
)
def test_parts_that_were_published_and_do_not_say_what_the_list_says_are_found(
    dishonest: Path, change_part: Callable[[Path], None], kind: str, said: str
) -> None:
    part = parts_in(dishonest)[3]
    change_part(part)
    publish_pages_again(dishonest)
    [fault] = verified(dishonest).faults
    where = "site/digests/index" if kind == "missing" else part.relative_to(dishonest).as_posix()
    assert (str(fault.kind), fault.file) == (kind, where)
    assert said in fault.what


def test_a_page_that_is_published_among_the_parts_is_found(dishonest: Path) -> None:
    page = dishonest / "site" / PARTS / "result.html"
    page.write_text("<p>another result", encoding="utf-8")
    line = f"{digest_of(page)}  {PARTS}/{page.name}\n"
    part = dishonest / "site" / PARTS / part_of(f"{PARTS}/{page.name}", 1)
    listing = dishonest / "site" / "SHA256SUMS"
    listing.write_text(listing.read_text(encoding="utf-8") + line, encoding="utf-8")
    lines = [*part.read_text(encoding="utf-8").splitlines(keepends=True), line]
    part.write_text("".join(sorted(lines, key=by_path)), encoding="utf-8")
    publish_pages_again(dishonest)
    [fault] = verified(dishonest, pages=Pages.RENDERED).faults
    assert (str(fault.kind), fault.file, fault.found) == ("malformed", "site/SHA256SUMS", "site/digests/result.html")


def test_a_record_of_an_earlier_version_has_no_parts_and_needs_none(dishonest: Path) -> None:
    publish_pages_again(dishonest, with_parts=False)
    told = {(str(fault.kind), fault.file) for fault in verified(dishonest).faults}
    parts = {path.relative_to(dishonest).as_posix() for path in (dishonest / "site" / PARTS).iterdir()}
    assert told == {("not-of-the-record", path) for path in parts}, "nothing of the log names them"
    shutil.rmtree(dishonest / "site" / PARTS)
    assert verified(dishonest, pages=Pages.RENDERED).faults == ()


def test_the_command_on_a_zip_file(record_folder: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "record"), "zip", record_folder)
    assert CliRunner().invoke(main, ["verify", packed]).exit_code == 0


def test_the_command_on_nothing_ends_with_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["verify", str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert "escruta: " in result.stderr


def test_a_folder_that_is_no_record_is_refused_and_says_what_one_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    result = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert result.exit_code == 2
    assert "this is no record" in result.stderr
    assert "neither log/checkpoint nor SHA256SUMS" in result.stderr


def test_a_member_that_is_left_out_is_not_taken_for_null(dishonest: Path) -> None:
    summary = json.loads((dishonest / "summary.json").read_text(encoding="utf-8"))
    coverage = summary["contests"][0]["totals"]
    nulls = [name for name, value in coverage.items() if value is None]
    assert nulls
    del coverage[nulls[0]]
    (dishonest / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    publish_again(dishonest, entries_of(dishonest))
    (fault,) = verified(dishonest).faults
    assert fault.file == "summary.json"
    assert nulls[0] in fault.what
    assert fault.found == "nothing"
