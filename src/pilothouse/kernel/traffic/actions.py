"""Writing what was heard, and how long it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from msgspec import structs

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.budgets import cost
from pilothouse.contracts.policy.events import Settlement
from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.snapshot import Price
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import ExternalId, System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.log import Event, record, record_many
from pilothouse.kernel.policy.compile import prices_ever
from pilothouse.kernel.texts.actions import texts_forget
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.control import NOTHING, Heard, control_point
from pilothouse.kernel.traffic.models import KEEP_DAYS, TrafficSetting
from pilothouse.kernel.traffic.names import is_id
from pilothouse.kernel.traffic.observed.seen import Seen
from pilothouse.kernel.warehouse import keeping, questions, writer
from pilothouse.kernel.warehouse.asking import opened
from pilothouse.kernel.warehouse.tables import rows_of

FARTHEST = timedelta(days=3 * 366)
MOST = 100_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of usage that another tool told us: rows new, known already, and refused (where, why)."""

    new: int
    known: int
    unassigned: int
    refused: tuple[tuple[int, str], ...]


@action("traffic.ingest")
def usage_observe(*, actor: Actor, seen: Sequence[Seen], source: str, system: System | None = None) -> Told:
    """Take in calls that were not made through us, as *observed*. `source` is otlp or import.

    A call belongs to `system`, or to the one that it names (its number, name, or an id of another register). One that
    names none is kept unassigned; one that names a system that is not there is refused. The same call told twice counts
    once. Costs that are not told are reckoned by the organisation's prices of that day.
    Raises Invalid for too many calls at once.
    """
    if source not in ("otlp", "import"):
        raise Invalid("Usage comes from telemetry or from an import.", fields={"source": "otlp or import."})
    if len(seen) > MOST:
        raise Invalid(f"At most {MOST:,} calls at once; send the rest in another file.")
    names = _names(actor) if system is None else {}
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    prices = prices_ever(organisation)
    units = _units(actor, system)
    events: dict[str, Settlement] = {}
    refused: list[tuple[int, str]] = []
    for one in seen:
        reason = _wrong(one)
        owner = str(system.pk) if system else names.get(one.system.strip().lower(), "")
        if not reason and one.system and not owner:
            reason = f"There is no system “{one.system}” here that you may see."
        if reason:
            refused.append((one.line, reason))
            continue
        event = _event(actor, one, source, owner, organisation.currency, prices)
        event = structs.replace(event, unit=units.get(owner, ""))
        events[event.id] = event
    new = _append(str(actor.organisation_id), events)
    unassigned = sum(not event.system for event in events.values())
    told = Told(len(new), len(events) - len(new), unassigned, tuple(refused))
    if new and source == "import":
        record(actor, "usage.imported", organisation, after={"calls": len(new), "refused": len(refused)})
    return told


def _names(actor: Actor) -> dict[str, str]:
    """Every way to name a system that the actor may see, to its id; an ambiguous name is none."""
    found: dict[str, set[str]] = {}
    rows = list(systems(actor).values_list("pk", "number", "name"))
    for pk, number, name in rows:
        for word in (f"s-{number}", str(number), str(pk), name.strip().lower()):
            found.setdefault(word, set()).add(str(pk))
    external = ExternalId.objects.of(actor).filter(system__in=systems(actor).order_by())
    for pk, value in external.values_list("system_id", "value"):
        found.setdefault(value.strip().lower(), set()).add(str(pk))
    return {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}


def _units(actor: Actor, system: System | None) -> dict[str, str]:
    """The unit that each system's calls are accounted to."""
    rows = System.objects.of(actor).exclude(unit=None)
    if system is not None:
        rows = rows.filter(pk=system.pk)
    return {str(pk): str(unit) for pk, unit in rows.values_list("pk", "unit_id")}


def _wrong(one: Seen) -> str:
    now = clock.now()
    if one.at is None:
        return "It has no time that can be read."
    if one.at > now + timedelta(hours=1):
        return "It lies in the future."
    if one.at < now - FARTHEST:
        return "It is older than three years."
    if min(one.tokens.total, one.latency_ms) < 0 or (one.cost or 0) < 0:
        return "Tokens, time and cost are never below zero."
    return ""


def _event(
    actor: Actor, one: Seen, source: Any, owner: str, currency: str, prices: Mapping[str, Sequence[Price]]
) -> Settlement:
    organisation = str(actor.organisation_id)
    assert one.at is not None
    price = _price(prices, one)
    told = one.cost is not None
    call = hashlib.sha256(f"{organisation}:{one.id}".encode()).hexdigest()[:32]
    return Settlement(
        id=f"{call}-o",
        call=call,
        at=one.at,
        organisation=organisation,
        revision=0,
        system=owner,
        person=person_id(organisation, one.person),
        agent=one.agent[:200],
        source=source,
        endpoint=one.operation[:80],
        model=one.model[:200],
        alias=one.model[:200],
        upstream=one.provider[:80],
        target=one.model[:200],
        conversation=hashlib.sha256(one.conversation.encode()).hexdigest()[:32] if one.conversation else "",
        tokens=one.tokens,
        cost=one.cost if one.cost is not None else cost(price, one.tokens) if price else 0,
        currency=currency,
        price="told" if told else price.id if price else "",
        latency_ms=one.latency_ms,
        status=one.status,
        finish="error" if one.status >= 400 else "stop",
        model_reported=one.model_reported[:200],
    )


def _price(prices: Mapping[str, Sequence[Price]], one: Seen) -> Price | None:
    """The price of that day: of this provider's model, or else of the only provider that has it."""
    named = [f"{one.provider}/{model}" for model in (one.model_reported, one.model) if model]
    found = next((prices[name] for name in named if name in prices), None)
    if found is None:
        others = [rows for name, rows in prices.items() if name.split("/", 1)[1] == one.model]
        found = others[0] if len(others) == 1 else ()
    before = [price for price in found if one.at is not None and price.valid_from <= one.at]
    return before[-1] if before else None


def _append(organisation: str, events: Mapping[str, Settlement]) -> set[str]:
    """Write what is not there yet; returns the ids that were new."""
    if not events:
        return set()
    folder = places.warehouse()
    times = [event.at for event in events.values()]
    with writer.alone(folder):
        # A teller may say another time for the same call when it tells it again.
        with opened(folder, organisation, min(times) - DAY, max(times) + DAY) as warehouse:
            new = set(events) - questions.known_ids(warehouse, list(events))
        batch = hashlib.sha256("\n".join(sorted(new)).encode()).hexdigest()[:32]
        writer.append(folder, f"told-{batch}", (row for key in new for row in rows_of(events[key])))
    return new


@action("system.change")
def control_points_say(*, actor: Actor, heard: Mapping[str, Heard]) -> int:
    """Write how each system is controlled, where that changed; `heard` is by the system's id."""
    known = [UUID(key) for key in heard if is_id(key)]
    rows = System.objects.of(actor).filter(~Q(control_point="attested") | Q(pk__in=known)).order_by("number")
    changed, events = [], []
    for system in rows:
        point, why = control_point(heard.get(str(system.pk), NOTHING))
        if point != system.control_point:
            said = {"before": {"control_point": system.control_point}, "after": {"control_point": str(point)}}
            events.append(Event("system.control_point", system, system_id=system.pk, note=why, **said))
            system.control_point = point
            changed.append(system)
    if changed:
        System.objects.bulk_update(changed, ["control_point"], batch_size=500)
        record_many(actor, events)
        tell_changed(actor, [system.pk for system in changed])
    return len(changed)


@action("organisation.change")
def retention_set(*, actor: Actor, days: int) -> TrafficSetting:
    """Say how many days calls are kept. Raises Invalid outside 7 to 3,660."""
    if not 7 <= days <= 3_660:
        raise Invalid("Calls are kept from a week to ten years.", fields={"days": "From 7 to 3,660."})
    row, _ = TrafficSetting.objects.get_or_create(organisation_id=actor.organisation_id)
    before, row.keep_days = row.keep_days, days
    row.save(update_fields=("keep_days",))
    record(actor, "traffic.retention_set", row, before={"days": before}, after={"days": days})
    return row


@action("ledger.erase")
def person_forget(*, actor: Actor, told: str, reason: str) -> int:
    """Make a person's calls nobody's, where the law requires it, and remove their kept texts; what they cost stays.
    Returns how many rows and texts.

    `told` is the e-mail address or id that calls were made on behalf of. Raises Invalid without it or a reason.
    """
    missing = {"told": "Who?"} if not told.strip() else {}
    if not reason.strip():
        missing["reason"] = "Say why; it stays in the ledger."
    if missing:
        raise Invalid("Erasing needs a person and a reason.", fields=missing)
    person = person_id(str(actor.organisation_id), told)
    rows = keeping.erase_person(places.warehouse(), str(actor.organisation_id), person)
    rows += texts_forget(actor=actor, person=person)
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    record(actor, "traffic.person_forgotten", organisation, after={"rows": rows}, note=reason.strip())
    return rows


def keep_days(organisation_id: UUID) -> int:
    """How many days an organisation keeps its calls."""
    row = TrafficSetting.objects.filter(organisation_id=organisation_id).first()
    return row.keep_days if row else KEEP_DAYS
