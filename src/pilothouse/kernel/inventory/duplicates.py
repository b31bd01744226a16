"""Finding systems that may be one. Pure: texts in, scored pairs out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from rapidfuzz import fuzz

from pilothouse.kernel.inventory.rules import fold

BLOCK_LIMIT = 40  # a word that more systems share than this tells too little to compare all of them
RARE_WORDS = 4  # how many of a name's rarest words bring it together with others
THRESHOLD = 0.85
PAIRS_A_SYSTEM = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of a system."""

    id: UUID
    name: str
    purpose: str
    unit_id: UUID | None
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    left: UUID
    right: UUID
    score: float
    reason: str


def likely_pairs(candidates: Iterable[Candidate]) -> list[Pair]:
    """Pairs whose names, and purposes where both have one, read alike; best first.

    Only systems that share one of their rarest name words, or the whole folded name, are compared, so the work grows
    with the number of systems and not with its square. Each system keeps its best few pairs.
    """
    folded = [(c, fold(c.name), fold(c.purpose)[:600]) for c in candidates]
    scored: list[Pair] = []
    for left, right in _blocks([name for _, name, _ in folded]):
        pair = _judge(folded[left], folded[right])
        if pair:
            scored.append(pair)
    scored.sort(key=lambda pair: (-pair.score, str(pair.left), str(pair.right)))
    kept, count = [], Counter[UUID]()
    for pair in scored:
        if count[pair.left] < PAIRS_A_SYSTEM and count[pair.right] < PAIRS_A_SYSTEM:
            kept.append(pair)
            count.update((pair.left, pair.right))
    return kept


def _blocks(names: Sequence[str]) -> set[tuple[int, int]]:
    """Index pairs worth comparing."""
    words = [set(name.split()) for name in names]
    frequency = Counter(word for each in words for word in each)
    blocks: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(words):
        shared = sorted((word for word in each if frequency[word] > 1), key=lambda word: (frequency[word], word))
        for word in shared[:RARE_WORDS]:
            blocks[word].append(index)
        blocks["=" + names[index]].append(index)
    pairs: set[tuple[int, int]] = set()
    for members in blocks.values():
        if len(members) <= BLOCK_LIMIT:
            pairs.update(combinations(members, 2))
        else:
            # Too many to compare all: neighbours in order of name are the likeliest.
            ordered = sorted(members, key=lambda index: names[index])
            pairs.update((min(p), max(p)) for step in (1, 2) for p in zip(ordered, ordered[step:], strict=False))
    return pairs


def _judge(left: tuple[Candidate, str, str], right: tuple[Candidate, str, str]) -> Pair | None:
    (a, name_a, purpose_a), (b, name_b, purpose_b) = left, right
    name = fuzz.token_sort_ratio(name_a, name_b, score_cutoff=75) / 100
    if not name:
        return None
    reasons = ["the same name" if name_a == name_b else f"names {name:.0%} alike"]
    score = name
    if purpose_a and purpose_b:
        purpose = fuzz.token_set_ratio(purpose_a, purpose_b) / 100
        score = 0.6 * name + 0.4 * purpose
        reasons.append("the same purpose" if purpose_a == purpose_b else f"purposes {purpose:.0%} alike")
    else:
        # Without a purpose to compare, even the same name is no more than likely; a short common one less so.
        score = name * (0.92 if len(name_a.split()) > 2 else 0.9)
    if a.unit_id and b.unit_id and a.unit_id != b.unit_id:
        score -= 0.05
        reasons.append("in different units")
    if a.vendor and b.vendor and fold(a.vendor) == fold(b.vendor):
        score = min(1.0, score + 0.02)
        reasons.append(f"vendor {a.vendor}")
    return Pair(a.id, b.id, round(score, 3), ", ".join(reasons).capitalize()[:300]) if score >= THRESHOLD else None
