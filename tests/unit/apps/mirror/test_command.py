import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from tests.unit.apps.mirror.buckets import make_bucket, object_store
from tests.unit.apps.mirror.conftest import HASHED, LOG_SIGNERS, ORIGIN, POLICY_TEXT
from tests.unit.apps.serving import get

from escruta.apps.cli import main
from escruta.apps.published import open_published
from escruta.apps.signing import new_key
from escruta.tlog.keys import KeyKind
from escruta.tlog.policies import Policy, parse_policy
from escruta.tlog.reading import LogFolder, read_checkpoint
from escruta.tlog.verification import verify_log


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, ["mirror", *map(str, arguments)])


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "log.policy"
    path.write_bytes(POLICY_TEXT)
    return path


def test_one_command_keeps_a_copy_and_says_what_it_is(grow, run, policy, tmp_path):
    done = run(grow(300), tmp_path / "mirror", "--policy", policy)
    assert (done.exit_code, done.stderr.splitlines()) == (0, ["Fetching and auditing …"])
    lines = done.stdout.splitlines()
    assert lines[0] == f"{ORIGIN}: 300 entries, 300 of them new, all audited"
    assert lines[1].startswith("root ")
    assert lines[2] == "0 of 1 log witnesses cosigned: which is not the quorum"
    assert lines[3] == f"held in {tmp_path / 'mirror' / HASHED}"
    again = json.loads(run(grow(301), tmp_path / "mirror", "--json").stdout)
    assert (again["size"], again["new_entries"], again["is_policy_from_place"]) == (301, 1, False)
    assert again["uploaded"] is None


def test_a_key_cosigns(grow, run, policy, tmp_path):
    new_key(tmp_path / "mirror.key", "press.example/mirror", KeyKind.MLDSA44_COSIGNATURE, None)
    done = run(grow(5), tmp_path / "mirror", "--policy", policy, "--key", tmp_path / "mirror.key")
    assert done.exit_code == 0, done.stderr
    note = read_checkpoint(LogFolder(tmp_path / "mirror" / HASHED))
    assert note.signatures[-1].name == "press.example/mirror"


def test_a_record_names_its_keys_and_they_are_to_be_compared(grow, run, tmp_path):
    shutil.copytree(grow(5), tmp_path / "record" / "log")
    assert "whose signature" in run(tmp_path / "record", tmp_path / "mirror").stderr
    (tmp_path / "record" / "log.policy").write_bytes(POLICY_TEXT)
    done = run(tmp_path / "record", tmp_path / "mirror")
    assert "Compare them with those in print" in done.stdout
    assert f"  {LOG_SIGNERS[0].key}" in done.stdout


def test_keys_by_hand_are_a_policy_without_witnesses(grow, run, tmp_path):
    keys = [part for signer in LOG_SIGNERS for part in ("--log-key", str(signer.key))]
    done = json.loads(run(grow(5), tmp_path / "mirror", *keys, "--json").stdout)
    assert (len(done["log_keys"]), done["witnesses"], done["quorum"]) == (2, 0, "none")
    kept = (tmp_path / "mirror" / ".state" / HASHED / "policy").read_bytes()
    assert parse_policy(kept).logs == tuple(signer.key for signer in LOG_SIGNERS)


def test_a_fork_and_a_log_that_goes_back_end_with_1_and_say_where_the_notes_are(grow, run, policy, tmp_path):
    run(grow(300), tmp_path / "mirror", "--policy", policy)
    for source in (grow(400, name="other", other_from=7), grow(200)):
        done = run(source, tmp_path / "mirror", "--json")
        assert done.exit_code == 1
        assert str(tmp_path / "mirror" / "evidence" / HASHED) in done.stderr
        assert json.loads(done.stdout)["refused"] == "HistoryRefused"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none", "m"], "there is no such place"),
        (["ftp://x", "m"], "cannot read from there"),
        (["{log}", "m", "--log-key", "junk"], "no verifier key"),
        (["{log}", "m", "--policy", "{policy}", "--log-key", "x"], "not both"),
        (["{log}", "m", "--policy", "{policy}", "--key", "none.key"], "none.key"),
        (["{log}", "m", "--policy", "{policy}", "--serve", "nowhere"], "HOST:PORT"),
        (["{log}", "m", "--policy", "{policy}", "--to", "s3://"], "names no bucket"),
        (["{log}", "m", "--watch", "0"], "range"),
    ],
)
def test_what_cannot_be_done_is_told_and_ends_with_2(grow, run, policy, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    done = run(*(each.format(log=grow(5), policy=policy) for each in arguments))
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def running(*arguments):
    """Run the command as a process of its own; it is ended with SIGTERM."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "escruta.apps.cli", "mirror", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def test_a_mirror_watches_and_serves_until_it_is_stopped(grow, policy, tmp_path):
    source, folder = grow(5), tmp_path / "mirror"
    with running(source, folder, "--policy", policy, "--watch", 1, "--serve", "127.0.0.1:0", "--json") as process:
        url = process.stderr.readline().split()[-1]
        assert json.loads(process.stdout.readline())["size"] == 5
        grow(700)
        looks = (json.loads(line)["size"] for line in iter(process.stdout.readline, ""))
        assert next(size for size in looks if size != 5) == 700
        with open_published(f"{url}/{HASHED}") as published:
            assert verify_log(published, Policy(logs=tuple(each.key for each in LOG_SIGNERS))).entries == 700
        (source / "checkpoint").write_bytes(b"junk")
        refused = next(line for line in iter(process.stdout.readline, "") if "refused" in line)
        assert json.loads(refused)["refused"] == "NoteMalformed"
        assert get(f"{url}/{HASHED}/checkpoint").status_code == 200, "what was verified is served on"
    assert process.returncode == 0


def test_a_mirror_is_copied_into_a_bucket(grow, run, policy, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with object_store() as endpoint:
        url = make_bucket(endpoint, "mirrored")
        arguments = ["--policy", policy, "--to", "s3://mirrored/logs", "--endpoint", endpoint, "--gzip"]
        done = run(grow(300), tmp_path / "mirror", *arguments)
        assert done.exit_code == 0, done.stderr
        assert f"s3://mirrored/logs/{HASHED}: 5 new files, 0 that were there already" in done.stdout
        with open_published(f"{url}/logs/{HASHED}") as published:
            report = verify_log(published, Policy(logs=tuple(each.key for each in LOG_SIGNERS)))
            assert report.entries == 300
