"""What every sequencer promises, in SQLite and in PostgreSQL, and what is SQLite's own."""

import sqlite3
import threading
from contextlib import closing
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escruta.tlog.errors import EntryRefused, LogBusy, LogConflict, LogError
from escruta.tlog.files import Disk
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import SignatureLine, parse_note
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.sequencing import RecordedHead, Sequencer
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead

ORIGIN = "example.com/log"
NUMBERS = count()


@pytest.fixture(params=["sqlite", "postgres"])
def open_writer(request, tmp_path):
    """Opens one more writer of the same database, and closes it at the end."""
    opened = []
    if request.param == "postgres":
        pytest.importorskip("psycopg")
        from escruta.tlog.postgres import PostgresSequencer  # noqa: PLC0415 - where there is a driver

        database = request.getfixturevalue("postgres_server").new_database()

    def open_one(origin=ORIGIN, *, file="log.sqlite", is_closed=True):
        writer: Sequencer
        if request.param == "postgres":
            writer = PostgresSequencer(database, origin)
        else:
            writer = SqliteSequencer(tmp_path / file, origin)
        opened.extend([writer] * is_closed)
        return writer

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def sequencer(open_writer):
    return open_writer()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


def recorded(size, root=b"r" * 32, note=b"note"):
    return RecordedHead(head=TreeHead(size=size, root=root), note=note, edge=(b"e" * 32, b""))


def test_the_same_entry_gets_the_same_index_for_ever(sequencer, open_writer):
    assert sequencer.append([b"a", b"b", b"a"]) == (0, 1, 0)
    again = open_writer()
    assert again.append([b"c", b"b"]) == (2, 1)
    assert sequencer.append([b"c"]) == (2,)
    assert sequencer.append([]) == ()
    assert list(again.entries(0, 3)) == [b"a", b"b", b"c"]
    assert list(again.entries(1, 2)) == [b"b"]
    assert list(again.entries(3, 3)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(batches=st.lists(st.lists(st.binary(max_size=2), max_size=12), max_size=6))
def test_indexes_are_those_of_first_arrival(open_writer, batches):
    name = f"example.com/{next(NUMBERS)}"
    place = {"file": name.replace("/", "-"), "is_closed": False}
    order = []
    with closing(open_writer(name, **place)) as first, closing(open_writer(name, **place)) as second:
        for number, batch in enumerate(batches):
            for entry in batch:
                if entry not in order:
                    order.append(entry)
            writer = second if number % 2 else first
            assert writer.append(batch) == tuple(order.index(entry) for entry in batch)
        assert list(second.entries(0, second.size())) == order


def test_a_batch_is_taken_whole_or_not_at_all(sequencer):
    with pytest.raises(EntryRefused):
        sequencer.append([b"a", b"x" * 65_536])
    assert sequencer.size() == 0
    assert sequencer.append([b"b", b"", b"\0", b"x" * 65_535]) == (0, 1, 2, 3)
    assert list(sequencer.entries(0, 4)) == [b"b", b"", b"\0", b"x" * 65_535]


def test_a_large_batch_is_read_in_order(sequencer):
    entries = [b"%d" % number for number in range(5000)]
    assert sequencer.append(entries) == tuple(range(5000))
    assert list(sequencer.entries(1023, 4097)) == entries[1023:4097]


def test_writers_at_the_same_time_leave_no_gap_and_agree(sequencer, open_writer):
    given: list[list[int]] = [[] for _ in range(4)]

    def write(mine, number):
        for each in range(40):
            given[number] += mine.append([b"%d" % each, b"%d of %d" % (each, number)])

    def open_and_write(number):
        with closing(open_writer(is_closed=False)) as mine:
            write(mine, number)

    writers = [threading.Thread(target=open_and_write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sequencer.size() == 40 + 4 * 40
    assert {index for indexes in given for index in indexes} == set(range(200))
    shared = [indexes[::2] for indexes in given]
    assert shared == [shared[0]] * 4


def test_a_head_is_recorded_with_its_edge(sequencer, open_writer):
    assert sequencer.last_head() is None
    assert sequencer.record(recorded(3)) == b"note"
    assert sequencer.last_head() == open_writer().last_head() == recorded(3)
    assert sequencer.record(recorded(9)) == b"note"
    assert sequencer.last_head() == recorded(9)


def test_a_size_has_one_root_and_one_note(sequencer):
    sequencer.record(recorded(3))
    assert sequencer.record(recorded(3, note=b"another signature")) == b"note"
    with pytest.raises(LogConflict, match="it can never be 7878"):
        sequencer.record(recorded(3, root=b"x" * 32))
    with pytest.raises(LogConflict, match="cannot follow"):
        sequencer.record(recorded(2))
    assert sequencer.last_head() == recorded(3)


def test_a_recorded_note_takes_cosignatures_and_keeps_them(sequencer, open_writer):
    signer = SeedSigner(ORIGIN, KeyKind.ED25519, b"1" * 32)
    note = bytes(sign_note(f"{ORIGIN}\n3\nroot\n", [signer], time_s=1))
    sequencer.record(recorded(3, note=note))
    line = SignatureLine(name="party.example/w", key_id=b"1234", signature=bytes(72))
    longer = sequencer.extend_note(3, [line])
    assert parse_note(longer).signatures == (*parse_note(note).signatures, line)
    assert sequencer.extend_note(3, [line]) == sequencer.extend_note(3, []) == longer
    assert sequencer.record(recorded(3, note=note)) == open_writer().last_head().note == longer
    with pytest.raises(LogConflict, match="no head of 2 was recorded"):
        sequencer.extend_note(2, [line])


def test_one_publishes_at_a_time(sequencer, open_writer):
    sequencer.become_publisher()
    sequencer.become_publisher()
    other = open_writer()
    with pytest.raises(LogBusy, match=r"another process publishes example\.com/log"):
        other.become_publisher()
    assert other.append([b"a"]) == (0,)
    sequencer.close()
    other.become_publisher()


def test_what_was_closed_is_not_opened_again_unasked(sequencer):
    sequencer.close()
    for use in (sequencer.size, sequencer.last_head, lambda: sequencer.append([b"a"])):
        with pytest.raises(LogError, match="closed"):
            use()


def test_every_commit_is_forced_to_the_disk(path):
    with closing(SqliteSequencer(path, ORIGIN)) as sequencer:
        assert sequencer._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert sequencer._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_names_of_its_files_are_forced_to_the_disk_before_anything_is_promised(path, monkeypatch):
    """The write-ahead log has its name from then on, as long as anybody has the database open."""
    forced = []
    monkeypatch.setattr(
        Disk, "sync_folder", lambda _, folder: forced.append(sorted(each.name for each in folder.iterdir()))
    )
    SqliteSequencer(path, ORIGIN).close()
    with closing(SqliteSequencer(path, ORIGIN)):
        assert forced == [["log.sqlite", "log.sqlite-shm", "log.sqlite-wal"]] * 2


def test_a_folder_that_cannot_be_forced_is_no_place_for_a_log(path, monkeypatch):
    def refuse(*_):
        raise OSError(5, "as if the disk had failed")

    monkeypatch.setattr(Disk, "sync_folder", refuse)
    with pytest.raises(OSError, match="as if the disk had failed"):
        SqliteSequencer(path, ORIGIN)


def test_a_database_of_another_log_is_refused(path):
    SqliteSequencer(path, ORIGIN).close()
    with pytest.raises(LogConflict, match=r"holds the log example\.com/log"):
        SqliteSequencer(path, "example.com/other")


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LogError, match="cannot go on: file is not a database"):
        SqliteSequencer(path, ORIGIN)


def test_a_lost_entry_stops_the_log(path):
    with closing(SqliteSequencer(path, ORIGIN)) as sequencer:
        sequencer.append([b"a", b"b", b"c"])
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM entries WHERE idx = 1")
        connection.close()
        with pytest.raises(LogConflict, match="has no entry 1"):
            list(sequencer.entries(0, 3))
        with pytest.raises(LogConflict, match="has no entry 3"):
            list(sequencer.entries(2, 4))
