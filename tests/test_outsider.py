"""Charlie, the outsider, tries every page and every API operation of Harbour: nothing shows, nothing changes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.converters import get_converters

from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Log
from pilothouse.site.api import api
from tests.architecture.test_coverage import routes
from tests.faces import Rest

SECRET = "Quarantined Albatross"
SAMPLES = ("1", str(uuid4()), "csv", "x", "harbour", "2026-01-01", "enterprise")


def page_routes() -> list[str]:
    return [where for where, _ in routes(get_resolver().url_patterns) if where.startswith("o/<slug:slug>/")]


def filled(route: str) -> str:
    """The route as an address in Harbour, with a plausible value for each part."""

    def value(match: re.Match[str]) -> str:
        kind, _, name = match[1].rpartition(":")
        if name == "slug":
            return "harbour"
        converter = get_converters()[kind or "str"]
        return next(sample for sample in SAMPLES if re.fullmatch(converter.regex, sample))

    return "/" + re.sub(r"<([^>]+)>", value, route)


@pytest.fixture
def harbour(cast) -> Any:
    """Harbour with something worth seeing."""
    return system_create(actor=cast.actor("caio"), name=SECRET, purpose=SECRET, owner_id=cast.people["alice"].pk)


def size_of(organisation: Any) -> int:
    return Log.objects.get(organisation=organisation).size


def test_no_page_opens(harbour, cast):
    charlie, stranger = Client(), Client()
    charlie.force_login(cast.people["charlie"].user)
    before, faults = size_of(cast.organisation), []
    addresses = [filled(route) for route in page_routes()]
    assert len(addresses) > 10
    for address in addresses:
        for method in ("get", "post"):
            answer = getattr(charlie, method)(address)
            if answer.status_code not in (404, 405) or SECRET in answer.content.decode(errors="ignore"):
                faults.append(f"Charlie: {method} {address} answers {answer.status_code}")
            answer = getattr(stranger, method)(address)
            if answer.status_code != 405 and not answer.headers.get("Location", "").startswith("/accounts/login/"):
                faults.append(f"nobody: {method} {address} answers {answer.status_code}")
    assert not faults, "\n".join(faults)
    assert size_of(cast.organisation) == before


def operations() -> list[tuple[str, str]]:
    described = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return [(method, path) for path, by_method in described.items() for method in by_method]


def test_no_api_operation_shows_or_changes_anything(harbour, cast):
    rest, before, faults = Rest(cast.people["charlie"]), size_of(cast.organisation), []
    assert len(operations()) > 10
    for method, path in operations():
        address = re.sub(r"{(\w+)}", lambda match: "1" if match[1] == "number" else str(harbour.pk), path)
        address = "/" + address.lstrip("/")
        for body in ("{}", '{"name": "x", "reason": "because"}'):
            answer = rest.client.generic(method.upper(), address, body, content_type="application/json")
            shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.status_code >= 500 or SECRET in shown.decode(errors="ignore"):
                faults.append(f"{method} {path} answers {answer.status_code}")
            if "{" in path and answer.status_code < 300:
                faults.append(f"{method} {path} answers {answer.status_code} for what is Harbour's")
        bare = Client().generic(method.upper(), address, "{}", content_type="application/json")
        if bare.status_code not in (401, 429):
            faults.append(f"{method} {path} answers {bare.status_code} without a token")
    assert not faults, "\n".join(faults)
    assert size_of(cast.organisation) == before
