"""One's notices, and the places outside that are told what happens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.notify import outlets as do
from pilothouse.kernel.notify.models import Delivery, Notice, Outlet, Preference
from pilothouse.kernel.notify.notices import notices_of, notices_read, preference_set, unread_count
from pilothouse.kernel.notify.signing import signing_secret
from pilothouse.web.access.forms import tell
from pilothouse.web.access.pages.settings import tabs
from pilothouse.web.notify.forms import OutletForm, PreferenceForm
from pilothouse.web.page import Request, page

ON_THE_BELL = 8
DELIVERIES = 25


@require_GET
@page("organisation.view")
def bell(request: Request) -> HttpResponse:
    """A fragment for the frame: how many notices wait, and the newest."""
    context = {"unread": unread_count(request.actor), "notices": notices_of(request.actor)[:ON_THE_BELL]}
    return render(request, "notify/_bell.html", context)


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def notice_list(request: Request) -> HttpResponse:
    """One's notices and how one is told."""
    actor = request.actor
    preference = Preference.objects.of(actor).filter(person_id=actor.person_id or UUID(int=0)).first()
    form = PreferenceForm(request.POST or None, initial={"email": preference.email if preference else "each"})
    if request.method == "POST" and form.is_valid():
        preference_set(actor=actor, email=form.cleaned_data["email"])
        messages.success(request, "Saved.")
        return redirect("notify:settings", slug=request.organisation.slug)
    page_of = Paginator(notices_of(actor), 30).get_page(request.GET.get("page"))
    context = {"form": form, "page": page_of, "unread": unread_count(actor)}
    return render(request, "notify/notices.html", context, status=422 if form.errors else 200)


@require_POST
@page("organisation.view")
def notice_read(request: Request) -> HttpResponse:
    """Mark all of one's notices as read."""
    notices_read(actor=request.actor)
    return redirect("notify:settings", slug=request.organisation.slug)


@require_POST
@page("organisation.view")
def notice_open(request: Request, notice_id: UUID) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    notice: Notice | None = notices_of(request.actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    notices_read(actor=request.actor, notice_ids=[notice.pk])
    # Only a path of ours: what a notice says never leads elsewhere.
    inside = notice.url.startswith("/") and not notice.url.startswith("//")
    return redirect(notice.url if inside else f"/o/{request.organisation.slug}/me/notices/")


@require_http_methods(["GET", "POST"])
@page("webhook.manage")
def outlet_list(request: Request) -> HttpResponse:
    """Every outlet, and the form for a new one."""
    form = OutletForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outlet = do.outlet_add(actor=request.actor, **form.facts())
        except PilothouseError as error:
            tell(form, error)
        else:
            return _detail(request, outlet, OutletForm(outlet=outlet), shown=True)
    context = {"form": form, "outlets": do.outlets(request.actor), "tabs": tabs(request)}
    return render(request, "notify/outlets.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page("webhook.manage")
def outlet_detail(request: Request, outlet_id: UUID) -> HttpResponse:
    """One outlet: how it fares, its recent deliveries, and the form that changes it."""
    outlet: Outlet = do.outlets(request.actor).filter(pk=outlet_id).first() or _absent()
    form = OutletForm(request.POST or None, outlet=outlet)
    if request.method == "POST" and form.is_valid():
        version = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else None
        try:
            do.outlet_change(actor=request.actor, outlet=outlet, changes=form.facts(), version=version)
            messages.success(request, "Saved.")
            return redirect("notify:outlet", slug=request.organisation.slug, outlet_id=outlet.pk)
        except PilothouseError as error:
            tell(form, error)
    return _detail(request, outlet, form)


def _detail(request: Request, outlet: Outlet, form: OutletForm, *, shown: bool = False) -> HttpResponse:
    context = {
        "outlet": outlet,
        "form": form,
        "deliveries": outlet.deliveries.all()[:DELIVERIES],
        "secret": signing_secret(outlet) if shown and outlet.kind == "webhook" else "",
        "tabs": tabs(request),
    }
    response = render(request, "notify/outlet.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page("webhook.manage")
def outlet_switch(request: Request, outlet_id: UUID) -> HttpResponse:
    """Switch an outlet on or off."""
    outlet: Outlet = Outlet.objects.get_of(request.actor, pk=outlet_id)
    do.outlet_change(actor=request.actor, outlet=outlet, changes={"enabled": request.POST.get("on") == "yes"})
    return redirect("notify:outlet", slug=request.organisation.slug, outlet_id=outlet_id)


@require_POST
@page("webhook.manage")
def outlet_rotate(request: Request, outlet_id: UUID) -> HttpResponse:
    """Give a webhook a new signing secret and show it once."""
    outlet = do.outlet_rotate(actor=request.actor, outlet=Outlet.objects.get_of(request.actor, pk=outlet_id))
    return _detail(request, outlet, OutletForm(outlet=outlet), shown=True)


@require_POST
@page("webhook.manage")
def outlet_delete(request: Request, outlet_id: UUID) -> HttpResponse:
    """Delete an outlet."""
    outlet: Outlet = Outlet.objects.get_of(request.actor, pk=outlet_id)
    do.outlet_delete(actor=request.actor, outlet=outlet)
    messages.success(request, f"“{outlet.title}” is deleted.")
    return redirect("notify:outlets", slug=request.organisation.slug)


@require_POST
@page("webhook.manage")
def delivery_repeat(request: Request, delivery_id: UUID) -> HttpResponse:
    """Send a delivery again."""
    delivery: Delivery = Delivery.objects.get_of(request.actor, pk=delivery_id)
    try:
        do.delivery_repeat(actor=request.actor, delivery=delivery)
        messages.success(request, "It goes out again within a minute.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("notify:outlet", slug=request.organisation.slug, outlet_id=delivery.outlet_id)


def _absent() -> Outlet:
    raise NotFound
