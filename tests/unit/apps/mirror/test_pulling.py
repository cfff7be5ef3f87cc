import shutil
from dataclasses import replace

import pytest
from tests.unit.apps.mirror.conftest import (
    HASHED,
    LOG_SIGNERS,
    MIRROR,
    MIRROR_2,
    ORIGIN,
    POLICY,
    POLICY_TEXT,
    WITNESS,
    entry,
)
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.mirror import HistoryRefused, Mirror, MirrorUnusable, SourceDamaged
from escruta.apps.published import open_published
from escruta.base.errors import InputError
from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.errors import NoteMalformed, SignatureRefused, TileMalformed
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import SignatureLine, parse_note
from escruta.tlog.reading import LogFolder, read_checkpoint
from escruta.tlog.signing import sign_checkpoint, sign_text, verify_note
from escruta.tlog.verification import verify_log


def served(mirror):
    return mirror.folder / HASHED


def sizes_of(folder):
    return checkpoint_of(read_checkpoint(LogFolder(folder))).head.size


@pytest.mark.parametrize(
    "steps", [(0,), (1,), (255,), (256,), (257,), (0, 1, 2), (3, 700), (256, 512), (255, 256, 257), (70_000, 70_001)]
)
def test_a_mirror_holds_the_log_cosigns_it_and_goes_on_from_there(grow, mirror, pull, steps):
    before = 0
    for size in steps:
        pulled = pull(grow(size))
        assert (pulled.head.size, pulled.new_entries, pulled.is_changed) == (size, size - before, True)
        report = verify_log(LogFolder(served(mirror)), POLICY)
        assert report.is_sound
        assert report.entries == size
        assert report.standing.cosigned == {"mirror": 1_000_000}
        signed = verify_note(read_checkpoint(LogFolder(served(mirror))), [MIRROR.key, MIRROR_2.key])
        assert [each.key for each in signed] == [MIRROR.key, MIRROR_2.key]
        before = size


def test_every_file_of_the_log_is_in_the_mirror_byte_for_byte(grow, mirror, pull):
    source = grow(70_000)
    pull(source)
    for path in LogFolder(source).paths():
        if path != "checkpoint":
            assert (served(mirror) / path).read_bytes() == (source / path).read_bytes(), path


def test_a_second_pull_of_the_same_changes_nothing_until_the_cosignature_is_old(grow, pull, clock):
    source = grow(300)
    first = pull(source)
    clock.now_s += 599
    again = pull(source)
    assert (again.new_entries, again.is_changed, again.note) == (0, False, first.note)
    clock.now_s += 1
    refreshed = pull(source)
    assert refreshed.is_changed
    assert {each.time_s for each in verify_note(refreshed.note, [MIRROR.key, MIRROR_2.key])} == {1_000_600}


class Counting:
    """Resources that remember what was read."""

    def __init__(self, place):
        self._place = place
        self.read_paths = []

    def __getattr__(self, name):
        return getattr(self._place, name)

    def read(self, path, **more):
        self.read_paths.append(path)
        return self._place.read(path, **more)


def test_only_what_is_new_is_read(grow, mirror):
    for size, expected in ((1000, 4), (1001, 1), (1300, 3), (1300, 0)):
        with open_published(str(grow(size))) as place:
            counting = Counting(place)
            mirror.pull(counting)
        bundles = [path for path in counting.read_paths if "entries" in path]
        assert len(bundles) == expected
        assert not [path for path in counting.read_paths if path.startswith("tile/0/00") and ".p/" not in path][1:]


def test_cosignatures_of_the_log_s_witnesses_are_passed_on_and_those_of_strangers_are_not(grow, mirror, pull):
    source = grow(10)
    assert pull(source).standing.cosigned == {}
    pulled = pull(grow(10, witnessed=True))
    assert pulled.is_changed
    assert pulled.new_entries == 0
    report = verify_log(LogFolder(served(mirror)), POLICY)
    assert set(report.standing.cosigned) == {"party", "mirror"}
    note = parse_note((source / "checkpoint").read_bytes())
    false = SignatureLine(name="stranger.example/w", key_id=b"1234", signature=b"x" * 72)
    in_our_name = SignatureLine(name=MIRROR.key.name, key_id=MIRROR.key.key_id, signature=b"\0" * 7 + b"\1" * 65)
    (source / "checkpoint").write_bytes(bytes(note.signed_also(false, in_our_name)))
    assert pull(source).note == pulled.note
    shutil.rmtree(mirror.folder)
    names = [line.name for line in pull(source).note.signatures]
    assert names == [ORIGIN, ORIGIN, WITNESS.key.name, MIRROR.key.name, MIRROR.key.name]


def test_an_older_cosignature_does_not_take_the_place_of_a_newer_one(grow, pull):
    source = grow(10)
    note = parse_note((source / "checkpoint").read_bytes())
    for time_s, newest_s in ((50, 50), (40, 50), (60, 60)):
        (source / "checkpoint").write_bytes(bytes(note.signed_also(sign_text(note.text, WITNESS, time_s=time_s))))
        assert [each.time_s for each in verify_note(pull(source).note, [WITNESS.key])] == [newest_s]


def test_a_false_cosignature_of_our_own_is_replaced(grow, mirror, pull):
    first = pull(grow(10))
    own = next(line for line in first.note.signatures if line.key_id == MIRROR.key.key_id)
    false = replace(own, signature=own.signature[:-1] + bytes([own.signature[-1] ^ 1]))
    note = replace(first.note, signatures=tuple(false if line == own else line for line in first.note.signatures))
    (served(mirror) / "checkpoint").write_bytes(bytes(note))
    assert pull(grow(10)).is_changed
    assert len(verify_note(read_checkpoint(LogFolder(served(mirror))), [MIRROR.key, MIRROR_2.key])) == 2


def test_a_mirror_without_a_key_holds_and_serves_and_leaves_earlier_cosignatures(grow, mirror, pull, clock):
    source = grow(10)
    first = pull(source)
    without = Mirror(mirror.folder, (), clock, policy=POLICY_TEXT, files=QuickDisk())
    assert pull(source, without).note == first.note
    assert len(pull(grow(11), without).note.signatures) == 2


# whose log it is


def test_the_log_of_a_record_is_found_and_its_policy_is_kept_from_then_on(grow, tmp_path, clock):
    record = tmp_path / "record"
    shutil.copytree(grow(5), record / "log")
    (record / "log.policy").write_bytes(POLICY_TEXT)
    mirror = Mirror(tmp_path / "mirror", [], clock, files=QuickDisk())
    with open_published(str(record)) as place:
        pulled = mirror.pull(place)
        assert pulled.trust.is_taken_from_place
        assert pulled.head.size == 5
        (record / "log.policy").write_bytes(b"quorum none\n")
        assert not mirror.pull(place).trust.is_taken_from_place
    assert (mirror.folder / ".state" / HASHED / "policy").read_bytes() == POLICY_TEXT


def test_a_place_that_changes_its_keys_is_not_followed(tmp_path, clock):
    mirror = Mirror(tmp_path / "mirror", [], clock, files=QuickDisk())
    other = [SeedSigner(ORIGIN, KeyKind.ED25519, b"9" * 32)]
    for name, signers, size in (("one", LOG_SIGNERS, 5), ("two", other, 6)):
        folder = tmp_path / name
        build_log(folder, map(entry, range(size)), origin=ORIGIN, signers=signers, time_s=1, files=QuickDisk())
        policy = "".join(f"log {each.key}\n" for each in signers) + "quorum none\n"
        (folder / "log.policy").write_text(policy)
    with open_published(str(tmp_path / "one")) as place:
        mirror.pull(place)
    with open_published(str(tmp_path / "two")) as place, pytest.raises(SignatureRefused):
        mirror.pull(place)
    assert sizes_of(served(mirror)) == 5


def test_without_any_policy_or_log_nothing_is_written(grow, tmp_path, clock):
    mirror = Mirror(tmp_path / "mirror", [], clock, files=QuickDisk())
    with open_published(str(grow(5))) as place, pytest.raises(MirrorUnusable, match="whose signature"):
        mirror.pull(place)
    (tmp_path / "empty").mkdir()
    with open_published(str(tmp_path / "empty")) as place, pytest.raises(NoteMalformed, match="no log at this place"):
        mirror.pull(place)
    assert not served(mirror).joinpath("checkpoint").exists()


@pytest.mark.parametrize(
    ("signer", "what"),
    [
        (SeedSigner("press.example/mirror", KeyKind.ED25519, b"4" * 32), "signs notes"),
        (SeedSigner(ORIGIN, KeyKind.MLDSA44_COSIGNATURE, b"6" * 32), "a name of its own"),
        (SeedSigner(WITNESS.key.name, KeyKind.ED25519_COSIGNATURE, b"6" * 32), "a name of its own"),
    ],
)
def test_a_mirror_s_key_is_of_its_own(grow, tmp_path, clock, pull, signer, what):
    mirror = Mirror(tmp_path / "mirror", [signer], clock, policy=POLICY_TEXT, files=QuickDisk())
    with pytest.raises(MirrorUnusable, match=what):
        pull(grow(5), mirror)


# what is not accepted


def held(mirror):
    return {path: (served(mirror) / path).read_bytes() for path in LogFolder(served(mirror)).paths()}


def evidence(refused):
    return sorted(checkpoint_of(parse_note(path.read_bytes())).head.size for path in refused.evidence_in.iterdir())


@pytest.mark.parametrize("new", [299, 300, 301, 600])
@pytest.mark.parametrize("other_from", [0, 255, 298])
def test_a_fork_is_refused_and_both_notes_are_kept(grow, mirror, pull, new, other_from):
    pull(grow(300))
    before = held(mirror)
    for _ in range(2):
        with pytest.raises(HistoryRefused, match="contradict each other") as told:
            pull(grow(new, name="other", other_from=other_from))
        assert told.value.is_fork
        assert evidence(told.value) == sorted([300, new])
        assert held(mirror) == before
        for path in told.value.evidence_in.iterdir():
            verify_note(parse_note(path.read_bytes()), POLICY.logs)


def test_two_roots_of_one_size_are_a_fork_whatever_the_tiles_are(grow, pull):
    pull(grow(300))
    other = grow(300, name="other", other_from=7)
    shutil.rmtree(other / "tile")
    with pytest.raises(HistoryRefused) as told:
        pull(other)
    assert told.value.is_fork


@pytest.mark.parametrize("new", [0, 1, 255, 256, 299])
def test_a_log_that_goes_back_is_refused_and_both_notes_are_kept(grow, mirror, pull, new):
    pull(grow(300))
    before = held(mirror)
    with pytest.raises(HistoryRefused, match="less than it has shown before") as told:
        pull(grow(new))
    assert not told.value.is_fork
    assert evidence(told.value) == [new, 300]
    assert held(mirror) == before
    assert pull(grow(301)).new_entries == 1, "what was refused stops nothing"


def test_evidence_fills_no_disk(grow, mirror, pull):
    pull(grow(300))
    for size in range(120):
        with pytest.raises(HistoryRefused):
            pull(grow(size))
    assert len(list((mirror.folder / "evidence" / HASHED).iterdir())) <= 100


def flip(path, at=-1):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("size", "path", "change"),
    [
        (3_000, "tile/entries/000", "flip"),
        (3_000, "tile/entries/005", "remove"),
        (3_000, "tile/entries/010", "swap"),
        (3_000, "tile/entries/011.p/184", "cut"),
        (3_000, "tile/entries/011.p/184", "flip"),
        (3_000, "tile/0/011.p/184", "flip"),
        (70_000, "tile/entries/200", "swap"),
        (70_000, "tile/1/000", "flip"),
        (70_000, "tile/1/000", "swap"),
        (70_000, "tile/1/001.p/17", "cut"),
        (70_000, "tile/2/000.p/1", "flip"),
        (70_000, "tile/2/000.p/1", "remove"),
    ],
)
def test_a_damaged_source_is_refused_with_the_file_s_name_and_nothing_false_is_written(
    grow, mirror, pull, size, path, change
):
    source = grow(size)
    good = {name: (source / name).read_bytes() for name in LogFolder(source).paths()}
    target = source / path
    if change == "flip":
        flip(target)
    elif change == "remove":
        target.unlink()
    elif change == "cut":
        target.write_bytes(target.read_bytes()[:-1])
    else:
        target.write_bytes((source / "tile/entries/001").read_bytes())
    with pytest.raises(InputError) as told:
        pull(source)
    assert isinstance(told.value, SourceDamaged | TileMalformed)
    assert told.value.where in {f"{source}/{path}", f"{source}/checkpoint"}
    written = held(mirror)
    assert "checkpoint" not in written
    assert all(good[name] == raw for name, raw in written.items())
    target.write_bytes(good[path])
    assert pull(source).new_entries == size
    mended = held(mirror)
    assert "checkpoint" in mended
    assert {name: raw for name, raw in mended.items() if name != "checkpoint"} == {
        name: raw for name, raw in good.items() if name != "checkpoint"
    }


def test_tiles_of_leaves_below_full_bundles_are_made_and_never_believed(grow, mirror, pull):
    """CVE-2026-56865: a forged leaf in tile/0/000 of a log of 70,000."""
    source = grow(70_000)
    good = (source / "tile/0/000").read_bytes()
    flip(source / "tile/0/000", 5)
    pull(source)
    assert (served(mirror) / "tile/0/000").read_bytes() == good


def test_a_checkpoint_that_its_log_did_not_sign_is_refused(grow, mirror, pull):
    source = grow(10)
    stranger = SeedSigner(ORIGIN, KeyKind.ED25519, b"9" * 32)
    head = checkpoint_of(read_checkpoint(LogFolder(source))).head
    (source / "checkpoint").write_bytes(
        bytes(sign_checkpoint(Checkpoint(origin=ORIGIN, head=head), [stranger], time_s=1))
    )
    with pytest.raises(SignatureRefused):
        pull(source)
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, head=head), LOG_SIGNERS, time_s=1)
    false = sign_text(note.text, WITNESS, time_s=1)
    false = SignatureLine(name=false.name, key_id=false.key_id, signature=false.signature[:-1] + b"x")
    (source / "checkpoint").write_bytes(bytes(note.signed_also(false)))
    with pytest.raises(SignatureRefused):
        pull(source)
    assert not served(mirror).joinpath("checkpoint").exists()


def test_a_history_that_was_begun_and_not_finished_is_the_only_one_accepted(grow, mirror, pull):
    pull(grow(300))

    def stop(*_):
        raise KeyboardInterrupt

    with open_published(str(grow(1000))) as place, pytest.raises(KeyboardInterrupt):
        mirror.pull(place, stop)
    with pytest.raises(HistoryRefused) as told:
        pull(grow(1000, name="other", other_from=400))
    assert told.value.is_fork
    assert evidence(told.value) == [1000, 1000]
    with pytest.raises(HistoryRefused) as told:
        pull(grow(400))
    assert not told.value.is_fork
    assert sizes_of(served(mirror)) == 300
    assert pull(grow(1000)).new_entries == 700


# our own folder


@pytest.mark.parametrize("path", ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint"])
@pytest.mark.parametrize("change", ["flip", "remove", "empty"])
def test_a_mirror_that_is_damaged_says_so_and_cosigns_nothing(grow, mirror, pull, path, change):
    pull(grow(300))
    target = served(mirror) / path
    if change == "flip":
        flip(target)
    elif change == "remove":
        target.unlink()
    else:
        target.write_bytes(b"")
    before = target.read_bytes() if target.exists() else None
    if path == "checkpoint" and before is None:
        assert pull(grow(700)).new_entries == 700, "without its checkpoint a mirror begins again, from what it has"
        return
    with pytest.raises(MirrorUnusable, match="folder is damaged"):
        pull(grow(700))


def test_a_mirror_of_another_log_s_checkpoint_is_damaged(grow, mirror, pull):
    pull(grow(300))
    text = (served(mirror) / "checkpoint").read_text().replace(ORIGIN, "example.com/else", 1)
    (served(mirror) / "checkpoint").write_text(text)
    with pytest.raises(MirrorUnusable, match="folder is damaged"):
        pull(grow(301))
