"""The file system, without waiting for the disk: for tests that are about something else."""

from pathlib import Path

from escruta.tlog.files import Disk


class QuickDisk(Disk):
    """Forces nothing down."""

    def write(self, path: Path, raw: bytes) -> None:
        path.write_bytes(raw)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""
