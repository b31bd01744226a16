"""Making the two documents out of what the rooms know, in a constant number of queries.

Only systems with a live key are in a snapshot. Whether one may run is the gates' answer (`run_permissions`); a system
that may not is there with the reason, so that its caller is told it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.text import slugify

from pilothouse.contracts.policy import snapshot as contract
from pilothouse.contracts.policy.request import person_id
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.decisions.models import HumanOnly
from pilothouse.kernel.gates.rules.called import is_approved
from pilothouse.kernel.gates.rules.running import RunPermission
from pilothouse.kernel.gates.selectors import pending_models, run_permissions
from pilothouse.kernel.inventory.models import System, Tier
from pilothouse.kernel.policy.issuers import KEPT
from pilothouse.kernel.policy.models import (
    Alias,
    Budget,
    GatewayKey,
    Issuer,
    MarkedDocument,
    PolicySetting,
    Price,
    Stop,
    Upstream,
)
from pilothouse.kernel.policy.rules import SystemRules, compiled_reference, micro

LIFETIME = timedelta(hours=72)
START = datetime(1970, 1, 1, tzinfo=UTC)


def compile_snapshot(
    organisation: Organisation, now: datetime, rules: Mapping[UUID, Any] | None = None
) -> contract.Snapshot:
    """The rules of an organisation at `now`, as revision 0; whoever publishes numbers them.

    `rules` (system id → a changed `PolicySetting.rules`) compiles what would hold, for *what-if*.
    """
    keys = live_keys(organisation, now)
    upstreams = {row.name: row for row in Upstream.objects.filter(organisation=organisation, active=True)}
    return contract.Snapshot(
        organisation=str(organisation.pk),
        slug=organisation.slug,
        revision=0,
        issued_at=now,
        not_after=now + LIFETIME,
        currency=organisation.currency,
        time_zone=organisation.time_zone,
        site=settings.BASE_URL,
        systems=_systems(organisation, keys, now, rules or {}),
        keys=_keys(organisation, keys),
        upstreams={name: _upstream(row, organisation.slug) for name, row in upstreams.items()},
        aliases=_aliases(organisation, upstreams),
        prices=_prices(organisation, now),
        budgets=_budgets(organisation),
        corpora=_corpora(organisation),
        issuers=_issuers(organisation, now),
    )


def compile_stops(organisation: Organisation, snapshot: contract.Snapshot) -> contract.Suspensions:
    """What is stopped: by the kill switch, and every system of the snapshot that is suspended or prohibited."""
    stopped = {
        f"{row.kind}:{row.target or organisation.pk}": contract.Suspension(row.reason, row.since)
        for row in Stop.objects.filter(organisation=organisation, lifted_at=None)
    }
    for system in snapshot.systems.values():
        if system.stop in ("suspended", "prohibited"):
            stopped[f"system:{system.id}"] = contract.Suspension(system.because, START)
    return contract.Suspensions(
        organisation=snapshot.organisation, revision=0, issued_at=snapshot.issued_at, stopped=stopped
    )


def live_keys(organisation: Organisation, now: datetime) -> list[GatewayKey]:
    """Keys that are neither revoked nor long expired; those that expired of late are told so."""
    rows = GatewayKey.objects.filter(organisation=organisation, revoked_at=None, expires_at__gt=now - LIFETIME)
    return list(rows.select_related("system__unit", "unit").order_by("pk"))


def _systems(
    organisation: Organisation, keys: Sequence[GatewayKey], now: datetime, changed: Mapping[UUID, Any]
) -> dict[str, contract.SystemPolicy]:
    systems = list({key.system_id: key.system for key in keys}.values())
    permissions = run_permissions(systems, now)
    kept = dict(PolicySetting.objects.filter(organisation=organisation).values_list("system_id", "rules"))
    always, unsigned = always_human(organisation), unsigned_aliases(organisation, systems)
    found = {}
    for system in systems:
        rules = msgspec.convert({**kept, **changed}.get(system.pk, {}), SystemRules)
        if refused := unsigned.get(system.pk):
            rules = msgspec.structs.replace(rules, models=rules.models - refused)
        found[str(system.pk)] = _system(system, permissions[system.pk], rules, always)
    return found


def unsigned_aliases(organisation: Organisation, systems: Sequence[System]) -> dict[UUID, frozenset[str]]:
    """The catalogue's names that a system may not call yet: they lead to a model that was added to it since its last
    sign-off, and the rulebook asks for a signature. What was approved runs on. One query where nothing is pending."""
    pending = pending_models(systems)
    if not pending:
        return {}
    catalogue = {
        row.name: [str(target["model"]) for target in row.targets]
        for row in Alias.objects.filter(organisation=organisation, active=True)
    }
    return {
        pk: frozenset(
            name
            for name, models in catalogue.items()
            if any(is_approved(model, added) and not is_approved(model, approved) for model in models)
        )
        for pk, (approved, added) in pending.items()
    }


def _system(
    system: System, permission: RunPermission, rules: SystemRules, always: Mapping[str, Any]
) -> contract.SystemPolicy:
    fields: dict[str, Any] = {name: getattr(rules, name) for name in rules.__struct_fields__}
    # Whichever of the two asks more of humans counts.
    fields["human"] = {
        **rules.human,
        **always,
        **{word: "refuse" for word, does in rules.human.items() if does == "refuse"},
    }
    return contract.SystemPolicy(
        id=str(system.pk),
        number=system.number,
        name=system.name,
        stage=system.stage,
        stop=_stop(permission),
        # Why it may run changes with every gap that closes; only why it may not is the gateway's business.
        because="" if permission.allowed else permission.because,
        until=permission.until,
        high_risk=system.tier == Tier.HIGH,
        marks=permission.marks if permission.allowed else (),
        **fields,
    )


def _stop(permission: RunPermission) -> Any:
    if permission.allowed:
        return ""
    return next((mark for mark in ("prohibited", "suspended") if mark in permission.marks), "stage")


def always_human(organisation: Organisation) -> dict[str, Any]:
    """The register's own entries as words that a call may carry: refused, or held until a human has looked."""
    rows = HumanOnly.objects.filter(organisation=organisation, removed_at=None, kind="")
    found: dict[str, Any] = {}
    for title, calls in rows.order_by("title").values_list("title", "calls"):
        word = slugify(title)
        found[word] = calls if found.get(word) != "refuse" else "refuse"
    return found


def _keys(organisation: Organisation, keys: Sequence[GatewayKey]) -> dict[str, contract.KeyPolicy]:
    wanted = {person for key in keys for person in key.persons or ()}
    emails = dict(
        Person.objects.filter(organisation=organisation, pk__in=wanted, left_at=None).values_list("pk", "email")
    )
    called = {str(pk): person_id(str(organisation.pk), email) for pk, email in emails.items() if email}
    return {key.hash: _key(key, called) for key in keys}


def _key(key: GatewayKey, called: Mapping[str, str]) -> contract.KeyPolicy:
    unit, person = key.unit or key.system.unit, cast(Any, key.person)
    return contract.KeyPolicy(
        id=str(key.pk),
        name=key.name,
        system=str(key.system_id),
        units=tuple(str(UUID(part)) for part in unit.path.strip("/").split("/")) if unit else (),
        person=person,
        persons=None if key.persons is None else frozenset(called[one] for one in key.persons if one in called),
        agents=None if key.agents is None else frozenset(key.agents),
        models=None if key.model_names is None else frozenset(key.model_names),
        limits=msgspec.convert(key.limits, contract.Limits),
        expires_at=key.expires_at,
    )


def _upstream(row: Upstream, slug: str) -> contract.Upstream:
    same = ("name", "base_url", "dialect", "auth", "region", "headers", "query")
    times = ("connect_ms", "first_byte_ms", "total_ms", "concurrent")
    return contract.Upstream(
        **{name: getattr(row, name) for name in (*same, *times)},
        secret=compiled_reference(row.secret, slug),
        data_classes=None if row.data_classes is None else frozenset(row.data_classes),
    )


def _aliases(organisation: Organisation, upstreams: Mapping[str, Upstream]) -> dict[str, contract.Alias]:
    return {
        row.name: contract.Alias(
            name=row.name,
            targets=tuple(
                msgspec.convert(target, contract.Target)
                for target in row.targets
                if target["upstream"] in upstreams and not row.replaced_by
            ),
            replaced_by=row.replaced_by,
            endpoints=None if row.endpoints is None else frozenset(row.endpoints),
            max_output=row.max_output,
            sticky=row.sticky,
            retries=row.retries,
            deadline_ms=row.deadline_ms,
        )
        for row in Alias.objects.filter(organisation=organisation, active=True)
    }


def _prices(organisation: Organisation, now: datetime) -> dict[str, tuple[contract.Price, ...]]:
    """For each model the price of now and those to come; what held before is of no use to a gateway."""
    found: defaultdict[str, list[contract.Price]] = defaultdict(list)
    rows = Price.objects.filter(organisation=organisation, upstream__active=True).select_related("upstream")
    for row in rows.order_by("valid_from", "pk"):
        line = found[f"{row.upstream.name}/{row.model}"]
        if row.valid_from <= now:
            line.clear()
        line.append(_price(row))
    return {name: tuple(line) for name, line in found.items()}


def prices_ever(organisation: Organisation) -> dict[str, tuple[contract.Price, ...]]:
    """Every price that each model ever had, oldest first: a past call keeps the price of its day."""
    found: defaultdict[str, list[contract.Price]] = defaultdict(list)
    for row in Price.objects.filter(organisation=organisation).select_related("upstream").order_by("valid_from", "pk"):
        found[f"{row.upstream.name}/{row.model}"].append(_price(row))
    return {name: tuple(line) for name, line in found.items()}


def _price(row: Price) -> contract.Price:
    def of(amount: Decimal | None) -> int | None:
        return None if amount is None else micro(amount * row.rate)

    return contract.Price(
        id=str(row.pk),
        valid_from=row.valid_from,
        input=micro(row.input * row.rate),
        output=micro(row.output * row.rate),
        cache_read=of(row.cache_read),
        cache_write=of(row.cache_write),
        reasoning=of(row.reasoning),
        request=micro(row.request * row.rate),
    )


def _corpora(organisation: Organisation) -> dict[str, bytes]:
    rows = MarkedDocument.objects.filter(organisation=organisation).values_list("pk", "prints")
    return {str(pk): bytes(prints) for pk, prints in rows.order_by("pk")}


def _issuers(organisation: Organisation, now: datetime) -> dict[str, contract.Issuer]:
    """Those whose keys were fetched of late, or given by hand: an old key may long have been withdrawn."""
    rows = Issuer.objects.filter(organisation=organisation, active=True).order_by("pk")
    return {
        row.url: contract.Issuer(
            url=row.url,
            audiences=tuple(row.audiences),
            algorithms=tuple(row.algorithms),
            claim=row.claim,
            keys=tuple(row.keys),
        )
        for row in rows
        if row.given or (row.fetched_at is not None and now - row.fetched_at <= KEPT)
    }


def _budgets(organisation: Organisation) -> dict[str, tuple[contract.Budget, ...]]:
    found: defaultdict[str, list[contract.Budget]] = defaultdict(list)
    for row in Budget.objects.filter(organisation=organisation, active=True).order_by("pk"):
        scope: Any = row.scope
        window: Any = row.window
        budget = contract.Budget(str(row.pk), row.name, scope, row.scope_id, window, micro(row.cap))
        found[f"{row.scope}:{row.scope_id}"].append(budget)
    return {scope: tuple(rows) for scope, rows in found.items()}
