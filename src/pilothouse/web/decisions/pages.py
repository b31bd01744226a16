"""The inbox, a decision on one screen, the register of human decisions, and the outside reviewer's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_sign, decision_withdraw
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.decisions.links import review_actor, review_link_answer, review_link_issue, review_link_of
from pilothouse.kernel.decisions.models import Decision, HumanOnly
from pilothouse.kernel.decisions.register import human_only_add, human_only_remove, register_lines
from pilothouse.kernel.decisions.selectors import (
    decision_of,
    decisions,
    signatures_of,
    void_because,
    waiting_for,
)
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.records.selectors import record_by_id
from pilothouse.web.checks.words import role_titles
from pilothouse.web.decisions.forms import ReasonForm, RegisterForm, ReviewerForm, ReviewForm, SignForm, tell
from pilothouse.web.decisions.shown import STATE_TONES, groups_of, marks_of, options_of, standing_of
from pilothouse.web.page import Request, open_page, page

ROWS = 50


@require_GET
@page("organisation.view")
def inbox(request: Request) -> HttpResponse:
    """What waits for me comes first; what else is open, what I asked, what was decided are one click away."""
    actor = request.actor
    show = request.GET.get("show", "mine")
    lists = _lists(actor)
    rows = _filtered(lists.get(show, lists["mine"]), request)
    chosen = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    here = reverse("decisions:inbox", kwargs={"slug": request.organisation.slug})
    titles = (("mine", "Waiting for me"), ("open", "All open"), ("asked", "Asked by me"), ("closed", "Decided"))
    context = {
        "tabs": [
            (key, title, f"{here}?show={key}", lists[key].count())
            if key != "closed"
            else (key, title, f"{here}?show=closed")
            for key, title in titles
        ],
        "show": show if show in lists else "mine",
        "page": chosen,
        "rows": [(decision, kinds[decision.kind].title, marks_of(decision)) for decision in chosen],
        "kinds": kinds.all(),
        "kind": request.GET.get("kind", ""),
        "q": request.GET.get("q", ""),
        "tones": STATE_TONES,
    }
    return render(request, "decisions/inbox.html", context)


def _lists(actor: Actor) -> dict[str, QuerySet[Decision]]:
    seen = decisions(actor)
    return {
        "mine": waiting_for(actor, now()),
        "open": seen.filter(state="open").order_by("deadline", "id"),
        "asked": seen.filter(requested_by__in=actor.stands_for).order_by("-requested_at"),
        "closed": seen.exclude(state="open").order_by("-closed_at"),
    }


def _filtered(rows: QuerySet[Decision], request: Request) -> QuerySet[Decision]:
    if kind := request.GET.get("kind"):
        rows = rows.filter(kind=kind)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=words) | Q(summary__icontains=words) | Q(system__name__icontains=words))
    return rows


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def detail(request: Request, decision_id: str) -> HttpResponse:
    """What is asked, by whom, until when, the evidence, what each verdict does; and the signature."""
    decision = decision_of(request.actor, decision_id)
    form = None
    if request.method == "POST":
        standing = standing_of(request.actor, decision, now())
        form = SignForm(options_of(decision), standing.roles, request.POST)
        if form.is_valid():
            try:
                signed = decision_sign(actor=request.actor, decision=decision, **form.cleaned_data)
            except PilothouseError as error:
                tell(form, error)
            else:
                messages.success(request, _signed(signed))
                return redirect("decisions:detail", slug=request.organisation.slug, decision_id=decision.pk)
        decision = decision_of(request.actor, decision_id)  # it may have been superseded by now
    return _page(request, decision, form)


def _signed(decision: Decision) -> str:
    if decision.state == "open":
        return "Signed. It now waits for the other signature."
    return f"Signed. {decision.get_state_display()}."


def _page(request: Request, decision: Decision, form: SignForm | None) -> HttpResponse:
    kind, moment, actor = kinds[decision.kind], now(), request.actor
    standing, titles = standing_of(actor, decision, moment), role_titles(decision.organisation_id)
    wrong = list(form.non_field_errors()) if form else []
    if form is None and standing.chair:
        first = {"content_hash": decision.content_hash}
        form = SignForm(options_of(decision), standing.roles, initial=first)
    evidence = ""
    if kind.template:
        evidence = render_to_string(
            kind.template, {"decision": decision, "kind": kind, **kind.context(decision, actor)}, request=request
        )
    context = {
        "decision": decision,
        "kind": kind,
        "tone": STATE_TONES[decision.state],
        "marks": marks_of(decision),
        "groups": groups_of(decision),
        "options": options_of(decision),
        "outcome": kind.option(decision.outcome) if decision.outcome in decision.options else None,
        "standing": standing,
        "form": form if decision.state == "open" and (standing.chair or wrong) else None,
        "wrong": wrong,
        "evidence": evidence,
        "signatures": signatures_of(decision),
        "path": [titles.get(role, role) for role in decision.escalation_path],
        "changed": decision.state == "open" and void_because(decision),
        "may_withdraw": decision.state == "open" and decision.requested_by_id in actor.stands_for,
        "withdraw_form": ReasonForm(prefix="withdraw"),
        "links": decision.review_links.all(),
        "may_link": "lone" in decision.marks
        and "countersigned" not in decision.marks
        and actor.may("decision.decide", decision),
        "reviewer_form": ReviewerForm(prefix="reviewer"),
        "new_link": request.session.pop(f"review-{decision.pk}", ""),
    }
    return render(request, "decisions/detail.html", context, status=422 if wrong or (form and form.errors) else 200)


@require_POST
@page("organisation.view")
def withdraw(request: Request, decision_id: str) -> HttpResponse:
    """Take back what one asked."""
    decision = decision_of(request.actor, decision_id)
    try:
        decision_withdraw(actor=request.actor, decision=decision, reason=request.POST.get("withdraw-reason", ""))
        messages.success(request, "Taken back.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("decisions:detail", slug=request.organisation.slug, decision_id=decision.pk)


@require_POST
@page("decision.decide")
def link_issue(request: Request, decision_id: str) -> HttpResponse:
    """Make the link that an outside reviewer countersigns through. It is shown once."""
    decision = decision_of(request.actor, decision_id)
    try:
        _, secret = review_link_issue(
            actor=request.actor,
            decision=decision,
            name=request.POST.get("reviewer-name", ""),
            email=request.POST.get("reviewer-email", ""),
        )
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
    else:
        path = reverse("decision_review", kwargs={"secret": secret})
        request.session[f"review-{decision.pk}"] = request.build_absolute_uri(path)
    return redirect("decisions:detail", slug=request.organisation.slug, decision_id=decision.pk)


@require_POST
@page("record.write")
def record_signoff(request: Request, record_id: str) -> HttpResponse:
    """Ask roles to sign off a sealed document."""
    record = record_by_id(request.actor, record_id)
    groups = [request.POST.getlist("roles"), request.POST.getlist("second_roles")]
    try:
        decision = record_signoff_request(
            actor=request.actor,
            record=record,
            groups=[group for group in groups if group],
            reason=request.POST.get("reason", ""),
        )
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
        return redirect("records:detail", slug=request.organisation.slug, record_id=record.pk)
    messages.success(request, "Asked. It waits for the signatures below.")
    return redirect("decisions:detail", slug=request.organisation.slug, decision_id=decision.pk)


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def register(request: Request) -> HttpResponse:
    """Decisions that always require a human: what is built so, what the organisation added, and adding."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST":
        request.actor.require("rulebook.propose")
        if form.is_valid():
            try:
                entry = human_only_add(actor=request.actor, **form.cleaned_data)
            except PilothouseError as error:
                tell(form, error)
            else:
                messages.success(request, f"“{entry.title}” now always requires a human.")
                return redirect("decisions:register", slug=request.organisation.slug)
    waiting = dict(
        Decision.objects.of(request.actor)
        .filter(kind="human_only.remove", state="open")
        .values_list("subject_id", "pk")
    )
    context = {
        "lines": [(line, waiting.get(line.entry.pk) if line.entry else None) for line in register_lines(request.actor)],
        "form": form,
        "may_change": request.actor.may("rulebook.propose"),
    }
    return render(request, "decisions/register.html", context, status=422 if form.errors else 200)


@require_POST
@page("rulebook.propose")
def register_remove(request: Request, entry_id: str) -> HttpResponse:
    """Ask that an entry be taken out: someone else decides."""
    entry: HumanOnly = HumanOnly.objects.get_of(request.actor, pk=entry_id, removed_at=None)
    try:
        decision = human_only_remove(actor=request.actor, entry=entry, reason=request.POST.get("reason", ""))
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("decisions:register", slug=request.organisation.slug)
    messages.success(request, "Asked. Someone else decides.")
    return redirect("decisions:detail", slug=request.organisation.slug, decision_id=decision.pk)


@never_cache
@require_http_methods(["GET", "POST"])
@open_page("a single-purpose link that carries its own secret, given to an outside reviewer")
def review(request: HttpRequest, secret: str) -> HttpResponse:
    """What was decided alone, with its evidence in words; the reviewer countersigns or objects, once."""
    link = review_link_of(secret, now())
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_link_answer(actor=review_actor(link), link=link, **form.cleaned_data)
        except PilothouseError as error:
            tell(form, error)
        else:
            return render(request, "decisions/review_done.html", {"link": link})
    context: dict[str, Any] = {
        "link": link,
        "decision": link.decision,
        "kind": kinds[link.decision.kind],
        "findings": link.decision.payload.get("findings", []),
        "signatures": signatures_of(link.decision),
        "form": form,
    }
    response = render(request, "decisions/review.html", context, status=422 if form.errors else 200)
    response["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
