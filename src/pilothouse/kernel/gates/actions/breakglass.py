"""Break-glass: one system for a few hours, in an emergency. Another role ratifies it, or it ends and is an incident."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind, Option
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import signer_of
from pilothouse.kernel.gates.actions.moving import locked
from pilothouse.kernel.gates.models import BreakGlass, Incident
from pilothouse.kernel.gates.selectors import prohibited_because
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import notify

RATIFY = Option("approve", "Ratify", "It stays permitted until its time is over.")
REJECT = Option("refuse", "Do not ratify", "It ends at once and becomes an incident.", refuses=True)


@action("breakglass.open", on="system")
def breakglass_open(*, actor: Actor, system: System, reason: str, hours: int) -> BreakGlass:
    """Permit a system for a few hours, at once. Someone of another role must ratify it in time.

    Raises Forbidden (role, prohibited use), Conflict (one is in force or unratified, nobody could ratify) and Invalid.
    """
    system = locked(actor, system)
    rule = active_body(actor.organisation_id).break_glass
    wrong = {} if reason.strip() else {"reason": "Say what the emergency is."}
    if not 1 <= hours <= rule.hours:
        wrong["hours"] = f"From 1 to {rule.hours} hours."
    if wrong:
        raise Invalid("Say what the emergency is and for how long.", fields=wrong)
    roles = _other_roles(actor, system, rule.roles)
    if actor.person_id is None:
        raise Forbidden("Break-glass is opened by a named person.", code="not_a_person")
    moment = now()
    glass: BreakGlass = BreakGlass.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        reason=reason.strip(),
        opened_by_id=actor.person_id,
        starts_at=moment,
        ends_at=moment + timedelta(hours=hours),
        ratify_by=moment + timedelta(hours=rule.ratify_hours),
    )
    after = {"until": glass.ends_at, "ratify_by": glass.ratify_by}
    record(actor, "breakglass.opened", glass, system_id=system.pk, after=after, note=glass.reason)
    glass.decision = decision_request(
        actor=actor,
        kind=BREAK_GLASS.id,
        title=f"Ratify break-glass for {system.ref} {system.name}",
        summary=glass.reason,
        subject=glass,
        system=system,
        groups=(roles,),
        payload={"until": glass.ends_at, "hours": hours},
        high_risk=True,
        deadline=glass.ratify_by,
        expires_at=glass.ratify_by,
        marks=("break_glass",),
    )
    glass.save(update_fields=("decision",))
    _tell(system, f"Break-glass: {system.ref} {system.name} is permitted for {hours} hours. {glass.reason}")
    return glass


@action("breakglass.open", on="glass")
def breakglass_end(*, actor: Actor, glass: BreakGlass, reason: str) -> BreakGlass:
    """End it before its time. Whether it was right is still to be ratified."""
    lock_log(actor.organisation_id)
    glass = BreakGlass.objects.select_for_update(of=("self",)).select_related("system").get_of(actor, pk=glass.pk)
    if glass.ended_at is not None:
        raise Conflict("It has ended already.", code="closed")
    if not reason.strip():
        raise Invalid("Say why it ends.", fields={"reason": "Say why."})
    _end(actor, glass, "closed", reason.strip())
    return glass


def breakglass_tick(moment: datetime) -> dict[str, int]:
    """End what is over. What nobody ratified in time becomes an incident with its decision's end (decisions_tick)."""
    due = BreakGlass.objects.filter(ended_at=None, ends_at__lte=moment)
    ended = 0
    for organisation_id in due.values_list("organisation_id", flat=True).distinct().order_by():
        ended += breakglass_end_due(actor=system_actor(organisation_id), moment=moment)
    return {"ended": ended}


@action("organisation.change")
def breakglass_end_due(*, actor: Actor, moment: datetime) -> int:
    """The same for the actor's organisation."""
    lock_log(actor.organisation_id)
    rows = list(BreakGlass.objects.of(actor).filter(ended_at=None, ends_at__lte=moment).select_for_update(of=("self",)))
    for glass in rows:
        _end(actor, glass, "time", "Its hours were over.")
    return len(rows)


def end_all(actor: Actor, system: System) -> None:
    """A prohibition leaves no emergency standing. Within an action."""
    for glass in BreakGlass.objects.filter(system=system, ended_at=None):
        _end(actor, glass, "closed", "Its use was prohibited.")


def _other_roles(actor: Actor, system: System, roles: tuple[str, ...]) -> list[str]:
    """The roles that may ratify: all but those the opener holds. Raises when it may not be opened."""
    prohibited = prohibited_because(system)
    if prohibited:
        raise Forbidden(f"Its use is prohibited: {prohibited} No emergency permits it.", code="prohibited")
    held = set(signer_of(actor, Decision(system=system)).roles) & set(roles) if actor.person_id else set()
    if not held:
        raise Forbidden(f"Break-glass is for these roles: {', '.join(sorted(roles))}.", code="wrong_role")
    if BreakGlass.objects.filter(system=system, ended_at=None).exists():
        raise Conflict("It is permitted by break-glass already.", code="already")
    open_ones = BreakGlass.objects.filter(system=system, decision__state="open")
    if open_ones.exists() or Incident.objects.filter(break_glass__system=system, closed_at=None).exists():
        raise Conflict("An earlier break-glass of this system was never ratified. That comes first.", code="unratified")
    others = [role for role in roles if role not in held]
    if (
        not Membership.objects.filter(organisation_id=actor.organisation_id, role__key__in=others, person__left_at=None)
        .exclude(person__in=actor.stands_for)
        .exists()
    ):
        raise Conflict(
            f"Nobody else could ratify it: name someone as {' or '.join(others) or 'another role'} first.",
            code="nobody",
        )
    return others


def _end(actor: Actor, glass: BreakGlass, because: str, note: str) -> None:
    glass.ended_at, glass.ended_because = now(), because
    glass.save(update_fields=("ended_at", "ended_because"))
    record(actor, "breakglass.ended", glass, system_id=glass.system_id, after={"because": because}, note=note)


def _tell(system: System, text: str) -> None:
    """The owner and the whole escalation path are told at once."""
    path = active_body(system.organisation_id).decisions.escalate
    people = Membership.objects.filter(
        organisation_id=system.organisation_id, role__key__in=path, person__left_at=None
    ).values_list("person_id", flat=True)
    url = f"/o/{system.organisation.slug}/systems/{system.number}/gates/"
    notify({*people, *system.owner_ids()}, text, url)


def _hash(decision: Decision) -> str | None:
    row = BreakGlass.objects.filter(pk=decision.subject_id).first()
    return content_hash({"id": row.pk, "reason": row.reason, "ends": row.ends_at}) if row else None


def _ratify(decision: Decision, actor: Actor) -> None:
    glass = BreakGlass.objects.get(pk=decision.subject_id)
    glass.ratified_at = now()
    glass.save(update_fields=("ratified_at",))
    record(actor, "breakglass.ratified", glass, system_id=glass.system_id, note=decision.because)


def _unratified(decision: Decision, actor: Actor) -> None:
    """Nobody ratified it, or someone refused to: it ends now and a person must look into what was done."""
    glass = BreakGlass.objects.select_related("system__organisation").get(pk=decision.subject_id)
    if glass.ended_at is None:
        _end(actor, glass, "unratified", decision.because)
    incident: Incident = Incident.objects.create(
        organisation_id=actor.organisation_id,
        system=glass.system,
        kind="break_glass",
        title=f"Break-glass of {glass.system.ref} was not ratified",
        detail=f"{glass.reason}\n\n{decision.because}",
        opened_at=now(),
        break_glass=glass,
    )
    record(actor, "incident.opened", incident, system_id=glass.system_id, after={"title": incident.title})
    _tell(glass.system, f"Incident: {incident.title}")


def _context(decision: Decision, actor: Actor) -> dict[str, Any]:
    return {"glass": BreakGlass.objects.select_related("opened_by").filter(pk=decision.subject_id).first()}


BREAK_GLASS = DecisionKind(
    id="break_glass",
    title="Ratifying a break-glass",
    current_hash=_hash,
    apply=_ratify,
    closed=_unratified,
    options=(RATIFY, REJECT),
    template="gates/_break_glass_evidence.html",
    context=_context,
)
