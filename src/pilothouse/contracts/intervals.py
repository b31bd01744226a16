"""Intervals of shares: how far a share of few may be off."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.96
"""Of a 95 % interval."""


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927, without correction): it stays within 0 and 1 for any counts.

    Raises ValueError for an empty whole, of which nothing can be said.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError("a share needs a whole, and a part of it")
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return max(0.0, middle - half), min(1.0, middle + half)
