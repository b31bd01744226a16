"""Everything that is declared is tested: models, checks, record kinds, jobs, routes and API operations are guarded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.domain import registry
from pilothouse.kernel.work.schedule import JOBS
from pilothouse.site.api import api
from tests.architecture.house import excused, names_in_tests

UNTESTED_MODELS: dict[str, str] = {}
UNTESTED_CHECKS: dict[str, str] = {}
UNTESTED_RECORDS: dict[str, str] = {}
UNTESTED_JOBS: dict[str, str] = {}

# Not ours: these libraries guard their own views. Each is under a prefix of its own.
GUARDED_BY_OTHERS = {"accounts/": "django-allauth asks for a signed-in user itself wherever one is needed"}


def test_every_model_is_named_in_a_test():
    ours = [model for model in apps.get_models() if model.__module__.startswith("pilothouse.")]
    assert len(ours) > 10
    faults = {model._meta.label: "no test names it" for model in ours if model.__name__ not in names_in_tests()}
    excused(faults, UNTESTED_MODELS)


def test_every_check_is_named_in_a_test():
    faults = {name: "no test names it" for name in registry.checks if not _named(name)}
    excused(faults, UNTESTED_CHECKS)


def test_every_record_kind_is_named_in_a_test():
    faults = {name: "no test names it" for name in registry.records if not _named(name)}
    excused(faults, UNTESTED_RECORDS)


def test_every_job_is_named_in_a_test():
    excused({name: "no test names it" for name in JOBS if not _named(name)}, UNTESTED_JOBS)


def _named(name: str) -> bool:
    return name in names_in_tests() or name.rsplit(".", 1)[-1] in names_in_tests()


def test_checks_and_record_kinds_are_complete():
    for check in registry.checks.values():
        assert check.question.endswith("?"), f"{check.id}: its question is a question"
        assert check.remedy_label, f"{check.id}: says what mends it"
        assert check.id.startswith(check.domain + "."), f"{check.id}: begins with its domain"
    for kind in registry.records.values():
        assert kind.why, kind.id


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in patterns:
        where = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from routes(item.url_patterns, where)
        else:
            yield where, item


def test_every_route_is_guarded():
    faults, borrowed = {}, set()
    for where, pattern in routes(get_resolver().url_patterns):
        others = next((prefix for prefix in GUARDED_BY_OTHERS if where.startswith(prefix)), None)
        guard = getattr(pattern.callback, "guard", None)
        if where.startswith("api/v1/"):
            continue  # test_every_api_operation_asks_for_a_token
        if others and not pattern.callback.__module__.startswith("pilothouse."):
            borrowed.add(others)
        elif guard is None:
            faults[where] = "no @page and no @open_page"
        elif not guard.startswith("open: ") and guard not in PERMISSIONS:
            faults[where] = f"asks for {guard}, which does not exist"
        elif where.startswith("o/<slug:slug>/") and guard.startswith("open: "):
            faults[where] = "is inside an organisation, so it cannot be open"
    excused(faults, {})
    assert borrowed == set(GUARDED_BY_OTHERS)


def test_every_api_operation_asks_for_a_token():
    described = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    open_ = [
        f"{method} {path}"
        for path, operations in described.items()
        for method, operation in operations.items()
        if not operation.get("security")
    ]
    assert described
    assert not open_


def test_every_api_route_is_described():
    """A route that the description leaves out would escape the test above."""
    described = {
        re.sub(r"{[^}]*}", "{}", path.removeprefix("/"))
        for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    }
    mounted = {
        re.sub(r"<[^>]*>", "{}", where)
        for where, _ in routes(get_resolver().url_patterns)
        if where.startswith("api/v1/")
    }
    assert mounted - described <= {"api/v1/", "api/v1/openapi.json"}
