"""A disk that is full or broken at any step: the log stops with the reason, and goes on after a restart."""

import errno

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.files import Disk
from escruta.tlog.logs import Log
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.verification import verify_log


class Failing(QuickDisk):
    """Fails at the n-th call of one operation, before or after it has done its work."""

    def __init__(self, operation: str, number: int, code: int, *, is_done: bool) -> None:
        self.operation, self.left, self.code, self.is_done = operation, number, code, is_done
        self.has_failed = False

    def _do(self, operation, work, path, half=None):
        fails = operation == self.operation and self.left == 0
        self.left -= operation == self.operation
        if not fails or self.is_done:
            work()
        elif half is not None:
            half()
        if fails:
            self.has_failed = True
            raise OSError(self.code, "as if the disk had failed", str(path))

    def write(self, path, raw):
        whole = super().write
        self._do("write", lambda: whole(path, raw), path, half=lambda: whole(path, raw[: len(raw) // 2]))

    def rename(self, old, new):
        self._do("rename", lambda: super(Failing, self).rename(old, new), new)

    def make_folder(self, path):
        self._do("make_folder", lambda: super(Failing, self).make_folder(path), path)

    def sync_folder(self, path):
        self._do("sync_folder", lambda: super(Failing, self).sync_folder(path), path)


@pytest.mark.parametrize("threads", [0, 4])
@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("operation", ["write", "rename", "make_folder", "sync_folder"])
def test_a_disk_that_fails_at_each_step_in_turn(operation, is_done, threads, tmp_path, log_signers):
    signers = log_signers[:1]
    policy = Policy(logs=(signers[0].key,))
    shown: list[tuple[str, bytes]] = []
    number = taken = 0
    folder = tmp_path / "log"

    def publish(files: Disk) -> None:
        sequencer = SqliteSequencer(tmp_path / "log.sqlite", "example.com/log")
        try:
            Log(folder, sequencer, signers, lambda: 1, files=files, threads=threads).publish()
        finally:
            sequencer.close()
            seen = Disk().read(folder / "checkpoint")
            shown.append((str(number), seen or shown[-1][1]))

    def append(count: int) -> None:
        sequencer = SqliteSequencer(tmp_path / "log.sqlite", "example.com/log")
        sequencer.append([b"%d" % each for each in range(taken, taken + count)])
        sequencer.close()

    publish(QuickDisk())
    while True:
        append(70)
        taken += 70
        files = Failing(operation, number, errno.ENOSPC if number % 2 else errno.EIO, is_done=is_done)
        if _publishes(publish, files):
            break
        report = verify_log(LogFolder(folder), policy, older=shown)
        assert report.is_sound, report.faults
        publish(QuickDisk())
        assert checkpoint_of(parse_note(shown[-1][1])).head.size == taken
        number += 1
    assert number >= 4
    report = verify_log(LogFolder(folder), policy, older=shown)
    assert report.is_sound, report.faults
    assert report.entries == taken


def _publishes(publish, files: Failing) -> bool:
    """Tell whether publishing came through; if not, it must be the fault that we made, with its file."""
    try:
        publish(files)
    except OSError as error:
        assert error.filename is not None  # noqa: PT017 - the test goes on after the fault
        return False
    assert not files.has_failed
    return True
