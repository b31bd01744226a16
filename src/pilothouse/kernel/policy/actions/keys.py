"""Keys of the gateway: shown once, kept as a hash, gone within a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.contracts.policy.snapshot import Limits
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.selectors import prohibited_because
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy import rules
from pilothouse.kernel.policy.models import Budget, GatewayKey
from pilothouse.kernel.policy.publish import publish_soon

LONGEST = timedelta(days=366)
USUAL = timedelta(days=90)
LONGEST_GRACE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key with its text, which is told now and never again."""

    key: GatewayKey
    text: str

    def __repr__(self) -> str:
        return f"Issued({self.key.name!r}, key hidden)"


@action("key.issue", on="system")
def key_issue(
    *,
    actor: Actor,
    system: System,
    name: str,
    expires_at: datetime | None = None,
    unit: Unit | None = None,
    person: str = "any",
    persons: Sequence[Any] | None = None,
    agents: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Issued:
    """Issue a key for a system, for 90 days unless said otherwise. Raises Invalid, and Conflict when the name is used.

    A system that may not run gets its key too; the gateway refuses it until the gates let the system in. One whose use
    is prohibited gets none (Forbidden).
    """
    _permitted(system)
    name, moment = " ".join(name.split()), now()
    ends = expires_at or moment + USUAL
    bounds = rules.convert(dict(limits or {}), Limits, "The limits are")
    wrong = rules.wrong_limits(bounds)
    if not name or len(name) > 120:
        wrong["name"] = "Say what uses it; at most 120 characters."
    if not moment < ends <= moment + LONGEST:
        wrong["expires_at"] = "It ends in the future, within a year."
    if person not in dict(GatewayKey.PERSON):
        wrong["person"] = "Choose any, told or verified."
    if unit is not None and unit.organisation_id != actor.organisation_id:
        wrong["unit"] = "There is no such unit."
    people = _people(actor, persons)
    if people is not None and persons is not None and len(people) != len(set(persons)):
        wrong["persons"] = "Not everybody named is known here with an e-mail address."
    if wrong:
        raise Invalid("The key is not complete.", fields=wrong)
    lock_log(actor.organisation_id)
    if GatewayKey.objects.filter(system=system, name=name, revoked_at=None, expires_at__gt=moment).exists():
        raise Conflict(f"{system.ref} has a live key “{name}” already.", fields={"name": "It is used already."})
    text, prefix, digest = rules.mint()
    key: GatewayKey = GatewayKey.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        name=name,
        prefix=prefix,
        hash=digest,
        unit=unit,
        person=person,
        persons=people,
        agents=_words(agents),
        model_names=_words(models),
        limits=rules.plain(bounds),
        issued_by_id=actor.person_id,
        created_at=moment,
        expires_at=ends,
    )
    _record(actor, "key.issued", key, after=_facts(key))
    return Issued(key, text)


@action("key.issue")
def key_rotate(*, actor: Actor, key: GatewayKey, grace_hours: int = 24, expires_at: datetime | None = None) -> Issued:
    """Issue a successor with the same rights; the old key works for the grace and then no more. Budgets of the old key
    hold for the new one too. Raises Conflict when the key is over or has a successor already."""
    current, moment = _live(actor, key), now()
    _permitted(current.system)
    grace = timedelta(hours=grace_hours)
    if not timedelta(0) <= grace <= LONGEST_GRACE:
        raise Invalid("The grace is too long.", fields={"grace_hours": "From 0 to 720 hours."})
    if GatewayKey.objects.filter(replaces=current).exists():
        raise Conflict("This key has a successor already.", code="rotated")
    ends = expires_at or moment + (current.expires_at - current.created_at)
    if not moment < ends <= moment + LONGEST:
        raise Invalid("The key is not complete.", fields={"expires_at": "It ends in the future, within a year."})
    text, prefix, digest = rules.mint()
    same = ("organisation_id", "system_id", "name", "unit_id", "person", "persons", "agents", "model_names", "limits")
    fresh: GatewayKey = GatewayKey.objects.create(
        **{field: getattr(current, field) for field in same},
        prefix=prefix,
        hash=digest,
        issued_by_id=actor.person_id,
        created_at=moment,
        expires_at=ends,
        replaces=current,
    )
    current.expires_at = min(current.expires_at, moment + grace)
    if not grace_hours:
        current.revoked_at = moment
    current.save(update_fields=("expires_at", "revoked_at"))
    _budgets_follow(current, fresh)
    _record(
        actor, "key.rotated", fresh, after={**_facts(fresh), "replaces": current.prefix, "grace_hours": grace_hours}
    )
    return Issued(fresh, text)


@action("key.issue")
def key_revoke(*, actor: Actor, key: GatewayKey, reason: str) -> GatewayKey:
    """End a key at once. Raises Conflict when it is over already."""
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": "Say why."})
    current = _live(actor, key)
    current.revoked_at = now()
    current.save(update_fields=("revoked_at",))
    _record(actor, "key.revoked", current, before={"prefix": current.prefix}, note=reason.strip())
    return current


def _permitted(system: System) -> None:
    if reason := prohibited_because(system):
        raise Forbidden(f"The use of {system.ref} is prohibited: {reason} It gets no key.", code="prohibited")


def _live(actor: Actor, key: GatewayKey) -> GatewayKey:
    actor.require("key.issue", key.system)
    lock_log(actor.organisation_id)
    current: GatewayKey = GatewayKey.objects.select_for_update(of=("self",)).select_related("system").get_of(
        actor, pk=key.pk
    )  # fmt: skip
    if not current.is_live(now()):
        raise Conflict("This key is over already.", code="over")
    return current


def _budgets_follow(old: GatewayKey, fresh: GatewayKey) -> None:
    """A cap on a key is a cap on what uses it; rotating must not start it anew with nobody capped."""
    Budget.objects.filter(key=old, active=True).update(key=fresh)


def _people(actor: Actor, persons: Sequence[Any] | None) -> list[str] | None:
    if persons is None:
        return None
    known = Person.objects.of(actor).filter(pk__in=persons, left_at=None).exclude(email="")
    return sorted(str(pk) for pk in known.values_list("pk", flat=True))


def _words(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else sorted({word.strip() for word in words if word.strip()})


def _facts(key: GatewayKey) -> dict[str, Any]:
    shown = ("name", "prefix", "unit_id", "person", "persons", "agents", "model_names", "limits", "expires_at")
    return {field: getattr(key, field) for field in shown}


def _record(actor: Actor, what: str, key: GatewayKey, **said: Any) -> None:
    record(actor, what, key, system_id=key.system_id, **said)
    publish_soon(actor.organisation_id)
