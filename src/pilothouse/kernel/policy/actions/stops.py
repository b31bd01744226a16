"""The kill switch: stopping at once, by one person; effective at every gateway in touch within two seconds."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import holders, notify
from pilothouse.kernel.policy.models import Alias, GatewayKey, Stop, Upstream
from pilothouse.kernel.policy.publish import publish_soon


@action("gate.restrict")
def suspend_organisation(*, actor: Actor, reason: str) -> Stop:
    """Stop every call of the organisation."""
    name = Organisation.objects.values_list("name", flat=True).get(pk=actor.organisation_id)
    return _stop(_everywhere(actor), "organisation", "", f"Every call of {name}", reason)


@action("gate.restrict")
def suspend_upstream(*, actor: Actor, upstream: Upstream, reason: str) -> Stop:
    """Send nothing more to an upstream; calls go to what else answers for their model."""
    _mine(actor, upstream)
    return _stop(_everywhere(actor), "upstream", upstream.name, f"The upstream {upstream.name}", reason)


@action("gate.restrict")
def suspend_model(*, actor: Actor, name: str, reason: str) -> Stop:
    """Stop a model, by the name that callers ask for or by its own name at its upstreams."""
    aliases = Alias.objects.of(actor).values_list("name", "targets")
    known = {called for called, _ in aliases} | {target["model"] for _, targets in aliases for target in targets}
    if name not in known:
        raise NotFound("There is no such model here.")
    return _stop(_everywhere(actor), "model", name, f"The model {name}", reason)


@action("gate.restrict")
def suspend_key(*, actor: Actor, key: GatewayKey, reason: str) -> Stop:
    """Stop a key without ending it."""
    actor.require("gate.restrict", key.system)
    return _stop(actor, "key", str(key.pk), f"The key {key.name} ({key.prefix}) of {key.system.ref}", reason, key)


@action("gate.restrict", on="system")
def suspend_system(*, actor: Actor, system: System, reason: str) -> Any:
    """Suspend a system in the register, which stops its calls too. Lifting that is decided by somebody else."""
    row = gate_restrict(actor=actor, system=system, kind="suspend", reason=reason)
    publish_soon(actor.organisation_id)
    return row


@action("gate.restrict")
def stop_lift(*, actor: Actor, stop: Stop, reason: str) -> Stop:
    """Let run again what was stopped. Raises Conflict when it is lifted already."""
    if not reason.strip():
        raise Invalid("Say what has changed since.", fields={"reason": "Say what has changed."})
    lock_log(actor.organisation_id)
    current: Stop = Stop.objects.get_of(actor, pk=stop.pk)
    if current.kind == "key":
        key = GatewayKey.objects.select_related("system").get_of(actor, pk=current.target)
        actor.require("gate.restrict", key.system)
    else:
        _everywhere(actor)
    if current.lifted_at is not None:
        raise Conflict("It is lifted already.", code="closed")
    current.lifted_at, current.lifted_by_id, current.lifted_because = now(), actor.person_id, reason.strip()
    current.save(update_fields=("lifted_at", "lifted_by", "lifted_because"))
    before = {"kind": current.kind, "target": current.target, "reason": current.reason}
    record(actor, "gateway.stop_lifted", current, before=before, note=reason.strip())
    publish_soon(actor.organisation_id)
    return current


def _stop(actor: Actor, kind: str, target: str, title: str, reason: str, key: GatewayKey | None = None) -> Stop:
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": "Say why."})
    lock_log(actor.organisation_id)
    if Stop.objects.of(actor).filter(kind=kind, target=target, lifted_at=None).exists():
        raise Conflict(f"{title} is stopped already.", code="already")
    stop: Stop = Stop.objects.create(
        organisation_id=actor.organisation_id,
        kind=kind,
        target=target,
        title=title,
        reason=reason.strip(),
        since=now(),
        by_id=actor.person_id,
    )
    system = key.system if key else None
    after = {"kind": kind, "target": target}
    record(actor, "gateway.stopped", stop, system_id=system.pk if system else None, after=after, note=reason.strip())
    told = set(holders(actor.organisation_id, "gateway.manage")) | (set(system.owner_ids()) if system else set())
    slug = Organisation.objects.values_list("slug", flat=True).get(pk=actor.organisation_id)
    notify(told - {actor.person_id}, f"{title} is stopped: {stop.reason}", f"/o/{slug}/gateway/stops/")
    publish_soon(actor.organisation_id)
    return stop


def _everywhere(actor: Actor) -> Actor:
    """Stopping for everybody asks for the permission everywhere, not in one unit."""
    if not actor.scope("gate.restrict").everywhere:
        raise Forbidden("Your roles let you stop systems of your unit only, not what others use too.")
    return actor


def _mine(actor: Actor, upstream: Upstream) -> None:
    if upstream.organisation_id != actor.organisation_id:
        raise NotFound
