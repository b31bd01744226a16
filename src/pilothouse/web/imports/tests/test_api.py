from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.imports.tests.files import file_2024, row_2024
from pilothouse.kernel.inventory.models import System

ROOT = "/api/v1/imports"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def caller(person):
    text, prefix, digest = secrets.mint()
    Token.objects.create(
        organisation=person.organisation,
        person=person,
        name="t",
        prefix=prefix,
        hash=digest,
        scopes=list(PERMISSIONS),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return Client(headers={"Authorization": f"Bearer {text}"})


def send(client, data, **more):
    return client.post(ROOT, {"file": SimpleUploadedFile("x.csv", data), "adapter": "us-federal-2024", **more})


def test_it_works(cast):
    client = caller(cast.people["caio"])
    sent = send(client, file_2024(row_2024(), row_2024(use_case_name="")))
    assert sent.status_code == 201, sent.content
    body = sent.json()
    assert (body["rows"], body["created"], body["refused"], body["status"]) == (2, 1, 1, "previewed")
    assert body["units"] == {"Department of Harbours": 1}
    rows = client.get(f"{ROOT}/{body['id']}/rows?show=refuse").json()["items"]
    assert [(row["line"], row["column"]) for row in rows] == [(3, "2_use_case_name")]
    done = client.post(f"{ROOT}/{body['id']}/apply", {"plan_hash": body["plan_hash"]}, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "applied")
    assert System.objects.count() == 1
    assert client.get(f"{ROOT}/{body['id']}").json()["status"] == "applied"
    assert [item["id"] for item in client.get(ROOT).json()["items"]] == [body["id"]]
    assert "us-federal-2025" in [adapter["key"] for adapter in client.get(f"{ROOT}/adapters").json()]


def test_applied_at_once(cast):
    client = caller(cast.people["caio"])
    assert send(client, file_2024(row_2024()), apply="true").json()["status"] == "applied"
    assert send(client, file_2024(row_2024()), apply="true").json()["unchanged"] == 1


def test_another_hash_is_a_conflict(cast):
    client = caller(cast.people["caio"])
    body = send(client, file_2024(row_2024())).json()
    done = client.post(f"{ROOT}/{body['id']}/apply", {"plan_hash": "sha256:0"}, content_type="application/json")
    assert (done.status_code, done.json()["code"]) == (409, "preview_outdated")
    assert client.post(f"{ROOT}/{body['id']}/refresh").json()["created"] == 1
    assert client.post(f"{ROOT}/{body['id']}/discard").json()["status"] == "discarded"


def test_what_cannot_be_read_is_a_problem(cast):
    client = caller(cast.people["caio"])
    answer = send(client, b"a,b\n1,2")
    assert answer.status_code == 422
    assert "not the consolidated 2024 inventory" in answer.json()["detail"]
    assert send(client, file_2024(row_2024()), mapping="nothing").status_code == 404


def test_nobody_else_gets_in(cast):
    body = send(caller(cast.people["caio"]), file_2024(row_2024())).json()
    for who, status in (("auditor", 403), ("charlie", 404)):
        client = caller(cast.people[who])
        for path in ("", "/rows"):
            assert client.get(f"{ROOT}/{body['id']}{path}").status_code == status
        for path in ("/refresh", "/discard"):
            assert client.post(f"{ROOT}/{body['id']}{path}").status_code == status
    assert caller(cast.people["charlie"]).get(ROOT).json()["items"] == []
    assert Client().get(ROOT).status_code == 401
