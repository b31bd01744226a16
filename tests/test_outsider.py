"""Charlie, the outsider, walks over every route and every API operation, and gets nothing.

A new route is walked without anyone remembering it. It fails here when it has no guard, when its parameters have no
sample (tests/samples.py), or when an outsider or a member without the permission gets anything out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.roles import PERMISSIONS, ROLES
from pilothouse.kernel.directory.actions import token_issue
from pilothouse.kernel.ledger.models import Entry
from pilothouse.site.api import api
from tests.samples import ABSENT_ID, MARK, Harbour, absent, sample

# Pages that are open to anyone, by the start of their address, with the reason. The others say it in `open_page`.
OPEN = {
    "accounts/": "signing in and one's own account; nothing of an organisation is shown there",
    "api/v1/openapi.json": "the API's description, the same for everyone",
    "api/v1/": "walked as operations below; each needs a token",
    "static/": "style sheets and scripts",
}
PARAMETER = re.compile(r"<(?:[^:>]+:)?([a-z_]+)>")
# What may differ between two answers that say the same: ids of the request, tokens against forgery, echoed addresses.
NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|nonce-[\w+/=-]+|"request_id": ?"[^"]*"'
    rb"|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
SAFE_TO_MISS = {404, 405}
# What everybody who works here may do; these pages show an employee what is meant for them.
OF_EMPLOYEES = frozenset(ROLES["employee"][1])
# Parameters that name something of Pilothouse's own, the same in every organisation.
OF_EVERYONE = {"check_id", "rule_set_id"}


@dataclass(frozen=True)
class Route:
    """One URL pattern of the site."""

    path: str
    name: str
    guard: str | None

    @property
    def room(self) -> str:
        return self.name.split(":")[0] if ":" in self.name else "site"

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def address(self, values: dict[str, Any]) -> str:
        return "/" + PARAMETER.sub(lambda match: str(values[match[1]]), self.path)


def routes() -> list[Route]:
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern, path, namespace + inner)
        elif isinstance(pattern, URLPattern):
            yield Route(path, namespace + (pattern.name or ""), getattr(pattern.callback, "guard", None))


ROUTES = routes()
INSIDE = [route for route in ROUTES if route.path.startswith("o/<slug:slug>/")]
SCIM = [route for route in ROUTES if route.path.startswith("scim/")]


@pytest.fixture(autouse=True)
def _calm(settings, tmp_path):
    cache.clear()
    settings.API_CALLS_PER_MINUTE = settings.API_FAILURES_PER_MINUTE = 100_000
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def harbour(cast):
    return Harbour(cast)


def both(harbour: Harbour, route: Route) -> tuple[str, str]:
    """The route's address with real values of Harbour, and with values that name nothing in it."""
    values = {name: sample(harbour, route.room, name) for name in route.parameters}
    nothing = {name: value if name == "slug" else absent(value) for name, value in values.items()}
    return route.address(values), route.address(nothing)


def said(response: Any) -> bytes:
    """The body, without what may differ and without the caller's own address, which a page may say back."""
    body = b"".join(response) if response.streaming else response.content
    return NOISE.sub(b"", body.replace(response.request["PATH_INFO"].encode(), b""))


def tells_nothing(response: Any, where: str) -> None:
    """Nothing of Harbour's stands in the answer's body or headers."""
    text = (said(response) + str(dict(response.headers)).encode()).decode(errors="replace")
    for word in (MARK, "Harbour", "Alice", "alice@harbour"):
        assert word not in text, f"{where} tells an outsider “{word}”"


def signed_in(cast: Any, who: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(cast.people[who].user)
    return client


def test_every_route_says_who_may_come_in():
    unguarded = [route.path for route in ROUTES if route.guard is None and not route.path.startswith(tuple(OPEN))]
    assert unguarded == []
    for route in ROUTES:
        if route.guard and route.guard.startswith("open:"):
            assert len(route.guard) > len("open: ") + 10, f"{route.path} is open without a reason"
        elif route.guard:
            assert route.guard in PERMISSIONS, f"{route.path} asks for an unknown permission"
    for route in INSIDE:
        assert route.guard, f"{route.path} is inside an organisation and open"
        assert not route.guard.startswith("open:"), f"{route.path} is inside an organisation and open"


@pytest.mark.parametrize("route", INSIDE, ids=lambda route: route.name)
def test_an_outsider_gets_nothing(cast, harbour, route):
    real, nothing = both(harbour, route)
    before = Entry.objects.count()
    nobody, charlie = Client(), signed_in(cast, "charlie")
    for method in ("get", "post"):
        answer = getattr(nobody, method)(real)
        assert answer.status_code in (302, 401, 405), f"{real} answers {answer.status_code} to nobody"
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")
        answer = getattr(charlie, method)(real)
        assert answer.status_code in SAFE_TO_MISS, f"{method} {real} answers {answer.status_code} to an outsider"
        tells_nothing(answer, f"{method} {real}")
        other = getattr(charlie, method)(nothing)
        elsewhere = getattr(charlie, method)(nothing.replace("/o/harbour/", "/o/nowhere-at-all/"))
        assert said(answer) == said(other) == said(elsewhere), f"{method} {real} differs from what is absent"
        assert answer.status_code == other.status_code == elsewhere.status_code
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "route", [route for route in INSIDE if len(route.parameters) > 1], ids=lambda route: route.name
)
def test_the_samples_are_really_there(cast, harbour, route):
    """Without this, a walk over misspelt addresses would find nothing and prove nothing."""
    real, _ = both(harbour, route)
    answer = signed_in(cast, "caio").get(real)
    assert answer.status_code in (200, 302, 405), f"{real} answers {answer.status_code} to the CAIO"


@pytest.mark.parametrize("route", INSIDE, ids=lambda route: route.name)
def test_an_outsider_cannot_reach_it_from_their_own_organisation(cast, harbour, route):
    real, nothing = (where.replace("/o/harbour/", "/o/elsewhere/") for where in both(harbour, route))
    if real == nothing:
        return
    entries = Entry.objects.filter(organisation=cast.organisation)
    before, charlie = entries.count(), signed_in(cast, "charlie")
    for method in ("get", "post"):
        answer, other = getattr(charlie, method)(real), getattr(charlie, method)(nothing)
        assert answer.status_code == other.status_code, f"{method} {real} is not as if it were absent"
        assert answer.status_code < 500
        tells_nothing(answer, f"{method} {real}")
    assert entries.count() == before


@pytest.mark.parametrize("route", INSIDE, ids=lambda route: route.name)
def test_a_member_without_the_permission_is_refused_and_writes_nothing(cast, harbour, route):
    real, _ = both(harbour, route)
    before, employee = Entry.objects.count(), signed_in(cast, "employee")
    for method in ("get", "post"):
        answer = getattr(employee, method)(real)
        assert answer.status_code < 500, f"{method} {real} breaks"
        if route.guard not in OF_EMPLOYEES:
            assert answer.status_code in (403, 404, 405), f"{method} {real} lets an employee in"
            assert MARK.encode() not in said(answer), f"{method} {real} tells an employee something"
    assert Entry.objects.count() == before, f"{real} let an employee write"


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if (route.guard or "").startswith("open:")], ids=lambda route: route.path
)
def test_open_pages_tell_nothing_of_an_organisation(harbour, route):
    _ = harbour.system, harbour.request, harbour.decision
    where = route.address(dict.fromkeys(route.parameters, "absent-secret"))
    for client in (Client(), signed_in(harbour.cast, "charlie")):
        for method in ("get", "post"):
            answer = getattr(client, method)(where)
            assert answer.status_code < 500 or route.name == "readyz", f"{method} {where} breaks"
            tells_nothing(answer, f"{method} {where}")


# The API


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    name: str
    body: dict[str, Any] | None
    form: bool

    @property
    def room(self) -> str:
        return self.name.split("_")[0]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)


def operations() -> list[Operation]:
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    found = []
    for path, methods in schema["paths"].items():
        for method, spec in methods.items():
            content = spec.get("requestBody", {}).get("content", {})
            media = next(iter(content), "")
            body = content[media]["schema"] if media else None
            found.append(
                Operation(
                    method, path, spec["operationId"], _whole(body, schema) if body else None, "json" not in media
                )
            )
    return found


def _whole(schema: Any, root: Any) -> Any:
    """A schema with its references put in."""
    if isinstance(schema, list):
        return [_whole(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _whole(root["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], root)
    return {key: _whole(value, root) for key, value in schema.items()}


def example(schema: dict[str, Any], name: str, ids: dict[str, Any]) -> Any:
    """A value that the schema takes; an id is one of Harbour's."""
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for choice in schema.get("anyOf", schema.get("oneOf", schema.get("allOf", []))):
        if choice.get("type") != "null":
            return example(choice, name, ids)
    kind, form = schema.get("type"), schema.get("format")
    if kind == "object":
        return {key: example(value, key, ids) for key, value in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {}), name, ids)]
    if form == "uuid":
        return str(ids.get(name, ids["other"]))
    if form == "date-time":
        return (timezone.now() + timedelta(days=5)).isoformat()
    return {
        "integer": 4217,
        "number": 1,
        "boolean": True,
        "string": "2026-11-01" if form == "date" else "system.view",
    }.get(kind or "", {})


OPERATIONS = operations()


def caller(organisation: Any, person: Any, scopes: list[str]) -> Client:
    issued = token_issue(
        actor=system_actor(organisation.pk), name=f"walk {len(scopes)}", scopes=scopes, person=person,
        service=person is None, expires_at=timezone.now() + timedelta(days=2),
    )  # fmt: skip
    return Client(headers={"Authorization": f"Bearer {issued.secret}"})


def call(client: Client, operation: Operation, where: str, body: Any) -> Any:
    kwargs: dict[str, Any] = {}
    if body is not None and operation.form:
        kwargs = {"data": body}
    elif body is not None:
        kwargs = {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, operation.method)(where, **kwargs)


def filled(harbour: Harbour, operation: Operation) -> tuple[str, str, Any, Any]:
    """The operation's address and body with real values of Harbour, and the same with values that name nothing."""
    values = {name: sample(harbour, operation.room, name, "api") for name in operation.parameters}
    real = re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), operation.path)
    nothing = re.sub(r"\{(\w+)\}", lambda match: str(absent(values[match[1]])), operation.path)
    if operation.body is None:
        return real, nothing, None, None
    people = harbour.cast.people
    ids = {
        "person": people["alice"].pk, "deputy": people["bob"].pk, "owner_id": people["alice"].pk,
        "unit": harbour.unit.pk,
        "parent": harbour.unit.pk, "unit_id": harbour.unit.pk, "component_id": harbour.component.pk,
        "other": harbour.person.pk,
    }  # fmt: skip
    return (
        real,
        nothing,
        example(operation.body, "body", ids),
        example(operation.body, "body", dict.fromkeys(ids, ABSENT_ID)),
    )


def test_every_operation_asks_for_a_token():
    open_ones = [
        f"{operation.methods} {path}"
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        if not operation.auth_callbacks
    ]
    assert open_ones == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_outsiders_token_opens_nothing(cast, harbour, operation):
    real, nothing, body, empty = filled(harbour, operation)
    entries = Entry.objects.filter(organisation=cast.organisation)
    before = entries.count()
    answer = call(Client(), operation, real, body)
    assert answer.status_code == 401, f"{operation.name} answers {answer.status_code} without a token"
    charlie = cast.people["charlie"]
    client = caller(cast.elsewhere, charlie, sorted(PERMISSIONS))
    answer, other = call(client, operation, real, body), call(client, operation, nothing, empty)
    assert answer.status_code < 500, f"{operation.name} breaks: {answer.content!r}"
    if set(operation.parameters) - OF_EVERYONE:
        assert 400 <= answer.status_code < 500, f"{operation.name} answers {answer.status_code} to an outsider"
        assert said(answer) == said(other), f"{operation.name} differs from what is absent"
        assert answer.status_code == other.status_code
    tells_nothing(answer, operation.name)
    assert entries.count() == before, f"{operation.name} let an outsider write"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_members_token_without_the_permission_opens_nothing(cast, harbour, operation):
    real, _, body, _ = filled(harbour, operation)
    client = caller(cast.organisation, cast.people["employee"], ["organisation.view"])
    before = Entry.objects.count()
    answer = call(client, operation, real, body)
    assert answer.status_code < 500, f"{operation.name} breaks: {answer.content!r}"
    assert Entry.objects.count() == before, f"{operation.name} let an employee write"
    if MARK.encode() in said(answer):
        assert operation.name in MEMBERS_SEE, f"{operation.name} tells an employee something"


# What every member may see: the permission organisation.view says so.
MEMBERS_SEE = {"access_unit_list"}


@pytest.mark.parametrize("route", SCIM, ids=lambda route: route.path)
def test_another_organisations_provider_gets_nothing(cast, harbour, route):
    real, nothing = both(harbour, route)
    theirs = caller(cast.elsewhere, None, ["people.manage"])
    weak = caller(cast.organisation, None, ["people.view"])
    before = Entry.objects.filter(organisation=cast.organisation).count()
    for method in ("get", "post", "put", "patch", "delete"):
        kwargs = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
        assert getattr(Client(), method)(real, **kwargs).status_code == 401
        assert getattr(weak, method)(real, **kwargs).status_code == 403
        answer, other = getattr(theirs, method)(real, **kwargs), getattr(theirs, method)(nothing, **kwargs)
        assert (answer.status_code, said(answer)) == (other.status_code, said(other))
        if route.parameters:
            assert answer.status_code in (400, 403, 404, 405)
        tells_nothing(answer, f"{method} {real}")
    assert Entry.objects.filter(organisation=cast.organisation).count() == before
