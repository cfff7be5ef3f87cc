import os
import tracemalloc
from pathlib import Path

import pytest
from tests.unit.tlog.quick_disk import QuickDisk

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


def test_the_disk_is_asked_to_keep_every_file_and_every_folder(tmp_path, log_signers, monkeypatch):
    synced = []
    real = os.fsync

    def fsync(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not tell which file a descriptor is")
    monkeypatch.setattr(os, "fsync", fsync)
    build(tmp_path / "log", [b"a"] * 300, log_signers, threads=0, files=Disk())
    folders = {str(path) for path in (tmp_path / "log").rglob("*") if path.is_dir()}
    assert {str(tmp_path), str(tmp_path / "log"), *folders} <= set(synced)
    files = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert sum(STAGING in path for path in synced if not path.endswith(STAGING)) == len(files)
    assert synced[-1] == str(tmp_path / "log")
    assert synced[-2].endswith("checkpoint")
