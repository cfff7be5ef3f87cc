"""Whatever happens to a file of a published log, verifying it tells."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escruta.tlog.building import build_log
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import Policy
from escruta.tlog.reading import LogFolder
from escruta.tlog.verification import verify_log

SIGNERS = (
    SeedSigner("example.com/log", KeyKind.ED25519, b"1" * 32),
    SeedSigner("example.com/log", KeyKind.MLDSA44_COSIGNATURE, b"2" * 32),
)
POLICY = Policy(logs=tuple(signer.key for signer in SIGNERS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 300 entries."""
    folder = tmp_path_factory.mktemp("tampered") / "log"
    entries = [b"%d" % (number * number) for number in range(300)]
    build_log(folder, entries, origin="example.com/log", signers=SIGNERS, time_s=1)
    shutil.rmtree(folder / ".staging")
    return folder


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_a_file_goes_unseen(folder, data):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(paths))
    raw = path.read_bytes()
    kind = data.draw(st.sampled_from(["flip", "delete", "cut", "add", "swap", "empty"]))
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.sampled_from([each for each in paths if each.read_bytes() != raw]))
    changed = {
        "flip": raw[:at] + bytes([raw[at] ^ (1 << data.draw(st.integers(0, 7)))]) + raw[at + 1 :],
        "cut": raw[:at],
        "add": raw + bytes([at % 256]),
        "swap": other.read_bytes(),
        "empty": b"",
    }
    try:
        if kind == "delete":
            path.unlink()
        else:
            path.write_bytes(changed[kind])
        report = verify_log(LogFolder(folder), POLICY)
    finally:
        path.write_bytes(raw)
    # A flip in the name or id of one of the two keys makes an unknown line of it; the other key still vouches.
    is_told = any(each.subject.startswith("the log's key") for each in report.unchecked)
    assert not report.is_sound or (path.name == "checkpoint" and is_told)
    assert verify_log(LogFolder(folder), POLICY).is_sound
