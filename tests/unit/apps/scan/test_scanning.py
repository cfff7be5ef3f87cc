"""A folder of pictures becomes readings that are counted; what was done is done once, whoever is killed meanwhile."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.apps.scan import tiny

from escruta.apps import api
from escruta.apps.executing import workplace_named
from escruta.apps.scan import Again, files_of, finish, open_home, scan_files
from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.apps.scan.journal import cut_torn_line, entries_of, open_journal
from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import SortedLines
from escruta.base.errors import FileUnreadable
from escruta.sources.scans.codes import Effort
from escruta.sources.scans.figures import LayoutUnusable
from escruta.sources.scans.pictures import PictureRefused, each_picture
from escruta.tlog.locking import locked

THREADS = workplace_named("threads", 2)
ROOT = Path(__file__).resolve().parents[4]


def scanned(folder: Path, *pictures: Path | str, again: Again = Again.NO):
    home = open_home(folder)
    counts = scan_files(home, files_of(map(str, pictures)), place=THREADS, effort=Effort.QUICK, again=again)
    return home, counts, finish(home)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("pictures")
    tiny.write_pictures(folder, 12)
    return folder


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_was_scanned_is_counted(tmp_path, pictures):
    _, counts, state = scanned(tiny.write_election(tmp_path), pictures)
    assert (counts.read, counts.failed, state.readings, state.stations) == (12, 0, 12, 12)
    totals = api.examine(tmp_path).contests[0].tally.totals
    votes = {station: [(station * 7 + at) % 50 for at in range(tiny.SLOTS)] for station in range(1, 13)}
    found = dict(totals.filter(totals["area"] == "").select("candidate", "votes").iter_rows())
    assert found["c03"] == sum(each[3] for each in votes.values())


def test_scanning_again_changes_nothing(tmp_path, pictures):
    home, _, _ = scanned(tiny.write_election(tmp_path), pictures)
    before = {path: path.read_bytes() for path in (home.journal, home.table, home.findings)}
    (tmp_path / "renamed.png").write_bytes((pictures / "00001.png").read_bytes())
    _, counts, _ = scanned(tmp_path, pictures, tmp_path / "renamed.png")
    assert (counts.known, counts.read) == (13, 0)
    assert {path: path.read_bytes() for path in before} == before


def test_progress_speaks_of_what_is_read_now(tmp_path, pictures):
    """Or the rate, and the time that is left, would be those of files that were only looked up."""
    home, _, _ = scanned(tiny.write_election(tmp_path), *sorted(pictures.iterdir())[:9])
    told = []
    files = files_of([str(pictures)])
    scan_files(home, files, place=THREADS, effort=Effort.QUICK, progress=lambda *said: told.append(said))
    assert told == [(1, 3, 0), (2, 3, 0), (3, 3, 0)]


def test_the_order_of_the_pictures_changes_nothing(tmp_path, pictures):
    one, _, _ = scanned(tiny.write_election(tmp_path / "one"), *sorted(pictures.iterdir()))
    other, _, _ = scanned(tiny.write_election(tmp_path / "other"), *sorted(pictures.iterdir(), reverse=True))
    assert one.table.read_bytes() == other.table.read_bytes()
    assert one.findings.read_bytes() == other.findings.read_bytes()


def test_originals_are_kept_for_their_owner_and_named_in_the_record(tmp_path, pictures):
    home, _, _ = scanned(tiny.write_election(tmp_path), pictures / "00003.png")
    digest = rows_of(home.table)[0]["copy"]
    kept = original_of(home.originals, digest)
    assert kept.read_bytes() == (pictures / "00003.png").read_bytes()
    assert stat.S_IMODE(home.originals.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    api.run(tmp_path, out=tmp_path / "record", with_pages=False)
    logged = b"".join(path.read_bytes() for path in (tmp_path / "record" / "log").rglob("*") if path.is_file())
    assert f'{{"kind":"copy","sha256":"{digest}","source":"scans","station":"000000003.1"}}'.encode() in logged


def test_hostile_files_give_a_reason_and_stop_nothing(tmp_path, pictures):
    folder = tmp_path / "hostile"
    folder.mkdir()
    good = (pictures / "00001.png").read_bytes()
    (folder / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    (folder / "b.png").write_bytes(good[: len(good) // 2])
    (folder / "c.png").write_bytes(b"<html>no picture at all</html>")
    (folder / "d.pdf").write_bytes(b"%PDF-1.4\n%%EOF")
    (folder / "e.png").write_bytes(tiny.picture_of_text("https://example.org/acta"))
    (folder / "f.png").write_bytes(tiny.picture_of_text("ESC1:" + "A" * 60))
    (folder / "g.png").write_bytes(b"")
    (folder / "h.png").write_bytes(good)
    _, counts, state = scanned(tiny.write_election(tmp_path / "election"), folder)
    assert (counts.read, counts.failed, state.readings) == (1, 7, 1)
    assert "the code is refused: address" in counts.failures
    assert not [reason for reason in counts.failures if "fault of ours" in reason]


def test_a_name_that_is_no_text_stops_nothing(tmp_path, pictures):
    """A name of bytes that no encoding allows, one that clears a terminal, and two files that are none."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    named = os.fsencode(folder / "caf") + b"\xe9.png"
    Path(os.fsdecode(named)).write_bytes((pictures / "00001.png").read_bytes())
    (folder / "a\x1b[2J.png").write_bytes((pictures / "00002.png").read_bytes())
    os.mkfifo(folder / "pipe.png")
    (folder / "sparse.png").touch()
    os.truncate(folder / "sparse.png", 1 << 40)
    home, counts, _ = scanned(tiny.write_election(tmp_path / "e"), f"{folder}/*")
    assert (counts.read, counts.failed) == (2, 2)
    assert {said["name"] for said in entries_of(home.journal)} == {"caf\\udce9.png", "a\\x1b[2J.png"}


def test_of_a_file_that_is_damaged_somewhere_no_page_is_taken(tmp_path, pictures, monkeypatch):
    def two_pages(raw):
        yield from each_picture(raw)
        (tmp_path / "scans" / "redacted" / f"{hashlib.sha256(raw).hexdigest()}.jpg").touch()
        raise PictureRefused("the picture is damaged")

    monkeypatch.setattr("escruta.apps.scan.reading_one.each_picture", two_pages)
    home, counts, state = scanned(tiny.write_election(tmp_path), pictures / "00001.png")
    assert (counts.read, counts.failures, state.readings) == (0, {"the picture is damaged": 1}, 0)
    assert [said["pages"] for said in entries_of(home.journal)] == [[]]
    assert [*home.redacted.iterdir()] == []


def test_a_full_disk_ends_the_run_and_is_no_pictures_fault(tmp_path, pictures, monkeypatch):
    def keep_nothing(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("escruta.apps.scan.reading_one.keep_original", keep_nothing)
    home = open_home(tiny.write_election(tmp_path))
    with pytest.raises(OSError, match="No space left"):
        scan_files(home, files_of([str(pictures)]), place=THREADS, effort=Effort.QUICK)
    monkeypatch.undo()
    _, counts, _ = scanned(tmp_path, pictures)
    assert (counts.read, counts.known) == (12, 0)


def test_what_was_written_here_is_not_read_as_a_further_copy(tmp_path, pictures):
    home, _, _ = scanned(tiny.write_election(tmp_path), pictures / "00001.png")
    (home.redacted / "shown.png").write_bytes((pictures / "00002.png").read_bytes())
    _, counts, state = scanned(tmp_path, tmp_path)
    assert (counts.failures, state.readings) == ({"it is a picture that was written here": 1}, 1)


def test_what_an_earlier_layout_let_through_is_taken_away_where_it_may_be_shown_no_more(tmp_path, pictures):
    home, _, _ = scanned(tiny.write_election(tmp_path), pictures / "00001.png")
    (digest,) = (row["copy"] for row in rows_of(home.table))
    shown = home.redacted / f"{digest}.jpg"
    shown.write_bytes(b"with a name on it")
    scanned(tmp_path, pictures / "00001.png")
    assert shown.exists()  # nothing was read anew
    scanned(tmp_path, pictures / "00001.png", again=Again.ALL)
    assert not shown.exists()


def test_a_layout_that_is_none_is_told_once_and_not_of_each_picture(tmp_path, pictures):
    folder = tiny.write_election(tmp_path)
    (folder / "layouts").mkdir()
    (folder / "layouts" / "strip.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LayoutUnusable):
        scanned(folder, pictures)
    assert not (folder / "scans").exists()


def test_halves_of_characters_do_not_stop_the_journal(tmp_path):
    path = tmp_path / "journal.jsonl"
    with open_journal(path) as journal:
        journal.append([{"digest": "cd" * 32, "failure": None, "pages": [{"facts": {"make": "x\udcff"}}]}])
    (said,) = entries_of(path)
    assert said["pages"] == [{"facts": {"make": "x\\udcff"}}]


def test_what_a_killed_worker_left_half_written_is_taken_away(tmp_path, pictures):
    home = open_home(tiny.write_election(tmp_path))
    home.make()
    (home.originals / "ab").mkdir()
    left = [home.redacted / ".x.part", home.originals / "ab" / ".y.part", home.folder / ".z.part"]
    for each in left:
        each.touch()
    scanned(tmp_path, pictures / "00001.png")
    assert [each for each in left if each.exists()] == []


def test_tables_are_written_by_one_process_at_a_time(tmp_path, pictures):
    """Of two that write them, the later one waits, and so the older state never stands in place of the newer one."""
    home, _, _ = scanned(tiny.write_election(tmp_path), pictures)
    done = threading.Event()

    def other():
        finish(home)
        done.set()

    thread = threading.Thread(target=other, daemon=True)
    with locked(home.tables_lock):
        thread.start()
        assert not done.wait(0.3)
    assert done.wait(60)


def test_what_is_said_last_of_a_file_stands(tmp_path):
    path = tmp_path / "journal.jsonl"
    with open_journal(path) as journal:
        journal.append([{"digest": each * 32, "failure": "once", "again": True, "pages": []} for each in ("aa", "bb")])
        journal.digests.clear()
        journal.append([{"digest": "aa" * 32, "failure": None, "pages": [{"page": 2}]}])
    standing = Standing(path)
    assert [(said["digest"][:2], said["failure"]) for said in standing] == [("bb", "once"), ("aa", None)]
    assert (len(standing), standing.page("aa" * 32, 2), standing.page("cc" * 32, 1)) == (2, {"page": 2}, None)
    with open_journal(path) as journal:
        assert [journal.has(each * 32) for each in ("aa", "bb", "cc")] == [True, False, False]


@given(st.lists(st.integers(0, 400)), st.integers(1, 200), st.integers(1, 5))
def test_lines_are_sorted_and_each_there_once_however_few_fit_into_memory(numbers, run_bytes, most_runs):
    with (
        patch("escruta.apps.scan.tables.MOST_RUNS", most_runs),
        tempfile.TemporaryDirectory() as folder,
        SortedLines(Path(folder), run_bytes) as lines,
    ):
        for number in numbers:
            lines.add({"n": number})
        assert lines.files <= most_runs
        assert list(lines) == sorted({f'{{"n":{number}}}\n'.encode() for number in numbers})


def test_what_gave_no_reading_is_read_again_when_it_is_asked_for(tmp_path):
    (tmp_path / "blank.png").write_bytes(tiny.picture_of_text("nothing that we know"))
    home, first, _ = scanned(tiny.write_election(tmp_path / "e"), tmp_path / "blank.png")
    _, second, _ = scanned(tmp_path / "e", tmp_path / "blank.png")
    _, third, state = scanned(tmp_path / "e", tmp_path / "blank.png", again=Again.FAILED)
    assert (first.failed, second.known, third.failed, state.files) == (1, 1, 1, 1)
    assert len(list(entries_of(home.journal))) == 2


@pytest.mark.parametrize("torn", [b'{"digest":"ab', b'{"digest":"' + b"ab" * 32 + b'","pages":[]', b"\x00" * 7])
def test_a_line_that_was_being_written_is_cut_off(tmp_path, torn):
    path = tmp_path / "journal.jsonl"
    with open_journal(path) as journal:
        journal.append([{"digest": "cd" * 32, "failure": None}])
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    with open_journal(path) as journal:
        assert journal.has("cd" * 32)
        assert not journal.has("ab" * 32)
    assert path.read_bytes() == whole
    assert cut_torn_line(path) == 0


def test_a_damaged_line_inside_a_journal_is_told(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"not json\n")
    with pytest.raises(ScanHomeUnusable) as caught, open_journal(path):
        pass
    assert caught.value.row == 1


def test_one_scan_at_a_time(tmp_path):
    path = tmp_path / "journal.jsonl"
    with open_journal(path), pytest.raises(ScanHomeUnusable, match="another process"), open_journal(path):
        pass


def test_an_election_without_a_place_for_scans_is_told_the_lines_to_add(tmp_path):
    layout = {"format": "csv", "station": {"centre": "c", "table": "t"}, "votes": {n: n for n in tiny.CANDIDATES}}
    source = {"id": "feed", "name": "F", "kind": "party", "origin": "copies", "files": [{"path": "f.csv"}]}
    tiny.write_election(tmp_path, sources=[{**source, "layout": layout}])
    with pytest.raises(ScanHomeUnusable) as caught:
        open_home(tmp_path)
    assert 'format = "scans"' in str(caught.value.advice)


def test_originals_may_not_lie_among_what_is_published(tmp_path):
    with pytest.raises(ScanHomeUnusable, match="originals"):
        open_home(tiny.write_election(tmp_path), originals=tmp_path / "scans" / "originals")


def test_a_name_that_means_nothing_is_refused(tmp_path):
    with pytest.raises(FileUnreadable):
        files_of([str(tmp_path / "*.jpg")])


def test_a_folder_is_looked_through_once_with_its_links_and_what_cannot_be_opened_is_told(tmp_path, pictures):
    folder = tmp_path / "pictures"
    (folder / "night.jpg").mkdir(parents=True)
    (folder / "night.jpg" / "one.PNG").write_bytes((pictures / "00001.png").read_bytes())
    (folder / "notes.txt").write_text("no picture")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "two.png").write_bytes((pictures / "00002.png").read_bytes())
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "twice").symlink_to(tmp_path / "elsewhere")
    (folder / "night.jpg" / "back").symlink_to(folder)
    (folder / "gone.png").symlink_to(tmp_path / "nowhere")
    assert sorted(path.name for path in files_of([str(folder)])) == ["gone.png", "one.PNG", "two.png"]
    _, counts, state = scanned(tiny.write_election(tmp_path / "election"), folder)
    assert (counts.files, counts.read, counts.failed, state.readings) == (3, 2, 1, 2)
    (reason,) = counts.failures
    assert reason.startswith("the file cannot be opened")


def test_files_that_were_read_with_other_layouts_are_told(tmp_path, pictures):
    home, _, state = scanned(tiny.write_election(tmp_path), pictures / "00001.png", pictures / "00002.png")
    assert state.other_layouts == 0
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "new.json").write_text("{}")
    assert finish(open_home(tmp_path)).other_layouts == 2
    (tmp_path / "layouts" / "new.json").unlink()
    assert finish(open_home(tmp_path)).other_layouts == 0
    assert home.journal.read_text(encoding="utf-8").count('"layouts":""') == 2


def test_killed_again_and_again_it_loses_and_repeats_nothing(tmp_path, pictures):
    """The process is killed at moments of its own work; what the last run leaves is what one whole run leaves."""
    whole, _, _ = scanned(tiny.write_election(tmp_path / "whole"), pictures)
    election = tiny.write_election(tmp_path / "killed")
    code = (
        "import os, sys\n"
        "from escruta.apps.scan import running\n"
        "from escruta.apps.scan import Again, files_of, finish, open_home, scan_files\n"
        "from escruta.apps.executing import workplace_named\n"
        "from escruta.sources.scans.codes import Effort\n"
        "election, pictures, limit = sys.argv[1:]\n"
        "running.FORCED_EVERY = 2\n"
        "def step(done, whole, failed):\n"
        "    print(done, flush=True)\n"
        "home = open_home(__import__('pathlib').Path(election))\n"
        "place = workplace_named('threads', 2)\n"
        "scan_files(home, files_of([pictures]), place=place, effort=Effort.QUICK, progress=step)\n"
        "finish(home)\n"
    )
    for most in (1, 7, 99):
        child = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", code, election, pictures, str(most)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= most:
                child.send_signal(signal.SIGKILL)
                break
        child.stdout.close()
        assert child.wait(timeout=300) == (0 if most == 99 else -signal.SIGKILL)
    home = open_home(election)
    assert home.table.read_bytes() == whole.table.read_bytes()
    assert home.findings.read_bytes() == whole.findings.read_bytes()
    digests = [said["digest"] for said in entries_of(home.journal)]
    assert len(digests) == len(set(digests)) == 12
