import os
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog import files, forcing
from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import EntryRefused, LogConflict, SignatureRefused
from escruta.tlog.files import STAGING, Disk
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.reading import LogFolder
from escruta.tlog.tiles import tiles_of
from escruta.tlog.trees import root_of


def build(folder, entries, signers, **further):
    return build_log(folder, entries, origin="example.com/log", signers=signers, time_s=1_790_000_000, **further)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 65_537])
def test_a_log_has_its_files_and_no_other(size, tmp_path, log_signers):
    entries = [b"%d" % number for number in range(size)]
    note = build(tmp_path / "log", iter(entries), log_signers, files=QuickDisk())
    assert set(LogFolder(tmp_path / "log").paths()) == {"checkpoint", *(tile.path for tile in tiles_of(size))}
    assert (tmp_path / "log" / "checkpoint").read_bytes() == bytes(note)
    assert checkpoint_of(note).head.root == root_of([leaf_hash(entry) for entry in entries])
    assert not list((tmp_path / "log" / STAGING).iterdir())


def test_threads_change_nothing(tmp_path, log_signers):
    entries = [b"%d" % number for number in range(3000)]
    build(tmp_path / "one", entries, log_signers, threads=0)
    build(tmp_path / "many", entries, log_signers, threads=5)
    for path in LogFolder(tmp_path / "one").paths():
        if path != "checkpoint":
            assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "many" / path).read_bytes()


def test_a_log_is_not_built_over_another(tmp_path, log_signers):
    build(tmp_path / "log", [b"a"], log_signers)
    with pytest.raises(LogConflict, match="holds a log already"):
        build(tmp_path / "log", [b"b"], log_signers)


def test_other_bytes_in_the_place_of_a_tile_stop_the_work_before_anything_is_signed(tmp_path, log_signers):
    build(tmp_path / "log", [b"a"] * 300, log_signers)
    (tmp_path / "log" / "checkpoint").unlink()
    with pytest.raises(LogConflict, match="holds other bytes"):
        build(tmp_path / "log", [b"b"] * 300, log_signers)
    assert not (tmp_path / "log" / "checkpoint").exists()


def test_work_that_was_cut_off_is_taken_up(tmp_path, log_signers):
    build(tmp_path / "log", [b"a"] * 300, log_signers)
    (tmp_path / "log" / "checkpoint").unlink()
    build(tmp_path / "log", [b"a"] * 700, log_signers)
    assert (tmp_path / "log" / "tile" / "entries" / "001.p" / "44").exists()  # of the first size; true still


def test_a_log_signs_with_no_key_of_another(tmp_path, log_signers, witness_signers):
    with pytest.raises(SignatureRefused, match="its own keys"):
        build(tmp_path / "log", [], (*log_signers, witness_signers[0]))
    with pytest.raises(SignatureRefused, match="its own keys"):
        build(tmp_path / "log", [], ())


def test_an_entry_that_is_too_long_is_refused(tmp_path, log_signers):
    with pytest.raises(EntryRefused):
        build(tmp_path / "log", [b"x" * 65_536], log_signers)


def test_a_stream_of_entries_is_never_held_whole(tmp_path, log_signers):
    tracemalloc.start()
    try:
        build(tmp_path / "log", (b"%0332d" % number for number in range(20_000)), log_signers, files=QuickDisk())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


class Forcing:
    """Notes which files the system is asked to force to the disk, and when, by the paths that they have then."""

    def __init__(self, monkeypatch):
        if not Path("/proc/self/fd").exists():
            pytest.skip("this system does not tell which file a descriptor is")
        self.synced: list[str] = []
        self.staged: list[set[str]] = []
        monkeypatch.setattr(os, "fsync", self.noting(os.fsync))
        monkeypatch.setattr(forcing, "force_file_system", self.noting(forcing.force_file_system))

    def noting(self, real):
        def force(descriptor, *folder):
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            self.synced.append(str(path))
            if folder:
                self.staged.append({each.name for each in (path / STAGING).iterdir()})
                assert not [each for each in (path / "tile").rglob("*") if each.is_file()]
            real(descriptor, *folder)

        return force

    def require_folders_and_checkpoint(self, folder):
        folders = {str(path) for path in folder.rglob("*") if path.is_dir()}
        assert {str(folder.parent), str(folder), *folders} <= set(self.synced)
        assert self.synced[-1] == str(folder)
        assert self.synced[-2].endswith("checkpoint")


def test_the_disk_is_asked_to_keep_every_file_and_every_folder(tmp_path, log_signers, monkeypatch):
    monkeypatch.setattr(files, "is_forced_as_a_whole", lambda _: False)
    forced = Forcing(monkeypatch)
    build(tmp_path / "log", [b"a"] * 300, log_signers, threads=0, files=Disk())
    forced.require_folders_and_checkpoint(tmp_path / "log")
    written = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert sum(STAGING in path for path in forced.synced if not path.endswith(STAGING)) == len(written)


@pytest.mark.parametrize("threads", [0, 3])
def test_many_files_are_forced_together_before_any_has_its_name(tmp_path, log_signers, monkeypatch, threads):
    if not forcing.is_forced_as_a_whole(tmp_path):
        pytest.skip("this file system is not forced as a whole")
    forced = Forcing(monkeypatch)
    build(tmp_path / "log", [b"a"] * 300, log_signers, threads=threads)
    assert forced.staged == [{tile.path.replace("/", "-") for tile in tiles_of(300)}]
    forced.require_folders_and_checkpoint(tmp_path / "log")


@pytest.mark.parametrize(
    ("release", "mounts", "is_trusted"),
    [
        ("5.8.0-1-amd64", "ext4", True),
        ("6.1.0", "xfs", True),
        ("5.7.19", "ext4", False),  # does not tell what it could not write
        ("6.1.0", "fuse.sshfs", False),
        ("6.1.0", "overlay", False),
        ("unknown", "ext4", False),
    ],
)
def test_only_a_file_system_that_tells_of_errors_is_forced_as_a_whole(
    tmp_path, monkeypatch, release, mounts, is_trusted
):
    if sys.platform != "linux":
        pytest.skip("other systems have no syncfs")
    device = tmp_path.stat().st_dev
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(f"1 2 {os.major(device)}:{os.minor(device)} / / rw shared:1 - {mounts} /dev/x rw\n")
    monkeypatch.setattr(forcing, "_MOUNTS", mountinfo)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release))
    assert forcing.is_forced_as_a_whole(tmp_path) is is_trusted
    mountinfo.unlink()
    assert not forcing.is_forced_as_a_whole(tmp_path)


def test_a_file_system_that_cannot_be_forced_says_so(tmp_path):
    with pytest.raises(OSError, match="Bad file descriptor"):
        forcing.force_file_system(-1, tmp_path)
