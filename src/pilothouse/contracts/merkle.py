"""The Merkle tree of RFC 6962, section 2.1, over SHA-256. Pure; hashes are 32 bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def extend(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The frontier of a tree of `size` leaves after one more.

    A frontier holds the roots of the perfect subtrees that the leaves fall into, largest first: one for each 1 bit of
    `size`. It is all that an append needs, so appending costs O(log n).
    """
    grown = [*frontier, leaf]
    while size & 1:
        right = grown.pop()
        grown.append(node_hash(grown.pop(), right))
        size >>= 1
    return grown


def root(frontier: Sequence[bytes]) -> bytes:
    """The root hash of the tree with this frontier; of the empty tree: the hash of nothing."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    *rest, top = frontier
    for left in reversed(rest):
        top = node_hash(left, top)
    return top


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root hash over leaf hashes: MTH of RFC 6962, section 2.1."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        frontier = extend(frontier, size, leaf)
    return root(frontier)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index`: PATH of RFC 6962, section 2.1.1, nearest sibling first.

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(tree_root(leaves[middle:high]))
            high = middle
        else:
            path.append(tree_root(leaves[low:middle]))
            low = middle
    return path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that `path` leads to from leaf hash `leaf`, or None when the path has the wrong length.

    The proof holds when this is the root of the tree of `size` leaves (RFC 9162, section 2.1.3.2).
    """
    if not 0 <= index < size:
        return None
    node, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            top = node_hash(sibling, top)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        node, last = node >> 1, last >> 1
    return top if last == 0 else None


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """That the tree of the first `old` leaves is a beginning of this one: PROOF of RFC 6962, section 2.1.2.

    Raises IndexError unless 0 < old <= len(leaves).
    """
    if not 0 < old <= len(leaves):
        raise IndexError(f"no proof from {old} leaves to {len(leaves)}")
    proof: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while old != high - low:
        middle = _split(high - low)
        if old <= middle:
            proof.append(tree_root(leaves[low + middle : high]))
            high = low + middle
        else:
            proof.append(tree_root(leaves[low : low + middle]))
            low, old, whole = low + middle, old - middle, False
    if not whole:
        proof.append(tree_root(leaves[low:high]))
    return proof[::-1]


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does `proof` show that the tree of `old` leaves is a beginning of the one of `new` (RFC 9162, 2.1.4.2)?"""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:  # a perfect subtree: its root is the old root itself
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1
