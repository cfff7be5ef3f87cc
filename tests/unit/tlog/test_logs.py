import pytest
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.building import build_log
from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.errors import LogBusy, LogConflict
from escruta.tlog.files import Disk
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.logs import Log
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.signing import sign_checkpoint
from escruta.tlog.trees import TreeHead
from escruta.tlog.verification import verify_log

ORIGIN = "example.com/log"


@pytest.fixture
def open_log(tmp_path, log_signers):
    """Opens the log, closing it first where it is open: what a restart does."""
    opened: list[SqliteSequencer] = []

    def open_again(**further):
        for each in opened:
            each.close()
        opened[:] = [SqliteSequencer(tmp_path / "log.sqlite", ORIGIN)]
        return Log(tmp_path / "log", opened[0], log_signers, lambda: 7, **further)

    yield open_again
    for each in opened:
        each.close()


@pytest.fixture
def verify(tmp_path, log_signers):
    policy = Policy(logs=tuple(signer.key for signer in log_signers))
    return lambda older=(): verify_log(
        LogFolder(tmp_path / "log"), policy, older=[(str(at), raw) for at, raw in enumerate(older)]
    )


def shown(tmp_path):
    return (tmp_path / "log" / "checkpoint").read_bytes()


def test_an_empty_log_has_a_checkpoint(open_log, verify):
    assert checkpoint_of(open_log().publish()).head.size == 0
    assert verify().is_sound


@pytest.mark.parametrize("batches", [[1] * 8, [255, 1, 1], [256, 256, 1], [300, 700, 0, 5]])
@pytest.mark.parametrize("restarts", [False, True])
def test_batches_and_restarts_lead_to_the_same_log(open_log, verify, tmp_path, log_signers, batches, restarts):
    log, entries, older = open_log(), list[bytes](), []
    note = log.publish()
    for batch in batches:
        new = [b"%d" % number for number in range(len(entries), len(entries) + batch)]
        entries += new
        assert log.append(new) == tuple(range(len(entries) - batch, len(entries)))
        note = log.publish()
        assert log.head == checkpoint_of(note).head
        assert shown(tmp_path) == bytes(note)
        older.append(bytes(note))
        log = open_log() if restarts else log
    built = build_log(tmp_path / "built", entries, origin=ORIGIN, signers=log_signers, time_s=1)
    assert checkpoint_of(built) == checkpoint_of(note)
    report = verify(older)
    assert report.is_sound, report.faults


def test_a_log_grows_by_a_level(open_log, verify):
    log = open_log(files=QuickDisk())
    log.append([b"%d" % number for number in range(65_535)])
    older = [bytes(log.publish())]
    for entry in (b"the last of the level", b"the first of the next"):
        log.append([entry])
        older.append(bytes(log.publish()))
    assert verify(older).is_sound


def test_nothing_new_keeps_the_checkpoint(open_log):
    log = open_log()
    log.append([b"a"])
    first = log.publish()
    log.append([b"a"])
    assert log.publish() == first
    assert open_log().publish() == first


def test_a_head_that_was_recorded_and_not_shown_is_shown_after_a_restart(open_log, tmp_path):
    log = open_log()
    log.append([b"a"])
    note = log.publish()
    (tmp_path / "log" / "checkpoint").unlink()
    open_log()
    assert shown(tmp_path) == bytes(note)


def test_a_checkpoint_that_could_not_be_shown_is_shown_by_the_next_try(open_log, tmp_path):
    files = FailingAt("checkpoint")
    log = open_log(files=files)
    log.append([b"a"])
    with pytest.raises(OSError, match="no space"):
        log.publish()
    files.name = None
    assert bytes(log.publish()) == shown(tmp_path)


class FailingAt(Disk):
    """A disk that is full when it comes to one file."""

    def __init__(self, name):
        self.name = name

    def write(self, path, raw):
        if path.name == self.name:
            raise OSError(28, "no space left", str(path))
        super().write(path, raw)


class Watching(Disk):
    """Looks into the database at the moment in which a checkpoint is written."""

    def __init__(self, database):
        self.database = database
        self.recorded = []

    def write(self, path, raw):
        if path.name == "checkpoint":
            beside = SqliteSequencer(self.database, ORIGIN)
            self.recorded.append(beside.last_head().note == raw)
            beside.close()
        super().write(path, raw)


def test_a_signature_is_recorded_before_it_is_shown(open_log, tmp_path):
    files = Watching(tmp_path / "log.sqlite")
    log = open_log(files=files)
    for number in range(5):
        log.append([b"%d" % number])
        log.publish()
    assert files.recorded == [True] * 5


def test_two_publishers_are_refused(open_log, tmp_path, log_signers):
    open_log()
    other = SqliteSequencer(tmp_path / "log.sqlite", ORIGIN)
    with pytest.raises(LogBusy):
        Log(tmp_path / "log", other, log_signers, lambda: 7)
    other.close()


def test_an_old_copy_of_the_database_is_refused(open_log, tmp_path, log_signers):
    log = open_log()
    log.append([b"a"])
    log.publish()
    newer = Checkpoint(origin=ORIGIN, head=TreeHead(size=2, root=bytes(32)))
    (tmp_path / "log" / "checkpoint").write_bytes(bytes(sign_checkpoint(newer, log_signers, time_s=1)))
    with pytest.raises(LogConflict, match="old copy"):
        open_log()


def test_a_fork_is_refused_and_named(open_log, tmp_path, log_signers):
    log = open_log()
    log.append([b"a"])
    log.publish()
    forked = Checkpoint(origin=ORIGIN, head=TreeHead(size=1, root=leaf_hash(b"b")))
    (tmp_path / "log" / "checkpoint").write_bytes(bytes(sign_checkpoint(forked, log_signers, time_s=1)))
    with pytest.raises(LogConflict, match="two roots were signed for 1 entries"):
        open_log()


@pytest.mark.parametrize("raw", [b"no note", b"a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"])
def test_a_checkpoint_of_something_else_is_refused(open_log, tmp_path, raw):
    open_log().publish()
    (tmp_path / "log" / "checkpoint").write_bytes(raw)
    with pytest.raises(LogConflict, match="not one of this log"):
        open_log()


def test_a_checkpoint_without_a_database_is_refused(open_log, tmp_path, log_signers):
    build_log(tmp_path / "log", [b"a"], origin=ORIGIN, signers=log_signers, time_s=1)
    with pytest.raises(LogConflict, match="recorded none"):
        open_log()


def test_more_signatures_below_the_same_head_are_no_conflict(open_log, tmp_path):
    log = open_log()
    log.append([b"a"])
    note = log.publish()
    longer = parse_note(bytes(note)).signed_also(note.signatures[0])
    (tmp_path / "log" / "checkpoint").write_bytes(bytes(longer))
    open_log()
    assert parse_note(shown(tmp_path)).text == note.text


@pytest.mark.parametrize("path", ["tile/0/000.p/1", "tile/entries/000.p/1"])
def test_other_bytes_where_the_log_wants_to_write_stop_it_before_it_signs(open_log, tmp_path, path):
    log = open_log()
    log.publish()
    before = shown(tmp_path)
    (tmp_path / "log" / path).parent.mkdir(parents=True)
    (tmp_path / "log" / path).write_bytes(b"x")
    log.append([b"a"])
    with pytest.raises(LogConflict, match="other bytes"):
        log.publish()
    assert shown(tmp_path) == before
    (tmp_path / "log" / path).unlink()
    assert checkpoint_of(log.publish()).head.size == 1
