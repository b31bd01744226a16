"""How the domains' answers count systems now, and the filters of the list of systems that open what was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.models import AnswerRow, FindingRow
from pilothouse.kernel.checks.rulebook import strict_tier
from pilothouse.kernel.checks.rules.domains import Counted, reaches
from pilothouse.kernel.checks.trends import answer_rows
from pilothouse.kernel.domain import Domain, ShareMet, Status, registry
from pilothouse.kernel.inventory.models import Tier
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class Count3:
    """Systems that an answer counts, by how it counts them."""

    met: int = 0
    gap: int = 0
    unknown: int = 0

    @property
    def all(self) -> int:
        return self.met + self.gap + self.unknown


def answer_counts(actor: Actor) -> dict[str, Count3]:
    """Domain id → how its answer by findings counts the systems that the actor may see, in two queries.

    A system of the answer's stages and tiers that was never judged is unknown: nobody can say yet.
    """
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    held = answer_rows(actor).filter(to_at=None).values_list("domain", "counted").annotate(n=Count("pk"))
    for domain, state, count in held:
        found[domain][state] = count
    unjudged = list(
        systems(actor).filter(finding_sheet=None).order_by().values_list("stage", "tier").annotate(n=Count("pk"))
    )
    counts = {}
    for domain_id, answer in _shares().items():
        said = found.get(domain_id, {})
        new = sum(count for stage, tier, count in unjudged if reaches(answer, stage, tier))
        counts[domain_id] = Count3(
            said.get(Counted.MET, 0), said.get(Counted.GAP, 0), said.get(Counted.UNKNOWN, 0) + new
        )
    return counts


def answer_condition(actor: Actor, value: str) -> Q:
    """The list filter `answer=<domain>:<met|gap|unknown>`; without a state, all that it counts. Raises Invalid."""
    domain, _, state = value.partition(":")
    answer = _shares().get(domain)
    if answer is None or state not in ("", *Counted):
        raise Invalid(
            f"“{value}” names no domain that is answered by systems.",
            fields={"answer": "Write it as strategy:met, strategy:gap or strategy:unknown."},
        )
    rows = AnswerRow.objects.filter(organisation_id=actor.organisation_id, to_at=None, domain=domain)
    found = Q(pk__in=(rows.filter(counted=state) if state else rows).values("system_id"))
    if state in ("", Counted.UNKNOWN):
        tiers = [str(tier) for tier in Tier if not answer.tiers or strict_tier(tier) in answer.tiers]
        found |= Q(finding_sheet=None, stage__in=answer.stages, tier__in=tiers)
    return found


def describe_answer(value: str) -> str:
    """The text of that filter's chip."""
    domain, _, state = value.partition(":")
    words = {"": "counted in its answer", "met": "in place", "gap": "falls short", "unknown": "unknown"}
    return f"{_title(domain)}: {words.get(state, state)}"


_STANDINGS = {
    "weak": "has a gap",
    "sound": "nothing missing",
    "known": "nothing unknown, or a gap",
    "unknown": "unknown",
}
_LOOKED_AT = (Status.NOT_MET, Status.IN_PROGRESS)


def standing_condition(actor: Actor, value: str) -> Q:
    """The list filter `standing=<domain>:<state>`, over all checks of a domain. Raises Invalid.

    weak (or no state): a gap that somebody has looked at. sound: everything that is asked is met or waived. known: one
    of these two. unknown: no such gap, and something nobody has answered.
    """
    domain, _, state = value.partition(":")
    state = state or "weak"
    if domain not in registry.domains or state not in _STANDINGS:
        raise Invalid(
            f"“{value}” names no domain and standing.",
            fields={"standing": f"Write it as strategy:{', strategy:'.join(_STANDINGS)}."},
        )
    checks = [check.id for check in registry.domains[domain].checks]
    rows = FindingRow.objects.filter(organisation_id=actor.organisation_id, to_at=None, check_id__in=checks)
    weak = Q(pk__in=rows.filter(status__in=_LOOKED_AT).values("system_id"))
    open_ = Q(pk__in=rows.filter(status=Status.UNKNOWN).values("system_id"))
    if state == "weak":
        return weak
    if state == "unknown":
        return open_ & ~weak
    sound = Q(pk__in=rows.values("system_id")) & ~weak & ~open_
    return sound if state == "sound" else sound | weak


def describe_standing(value: str) -> str:
    """The text of that filter's chip."""
    domain, _, state = value.partition(":")
    return f"{_title(domain)}: {_STANDINGS.get(state or 'weak', state)}"


def _title(domain: str) -> str:
    known = registry.domains.get(domain)
    return known.title if known else domain


def _shares() -> Mapping[str, ShareMet]:
    return {d.id: d.answer for d in registry.domains.values() if isinstance(d.answer, ShareMet)}


def answering() -> list[Domain]:
    """The domains with a question of their own, in order. What the register itself is asked (order 0) is not one."""
    return sorted((d for d in registry.domains.values() if d.order > 0), key=lambda domain: (domain.order, domain.id))
