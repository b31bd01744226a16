"""Changing many systems at once: choose what, see what it does to each, then do it to all or to none."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.inventory.actions import BulkChange, BulkRow, bulk_preview, system_bulk_change
from pilothouse.kernel.inventory.fields import FIELDS, field_title
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching, unit_tree
from pilothouse.web.page import Request, page

LIMIT = 5000
SHOWN = 200


@require_http_methods(["GET", "POST"])
@page("system.bulk")
def bulk(request: Request) -> HttpResponse:
    """Choose a change for the systems of the query; `do=preview` shows it, `do=apply` makes it."""
    given = request.POST if request.method == "POST" else request.GET
    numbers = _numbers(request)
    if not numbers:
        messages.info(request, "Tick the systems that you want to change, or filter the list and edit all of them.")
        return redirect("inventory:list", slug=request.organisation.slug)
    change = _change(given)
    context: dict[str, Any] = {
        "numbers": ",".join(map(str, numbers)),
        "count": len(numbers),
        "fields": _fields(request, given),
        "add_tags": given.get("add_tags", ""),
        "remove_tags": given.get("remove_tags", ""),
    }
    if request.method != "POST" or not change:
        if request.method == "POST":
            context["wrong"] = "Choose at least one field to change."
        return render(request, "inventory/bulk.html", context, status=422 if context.get("wrong") else 200)
    try:
        if given.get("do") == "apply":
            rows = system_bulk_change(actor=request.actor, numbers=numbers, change=change)
            changed = sum(1 for row in rows if row.after)
            messages.success(request, f"{changed} systems changed; {len(rows) - changed} were so already.")
            return redirect(_list_of(request, numbers))
        rows = bulk_preview(request.actor, numbers, change)
    except Invalid as error:
        context["wrong"] = " ".join([error.detail, *error.fields.values()])
        context["refused"] = error.data.get("rows", [])
        return render(request, "inventory/bulk.html", context, status=422)
    except PilothouseError as error:
        context["wrong"] = error.detail
        return render(request, "inventory/bulk.html", context, status=error.status)
    return render(request, "inventory/bulk.html", context | _preview(request, rows))


def _numbers(request: Request) -> list[int]:
    if request.method == "POST":
        query = SystemQuery.parse({"number": request.POST.getlist("number")})
        return list(query.number)
    # Without ticks the form sends nothing: that must not mean every system there is.
    if not request.META.get("QUERY_STRING"):
        return []
    query = SystemQuery.parse(request.GET)
    return list(systems_matching(request.actor, query).values_list("number", flat=True)[: LIMIT + 1])


def _change(given: Any) -> BulkChange:
    changes: dict[str, Any] = {}
    for key, spec in FIELDS.items():
        if spec.bulk and given.get(f"set_{key}") == "on":
            changes[key] = given.get(key, "")
    tags = {name: tuple(t for t in given.get(name, "").split(",") if t.strip()) for name in ("add_tags", "remove_tags")}
    return BulkChange(changes, tags["add_tags"], tags["remove_tags"])


def _fields(request: Request, given: Any) -> list[dict[str, Any]]:
    """The fields one may set, each with its choices and what was typed so far."""
    rows = []
    for spec in FIELDS.values():
        if not spec.bulk:
            continue
        value = given.get(spec.key, "")
        options: list[tuple[str, str]] = list(spec.choices.items())
        if spec.kind == "unit":
            tree = unit_tree(Unit.objects.of(request.actor))
            options = [("", "No unit"), *((str(unit.pk), f"{'– ' * depth}{unit.name}") for unit, depth in tree)]
        person = None
        if spec.kind == "person" and len(value) in (32, 36):
            person = Person.objects.of(request.actor).filter(pk=value).first()
        rows.append(
            {
                "spec": spec,
                "on": given.get(f"set_{spec.key}") == "on",
                "value": value,
                "options": options,
                "person": person,
                "search_url": reverse("inventory:people", kwargs={"slug": request.organisation.slug}),
            }
        )
    return rows


def _preview(request: Request, rows: list[BulkRow]) -> dict[str, Any]:
    names = _names(request, rows)
    changing = [row for row in rows if row.after and not row.refused]
    shown = [
        {
            "row": row,
            "cells": [
                (field_title(key), _said(key, row.before[key], names), _said(key, value, names))
                for key, value in row.after.items()
            ],
        }
        for row in rows[:SHOWN]
    ]
    refused = [row for row in rows if row.refused]
    allowed = ",".join(str(row.number) for row in rows if not row.refused)
    return {
        "preview": shown,
        "changing": len(changing),
        "same": len(rows) - len(changing) - len(refused),
        "refused_rows": refused,
        "allowed": allowed,
        "more": max(0, len(rows) - SHOWN),
    }


def _names(request: Request, rows: list[BulkRow]) -> dict[Any, str]:
    ids = {v for row in rows for side in (row.before, row.after) for k, v in side.items() if k.endswith("_id") and v}
    if not ids:
        return {}
    people = Person.objects.of(request.actor).filter(pk__in=ids).values_list("pk", "name")
    return dict(people) | dict(Unit.objects.of(request.actor).filter(pk__in=ids).values_list("pk", "name"))


def _said(key: str, value: Any, names: dict[Any, str]) -> str:
    if key.endswith("_id"):
        return names.get(value, "nobody" if key != "unit_id" else "no unit")
    if key == "tags":
        return ", ".join(value) or "no tags"
    return str(FIELDS[key].choices.get(value, value)) or "nothing"


def _list_of(request: Request, numbers: list[int]) -> str:
    here = reverse("inventory:list", kwargs={"slug": request.organisation.slug})
    query = SystemQuery(number=tuple(numbers)) if len(numbers) <= 200 else SystemQuery(changed_since="1d")
    return f"{here}?{query.urlencode()}"
