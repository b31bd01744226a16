"""The rules in force, and whom a change of them concerns."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.classifier import library
from pilothouse.domains.governance.classifier.actions import edition_begin
from pilothouse.domains.governance.classifier.selectors import rerun, rule_sets_of
from pilothouse.web.page import Request, page

PAGE = 50


@require_GET
@page("system.view")
def every(request: Request) -> HttpResponse:
    """The laws with their editions, and every classification from facts reckoned again under them."""
    shipped = {one.id: one.hash for one in library.shipped()}
    rule_sets = [(one, shipped.get(one.id) == one.hash) for one in rule_sets_of(request.organisation.pk)]
    found = rerun(request.actor)
    context = {
        "rule_sets": rule_sets,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "affected": sum(one.affected for one in found),
        "reckoned": len(found),
        "may_write": request.actor.may("record.write"),
    }
    return render(request, "classifier/every.html", context)


@require_http_methods(["GET", "POST"])
@page("system.view")
def edition(request: Request, rule_set_id: str) -> HttpResponse:
    """The rules that ship as YAML. A POST begins an edition of one's own from them."""
    text = library.shipped_text(rule_set_id)
    if not text:
        raise NotFound
    if request.method == "POST":
        draft = edition_begin(actor=request.actor, rule_set_id=rule_set_id)
        return redirect("records:edit_entry", slug=request.organisation.slug, record_id=draft.pk)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
