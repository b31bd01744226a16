"""Waivers: one check, one system, for a while; decided by the role that the check protects; ended on time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.domain import Check, registry
from pilothouse.kernel.gates.actions.moving import locked
from pilothouse.kernel.gates.models import Waiver
from pilothouse.kernel.gates.selectors import marks_now, prohibited_because
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many
from pilothouse.kernel.notify.notices import notify


@action("waiver.request", on="system")
def waiver_request(
    *, actor: Actor, system: System, check_id: str, reason: str, days: int, compensation: str = ""
) -> Waiver:
    """Ask that a check need not be met by a system for at most `days`. Renewed once; some checks never are waived.

    Raises Invalid, Conflict (asked already, renewed too often, nobody could decide) and Forbidden (never waivable).
    """
    system = locked(actor, system)
    body = active_body(actor.organisation_id)
    check = registry.checks.get(check_id)
    wrong = {} if check else {"check_id": "There is no such check."}
    if not reason.strip():
        wrong["reason"] = "Say why it cannot be met now."
    if not 1 <= days <= body.waivers.max_days:
        wrong["days"] = f"From 1 to {body.waivers.max_days} days."
    if wrong or check is None:
        raise Invalid("The request is not complete.", fields=wrong)
    earlier = _earlier(system, check, body)
    waiver: Waiver = Waiver.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        check_id=check.id,
        title=check.title,
        reason=reason.strip(),
        compensation=compensation.strip(),
        days=days,
        asked_by_id=actor.person_id,
        asked_at=now(),
        renews=earlier,
    )
    waiver.decision = decision_request(
        actor=actor,
        kind=WAIVER.id,
        title=f"Waive “{check.title}” for {system.ref} {system.name}, {days} days",
        summary=waiver.reason,
        subject=waiver,
        system=system,
        groups=((check.protects,),),
        payload={
            "check": check.id,
            "question": check.question,
            "days": days,
            "instead": waiver.compensation,
            "renewal": earlier is not None,
        },
        bars_owners=True,
        high_risk=system.tier in ("high", "unknown"),
        marks=marks_now(system, now()),
    )
    waiver.save(update_fields=("decision",))
    after = {"check": check.id, "days": days, "renewal": earlier is not None}
    record(actor, "waiver.asked", waiver, system_id=system.pk, after=after, note=waiver.reason)
    return waiver


@action("waiver.request", on="waiver")
def waiver_end(*, actor: Actor, waiver: Waiver, reason: str) -> Waiver:
    """End a waiver before its time: the check is asked again at once."""
    lock_log(actor.organisation_id)
    waiver = Waiver.objects.select_for_update(of=("self",)).select_related("system").get_of(actor, pk=waiver.pk)
    if waiver.state != "live":
        raise Conflict("This waiver is not in force.", code="closed")
    if not reason.strip():
        raise Invalid("Say why it ends now.", fields={"reason": "Say why."})
    _end(actor, [waiver], now(), reason.strip())
    return waiver


def waivers_tick(moment: datetime) -> dict[str, int]:
    """End the waivers whose time is over, and ask their checks again."""
    due = Waiver.objects.filter(state="live", ends_at__lte=moment)
    ended = 0
    for organisation_id in due.values_list("organisation_id", flat=True).distinct().order_by():
        ended += waivers_end_due(actor=system_actor(organisation_id), moment=moment)
    return {"ended": ended}


@action("organisation.change")
def waivers_end_due(*, actor: Actor, moment: datetime) -> int:
    """The same for the actor's organisation."""
    lock_log(actor.organisation_id)
    rows = list(
        Waiver.objects.of(actor)
        .filter(state="live", ends_at__lte=moment)
        .select_related("system__organisation")
        .select_for_update(of=("self",))
    )
    _end(actor, rows, moment, "Its time was over.")
    return len(rows)


def _end(actor: Actor, rows: list[Waiver], moment: datetime, why: str) -> None:
    for row in rows:
        row.state, row.ended_at = "ended", moment
        if row.system.owner_id:
            url = f"/o/{row.system.organisation.slug}/systems/{row.system.number}/gates/"
            notify([row.system.owner_id], f"The waiver of “{row.title}” for {row.system.ref} ended.", url)
    Waiver.objects.bulk_update(rows, ["state", "ended_at"])
    record_many(
        actor, [Event("waiver.ended", row, row.system_id, after={"check": row.check_id}, note=why) for row in rows]
    )
    refresh(actor, {row.system_id for row in rows}, moment)


def _earlier(system: System, check: Check, body: RulebookBody) -> Waiver | None:
    """The waiver that this one would renew. Raises when it may not be asked at all."""
    prohibited = prohibited_because(system)
    if prohibited:
        raise Forbidden(f"Its use is prohibited: {prohibited} Nothing is waived.", code="prohibited")
    if check.id in body.waivers.never:
        raise Forbidden(f"“{check.title}” is never waived. Meet it.", code="never")
    granted = list(Waiver.objects.filter(system=system, check_id=check.id).order_by("asked_at"))
    if any(row.state == "asked" for row in granted):
        raise Conflict("This was asked already and waits for a decision.", code="already_asked")
    granted = [row for row in granted if row.state in ("live", "ended")]
    if len(granted) > body.waivers.renewals:
        raise Conflict("It was waived and renewed already; it is not renewed again. Meet it.", code="renewed")
    _someone_decides(system, check)
    return granted[-1] if granted else None


def _someone_decides(system: System, check: Check) -> None:
    holders = Membership.objects.filter(
        organisation_id=system.organisation_id, role__key=check.protects, person__left_at=None
    ).exclude(person__in=system.owner_ids())
    path = system.unit_path()
    units = holders.values_list("unit__path", flat=True)
    if not any(unit is None or (path and path.startswith(unit)) for unit in units):
        raise Conflict(
            f"“{check.title}” protects the role “{check.protects}”, and nobody but the owner holds it. "
            "Name someone before asking.",
            code="nobody",
        )


def _hash(decision: Decision) -> str | None:
    row = Waiver.objects.select_related("system").filter(pk=decision.subject_id, state="asked").first()
    if row is None or row.check_id not in registry.checks:
        return None
    return content_hash(
        {
            "waiver": [row.check_id, row.days, row.reason, row.compensation],
            "check": registry.checks[row.check_id].version,
            "owners": row.system.owner_ids(),
            "tier": row.system.tier,
        }
    )


def _grant(decision: Decision, actor: Actor) -> None:
    row = Waiver.objects.select_related("system", "renews").get(pk=decision.subject_id)
    moment = now()
    running = row.renews if row.renews and row.renews.state == "live" else None
    begins = running.ends_at if running and running.ends_at else moment
    if running:
        running.state, running.ended_at = "ended", moment
        running.save(update_fields=("state", "ended_at"))
    row.state, row.starts_at, row.ends_at = "live", moment, begins + timedelta(days=row.days)
    row.save(update_fields=("state", "starts_at", "ends_at"))
    after = {"check": row.check_id, "until": row.ends_at}
    record(actor, "waiver.granted", row, system_id=row.system_id, after=after, note=decision.because)
    refresh(actor, [row.system_id])


def _refuse(decision: Decision, actor: Actor) -> None:
    Waiver.objects.filter(Q(pk=decision.subject_id) & Q(state="asked")).update(state="refused")


def _context(decision: Decision, actor: Actor) -> dict[str, Any]:
    check = registry.checks.get(decision.payload["check"])
    finding = FindingRow.objects.filter(system=decision.system, check_id=decision.payload["check"], to_at=None).first()
    return {"check": check, "finding": finding}


WAIVER = DecisionKind(
    id="waiver",
    title="Waiving a check for a while",
    current_hash=_hash,
    apply=_grant,
    closed=_refuse,
    template="gates/_waiver_evidence.html",
    context=_context,
)
