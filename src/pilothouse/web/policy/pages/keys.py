"""Keys: issued and shown once, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.policy.actions.keys import Issued, key_issue, key_revoke, key_rotate
from pilothouse.kernel.policy.models import GatewayKey
from pilothouse.kernel.policy.selectors import key_of, keys, setting_of, stops
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import KeyForm, ReasonForm, RotateForm
from pilothouse.web.policy.pages.frame import saved, status, tabs

MOST_SYSTEMS = 2000
SOON = timedelta(days=14)


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def key_list(request: Request) -> HttpResponse:
    """Every key that the actor may see, and the form for a new one."""
    actor = request.actor
    mine = list(systems(actor, "key.issue").exclude(stage="retired").order_by("number")[:MOST_SYSTEMS])
    form = KeyForm(actor, mine, request.POST or None, initial={"system": request.GET.get("system", "")})
    made = saved(request, "key.issue", form, lambda: key_issue(actor=actor, **form.facts()))
    if made is not None:
        return _detail(request, made.key, issued=made)
    rows = keys(actor)
    over = request.GET.get("show") == "over"
    rows = rows.exclude(revoked_at=None, expires_at__gt=now()) if over else rows.filter(
        revoked_at=None, expires_at__gt=now()
    )  # fmt: skip
    context = {
        "tabs": tabs(request),
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "over": over,
        "soon": now() + SOON,
        "form": form if mine else None,
        "stopped": set(stops(actor).filter(kind="key", lifted_at=None).values_list("target", flat=True)),
    }
    return render(request, "policy/keys.html", context, status=status(form))


@require_GET
@page("traffic.view")
def key_detail(request: Request, key_id: UUID) -> HttpResponse:
    """One key: what it may do, its end, and what may be done with it."""
    return _detail(request, key_of(request.actor, key_id))


@require_POST
@page("key.issue")
def key_rotate_page(request: Request, key_id: UUID) -> HttpResponse:
    """Issue a successor and show it once."""
    key, form = key_of(request.actor, key_id), RotateForm(request.POST)
    made = saved(request, "key.issue", form, lambda: key_rotate(actor=request.actor, key=key, **form.cleaned_data))
    return _detail(request, made.key, issued=made) if made else _refused(request, key, form)


@require_POST
@page("key.issue")
def key_revoke_page(request: Request, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    key, form = key_of(request.actor, key_id), ReasonForm(request.POST)
    done = saved(
        request, "key.issue", form, lambda: key_revoke(actor=request.actor, key=key, reason=form.cleaned_data["reason"])
    )
    if done is None:
        return _refused(request, key, form)
    messages.success(request, f"“{key.name}” is revoked. No gateway takes it any more.")
    return redirect("policy:keys", slug=request.organisation.slug)


def _refused(request: Request, key: GatewayKey, form: RotateForm | ReasonForm) -> HttpResponse:
    shown = {"rotate": form} if isinstance(form, RotateForm) else {"revoke": form}
    return _detail(request, key, **shown)


def _detail(
    request: Request,
    key: GatewayKey,
    *,
    issued: Issued | None = None,
    rotate: RotateForm | None = None,
    revoke: ReasonForm | None = None,
) -> HttpResponse:
    people = Person.objects.of(request.actor).filter(pk__in=key.persons or ())
    rules, _ = setting_of(key.system)
    context = {
        "tabs": tabs(request),
        "key": key,
        "issued": issued,
        "live": key.is_live(now()),
        "people": list(people),
        "models": sorted(key.model_names if key.model_names is not None else rules.models),
        "successor": GatewayKey.objects.filter(replaces=key).first(),
        "stop": stops(request.actor).filter(kind="key", target=str(key.pk), lifted_at=None).first(),
        "may_issue": request.actor.may("key.issue", key.system),
        "may_stop": request.actor.may("gate.restrict", key.system),
        "rotate": rotate or RotateForm(),
        "revoke": revoke or ReasonForm(),
    }
    bad = any(form is not None and form.errors for form in (rotate, revoke))
    response = render(request, "policy/key.html", context, status=422 if bad else 200)
    response["Cache-Control"] = "no-store"
    return response
