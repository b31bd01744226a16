"""Home, the organisations, and the answers' other faces, through the front door."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from conftest import Cast
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access.models import Membership, Organisation, Person, Role, User
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.directory.actions import token_issue
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.web.home.cli import answers


@pytest.fixture
def judged(cast: Cast) -> System:
    system = system_create(actor=cast.actor("caio"), name="Claims <b>triage</b>")
    System.objects.filter(pk=system.pk).update(stage="production")
    evaluate(cast.organisation.pk, None, timezone.now())
    return system


def sign_in(client: Client, cast: Cast, who: str) -> Client:
    user = cast.people[who].user
    assert user is not None
    client.force_login(user)
    return client


def test_it_works(client: Client, cast: Cast, judged: System) -> None:
    response = sign_in(client, cast, "caio").get("/o/harbour/")
    page = response.content.decode()
    assert response.status_code == 200
    assert re.search(r"<h1[^>]*>.*1</a> of .*1</a>.*system", page)
    assert "What needs me today" in page
    assert "/o/harbour/systems/?stage=pilot&amp;stage=production&amp;missing=owner" in page
    assert "<b>triage" not in page


def test_every_link_of_home_opens(client: Client, cast: Cast, judged: System) -> None:
    sign_in(client, cast, "caio")
    links = set(re.findall(r'href="(/o/harbour/[^"]*)"', client.get("/o/harbour/").content.decode()))
    assert len(links) > 15
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_an_empty_organisation_offers_the_first_act(client: Client, cast: Cast) -> None:
    page = sign_in(client, cast, "caio").get("/o/harbour/").content.decode()
    assert "Import an inventory" in page
    assert "/o/harbour/systems/new/" in page


def test_an_employee_is_not_lost(client: Client, cast: Cast, judged: System) -> None:
    page = sign_in(client, cast, "employee").get("/o/harbour/").content.decode()
    assert "Nothing waits for you" in page
    assert "Claims" not in page


def test_an_outsider_gets_nothing(client: Client, cast: Cast, judged: System) -> None:
    response = sign_in(client, cast, "charlie").get("/o/harbour/")
    assert response.status_code == 404
    assert "Harbour" not in response.content.decode()
    absent = client.get("/o/nowhere/")
    assert absent.status_code == 404
    assert _same(response.content.decode()) == _same(absent.content.decode())


def test_a_stranger_is_asked_to_sign_in(client: Client, cast: Cast) -> None:
    for path in ("/", "/o/harbour/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_queries_are_constant(client: Client, cast: Cast, judged: System, django_assert_max_num_queries: Any) -> None:
    sign_in(client, cast, "caio")
    for n in range(30):
        system_create(actor=cast.actor("caio"), name=f"System {n}")
    with django_assert_max_num_queries(40):
        client.get("/o/harbour/")


def test_one_organisation_goes_straight_in(client: Client, cast: Cast) -> None:
    response = sign_in(client, cast, "caio").get("/")
    assert response.status_code == 302
    assert response["Location"] == "/o/harbour/"


def test_several_organisations_stand_side_by_side(client: Client, cast: Cast, judged: System) -> None:
    user = cast.people["caio"].user
    person = Person.objects.create(organisation=cast.elsewhere, user=user, name="Caio")
    role = Role.objects.get(organisation=cast.elsewhere, key="caio")
    Membership.objects.create(organisation=cast.elsewhere, person=person, role=role)
    page = sign_in(client, cast, "caio").get("/").content.decode()
    assert "Harbour" in page
    assert "Elsewhere" in page


def test_an_empty_installation_says_how_to_begin(client: Client, db: None) -> None:
    assert "pilothouse org create" in client.get("/").content.decode(), "nobody can sign in yet"
    client.force_login(User.objects.create_user("first@harbour.example"))
    assert "pilothouse org create" in client.get("/").content.decode()
    Organisation.objects.create(slug="other", name="Other")
    page = client.get("/").content.decode()
    assert "You belong to no organisation" in page
    assert "Other" not in page


def test_the_command_line_answers(cast: Cast, judged: System, capsys: pytest.CaptureFixture[str]) -> None:
    answers(org="harbour", json=True, register=True)
    said = {answer["id"]: answer for answer in json.loads(capsys.readouterr().out)}
    assert said["systems.running"]["numerator"] == 1
    address = "/o/harbour/systems/?stage=pilot&stage=production&missing=owner"
    assert said["running.without_owner"]["rows_url"] == address
    answers(org="harbour", register=True)
    assert "How many running systems have no owner?" in capsys.readouterr().out


def test_the_api_answers(cast: Cast, judged: System) -> None:
    issued = token_issue(
        actor=cast.actor("auditor"),
        name="board pack",
        scopes=["organisation.view", "system.view"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    client = Client(headers={"Authorization": f"Bearer {issued.secret}"})
    said = client.get("/api/v1/answers/register").json()
    by_id = {answer["id"]: answer for answer in said["answers"]}
    assert by_id["systems"]["value"] == 1
    assert by_id["checks.met"]["trend"][-1]["denominator"] == by_id["checks.met"]["denominator"]
    assert said["needs"][0]["kind"] == "gap"
    assert Client().get("/api/v1/answers").status_code == 401


def _same(page: str) -> str:
    """A page without what differs by request."""
    page = re.sub(r'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"', "", page)
    page = re.sub(r"<code>[^<]*</code>", "", page)
    return re.sub(r'href="/o/[^"]*"', "", page)
