"""The policy over REST: keys, upstreams, models, prices, budgets, stops, a system's rules, and the judgement."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Status

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.contracts.policy.request import CallRequest, key_hash, person_id
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.policy import selectors as read
from pilothouse.kernel.policy.actions import stops as stop
from pilothouse.kernel.policy.actions.caps import budget_end, budget_save
from pilothouse.kernel.policy.actions.issuers import issuer_renew, issuer_save
from pilothouse.kernel.policy.actions.keys import Issued, key_issue, key_revoke, key_rotate
from pilothouse.kernel.policy.actions.routing import alias_save, price_add, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.models import Alias, Budget, GatewayKey, Issuer, Stop, Upstream
from pilothouse.kernel.policy.rules import plain
from pilothouse.kernel.traffic.effect import effect_of_rules
from pilothouse.web.api import ApiRequest, paged
from pilothouse.web.policy.api.schemas import (
    BudgetIn,
    BudgetOut,
    CallIn,
    EffectOut,
    GatewayKeyIn,
    GatewayKeyIssued,
    GatewayKeyOut,
    IssuerIn,
    IssuerOut,
    ModelIn,
    ModelOut,
    PolicyIn,
    PolicyOut,
    PriceIn,
    PriceOut,
    PublicationOut,
    Reason,
    Rotation,
    StopIn,
    StopOut,
    UpstreamIn,
    UpstreamOut,
    VerdictOut,
)

PREFIX = ""
router = Router(tags=["Gateway"])


@router.post("/policy/evaluate", response=VerdictOut)
def evaluate(request: ApiRequest, body: CallIn) -> dict[str, Any]:
    """What a gateway would say to this call, by the same function, over the policy as it stands now."""
    request.actor.require("traffic.view")
    digest = read.key_of(request.actor, body.key_id).hash if body.key_id else key_hash(body.key)
    same = body.dict(exclude={"key", "key_id", "data_classes", "regions", "person"})
    call = CallRequest(
        key=digest,
        data_classes=frozenset(body.data_classes),
        regions=None if body.regions is None else frozenset(body.regions),
        person=person_id(str(request.actor.organisation_id), body.person),
        **same,
    )
    return read.verdict(request.actor, call).plain()


@router.get("/gateway/policy", response=PublicationOut)
def publication(request: ApiRequest) -> Any:
    """The policy that gateways hold."""
    request.actor.require("traffic.view")
    head = read.publication(request.actor)
    if head is None:
        raise NotFound("Nothing is published yet.")
    return head


@router.get("/gateway/keys", response=list[GatewayKeyOut])
@paged("-created_at", "-id")
def key_list(request: ApiRequest) -> Any:
    """Keys of the systems whose traffic one may see."""
    request.actor.require("traffic.view")
    return read.keys(request.actor)


@router.post("/gateway/keys", response={201: GatewayKeyIssued})
def key_new(request: ApiRequest, body: GatewayKeyIn, response: HttpResponse) -> Status[Any]:
    """Issue a key. Its text is in this answer and nowhere else."""
    response["Cache-Control"] = "no-store"
    actor, said = request.actor, body.dict(exclude={"system", "unit_id"})
    unit = Unit.objects.get_of(actor, pk=body.unit_id) if body.unit_id else None
    made = key_issue(actor=actor, system=system_by_number(actor, body.system), unit=unit, **said)
    return Status(201, _issued(made))


@router.post("/gateway/keys/{key_id}/rotate", response={201: GatewayKeyIssued})
def key_rotation(request: ApiRequest, key_id: UUID, body: Rotation, response: HttpResponse) -> Status[Any]:
    """Issue a successor with the same rights; the old key works for the grace."""
    response["Cache-Control"] = "no-store"
    key = read.key_of(request.actor, key_id)
    return Status(201, _issued(key_rotate(actor=request.actor, key=key, **body.dict())))


@router.post("/gateway/keys/{key_id}/revoke", response=GatewayKeyOut)
def key_end(request: ApiRequest, key_id: UUID, body: Reason) -> GatewayKey:
    """End a key at once."""
    return key_revoke(actor=request.actor, key=read.key_of(request.actor, key_id), reason=body.reason)


@router.get("/gateway/upstreams", response=list[UpstreamOut])
@paged("name")
def upstream_list(request: ApiRequest) -> Any:
    """Where models run."""
    request.actor.require("gateway.manage")
    return read.upstreams(request.actor)


@router.post("/gateway/upstreams", response=UpstreamOut)
def upstream_put(request: ApiRequest, body: UpstreamIn) -> Upstream:
    """Add an upstream, or change what is said of the one of that name."""
    return upstream_save(actor=request.actor, name=body.name, facts=_said(body), version=body.version)


@router.get("/gateway/issuers", response=list[IssuerOut])
@paged("name")
def issuer_list(request: ApiRequest) -> Any:
    """Whose identity tokens show who a person is."""
    request.actor.require("gateway.manage")
    return read.issuers(request.actor)


@router.post("/gateway/issuers", response=IssuerOut)
def issuer_put(request: ApiRequest, body: IssuerIn) -> Issuer:
    """Add an issuer, or change the one of that name, and fetch its keys. When those cannot be read, `problem` says why
    and no token of it counts."""
    issuer = issuer_save(actor=request.actor, name=body.name, facts=_said(body), version=body.version)
    with contextlib.suppress(Invalid):
        issuer_renew(actor=request.actor, issuer=issuer)
    issuer.refresh_from_db()
    return issuer


@router.get("/gateway/models", response=list[ModelOut])
@paged("name")
def model_list(request: ApiRequest) -> Any:
    """The names that callers ask for, and what answers."""
    request.actor.require("traffic.view")
    return read.aliases(request.actor)


@router.post("/gateway/models", response=ModelOut)
def model_put(request: ApiRequest, body: ModelIn) -> Alias:
    """Offer a model, or change what is said of the one of that name; with `replaced_by` it is retired."""
    return alias_save(actor=request.actor, name=body.name, facts=_said(body), version=body.version)


@router.get("/gateway/prices", response=list[PriceOut])
@paged("-id")
def price_list(request: ApiRequest) -> Any:
    """What models cost a million tokens, newest first."""
    request.actor.require("traffic.view")
    return read.prices(request.actor)


@router.post("/gateway/prices", response={201: PriceOut})
def price_new(request: ApiRequest, body: PriceIn) -> Status[Any]:
    """Say what a model costs from a moment on."""
    actor = request.actor
    actor.require("gateway.manage")
    upstream = Upstream.objects.get_of(actor, name=body.upstream)
    amounts = {name: getattr(body, name) for name in _AMOUNTS}
    said = body.dict(include={"model", "valid_from", "currency", "rate"})
    return Status(201, price_add(actor=actor, upstream=upstream, amounts=amounts, **said))


@router.get("/gateway/budgets", response=list[BudgetOut])
@paged("name", "id")
def budget_list(request: ApiRequest) -> Any:
    """Caps in force."""
    request.actor.require("traffic.view")
    return read.budgets(request.actor)


@router.post("/gateway/budgets", response=BudgetOut)
def budget_put(request: ApiRequest, body: BudgetIn) -> Budget:
    """Add a cap, or change the one of that name."""
    actor = request.actor
    actor.require("budget.manage")
    return budget_save(
        actor=actor,
        unit=Unit.objects.get_of(actor, pk=body.unit_id) if body.unit_id else None,
        system=system_by_number(actor, body.system) if body.system is not None else None,
        key=read.key_of(actor, body.key_id) if body.key_id else None,
        **body.dict(include={"name", "cap", "window", "version"}),
    )


@router.post("/gateway/budgets/{budget_id}/end", response=BudgetOut)
def budget_stop(request: ApiRequest, budget_id: UUID, body: Reason) -> Budget:
    """Take a cap away."""
    request.actor.require("budget.manage")
    return budget_end(
        actor=request.actor, budget=Budget.objects.get_of(request.actor, pk=budget_id), reason=body.reason
    )


@router.get("/gateway/stops", response=list[StopOut])
@paged("-id")
def stop_list(request: ApiRequest, in_force: bool = True) -> Any:
    """What is stopped now (or ever was). Suspended systems are in the register."""
    request.actor.require("traffic.view")
    rows = read.stops(request.actor)
    return rows.filter(lifted_at=None) if in_force else rows


@router.post("/gateway/stops", response={201: StopOut})
def stop_new(request: ApiRequest, body: StopIn) -> Status[Any]:
    """Stop a key, a model, an upstream or everything; a system is suspended at /systems/{number}/restrictions."""
    actor, reason = request.actor, body.reason
    if body.kind == "organisation":
        return Status(201, stop.suspend_organisation(actor=actor, reason=reason))
    if body.kind == "model":
        return Status(201, stop.suspend_model(actor=actor, name=body.target, reason=reason))
    actor.require("gate.restrict")
    if body.kind == "key":
        return Status(201, stop.suspend_key(actor=actor, key=read.key_of(actor, body.target), reason=reason))
    upstream = Upstream.objects.get_of(actor, name=body.target)
    return Status(201, stop.suspend_upstream(actor=actor, upstream=upstream, reason=reason))


@router.post("/gateway/stops/{stop_id}/lift", response=StopOut)
def stop_end(request: ApiRequest, stop_id: UUID, body: Reason) -> Stop:
    """Let run again what was stopped."""
    request.actor.require("gate.restrict")
    return stop.stop_lift(actor=request.actor, stop=Stop.objects.get_of(request.actor, pk=stop_id), reason=body.reason)


@router.get("/systems/{number}/policy", response=PolicyOut)
def policy_read(request: ApiRequest, number: int) -> dict[str, Any]:
    """What one system's calls may do."""
    system = system_by_number(request.actor, number)
    request.actor.require("traffic.view", system)
    rules, version = read.setting_of(system)
    return {"system": system.ref, "version": version, "rules": plain(rules)}


@router.put("/systems/{number}/policy", response=PolicyOut)
def policy_put(request: ApiRequest, number: int, body: PolicyIn) -> dict[str, Any]:
    """Set what one system's calls may do, as a whole."""
    system = system_by_number(request.actor, number)
    system_policy_save(actor=request.actor, system=system, body=body.rules, version=body.version)
    return policy_read(request, number)


@router.post("/systems/{number}/policy/effect", response=EffectOut)
def policy_effect(request: ApiRequest, number: int, body: PolicyIn) -> Any:
    """Which of the last seven days' calls these rules would have refused. Nothing is saved."""
    return effect_of_rules(request.actor, system_by_number(request.actor, number), body.rules, now())


_AMOUNTS = ("input", "output", "cache_read", "cache_write", "reasoning", "request")


def _said(body: UpstreamIn | ModelIn | IssuerIn) -> dict[str, Any]:
    """What the body says; null is a value where a field may be nothing, and unsaid elsewhere."""
    nothing = {"data_classes", "concurrent", "endpoints"}
    said = body.dict(exclude_unset=True, exclude={"name", "version"})
    return {key: value for key, value in said.items() if value is not None or key in nothing}


def _issued(made: Issued) -> dict[str, Any]:
    return {"key": made.key, "text": made.text}
