"""What a sheet of findings says by domain: how much is there, and how the domain's answer counts the system. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pilothouse.kernel.checks.rulebook import strict_tier
from pilothouse.kernel.domain import Check, Domain, ShareMet, Status


class Counted(StrEnum):
    """How an answer counts a system: it meets all the answer's checks, surely not all, or nobody can say."""

    MET = "met"
    GAP = "gap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sums:
    """One domain's findings about one system (or several), counted. `gaps` are not met, in progress or unknown;
    `unknown` is part of them. What is not applicable is not asked; what is waived is asked, and neither."""

    asked: int = 0
    met: int = 0
    gaps: int = 0
    unknown: int = 0

    @property
    def weak(self) -> bool:
        """Is there a gap that somebody has looked at?"""
        return self.gaps > self.unknown

    @property
    def sound(self) -> bool:
        """Is everything answered, with no gap?"""
        return self.asked > 0 and self.gaps == 0


_KNOWN_SHORT = frozenset({Status.NOT_MET.value, Status.IN_PROGRESS.value, Status.WAIVED.value})


def counted(statuses: Iterable[str]) -> Counted | None:
    """“Does it meet all of them?” in three values; None where no check applies.

    One finding that is known to fall short settles it (not met, in progress, or waived, which never makes a thing met),
    whatever else is unknown. Without one, a single unknown keeps the question open.
    """
    said = set(statuses)
    if not said:
        return None
    if said & _KNOWN_SHORT:
        return Counted.GAP
    return Counted.UNKNOWN if Status.UNKNOWN in said else Counted.MET


def reaches(answer: ShareMet, stage: str, tier: str) -> bool:
    """Does the answer count systems of this stage and tier? An unknown tier is treated as the highest, as gates do."""
    return stage in answer.stages and (not answer.tiers or strict_tier(tier) in answer.tiers)


def by_domain(
    statuses: Mapping[str, str], stage: str, tier: str, checks: Mapping[str, Check], domains: Iterable[Domain]
) -> dict[str, tuple[Sums, Counted | None]]:
    """Domain id → its findings in numbers, and how its answer counts the system. `statuses` are those of a sheet."""
    said: dict[str, list[str]] = {}
    for check_id, status in statuses.items():
        if status != Status.NOT_APPLICABLE and check_id in checks:
            said.setdefault(checks[check_id].domain, []).append(status)
    found = {}
    for domain in domains:
        held, answer, state = said.get(domain.id, []), domain.answer, None
        if isinstance(answer, ShareMet) and reaches(answer, stage, tier):
            own = (statuses.get(check_id, Status.NOT_APPLICABLE) for check_id in answer.checks)
            state = counted(status for status in own if status != Status.NOT_APPLICABLE)
        if held or state:
            found[domain.id] = (_sums(held), state)
    return found


def _sums(held: list[str]) -> Sums:
    met, waived, unknown = (held.count(status) for status in (Status.MET, Status.WAIVED, Status.UNKNOWN))
    return Sums(len(held), met, len(held) - met - waived, unknown)
