import pytest

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import PolicyUnmet, ProofMalformed, ProofRefused
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.policies import Policy
from escruta.tlog.proof_files import ProofFile, parse_proof_file
from escruta.tlog.proofs import make_inclusion_proof, node_at_of
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead, root_of

ENTRIES = [b"%d" % number for number in range(11)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.fixture(scope="session")
def proof(log_signers) -> ProofFile:
    """A proof for entry 9 of 11."""
    head = TreeHead(size=11, root=root_of(LEAVES))
    note = sign_note(Checkpoint(origin="example.com/log", head=head).text, log_signers, time_s=1)
    return ProofFile(index=9, hashes=make_inclusion_proof(9, 11, node_at_of(LEAVES)), checkpoint=note)


def test_a_proof_is_read_back_and_verified(proof, log_signers):
    policy = Policy(logs=(log_signers[0].key,))
    read = parse_proof_file(str(proof).encode())
    assert read == proof
    assert read.verify(ENTRIES[9], policy).checkpoint.head.size == 11
    with pytest.raises(ProofRefused):
        read.verify(ENTRIES[8], policy)


def test_what_goes_along_is_kept(proof):
    along = ProofFile(index=9, hashes=proof.hashes, checkpoint=proof.checkpoint, extra=b"acta")
    assert parse_proof_file(str(along).encode()) == along


def test_a_proof_without_the_quorum_is_refused(proof, log_signers, witness_signers):
    policy = Policy(logs=(log_signers[0].key,), witnesses={"w": witness_signers[0].key}, quorum="w")
    with pytest.raises(PolicyUnmet):
        proof.verify(ENTRIES[9], policy)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("@v1", "@v2", "no proof file"),
        ("index 9", "index 09", "no line gives the index"),
        ("index 9", "index -9", "no line gives the index"),
        ("index 9\n", "", "no line gives the index"),
        ("index 9", "extra ?\nindex 9", "extra bytes"),
        ("index 9", "extra YQ==\nextra YQ==\nindex 9", "no line gives the index"),
        ("index 9", "index 9\nAAAA", "no hash"),
        ("\n\nexample", "\nexample", "no hash"),
        ("index 9\n", "index 9\n" + "A" * 43 + "=\n", None),
        ("index 9\n", "index 9\n" + ("A" * 43 + "=\n") * 64, "too long"),
    ],
)
def test_what_is_no_proof_is_refused_and_says_why(proof, log_signers, old, new, what):
    raw = str(proof).replace(old, new, 1).encode()
    if what is None:  # well written, and still not a proof of this
        with pytest.raises(ProofRefused, match="too long"):
            parse_proof_file(raw).verify(ENTRIES[9], Policy(logs=(log_signers[0].key,)))
        return
    with pytest.raises(ProofMalformed, match=what):
        parse_proof_file(raw)
