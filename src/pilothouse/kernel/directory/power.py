"""What takes two people: giving or taking a powerful role, and changing what a role may do.

One asks, someone else decides; the person it is about decides neither. Without a second person in the organisation,
the installation's operator does it on the command line, and the ledger says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Person, Role, Unit
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.actions import action
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.directory.actions.memberships import grant, revoke
from pilothouse.kernel.directory.rules import clean_name, clean_permissions, widened
from pilothouse.kernel.ledger.log import lock_log, record

SIGNERS = (("caio", "risk", "legal", "board"),)


@action("people.manage", on="person")
def power_request(
    *, actor: Actor, person: Person, role: Role, unit: Unit | None = None, give: bool = True, reason: str
) -> Decision:
    """Ask that `person` be given a powerful role, or that it be taken from them. Raises Invalid and Conflict."""
    if not reason.strip():
        raise Invalid("Say why, so that whoever decides can judge it.", fields={"reason": "Say why."})
    role = Role.objects.get_of(actor, pk=role.pk)
    unit = Unit.objects.get_of(actor, pk=unit.pk) if unit else None
    if person.left_at is not None:
        raise Conflict(f"{person.name} left the organisation.")
    if Membership.objects.of(actor).filter(person=person, role=role, unit=unit).exists() == give:
        raise Conflict(f"{person.name} {'has that role already' if give else 'does not have that role'}.")
    where = f" in {unit.name}" if unit else ""
    decision = decision_request(
        actor=actor,
        kind=MEMBERSHIP.id,
        title=(
            f"Give {person.name} the role “{role.title}”{where}"
            if give
            else f"Take the role “{role.title}”{where} from {person.name}"
        ),
        summary=reason.strip(),
        subject=person,
        groups=SIGNERS,
        payload={"role": str(role.pk), "unit": str(unit.pk) if unit else "", "give": give},
        high_risk=True,
    )
    # Whom it is about decides no more than who asks.
    decision.proposers.add(person)
    return decision


@action("role.change")
def role_change_propose(*, actor: Actor, role: Role, permissions: Mapping[str, str], reason: str) -> Decision:
    """Ask that a role may do other things from now on. The decision shows what it would gain and lose."""
    if not reason.strip():
        raise Invalid("Say why, so that whoever decides can judge it.", fields={"reason": "Say why."})
    role = Role.objects.get_of(actor, pk=role.pk)
    wanted = clean_permissions(permissions)
    if wanted == dict(sorted(role.permissions.items())):
        raise Invalid("Nothing would change.", fields={"permissions": "Change at least one permission."})
    gained = widened(role.permissions, wanted)
    lost = widened(wanted, role.permissions)
    words = [f"Gains: {', '.join(PERMISSIONS[p] for p in gained)}."] if gained else []
    words += [f"Loses: {', '.join(PERMISSIONS.get(p, p) for p in lost)}."] if lost else []
    return decision_request(
        actor=actor,
        kind=ROLE.id,
        title=f"Change what “{role.title}” may do",
        summary="\n".join([reason.strip(), *words]),
        subject=role,
        groups=SIGNERS,
        payload={"permissions": wanted},
        high_risk=True,
    )


@action("role.change")
def role_add(*, actor: Actor, key: str, title: str) -> Role:
    """Add a role that may only see the organisation's home. What more it may do is proposed like any change."""
    title, key = clean_name(title, "title", 120), key.strip().lower()
    if not key or len(key) > 40 or not key.replace("-", "").isalnum() or not key.isascii():
        raise Invalid("That short name will not do.", fields={"key": "Letters a to z, digits and hyphens; at most 40."})
    lock_log(actor.organisation_id)
    if Role.objects.of(actor).filter(key=key).exists():
        raise Conflict(f"There is a role “{key}” already.", data={"field": "key"})
    role: Role = Role.objects.create(
        organisation_id=actor.organisation_id, key=key, title=title, permissions={"organisation.view": "all"}
    )
    record(actor, "role.added", role, after={"key": key, "title": title, "permissions": role.permissions})
    return role


def _memberships_hash(decision: Decision) -> str | None:
    person = Person.objects.filter(organisation_id=decision.organisation_id, pk=decision.subject_id).first()
    role = _role(decision, decision.payload["role"])
    if person is None or person.left_at is not None or role is None:
        return None
    held = sorted([str(m.role_id), str(m.unit_id or "")] for m in Membership.objects.filter(person=person, role=role))
    return content_hash({"person": person.pk, "email": person.email, "permissions": role.permissions, "held": held})


def _apply_membership(decision: Decision, actor: Actor) -> None:
    person = Person.objects.get(organisation_id=decision.organisation_id, pk=decision.subject_id)
    role = Role.objects.get(organisation_id=decision.organisation_id, pk=decision.payload["role"])
    unit_id = decision.payload["unit"]
    unit = Unit.objects.get(organisation_id=decision.organisation_id, pk=unit_id) if unit_id else None
    note = f"By decision: {decision.title}"
    if decision.payload["give"]:
        grant(actor, person, role, unit, note)
        return
    held = Membership.objects.select_related("person", "role", "unit").filter(person=person, role=role, unit=unit)
    for membership in held:
        revoke(actor, membership, note)


def _role_hash(decision: Decision) -> str | None:
    role = _role(decision, decision.subject_id)
    return content_hash({"role": role.pk, "permissions": role.permissions}) if role else None


def _apply_role(decision: Decision, actor: Actor) -> None:
    role_change_apply(
        actor,
        Role.objects.get(organisation_id=decision.organisation_id, pk=decision.subject_id),
        decision.payload["permissions"],
        f"By decision: {decision.title}",
    )


def role_change_apply(actor: Actor, role: Role, permissions: Mapping[str, str], note: str) -> None:
    """Write what a role may do, and its entry. Whoever calls this holds the decision."""
    before, after = role.permissions, clean_permissions(permissions)
    role.permissions = after
    role.save(update_fields=("permissions",))
    record(actor, "role.changed", role, before={"permissions": before}, after={"permissions": after}, note=note)


def _role(decision: Decision, role_id: UUID | Any) -> Role | None:
    found: Role | None = Role.objects.filter(organisation_id=decision.organisation_id, pk=role_id).first()
    return found


MEMBERSHIP = DecisionKind(
    id="role.membership",
    title="Giving or taking a powerful role",
    current_hash=_memberships_hash,
    apply=_apply_membership,
    human_only=True,
    why_human="Whoever holds such a role can widen what others may do, stop systems or destroy evidence.",
)
ROLE = DecisionKind(
    id="role.change",
    title="Changing what a role may do",
    current_hash=_role_hash,
    apply=_apply_role,
    human_only=True,
    why_human="It changes what every holder of the role may do.",
)
