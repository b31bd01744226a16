"""What the gateway's pages share: their tabs, and a form that is shown until an action accepts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse

from pilothouse.contracts.errors import PilothouseError
from pilothouse.web.access.forms import tell
from pilothouse.web.page import Request

TABS = (
    ("overview", "Overview", "traffic.view"),
    ("keys", "Keys", "traffic.view"),
    ("models", "Models", "traffic.view"),
    ("upstreams", "Upstreams", "traffic.view"),
    ("issuers", "Issuers", "gateway.manage"),
    ("budgets", "Budgets", "traffic.view"),
    ("stops", "Kill switch", "traffic.view"),
    ("documents", "Marked documents", "gateway.manage"),
    ("what_if", "What if", "traffic.view"),
)


def tabs(request: Request) -> list[tuple[str, str, str]]:
    """The gateway's pages that the actor may open."""
    slug = request.organisation.slug
    return [
        (key, title, reverse(f"policy:{key}", kwargs={"slug": slug}))
        for key, title, permission in TABS
        if request.actor.may(permission)
    ]


def saved(request: Request, permission: str, form: forms.Form, act: Callable[[], Any]) -> Any:
    """What `act` made of a posted form, or None: not posted, or refused, which the form then tells.

    Raises Forbidden when something is posted by who may not.
    """
    if request.method != "POST":
        return None
    request.actor.require(permission)
    if not form.is_valid():
        return None
    try:
        return act()
    except PilothouseError as error:
        tell(form, error)
        return None


def version(request: Request) -> int | None:
    """The version that a form was filled in on, against lost updates."""
    said = request.POST.get("version", "")
    return int(said) if said.isdigit() else None


def status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200
