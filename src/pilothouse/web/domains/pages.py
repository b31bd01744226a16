"""The domains: all ten with their questions and answers, and one with where it hurts, what to do and what it keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import answers_at_hand
from pilothouse.kernel.answers.standing import worst_units
from pilothouse.kernel.answers.values import Answer
from pilothouse.kernel.checks.answering import answering
from pilothouse.kernel.checks.selectors import Gap, Tally, as_gaps, gaps, tally
from pilothouse.kernel.domain import Check, Domain, RecordKind, ShareMet
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.kinds import may_write
from pilothouse.kernel.records.selectors import records
from pilothouse.web.page import Request, page
from pilothouse.web.panels import panels
from pilothouse.web.remedies import remedy_url

TOP = 3


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check as a domain's page shows it: what is there, missing and unknown, heaviest first."""

    check: Check
    tally: Tally

    @property
    def gaps(self) -> int:
        return self.tally.not_met + self.tally.in_progress + self.tally.unknown


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of document or register with what is kept, what is begun, and where a new one is written."""

    kind: RecordKind
    sealed: int
    drafts: int
    href: str
    new_href: str


@require_GET
@page("system.view")
def overview(request: Request) -> HttpResponse:
    """The ten domains, each with its question and its answer."""
    lines = domain_lines(request)
    context = {
        "said": lines,
        "waiting": any(answer is None for _, answer in lines),
        "base": reverse("home:home", kwargs={"slug": request.organisation.slug}),
    }
    return render(request, "domains/overview.html", context)


@require_GET
@page("system.view")
def answers(request: Request) -> HttpResponse:
    """The list of answers alone, all of them made: what a list fetches that was drawn before some were at hand."""
    return render(request, "domains/_answers.html", {"said": domain_lines(request, wait=True)})


def domain_lines(request: Request, *, wait: bool = False) -> list[tuple[Domain, Answer | None]]:
    """Every domain with its answer, as lists of them show it; None for one that is not at hand (answers_at_hand)."""
    domains = answering()
    return list(zip(domains, answers_at_hand(request.actor, clock.now(), domains, wait=wait), strict=True))


@require_GET
@page("system.view")
def domain_page(request: Request, domain: str) -> HttpResponse:
    """One domain: its answer, where it hurts, what to do next, its records, and what else it shows."""
    found = next((one for one in answering() if one.id == domain), None)
    if found is None:
        raise NotFound
    actor, base = request.actor, reverse("home:home", kwargs={"slug": request.organisation.slug})
    kinds = _kinds(request, found, base)
    lines = _checks(request, found)
    [answer] = answers_at_hand(actor, clock.now(), [found], wait=True)
    assert answer is not None, "it was waited for"
    figure = answer.figure
    context: dict[str, Any] = {
        "domain": found,
        "figure": figure,
        "shown": [point for point in figure.trend if point.denominator or point.value is not None],
        "months": figure.trend[::4],
        "short": figure.denominator - figure.numerator - figure.unknown,
        "by_systems": isinstance(found.answer, ShareMet),
        "base": base,
        "checks": lines,
        "units": worst_units(actor, found.id),
        "gaps": _gaps(request, found),
        "kinds": kinds,
        "panels": [
            (panel, drawn) for panel in panels.of_domain(actor, found) if (drawn := panel.render(request, found))
        ],
    }
    there = any(line.tally.total for line in lines) or any(kind.sealed or kind.drafts for kind in kinds)
    if not there and figure.value is None:
        context["first"] = _first_act(request, kinds, base)
    return render(request, "domains/domain.html", context)


def _checks(request: Request, domain: Domain) -> list[CheckLine]:
    """The domain's checks, those with most gaps first; what is asked of nobody comes last."""
    tallies = tally(request.actor, checks=[check.id for check in domain.checks])
    lines = [CheckLine(check, tallies.get(check.id, Tally())) for check in domain.checks]
    return sorted(lines, key=lambda line: (not line.tally.total, -line.gaps))


def _gaps(request: Request, domain: Domain) -> list[tuple[Gap, str]]:
    """The gaps that matter most in the domain, each with where it is mended; for a reader, where it is explained."""
    rows = gaps(request.actor).filter(check_id__in=[check.id for check in domain.checks])
    return [(gap, _mended(request, gap)) for gap in as_gaps(request.actor, rows[:TOP])]


def _mended(request: Request, gap: Gap) -> str:
    slug, actor = request.organisation.slug, request.actor
    if any(actor.may(permission, gap.system) for permission in ("system.change", "record.write")):
        return remedy_url(slug, gap.system.number, gap.check)
    return reverse("inventory:detail", kwargs={"slug": slug, "number": gap.system.number}) + "?tab=findings#tabs"


def _kinds(request: Request, domain: Domain, base: str) -> list[KindLine]:
    """What the domain keeps, as far as the actor may read it: counts in one query."""
    kinds = [kind for kind in domain.records if request.actor.may(kind.view)]
    held = (
        records(request.actor)
        .filter(kind__in=[kind.id for kind in kinds], state__in=("sealed", "draft"))
        .order_by()
        .values_list("kind", "state")
        .annotate(n=Count("pk"))
    )
    counts = Counter({(kind, state): count for kind, state, count in held})
    return [
        KindLine(
            kind,
            counts[kind.id, "sealed"],
            counts[kind.id, "draft"],
            f"{base}records/kinds/{kind.id}/",
            _new(request, kind, base),
        )
        for kind in kinds
    ]


def _new(request: Request, kind: RecordKind, base: str) -> str:
    """Where one is written: of the organisation's own kinds here; of a system's, from the system's page."""
    if kind.of_system or not may_write(request.actor, kind, None):
        return ""
    path = f"{base}records/kinds/{kind.id}/{'new' if kind.many else 'edit'}/"
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


def _first_act(request: Request, kinds: list[KindLine], base: str) -> tuple[str, str]:
    """What to do first where nothing is: (label, address)."""
    actor = request.actor
    if not systems(actor).exists():
        if actor.may("system.import"):
            return "Import an inventory", reverse("imports:list", kwargs={"slug": request.organisation.slug})
        if actor.may("system.create"):
            return "Add a system", reverse("inventory:new", kwargs={"slug": request.organisation.slug})
    for line in kinds:
        if line.new_href:
            return f"Write the first: {line.kind.title.lower()}", line.new_href
    return "See the systems", f"{base}systems/"
