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
