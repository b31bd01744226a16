"""Upstreams, the names by which their models are called, and prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.contracts.policy.request import ENDPOINTS
from pilothouse.contracts.policy.snapshot import Target
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy import rules
from pilothouse.kernel.policy.actions.saving import only, save
from pilothouse.kernel.policy.models import Alias, Price, Upstream
from pilothouse.kernel.policy.publish import publish_soon

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
# The gateway writes these itself; `authorization` would be a secret in the database.
OWN_HEADERS = {"authorization", "x-api-key", "api-key", "host", "content-length", "transfer-encoding", "connection"}
UPSTREAM_FIELDS = {
    "base_url", "dialect", "secret", "auth", "region", "data_classes", "headers", "query", "connect_ms",
    "first_byte_ms", "total_ms", "concurrent", "active",
}  # fmt: skip
ALIAS_FIELDS = {
    "targets", "replaced_by", "endpoints", "max_output", "sticky", "retries", "deadline_ms", "active",
}  # fmt: skip
AMOUNTS = ("input", "output", "cache_read", "cache_write", "reasoning", "request")


@action("gateway.manage")
def upstream_save(*, actor: Actor, name: str, facts: Mapping[str, Any], version: int | None = None) -> Upstream:
    """Add an upstream or change it. Raises Invalid with the fields that are wrong, Conflict for another's change."""
    only(facts, UPSTREAM_FIELDS, "An upstream")
    if not SLUG.fullmatch(name):
        raise Invalid("That is no name of an upstream.", fields={"name": "Small letters, digits and hyphens."})
    slug = Organisation.objects.values_list("slug", flat=True).get(pk=actor.organisation_id)
    kept = Upstream.objects.of(actor).filter(name=name).first() or Upstream()
    wanted = {field: getattr(kept, field) for field in UPSTREAM_FIELDS} | dict(facts)
    wanted["base_url"] = rules.clean_base_url(wanted["base_url"])
    wanted["secret"] = rules.clean_reference(wanted["secret"], slug)
    wrong = _wrong_upstream(wanted)
    if wrong:
        raise Invalid("The upstream is not complete.", fields=wrong)
    if wanted["data_classes"] is not None:
        wanted["data_classes"] = sorted(set(wanted["data_classes"]))
    return save(actor, Upstream, {"name": name}, wanted, version, "upstream")


def _wrong_upstream(wanted: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if wanted["dialect"] not in dict(Upstream.DIALECTS):
        wrong["dialect"] = "Choose openai or anthropic."
    if wanted["auth"] not in dict(Upstream.AUTHS):
        wrong["auth"] = "Choose bearer, x-api-key, api-key or none."
    elif wanted["auth"] != "none" and not wanted["secret"]:
        wrong["secret"] = "Say where the gateway finds the secret, or that none is needed."  # noqa: S105
    for header, value in wanted["headers"].items():
        if not HEADER.fullmatch(header) or header.lower() in OWN_HEADERS or not str(value).isprintable():
            wrong["headers"] = f"“{header}” cannot be set here."
    if any(not rules.CLASS.fullmatch(word) for word in wanted["data_classes"] or ()):
        wrong["data_classes"] = "Each class is one word without blanks."
    for field in ("connect_ms", "first_byte_ms", "total_ms"):
        if not 1 <= wanted[field] <= 3_600_000:
            wrong[field] = "From 1 to 3,600,000 ms."
    if wanted["concurrent"] is not None and wanted["concurrent"] < 1:
        wrong["concurrent"] = "At least 1, or nothing for no limit."
    return wrong


@action("gateway.manage")
def alias_save(*, actor: Actor, name: str, facts: Mapping[str, Any], version: int | None = None) -> Alias:
    """Add a model's name or change what answers by it. With `replaced_by` it is retired. Raises Invalid, Conflict."""
    only(facts, ALIAS_FIELDS, "A model")
    if not rules.NAME.fullmatch(name):
        raise Invalid("That is no name of a model.", fields={"name": "Letters, digits and . _ : / @ + -"})
    kept = Alias.objects.of(actor).filter(name=name).first() or Alias()
    wanted = {field: getattr(kept, field) for field in ALIAS_FIELDS} | dict(facts)
    targets = rules.convert(wanted["targets"], tuple[Target, ...], "A target")
    wrong = _wrong_alias(actor, name, wanted, targets)
    if wrong:
        raise Invalid("The model is not complete.", fields=wrong)
    wanted["targets"] = [msgspec.to_builtins(target) for target in targets]
    return save(actor, Alias, {"name": name}, wanted, version, "alias")


def _wrong_alias(actor: Actor, name: str, wanted: Mapping[str, Any], targets: tuple[Target, ...]) -> dict[str, str]:
    wrong = {}
    known = set(Upstream.objects.of(actor).filter(active=True).values_list("name", flat=True))
    missing = sorted({target.upstream for target in targets} - known)
    if missing:
        wrong["targets"] = f"There is no upstream “{missing[0]}”."
    elif any(not target.model.strip() or not 0 <= target.weight <= 1000 for target in targets):
        wrong["targets"] = "Each target names a model and has a weight from 0 to 1000."
    elif len({(target.upstream, target.model) for target in targets}) < len(targets):
        wrong["targets"] = "A target is named twice."
    elif not wanted["replaced_by"] and not any(target.weight and not target.fallback for target in targets):
        wrong["targets"] = "At least one target with a weight answers first."
    if wanted["replaced_by"] and not _leads_somewhere(actor, name, wanted["replaced_by"]):
        wrong["replaced_by"] = "The replacement must be another model that is known here."
    if wanted["endpoints"] is not None and set(wanted["endpoints"]) - set(ENDPOINTS):
        wrong["endpoints"] = f"Choose among {', '.join(ENDPOINTS)}."
    for field, most in (("max_output", 10_000_000), ("deadline_ms", 3_600_000)):
        if not 1 <= wanted[field] <= most:
            wrong[field] = f"From 1 to {most:,}."
    if not 0 <= wanted["retries"] <= 5:
        wrong["retries"] = "From 0 to 5."
    return wrong


def _leads_somewhere(actor: Actor, name: str, replacement: str) -> bool:
    """Does the chain of replacements end at a model that answers, without coming back?"""
    rows = dict(Alias.objects.of(actor).filter(active=True).values_list("name", "replaced_by"))
    seen = {name}
    while replacement in rows and replacement not in seen:
        if not rows[replacement]:
            return True
        seen.add(replacement)
        replacement = rows[replacement]
    return False


@action("gateway.manage")
def price_add(
    *,
    actor: Actor,
    upstream: Upstream,
    model: str,
    amounts: Mapping[str, Decimal | None],
    valid_from: datetime | None = None,
    currency: str = "",
    rate: Decimal = Decimal(1),
) -> Price:
    """Say what a model costs a million tokens from a moment on (now, unless said). A price is never changed: the next
    one follows it. `rate` turns its currency into the organisation's. Raises Invalid, Conflict."""
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    currency = (currency or organisation.currency).upper()
    wrong = {}
    if upstream.organisation_id != actor.organisation_id:
        wrong["upstream"] = "There is no such upstream."
    if not model.strip():
        wrong["model"] = "Say which model, as the upstream calls it."
    if not re.fullmatch(r"[A-Z]{3}", currency):
        wrong["currency"] = "Three letters, such as EUR."
    elif currency == organisation.currency and rate != 1:
        wrong["rate"] = f"One {currency} is one {currency}."
    if not 0 < rate <= 1_000_000:
        wrong["rate"] = "Above 0."
    for field in AMOUNTS:
        value = amounts.get(field)
        if value is not None and not 0 <= value * rate <= 10_000_000:
            wrong[field] = "From 0 to 10,000,000."
        if field in ("input", "output") and value is None:
            wrong[field] = "Say the price; zero is one."
    if set(amounts) - set(AMOUNTS):
        wrong["amounts"] = f"Only {', '.join(AMOUNTS)}."
    if wrong:
        raise Invalid("The price is not complete.", fields=wrong)
    lock_log(actor.organisation_id)
    start = valid_from or now()
    if Price.objects.filter(upstream=upstream, model=model.strip(), valid_from=start).exists():
        raise Conflict("There is a price from that moment on already.", fields={"valid_from": "It is taken."})
    said = {field: value for field, value in amounts.items() if value is not None}
    price: Price = Price.objects.create(
        organisation_id=actor.organisation_id,
        upstream=upstream,
        model=model.strip(),
        valid_from=start,
        currency=currency,
        rate=rate,
        **said,
    )
    after = {"upstream": upstream.name, "model": price.model, "valid_from": start, "currency": currency, "rate": rate}
    record(actor, "price.added", price, after=after | said)
    publish_soon(actor.organisation_id)
    return price
