"""Notices and webhooks over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Router, Schema, Status

from pilothouse.kernel.notify import outlets as do
from pilothouse.kernel.notify.models import Delivery, Outlet
from pilothouse.kernel.notify.notices import notices_of, notices_read
from pilothouse.kernel.notify.signing import signing_secret
from pilothouse.web.api import ApiRequest, etag, if_match, paged

PREFIX = ""
router = Router(tags=["Notices and webhooks"])


class NoticeOut(Schema):
    id: UUID
    text: str
    url: str
    at: datetime
    read_at: datetime | None


class CountOut(Schema):
    count: int


class WebhookOut(Schema):
    id: UUID
    kind: str = Field(description="webhook or apprise.")
    title: str
    url: str
    secret_name: str
    actions: list[str]
    failures: int
    disabled_at: datetime | None
    disabled_why: str
    version: int


class WebhookIn(Schema):
    kind: str = "webhook"
    title: str
    url: str = ""
    secret_name: str = ""
    actions: list[str]


class WebhookPatch(Schema):
    title: str | None = None
    url: str | None = None
    secret_name: str | None = None
    actions: list[str] | None = None
    enabled: bool | None = None


class WebhookSecretOut(Schema):
    webhook: WebhookOut
    secret: str = Field(description="Check signatures with it; told now and never again. Empty for apprise.")


class DeliveryOut(Schema):
    id: UUID
    seq: int = Field(description="Number of the ledger entry.")
    action: str
    state: str
    attempts: int
    status: int | None
    error: str
    at: datetime
    next_at: datetime


@router.get("/notices", response=list[NoticeOut])
@paged("-id")
def notice_list(request: ApiRequest, unread: bool = False) -> Any:
    """One's own notices, newest first."""
    rows = notices_of(request.actor)
    return rows.filter(read_at=None) if unread else rows


@router.post("/notices/read", response=CountOut)
def notice_read(request: ApiRequest) -> dict[str, int]:
    """Mark all of one's notices as read."""
    return {"count": notices_read(actor=request.actor)}


@router.get("/webhooks", response=list[WebhookOut])
@paged()
def webhook_list(request: ApiRequest) -> Any:
    """Webhooks and chat rooms."""
    request.actor.require("webhook.manage")
    return do.outlets(request.actor)


@router.post("/webhooks", response={201: WebhookSecretOut})
def webhook_add(request: ApiRequest, body: WebhookIn, response: HttpResponse) -> Status[Any]:
    """Add a webhook. Its signing secret is in this answer and nowhere else."""
    response["Cache-Control"] = "no-store"
    outlet = do.outlet_add(actor=request.actor, **body.dict())
    return Status(201, _with_secret(outlet))


@router.get("/webhooks/{webhook_id}", response=WebhookOut)
def webhook_read(request: ApiRequest, webhook_id: UUID, response: HttpResponse) -> Outlet:
    """One webhook."""
    outlet = _outlet(request, webhook_id)
    etag(response, outlet.version)
    return outlet


@router.patch("/webhooks/{webhook_id}", response=WebhookOut)
def webhook_change(request: ApiRequest, webhook_id: UUID, body: WebhookPatch, response: HttpResponse) -> Outlet:
    """Change a webhook, or switch it on or off. Send If-Match against lost updates."""
    outlet = _outlet(request, webhook_id)
    version = if_match(request, outlet.version)
    changes = {key: value for key, value in body.dict(exclude_unset=True).items() if value is not None}
    outlet = do.outlet_change(actor=request.actor, outlet=outlet, changes=changes, version=version)
    etag(response, outlet.version)
    return outlet


@router.delete("/webhooks/{webhook_id}", response={204: None})
def webhook_delete(request: ApiRequest, webhook_id: UUID) -> Status[Any]:
    """Delete a webhook with its deliveries."""
    outlet = _outlet(request, webhook_id)
    if_match(request, outlet.version)
    do.outlet_delete(actor=request.actor, outlet=outlet)
    return Status(204, None)


@router.post("/webhooks/{webhook_id}/rotate", response=WebhookSecretOut)
def webhook_rotate(request: ApiRequest, webhook_id: UUID, response: HttpResponse) -> dict[str, Any]:
    """Give a webhook a new signing secret; the old one stops at once."""
    response["Cache-Control"] = "no-store"
    return _with_secret(do.outlet_rotate(actor=request.actor, outlet=_outlet(request, webhook_id)))


@router.get("/webhooks/{webhook_id}/deliveries", response=list[DeliveryOut])
@paged("-id")
def delivery_list(request: ApiRequest, webhook_id: UUID) -> Any:
    """What was sent, newest first; kept for 30 days."""
    return Delivery.objects.of(request.actor).filter(outlet=_outlet(request, webhook_id))


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/repeat", response=DeliveryOut)
def delivery_repeat(request: ApiRequest, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Send a delivery again: the same message with the same id."""
    outlet = _outlet(request, webhook_id)
    delivery: Delivery = Delivery.objects.get_of(request.actor, pk=delivery_id, outlet=outlet)
    return do.delivery_repeat(actor=request.actor, delivery=delivery)


def _outlet(request: ApiRequest, outlet_id: UUID) -> Outlet:
    request.actor.require("webhook.manage")
    outlet: Outlet = Outlet.objects.get_of(request.actor, pk=outlet_id)
    return outlet


def _with_secret(outlet: Outlet) -> dict[str, Any]:
    return {"webhook": outlet, "secret": signing_secret(outlet) if outlet.kind == "webhook" else ""}
