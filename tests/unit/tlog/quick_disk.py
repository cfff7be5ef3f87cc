"""The file system, without waiting for the disk: for tests that are about something else."""

from pathlib import Path

from escruta.tlog.files import Disk, EachForced


class QuickDisk(Disk):
    """Forces nothing down."""

    def write(self, path: Path, raw: bytes) -> None:
        path.write_bytes(raw)

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""

    def open_batch(self, folder: Path) -> EachForced:  # noqa: ARG002 - as every file system is asked
        return EachForced(self)
