"""A database that is an old copy, or was lost, is brought up to date from a mirror, and from nothing else."""

import shutil
from hashlib import sha256

import pytest
from tests.unit.apps.operator.conftest import ORIGIN
from tests.unit.apps.operator.test_homes import grow

from escruta.apps.operator import HomeUnusable, open_home
from escruta.apps.operator.restoring import restore_from
from escruta.apps.published import open_published
from escruta.tlog.building import build_log
from escruta.tlog.errors import LogConflict, LogInputError, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import parse_policy
from escruta.tlog.reading import LogFolder
from escruta.tlog.verification import verify_log

MANY = [b"entry %d" % number for number in range(600)]


def restore(folder, mirror):
    with open_home(folder) as home, open_published(str(mirror)) as copy:
        return restore_from(home, copy)


@pytest.fixture
def mirrored(make, copy, witnesses, tmp_path):
    """A backup after 300 entries, and a mirror of all 600; the witness has seen them all."""
    folder = make(witnesses(1))
    grow(folder, *MANY[:300])
    backup = copy(folder, "backup")
    grow(folder, *MANY[300:])
    shutil.copytree(folder / "log", tmp_path / "mirror")
    shutil.rmtree(folder)
    return backup, tmp_path / "mirror"


@pytest.mark.parametrize("lost", ["nothing more", "database", "database and folder"])
def test_a_log_goes_on_from_a_mirror(mirrored, lost):
    backup, mirror = mirrored
    if lost != "nothing more":
        for path in backup.glob("log.sqlite*"):
            path.unlink()
    if lost == "database and folder":
        shutil.rmtree(backup / "log")
    with pytest.raises((LogConflict, LogInputError)):
        grow(backup, b"too early")
    with open_home(backup) as home:
        assert home.sequencer.size() in {0, 300}
    assert restore(backup, mirror).size == 600
    published = grow(backup, b"the first after")
    assert published.is_witnessed
    assert published.standing.checkpoint.head.size == 601
    policy = parse_policy((backup / "log.policy").read_bytes())
    older = [("mirror", (mirror / "checkpoint").read_bytes())]
    report = verify_log(LogFolder(backup / "log"), policy, older=older)
    assert report.is_sound, report.faults
    assert report.entries == 601


def test_entries_that_were_taken_and_not_published_stay(mirrored):
    backup, mirror = mirrored
    with open_home(backup) as home:
        home.sequencer.append(MANY[300:])  # as the lost database took them
        home.sequencer.append([b"taken and never published"])
    restore(backup, mirror)
    with open_home(backup) as home:
        assert home.sequencer.size() == 601
    assert grow(backup).standing.checkpoint.head.size == 601


def test_a_copy_that_does_not_lead_to_the_root_is_taken_nothing_from(mirrored):
    backup, mirror = mirrored
    path = mirror / "tile" / "entries" / "001"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(LogConflict, match="do not lead to the root"):
        restore(backup, mirror)
    with open_home(backup) as home:
        assert home.sequencer.size() == 300


def test_a_copy_with_a_missing_bundle_is_taken_nothing_from(mirrored):
    backup, mirror = mirrored
    (mirror / "tile" / "entries" / "000").unlink()
    with pytest.raises(LogInputError, match="the bundle is missing"):
        restore(backup, mirror)


@pytest.mark.parametrize("folder", ["log", sha256(ORIGIN.encode()).hexdigest()])
def test_a_record_and_the_folder_of_a_mirror_are_copies_too(mirrored, tmp_path, folder):
    backup, mirror = mirrored
    (tmp_path / "place").mkdir()
    mirror.rename(tmp_path / "place" / folder)
    assert restore(backup, tmp_path / "place").size == 600


def test_a_place_without_the_log_is_told(mirrored, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(HomeUnusable, match="no copy of this log at this place"):
        restore(mirrored[0], tmp_path / "empty")


def test_a_copy_with_no_more_is_refused(mirrored):
    backup, mirror = mirrored
    restore(backup, mirror)
    with pytest.raises(HomeUnusable, match="no more than was recorded"):
        restore(backup, mirror)


def test_a_copy_of_another_history_is_refused(make, copy):
    folder = make()
    other = copy(folder, "other")
    grow(folder, b"a")
    grow(other, b"another a", b"b")
    with pytest.raises(LogConflict, match="two histories"):
        restore(folder, other / "log")


def test_a_copy_of_another_log_or_by_another_key_is_refused(make, tmp_path):
    folder = make()
    for at, origin in enumerate(("example.com/other", "example.com/2026")):
        signer = SeedSigner(origin, KeyKind.ED25519, b"o" * 32)
        build_log(tmp_path / str(at), [b"a"], origin=origin, signers=[signer], time_s=1)
    with pytest.raises(HomeUnusable, match="another log"):
        restore(folder, tmp_path / "0")
    with pytest.raises(SignatureRefused):
        restore(folder, tmp_path / "1")


def test_a_lost_database_is_noticed_by_the_checkpoints_that_were_kept(make):
    folder = make()
    grow(folder, b"a")
    for path in folder.glob("log.sqlite*"):
        path.unlink()
    shutil.rmtree(folder / "log")
    with pytest.raises(LogConflict, match="checkpoints has seen 1 entries, and we have recorded 0"):
        grow(folder, b"another a")
