"""Adopting and editing frameworks and controls, settling who does what, attaching evidence: the only writers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.documents import Control, Framework, Relation
from pilothouse.domains.governance.frameworks.library_of import document, library
from pilothouse.domains.governance.frameworks.models import (
    ControlSetting,
    ControlSheet,
    ControlVersion,
    EvidenceLink,
    FrameworkVersion,
    Versioned,
)
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record

V = TypeVar("V", bound=Versioned)
MANAGE = "framework.manage"
CURRENCY = re.compile(r"[A-Z]{3}")
MOST = Decimal("999999999999.99")


@action(MANAGE)
def framework_adopt(*, actor: Actor, key: str) -> FrameworkVersion:
    """Adopt a framework that ships with Pilothouse, or its newer edition. Raises NotFound, or Conflict when nothing
    would change. A mapping that was edited is replaced by the shipped one: the version before stays to be read."""
    found = shipped.frameworks().get(key)
    if found is None:
        raise NotFound(f"No framework called “{key}” ships with Pilothouse.")
    return _framework(actor, found, "shipped", f"Edition as of {found.as_of:%-d %B %Y}" if found.as_of else "")


@action(MANAGE)
def framework_save(
    *,
    actor: Actor,
    framework: Framework,
    origin: str = "own",
    because: str = "",
    version: int | None = None,
    new: bool = False,
) -> FrameworkVersion:
    """Write a framework: a new one, or the next version of one that is there. `version` is the one that was read,
    against lost updates; with `new` there must be none. Raises Conflict, or Invalid naming a control that is not there.
    """
    _check_mapping(actor, framework)
    current = _active(FrameworkVersion, actor, framework.id)
    if new and current is not None:
        raise Conflict(f"There is a framework “{framework.id}” already.", fields={"id": "Choose another id."})
    if version is not None and (current is None or current.version != version):
        raise Conflict("Somebody changed it meanwhile: look at it again.", code="changed")
    if current is not None and current.origin == "shipped" and origin == "own":
        origin = "shipped"
    return _framework(actor, framework, origin, because)


@action(MANAGE)
def framework_map(
    *, actor: Actor, key: str, requirement: str, by: Mapping[str, str], because: str = ""
) -> FrameworkVersion:
    """Say which controls serve a requirement, and how. Raises NotFound, Invalid or Conflict."""
    current = _active(FrameworkVersion, actor, key)
    if current is None:
        raise NotFound
    changed = document(current).model_copy(deep=True)
    found = changed.requirement(requirement)
    if found is None:
        raise NotFound
    try:
        found.by = {control: Relation(relation) for control, relation in by.items()}
    except ValueError:
        raise Invalid(
            "Say how each control stands to it.", fields={"relation": f"One of {', '.join(Relation)}."}
        ) from None
    _check_mapping(actor, changed)
    return _framework(actor, changed, current.origin, because or f"Mapping of {found.name}")


@action(MANAGE)
def framework_withdraw(*, actor: Actor, key: str, because: str) -> FrameworkVersion:
    """Give a framework up: it is counted no more, and stays to be read. Raises NotFound, Invalid without a reason."""
    return _withdrawn(actor, FrameworkVersion, key, because, "framework.withdrawn")


@action(MANAGE)
def control_save(*, actor: Actor, control: Control, because: str = "", new: bool = False) -> ControlVersion:
    """Add a control of one's own, or put one of the library in other words. Raises Conflict or Invalid."""
    _everywhere(actor)
    lock_log(actor.organisation_id)
    current = _active(ControlVersion, actor, control.id)
    known = library(actor.organisation_id).controls.get(control.id)
    if new and known is not None:
        raise Conflict(f"There is a control “{control.id}” already.", fields={"id": "Choose another id."})
    if known is not None and known.of != control.of:
        raise Invalid("What it is done for cannot change.", fields={"of": "Add another control instead."})
    body = control.model_dump(mode="json", exclude_defaults=True)
    if current is not None and current.hash == content_hash(body):
        raise Conflict("Nothing would change.", code="unchanged")
    return _next(actor, ControlVersion, control.id, control.title, body, because, "control.saved")


@action(MANAGE)
def control_withdraw(*, actor: Actor, key: str, because: str) -> ControlVersion:
    """Take back a control of one's own, or one's own words for one of the library's. Raises NotFound or Invalid."""
    return _withdrawn(actor, ControlVersion, key, because, "control.withdrawn")


@action(MANAGE)
def control_settle(
    *,
    actor: Actor,
    control: str,
    system: System | None = None,
    owner: Person | None = None,
    every: int | None = None,
    cost_low: Decimal | None = None,
    cost_high: Decimal | None = None,
    currency: str = "",
    not_applicable: str = "",
    not_applicable_until: date | None = None,
) -> ControlSetting:
    """Settle a control's owner, cadence in days, cost a year (a range in one currency) and why it does not apply, for
    one system or for the organisation. What is left out is settled no more. Raises NotFound, Forbidden or Invalid."""
    if system is None:
        _everywhere(actor)
    else:
        actor.require(MANAGE, system)
    if control not in library(actor.organisation_id).controls:
        raise NotFound
    _check_settled(actor, owner, every, cost_low, cost_high, currency, not_applicable, not_applicable_until)
    lock_log(actor.organisation_id)
    row = ControlSetting.objects.filter(
        organisation_id=actor.organisation_id, control=control, system=system
    ).first() or ControlSetting(id=new_id(), organisation_id=actor.organisation_id, control=control, system=system)
    before = _settled(row)
    row.owner, row.every = owner, every
    row.cost_low, row.cost_high, row.currency = cost_low, cost_high, currency if cost_high is not None else ""
    row.not_applicable, row.not_applicable_until = not_applicable.strip()[:500], not_applicable_until
    row.changed_at = clock.now()
    row.save()
    after = _settled(row)
    changed = {name for name in after if after[name] != before[name]}
    record(
        actor,
        "control.settled",
        row,
        system_id=row.system_id,
        before={name: before[name] for name in changed},
        after={"control": control} | {name: after[name] for name in changed},
    )
    if system is not None:
        tell_changed(actor, [system.pk])
    else:
        ControlSheet.objects.filter(organisation_id=actor.organisation_id).update(dirty=True)
    return row


@action("evidence.add", on="evidence")
def evidence_attach(*, actor: Actor, evidence: Evidence, control: str) -> EvidenceLink:
    """Say that a piece of evidence shows a control: it then serves every framework that the control does. Twice
    is once. Raises NotFound or Invalid."""
    known = library(actor.organisation_id).controls.get(control)
    if known is None:
        raise NotFound(f"There is no control “{control}”.")
    if known.of != "system":
        raise Invalid(
            "Evidence is about a system, and this control is the organisation's.",
            fields={"control": "Record it under “Controls of the organisation”."},
        )
    lock_log(actor.organisation_id)
    link, made = EvidenceLink.objects.get_or_create(
        organisation_id=actor.organisation_id,
        evidence=evidence,
        control=control,
        defaults={"id": new_id(), "added_by_id": actor.person_id, "added_at": clock.now()},
    )
    if made:
        told = {"control": control, "evidence": evidence.title, "sha256": evidence.sha256}
        record(actor, "control.shown", link, system_id=evidence.system_id, after=told)
        tell_changed(actor, [evidence.system_id])
    found: EvidenceLink = link
    return found


@action("evidence.add", on="evidence")
def evidence_detach(*, actor: Actor, evidence: Evidence, control: str) -> None:
    """Take that back. Raises NotFound."""
    lock_log(actor.organisation_id)
    link: EvidenceLink = EvidenceLink.objects.get_of(actor, evidence=evidence, control=control)
    told = {"control": control, "evidence": evidence.title, "sha256": evidence.sha256}
    record(actor, "control.not_shown", link, system_id=evidence.system_id, before=told)
    link.delete()
    tell_changed(actor, [evidence.system_id])


def _everywhere(actor: Actor) -> None:
    if not actor.scope(MANAGE).everywhere:
        raise Forbidden(f"Only someone who holds “{MANAGE}” everywhere changes this.")


def _framework(actor: Actor, framework: Framework, origin: str, because: str) -> FrameworkVersion:
    _everywhere(actor)
    lock_log(actor.organisation_id)
    body = framework.said()
    current = _active(FrameworkVersion, actor, framework.id)
    if current is not None and current.hash == content_hash(body):
        raise Conflict("Nothing would change.", code="unchanged")
    return _next(
        actor, FrameworkVersion, framework.id, framework.title, body, because, "framework.adopted", origin=origin
    )


def _active(model: type[V], actor: Actor, key: str) -> V | None:
    rows: Any = model.objects.filter(organisation_id=actor.organisation_id, key=key, state="active")
    return cast("V | None", rows.first())


def _next(
    actor: Actor, model: type[V], key: str, title: str, body: dict[str, Any], because: str, told: str, **more: Any
) -> V:
    rows = model.objects.filter(organisation_id=actor.organisation_id, key=key)
    last = rows.order_by("-version").values_list("version", flat=True).first() or 0
    rows.filter(state="active").update(state="superseded")
    row = model(
        id=new_id(),
        organisation_id=actor.organisation_id,
        key=key,
        version=last + 1,
        title=title,
        body=body,
        hash=content_hash(body),
        because=because.strip()[:500],
        written_by_id=actor.person_id,
        written_at=clock.now(),
        **more,
    )
    row.save(force_insert=True)
    record(
        actor, told, row, after={"key": key, "title": title, "version": row.version, "hash": row.hash}, note=row.because
    )
    return row


def _withdrawn(actor: Actor, model: type[V], key: str, because: str, told: str) -> V:
    _everywhere(actor)
    if not because.strip():
        raise Invalid("Say why.", fields={"because": "In a few words."})
    lock_log(actor.organisation_id)
    row = _active(model, actor, key)
    if row is None:
        raise NotFound
    row.state = "withdrawn"
    row.save(update_fields=("state",))
    record(actor, told, row, before={"key": key, "version": row.version}, note=because.strip())
    return row


def _check_mapping(actor: Actor, framework: Framework) -> None:
    known = library(actor.organisation_id).controls
    missing = {
        f"{requirement.id}.by": f"There is no control “{control}”."
        for requirement in framework.walk()
        for control in requirement.by
        if control not in known
    }
    if missing:
        raise Invalid("It names controls that are not there.", fields=dict(list(missing.items())[:20]))


def _check_settled(
    actor: Actor,
    owner: Person | None,
    every: int | None,
    low: Decimal | None,
    high: Decimal | None,
    currency: str,
    not_applicable: str,
    until: date | None,
) -> None:
    wrong = {}
    if owner is not None and owner.organisation_id != actor.organisation_id:
        wrong["owner"] = "Nobody of that name works here."
    if every is not None and not 1 <= every <= 3660:
        wrong["every"] = "From 1 to 3,660 days."
    if (low is None) != (high is None):
        wrong["cost_high" if high is None else "cost_low"] = "A cost is a range: say both ends."
    elif low is not None and high is not None:
        if not 0 <= low <= high <= MOST:
            wrong["cost_high"] = "Not below the lower end, and neither below zero."
        if not CURRENCY.fullmatch(currency):
            wrong["currency"] = "Three capital letters, such as EUR."
    if until is not None and not not_applicable.strip():
        wrong["not_applicable"] = "Say why it does not apply."
    if wrong:
        raise Invalid("That cannot be settled so.", fields=wrong)


def _settled(row: ControlSetting) -> dict[str, Any]:
    cost = f"{row.cost_low} to {row.cost_high} {row.currency}" if row.cost_high is not None else None
    return {
        "owner": row.owner_id,
        "every": row.every,
        "cost": cost,
        "not_applicable": row.not_applicable,
        "not_applicable_until": row.not_applicable_until,
    }
