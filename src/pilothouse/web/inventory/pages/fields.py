"""Custom fields: what this organisation wants to know of its systems beyond what everyone does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.inventory.actions import custom_field_add, custom_field_change
from pilothouse.kernel.inventory.models import CustomField
from pilothouse.web.page import Request, page


@require_http_methods(["GET", "POST"])
@page("organisation.change")
def field_list(request: Request) -> HttpResponse:
    """The fields, and a form for one more."""
    typed = {key: request.POST.get(key, "") for key in ("title", "kind", "choices", "help")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            choices = typed["choices"].splitlines()
            field = custom_field_add(
                actor=request.actor, title=typed["title"], kind=typed["kind"], choices=choices, help=typed["help"]
            )
            messages.success(request, f"“{field.title}” is now asked of every system.")
            return redirect("inventory:fields", slug=request.organisation.slug)
        except PilothouseError as error:
            wrong = error.fields or {"title": error.detail}
    context = {
        "fields": CustomField.objects.of(request.actor).order_by("-active", "title"),
        "kinds": CustomField.KINDS,
        "typed": typed,
        "wrong": wrong,
    }
    return render(request, "inventory/fields.html", context, status=422 if wrong else 200)


@require_POST
@page("organisation.change")
def field_change(request: Request, field_id: str) -> HttpResponse:
    """Change a field's title, help, choices, or whether it is asked."""
    field = CustomField.objects.get_of(request.actor, pk=field_id)
    changes: dict[str, object] = {key: request.POST[key] for key in ("title", "help") if key in request.POST}
    if "choices" in request.POST:
        changes["choices"] = request.POST["choices"].splitlines()
    if "active" in request.POST:
        changes["active"] = request.POST["active"] == "yes"
    try:
        custom_field_change(actor=request.actor, custom_field=field, changes=changes)
        messages.success(request, "The field is saved.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("inventory:fields", slug=request.organisation.slug)
