import gzip
import itertools
import shutil

import httpx
import obstore
import pytest
from tests.unit.apps.mirror.buckets import make_bucket, object_store
from tests.unit.apps.mirror.conftest import HASHED, LOG_SIGNERS, ORIGIN, POLICY, POLICY_TEXT, WITNESS
from tests.unit.apps.serving import get
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.mirror import HistoryRefused, Mirror
from escruta.apps.mirror.buckets import LogBucket
from escruta.apps.mirror.errors import BucketDiffers, MirrorUnusable
from escruta.apps.mirror.holdings import Holding
from escruta.apps.mirror.uploading import upload
from escruta.apps.published import FileRefused, PlaceUnusable, open_published
from escruta.apps.published.buckets import PublishedBucket
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.reading import LogFolder
from escruta.tlog.signing import sign_checkpoint, sign_text
from escruta.tlog.verification import verify_log

NAMES = (f"bucket-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def endpoint():
    with object_store() as url:
        yield url


@pytest.fixture
def store(endpoint, monkeypatch):
    """A new bucket: the name to upload to, and the URL where anybody reads it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    name = next(NAMES)
    return f"s3://{name}/logs", f"{make_bucket(endpoint, name)}/logs/{HASHED}"


def holding_of(mirror):
    return Holding(mirror.folder, ORIGIN, QuickDisk())


def bucket_of(store, *, packs=False):
    return LogBucket(PublishedBucket(store[0], is_for_writing=True), HASHED, packs=packs)


@pytest.fixture
def send(mirror, store):
    return lambda *, packs=False, of=mirror: upload(holding_of(of), bucket_of(store, packs=packs))


def overwrite(store, path, raw, **attributes):
    """Do what only somebody with the credentials can."""
    obstore.put(PublishedBucket(store[0], is_for_writing=True).store, path, raw, attributes=attributes)


def remote(store):
    return checkpoint_of(parse_note(get(f"{store[1]}/checkpoint").content)).head.size


@pytest.mark.parametrize("packs", [False, True])
def test_a_bucket_holds_what_the_mirror_serves_and_anybody_can_verify_it(grow, mirror, pull, store, send, packs):
    pull(grow(700))
    uploaded = send(packs=packs)
    files = [path for path in LogFolder(mirror.folder / HASHED).paths() if path != "checkpoint"]
    assert (uploaded.new_files, uploaded.same_files, uploaded.is_ahead) == (len(files), 0, False)
    for place in (store[1], f"{store[0]}/{HASHED}"):
        with open_published(place) as published:
            report = verify_log(published, POLICY)
            assert report.is_sound
            assert report.entries == 700
    with open_published(f"{store[0]}/{HASHED}") as published:
        assert sorted(published.paths() or ()) == sorted([*files, "checkpoint"])
        assert published.read("none") is None


def test_objects_say_how_long_they_may_be_kept_and_how_they_are_packed(grow, pull, store, send):
    pull(grow(300))
    send(packs=True)
    kinds = {}
    for path in ("checkpoint", "tile/entries/000", "tile/0/000"):
        with httpx.stream("GET", f"{store[1]}/{path}") as answer:
            headers = answer.headers
            kinds[path] = (headers["content-type"], headers["cache-control"], headers.get("content-encoding"))
            raw = b"".join(answer.iter_raw())
        assert path != "tile/entries/000" or gzip.decompress(raw).startswith(b"\0\7entry 0")
    for_ever = "public, max-age=31536000, immutable"
    assert kinds == {
        "checkpoint": ("text/plain; charset=utf-8", "public, max-age=2", None),
        "tile/entries/000": ("application/octet-stream", for_ever, "gzip"),
        "tile/0/000": ("application/octet-stream", for_ever, None),
    }


def test_a_second_upload_brings_nothing_and_a_later_one_only_what_is_new(grow, mirror, pull, store, send):
    pull(grow(300))
    first = send()
    again = send()
    assert (again.new_files, again.same_files) == (0, first.new_files)
    pull(grow(301))
    assert (send().new_files, remote(store)) == (2, 301)
    shutil.rmtree(mirror.folder)
    pull(grow(301))
    anew = send()
    assert anew.new_files == 0, "another copy of the mirror sees what is there"


def test_another_way_of_packing_the_same_bytes_is_no_difference(grow, pull, send):
    pull(grow(300))
    files = send(packs=True).new_files
    assert (send(packs=False).same_files, send(packs=False).new_files) == (files, 0)


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/000", "tile/1/000.p/1", "tile/0/001.p/44"])
@pytest.mark.parametrize("may_list", [True, False])
def test_a_tampered_object_is_noticed_and_not_replaced(grow, pull, store, send, path, may_list, monkeypatch):
    pull(grow(300))
    send()
    raw = bytearray(get(f"{store[1]}/{path}").content)
    raw[7] ^= 1
    overwrite(store, f"{HASHED}/{path}", bytes(raw))
    if not may_list:

        def refuse(*_):
            raise PlaceUnusable("no")

        monkeypatch.setattr(LogBucket, "listed", refuse)
    with pytest.raises(BucketDiffers, match="other bytes") as told:
        send()
    assert told.value.where == f"{store[0]}/{HASHED}/{path}"
    assert get(f"{store[1]}/{path}").content == bytes(raw)


def test_an_upload_that_was_interrupted_goes_on(grow, pull, store, send, monkeypatch):
    pull(grow(3000))
    puts = []
    put = LogBucket.put

    def stopping(self, path, raw):
        puts.append(path)
        if len(puts) == 15:
            raise KeyboardInterrupt
        return put(self, path, raw)

    monkeypatch.setattr(LogBucket, "put", stopping)
    with pytest.raises(KeyboardInterrupt):
        send()
    assert get(f"{store[1]}/checkpoint").status_code == 404, "the checkpoint is last"
    begun = len(puts)
    assert begun >= 15
    rest = send()
    assert rest.same_files >= 14
    assert rest.new_files + rest.same_files == 12 + 12 + 1
    with open_published(store[1]) as published:
        assert verify_log(published, POLICY).is_sound


# two at a time


def interrupt(monkeypatch, action, *, times=1):
    """Do something between looking at the checkpoint and writing it."""
    put, left = LogBucket.put_checkpoint, [times]

    def late(self, raw, e_tag):
        if left[0]:
            left[0] -= 1
            action()
        return put(self, raw, e_tag)

    monkeypatch.setattr(LogBucket, "put_checkpoint", late)


@pytest.fixture
def other(tmp_path, clock):
    """A second mirror of the same log, which uploads to the same bucket."""
    return Mirror(tmp_path / "other", [], clock, policy=POLICY_TEXT, files=QuickDisk())


@pytest.mark.parametrize("begun", [0, 100])
def test_of_two_uploaders_the_slower_one_does_not_turn_the_bucket_back(
    grow, pull, store, send, other, monkeypatch, begun
):
    if begun:
        pull(grow(begun))
        send()
    pull(grow(300))
    pull(grow(700), other)
    interrupt(monkeypatch, lambda: send(of=other))
    uploaded = send()
    assert uploaded.is_ahead
    assert remote(store) == 700
    with open_published(store[1]) as published:
        assert verify_log(published, POLICY).is_sound


def test_of_two_uploaders_the_one_with_more_wins_a_lost_race(grow, pull, store, send, other, monkeypatch):
    pull(grow(300), other)
    pull(grow(700))
    interrupt(monkeypatch, lambda: send(of=other))
    assert not send().is_ahead
    assert remote(store) == 700


def test_a_race_that_never_ends_is_given_up(grow, pull, store, send, monkeypatch):
    pull(grow(300))
    times = itertools.count(1)

    def rewrite():
        note = parse_note((grow(300) / "checkpoint").read_bytes())
        note = note.signed_also(sign_text(note.text, WITNESS, time_s=next(times)))
        overwrite(store, f"{HASHED}/checkpoint", bytes(note))

    interrupt(monkeypatch, rewrite, times=99)
    with pytest.raises(PlaceUnusable, match="as fast as we do"):
        send()


@pytest.mark.parametrize("size", [200, 300, 500])
def test_a_bucket_with_another_history_stops_the_upload_and_both_notes_are_kept(grow, pull, send, other, size):
    pull(grow(size, name="forked", other_from=100), other)
    pull(grow(300))
    send(of=other)
    with pytest.raises(HistoryRefused) as told:
        send()
    assert told.value.is_fork
    assert len(list(told.value.evidence_in.iterdir())) == 2


@pytest.mark.parametrize("what", ["junk", "another log", "another key"])
def test_what_no_log_signed_is_no_evidence_and_is_not_replaced(grow, pull, store, send, what):
    pull(grow(300))
    send()
    raw = b"junk\n"
    checkpoint = checkpoint_of(parse_note(get(f"{store[1]}/checkpoint").content))
    if what == "another key":
        raw = bytes(sign_checkpoint(checkpoint, [SeedSigner(ORIGIN, KeyKind.ED25519, b"9" * 32)], time_s=1))
    elif what == "another log":
        raw = bytes(sign_checkpoint(checkpoint, LOG_SIGNERS, time_s=1)).replace(ORIGIN.encode(), b"example.com/else", 1)
    overwrite(store, f"{HASHED}/checkpoint", raw)
    with pytest.raises(BucketDiffers, match="no checkpoint of this log"):
        send()
    assert get(f"{store[1]}/checkpoint").content == raw


def test_nothing_is_uploaded_of_a_log_that_is_not_here(mirror, send):
    with pytest.raises(MirrorUnusable, match="holds nothing"):
        send()
    assert not mirror.folder.exists()


# what can be wrong with a store


@pytest.mark.usefixtures("store")
def test_a_bucket_that_is_not_there_is_told(grow, mirror, pull):
    pull(grow(3))
    with pytest.raises(PlaceUnusable, match="does not do") as told:
        upload(holding_of(mirror), bucket_of(("s3://nowhere/x", "")))
    assert str(told.value.where).startswith("s3://nowhere/x")
    with pytest.raises(PlaceUnusable, match="names no bucket"):
        open_published("s3://")


def test_an_object_that_is_too_large_or_a_bomb_is_refused(store):
    overwrite(store, "large", bytes(1000))
    overwrite(store, "bomb", gzip.compress(bytes(1 << 20)), **{"Content-Encoding": "gzip"})
    with open_published(store[0]) as published:
        for path in ("large", "bomb"):
            with pytest.raises(FileRefused, match="larger than we take"):
                published.read(path, most_bytes=999 if path == "large" else 100_000)
        assert len(published.read("bomb") or b"") == 1 << 20


def test_without_the_extra_its_name_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    with pytest.raises(PlaceUnusable) as told:
        open_published("s3://bucket")
    assert told.value.advice == "pip install 'escruta[s3]'"
