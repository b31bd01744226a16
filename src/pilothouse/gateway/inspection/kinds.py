"""One finding, what masks it, and what is done about each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    "banned": "REMOVED",
    "canary": "REMOVED",
}
INLINE = frozenset(KINDS) - {"name", "address"}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a finding lies in a text: byte offsets into its UTF-8 form."""

    kind: str
    start: int
    end: int


def treatments(wanted: Mapping[str, Treatment]) -> dict[str, Treatment]:
    """The treatment of every kind found inline: as `wanted` says, else counted.

    Where masking was asked for a kind that cannot be masked it is blocked, never let through.
    """
    found: dict[str, Treatment] = {}
    for kind in INLINE:
        treatment = wanted.get(kind, "count")
        found[kind] = "block" if treatment == "mask" and kind not in LABELS else treatment
    return found


def without_overlaps(spans: list[Span]) -> list[Span]:
    """The spans in order; of those that overlap, the one that was found first."""
    kept: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
