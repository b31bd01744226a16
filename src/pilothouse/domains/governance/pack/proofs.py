"""Merkle proofs for many entries at once: the tree's levels are built once, then each proof is looked up. Pure.

`contracts.merkle` proves one entry and hashes half the tree for it; a pack proves a hundred thousand, a beginning of
the log for every checkpoint, and the sealing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from pilothouse.contracts.merkle import node_hash


def split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


class Tree:
    """The tree over leaf hashes (RFC 6962, 2.1). Building costs one hash a leaf; each proof after it O(log² n)."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaves)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaves at the end. Only the perfect subtrees that become whole are hashed."""
        self._levels[0].extend(leaves)
        self.size = len(self._levels[0])
        for level, below in enumerate(self._levels):
            if len(below) < 2:
                break
            if level + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[level + 1]
            rest = below[2 * len(above) :]
            pairs = zip(rest[::2], rest[1::2], strict=False)
            above.extend(sha256(b"\x01" + left + right).digest() for left, right in pairs)

    def root(self, low: int = 0, high: int | None = None) -> bytes:
        """The root over the leaves from `low` to `high`, where `low` is a multiple of the tree's size so far."""
        high = self.size if high is None else high
        count = high - low
        if count <= 0:
            return sha256(b"").digest()
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._levels[level][low >> level]
        middle = low + split(count)
        return node_hash(self.root(low, middle), self.root(middle, high))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The path of leaf `index` in the tree of the first `size` leaves, nearest sibling first."""
        low, high = 0, self.size if size is None else size
        if not 0 <= index < high <= self.size:
            raise IndexError(f"a tree of {high} leaves has no leaf {index}")
        path = []
        while high - low > 1:
            middle = low + split(high - low)
            if index < middle:
                path.append(self.root(middle, high))
                high = middle
            else:
                path.append(self.root(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """That the first `old` leaves are a beginning of the first `size` (RFC 6962, 2.1.2)."""
        low, high, whole = 0, self.size if size is None else size, True
        if not 0 < old <= high <= self.size:
            raise IndexError(f"no proof from {old} leaves to {high}")
        proof = []
        while old != high - low:
            middle = split(high - low)
            if old <= middle:
                proof.append(self.root(low + middle, high))
                high = low + middle
            else:
                proof.append(self.root(low, low + middle))
                low, old, whole = low + middle, old - middle, False
        if not whole:
            proof.append(self.root(low, high))
        return proof[::-1]

    def between(self, known: Sequence[int], size: int) -> list[bytes]:
        """What somebody who has the leaves `known` (rising) needs for the root of the first `size`: the roots of what
        lies between them, from left to right, each as large as can be. One proof for all of them."""
        nodes: list[bytes] = []
        edge, spine = 0, {0}  # where the subtrees begin that reach to the tree's end, whole or not
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                edge += 1 << level
                spine.add(edge)
        at = 0
        for end in (*known, size):
            while at < end:
                if end == size and at in spine:
                    nodes.append(self.root(at, size))
                    break
                level = (at & -at).bit_length() - 1 if at else size.bit_length()
                while at + (1 << level) > end:
                    level -= 1
                nodes.append(self._levels[level][at >> level])
                at += 1 << level
            at = end + 1
        return nodes
