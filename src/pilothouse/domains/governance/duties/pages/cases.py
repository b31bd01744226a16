"""Incident clocks: all of them by time left, one incident, its facts, what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Conflict, Invalid, NotFound, PilothouseError
from pilothouse.domains.governance.duties.actions import (
    case_change,
    case_close,
    case_open,
    case_reopen,
    notice_draft,
    notice_sent,
    own_edition_begin,
    sent_void,
)
from pilothouse.domains.governance.duties.forms import FactsForm, SentForm, initial_of
from pilothouse.domains.governance.duties.lawbook import limit_of
from pilothouse.domains.governance.duties.models import Case, SentNotice
from pilothouse.domains.governance.duties.rules.clocks import STATES
from pilothouse.domains.governance.duties.rules.drawing import drawn, marks
from pilothouse.domains.governance.duties.rules.facts import MOMENTS, holds
from pilothouse.domains.governance.duties.schemas import LAW, RULES
from pilothouse.domains.governance.duties.selectors.cases import (
    INCIDENT,
    Keeping,
    Standing,
    case_of,
    cases,
    incidents_to_take,
    keeping,
    notices_of,
    standing,
    unasked,
)
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import record_by_id
from pilothouse.web.page import Request, page

PAGE = 30
SHOWS = {"open": "Running", "closed": "Closed", "all": "All"}
TONES = {
    "waiting": "unknown", "running": "info", "past_target": "warn", "late": "bad", "sent": "good", "sent_late": "warn",
}  # fmt: skip


@require_GET
@page("duty.view")
def case_list(request: Request) -> HttpResponse:
    """Incidents under clocks, the one with the least time left first."""
    now, kept = clock.now(), keeping(request.organisation.pk)
    every = [standing(case, kept, now) for case in cases(request.actor)]
    running = sorted((one for one in every if not one.case.closed_at), key=_urgency)
    lists = {"open": running, "closed": [one for one in every if one.case.closed_at], "all": every}
    show = request.GET.get("show", "open")
    show = show if show in lists else "open"
    shown = Paginator(lists[show], PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [(one, drawn([one.next] if one.next else [], one.facts.aware_at, now)) for one in shown],
        "page": shown,
        "tabs": [(key, label, f"?show={key}", len(lists[key])) for key, label in SHOWS.items()],
        "show": show,
        "marks": marks(),
        "late": sum(one.late for one in running),
        "running": sum(len(one.running) for one in running),
        "possible": sum(len(one.possible) for one in running),
        "take": incidents_to_take(request.actor) if request.actor.may("duty.manage") else [],
        "may_manage": request.actor.may("duty.manage"),
        "kept": kept,
        "now": now,
    }
    return render(request, "duties/cases.html", context)


def _urgency(one: Standing) -> tuple[bool, Any]:
    target = one.next.target if one.next else None
    return (target is None, target or one.case.opened_at)


@require_http_methods(["GET", "POST"])
@page("duty.manage")
def case_new(request: Request) -> HttpResponse:
    """Start an incident's clocks; `?incident=` takes one over from the register of incidents, `?system=` names one."""
    kept = keeping(request.organisation.pk)
    source = _source(request)
    form = FactsForm(
        request.POST or None, initial=_start(request, kept, source), law=kept.law, zone=kept.zone, new=True
    )
    made: list[Case] = []

    def act() -> None:
        system = systems(request.actor, "duty.manage").filter(number=form.cleaned_data["system"]).first()
        if system is None:
            raise Invalid("There is no such system.", fields={"system": "There is no such system, or it is not yours."})
        title, facts = form.cleaned_data["title"], form.facts()
        made.append(case_open(actor=request.actor, system=system, title=title, facts=facts, source=source))

    if _done(request, form, act):
        messages.success(request, f"The clocks of {made[0].ref} run.")
        return redirect("duties:case", slug=request.organisation.slug, number=made[0].number)
    context = {"form": form, "source": source, "kept": kept}
    return render(request, "duties/facts.html", context, status=422 if form.errors else 200)


def _source(request: Request) -> Record | None:
    wanted = request.GET.get("incident", "")
    if not wanted:
        return None
    found = record_by_id(request.actor, wanted)
    if found.kind != INCIDENT:
        raise NotFound
    return found


def _start(request: Request, kept: Keeping, source: Record | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"answers": kept.answers, "member_states": kept.rules["member_states"][:1]}
    start: dict[str, Any] = {"system": request.GET.get("system", "")}
    if source is not None and source.system is not None:
        said = source.body
        times = {
            "occurred_at": said.get("onset"),
            "aware_at": said.get("detected"),
            "resolved_at": said.get("resolved"),
        }
        facts |= {name: f"{text}+00:00" for name, text in times.items() if text}
        start = {"title": said.get("title", "")[:200], "system": source.system.ref}
    return initial_of(facts, kept.zone, kept.law.questions) | start


@require_GET
@page("duty.view")
def case_detail(request: Request, number: int) -> HttpResponse:
    """One incident: its clocks with target and outer limit, what may apply, what was sent, what does not apply."""
    case, kept, now = case_of(request.actor, number), keeping(request.organisation.pk), clock.now()
    stand = standing(case, kept, now)
    moment = case.closed_at or now
    titles = {question.id: question.title for question in kept.law.questions}
    context = {
        "case": case,
        "stand": stand,
        "kept": kept,
        "now": now,
        "marks": marks(),
        "lists": [
            (title, note, [(one, TONES[one.clock.state], STATES[one.clock.state]) for one in rows])
            for title, note, rows in (
                ("Running", "The first due first.", drawn(stand.running, stand.facts.aware_at, moment)),
                (
                    "May apply",
                    "Until the open questions are answered.",
                    drawn(stand.possible, stand.facts.aware_at, moment),
                ),
                ("Stopped", "By a notice that was sent.", drawn(stand.stopped, stand.facts.aware_at, moment)),
            )
            if rows
        ],
        "also": [one for one in kept.law.also if holds(one.when, stand.facts) != "no"],
        "titles": titles,
        "said": [(titles[key], value) for key, value in sorted(stand.facts.answers.items()) if key in titles],
        "moments": [(label, at) for name, label in MOMENTS.items() if (at := stand.facts.moment(name))],
        "sent": case.sent.select_related("kept_by"),
        "drafts": notices_of(request.actor, case),
        "unasked": unasked(case, kept),
        "may_manage": request.actor.may("duty.manage", case),
    }
    return render(request, "duties/case.html", context)


@require_http_methods(["GET", "POST"])
@page("duty.manage")
def case_facts(request: Request, number: int) -> HttpResponse:
    """Correct or add facts; every clock follows."""
    case, kept = _managed(request, number), keeping(request.organisation.pk)
    start = initial_of(case.facts, kept.zone, kept.law.questions) | {"title": case.title}
    form = FactsForm(request.POST or None, initial=start, law=kept.law, zone=kept.zone)

    def act() -> None:
        version = int(request.POST.get("version") or 0)
        title, facts = form.cleaned_data["title"], form.facts()
        case_change(actor=request.actor, case=case, facts=facts, title=title, version=version)

    if _done(request, form, act):
        messages.success(request, "The facts are kept; the clocks follow them.")
        return redirect("duties:case", slug=request.organisation.slug, number=number)
    context = {"form": form, "case": case, "kept": kept}
    return render(request, "duties/facts.html", context, status=422 if form.errors else 200)


@require_POST
@page("duty.manage")
def case_draft(request: Request, number: int) -> HttpResponse:
    """Draft the notice for a clock, and go to write it."""
    case = _managed(request, number)
    kind = request.POST.get("kind", "initial")
    draft = notice_draft(actor=request.actor, case=case, clock=request.POST.get("clock", ""), kind=kind)
    messages.success(request, "Filled from what is known. Read every line, add what is missing, then seal it.")
    return redirect("records:edit_entry", slug=request.organisation.slug, record_id=draft.pk)


@require_http_methods(["GET", "POST"])
@page("duty.manage")
def case_sent(request: Request, number: int) -> HttpResponse:
    """Keep that a notice was sent: the only thing that stops a clock."""
    case, kept = _managed(request, number), keeping(request.organisation.pk)
    stand = standing(case, kept, clock.now())
    asked = request.GET.get("clock", "")
    chosen = next((one for one in stand.clocks if one.key == asked), None)
    same = [one.key for one in stand.clocks if chosen and one.sure and (one.to, one.place) == (chosen.to, chosen.place)]
    papers = [row for row in notices_of(request.actor, case) if row.state == "sealed"]
    form = SentForm(
        request.POST or None,
        initial={"clocks": same or [asked], "to": chosen.to if chosen else "", "kind": "initial"},
        zone=kept.zone,
        clocks=[one for one in stand.clocks if one.sure or one.key == asked],
        notices=[(str(row.pk), f"{row.body.get('under', '')}, entry {row.key}") for row in papers],
    )

    def act() -> None:
        said = dict(form.cleaned_data)
        text = said.pop("notice")
        notice = record_by_id(request.actor, text) if text else None
        notice_sent(actor=request.actor, case=case, notice=notice, **said)

    if _done(request, form, act):
        messages.success(request, "Kept. The clocks that it answers stand still.")
        return redirect("duties:case", slug=request.organisation.slug, number=number)
    context = {"form": form, "case": case, "kept": kept}
    return render(request, "duties/sent.html", context, status=422 if form.errors else 200)


@require_POST
@page("duty.manage")
def case_void(request: Request, number: int, sent_id: UUID) -> HttpResponse:
    """An entry was a mistake: what it stopped runs on."""
    case = _managed(request, number)
    sent: SentNotice = SentNotice.objects.get_of(request.actor, pk=sent_id, case=case)
    return _told(
        request,
        number,
        lambda: sent_void(actor=request.actor, case=case, sent=sent, reason=request.POST.get("reason", "")),
        "It is void; what it stopped runs on.",
    )


@require_POST
@page("duty.manage")
def case_end(request: Request, number: int) -> HttpResponse:
    """Close an incident's clocks, or let them run on."""
    case, reason = _managed(request, number), request.POST.get("reason", "")
    if case.closed_at:
        return _told(
            request, number, lambda: case_reopen(actor=request.actor, case=case, reason=reason), "They run on."
        )
    return _told(request, number, lambda: case_close(actor=request.actor, case=case, reason=reason), "It is closed.")


@require_GET
@page("duty.view")
def law_page(request: Request) -> HttpResponse:
    """The edition of the law that holds here: every row with its citation, days and how it is known."""
    kept = keeping(request.organisation.pk)
    rows = [
        (row, kept.law.regimes[row.regime].title, [(step, limit_of(step.limit).words) for step in row.steps])
        for row in kept.law.rows
    ]
    may = request.actor.scope("duty.manage").everywhere
    return render(request, "duties/law.html", {"kept": kept, "rows": rows, "may": may, "kinds": (RULES, LAW)})


@require_POST
@page("duty.manage")
def law_own(request: Request) -> HttpResponse:
    """Begin an edition of one's own, or go on with its draft."""
    draft = own_edition_begin(actor=request.actor)
    return redirect("records:edit_entry", slug=request.organisation.slug, record_id=draft.pk)


def _managed(request: Request, number: int) -> Case:
    """A case that the actor may see and change."""
    case = case_of(request.actor, number)
    request.actor.require("duty.manage", case)
    return case


def _done(request: Request, form: django_forms.Form, act: Callable[[], None]) -> bool:
    """Do what a whole form asks. What is wrong stands beside its field and nothing typed is lost."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except Invalid as error:
        for name, words in (error.fields or {"": error.detail}).items():
            known = name if name in form.fields else f"q_{name.removeprefix('answers.')}"
            form.add_error(known if known in form.fields else None, words)
    except Conflict as error:
        form.add_error(None, error.detail)
    else:
        return True
    return False


def _told(request: Request, number: int, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except PilothouseError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, done)
    return redirect("duties:case", slug=request.organisation.slug, number=number)
