"""Systems that may be one: proposed by the machine, decided by a person."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.inventory.actions import duplicate_decide, duplicates_find
from pilothouse.kernel.inventory.actions.duplicates import Verdict
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.models import DuplicateProposal, System
from pilothouse.kernel.inventory.selectors import duplicates
from pilothouse.web.page import Request, page

ROWS = 20
COMPARED = ("purpose", "outputs", "vendor", "technique", "impact", "personal_data", "outcome")


@require_GET
@page("system.bulk")
def duplicate_list(request: Request) -> HttpResponse:
    """Open proposals side by side, the likeliest first."""
    proposals = duplicates(request.actor)
    shown = proposals.filter(status="open").select_related("left__owner", "left__unit", "right__owner", "right__unit")
    chosen = Paginator(shown.order_by("-score", "id"), ROWS).get_page(request.GET.get("page"))
    decided = (
        proposals.exclude(status="open").select_related("left", "right", "decided_by").order_by("-decided_at")[:10]
    )
    context = {"page": chosen, "pairs": [(p, _compare(p)) for p in chosen], "decided": decided}
    return render(request, "inventory/duplicates.html", context)


@require_POST
@page("system.bulk")
def duplicate_look(request: Request) -> HttpResponse:
    """Look through all systems once more."""
    found = duplicates_find(actor=request.actor)
    text = f"{len(found)} new likely pairs." if found else "No new likely pair was found."
    messages.success(request, text)
    return redirect("inventory:duplicates", slug=request.organisation.slug)


@require_POST
@page("system.bulk")
def duplicate_verdict(request: Request, proposal_id: str) -> HttpResponse:
    """Merge into one of the two, link them, or say they are distinct."""
    proposal = duplicates(request.actor).filter(pk=proposal_id).select_related("left", "right").first()
    if proposal is None:
        raise NotFound
    verdict, _, side = request.POST.get("verdict", "").partition(":")
    keep = {"left": proposal.left, "right": proposal.right}.get(side)
    try:
        note = request.POST.get("note", "").strip()
        duplicate_decide(actor=request.actor, proposal=proposal, verdict=cast(Verdict, verdict), keep=keep, note=note)
        words = {"merged": f"Merged into {keep.ref if keep else ''}", "linked": "Linked", "distinct": "Kept apart"}
        messages.success(request, f"{words[verdict]}. Both numbers still lead somewhere.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("inventory:duplicates", slug=request.organisation.slug)


def _compare(proposal: DuplicateProposal) -> list[tuple[str, str, str]]:
    """Field, left, right: only what at least one of them says."""
    rows = [("Unit", str(proposal.left.unit or ""), str(proposal.right.unit or ""))]
    rows.append(("Owner", str(proposal.left.owner or ""), str(proposal.right.owner or "")))
    rows.append(("Stage", proposal.left.get_stage_display(), proposal.right.get_stage_display()))
    rows += [(FIELDS[key].title, _text(proposal.left, key), _text(proposal.right, key)) for key in COMPARED]
    return [row for row in rows if row[1] or row[2]]


def _text(system: System, key: str) -> str:
    display: Any = getattr(system, f"get_{key}_display", None)
    return str(display()) if display else str(getattr(system, key))
