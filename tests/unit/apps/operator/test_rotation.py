"""A new key for the same log: both sign for a while, then the old one signs no more."""

import shutil

import pytest
from tests.unit.apps.operator.conftest import ORIGIN
from tests.unit.apps.operator.test_homes import grow, kept

from escruta.apps.operator import HomeUnusable, open_home
from escruta.apps.operator.rotation import add_key, retire_key
from escruta.apps.operator.settings import read_settings
from escruta.apps.signing import new_key
from escruta.apps.witness.home import trust_logs
from escruta.tlog.errors import LogConflict
from escruta.tlog.keys import KeyKind
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import parse_policy, standing_of
from escruta.tlog.reading import LogFolder
from escruta.tlog.verification import verify_log


@pytest.fixture
def rotate():
    """Makes a key and lets it sign; gives it."""

    def rotate_one(folder, *, name=ORIGIN, kind=KeyKind.ED25519, file="new.key"):
        path = folder / "keys" / file
        if not path.exists():
            new_key(path, name, kind, None)
        return add_key(folder, str(path))

    return rotate_one


def signed(folder):
    policy = parse_policy((folder / "log.policy").read_bytes())
    return {key.key_id for key in standing_of(parse_note((folder / "log/checkpoint").read_bytes()), policy).log_keys}


def require_sound(folder):
    """Whoever has only the policy of today can verify the log and every checkpoint that was ever kept."""
    policy = parse_policy((folder / "log.policy").read_bytes())
    of_pages = {path.name: path.read_bytes() for path in (folder / "pages").glob("[0-9]*")}
    report = verify_log(LogFolder(folder / "log"), policy, older=[*kept(folder).items(), *of_pages.items()])
    assert report.is_sound, report.faults
    assert not any("did not sign" in each.why for each in report.unchecked)


def test_a_key_is_added_and_another_retired_and_the_log_goes_on(make, rotate, witnesses):
    running = witnesses(1)
    folder = make(running)
    grow(folder, b"a")
    (folder / "pages").mkdir()
    shutil.copy(folder / "log/checkpoint", folder / "pages/1")
    old = {key.key_id for key in open_home(folder).keys}
    new = rotate(folder)
    assert signed(folder) == {*old, new.key_id}
    require_sound(folder)
    assert grow(folder, b"b").is_witnessed  # the witness knows one of the keys, and passes over the other
    trust_logs(running[0].home, [new])
    first = open_home(folder).keys[0]
    assert retire_key(folder, first.key_id.hex()) == first
    assert grow(folder, b"c").is_witnessed
    assert signed(folder) == {*old, new.key_id} - {first.key_id}
    require_sound(folder)
    assert read_settings(folder).retired == (first,)
    assert standing_of(parse_note((folder / "pages/1").read_bytes()), open_home(folder).policy).is_met
    assert str(first) not in (folder / "log.policy").read_text()


def test_a_key_that_is_retired_at_once_leaves_a_log_that_goes_on(make, rotate):
    folder = make()
    for key in open_home(folder).keys:
        rotate(folder, file=f"{key.key_id.hex()}.key")
        retire_key(folder, key.key_id.hex())
        require_sound(folder)
    grow(folder, b"a")
    require_sound(folder)


def test_a_rotation_that_stops_before_the_new_key_signed_is_finished_by_the_next_opening(make, rotate, monkeypatch):
    folder = make()
    grow(folder, b"a")
    with monkeypatch.context() as patched:
        patched.setattr("escruta.apps.operator.homes.Home._signed_by_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate(folder)
    grow(folder)
    new = rotate(folder)
    assert new.key_id in signed(folder)
    require_sound(folder)


def test_a_retired_key_still_convicts(make, rotate, copy, witnesses):
    running = witnesses(1)
    folder = make(running)
    thief = copy(folder, "thief")
    with open_home(thief) as home:
        log = home.open_log()
        log.append([b"another a"])
        new_keys = [rotate(folder, file=f"{at}.key", kind=kind) for at, kind in enumerate((KeyKind.ED25519,) * 2)]
        for key in open_home(folder).keys[:2]:
            retire_key(folder, key.key_id.hex())
        home.publish(log)
    with pytest.raises(LogConflict, match="w0 has seen 1 entries, and we have recorded 0"):
        grow(folder, b"a")
    assert len(new_keys) == 2


@pytest.mark.parametrize(
    ("further", "what"),
    [
        ({"name": "example.com/other"}, "cannot sign this log"),
        ({"kind": KeyKind.ED25519_COSIGNATURE}, "cannot sign this log"),
        ({"file": "ed25519.key"}, "signs, or signed, this log already"),
    ],
)
def test_a_key_that_cannot_sign_this_log_is_refused(make, rotate, further, what):
    folder = make()
    before = (folder / "log.toml").read_bytes()
    with pytest.raises(HomeUnusable, match=what):
        rotate(folder, **further)
    assert (folder / "log.toml").read_bytes() == before


def test_a_retired_key_does_not_come_back(make, rotate):
    folder = make()
    rotate(folder)
    first = open_home(folder).keys[0]
    retire_key(folder, first.key_id.hex())
    with pytest.raises(HomeUnusable, match="signs, or signed, this log already"):
        rotate(folder, file="ed25519.key")


def test_the_last_key_and_an_unknown_one_are_not_retired(make):
    folder = make()
    keys = open_home(folder).keys
    with pytest.raises(HomeUnusable, match="no key of this log"):
        retire_key(folder, "00000000")
    retire_key(folder, keys[0].key_id.hex().upper())
    with pytest.raises(HomeUnusable, match="the log's only key"):
        retire_key(folder, keys[1].key_id.hex())


def test_a_key_outside_the_home_is_kept_by_its_whole_path(make, tmp_path, monkeypatch):
    folder = make()
    monkeypatch.chdir(tmp_path)
    new_key(tmp_path / "outside.key", ORIGIN, KeyKind.ED25519, None)
    add_key(folder, "outside.key")
    shutil.move(folder, tmp_path / "moved")
    assert len(grow(tmp_path / "moved", b"a").standing.log_keys) == 3
