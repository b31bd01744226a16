"""The SCIM endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import Throttled

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Person, Role
from pilothouse.kernel.directory import actions as do
from pilothouse.web.access.scim import errors, filters, patch, resources, schemas
from pilothouse.web.access.scim.errors import ScimError
from pilothouse.web.api.bearer import Bearer

MEDIA_TYPE = "application/scim+json"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
DEFAULT, MOST = 100, 200

Handler = Callable[..., Any]
bearer = Bearer()


def scim(**handlers: Handler) -> Callable[..., HttpResponse]:
    """An endpoint: the token, the permission, the method, and every error in SCIM's shape."""

    @csrf_exempt
    def view(request: Any, **kwargs: Any) -> HttpResponse:
        try:
            return _answer(*_run(request, handlers, kwargs))
        except ScimError as error:
            return _answer(error.status, error.body())
        except PilothouseError as error:
            told = errors.of(error)
            return _answer(told.status, told.body())
        except Throttled:
            return _answer(429, ScimError(429, "Too many requests; wait a little.").body())

    view.guard = "people.manage"  # type: ignore[attr-defined]
    return view


def _run(request: Any, handlers: Mapping[str, Handler], kwargs: Mapping[str, Any]) -> tuple[int, Any]:
    if bearer(request) is None:
        raise ScimError(401, "Send a live service token as “Authorization: Bearer ph_…”.")
    request.actor.require("people.manage")
    handler = handlers.get(request.method.lower())
    if handler is None:
        raise ScimError(405, "This address does not take that method.")
    arguments = dict(kwargs)
    if request.method in ("POST", "PUT", "PATCH"):
        arguments["body"] = _body(request)
    # An identity provider sends one change in several operations: all of them or none.
    with transaction.atomic():
        result = handler(request, **arguments)
    return result if isinstance(result, tuple) else (200, result)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise ScimError(400, "The body is not JSON.", "invalidSyntax") from None
    if not isinstance(body, dict):
        raise ScimError(400, "The body is an object.", "invalidSyntax")
    return body


def _answer(status: int, body: Any) -> HttpResponse:
    content = b"" if status == 204 else json.dumps(body).encode()
    response = HttpResponse(content, status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 201:
        response["Location"] = body["meta"]["location"]
    return response


def _base() -> str:
    return f"{settings.BASE_URL}/scim/v2"


def _listed(request: HttpRequest, rows: QuerySet[Any], fields: Mapping[str, str], render: Handler) -> dict[str, Any]:
    try:
        start = max(1, int(request.GET.get("startIndex", 1)))
        count = min(MOST, max(0, int(request.GET.get("count", DEFAULT))))
    except ValueError:
        raise ScimError(400, "startIndex and count are whole numbers.", "invalidValue") from None
    if request.GET.get("filter"):
        try:
            rows = rows.filter(filters.condition(request.GET["filter"], fields)).distinct()
            total = rows.count()
        except (ValueError, ValidationError):  # an id that is none: such a row does not exist
            rows, total = rows.none(), 0
    else:
        total = rows.count()
    page = [render(row, _base()) for row in rows[start - 1 : start - 1 + count]]
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }


# Users


def _persons(actor: Actor) -> QuerySet[Person]:
    rows: QuerySet[Person] = Person.objects.of(actor)
    roles = Prefetch("memberships", Membership.objects.select_related("role"))
    return rows.select_related("unit").prefetch_related(roles).order_by("id")


def _person(actor: Actor, person_id: UUID) -> Person:
    person = _persons(actor).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def user_list(request: Any) -> dict[str, Any]:
    return _listed(request, _persons(request.actor), filters.USER_FIELDS, resources.user)


def user_read(request: Any, person_id: UUID) -> dict[str, Any]:
    return resources.user(_person(request.actor, person_id), _base())


def user_add(request: Any, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Add a user. Someone who left and is sent again is back."""
    facts, active = resources.facts_of(body)
    if not facts.get("email"):
        raise ScimError(400, "userName, an e-mail address, is needed.", "invalidValue")
    facts.setdefault("name", facts["email"])
    gone = Person.objects.of(request.actor).filter(email=facts["email"].strip().lower(), left_at__isnull=False).first()
    if gone is not None:
        do.person_return(actor=request.actor, person=gone)
        person = do.person_change(actor=request.actor, person=gone, changes=facts)
    else:
        known: dict[str, Any] = dict(facts)
        person = do.person_add(actor=request.actor, **known)
    _present(request.actor, person, True if active is None else active)
    return 201, user_read(request, person.pk)


def user_replace(request: Any, person_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Take over what the body says; what it leaves out of ours becomes empty, the name excepted."""
    facts, active = resources.facts_of(body)
    return _change(request, person_id, {"external_id": "", "title": ""} | facts, active)


def user_patch(request: Any, person_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    facts, active = resources.facts_of(patch.user_body(body))
    return _change(request, person_id, facts, active)


def user_remove(request: Any, person_id: UUID) -> tuple[int, None]:
    do.person_leave(actor=request.actor, person=_person(request.actor, person_id), reason="Removed by SCIM")
    return 204, None


def _change(request: Any, person_id: UUID, facts: dict[str, str], active: bool | None) -> dict[str, Any]:
    person = _person(request.actor, person_id)
    if facts:
        person = do.person_change(actor=request.actor, person=person, changes=facts)
    if active is not None:
        _present(request.actor, person, active)
    return user_read(request, person_id)


def _present(actor: Actor, person: Person, active: bool) -> None:
    """Make a person be here (and able to sign in), or gone."""
    if not active:
        do.person_leave(actor=actor, person=person, reason="Set inactive by SCIM")
        return
    do.person_return(actor=actor, person=person)
    if person.email:
        do.person_invite(actor=actor, person=person)


# Groups


def _roles(actor: Actor) -> QuerySet[Role]:
    rows: QuerySet[Role] = Role.objects.of(actor)
    held = Membership.objects.filter(person__left_at=None).select_related("person").order_by("person__name")
    return rows.prefetch_related(Prefetch("memberships", held)).order_by("id")


def _role(actor: Actor, role_id: UUID) -> Role:
    role = _roles(actor).filter(pk=role_id).first()
    if role is None:
        raise NotFound
    return role


def group_list(request: Any) -> dict[str, Any]:
    return _listed(request, _roles(request.actor), filters.GROUP_FIELDS, resources.group)


def group_read(request: Any, role_id: UUID) -> dict[str, Any]:
    return resources.group(_role(request.actor, role_id), _base())


def group_add(request: Any, body: dict[str, Any]) -> Any:
    raise ScimError(403, "Roles are made by people here; map your groups to the ones there are.", "mutability")


def group_patch(request: Any, role_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    role = _role(request.actor, role_id)
    present = {str(m.person_id) for m in role.memberships.all() if m.unit_id is None}
    return _members(request, role, *patch.member_changes(body, present))


def group_replace(request: Any, role_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    members = {"Operations": [{"op": "replace", "path": "members", "value": body.get("members") or []}]}
    return group_patch(request, role_id, members)


def group_remove(request: Any, role_id: UUID) -> Any:
    _role(request.actor, role_id)
    raise ScimError(403, "Roles are removed by people here.", "mutability")


def _members(request: Any, role: Role, add: set[str], remove: set[str]) -> dict[str, Any]:
    actor = request.actor
    for person_id in sorted(add):
        person = Person.objects.get_of(actor, pk=person_id)
        do.membership_grant(actor=actor, person=person, role=role)
    for membership in role.memberships.all():
        if str(membership.person_id) in remove and membership.unit_id is None:
            do.membership_revoke(actor=actor, membership=membership)
    return group_read(request, role.pk)


def config_read(request: Any) -> dict[str, Any]:
    return schemas.service_provider_config(_base())


def types_read(request: Any) -> dict[str, Any]:
    return _found(schemas.resource_types(_base()))


def schemas_read(request: Any) -> dict[str, Any]:
    return _found(schemas.all_schemas(_base()))


def _found(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [LIST], "totalResults": len(rows), "startIndex": 1, "itemsPerPage": len(rows), "Resources": rows}


users = scim(get=user_list, post=user_add)
one_user = scim(get=user_read, put=user_replace, patch=user_patch, delete=user_remove)
groups = scim(get=group_list, post=group_add)
one_group = scim(get=group_read, put=group_replace, patch=group_patch, delete=group_remove)

urlpatterns = [
    path("scim/v2/ServiceProviderConfig", scim(get=config_read)),
    path("scim/v2/ResourceTypes", scim(get=types_read)),
    path("scim/v2/Schemas", scim(get=schemas_read)),
    path("scim/v2/Users", users),
    path("scim/v2/Users/<uuid:person_id>", one_user),
    path("scim/v2/Groups", groups),
    path("scim/v2/Groups/<uuid:role_id>", one_group),
]
