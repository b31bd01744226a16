"""Systems over REST, with real tokens."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System

BASE = "/api/v1/systems"


class Caller:
    def __init__(self, person, scopes=tuple(PERMISSIONS)):
        text, prefix, digest = secrets.mint()
        Token.objects.create(
            organisation=person.organisation,
            person=person,
            name="t",
            prefix=prefix,
            hash=digest,
            scopes=list(scopes),
            expires_at=timezone.now() + timedelta(days=1),
        )
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})

    def send(self, method, path, body=None, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else json.dumps(body)
        return self.client.generic(method, path, data, content_type="application/json", headers=names)

    def get(self, path):
        return self.client.get(path)


@pytest.fixture
def api(cast):
    return lambda who: Caller(cast.people[who])


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="CV summary", owner_id=cast.people["alice"].pk)


def test_it_works(api, cast):
    caio = api("caio")
    made = caio.send("POST", BASE, {"name": "CV summary", "owner_id": str(cast.people["alice"].pk), "tags": ["HR"]})
    assert made.status_code == 201, made.content
    assert made["Location"] == f"{BASE}/1"
    read = caio.get(f"{BASE}/1")
    assert read["ETag"] == '"v1"'
    assert read.json()["owner"]["name"] == "Alice"
    assert read.json()["tags"] == ["hr"]
    changed = caio.send("PATCH", f"{BASE}/1", {"purpose": "Read faster"}, If_Match='"v1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"v2"')


def test_a_lost_update_is_refused(api, system):
    caio = api("caio")
    caio.send("PATCH", f"{BASE}/1", {"purpose": "First"}, If_Match='"v1"')
    assert caio.send("PATCH", f"{BASE}/1", {"purpose": "Second"}, If_Match='"v1"').status_code == 412
    assert System.objects.get().purpose == "First"


def test_the_same_key_adds_once(api):
    caio = api("caio")
    for _ in range(2):
        assert caio.send("POST", BASE, {"name": "Once"}, Idempotency_Key="k1").status_code == 201
    assert System.objects.count() == 1


def test_the_list_takes_the_filters_of_the_page(api, cast, system):
    for n in range(5):
        system_create(actor=cast.actor("caio"), name=f"Other {n}")
    caio = api("caio")
    first = caio.get(f"{BASE}?missing=owner&limit=3").json()
    second = caio.get(f"{BASE}?missing=owner&limit=3&cursor={first['next']}").json()
    assert [row["number"] for row in first["items"] + second["items"]] == [2, 3, 4, 5, 6]
    wrong = caio.get(f"{BASE}?colour=red")
    assert wrong.status_code == 422
    assert "colour" in wrong.json()["fields"]
    assert caio.get(f"{BASE}?sort=name").status_code == 422


def test_wrong_facts_are_named(api, system):
    answer = api("caio").send("PATCH", f"{BASE}/1", {"impact": "huge", "name": ""})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"impact", "name"}


def test_unknown_facts_are_refused(api, system):
    assert api("caio").send("PATCH", f"{BASE}/1", {"stage": "production"}).status_code == 422


def test_statements_dates_figures_relations_and_history(api, system):
    caio = api("caio")
    assert caio.send("PUT", f"{BASE}/1/practices/monitoring", {"status": "met"}).json()["grade"] == "attested"
    assert caio.send("PUT", f"{BASE}/1/practices/dancing", {"status": "met"}).status_code == 422
    assert caio.send("PUT", f"{BASE}/1/dates/implemented", {"text": "March 2026"}).json()["precision"] == "month"
    assert caio.send("PUT", f"{BASE}/1/dates/implemented", {"text": ""}).status_code == 204
    figure = {"metric": "Accuracy", "value": "0.93", "population": "1,200 CVs"}
    assert caio.send("POST", f"{BASE}/1/performance", figure).status_code == 201
    model = caio.send("POST", "/api/v1/components", {"kind": "model", "name": "Nord 2"}).json()
    made = caio.send("POST", f"{BASE}/1/relations", {"component_id": model["id"]}).json()
    assert caio.get(f"{BASE}/1/relations").json()[0]["component"]["name"] == "Nord 2"
    assert caio.get(f"/api/v1/components/{model['id']}/systems").json() == [1]
    assert caio.send("DELETE", f"{BASE}/1/relations/{made['id']}").status_code == 204
    told = caio.get(f"{BASE}/1/history").json()
    assert told[-1]["action"] == "system.created"
    assert caio.get(f"{BASE}/1/practices").json()[0]["title"]


def test_bulk_is_all_or_nothing(api, system):
    caio = api("caio")
    sent = {"numbers": [1, 9], "changes": {"vendor": "Calyx"}}
    assert caio.send("POST", f"{BASE}/bulk", sent | {"preview": True}).json()[1]["refused"]
    refused = caio.send("POST", f"{BASE}/bulk", sent)
    assert refused.status_code == 422
    assert refused.json()["data"]["rows"][0]["number"] == 9
    assert System.objects.get().vendor == ""
    assert caio.send("POST", f"{BASE}/bulk", {"numbers": [1], "changes": {"vendor": "Calyx"}}).status_code == 200


@pytest.mark.parametrize("path", ["/1", "/1/relations", "/1/practices", "/1/dates", "/1/performance", "/1/history"])
def test_the_outsider_finds_nothing(api, system, path):
    charlie = api("charlie")
    assert charlie.get(f"{BASE}{path}").status_code == 404
    assert charlie.get(BASE).json()["items"] == []
    assert charlie.send("PATCH", f"{BASE}/1", {"name": "Mine"}).status_code == 404


def test_an_employee_is_refused(api, system):
    employee = api("employee")
    assert employee.get(BASE).status_code in (403, 404)
    assert employee.send("POST", BASE, {"name": "Mine"}).status_code == 403


def test_an_owner_changes_only_their_own(api, cast, system):
    system_create(actor=cast.actor("caio"), name="Other")
    alice = api("alice")
    assert [row["number"] for row in alice.get(BASE).json()["items"]] == [1]
    assert alice.send("PATCH", f"{BASE}/1", {"purpose": "Mine"}).status_code == 200
    assert alice.send("PATCH", f"{BASE}/2", {"purpose": "Mine"}).status_code == 404


def test_a_token_that_may_only_change_systems_can(cast, system):
    System.objects.update(stage="production", inherited_at=timezone.now())
    narrow = Caller(cast.people["caio"], scopes=("system.view", "system.change", "system.create"))
    assert narrow.send("PATCH", f"{BASE}/1", {"purpose": "Read faster"}).status_code == 200
    assert narrow.send("POST", BASE, {"name": "Another"}).status_code == 201
