"""The order of entries in PostgreSQL: for a centre where several machines append to one log.

A commit is the promise, as in SQLite: the server must force it to the disk (`fsync` and `synchronous_commit` on, which
is looked up and not believed). The next index stands in the log's row, locked until the transaction ends; a sequence of
the database would leave gaps where a transaction is undone. One database holds as many logs as one likes.

Whoever publishes holds a lock that the server gives up when the connection ends. So this needs a connection to the
server itself, and none through a pooler that hands out a server connection for each transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TypeVar

from escruta.tlog.errors import LogBusy, LogConflict, LogError
from escruta.tlog.notes import SignatureLine
from escruta.tlog.sequencing import RecordedHead, extend_recorded
from escruta.tlog.tiles import require_short
from escruta.tlog.trees import TreeHead

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.rows import TupleRow
except ImportError as missing:
    raise LogError(
        f'a log in PostgreSQL needs the driver, which is not here ({missing}): pip install "escruta[postgres]"'
    ) from missing

OLDEST_SERVER = 14
"""The oldest version of PostgreSQL whose makers still mend it."""

_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS escruta_log;
CREATE TABLE escruta_log.logs (
    log integer PRIMARY KEY, origin text NOT NULL UNIQUE, format integer NOT NULL, size bigint NOT NULL);
CREATE TABLE escruta_log.entries (
    log integer NOT NULL, idx bigint NOT NULL, digest bytea NOT NULL, entry bytea NOT NULL,
    PRIMARY KEY (log, idx), UNIQUE (log, digest));
CREATE TABLE escruta_log.heads (
    log integer NOT NULL, size bigint NOT NULL, root bytea NOT NULL, note bytea NOT NULL,
    PRIMARY KEY (log, size));
CREATE TABLE escruta_log.edge (
    log integer NOT NULL, level integer NOT NULL, hashes bytea NOT NULL,
    PRIMARY KEY (log, level));
"""
_FORMAT = 1
_PATIENCE_S = 60
_ROWS = 1024
_LOCKS = int.from_bytes(b"tlog", "big")
"""The first half of the keys of our advisory locks; the second is the log's number, and 0 for the tables."""

_SESSION = f"""
SET idle_in_transaction_session_timeout = '{_PATIENCE_S}s';
SET lock_timeout = '{_PATIENCE_S}s';
SET enable_seqscan = off;
"""
"""A writer whose machine died keeps the others waiting for a minute at most. Where a log was small when a statement was
planned, the server would go on reading all of it."""

_DURABLE = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}}

Connection = psycopg.Connection[TupleRow]
_Found = TypeVar("_Found")


class PostgresSequencer:
    """Entries, heads and the right edge in a database that others may share. One object for each thread and process.

    A connection that is lost is made again, once for each call: doing any of them twice changes nothing.
    """

    def __init__(self, conninfo: str, origin: str) -> None:
        """Open a database, such as `postgresql://user@host/name`, and make the log in it where it is not there.

        Raises `LogError` where the server cannot be reached, is too old, or may lose what it promised.
        """
        self.origin = origin
        self._conninfo = conninfo
        self._place = _place_of(conninfo)
        self._publishes = False
        self._is_closed = False
        self._log = 0
        self._connection = self._connect()

    def append(self, entries: Sequence[bytes]) -> tuple[int, ...]:
        """Take entries and give their indexes; an entry that is known keeps the index that it has."""
        for entry in entries:
            require_short(entry)
        keyed = {sha256(entry).digest(): entry for entry in entries}
        if not keyed:
            return ()
        indexes = self._do(lambda connection: self._take(connection, keyed))
        return tuple(indexes[sha256(entry).digest()] for entry in entries)

    def _take(self, connection: Connection, keyed: dict[bytes, bytes]) -> dict[bytes, int]:
        """Give the index of each digest; those that are new get the next ones."""
        cursor = connection.cursor(binary=True)
        with connection.transaction():
            size = self._lock_log(connection)
            cursor.execute(
                "SELECT digest, idx FROM escruta_log.entries WHERE log = %s AND digest = ANY(%b)",
                (self._log, list(keyed)),
            )
            indexes: dict[bytes, int] = dict(cursor)
            new = [digest for digest in keyed if digest not in indexes]
            if new:
                fresh = range(size, size + len(new))
                cursor.execute(
                    "INSERT INTO escruta_log.entries SELECT %s, * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[])",
                    (self._log, list(fresh), new, [keyed[digest] for digest in new]),
                )
                cursor.execute("UPDATE escruta_log.logs SET size = %s WHERE log = %s", (fresh.stop, self._log))
                indexes.update(zip(new, fresh, strict=True))
        return indexes

    def _lock_log(self, connection: Connection) -> int:
        """Keep every other writer out until the transaction ends, and give the next index."""
        found = connection.execute("SELECT size FROM escruta_log.logs WHERE log = %s FOR UPDATE", (self._log,))
        return self._size_in(found.fetchone())

    def _size_in(self, row: TupleRow | None) -> int:
        if row is None:
            raise LogConflict(f"{self._place} does not hold the log {self.origin} any more")
        size: int = row[0]
        return size

    def size(self) -> int:
        """How many entries were taken."""
        query = "SELECT size FROM escruta_log.logs WHERE log = %s"
        return self._size_in(self._do(lambda connection: connection.execute(query, (self._log,)).fetchone()))

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries from one index up to another; raises `LogConflict` where one is missing."""
        for first in range(start, stop, _ROWS):
            for expected, (index, entry) in enumerate(self._rows(first, min(first + _ROWS, stop)), first):
                if index != expected:
                    raise LogConflict(f"{self._place} has no entry {expected}, though it gave away that index")
                yield entry

    def _rows(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        """Give rows, and one more where the last are missing."""

        def rows(connection: Connection) -> list[tuple[int, bytes]]:
            cursor = connection.cursor(binary=True).execute(
                "SELECT idx, entry FROM escruta_log.entries WHERE log = %s AND idx >= %s AND idx < %s ORDER BY idx",
                (self._log, start, stop),
            )
            return [*cursor.fetchall(), (-1, b"")]

        found = self._do(rows)
        return found if len(found) <= stop - start else found[:-1]

    def last_head(self) -> RecordedHead | None:
        """Give the largest head that was recorded."""

        def last(connection: Connection) -> tuple[int, bytes, bytes, list[bytes]] | None:
            cursor = connection.cursor(binary=True).execute(
                "SELECT size, root, note, ARRAY(SELECT hashes FROM escruta_log.edge WHERE log = %(log)s ORDER BY level)"
                " FROM escruta_log.heads WHERE log = %(log)s ORDER BY size DESC LIMIT 1",
                {"log": self._log},
            )
            return cursor.fetchone()

        found = self._do(last)
        if found is None:
            return None
        size, root, note, edge = found
        return RecordedHead(head=TreeHead(size=size, root=root), note=note, edge=tuple(edge))

    def record(self, recorded: RecordedHead) -> bytes:
        """Record a signed head, and give the note to show: the first one that was recorded for this size."""
        return self._do(lambda connection: self._record(connection, recorded))

    def _record(self, connection: Connection, recorded: RecordedHead) -> bytes:
        head = recorded.head
        with connection.transaction():
            self._lock_log(connection)
            found = self._head_at(connection, head.size)
            if found is not None:
                root, note = found
                if root != head.root:
                    raise LogConflict(
                        f"a head of {head.size} was signed with the root {root.hex()}; "
                        f"it can never be {head.root.hex()}"
                    )
                return note
            self._require_later(connection, head.size)
            connection.execute(
                "INSERT INTO escruta_log.heads VALUES (%s, %s, %s, %s)",
                (self._log, head.size, head.root, recorded.note),
            )
            connection.execute("DELETE FROM escruta_log.edge WHERE log = %s", (self._log,))
            connection.execute(
                "INSERT INTO escruta_log.edge SELECT %s, * FROM unnest(%s::integer[], %b::bytea[])",
                (self._log, list(range(len(recorded.edge))), list(recorded.edge)),
            )
        return recorded.note

    def _head_at(self, connection: Connection, size: int) -> tuple[bytes, bytes] | None:
        cursor = connection.execute(
            "SELECT root, note FROM escruta_log.heads WHERE log = %s AND size = %s", (self._log, size)
        )
        return cursor.fetchone()

    def _require_later(self, connection: Connection, size: int) -> None:
        cursor = connection.execute("SELECT max(size) FROM escruta_log.heads WHERE log = %s", (self._log,))
        (last,) = cursor.fetchone() or (None,)
        if last is not None and size < last:
            raise LogConflict(f"a head of {size} cannot follow one of {last}")

    def extend_note(self, size: int, lines: Sequence[SignatureLine]) -> bytes:
        """Add cosignatures to the note that was recorded for a size, and give the note to show."""
        return self._do(lambda connection: self._extend_note(connection, size, lines))

    def _extend_note(self, connection: Connection, size: int, lines: Sequence[SignatureLine]) -> bytes:
        with connection.transaction():
            self._lock_log(connection)
            found = self._head_at(connection, size)
            if found is None:
                raise LogConflict(f"no head of {size} was recorded, so nobody can have cosigned it")
            note = extend_recorded(found[1], lines)
            if note != found[1]:
                connection.execute(
                    "UPDATE escruta_log.heads SET note = %s WHERE log = %s AND size = %s", (note, self._log, size)
                )
        return note

    def become_publisher(self) -> None:
        """Be the only one that publishes until `close`; the server ends it where the connection ends."""
        if not self._publishes:
            self._do(self._lock_publishing)
            self._publishes = True

    def _lock_publishing(self, connection: Connection) -> None:
        cursor = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCKS, self._log))
        if cursor.fetchone() != (True,):
            raise LogBusy(f"another process publishes {self.origin}")

    def close(self) -> None:
        """Let go of the database."""
        if self._publishes and not self._connection.closed:
            with suppress(psycopg.Error):  # so that nobody waits until the server notices that we are gone
                self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._publishes, self._is_closed = False, True
        self._connection.close()

    def _do(self, work: Callable[[Connection], _Found]) -> _Found:
        """Do work that may be done twice; where the connection was lost, over a new one."""
        if self._is_closed:
            raise LogError(f"this writer of {self.origin} was closed")
        with _explained(self._place):
            try:
                return work(self._connection)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
        self._connection = self._connect()
        with _explained(self._place):
            return work(self._connection)

    def _connect(self) -> Connection:
        """Connect, and take up what this object was: the writer of a log, or also its publisher."""
        with _explained(self._place):
            connection = psycopg.connect(_with_patience(self._conninfo), autocommit=True)
            try:
                _require_promise(connection, self._place)
                self._log = self._find_log(connection)
                if self._publishes:
                    self._lock_publishing(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _find_log(self, connection: Connection) -> int:
        """Give the log's number; make the log, and the tables, where they are not there."""
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (_LOCKS,))
            if connection.execute("SELECT to_regclass('escruta_log.edge')").fetchone() == (None,):
                connection.execute(_SCHEMA)
            found = self._log_row(connection)
            if found is None:
                connection.execute(
                    "INSERT INTO escruta_log.logs SELECT coalesce(max(log), 0) + 1, %s, %s, 0 FROM escruta_log.logs",
                    (self.origin, _FORMAT),
                )
                found = self._log_row(connection)
        log, form = found or (0, None)
        if form != _FORMAT:
            raise LogConflict(f"{self._place} holds the log {self.origin} in format {form}, not {_FORMAT}")
        return log

    def _log_row(self, connection: Connection) -> tuple[int, int] | None:
        cursor = connection.execute("SELECT log, format FROM escruta_log.logs WHERE origin = %s", (self.origin,))
        return cursor.fetchone()


def _require_promise(connection: Connection, place: str) -> None:
    """Refuse a server that is too old, that only follows another one, or that may lose what it has committed."""
    if connection.info.server_version < OLDEST_SERVER * 10_000:
        found = connection.info.parameter_status("server_version")
        raise LogError(f"{place} is PostgreSQL {found}; a log needs version {OLDEST_SERVER} or a later one")
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    connection.execute(_SESSION)
    if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
        raise LogError(f"{place} is on a standby, which takes no entries: connect to the primary server")
    if connection.execute("SHOW synchronous_commit").fetchone() != ("remote_apply",):
        connection.execute("SET synchronous_commit = on")
    for setting, durable in _DURABLE.items():
        (found,) = connection.execute(f"SHOW {setting}").fetchone() or (None,)
        if found not in durable:
            raise LogError(f"{place} has {setting} = {found}: it may lose what it promised; set it to on")


def _place_of(conninfo: str) -> str:
    """Name a database without its password."""
    with _explained("the address of the database"):
        parts = conninfo_to_dict(conninfo)
    host = parts.get("host") or parts.get("hostaddr") or "this machine"
    return f"the database {parts.get('dbname') or 'of this user'} on {host}"


def _with_patience(conninfo: str) -> str:
    """Give up on a server that does not answer, unless the address says otherwise."""
    patience = {"connect_timeout": 10, "tcp_user_timeout": _PATIENCE_S * 1000, "keepalives_idle": 30}
    return make_conninfo(conninfo, **{**patience, **conninfo_to_dict(conninfo), "client_encoding": "utf8"})


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Tell of which database the driver complains."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise LogConflict(
            f"{place} has an entry at an index that was never given away: {error.diag.message_detail}"
        ) from error
    except psycopg.Error as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise LogError(f"{place} cannot go on: {reason}") from error
