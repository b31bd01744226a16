"""What the generic pages cannot show: what each system returns on what it cost."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.domains.economics.answer import Return, answer, books, returns
from pilothouse.domains.economics.facts import INVOICE
from pilothouse.kernel import clock
from pilothouse.web.inventory.export import neutral
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import stream

PAGE = 50
HEADS = ("System", "Name", "Stage", "Currency", "Invoiced", "Booked", "Recorded, not booked", "Booked for each 1 spent")


@require_GET
@page("system.view")
def return_list(request: Request) -> HttpResponse:
    """Each system's spending, booked value and return over the last twelve months, a line for each currency."""
    lines = returns(books(request.actor, clock.now()))
    context = {
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
        "figure": answer(request.actor, clock.now()),
        "invoices": reverse("records:kind", kwargs={"slug": request.organisation.slug, "kind": INVOICE}),
        "may_export": request.actor.may("system.export"),
    }
    return render(request, "economics/returns.html", context)


@require_GET
@page("system.export")
def return_export(request: Request) -> HttpResponseBase:
    """The same rows as CSV."""
    lines = returns(books(request.actor, clock.now()))
    return stream(request, _csv(lines), filename="returns.csv", content_type="text/csv; charset=utf-8")


def _csv(lines: list[Return]) -> Iterator[str]:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for one in lines:
        ref = f"S-{one.number}" if one.number else ""
        ratio = "" if one.ratio is None else f"{one.ratio:.4f}"
        money = (f"{amount:.2f}" for amount in (one.spent, one.booked, one.told))
        cells = (ref, neutral(one.name), one.stage, one.currency, *money, ratio)
        writer.writerow(cells)
    yield "\ufeff" + out.getvalue()
