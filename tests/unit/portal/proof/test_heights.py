from hypothesis import given
from hypothesis import strategies as st

from escruta.portal.proof.heights import MOST_TOPS, Heights
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.proofs import make_inclusion_proof, node_at_of
from escruta.tlog.trees import root_of

LEAVES = [leaf_hash(b"%d" % number) for number in range(1100)]


@given(size=st.integers(1, 1100), data=st.data())
def test_the_proofs_of_all_leaves_are_those_of_the_log(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = Heights(LEAVES[:size])
    assert (tree.size, tree.root) == (size, root_of(LEAVES[:size]))
    assert tree.path(index) == make_inclusion_proof(index, size, node_at_of(LEAVES))


@given(size=st.integers(1, 1100), data=st.data())
def test_a_path_is_that_below_the_tops_and_that_over_them(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = Heights(LEAVES[:size])
    height = tree.top_height
    assert len(tree.tops) <= MOST_TOPS
    assert height == 0 or 2 * len(tree.tops) >= MOST_TOPS
    above = Heights(tree.tops)
    assert above.root == tree.root
    assert tree.path(index, end=height) + above.path(index >> height) == tree.path(index)


def test_an_empty_tree_has_a_root():
    assert (Heights([]).size, Heights([]).root, Heights([]).tops) == (0, root_of([]), ())
