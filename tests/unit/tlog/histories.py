"""What anybody may hold a log against, however often it was cut off: what it said to writers, and what it showed."""

import time
from contextlib import closing
from pathlib import Path

from tests.unit.tlog import writers

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder, prove
from escruta.tlog.verification import verify_log

SIGNER = SeedSigner(writers.ORIGIN, KeyKind.ED25519, writers.SEED)
POLICY = Policy(logs=(SIGNER.key,))


class Reader:
    """Downloads the checkpoint as often as can be, and the proof of the last entry with each new one."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"
        self._faults = folder / "faults.txt"
        self.seen: dict[bytes, None] = {}

    def watch(self, seconds: float, *, or_new: bool = False) -> bool:
        """Tell whether anything new was seen; a checkpoint that is torn, or shown too early, raises."""
        until, before = time.monotonic() + seconds, len(self.seen)
        while time.monotonic() < until and not (or_new and len(self.seen) > before):
            self.look()
            time.sleep(0.002)
        return len(self.seen) > before

    def look(self) -> None:
        """Download the checkpoint once."""
        self.require_no_faults()
        if (self._log / "checkpoint").exists():
            raw = (self._log / "checkpoint").read_bytes()
            if raw not in self.seen:
                self._require_proof(checkpoint_of(parse_note(raw)).head.size)
                self.seen[raw] = None

    def require_no_faults(self) -> None:
        """Fail with what a writer said that must never happen to it."""
        assert not self._faults.exists(), self._faults.read_text()

    def _require_proof(self, size: int) -> None:
        if size:
            entry, proof = prove(LogFolder(self._log), size - 1, POLICY)
            proof.verify(entry, POLICY)


def require_one_history(folder: Path, database: str, reader: Reader) -> None:
    """Hold what stands there against everything that was ever said."""
    reader.require_no_faults()
    given: dict[str, set[int]] = {}
    noted = folder / "given.txt"
    for line in noted.read_text().splitlines() if noted.exists() else ():
        entry, index = line.split("\t")
        given.setdefault(entry, set()).add(int(index))
    with closing(writers.persist(lambda: writers.open_sequencer(folder, database))) as sequencer:
        writers.persist(lambda: writers.publish_with(folder, sequencer)).publish()
        entries = list(sequencer.entries(0, sequencer.size()))
    assert len(set(entries)) == len(entries)
    index_of = {entry.decode(): {index} for index, entry in enumerate(entries)}
    assert {entry: index_of.get(entry) for entry in given} == given
    older = [(str(at), raw) for at, raw in enumerate(reader.seen)]
    report = verify_log(LogFolder(folder / "log"), POLICY, older=older)
    assert report.is_sound, report.faults
    assert report.entries == len(entries)
    heads = {checkpoint_of(parse_note(raw)).head for raw in reader.seen}
    assert len({head.size for head in heads}) == len(heads) == len(reader.seen)
