"""The commands on keys, as a person meets them."""

import json
import shlex
import stat
import sys

import pytest
from click.testing import CliRunner

from escruta.apps.cli import main
from escruta.tlog.keys import KeyKind, SeedSigner, parse_verifier_key

WORDS = "five words drawn by dice"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORDS", WORDS)
    return lambda command, **more: CliRunner().invoke(main, shlex.split(command), **more)


def made(run, name="log.key", *, kind="ed25519", origin="example.com/log"):
    done = run(f"key new {name} --name {origin} --kind {kind} --no-passphrase --json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_new_key_is_made_shown_and_printed(run, tmp_path):
    done = run(
        "key new log.key --name example.com/log --passphrase env:WORDS --owner 'The Board' "
        "--valid-for example.com/log --print log.html --print log.txt --language es"
    )
    assert done.exit_code == 0, done.output
    assert "The private key: log.key" in done.stdout
    assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600
    shown = json.loads(run("key show log.key --json").stdout)
    key = parse_verifier_key(shown["verifier_key"])
    assert (shown["owner"], shown["kind"], shown["name"]) == ("The Board", "ed25519", "example.com/log")
    for sheet in ("log.html", "log.txt"):
        text = (tmp_path / sheet).read_text(encoding="utf-8")
        assert str(key) in text
        assert "Pertenece a" in text
    assert WORDS not in done.output
    assert "warning" not in done.stderr


def test_an_unencrypted_key_is_warned_of(run):
    done = run("key new log.key --name example.com/log --no-passphrase")
    assert done.exit_code == 0
    assert "warning: log.key is not encrypted" in done.stderr


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("key new log.key --name example.com/log", "no terminal to ask"),
        ("key new log.key --name example.com/log --passphrase env:SHORT", "too short"),
        ("key new log.key --name 'a b' --no-passphrase", "cannot be the name of a key"),
        ("key new log.key --name a --no-passphrase --print log.pdf", "a page or a text"),
        ("key new log.key --name a --no-passphrase --generate", "go with --signer"),
        ("key new log.key --name a --signer command:sign", "cannot tell which key"),
        ("key new log.key --name a --signer pkcs11:token=a", "which key of the token"),
        ("key show none.key", "no card of this key"),
        ("key show none.key --name a", "cannot be read"),
        ("key print none.key --out keys.html", "no card of this key"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(run, tmp_path, monkeypatch, command, what):
    monkeypatch.setenv("SHORT", "short")
    done = run(command)
    assert done.exit_code == 2
    assert what in done.stderr
    assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


def test_a_passphrase_is_typed_twice(run, monkeypatch):
    typed = iter([WORDS, "other words drawn by dice", WORDS, WORDS])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    monkeypatch.setattr("escruta.apps.signing.passphrases.has_terminal", lambda: True)
    assert "the two passphrases differ" in run("key new a.key --name a").stderr
    assert run("key new b.key --name b").exit_code == 0


def test_a_lost_card_is_made_anew(run, tmp_path):
    first = made(run)
    (tmp_path / "log.key.vkey").unlink()
    assert run("key show log.key").exit_code == 2
    again = run("key show log.key --name example.com/log --card --json")
    assert json.loads(again.stdout)["verifier_key"] == first["verifier_key"]
    assert run("key show log.key").exit_code == 0
    assert run("key show log.key --name example.com/log --card").exit_code == 2  # it is there now


def test_a_key_is_shown_with_its_code(run, tmp_path):
    made(run)
    done = run("key show log.key --qr log.svg")
    assert "▀" in done.stdout
    assert (tmp_path / "log.svg").read_text(encoding="utf-8").startswith("<?xml")
    made(run, "pq.key", kind="mldsa44")
    assert "--qr FILE.svg" in run("key show pq.key").stdout


def test_a_program_is_taken_up_by_its_public_key(run, tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    private = Ed25519PrivateKey.from_private_bytes(bytes(32))  # a key for tests
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(pem)
    script = (
        "import sys; from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K; "
        "sys.stdout.buffer.write(K.from_private_bytes(bytes(32)).sign(sys.stdin.buffer.read()))"
    )
    signer = shlex.quote("command:" + shlex.join([sys.executable, "-c", script]))
    done = run(f"key new hsm --name example.com/log --signer {signer} --public public.pem --owner Board")
    assert done.exit_code == 0, done.output
    assert str(SeedSigner("example.com/log", KeyKind.ED25519, bytes(32)).key) in done.stdout
    assert not (tmp_path / "hsm").exists()
    broken = shlex.quote(f"command:{sys.executable} -c pass")
    assert run(f"key new other --name a --signer {broken} --public public.pem").exit_code == 2
    assert not (tmp_path / "other.vkey").exists()
    (tmp_path / "public.pem").write_bytes(b"x")
    assert "no public key" in run(f"key new other --name a --signer {signer} --public public.pem").stderr


def test_several_keys_are_printed_on_one_sheet(run, tmp_path):
    log = made(run)["verifier_key"]
    witness = made(run, "w.key", kind="cosignature", origin="red.example/w")["verifier_key"]
    (tmp_path / "log.policy").write_text(f"log {log}\nwitness red {witness}\nquorum red\n", encoding="utf-8")
    done = run("key print log.key log.policy --out keys.html --title 'All keys'")
    assert done.exit_code == 0, done.output
    assert "2 keys in keys.html" in done.stdout
    assert "nobody says to whom it belongs" in done.stdout
    page = (tmp_path / "keys.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "All keys" in page
    assert run("key print log.key --out keys.html").exit_code == 2  # nothing is written over


def test_one_follows_a_succession_from_print(run, tmp_path):
    old, new = made(run)["verifier_key"], made(run, "new.key")["verifier_key"]
    done = run("key succeed log.key new.key --from 2027-01-01 --out new.succession")
    assert done.exit_code == 0, done.output
    followed = json.loads(run(f"key follow {old} new.succession --json").stdout)
    assert [each["verifier_key"] for each in followed["keys"]] == [new]
    assert new in run("key follow log.key new.succession").stdout
    stranger = run(f"key follow {new} new.succession")
    assert stranger.exit_code == 2
    assert "not one that you trust" in stranger.stderr
    text = (tmp_path / "new.succession").read_text(encoding="utf-8")
    (tmp_path / "new.succession").write_text(text.replace("2027", "2026"), encoding="utf-8")
    assert "is false" in run(f"key follow {old} new.succession").stderr


def test_an_ml_dsa_key_is_succeeded_by_the_key_beside_it(run):
    made(run)
    made(run, "pq.key", kind="mldsa44")
    new = made(run, "pq2.key", kind="mldsa44")["verifier_key"]
    assert "cannot sign for a successor" in run("key succeed pq.key pq2.key --out s").stderr
    assert run("key succeed pq.key pq2.key --by log.key --out s --json").exit_code == 0
    followed = json.loads(run("key follow pq.key s --also log.key --json").stdout)
    assert followed["keys"][0]["verifier_key"] == new
