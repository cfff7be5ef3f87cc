"""A log that nobody vouches for: signed with a key that anybody can derive from its name.

It shows that a folder is whole: no entry can be changed, left out or moved without the root changing. It does not show
who made it, since anybody can make another one. Its name says so: it begins with `unsigned.invalid/`, a name that no
machine can have (RFC 2606, section 2). Whoever makes it again from the same entries gets the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from escruta.tlog.building import CHECKPOINT, Integrator
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.files import STAGING, DurableWriter, UnforcedDisk
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note
from escruta.tlog.signing import sign_checkpoint

NOBODY = "unsigned.invalid/"
"""How the origin of a log begins that nobody vouches for."""


def sealing_signer(origin: str) -> SeedSigner:
    """Give the key that anybody can derive.

    >>> sealing_signer("unsigned.invalid/x").key.key_id.hex()
    '90670c68'
    """
    if not is_sealed(origin):
        raise ValueError(f"{origin!r} does not begin with {NOBODY}")
    seed = sha256(b"escruta: anybody can derive this key\n" + origin.encode()).digest()
    return SeedSigner(origin, KeyKind.ED25519, seed)


def is_sealed(origin: str) -> bool:
    """Tell whether nobody vouches for a log of this name."""
    return origin.startswith(NOBODY)


class SealedLog:
    """A log of one process, held by its folder alone. The same entry twice has the same index.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = SealedLog(Path(folder) / "log", "unsigned.invalid/x")
    ...     log.append([b"a", b"b", b"a"])
    ...     print(log.publish().text.splitlines()[1])
    2
    """

    def __init__(self, folder: Path, origin: str) -> None:
        """Begin a log in a folder that has none."""
        self.signer = sealing_signer(origin)
        self.origin = origin
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._disk = UnforcedDisk()
        self._writer: DurableWriter = DurableWriter(folder, self._disk)
        self._integrator = Integrator(self._writer)
        self._known: set[bytes] = set()

    def append(self, entries: Iterable[bytes]) -> None:
        """Take entries; those that are there already stay where they are."""
        self._disk.make_folder(self._folder / STAGING)
        self._integrator.add(self._new(entries))

    def _new(self, entries: Iterable[bytes]) -> Iterable[bytes]:
        for entry in entries:
            digest = sha256(entry).digest()
            if digest not in self._known:
                self._known.add(digest)
                yield entry

    def publish(self) -> Note:
        """Write what is left to write, sign and show the head."""
        self._disk.make_folder(self._folder / STAGING)
        self._integrator.write_edge()
        self._writer.finish()
        checkpoint = Checkpoint(origin=self.origin, head=self._integrator.edge.head())
        note = sign_checkpoint(checkpoint, [self.signer], time_s=0)
        self._writer.replace(CHECKPOINT, bytes(note))
        (self._folder / STAGING).rmdir()
        return note
