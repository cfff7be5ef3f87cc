"""Laws of trees and proofs: what is made is verified, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.tlog.errors import ProofRefused
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.proofs import (
    make_consistency_proof,
    make_inclusion_proof,
    node_at_of,
    verify_consistency,
    verify_inclusion,
)
from escruta.tlog.trees import RightEdge, TreeHead, root_of

LEAVES = [leaf_hash(b"%d" % number) for number in range(600)]
NODE_AT = node_at_of(LEAVES)
HEADS = [TreeHead(size=size, root=root_of(LEAVES[:size])) for size in range(len(LEAVES) + 1)]

sizes = st.integers(0, len(LEAVES)) | st.sampled_from([0, 1, 2, 3, 255, 256, 257, 511, 512, 513])


@given(size=sizes.filter(bool), data=st.data())
def test_every_entry_is_shown_to_be_included(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = make_inclusion_proof(index, size, NODE_AT)
    verify_inclusion(LEAVES[index], index, proof, HEADS[size])


@given(size=sizes.filter(bool), data=st.data())
def test_a_proof_shows_one_entry_at_one_place_of_one_tree(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index)) if size > 1 else size
    proof = make_inclusion_proof(index, size, NODE_AT)
    with pytest.raises(ProofRefused):
        verify_inclusion(LEAVES[index], other, proof, HEADS[size])
    with pytest.raises(ProofRefused):
        verify_inclusion(LEAVES[other % 600], index, proof, HEADS[size])
    with pytest.raises(ProofRefused):
        verify_inclusion(LEAVES[index], index, proof, TreeHead(size=size, root=bytes(32)))


@given(old=sizes, new=sizes)
def test_every_earlier_tree_is_shown_to_be_the_beginning(old, new):
    old, new = sorted((old, new))
    verify_consistency(HEADS[old], HEADS[new], make_consistency_proof(old, new, NODE_AT))


@given(old=sizes.filter(bool), new=sizes, forged=st.binary(min_size=32, max_size=32))
def test_no_other_tree_is_shown_to_be_the_beginning(old, new, forged):
    old, new = sorted((old, new))
    if old:
        proof = make_consistency_proof(old, new, NODE_AT)
        with pytest.raises(ProofRefused):
            verify_consistency(TreeHead(size=old, root=forged), HEADS[new], proof)


@given(old=sizes, new=sizes, data=st.data())
def test_a_changed_proof_is_refused(old, new, data):
    old, new = sorted((old, new))
    proof = make_consistency_proof(old, new, NODE_AT)
    if not proof:
        return
    at = data.draw(st.integers(0, len(proof) - 1))
    changes = [
        (*proof[:at], bytes(32), *proof[at + 1 :]),
        proof[:at] + proof[at + 1 :],
        (*proof[:at], bytes(32), *proof[at:]),
        (*proof[:at], proof[at][:31], *proof[at + 1 :]),
    ]
    for changed in changes:
        with pytest.raises(ProofRefused):
            verify_consistency(HEADS[old], HEADS[new], changed)


@given(
    old=st.integers(0, 2**63 - 1),
    new=st.integers(0, 2**63 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=70),
)
def test_a_proof_out_of_thin_air_is_refused_at_once(old, new, proof):
    if 0 < old < new:
        with pytest.raises(ProofRefused):
            verify_consistency(TreeHead(size=old, root=bytes(32)), TreeHead(size=new, root=bytes(32)), proof)
    if old < new:
        with pytest.raises(ProofRefused):
            verify_inclusion(bytes(32), old, proof, TreeHead(size=new, root=bytes(32)))


@given(cuts=st.lists(st.integers(0, 600), max_size=8))
def test_batches_do_not_change_the_tree(cuts):
    edge = RightEdge()
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), 600], strict=True):
        list(edge.extend(LEAVES[start:end]))
        assert edge.head() == HEADS[end]
