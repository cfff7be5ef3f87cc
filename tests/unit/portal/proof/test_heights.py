from hypothesis import given
from hypothesis import strategies as st

from escruta.portal.proof.heights import MOST_TOPS, Heights, tops_between, tops_of
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.proofs import make_inclusion_proof, node_at_of
from escruta.tlog.trees import root_of

LEAVES = [leaf_hash(b"%d" % number) for number in range(1100)]
WHOLE = Heights(LEAVES)


@given(size=st.integers(1, 1100), data=st.data())
def test_the_proofs_of_all_leaves_are_those_of_the_log(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = Heights(LEAVES[:size])
    assert (tree.size, tree.root) == (size, root_of(LEAVES[:size]))
    assert tree.path(index) == make_inclusion_proof(index, size, node_at_of(LEAVES))


@given(size=st.integers(1, 1100), data=st.data())
def test_a_larger_tree_gives_the_roots_and_proofs_of_every_smaller_one(size, data):
    index = data.draw(st.integers(0, size - 1))
    assert WHOLE.root_at(size) == root_of(LEAVES[:size])
    path = make_inclusion_proof(index, size, node_at_of(LEAVES))
    assert WHOLE.path(index, size=size) == path
    cut = data.draw(st.integers(0, 12))
    assert WHOLE.path(index, size=size, end=cut) + WHOLE.path(index, size=size, start=cut) == path


@given(sizes=st.lists(st.integers(0, 1100), min_size=1, max_size=4).map(sorted))
def test_a_tree_that_grew_is_the_tree_that_was_made_at_once(sizes):
    tree = None
    for start, end in zip([0, *sizes], sizes, strict=False):
        tree = Heights(LEAVES[start:end], tree)
    last = sizes[-1]
    assert (tree.size, tree.root) == (last, root_of(LEAVES[:last]))
    if last:
        assert tree.path(last // 2) == Heights(LEAVES[:last]).path(last // 2)


@given(sizes=st.sets(st.integers(1, 1100), min_size=1, max_size=6).map(sorted))
def test_the_tops_are_whole_subtrees_that_lie_side_by_side_and_stay_when_the_tree_grows(sizes):
    tops = tops_of(sizes)
    ends = [top.start + (1 << top.height) for top in tops]
    assert [0, *ends] == [*(top.start for top in tops), sizes[-1]]
    assert set(sizes) <= set(ends)
    assert tops_of([*sizes, 5000])[: len(tops)] == tops


def test_a_large_part_has_about_as_many_tops_as_a_page_can_hold():
    for size in (70_000, 118_000, 3_000_000):
        assert MOST_TOPS / 2 <= len(tops_between(0, size)) <= MOST_TOPS + 2 * 24
    assert len(tops_between(3, 259)) <= 16


def test_an_empty_tree_has_a_root():
    assert (Heights([]).size, Heights([]).root, Heights([]).root_at(0)) == (0, root_of([]), root_of([]))
