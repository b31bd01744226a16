"""/api/v1/systems. Annotations are unquoted: paging wraps an operation, and ninja looks names up in the wrapper."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Status
from ninja.pagination import paginate

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.inventory.actions import (
    BulkChange,
    BulkRow,
    bulk_preview,
    date_set,
    performance_add,
    practice_state,
    relation_add,
    relation_remove,
    system_bulk_change,
    system_change,
    system_create,
)
from pilothouse.kernel.inventory.models import DatedFact, Performance, Practice, Relation, System
from pilothouse.kernel.inventory.practices import practice_title
from pilothouse.kernel.inventory.selectors import component_of, system_by_number, systems_matching
from pilothouse.kernel.ledger.selectors import history
from pilothouse.web.api import Cursor, etag, if_match
from pilothouse.web.inventory.api import schemas as s

router = Router(tags=["systems"])


@router.get("", response=list[s.SystemOut], summary="List systems")
@paginate(Cursor, order=("number",))
def list_systems(request: Any, filters: Query[s.SystemFilters]) -> QuerySet[System]:
    """The systems that the token may see, by number, under the same filters as the page's address."""
    request.actor.require("system.view")
    query = s.query_of(request)
    if query.sort != "number" or query.columns or query.page != 1:
        wrong = dict.fromkeys(("sort", "columns", "page"), "The API pages by cursor, in order of number.")
        raise Invalid("The API pages by cursor, in order of number.", fields=wrong)
    return systems_matching(request.actor, query).select_related("former_owner")


@router.post("", response={201: s.SystemOut}, summary="Add a system")
def create_system(request: Any, body: s.SystemNew, response: HttpResponse) -> Status[System]:
    """Add a system as an idea. What already runs is brought in by an import."""
    facts = {key: value for key, value in body.model_dump(exclude_unset=True).items() if value is not None}
    system = system_create(actor=request.actor, name=facts.pop("name"), **facts)
    etag(response, system.version)
    response["Location"] = f"/api/v1/systems/{system.number}"
    return Status(201, system_by_number(request.actor, system.number))


@router.post("bulk", response=list[s.BulkOut], summary="Change many systems at once")
def change_many(request: Any, body: s.BulkIn) -> list[BulkRow]:
    """The same change for every system, or for none: a refusal names each system and why."""
    change = BulkChange(body.changes, tuple(body.add_tags), tuple(body.remove_tags))
    if body.preview:
        return bulk_preview(request.actor, body.numbers, change)
    return system_bulk_change(actor=request.actor, numbers=body.numbers, change=change)


@router.get("{int:number}", response=s.SystemOut, summary="Read a system")
def read_system(request: Any, number: int, response: HttpResponse) -> System:
    """One system, with its version as the ETag."""
    request.actor.require("system.view")
    system = system_by_number(request.actor, number)
    etag(response, system.version)
    return system


@router.patch("{int:number}", response=s.SystemOut, summary="Change a system")
def change_system(request: Any, number: int, body: s.SystemChange, response: HttpResponse) -> System:
    """Change the fields that are sent. Send the ETag you read as If-Match, and a lost update is refused (412)."""
    system = system_by_number(request.actor, number)
    version = if_match(request, system.version)
    changes = {
        key: value if value is not None else _nothing(key) for key, value in body.model_dump(exclude_unset=True).items()
    }
    changed = system_change(actor=request.actor, system=system, changes=changes, version=version)
    etag(response, changed.version)
    return system_by_number(request.actor, number)


@router.get("{int:number}/relations", response=list[s.RelationOut], summary="List what a system is made of")
def list_relations(request: Any, number: int) -> list[dict[str, Any]]:
    """Components that it uses and systems that it relates to."""
    system = system_by_number(request.actor, number)
    rows = system.relations.select_related("component", "other").order_by("id")
    return [_relation(row) for row in rows]


@router.post("{int:number}/relations", response={201: s.RelationOut}, summary="Add a component or a relation")
def add_relation(request: Any, number: int, body: s.RelationIn) -> Status[dict[str, Any]]:
    """Relate the system to a component or to another system. The same relation again is the one that is there."""
    actor = request.actor
    system = system_by_number(actor, number)
    component = component_of(actor, body.component_id) if body.component_id else None
    other = system_by_number(actor, body.other) if body.other else None
    return Status(
        201, _relation(relation_add(actor=actor, system=system, kind=body.kind, component=component, other=other))
    )


@router.delete("{int:number}/relations/{uuid:relation_id}", response={204: None}, summary="Remove a relation")
def remove_relation(request: Any, number: int, relation_id: UUID) -> Status[None]:
    """Take a relation away."""
    system = system_by_number(request.actor, number)
    relation = Relation.objects.get_of(request.actor, pk=relation_id, system=system)
    relation_remove(actor=request.actor, system=system, relation=relation)
    return Status(204, None)


@router.get("{int:number}/practices", response=list[s.PracticeOut], summary="List statements about practices")
def list_practices(request: Any, number: int) -> list[dict[str, Any]]:
    """What was said of each practice, in the words it was said in."""
    return [_practice(row) for row in system_by_number(request.actor, number).practices.order_by("key")]


@router.put("{int:number}/practices/{slug:key}", response=s.PracticeOut, summary="State a practice")
def put_practice(request: Any, number: int, key: str, body: s.PracticeIn) -> dict[str, Any]:
    """Say how it stands with a practice. A statement is attested, the lowest grade of evidence."""
    system = system_by_number(request.actor, number)
    return _practice(practice_state(actor=request.actor, system=system, key=key, status=body.status, words=body.words))


@router.get("{int:number}/dates", response=list[s.DateOut], summary="List dates")
def list_dates(request: Any, number: int) -> QuerySet[DatedFact]:
    """Dates with the precision they were told in."""
    return system_by_number(request.actor, number).dates.order_by("kind")


@router.put("{int:number}/dates/{slug:kind}", response={200: s.DateOut, 204: None}, summary="Set a date")
def put_date(request: Any, number: int, kind: str, body: s.DateIn) -> Status[Any]:
    """Set a date as it was told; an empty text takes it away."""
    system = system_by_number(request.actor, number)
    fact = date_set(actor=request.actor, system=system, kind=kind, text=body.text)
    return Status(200, fact) if fact else Status(204, None)


@router.get("{int:number}/performance", response=list[s.PerformanceOut], summary="List performance figures")
def list_performance(request: Any, number: int) -> QuerySet[Performance]:
    """Stated and measured figures, each with its population, date and source."""
    return system_by_number(request.actor, number).performance.order_by("-measured_on", "id")


@router.post("{int:number}/performance", response={201: s.PerformanceOut}, summary="State a performance figure")
def add_performance(request: Any, number: int, body: s.PerformanceIn) -> Status[Performance]:
    """Add a figure that somebody states. Only monitors add measured ones."""
    system = system_by_number(request.actor, number)
    return Status(201, performance_add(actor=request.actor, system=system, **body.model_dump()))


@router.get("{int:number}/history", response=list[s.HistoryOut], summary="Read a system's history")
def read_history(request: Any, number: int, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """What the ledger says of it, newest first; go on with `before` set to the last `seq`."""
    told = history(
        request.actor, system=system_by_number(request.actor, number), before=before, limit=max(1, min(limit, 200))
    )
    keys = ("seq", "at", "action", "title", "who", "via", "note")
    return [
        {key: getattr(entry, key) for key in keys}
        | {"changes": [{"field": c.field, "before": c.before, "after": c.after} for c in entry.changes]}
        for entry in told
    ]


def _nothing(key: str) -> Any:
    """What a null means for a field: no tags, no custom values, an empty text."""
    return {"tags": [], "custom": {}, "intake": {}}.get(key)


def _relation(row: Relation) -> dict[str, Any]:
    other = row.other.ref if row.other else None
    return {"id": row.pk, "kind": row.kind, "component": row.component, "other": other}


def _practice(row: Practice) -> dict[str, Any]:
    keys = ("key", "status", "words", "source", "said_at")
    return {key: getattr(row, key) for key in keys} | {"title": practice_title(row.key)}
