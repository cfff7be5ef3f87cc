"""The order of entries in SQLite: the one module of `tlog` that speaks SQL.

The write-ahead log is forced to the disk at every commit (`synchronous=FULL`), so a commit is the promise: whoever got
an index has it for ever. An index is the largest one so far plus one, taken in the same transaction; never a sequence
of the database, which leaves gaps where a transaction is undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from escruta.tlog.errors import LogBusy, LogConflict, LogError
from escruta.tlog.files import Disk
from escruta.tlog.notes import SignatureLine
from escruta.tlog.sequencing import RecordedHead, extend_recorded
from escruta.tlog.tiles import require_short
from escruta.tlog.trees import TreeHead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, origin TEXT NOT NULL)
STRICT;
CREATE TABLE IF NOT EXISTS entries (idx INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, entry BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS heads (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS edge (level INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
"""
_FORMAT = 1
_PATIENCE_S = 60
_PAGES_AHEAD = 8_000
"""Digests come in no order, so each batch changes about as many pages as it has entries. They wait in the write-ahead
log, which is on the disk at every commit, until it has this many: a page that changed ten times is then moved once."""
_CACHE_KIB = 16_000


class SqliteSequencer:
    """Entries, heads and the right edge in one file. One object for each thread and process.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> sequencer = SqliteSequencer(Path(folder.name) / "log.sqlite", "example.com/log")
    >>> sequencer.append([b"a", b"b", b"a"]), sequencer.append([b"c", b"b"]), sequencer.size()
    ((0, 1, 0), (2, 1), 3)
    >>> sequencer.close(); folder.cleanup()
    """

    def __init__(self, path: Path, origin: str) -> None:
        """Open the file, or make it; raises `LogConflict` where it holds another log."""
        self.origin = origin
        self._path = path
        self._publishing: sqlite3.Connection | None = None
        with _explained(path):
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            self._prepare()
            Disk().sync_folder(path.parent)  # SQLite asks for this as well, and passes over a disk that refuses
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        with _explained(self._path):
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(f"PRAGMA wal_autocheckpoint={_PAGES_AHEAD}")
            self._connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        with self._transaction():
            for statement in _SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute("INSERT OR IGNORE INTO log VALUES (1, ?, ?)", (_FORMAT, self.origin))
            found = self._connection.execute("SELECT format, origin FROM log").fetchone()
        if found != (_FORMAT, self.origin):
            raise LogConflict(f"{self._path} holds the log {found[1]} in format {found[0]}, not {self.origin}")

    def append(self, entries: Sequence[bytes]) -> tuple[int, ...]:
        """Take entries and give their indexes; an entry that is known keeps the index that it has."""
        for entry in entries:
            require_short(entry)
        keyed = [(sha256(entry).digest(), entry) for entry in entries]
        with self._transaction():
            free = self.size()
            indexes = []
            for digest, entry in keyed:
                taken = self._connection.execute(
                    "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING", (free, digest, entry)
                )
                if taken.rowcount:
                    indexes.append(free)
                    free += 1
                else:
                    indexes.append(self._index_of(digest))
        return tuple(indexes)

    def _index_of(self, digest: bytes) -> int:
        found: tuple[int] = self._connection.execute("SELECT idx FROM entries WHERE digest = ?", (digest,)).fetchone()
        return found[0]

    def size(self) -> int:
        """How many entries were taken."""
        with _explained(self._path):
            found: tuple[int] = self._connection.execute("SELECT coalesce(max(idx) + 1, 0) FROM entries").fetchone()
        return found[0]

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries from one index up to another; raises `LogConflict` where one is missing."""
        expected = start
        with _explained(self._path):
            rows = self._connection.execute(
                "SELECT idx, entry FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop)
            )
            for index, entry in rows:
                if index != expected:
                    break
                yield entry
                expected += 1
        if expected < stop:
            raise LogConflict(f"{self._path} has no entry {expected}, though it gave away that index")

    def last_head(self) -> RecordedHead | None:
        """Give the largest head that was recorded."""
        with self._transaction("DEFERRED"):
            found = self._connection.execute("SELECT size, root, note FROM heads ORDER BY size DESC LIMIT 1").fetchone()
            edge = self._connection.execute("SELECT hashes FROM edge ORDER BY level").fetchall()
        if found is None:
            return None
        size, root, note = found
        return RecordedHead(head=TreeHead(size=size, root=root), note=note, edge=tuple(hashes for (hashes,) in edge))

    def record(self, recorded: RecordedHead) -> bytes:
        """Record a signed head, and give the note to show: the first one that was recorded for this size."""
        head = recorded.head
        with self._transaction():
            found = self._connection.execute("SELECT root, note FROM heads WHERE size = ?", (head.size,)).fetchone()
            if found is not None:
                return self._recorded(head, *found)
            (last,) = self._connection.execute("SELECT max(size) FROM heads").fetchone()
            if last is not None and head.size < last:
                raise LogConflict(f"a head of {head.size} cannot follow one of {last}")
            self._connection.execute("INSERT INTO heads VALUES (?, ?, ?)", (head.size, head.root, recorded.note))
            self._connection.execute("DELETE FROM edge")
            self._connection.executemany("INSERT INTO edge VALUES (?, ?)", list(enumerate(recorded.edge)))
        return recorded.note

    def _recorded(self, head: TreeHead, root: bytes, note: bytes) -> bytes:
        if root != head.root:
            raise LogConflict(
                f"a head of {head.size} was signed with the root {root.hex()}; it can never be {head.root.hex()}"
            )
        return note

    def extend_note(self, size: int, lines: Sequence[SignatureLine]) -> bytes:
        """Add cosignatures to the note that was recorded for a size, and give the note to show."""
        with self._transaction():
            found = self._connection.execute("SELECT note FROM heads WHERE size = ?", (size,)).fetchone()
            if found is None:
                raise LogConflict(f"no head of {size} was recorded, so nobody can have cosigned it")
            note = extend_recorded(found[0], lines)
            if note != found[0]:
                self._connection.execute("UPDATE heads SET note = ? WHERE size = ?", (note, size))
        return note

    def become_publisher(self) -> None:
        """Be the only one that publishes until `close`; the system ends it where the process ends."""
        if self._publishing is not None:
            return
        beside = self._path.with_name(f"{self._path.name}.publisher")
        connection = sqlite3.connect(beside, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise LogBusy(
                f"another process publishes {self.origin} (or {beside} cannot be written: {error})"
            ) from error
        self._publishing = connection

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        if self._publishing is not None:
            self._publishing.close()
            self._publishing = None

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        """Do everything or nothing; it is on the disk at the end. A deferred one waits for no writer."""
        with _explained(self._path):
            self._connection.execute(f"BEGIN {kind}")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Tell of which file the database complains."""
    try:
        yield
    except sqlite3.Error as error:
        raise LogError(f"the database {path} cannot go on: {error}") from error
