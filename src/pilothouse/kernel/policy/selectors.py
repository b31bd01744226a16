"""Reading the policy, narrowed to what the actor may see; and asking *what if*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from pilothouse.contracts.errors import NotFound
from pilothouse.contracts.policy.budgets import stored
from pilothouse.contracts.policy.evaluate import STEPS, evaluate
from pilothouse.contracts.policy.request import CallRequest, Verdict
from pilothouse.contracts.policy.snapshot import Hold, Snapshot, Suspensions
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.policy.compile import compile_snapshot, compile_stops
from pilothouse.kernel.policy.models import (
    Alias,
    Budget,
    GatewayKey,
    Issuer,
    MarkedDocument,
    PolicySetting,
    Price,
    Publication,
    SnapshotRevision,
    Stop,
    Upstream,
)
from pilothouse.kernel.policy.rules import SystemRules, convert


def keys(actor: Actor) -> QuerySet[GatewayKey]:
    """Keys of the systems whose traffic the actor may see, newest first."""
    rows: QuerySet[GatewayKey] = GatewayKey.objects.of(actor).select_related("system", "unit", "issued_by")
    if actor.scope("traffic.view").everywhere:
        return rows
    return rows.filter(system__in=systems(actor, "traffic.view"))


def key_of(actor: Actor, key_id: Any) -> GatewayKey:
    """One key that the actor may see, or NotFound."""
    found = keys(actor).select_related("system__unit").filter(pk=key_id).first()
    if found is None:
        raise NotFound
    return found


def upstreams(actor: Actor) -> QuerySet[Upstream]:
    rows: QuerySet[Upstream] = Upstream.objects.of(actor)
    return rows


def issuers(actor: Actor) -> QuerySet[Issuer]:
    """Whose identity tokens show who a person is."""
    rows: QuerySet[Issuer] = Issuer.objects.of(actor)
    return rows


def aliases(actor: Actor) -> QuerySet[Alias]:
    rows: QuerySet[Alias] = Alias.objects.of(actor)
    return rows


def prices(actor: Actor) -> QuerySet[Price]:
    rows: QuerySet[Price] = Price.objects.of(actor).select_related("upstream")
    return rows


def budgets(actor: Actor) -> QuerySet[Budget]:
    """Caps in force that bear on what the actor may see, with what they cap at hand."""
    rows: QuerySet[Budget] = Budget.objects.of(actor).filter(active=True)
    rows = rows.select_related("unit", "system", "key__system")
    if actor.scope("traffic.view").everywhere or actor.scope("budget.manage"):
        return rows
    mine = systems(actor, "traffic.view")
    return rows.filter(Q(system__in=mine) | Q(key__system__in=mine))


def marked_documents(actor: Actor) -> QuerySet[MarkedDocument]:
    """Documents that inspection knows, without their fingerprints."""
    rows: QuerySet[MarkedDocument] = MarkedDocument.objects.of(actor).select_related("marked_by").defer("prints")
    return rows


def stops(actor: Actor) -> QuerySet[Stop]:
    """What is stopped and what was, newest first."""
    rows: QuerySet[Stop] = Stop.objects.of(actor).select_related("by", "lifted_by")
    return rows


def revisions(actor: Actor) -> QuerySet[SnapshotRevision]:
    rows: QuerySet[SnapshotRevision] = SnapshotRevision.objects.of(actor)
    return rows


def publication(actor: Actor) -> Publication | None:
    """How far the organisation's policy is published; None before the first time."""
    found: Publication | None = Publication.objects.of(actor).first()
    return found


def setting_of(system: System) -> tuple[SystemRules, int]:
    """A system's rules and their version; those of a system without any are empty, at version 0."""
    row = PolicySetting.objects.filter(system=system).first()
    if row is None:
        return SystemRules(), 0
    return convert(row.rules, SystemRules, "The policy"), row.version


def policy_now(organisation: Organisation) -> tuple[Snapshot, Suspensions]:
    """The two documents as they would be published at this moment, with the number of what was published last."""
    snapshot = compile_snapshot(organisation, timezone.now())
    return snapshot, compile_stops(organisation, snapshot)


def verdict(actor: Actor, request: CallRequest) -> Verdict:
    """What the gateway would say to this call now. A key that the actor may not see is one that nobody knows."""
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    snapshot, suspensions = policy_now(organisation)
    key = snapshot.keys.get(request.key)
    if key is not None:
        key_of(actor, key.id)
    return evaluate(snapshot, suspensions, request, snapshot.issued_at)


def keeping(judged: Verdict) -> tuple[str, int]:
    """Of a call that is let through: why its answer would wait for a reviewer, or may; and for how many days its text
    would be stored (0: not at all)."""
    system = judged.system
    if system is None:
        return "", 0
    days = system.storage.days if stored(system.storage, judged.purpose) else 0
    return _held(judged, system.hold), days


def _held(judged: Verdict, rule: Hold) -> str:
    if judged.hold:
        return "Yes: it serves a decision that a human makes."
    if rule.every:
        return "Yes: every answer of the system."
    chance = f"{rule.sample_per_mille} of 1,000, drawn at random" if rule.sample_per_mille else ""
    limit = rule.score_above_per_mille
    score = f"if its score is above {limit} of 1,000" if limit is not None else ""
    return f"Perhaps: {'; '.join(part for part in (chance, score) if part)}." if chance or score else ""


def steps(judged: Verdict) -> Sequence[tuple[str, str]]:
    """The steps of the judgement in order, each passed, refused or not reached."""
    found, past = [], False
    for name, _ in STEPS:
        refused = name == judged.step
        found.append((name, "refused" if refused else "unasked" if past or _before(judged) else "passed"))
        past = past or refused
    return found


def _before(judged: Verdict) -> bool:
    """Did it end before the first step: no policy, or one out of date?"""
    return not judged.allow and not judged.step
