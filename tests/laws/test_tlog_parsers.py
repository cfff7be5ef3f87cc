"""Whatever bytes arrive: a value that is written back the same way, or an error of ours that says why."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from escruta.tlog.checkpoints import Checkpoint, checkpoint_of, parse_checkpoint
from escruta.tlog.errors import LogInputError
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner, parse_verifier_key
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import parse_policy, standing_of
from escruta.tlog.proof_files import ProofFile, parse_proof_file
from escruta.tlog.signing import sign_note
from escruta.tlog.tiles import encode_bundle, parse_bundle, parse_tile, parse_tile_path
from escruta.tlog.trees import TreeHead

LOG = SeedSigner("example.com/log", KeyKind.ED25519, bytes(32))
WITNESS = SeedSigner("w.example", KeyKind.ED25519_COSIGNATURE, b"w" * 32)
NOTE = sign_note(
    Checkpoint(origin="example.com/log", head=TreeHead(size=1, root=leaf_hash(b""))).text, (LOG, WITNESS), time_s=1
)
PROOF = ProofFile(index=0, hashes=(bytes(32),), checkpoint=NOTE, extra=b"x")
POLICY = f"log {LOG.key} https://a\nwitness a {WITNESS.key}\ngroup g any a\ngroup h all g\nquorum h\n".encode()


def refusal_or(read: Callable[[], Any]) -> Any:
    """Give what was read, or the error that says why it was not; any other error is a fault of ours."""
    try:
        return read()
    except LogInputError as error:
        return error


def is_explained(read: object) -> bool:
    """Tell whether the bytes were refused, with a reason."""
    return isinstance(read, LogInputError) and bool(read.what)


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Something that was sound once: bytes changed, lost, doubled or put in."""
    raw = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(start + 40, len(raw))))
        mended = draw(
            st.binary(max_size=8)
            | st.sampled_from([b"\n", b"\n\n", b" ", b"+", b"=", b"0", "—".encode(), b"\t", bytes(raw[start:end]) * 2])
        )
        raw[start:end] = mended
    return bytes(raw)


@given(raw=damaged(bytes(NOTE)) | st.binary(max_size=200))
def test_a_note_is_read_or_refused(raw):
    note = refusal_or(lambda: parse_note(raw))
    assert is_explained(note) or bytes(note) == raw


@given(raw=damaged(bytes(NOTE)))
def test_a_damaged_checkpoint_never_stands_for_another(raw):
    standing = refusal_or(lambda: standing_of(parse_note(raw), parse_policy(POLICY)))
    assert is_explained(standing) or standing.checkpoint == checkpoint_of(NOTE)


@given(text=damaged(NOTE.text.encode()).map(lambda raw: raw.decode("utf-8", "replace")) | st.text())
def test_a_checkpoint_is_read_or_refused(text):
    checkpoint = refusal_or(lambda: parse_checkpoint(text))
    assert is_explained(checkpoint) or checkpoint.text == text


@given(raw=damaged(str(PROOF).encode()) | st.binary(max_size=200))
def test_a_proof_file_is_read_or_refused(raw):
    proof = refusal_or(lambda: parse_proof_file(raw))
    assert is_explained(proof) or str(proof).encode() == raw


@given(raw=damaged(POLICY) | st.binary(max_size=200))
def test_a_policy_is_read_or_refused(raw):
    policy = refusal_or(lambda: parse_policy(raw))
    assert is_explained(policy) or policy.is_met_by(list(policy.witnesses))
    assert is_explained(policy) or policy.is_met_by([]) == (policy.quorum == "none")


@given(text=damaged(str(WITNESS.key).encode()).map(lambda raw: raw.decode("utf-8", "replace")) | st.text())
def test_a_key_is_read_or_refused(text):
    key = refusal_or(lambda: parse_verifier_key(text))
    assert is_explained(key) or str(key) == text


@given(path=damaged(b"tile/entries/x001/067.p/112").map(lambda raw: raw.decode("utf-8", "replace")) | st.text())
def test_a_path_is_read_or_refused(path):
    tile = refusal_or(lambda: parse_tile_path(path))
    assert is_explained(tile) or tile.path == path


@given(entries=st.lists(st.binary(max_size=9), min_size=1, max_size=9), data=st.data())
def test_a_bundle_is_read_or_refused(entries, data):
    raw = data.draw(damaged(encode_bundle(entries)))
    read = refusal_or(lambda: parse_bundle(raw, len(entries)))
    assert is_explained(read) or encode_bundle(read) == raw
    assert not isinstance(read, LogInputError) or read.offset in range(len(raw) + 1)


@given(raw=st.binary(max_size=300), width=st.integers(1, 256))
def test_a_tile_is_read_or_refused(raw, width):
    hashes = refusal_or(lambda: parse_tile(raw, width))
    assert is_explained(hashes) or b"".join(hashes) == raw
