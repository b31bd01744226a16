"""Requests over REST and on the command line."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.requests.models import FactRequest
from pilothouse.site.cli import run

BASE = "/api/v1/fact-requests"


@pytest.fixture
def api(cast):
    def caller(who):
        person = cast.people[who]
        text, prefix, digest = secrets.mint()
        expires = timezone.now() + timedelta(days=1)
        Token.objects.create(
            organisation=person.organisation,
            person=person,
            name="t",
            prefix=prefix,
            hash=digest,
            scopes=list(PERMISSIONS),
            expires_at=expires,
        )
        client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})
        return lambda method, path, body=None: client.generic(
            method, f"{BASE}{path}", json.dumps(body or {}), content_type="application/json"
        )

    return caller


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="CV summary", owner_id=cast.people["alice"].pk)


def test_it_works_over_rest(api, system):
    caio = api("caio")
    keys = [question["key"] for question in caio("GET", "/questions").json()]
    assert {"owner", "outcome", "practice:monitoring"} <= set(keys)
    made = caio("POST", "", {"title": "Two", "keys": ["outcome"], "where": "missing=outcome"})
    assert made.status_code == 201, made.content
    request_id = made.json()["id"]
    assert made.json()["links"][0]["email"] == "alice@harbour.example"
    assert caio("GET", "").json()["items"][0]["asked"] == 1
    link = made.json()["links"][0]["id"]
    handed = caio("POST", f"/{request_id}/links/{link}")
    assert "/ask/" in handed.json()["address"]
    assert handed["Cache-Control"] == "no-store"
    assert caio("POST", f"/{request_id}/remind").json() == 1
    assert caio("POST", f"/{request_id}/revoke").json()["end"] == "revoked"
    assert caio("POST", f"/{request_id}/revoke").status_code == 409


def test_what_is_wrong_is_named(api, system):
    caio = api("caio")
    assert caio("POST", "", {"title": "T", "keys": ["outcome"]}).status_code == 422
    assert "keys" in caio("POST", "", {"title": "T", "keys": ["x"], "numbers": [1]}).json()["fields"]


@pytest.mark.parametrize("who", ["charlie", "alice", "auditor", "employee"])
def test_who_may_not_ask_is_refused(api, system, who):
    made = api("caio")("POST", "", {"title": "T", "keys": ["outcome"], "numbers": [1]}).json()
    other = api(who)
    assert other("GET", f"/{made['id']}").status_code in (403, 404)
    assert other("POST", f"/{made['id']}/revoke").status_code in (403, 404)
    assert FactRequest.objects.get().end == ""


def test_it_works_on_the_command_line(cast, system, capsys):
    def call(*arguments):
        code = run(["requests", *arguments, "--org", "harbour", "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, sent = call("send", "--title", "Two", "--ask", "outcome", "--ask", "purpose", "--where", "owner=none")
    assert code == 2
    code, sent = call("send", "--title", "Two", "--ask", "outcome", "--ask", "purpose", "--where", "q=cv")
    assert (code, sent["asked"]) == (0, 2)
    assert call("list")[1][0]["id"] == sent["id"]
    assert call("show", sent["id"])[1]["people"][0]["email"] == "alice@harbour.example"
    assert call("remind", sent["id"])[1]["reminded"] == 1
    assert call("revoke", sent["id"])[1]["state"] == "revoked"
    assert call("revoke", sent["id"])[0] == 4
    assert len(call("questions")[1]) > 10
