import pytest

from escruta.tlog.errors import LogConflict
from escruta.tlog.hashing import EMPTY_ROOT, leaf_hash
from escruta.tlog.trees import RightEdge, root_of

# The entries and roots that the reference implementation of Certificate Transparency tests itself with.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_known_roots():
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
    assert tuple(root_of(leaves[:size]).hex() for size in range(9)) == ROOTS


def test_a_tree_without_leaves_has_the_root_of_nothing():
    head = RightEdge().head()
    assert (head.size, head.root) == (0, EMPTY_ROOT)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])
def test_full_tiles_come_out_once_each_and_in_order(size):
    edge = RightEdge()
    tiles = list(edge.extend([bytes(32)] * size))
    for level in range(3):
        indexes = [tile.index for tile in tiles if tile.level == level]
        assert indexes == list(range(size >> 8 * (level + 1)))
    assert edge.size == size
    assert all(len(tile.hashes) == 256 for tile in tiles)


@pytest.mark.parametrize("cut", [0, 255, 257, 65_536])
def test_an_edge_taken_up_again_goes_on_as_if_never_left(cut):
    leaves = [leaf_hash(b"%d" % number) for number in range(70_001)]
    whole, first = RightEdge(), RightEdge()
    expected = list(whole.extend(leaves))
    tiles = list(first.extend(leaves[:cut]))
    second = RightEdge(first.size, first.levels)
    tiles += second.extend(leaves[cut:])
    assert tiles == expected
    assert second.head() == whole.head()


@pytest.mark.parametrize(("size", "levels"), [(1, []), (0, [[bytes(32)]]), (300, [[bytes(32)] * 44]), (256, [[], []])])
def test_an_edge_that_does_not_fit_its_size_is_refused(size, levels):
    with pytest.raises(LogConflict, match="right edge"):
        RightEdge(size, levels)
