"""The queue of held answers, one of them, and the stored text of a call."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.contracts.policy.snapshot import KINDS
from pilothouse.contracts.policy.texts import Edited, Held
from pilothouse.kernel.clock import now
from pilothouse.kernel.reviews import selectors
from pilothouse.kernel.reviews.actions import review_decide, review_open
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.reviews.rules import LONGEST_LOOK
from pilothouse.kernel.texts import store
from pilothouse.kernel.texts.actions import text_read
from pilothouse.web.access.forms import tell
from pilothouse.web.decisions.shown import standing_of
from pilothouse.web.page import Request, page
from pilothouse.web.reviews.forms import KEYS, OPTIONS, DecideForm, ReadForm
from pilothouse.web.reviews.shown import TONES

ROWS = 50


@require_GET
@page("answer.review")
def queue(request: Request) -> HttpResponse:
    """What waits for me comes first; what waits for others and what was decided are one click away."""
    actor, moment = request.actor, now()
    seen = selectors.reviews(actor)
    lists = {
        "mine": selectors.waiting(actor, moment),
        "open": seen.filter(state="waiting"),
        "decided": seen.exclude(state="waiting").order_by("-decided_at"),
    }
    show = request.GET.get("show", "mine")
    show = show if show in lists else "mine"
    here = reverse("reviews:queue", kwargs={"slug": request.organisation.slug})
    context = {
        "tabs": [
            ("mine", "Waiting for me", f"{here}?show=mine", lists["mine"].count()),
            ("open", "All waiting", f"{here}?show=open", lists["open"].count()),
            ("decided", "Decided", f"{here}?show=decided"),
        ],
        "show": show,
        "page": Paginator(lists[show], ROWS).get_page(request.GET.get("page")),
        "kinds": KINDS,
        "figures": selectors.figures(actor, moment),
        "systems": selectors.by_system(actor, moment) if show == "decided" else [],
    }
    return render(request, "reviews/queue.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@page("answer.review")
def review(request: Request, review_id: str) -> HttpResponse:
    """What was asked and answered, and the verdict. Opening it is written down, and begins the time of the review."""
    actor = request.actor
    found = selectors.review_of(actor, review_id)
    held = review_open(actor=actor, review=found)
    form = None
    if request.method == "POST":
        form = DecideForm(held.answer if held else (), request.POST)
        if form.is_valid():
            try:
                done = review_decide(actor=actor, review=found, **form.decision())
            except PilothouseError as error:
                tell(form, error)
            else:
                return _onward(request, done)
        found = selectors.review_of(actor, review_id)  # it may be over by now
    return _page(request, found, held, form)


def _onward(request: Request, done: Review) -> HttpResponse:
    """To the next that waits; to the queue when that was the last."""
    messages.success(request, f"{done.get_state_display()}. The caller gets to know within two seconds.")
    following = selectors.after(request.actor, now())
    if following is None:
        return redirect("reviews:queue", slug=request.organisation.slug)
    return redirect("reviews:review", slug=request.organisation.slug, review_id=following.pk)


def _page(request: Request, found: Review, held: Held | None, form: DecideForm | None) -> HttpResponse:
    moment, decision = now(), found.decision
    standing = standing_of(request.actor, decision, moment) if decision else None
    may = found.state == "waiting" and held is not None and standing is not None and standing.chair is not None
    if form is None and may and held and decision:
        first = {"content_hash": decision.content_hash, "idempotency": str(uuid4())}
        form = DecideForm(held.answer, initial=first)
    changed: Any = store.read(str(found.organisation_id), found.call, Edited) if found.state == "edited" else None
    context = {
        "review": found,
        "decision": decision,
        "tone": TONES[found.state],
        "held": held,
        "after": changed[1].texts if changed else (),
        "form": form if found.state == "waiting" else None,
        "wrong": list(form.non_field_errors()) if form else [],
        "options": [(option, KEYS[option.id]) for option in OPTIONS],
        "why_not": standing.why_not if standing else "",
        "findings": [(KINDS.get(kind, kind), count) for kind, count in found.findings.items()],
        "waiting": selectors.waiting(request.actor, moment).exclude(pk=found.pk).count(),
        "cap": int(LONGEST_LOOK.total_seconds() // 60),
    }
    return render(request, "reviews/review.html", context, status=422 if form and form.errors else 200)


@never_cache
@require_POST
@page("text.read")
def stored_text(request: Request, call_id: str) -> HttpResponse:
    """The stored prompt and answer of a call. That it was read, and what for, enters the ledger."""
    form = ReadForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say what you read it for; that is written down.")
        return redirect("traffic:call", slug=request.organisation.slug, call_id=call_id)
    kept = text_read(actor=request.actor, call=call_id, reason=form.cleaned_data["reason"])
    return render(request, "reviews/stored.html", {"kept": kept, "call_id": call_id})
