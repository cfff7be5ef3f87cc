"""Evidence that a log's key signed two histories, or that others say so: kept for ever, and never written over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from escruta.apps.witness.asking import Asked
from escruta.tlog.files import Disk, DurableWriter
from escruta.tlog.notes import Note
from escruta.tlog.sightings import Sighting

OURS, THEIRS, FOUND = "ours", "theirs", "found.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that was kept."""

    folder: str
    """Inside the folder of evidence."""
    place: str
    """Who showed or said it."""
    when: str
    """In UTC."""
    words: str
    is_signed: bool
    """Whether the other side bears this log's signature; otherwise somebody only said so."""


class EvidenceFolder:
    """The folder of evidence of a log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep_sighting(self, sighting: Sighting, ours: Note | None, time_s: int) -> None:
        """Keep a checkpoint that contradicts ours, or is ahead of it, with our own beside it."""
        head = sighting.head
        if head is not None:
            name = f"{head.size}-{head.root.hex()[:16]}"
            files = {THEIRS: bytes(sighting.note)} | ({} if ours is None else {OURS: bytes(ours)})
            self._keep(name, files, place=sighting.place, words=sighting.words, time_s=time_s, is_signed=True)

    def keep_said(self, asked: Asked, ours: Note, time_s: int) -> None:
        """Keep that a log witness said so, once for each way of saying it: no signature of ours is shown for it."""
        name = f"said-{sha256(asked.url.encode()).hexdigest()[:8]}-{asked.outcome}"
        place = ", ".join(asked.names)
        self._keep(name, {OURS: bytes(ours)}, place=place, words=asked.words, time_s=time_s, is_signed=False)

    def kept(self) -> tuple[Evidence, ...]:
        """Give what was kept, oldest first."""
        found = []
        for path in sorted(self.folder.glob(f"*/{FOUND}")):
            said = json.loads(path.read_bytes())
            found.append(Evidence(folder=path.parent.name, **said))
        return tuple(sorted(found, key=lambda each: (each.when, each.folder)))

    def _keep(
        self, name: str, files: dict[str, bytes], *, place: str, words: str, time_s: int, is_signed: bool
    ) -> None:
        if Disk().read(self.folder / name / FOUND) is not None:
            return
        when = f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
        found = {"place": place, "when": when, "words": words, "is_signed": is_signed}
        disk = Disk()
        writer = DurableWriter(self.folder, disk)
        disk.make_folder(self.folder / name)
        writer.finish()
        for file, raw in files.items():
            writer.replace(f"{name}/{file}", raw)
        writer.replace(f"{name}/{FOUND}", json.dumps(found, indent=1, ensure_ascii=False).encode() + b"\n")
