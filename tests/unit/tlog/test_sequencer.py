import sqlite3
import threading

import pytest

from escruta.tlog.errors import EntryRefused, LogBusy, LogConflict, LogError
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.sequencing import RecordedHead
from escruta.tlog.trees import TreeHead


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.sqlite"


@pytest.fixture
def sequencer(path):
    sequencer = SqliteSequencer(path, "example.com/log")
    yield sequencer
    sequencer.close()


def recorded(size, root=b"r" * 32, note=b"note"):
    return RecordedHead(head=TreeHead(size=size, root=root), note=note, edge=(b"e" * 32, b""))


def test_the_same_entry_gets_the_same_index_for_ever(sequencer, path):
    assert sequencer.append([b"a", b"b", b"a"]) == (0, 1, 0)
    again = SqliteSequencer(path, "example.com/log")
    assert again.append([b"c", b"b"]) == (2, 1)
    assert sequencer.append([b"c"]) == (2,)
    assert list(again.entries(0, 3)) == [b"a", b"b", b"c"]
    again.close()


def test_a_batch_is_taken_whole_or_not_at_all(sequencer):
    with pytest.raises(EntryRefused):
        sequencer.append([b"a", b"x" * 65_536])
    assert sequencer.size() == 0
    assert sequencer.append([b"b"]) == (0,)


def test_writers_at_the_same_time_leave_no_gap_and_agree(sequencer, path):
    given: list[list[int]] = [[] for _ in range(4)]

    def write(number):
        mine = SqliteSequencer(path, "example.com/log")
        for each in range(40):
            given[number] += mine.append([b"%d" % each, b"%d of %d" % (each, number)])
        mine.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sequencer.size() == 40 + 4 * 40
    assert {index for indexes in given for index in indexes} == set(range(200))
    shared = [indexes[::2] for indexes in given]
    assert shared == [shared[0]] * 4


def test_every_commit_is_forced_to_the_disk(sequencer):
    assert sequencer._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert sequencer._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_database_of_another_log_is_refused(path):
    SqliteSequencer(path, "example.com/log").close()
    with pytest.raises(LogConflict, match=r"holds the log example\.com/log"):
        SqliteSequencer(path, "example.com/other")


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LogError, match="cannot go on: file is not a database"):
        SqliteSequencer(path, "example.com/log")


def test_a_lost_entry_stops_the_log(sequencer, path):
    sequencer.append([b"a", b"b", b"c"])
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM entries WHERE idx = 1")
    connection.close()
    with pytest.raises(LogConflict, match="has no entry 1"):
        list(sequencer.entries(0, 3))
    with pytest.raises(LogConflict, match="has no entry 3"):
        list(sequencer.entries(2, 4))


def test_a_head_is_recorded_with_its_edge(sequencer):
    assert sequencer.last_head() is None
    assert sequencer.record(recorded(3)) == b"note"
    assert sequencer.last_head() == recorded(3)


def test_a_size_has_one_root_and_one_note(sequencer):
    sequencer.record(recorded(3))
    assert sequencer.record(recorded(3, note=b"another signature")) == b"note"
    with pytest.raises(LogConflict, match="it can never be 7878"):
        sequencer.record(recorded(3, root=b"x" * 32))
    with pytest.raises(LogConflict, match="cannot follow"):
        sequencer.record(recorded(2))
    assert sequencer.last_head() == recorded(3)


def test_one_publishes_at_a_time(sequencer, path):
    sequencer.become_publisher()
    sequencer.become_publisher()
    other = SqliteSequencer(path, "example.com/log")
    with pytest.raises(LogBusy, match=r"another process publishes example\.com/log"):
        other.become_publisher()
    assert other.append([b"a"]) == (0,)
    sequencer.close()
    other.become_publisher()
    other.close()
