"""Proofs that an entry is in a tree, and that a tree holds all of an earlier one.

Sources: RFC 6962, sections 2.1.1 and 2.1.2 (making); RFC 9162, sections 2.1.3.2 and 2.1.4.2 (verifying). The two sides
share no code but the hash of a node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from escruta.tlog.errors import ProofRefused
from escruta.tlog.hashing import EMPTY_ROOT, HASH_SIZE, node_hash
from escruta.tlog.trees import TreeHead

NodeAt = Callable[[int, int], bytes]
"""Gives the root of the perfect subtree of `2**height` leaves that begins at leaf `index * 2**height`."""

LONGEST_PROOF = 64
"""More hashes than any tree of less than 2**63 leaves needs."""


def node_at_of(leaves: Sequence[bytes]) -> NodeAt:
    """Give the nodes of a small tree whose leaf hashes are all in memory."""

    def node_at(height: int, index: int) -> bytes:
        if height == 0:
            return leaves[index]
        return node_hash(node_at(height - 1, 2 * index), node_at(height - 1, 2 * index + 1))

    return node_at


def make_inclusion_proof(index: int, size: int, node_at: NodeAt) -> tuple[bytes, ...]:
    """Give the hashes that lead from a leaf to the root, the leaf's neighbour first.

    >>> leaves = [bytes([number]) * 32 for number in range(3)]
    >>> make_inclusion_proof(2, 3, node_at_of(leaves)) == (node_hash(leaves[0], leaves[1]),)
    True
    """
    if not 0 <= index < size:
        raise ProofRefused("the tree has no such entry", found=index, expected=f"an index below {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node_at))
            end = middle
        else:
            path.append(_range_root(start, middle, node_at))
            start = middle
    return tuple(reversed(path))


def make_consistency_proof(old_size: int, size: int, node_at: NodeAt) -> tuple[bytes, ...]:
    """Give the hashes that show a tree of `old_size` leaves to be the beginning of one of `size`."""
    if not 0 <= old_size <= size:
        raise ProofRefused("a tree cannot begin with a larger one", found=old_size, expected=f"at most {size}")
    if old_size in {0, size}:
        return ()
    path = []
    start, end, is_whole = 0, size, True
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_range_root(middle, end, node_at))
            end = middle
        else:
            path.append(_range_root(start, middle, node_at))
            start, is_whole = middle, False
    if not is_whole:
        path.append(_range_root(start, end, node_at))
    return tuple(reversed(path))


def _split(width: int) -> int:
    """Give the largest power of two below a number of leaves."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(start: int, end: int, node_at: NodeAt) -> bytes:
    """Give the root over leaves that begin where a subtree of theirs may begin."""
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(node_at(height, start >> height))
        start += 1 << height
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def verify_inclusion(leaf: bytes, index: int, proof: Sequence[bytes], head: TreeHead) -> None:
    """Raise `ProofRefused` unless the leaf stands at the index of the tree. Source: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < head.size:
        raise ProofRefused("the tree has no such entry", found=index, expected=f"an index below {head.size}")
    _require_hashes([leaf, *proof])
    node, last, root = index, head.size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRefused("the proof is too long", found=f"{len(proof)} hashes")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short", found=f"{len(proof)} hashes")
    _require_root(root, head)


def verify_consistency(old: TreeHead, head: TreeHead, proof: Sequence[bytes]) -> None:
    """Raise `ProofRefused` unless the larger tree begins with all of the old one.

    Source: RFC 9162, section 2.1.4.2. An empty tree begins every tree, and a tree itself, without a hash.
    """
    if old.size > head.size:
        raise ProofRefused("the later tree is smaller", found=head.size, expected=f"at least {old.size}")
    _require_hashes(proof)
    for each in (old, head):
        if each.size == 0:
            _require_root(EMPTY_ROOT, each)
    if old.size in {0, head.size}:
        if proof:
            raise ProofRefused("the proof is too long", found=f"{len(proof)} hashes", expected="none")
        if old.size:
            _require_root(old.root, head)
        return
    _verify_growth(old, head, proof)


def _verify_growth(old: TreeHead, head: TreeHead, proof: Sequence[bytes]) -> None:
    hashes = list(proof)
    if old.size & (old.size - 1) == 0:
        hashes.insert(0, old.root)  # the old tree is one perfect subtree, so its root need not be sent
    if not hashes:
        raise ProofRefused("the proof is too short", found="no hash")
    node, last = old.size - 1, head.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = root = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofRefused("the proof is too long", found=f"{len(proof)} hashes")
        if node & 1 or node == last:
            old_root, root = node_hash(sibling, old_root), node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short", found=f"{len(proof)} hashes")
    _require_root(old_root, old)
    _require_root(root, head)


def _require_hashes(hashes: Sequence[bytes]) -> None:
    wrong = next((each for each in hashes if len(each) != HASH_SIZE), None)
    if wrong is not None:
        raise ProofRefused("a hash has the wrong length", found=f"{len(wrong)} bytes", expected=f"{HASH_SIZE} bytes")


def _require_root(root: bytes, head: TreeHead) -> None:
    if root != head.root:
        raise ProofRefused(
            f"the proof leads to another root than that of the tree of {head.size}",
            found=root.hex(),
            expected=head.root.hex(),
        )
