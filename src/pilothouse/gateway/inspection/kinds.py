"""One finding, what masks it, and what is done about each kind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from pilothouse.contracts.policy.snapshot import KINDS, Treatment

# The word inside a mask. A kind that is not here has no edges that a mask could have: a whole text is of it or is not.
LABELS: Mapping[str, str] = {
    "secret": "SECRET",
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "iban": "IBAN",
    "national_id": "NATIONAL_ID",
    "ip_address": "IP",
    "birth_date": "BIRTH_DATE",
    "name": "NAME",
    "address": "ADDRESS",
    "banned": "REMOVED",
    "canary": "REMOVED",
}
DEEP = frozenset({"name", "address"})
INLINE = frozenset(KINDS) - DEEP
UNREAD = "unknown"  # the finding that stands for a text in which nobody looked for names


class Span(NamedTuple):
    """Where a finding lies in a text: byte offsets into its UTF-8 form."""

    kind: str
    start: int
    end: int


def treatments(wanted: Mapping[str, Treatment], deep: bool = False) -> dict[str, Treatment]:
    """The treatment of every kind that is looked for: as `wanted` says, else counted.

    Where masking was asked for a kind that cannot be masked it is blocked, never let through.
    """
    found: dict[str, Treatment] = {}
    for kind in KINDS if deep else INLINE:
        treatment = wanted.get(kind, "count")
        found[kind] = "block" if treatment == "mask" and kind not in LABELS else treatment
    return found


def without_overlaps(spans: list[Span]) -> list[Span]:
    """The spans in order; of those that overlap, the one that was found first."""
    if all(one.end <= following.start for one, following in pairwise(spans)):
        return spans
    kept: list[Span] = []
    starts: list[int] = []
    for span in spans:
        # What is kept never overlaps, so only the neighbours can be in the way.
        at = bisect_left(starts, span.start)
        if at and kept[at - 1].end > span.start:
            continue
        if at < len(kept) and kept[at].start < span.end:
            continue
        kept.insert(at, span)
        starts.insert(at, span.start)
    return kept


def outside(spans: list[Span], taken: list[Span]) -> list[Span]:
    """What of `spans` lies outside of `taken`; both in order and without overlaps."""
    found: list[Span] = []
    for span in spans:
        start = span.start
        for other in taken:
            if other.end <= start or other.start >= span.end:
                continue
            if other.start > start:
                found.append(Span(span.kind, start, other.start))
            start = other.end
        if start < span.end:
            found.append(Span(span.kind, start, span.end))
    return found
