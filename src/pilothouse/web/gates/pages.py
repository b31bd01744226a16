"""A system's gates page, and the organisation's lists of waivers, break-glass and incidents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rules import GateReport
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.breakglass import breakglass_end, breakglass_open
from pilothouse.kernel.gates.actions.incidents import incident_close
from pilothouse.kernel.gates.actions.restrictions import gate_restrict, restriction_lift_request
from pilothouse.kernel.gates.actions.stages import GateOutcome, gate_request, stage_correct, stage_withdraw
from pilothouse.kernel.gates.actions.waivers import waiver_end, waiver_request
from pilothouse.kernel.gates.models import BreakGlass, Incident, Manifest, Passage, Restriction, Waiver
from pilothouse.kernel.gates.rules.manifests import COMPONENTS
from pilothouse.kernel.gates.rules.stages import may_step_back, next_gate
from pilothouse.kernel.gates.selectors import break_glass, incidents, is_inherited, may_run, report_of, waivers
from pilothouse.kernel.inventory.models import Stage, System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.checks.words import role_titles
from pilothouse.web.decisions.forms import tell
from pilothouse.web.gates.forms import (
    ActForm,
    BackForm,
    CorrectForm,
    GlassEndForm,
    GlassForm,
    IncidentForm,
    LiftForm,
    RequestForm,
    RestrictForm,
    WaiverEndForm,
    WaiverForm,
)
from pilothouse.web.gates.shown import acts_next, marks_of, may
from pilothouse.web.page import Request, page
from pilothouse.web.remedies import others_to_mend

ROWS = 50


@require_http_methods(["GET", "POST"])
@page("system.view")
def system(request: Request, number: int) -> HttpResponse:
    """Where it stands, the next gate with every requirement, what may be asked or done. A POST names its act."""
    row = system_by_number(request.actor, number)
    bound: ActForm | None = None
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ACTS:
            raise NotFound
        bound = _form(act, row, request)
        if bound.is_valid():
            try:
                text, decision = ACTS[act](request, row, bound.cleaned_data)
            except PilothouseError as error:
                tell(bound, error)
            else:
                messages.success(request, text)
                slug = request.organisation.slug
                if decision is not None:
                    return redirect("decisions:detail", slug=slug, decision_id=decision.pk)
                return redirect("gates:system", slug=slug, number=number)
        row = system_by_number(request.actor, number)
    context = _context(request, row, bound)
    return render(request, "gates/system.html", context, status=422 if bound else 200)


Done = tuple[str, Decision | None]


def _request(request: Request, row: System, data: dict[str, Any]) -> Done:
    return _went(gate_request(actor=request.actor, system=row, **data))


def _went(outcome: GateOutcome) -> Done:
    if outcome.decision is not None:
        return "Asked. It waits for the signatures below.", outcome.decision
    return f"It is in {outcome.report.stage} now: the rulebook asks for no signature.", None


def _waiver(request: Request, row: System, data: dict[str, Any]) -> Done:
    waiver = waiver_request(actor=request.actor, system=row, **data)
    return "Asked. Only whom the check protects can decide.", waiver.decision


def _waiver_end(request: Request, row: System, data: dict[str, Any]) -> Done:
    waiver = Waiver.objects.select_related("system").get_of(request.actor, pk=data["waiver"], system=row)
    waiver_end(actor=request.actor, waiver=waiver, reason=data["reason"])
    return "The waiver has ended; the check is asked again.", None


def _glass(request: Request, row: System, data: dict[str, Any]) -> Done:
    glass = breakglass_open(actor=request.actor, system=row, **data)
    return f"It is permitted until {glass.ends_at:%H:%M}. Someone of another role must ratify it.", None


def _glass_end(request: Request, row: System, data: dict[str, Any]) -> Done:
    glass = BreakGlass.objects.select_related("system").get_of(request.actor, pk=data["glass"], system=row)
    breakglass_end(actor=request.actor, glass=glass, reason=data["reason"])
    return "Break-glass has ended.", None


def _restrict(request: Request, row: System, data: dict[str, Any]) -> Done:
    done = gate_restrict(actor=request.actor, system=row, **data)
    return _went(done) if isinstance(done, GateOutcome) else (f"{row.ref} is {done.get_kind_display().lower()}.", None)


def _lift(request: Request, row: System, data: dict[str, Any]) -> Done:
    restriction = Restriction.objects.get_of(request.actor, pk=data["restriction"], system=row)
    decision = restriction_lift_request(actor=request.actor, system=row, restriction=restriction, reason=data["reason"])
    return "Asked. Someone else decides.", decision


def _correct(request: Request, row: System, data: dict[str, Any]) -> Done:
    done = stage_correct(actor=request.actor, system=row, **data)
    return ("Asked. Someone else decides.", done) if isinstance(done, Decision) else ("Recorded.", None)


def _back(request: Request, row: System, data: dict[str, Any]) -> Done:
    passage = stage_withdraw(actor=request.actor, system=row, **data)
    return f"It is back in {passage.to_stage}.", None


def _incident(request: Request, row: System, data: dict[str, Any]) -> Done:
    rows = Incident.objects.select_related("system", "break_glass")
    incident_close(
        actor=request.actor,
        incident=rows.get_of(request.actor, pk=data["incident"], system=row),
        resolution=data["resolution"],
    )
    return "The incident is closed.", None


ACTS: dict[str, Callable[[Request, System, dict[str, Any]], Done]] = {
    "request": _request,
    "waiver": _waiver,
    "waiver_end": _waiver_end,
    "glass": _glass,
    "glass_end": _glass_end,
    "restrict": _restrict,
    "lift": _lift,
    "correct": _correct,
    "back": _back,
    "incident": _incident,
}
PLAIN: dict[str, type[ActForm]] = {
    form.act: form
    for form in (
        RequestForm,
        WaiverEndForm,
        GlassForm,
        GlassEndForm,
        RestrictForm,
        LiftForm,
        CorrectForm,
        IncidentForm,
    )
}


def _form(act: str, row: System, request: Request, report: GateReport | None = None, **initial: Any) -> ActForm:
    data: Any = {"data": request.POST} if request.method == "POST" and not initial.pop("fresh", False) else {}
    given: Any = {**data, "initial": initial}
    if act == "waiver":
        report = report or _report(row)
        asked = [(r.check_id, r.title) for r in report.blocking if r.waivable] if report else []
        return WaiverForm(asked, **given)
    if act == "back":
        return BackForm([(str(v), str(t)) for v, t in Stage.choices if may_step_back(row.stage, str(v))], **given)
    return PLAIN[act](**given)


def _report(row: System) -> GateReport | None:
    target = next_gate(row.stage, inherited=is_inherited(row))
    return report_of(row, target, now()) if target else None


def _context(request: Request, row: System, bound: ActForm | None) -> dict[str, Any]:
    actor, moment = request.actor, now()
    report, permission, titles = _report(row), may_run(row, moment), role_titles(request.organisation.pk)
    open_ones = list(Decision.objects.of(actor).filter(system=row, state="open").select_related("system__unit"))
    allowed, body = may(actor, row), active_body(row.organisation_id)
    asked = report.requirements if report else ()
    others = others_to_mend(actor, [row.check for row in asked if row.blocking and row.check])
    gaps = list(row.gaps.filter(state="open").select_related("decision"))
    due = {gap.check_id: gap for gap in gaps}

    def form(act: str, **initial: Any) -> ActForm:
        return bound if bound and bound.act == act else _form(act, row, request, report, fresh=True, **initial)

    return {
        "system": row,
        "permission": permission,
        "marks": marks_of(permission),
        "next": acts_next(row, open_ones, report, request.organisation.slug),
        "report": report,
        "blocking": [
            (r, titles.get(r.protects, r.protects), due.get(r.check_id), others.get(r.check_id, ""))
            for r in asked
            if r.blocking
        ],
        "met": [(r, titles.get(r.protects, r.protects), None, "") for r in asked if not r.blocking],
        "signers": [[titles.get(role, role) for role in group] for group in report.signers] if report else [],
        "base": reverse("inventory:detail", kwargs={"slug": request.organisation.slug, "number": row.number}),
        "open_decisions": open_ones,
        "gate_open": any(decision.kind == "gate" for decision in open_ones),
        "may": allowed,
        "act": bound.act if bound else "",
        "request_form": form("request", to_stage=report.stage) if report else None,
        "waiver_form": form("waiver"),
        "glass_form": form("glass"),
        "restrict_form": form("restrict"),
        "correct_form": form("correct"),
        "back_form": form("back"),
        "wrong_form": bound,
        "gaps": gaps,
        "waivers": row.waivers.select_related("decision", "asked_by"),
        "in_force": row.break_glass.filter(ended_at=None).exists(),
        "glasses": row.break_glass.select_related("opened_by", "decision"),
        "incidents": row.incidents.filter(closed_at=None),
        "restrictions": row.restrictions.filter(lifted_at=None).select_related("by"),
        "passages": Passage.objects.filter(system=row).select_related("by", "decision")[:20],
        "glass_rule": body.break_glass,
        "waiver_rule": body.waivers,
        **_manifests(row),
    }


def _manifests(row: System) -> dict[str, Any]:
    latest = list(Manifest.objects.filter(system=row, state__in=("approved", "candidate", "refused"))[:3])
    approved = next((m for m in latest if m.state == "approved"), None)
    newer = [m for m in latest if m.state != "approved" and (approved is None or m.version > approved.version)]
    parts = [(kind.replace("_", " "), approved.body.get(kind, [])) for kind in COMPONENTS] if approved else []
    return {"manifest": approved, "candidate": newer[0] if newer else None, "parts": [p for p in parts if p[1]]}


@require_GET
@page("system.view")
def waiver_list(request: Request) -> HttpResponse:
    """Every waiver: in force, asked for, ended, refused."""
    show = request.GET.get("show", "live")
    states = {"live": ("live",), "asked": ("asked",), "past": ("ended", "refused")}
    rows = waivers(request.actor).filter(state__in=states.get(show, states["live"]))
    here = reverse("gates:waivers", kwargs={"slug": request.organisation.slug})
    tabs = [("live", "In force"), ("asked", "Asked for"), ("past", "Past")]
    context = {
        "tabs": [(key, title, f"{here}?show={key}") for key, title in tabs],
        "show": show if show in states else "live",
        "page": Paginator(rows.select_related("decision", "asked_by"), ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "gates/waivers.html", context)


@require_GET
@page("system.view")
def break_glass_list(request: Request) -> HttpResponse:
    """Every break-glass, and the incidents that came of them."""
    rows = break_glass(request.actor).select_related("opened_by", "decision")
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "incidents": incidents(request.actor).filter(closed_at=None),
        "rule": active_body(request.organisation.pk).break_glass,
        "moment": now(),
    }
    return render(request, "gates/break_glass.html", context)
