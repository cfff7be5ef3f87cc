"""Two trees of one log, which differ from the first entry on, and what a log says of them."""

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.proofs import make_consistency_proof, node_at_of
from escruta.tlog.signing import sign_note
from escruta.tlog.submissions import Submission
from escruta.tlog.trees import TreeHead, root_of

ORIGIN = "example.com/log"
LOG_SIGNERS = (
    SeedSigner(ORIGIN, KeyKind.ED25519, b"1" * 32),
    SeedSigner(ORIGIN, KeyKind.MLDSA44_COSIGNATURE, b"2" * 32),
)
LOG_KEYS = tuple(signer.key for signer in LOG_SIGNERS)
COSIGNERS = (KeyKind.ED25519_COSIGNATURE,)
TREES = [[leaf_hash(b"%d of %d" % (entry, tree)) for entry in range(300)] for tree in range(2)]


def head_of(size, tree=0):
    return TreeHead(size=size, root=root_of(TREES[tree][:size]))


def proof_of(old, size, tree=0):
    return make_consistency_proof(min(old, size), size, node_at_of(TREES[tree]))


def checkpoint_of_tree(size, tree=0, *, signers=LOG_SIGNERS[:1], origin=ORIGIN, root=None):
    head = TreeHead(size=size, root=root or head_of(size, tree).root)
    return sign_note(Checkpoint(origin=origin, head=head).text, signers, time_s=5)


def request(old, size, tree=0, *, hashes=None, **further):
    proof = proof_of(old, size, tree) if hashes is None else hashes
    return bytes(Submission(old_size=old, proof=tuple(proof), note=checkpoint_of_tree(size, tree, **further)))
