"""Claims with how each stands, and the same as a table."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.domains.governance.assessments.claims import STATES
from pilothouse.domains.governance.assessments.disclosures import DISCLOSURE, Claim, claims
from pilothouse.domains.governance.assessments.schemas.disclosures import CHANNELS
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.records.judging import today
from pilothouse.web.inventory.export import neutral
from pilothouse.web.page import Request, page

HEADS = ("name", "claim", "channel", "state", "because", "systems", "owner", "as_of", "look_again_by", "materiality")


@require_GET
@page("system.view")
def register(request: Request) -> HttpResponse:
    """Every sealed claim, those first that no longer stand."""
    rows = claims(request.actor, today(clock.now()))
    show = request.GET.get("show", "")
    show = show if show in STATES else ""
    counted = Counter(claim.verdict.state for claim in rows)
    tabs = [("", "All", "?", len(rows))]
    tabs += [(key, title, f"?show={key}", counted[key]) for key, (title, _) in STATES.items()]
    chosen = [claim for claim in rows if not show or claim.verdict.state == show]
    people = {
        row.email: row for row in Person.objects.of(request.actor).filter(email__in={one.owner for one in chosen})
    }
    context = {
        "tabs": tabs,
        "show": show,
        "kind": DISCLOSURE,
        "rows": [
            (claim, *STATES[claim.verdict.state], CHANNELS[claim.paper.body["channel"]], people.get(claim.owner))
            for claim in chosen
        ],
        "may_write": request.actor.scope("record.write").everywhere,
    }
    return render(request, "assessments/disclosures.html", context)


@require_GET
@page("system.view")
def export(request: Request) -> HttpResponse:
    """The claims as CSV; no cell is a formula to a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for claim in claims(request.actor, today(clock.now())):
        writer.writerow([neutral(cell) for cell in cells(claim)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="disclosures.csv"'
    return response


def cells(claim: Claim) -> list[str]:
    """One claim as a row of HEADS."""
    body = claim.paper.body
    return [
        claim.paper.key,
        body["claim"],
        CHANNELS[body["channel"]],
        STATES[claim.verdict.state][0],
        " ".join(claim.verdict.reasons),
        ", ".join(f"S-{number}" for number in body.get("systems") or ()),
        claim.owner,
        body["as_of"],
        body["expires"],
        body["material"],
    ]
