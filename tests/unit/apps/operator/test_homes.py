"""An operator's log: published with as many cosignatures as come, and never signed where it could fork."""

import shutil
from dataclasses import replace

import pytest
from tests.unit.apps.operator.conftest import ORIGIN, line_of
from tests.unit.apps.witness.liars import serve_answers

from escruta.apps.operator import HomeUnusable, open_home
from escruta.apps.operator.making import make_home
from escruta.apps.operator.settings import SETTINGS, Settings
from escruta.apps.signing import new_key
from escruta.apps.witness.asking import Outcome
from escruta.base.errors import InputError, OutputRefused
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogBusy, LogConflict
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import parse_policy, standing_of
from escruta.tlog.reading import LogFolder
from escruta.tlog.verification import verify_log
from escruta.tlog.witness_state import FORK_REFUSED, origin_hash


def grow(folder, *entries, **further):
    """Do what an operator does each time; gives what was published."""
    with open_home(folder) as home:
        log = home.open_log(**further)
        log.append([b"%s" % entry for entry in entries])
        return home.publish(log)


def kept(folder):
    return {path.name: path.read_bytes() for path in (folder / "checkpoints").glob("[0-9]*")}


def evidence(folder):
    with open_home(folder) as home:
        return home.evidence.kept()


def test_a_new_log_is_published_empty_and_named_in_its_policy(make):
    folder = make()
    with open_home(folder) as home:
        policy = home.policy
        assert policy.logs == home.keys
        assert len(home.keys) == 2
    note = parse_note((folder / "log" / "checkpoint").read_bytes())
    assert standing_of(note, policy).checkpoint.head.size == 0
    assert list(kept(folder)) == ["0"]


def test_a_log_grows_cosigned_and_is_sound_for_whoever_has_its_policy(make, witnesses):
    running = witnesses(3)
    folder = make(running)
    for number in range(3):
        published = grow(folder, *(b"%d of %d" % (at, number) for at in range(200)))
        assert [each.outcome for each in published.asked] == [Outcome.COSIGNED] * 3
        assert published.is_witnessed
        assert "3 of 3 log witnesses cosigned; the quorum asks for w0 and w1 and w2, and is met" in str(published)
    older = sorted(kept(folder).items())
    assert {name for name, _ in older} == {"0", "200", "400", "600"}
    report = verify_log(LogFolder(folder / "log"), parse_policy((folder / "log.policy").read_bytes()), older=older)
    assert report.is_sound, report.faults
    assert all(line.name == ORIGIN for raw in kept(folder).values() for line in parse_note(raw).signatures)


def test_nothing_new_asks_once_and_keeps_the_checkpoint(make, witnesses):
    running = witnesses(1)
    folder = make(running)
    grow(folder, b"a")
    running[0].told.clear()
    published = grow(folder)
    assert running[0].told == ["200 cosigned"]
    assert published.is_witnessed


def test_a_quorum_that_is_not_reached_is_published_and_never_called_witnessed(make, witnesses):
    running = witnesses(2)
    unreached = line_of(running[0]).replace("w0 ", "gone ")
    other = make_stranger(unreached)
    folder = make(running, lines=[other], quorum=3)
    published = grow(folder, b"a")
    assert not published.is_witnessed
    assert not published.standing.is_met
    words = "2 of 3 log witnesses cosigned; the quorum asks for w0 and w1 and gone, and is not met"
    assert words in str(published)
    assert "signed, and not witnessed" in str(published)
    note = parse_note((folder / "log" / "checkpoint").read_bytes())
    assert checkpoint_of(note).head.size == 1
    assert len(note.signatures) == 4


def make_stranger(line):
    """A log witness that cannot be reached, with a key of its own."""
    name = line.split()[0]
    return f"{name} {SeedSigner('gone.example', KeyKind.ED25519_COSIGNATURE, b'g' * 32).key} http://127.0.0.1:9"


def test_without_log_witnesses_nothing_is_called_witnessed(make):
    published = grow(make(), b"a")
    assert not published.is_witnessed
    assert "the policy asks for no log witness" in str(published)


def test_late_cosignatures_come_with_the_next_opening(make, witnesses):
    running = witnesses(1)
    folder = make(running)
    trusted = (running[0].home.folder / "logs.policy").read_bytes()
    (running[0].home.folder / "logs.policy").write_text("quorum none\n")
    assert grow(folder, b"a").asked[0].outcome is Outcome.REFUSED
    (running[0].home.folder / "logs.policy").write_bytes(trusted)
    assert grow(folder).is_witnessed


# forks


def test_two_operators_that_fork_one_log_are_found_out(make, copy, witnesses):
    """The witness refuses, the client keeps both notes, and says so."""
    running = witnesses(1)
    first = make(running)
    grow(first, b"a")
    second = copy(first, "second")
    with open_home(first) as one, open_home(second) as other:  # both ask before either signs
        logs = one.open_log(), other.open_log()
        logs[0].append([b"b"])
        logs[1].append([b"another b"])
        assert one.publish(logs[0]).is_witnessed
        with pytest.raises(LogConflict, match=r"another tree of 2 entries than ours.*Two histories"):
            other.publish(logs[1])
    found = {each.is_signed: each for each in evidence(second)}
    assert "another tree of 2 entries" in found[True].words
    folder = second / "evidence" / found[True].folder
    notes = [parse_note((folder / name).read_bytes()) for name in ("ours", "theirs")]
    heads = [checkpoint_of(note).head for note in notes]
    assert [head.size for head in heads] == [2, 2]
    assert heads[0].root != heads[1].root
    with open_home(second) as home:
        for note in notes:
            assert standing_of(note, replace(home.policy, witnesses={}, quorum="none")).log_keys
    assert (running[0].home.folder / "state" / origin_hash(ORIGIN) / FORK_REFUSED).exists()
    before = {path: path.read_bytes() for path in (second / "evidence").rglob("*") if path.is_file()}
    with pytest.raises(LogConflict, match="Two histories"):
        grow(second, b"c")
    assert {path: path.read_bytes() for path in before} == before
    assert evidence(first) == ()


def test_a_restored_backup_signs_nothing_once_a_witness_has_seen_more(make, copy, witnesses):
    folder = make(witnesses(1))
    grow(folder, b"a")
    backup = copy(folder, "backup")
    grow(folder, b"b", b"c")
    before = (backup / "log" / "checkpoint").read_bytes()
    with pytest.raises(LogConflict, match=r"w0 has seen 3 entries, and we have recorded 1.*old copy"):
        grow(backup, b"another b")
    assert parse_note((backup / "log" / "checkpoint").read_bytes()).text == parse_note(before).text
    assert set(kept(backup)) == {"0", "1"}
    assert [each.is_signed for each in evidence(backup)] == [True]


def test_a_restored_backup_signs_nothing_once_a_mirror_has_seen_more(make, copy, tmp_path):
    mirror = tmp_path / "mirror"
    folder = make(mirrors=[str(mirror)])
    grow(folder, b"a")
    backup = copy(folder, "backup")
    grow(folder, b"b")
    shutil.copytree(folder / "log", mirror)
    with pytest.raises(LogConflict, match="mirror has seen 2 entries"):
        grow(backup, b"another b")


def test_a_mirror_that_is_not_heard_is_named(make, tmp_path):
    heard, silent = tmp_path / "heard", tmp_path / "silent"
    folder = make(mirrors=[str(heard), str(silent)])
    shutil.copytree(folder / "log", heard)
    assert [each.place for each in grow(folder, b"a").silent_mirrors] == [str(silent)]


def test_only_a_log_witness_of_the_policy_can_be_disbelieved(make, witnesses):
    folder = make(witnesses(1))
    with pytest.raises(HomeUnusable, match="no log witness has this name"):
        grow(folder, b"a", disbelieve=["w1"])
    assert grow(folder, b"a", disbelieve=["w0"]).is_witnessed


def test_a_home_that_could_not_be_made_leaves_nothing(tmp_path):
    folder, key = tmp_path / "home", tmp_path / "log.key"
    new_key(key, ORIGIN, KeyKind.ED25519, b"five words drawn by dice")
    settings = Settings(origin=ORIGIN, keys=())
    with pytest.raises(InputError):
        make_home(folder, settings, "quorum none\n", lambda _: b"five other words by dice", keys=[str(key)])
    assert not folder.exists() or not [*folder.iterdir()]


def test_a_database_that_is_older_than_the_folder_signs_nothing(make, tmp_path):
    folder = make()
    grow(folder, b"a")
    shutil.copy(folder / "log.sqlite", tmp_path / "old.sqlite")
    grow(folder, b"b")
    shutil.copy(tmp_path / "old.sqlite", folder / "log.sqlite")
    with pytest.raises(LogConflict, match="old copy"):
        grow(folder, b"another b")


def test_what_a_witness_only_says_stops_the_opening_unless_it_is_disbelieved(make, witnesses):
    liar = "liar " + line_of(witnesses(1)[0]).split(" ", 1)[1].rpartition(" ")[0]
    with serve_answers([(409, b"999\n")]) as (url, _):
        folder = make(lines=[f"{liar} {url}"])
        with pytest.raises(LogConflict, match=r"liar: it says to have cosigned 999 entries.*disbelieve liar"):
            grow(folder, b"a")
        published = grow(folder, b"a", disbelieve=["liar"])
        settings = folder / "log.toml"
        settings.write_text(
            settings.read_text(encoding="utf-8").replace("disbelieved = []", 'disbelieved = ["liar"]'), encoding="utf-8"
        )
        assert checkpoint_of(grow(folder, b"b").note).head.size == 2
    assert checkpoint_of(published.note).head.size == 1
    assert [each.outcome for each in published.doubted] == [Outcome.AHEAD]
    assert [(each.is_signed, each.place) for each in evidence(folder)] == [(False, "liar")]


def test_a_foreign_checkpoint_stops_nobody(make, witnesses):
    line = line_of(witnesses(1)[0]).rpartition(" ")[0]
    note = b"example.com/2026\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a YWJjZGVm\n"
    with serve_answers([(200, note)]) as (url, _):
        published = grow(make(lines=[f"{line} {url}"]), b"a")
    assert checkpoint_of(published.note).head.size == 1
    assert published.asked[0].outcome is Outcome.UNUSABLE


# the home itself


def test_one_home_is_published_by_one_process(make):
    folder = make()
    with open_home(folder) as one, open_home(folder) as other:
        one.open_log()
        with pytest.raises(LogBusy):
            other.open_log()


def test_a_home_can_be_moved(make, tmp_path):
    folder = make()
    grow(folder, b"a")
    folder.rename(tmp_path / "moved")
    assert checkpoint_of(grow(tmp_path / "moved", b"b").note).head.size == 2


def test_a_second_log_of_one_place_is_refused(make):
    folder = make()
    with open_home(folder) as home, pytest.raises(OutputRefused, match="a log here already"):
        make_home(folder, home.settings, home.policy_text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("origin =", "cannot be read"),
        ("origin = 1\nkeys = ['a']\n", "origin is no text"),
        ("origin = 'a'\nkeys = 'a'\n", "keys is no list"),
        ("origin = 'a'\nkeys = ['a']\nretired = [1]\n", "retired is no list"),
        ("keys = ['a']\n", "origin or keys are missing"),
        ("origin = 'a'\nkeys = ['a']\npasword = 'x'\n", "no such setting"),
        ("\x00", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_told(make, text, what):
    folder = make()
    (folder / SETTINGS).write_text(text)
    with pytest.raises(HomeUnusable, match=what):
        open_home(folder)


def test_a_policy_without_the_logs_keys_is_told_before_anything_is_signed(make):
    folder = make()
    text = (folder / "log.policy").read_text()
    (folder / "log.policy").write_text("".join(text.splitlines(keepends=True)[1:]))
    with pytest.raises(HomeUnusable, match="does not name exactly the keys"):
        grow(folder, b"a")


def test_a_home_keeps_its_entries_in_postgresql(make, witnesses, postgres_server):
    address = postgres_server.new_database()
    folder = make(witnesses(1), postgres=address)
    for number in range(3):
        assert grow(folder, b"%d" % number).is_witnessed
    assert not (folder / "log.sqlite").exists()
    with open_home(folder) as one, open_home(folder) as other:
        one.open_log()
        with pytest.raises(LogBusy):
            other.open_log()
    second = folder.with_name("second")
    keys = [str(folder / "keys" / name) for name in ("ed25519.key", "mldsa44.key")]
    with open_home(folder) as home, pytest.raises(HomeUnusable, match="holds entries of this log already"):
        make_home(second, home.settings, "quorum none\n", keys=keys)
    assert {path.name for path in second.iterdir()} <= {".staging"}


def test_settings_are_read_as_they_were_written(make):
    with open_home(make(mirrors=["https://mirror.example/\N{LATIN SMALL LETTER N WITH TILDE}", 'C:\\"log"'])) as home:
        assert home.settings.mirrors == ("https://mirror.example/ñ", 'C:\\"log"')
