"""Issuers whose identity tokens show who a person is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.snapshot import SIGNATURES
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy import rules
from pilothouse.kernel.policy.actions.routing import SLUG
from pilothouse.kernel.policy.actions.saving import only, save
from pilothouse.kernel.policy.issuers import clean_keys, clean_url, fetch_keys
from pilothouse.kernel.policy.models import Issuer
from pilothouse.kernel.policy.publish import publish_soon

log = structlog.get_logger(__name__)
FIELDS = {"url", "keys_url", "keys", "audiences", "algorithms", "claim", "active"}
USUAL = ["ES256", "RS256"]


@action("gateway.manage")
def issuer_save(*, actor: Actor, name: str, facts: Mapping[str, Any], version: int | None = None) -> Issuer:
    """Add an issuer or change it. Its keys are those in `keys` (a key set as JSON), which are then never fetched; or
    `issuer_renew` fetches them. Raises Invalid with the fields that are wrong, Conflict."""
    only(facts, FIELDS, "An issuer")
    if not SLUG.fullmatch(name):
        raise Invalid("That is no name of an issuer.", fields={"name": "Small letters, digits and hyphens."})
    kept = Issuer.objects.of(actor).filter(name=name).first() or Issuer(algorithms=USUAL)
    wanted = {field: getattr(kept, field) for field in FIELDS - {"keys"}} | dict(facts)
    given = str(wanted.pop("keys", "") or "").strip()
    wanted["url"] = clean_url(wanted["url"])
    wanted["keys_url"] = clean_url(wanted["keys_url"], "keys_url") if wanted["keys_url"] else ""
    wanted |= {field: sorted({word.strip() for word in wanted[field] or ()}) for field in ("audiences", "algorithms")}
    wrong = _wrong(actor, name, wanted)
    if wrong:
        raise Invalid("The issuer is not complete.", fields=wrong)
    if given:
        wanted |= {"keys": clean_keys(_document(given)), "given": True}
    elif wanted["url"] != kept.url:
        wanted |= {"keys": [], "given": False}  # another's keys say nothing about this one's tokens
    saved = save(actor, Issuer, {"name": name}, wanted, version, "issuer")
    if "keys" in wanted:
        Issuer.objects.filter(pk=saved.pk).update(fetched_at=now() if given else None, problem="")
        saved.refresh_from_db()
    return saved


def _wrong(actor: Actor, name: str, wanted: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if not wanted["audiences"] or any(not word or len(word) > 200 for word in wanted["audiences"]):
        wrong["audiences"] = "For whom its tokens must be meant: at least one."
    unknown = sorted(set(wanted["algorithms"]) - SIGNATURES)
    if unknown or not wanted["algorithms"]:
        wrong["algorithms"] = f"Choose among {', '.join(sorted(SIGNATURES))}."
    if not rules.CLASS.fullmatch(wanted["claim"]):
        wrong["claim"] = "Such as email."
    if Issuer.objects.of(actor).filter(url=wanted["url"]).exclude(name=name).exists():
        wrong["url"] = "Another entry is this issuer's."
    return wrong


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("That is no set of keys.", fields={"keys": "It is not JSON."}) from error


def issuer_renew(*, actor: Actor, issuer: Issuer) -> Issuer:
    """Fetch an issuer's keys now. No transaction is open while it is asked. Raises Invalid with why that failed."""
    actor.require("gateway.manage", issuer)
    if not issuer.given:
        try:
            keys = fetch_keys(issuer.url, issuer.keys_url)
        except Invalid as error:
            why = next(iter(error.fields.values()), str(error))
            Issuer.objects.filter(pk=issuer.pk).update(problem=why[:300])
            raise
        issuer_keys_take(actor=actor, issuer=issuer, keys=keys)
    issuer.refresh_from_db()
    return issuer


@action("gateway.manage", on="issuer")
def issuer_keys_take(*, actor: Actor, issuer: Issuer, keys: list[dict[str, str]]) -> None:
    """Use the keys that the issuer shows now."""
    lock_log(actor.organisation_id)
    kept = Issuer.objects.select_for_update().get(pk=issuer.pk)
    if kept.keys != keys:
        before, after = ([key.get("kid", "") for key in some] for some in (kept.keys, keys))
        record(actor, "issuer.keys_changed", kept, before={"keys": before}, after={"keys": after})
    Issuer.objects.filter(pk=kept.pk).update(keys=keys, fetched_at=now(), problem="")
    publish_soon(actor.organisation_id)


def issuers_tick(moment: datetime) -> dict[str, int]:
    """Fetch the keys of every issuer anew. One that cannot be read keeps its keys for a while, and says so."""
    done = [_renewed(issuer) for issuer in Issuer.objects.filter(active=True, given=False)]
    return {"renewed": done.count(True), "failed": done.count(False)}


def _renewed(issuer: Issuer) -> bool:
    try:
        issuer_renew(actor=system_actor(issuer.organisation_id), issuer=issuer)
    except Invalid:
        log.warning("issuer_unread", issuer=issuer.name, organisation=str(issuer.organisation_id))
        return False
    return True
