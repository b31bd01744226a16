"""What each role may do, in plain words, and how that is changed: by a decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.directory.power import role_add, role_change_propose
from pilothouse.kernel.directory.selectors import people, role_line, role_lines, role_of
from pilothouse.web.access.forms import RoleChangeForm, tell
from pilothouse.web.page import Request, page


@require_GET
@page("people.view")
def role_list(request: Request) -> HttpResponse:
    """Every role, what it may do and who holds it."""
    context = {"lines": role_lines(request.actor), "may_change": request.actor.may("role.change")}
    return render(request, "access/roles.html", context)


@require_http_methods(["GET", "POST"])
@page("people.view")
def role_detail(request: Request, key: str) -> HttpResponse:
    """One role: what it may do, who holds it; and the form that proposes a change."""
    actor = request.actor
    role = role_of(actor, key)
    may_change = actor.may("role.change")
    form = RoleChangeForm(role, request.POST or None) if may_change else None
    if request.method == "POST":
        actor.require("role.change")
        assert form is not None
        if form.is_valid():
            try:
                role_change_propose(
                    actor=actor, role=role, permissions=form.permissions(), reason=form.cleaned_data["reason"]
                )
            except PilothouseError as error:
                tell(form, error)
            else:
                messages.info(request, "Someone else has been asked to decide. Nothing has changed yet.")
                return redirect("access:role", slug=request.organisation.slug, key=key)
    holders = (
        Membership.objects.of(actor)
        .filter(role=role, person__left_at=None, person__in=people(actor))
        .select_related("person", "unit")
        .order_by("person__name")
    )
    context = {"line": role_line(role), "form": form, "holders": holders, "may_change": may_change}
    return render(request, "access/role.html", context, status=422 if form and form.errors else 200)


@require_POST
@page("role.change")
def role_new(request: Request) -> HttpResponse:
    """Add a role that may nearly nothing yet."""
    slug = request.organisation.slug
    try:
        role = role_add(actor=request.actor, key=request.POST.get("key", ""), title=request.POST.get("title", ""))
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
        return redirect("access:roles", slug=slug)
    messages.success(request, f"“{role.title}” is added. Propose what it may do.")
    return redirect("access:role", slug=slug, key=role.key)
