"""Fixtures for the faces: a browser signed in as one of the cast, and a REST client with their token."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Person, Token
from pilothouse.kernel.access.roles import PERMISSIONS


@pytest.fixture
def browse(cast: Any) -> Callable[[str], Client]:
    """`browse("bob").get("/o/harbour/…")`."""

    def enter(who: str) -> Client:
        client = Client()
        client.force_login(cast.people[who].user)
        return client

    return enter


class Rest:
    """The REST API as one person, with a token that may do all that they may."""

    def __init__(self, person: Person) -> None:
        text, prefix, digest = secrets.mint()
        Token.objects.create(
            organisation=person.organisation,
            person=person,
            name="test",
            prefix=prefix,
            hash=digest,
            scopes=list(PERMISSIONS),
            expires_at=timezone.now() + timedelta(days=1),
        )
        self.client = Client(headers={"Authorization": f"Bearer {text}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.client.post(
            f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=names
        )

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


@pytest.fixture
def rest(cast: Any) -> Callable[[str], Rest]:
    """`rest("bob").get("ledger/entries")`."""
    return lambda who: Rest(cast.people[who])
