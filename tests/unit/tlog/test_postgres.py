"""What is PostgreSQL's own: several logs in one database, a server that goes away, and settings that lose promises."""

import subprocess
import sys
from contextlib import closing

import pytest

psycopg = pytest.importorskip("psycopg")

from escruta.tlog import postgres  # noqa: E402 - where there is a driver
from escruta.tlog.errors import LogBusy, LogConflict, LogError  # noqa: E402
from escruta.tlog.postgres import PostgresSequencer  # noqa: E402
from escruta.tlog.sequencing import RecordedHead  # noqa: E402
from escruta.tlog.trees import TreeHead  # noqa: E402

ORIGIN = "example.com/log"


@pytest.fixture
def address(postgres_server):
    return postgres_server.new_database()


@pytest.fixture
def sequencer(address):
    with closing(PostgresSequencer(address, ORIGIN)) as sequencer:
        yield sequencer


@pytest.fixture
def ask(address):
    """Asks the database something beside the log, each time over a new connection."""

    def execute(query):
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    return execute


def test_logs_in_one_database_know_nothing_of_each_other(sequencer, address):
    sequencer.append([b"a", b"b"])
    sequencer.become_publisher()
    with closing(PostgresSequencer(address, "example.com/other ñ")) as other:
        assert other.append([b"b", b"c", b"a"]) == (0, 1, 2)
        other.become_publisher()
        other.record(RecordedHead(head=TreeHead(size=3, root=b"r" * 32), note=b"n", edge=(b"e" * 32,)))
        assert (sequencer.size(), other.size()) == (2, 3)
    assert sequencer.last_head() is None
    assert list(sequencer.entries(0, 2)) == [b"a", b"b"]


def test_every_commit_is_forced_to_the_disk(sequencer):
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert sequencer._connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_user_for_whom_commits_are_quick_waits_for_the_disk(ask, address):
    ask("ALTER USER postgres SET synchronous_commit = off")
    try:
        assert ask("SHOW synchronous_commit") == [("off",)]
        with closing(PostgresSequencer(address, ORIGIN)) as sequencer:
            assert sequencer._connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    finally:
        ask("ALTER USER postgres RESET synchronous_commit")


def test_a_server_that_may_lose_what_it_promised_is_refused(ask, address):
    ask("ALTER SYSTEM SET full_page_writes = off")
    ask("SELECT pg_reload_conf()")
    try:
        for _ in range(100):
            if ask("SHOW full_page_writes") == [("off",)]:
                break
        with pytest.raises(LogError, match=r"full_page_writes = off: it may lose what it promised"):
            PostgresSequencer(address, ORIGIN)
    finally:
        ask("ALTER SYSTEM RESET full_page_writes")
        ask("SELECT pg_reload_conf()")
        for _ in range(100):
            if ask("SHOW full_page_writes") == [("on",)]:
                break


def test_a_server_that_is_too_old_is_refused(address, monkeypatch):
    monkeypatch.setattr(postgres, "OLDEST_SERVER", 99)
    with pytest.raises(LogError, match=r"is PostgreSQL [0-9.]+.*; a log needs version 99"):
        PostgresSequencer(address, ORIGIN)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dbname": "nothere"}, r"the database nothere on .* cannot go on: .*does not exist"),
        ({"user": "nobody-here"}, r"role \"nobody-here\" does not exist"),
        ({"host": "/nowhere"}, "on /nowhere cannot go on: connection .*No such file"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(address, changed, reason):
    with pytest.raises(LogError, match=reason) as raised:
        PostgresSequencer(psycopg.conninfo.make_conninfo(address, password="secret-word", **changed), ORIGIN)  # noqa: S106
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize("address", ["no address", "postgresql://[::1/", "colour=red"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(LogError, match="the address of the database cannot go on"):
        PostgresSequencer(address, ORIGIN)


@pytest.mark.usefixtures("sequencer")
def test_a_format_that_is_not_ours_is_refused(ask, address):
    ask("UPDATE escruta_log.logs SET format = 2")
    with pytest.raises(LogConflict, match=r"holds the log example\.com/log in format 2, not 1"):
        PostgresSequencer(address, ORIGIN)


def test_a_lost_entry_stops_the_log(sequencer, ask):
    sequencer.append([b"%d" % number for number in range(1500)])
    ask("DELETE FROM escruta_log.entries WHERE idx IN (1, 1499)")
    with pytest.raises(LogConflict, match="has no entry 1,"):
        list(sequencer.entries(0, 3))
    with pytest.raises(LogConflict, match="has no entry 1499"):
        list(sequencer.entries(2, 1500))
    with pytest.raises(LogConflict, match="has no entry 1500"):
        list(sequencer.entries(1500, 1501))


def test_a_counter_that_was_set_back_gives_no_index_twice(sequencer, ask):
    sequencer.append([b"a", b"b"])
    ask("UPDATE escruta_log.logs SET size = 1")
    with pytest.raises(LogConflict, match="an index that was never given away"):
        sequencer.append([b"c"])
    ask("DELETE FROM escruta_log.logs")
    for use in (sequencer.size, lambda: sequencer.append([b"c"])):
        with pytest.raises(LogConflict, match="does not hold the log"):
            use()


@pytest.mark.usefixtures("sequencer")
def test_a_writer_with_few_rights_is_enough(ask, address):
    ask("CREATE ROLE clerk LOGIN")
    try:
        ask("GRANT USAGE ON SCHEMA escruta_log TO clerk")
        ask("GRANT SELECT, INSERT, UPDATE ON escruta_log.logs, escruta_log.entries TO clerk")
        with closing(PostgresSequencer(psycopg.conninfo.make_conninfo(address, user="clerk"), ORIGIN)) as clerk:
            assert clerk.append([b"a"]) == (0,)
            with pytest.raises(LogError, match="permission denied"):
                clerk.last_head()
    finally:
        ask("DROP OWNED BY clerk")
        ask("DROP ROLE clerk")


END_OTHERS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"


def test_a_connection_that_is_lost_is_made_again(sequencer, ask):
    sequencer.append([b"a"])
    uses = [
        sequencer.size,
        sequencer.last_head,
        lambda: list(sequencer.entries(0, 1)),
        lambda: sequencer.append([b"a"]),
    ]
    for use in uses:
        before = use()
        ask(f"{END_OTHERS} AND pid <> pg_backend_pid()")
        assert use() == before
    assert sequencer.size() == 1


def test_a_publisher_that_lost_its_connection_is_publisher_again_unless_another_is(sequencer, ask, address):
    sequencer.become_publisher()
    ask(f"{END_OTHERS} AND pid <> pg_backend_pid()")
    sequencer.size()
    with closing(PostgresSequencer(address, ORIGIN)) as other:
        with pytest.raises(LogBusy):
            other.become_publisher()
        ask(f"{END_OTHERS} AND pid <> pg_backend_pid()")
        other.become_publisher()
        with pytest.raises(LogBusy, match="another process publishes"):
            sequencer.record(RecordedHead(head=TreeHead(size=3, root=b"r" * 32), note=b"n", edge=()))
        assert other.last_head() is None


def test_a_server_that_is_gone_is_said_and_found_again(postgres_server, sequencer):
    sequencer.append([b"a"])
    postgres_server.stop("immediate")
    try:
        for _ in range(2):
            with pytest.raises(LogError, match=r"the database test[0-9]+ on .* cannot go on: connection"):
                sequencer.append([b"b"])
    finally:
        postgres_server.start()
    assert sequencer.append([b"b", b"a"]) == (1, 0)


def test_a_dead_writer_keeps_nobody_out(sequencer, address):
    """Its transaction is undone, and what it had locked is free."""
    dying = """
import os, sys
from escruta.tlog.postgres import PostgresSequencer
writer = PostgresSequencer(sys.argv[1], sys.argv[2])
writer._connection.execute("BEGIN")
writer._lock_log(writer._connection)
writer._connection.execute("INSERT INTO escruta_log.entries VALUES (1, 0, 'd', 'e')")
print("locked", flush=True)
sys.stdin.read()
os._exit(9)
"""
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", dying, address, ORIGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline() == b"locked\n"
        writer.kill()
    assert sequencer.append([b"a"]) == (0,)


def test_without_the_driver_its_name_is_told():
    asked = """
import sys
sys.modules["psycopg"] = None
from escruta.tlog.errors import LogError
try:
    import escruta.tlog.postgres
except LogError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
    assert 'pip install "escruta[postgres]"' in said
