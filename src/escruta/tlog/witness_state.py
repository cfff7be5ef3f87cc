"""What a log witness keeps: for each log the last checkpoint that it cosigned, and the first proof of a fork.

The folder of a log is named by the SHA-256 of its origin, in hex; its file `checkpoint` is what the monitoring URL
serves, byte for byte. Source: C2SP tlog-witness, "Monitoring".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path

from escruta.tlog.building import CHECKPOINT
from escruta.tlog.errors import LogInputError, StateDamaged
from escruta.tlog.files import Disk, DurableWriter, Files
from escruta.tlog.locking import locked
from escruta.tlog.notes import Note, parse_note

FORK_COSIGNED, FORK_REFUSED = "fork.cosigned", "fork.refused"
"""Two notes of one size and two roots, both with the log's signature; the second is written when the first is safe."""

_LOCK = ".lock"


def origin_hash(origin: str) -> str:
    """Name a log in a path.

    >>> origin_hash("example.com/log")[:8]
    '4d3203c8'
    """
    return sha256(origin.encode("utf-8")).hexdigest()


Exclusively = Callable[[str], AbstractContextManager[None]]
"""Keeps everybody else from the state of a log, by its origin, for a while."""


class WitnessState:
    """The folder in which a log witness keeps what it has cosigned."""

    def __init__(self, folder: Path, files: Files | None = None, exclusively: Exclusively | None = None) -> None:
        """Take up a folder that is there. With other files than the disk's, give another lock too."""
        self._folder = folder
        self._files = files or Disk()
        self._threads = threading.Lock()
        self._lasting: dict[str, bytes] = {}
        """By origin: the checkpoint that this process knows to be on the disk with its name."""
        self.exclusively = exclusively or self._locked

    @contextmanager
    def _locked(self, origin: str) -> Iterator[None]:
        """Keep all other threads and processes from the state of this log."""
        with self._threads:
            self._files.make_folder(self._folder / origin_hash(origin))
            with locked(self._folder / origin_hash(origin) / _LOCK):
                yield

    def read_durable(self, origin: str) -> bytes | None:
        """Give what the monitoring URL serves: the last cosigned checkpoint, once its name is sure to last.

        Without this, somebody could hold a cosignature that a power cut makes us forget.
        """
        with self.exclusively(origin):
            raw = self._read(origin)
            if raw is not None and raw != self._lasting.get(origin):
                self._files.sync_folder(self._folder / origin_hash(origin))
                self._files.sync_folder(self._folder)
                self._lasting[origin] = raw
            return raw

    def _read(self, origin: str) -> bytes | None:
        return self._files.read(self._folder / origin_hash(origin) / CHECKPOINT)

    def read(self, origin: str) -> Note | None:
        """Give the last checkpoint that was cosigned; raises `StateDamaged` where the file holds something else."""
        raw = self._read(origin)
        try:
            return None if raw is None else parse_note(raw, where=CHECKPOINT)
        except LogInputError as error:
            raise self.damaged(origin, error.what) from error

    def damaged(self, origin: str, what: str) -> StateDamaged:
        """Make the error that says which file cannot be believed."""
        path = self._folder / origin_hash(origin) / CHECKPOINT
        return StateDamaged(
            f"{path} is not the checkpoint of {origin} that this log witness cosigned last: {what}. "
            "A log witness that has lost its state must get a new name and new keys."
        )

    def keep(self, origin: str, note: Note) -> None:
        """Put a cosigned checkpoint in the place of the last one; it is on the disk when this returns."""
        writer = self._writer(origin)
        if self._read(origin) is None:
            writer.finish()  # the folder's own name has to last as well
        writer.replace(CHECKPOINT, bytes(note))
        self._lasting[origin] = bytes(note)

    def keep_fork(self, origin: str, cosigned: Note, refused: Note) -> None:
        """Keep two notes that contradict each other for ever. One such pair convicts the log, so the first stays."""
        if self.read_fork(origin) is None:
            writer = self._writer(origin)
            writer.replace(FORK_COSIGNED, bytes(cosigned))
            writer.replace(FORK_REFUSED, bytes(refused))

    def read_fork(self, origin: str) -> tuple[bytes, bytes] | None:
        """Give the two notes, if there are any."""
        folder = self._folder / origin_hash(origin)
        cosigned, refused = (self._files.read(folder / name) for name in (FORK_COSIGNED, FORK_REFUSED))
        return None if cosigned is None or refused is None else (cosigned, refused)

    def _writer(self, origin: str) -> DurableWriter:
        return DurableWriter(self._folder / origin_hash(origin), self._files)
