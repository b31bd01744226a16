"""One framework as a tree, one of its requirements with the systems behind it, and its gaps with their owners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.actions import MANAGE
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.coverage import (
    Field,
    Overview,
    Row,
    field_of,
    matrix_systems,
    overview,
    whole,
)
from pilothouse.domains.governance.frameworks.documents import CONFIDENCE, RELATIONS, Group, Requirement
from pilothouse.domains.governance.frameworks.gaplist import GAPS, GapList, organisation_gaps
from pilothouse.domains.governance.frameworks.library_of import Adopted, adopted
from pilothouse.domains.governance.frameworks.models import FrameworkVersion
from pilothouse.domains.governance.frameworks.pages.lists import ahead_of, tabs_of, today
from pilothouse.domains.governance.frameworks.rules import State
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.inventory.models import System
from pilothouse.web.page import Request, page

PAGE = 50
STATES = (("gap", "Gaps"), *((state.value, state.value.replace("_", " ").capitalize()) for state in State))


@dataclass(frozen=True, slots=True)
class Chapter:
    """A group with its rows, as the tree shows it; `depth` counts from one."""

    group: Group
    rows: tuple[tuple[Row, int], ...]
    depth: int


def framework_of_page(request: Request, key: str) -> Adopted:
    """The adopted framework of an address, or NotFound."""
    found = next((one for one in adopted(request.actor.organisation_id) if one.key == key), None)
    if found is None:
        raise NotFound
    return found


@require_GET
@page("system.view")
def framework(request: Request, key: str) -> HttpResponse:
    """The requirements as a tree with coverage and freshness; `?show=` leaves those in one state."""
    found = framework_of_page(request, key)
    field = field_of(request.actor, today())
    over = overview(request.actor, field, found)
    show = request.GET.get("show", "")
    show = show if show in dict(STATES) else ""
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "framework": found,
        "document": found.document,
        "over": over,
        "now": over.figure(),
        "ahead": over.figure(ahead=True),
        "chapters": list(_chapters(found.document.groups, over, show, 1)),
        "show": show,
        "states": STATES,
        "confidence": CONFIDENCE,
        "controls": field.library.controls,
        "may_manage": request.actor.scope(MANAGE).everywhere,
        "may_export": request.actor.may("system.export"),
        "versions": FrameworkVersion.objects.of(request.actor).filter(key=key).select_related("written_by")[:20],
        "newer": found.row.origin == "shipped" and shipped.hashes().get(key) != found.row.hash,
    }
    return render(request, "frameworks/framework.html", context)


def _chapters(groups: list[Group], over: Overview, show: str, depth: int) -> Iterator[Chapter]:
    rows = {row.requirement.id: row for row in over.rows}
    for group in groups:
        found = tuple(_rows(group.requirements, rows, show, 0))
        inner = list(_chapters(group.groups, over, show, depth + 1))
        if found or inner or not show:
            yield Chapter(group, found, depth)
        yield from inner


def _rows(requirements: list[Requirement], rows: dict[str, Row], show: str, depth: int) -> Iterator[tuple[Row, int]]:
    for one in requirements:
        row = rows.get(one.id)  # absent of the organisation, for who does not see all of it
        if row is not None and _shown(row, show):
            yield row, depth
        yield from _rows(one.requirements, rows, show, depth + 1)


def _shown(row: Row, show: str) -> bool:
    if not show:
        return True
    if show == "gap":
        return row.any_gap
    if row.state is not None:
        return row.state.value == show
    return bool(getattr(row.counts, show)) and (show != "not_applicable" or not row.counts.asked)


@require_GET
@page("system.view")
def requirement(request: Request, key: str, requirement_id: str) -> HttpResponse:
    """One requirement: what it asks, the controls that serve it, and every system in the state that is asked for."""
    found = framework_of_page(request, key)
    asked = found.document.requirement(requirement_id)
    if asked is None:
        raise NotFound
    field = field_of(request.actor, today())
    show = request.GET.get("show", "")
    states = tuple(State) if show not in dict(STATES) else GAPS if show == "gap" else (State(show),)
    rows: Any = GapList(request.actor, field, found.document, states=states, requirement=requirement_id, ahead=True)
    context: dict[str, Any] = {
        "framework": found,
        "requirement": asked,
        "served": [(field.library.controls.get(name), name, relation) for name, relation in asked.by.items()],
        "relations": RELATIONS,
        "conditions": [CONDITIONS[name][0] for name in asked.when],
        "confidence": CONFIDENCE[asked.confidence],
        "later": field.later(asked),
        "counts": field.masks(asked).counts(field.everybody) if asked.of == "system" else None,
        "state": field.state(asked) if asked.of == "organisation" else None,
        "gaps": organisation_gaps(field, found.document, ahead=True) if whole(request.actor) else [],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "show": show,
        "states": STATES,
        "all_controls": list(field.library.controls.values()),
        "may_manage": request.actor.scope(MANAGE).everywhere,
    }
    return render(request, "frameworks/requirement.html", context)


@dataclass(frozen=True, slots=True)
class GapFilters:
    """What the list of gaps is narrowed by, from the address."""

    owner: str
    requirement: str
    show: str
    ahead: bool

    @property
    def query(self) -> str:
        said = {"owner": self.owner, "requirement": self.requirement, "show": self.show}
        return urlencode(
            {name: value for name, value in said.items() if value} | ({"ahead": "1"} if self.ahead else {})
        )

    @property
    def states(self) -> tuple[State, ...]:
        return (State(self.show),) if self.show in ("stale", "missing") else GAPS


def gap_filters(request: Request) -> GapFilters:
    """The filters of the address."""
    said = {name: request.GET.get(name, "").strip()[:80] for name in ("owner", "requirement", "show")}
    return GapFilters(**said, ahead=ahead_of(request))


def gap_list(request: Request, found: Adopted, filters: GapFilters) -> tuple[Field, GapList]:
    """The gaps that the filters leave."""
    field = field_of(request.actor, today(), _of_owner(request, filters.owner))
    rows = GapList(
        request.actor,
        field,
        found.document,
        states=filters.states,
        requirement=filters.requirement,
        ahead=filters.ahead,
    )
    return field, rows


def _of_owner(request: Request, owner: str) -> QuerySet[System]:
    rows = matrix_systems(request.actor).select_related(None)
    if owner == "none":
        return rows.filter(owner=None)
    return rows.filter(owner__email=owner) if owner else rows


@require_GET
@page("system.view")
def gaps(request: Request, key: str) -> HttpResponse:
    """What is stale or missing, system by system, with who closes it; by owner of the system, requirement and state."""
    found, filters = framework_of_page(request, key), gap_filters(request)
    field, rows = gap_list(request, found, filters)
    everything = whole(request.actor) and not (filters.owner or filters.requirement)
    owners = Person.objects.of(request.actor).filter(owned_systems__in=matrix_systems(request.actor)).distinct()
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "framework": found,
        "page": Paginator(cast(Any, rows), PAGE).get_page(request.GET.get("page")),
        "organisation": organisation_gaps(field, found.document, ahead=filters.ahead) if everything else [],
        "filters": filters,
        "owners": owners.order_by("name"),
        "requirements": [one for one in found.document.walk() if one.of == "system"],
        "may_export": request.actor.may("system.export"),
    }
    return render(request, "frameworks/gaps.html", context)
