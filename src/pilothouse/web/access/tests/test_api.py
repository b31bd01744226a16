"""People and access over REST: the same actions as the pages."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Person, Role
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.directory.actions import token_issue


class Caller:
    def __init__(self, cast, who):
        person = cast.people[who]
        actor = cast.actor(who)
        issued = token_issue(
            actor=system_actor(person.organisation_id), person=person, name="t", scopes=sorted(actor.grants),
            expires_at=timezone.now() + timedelta(days=3),
        )  # fmt: skip
        self.client = Client(headers={"Authorization": f"Bearer {issued.secret}"})

    def __call__(self, method, path, body=None, **headers):
        kwargs = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return getattr(self.client, method)("/api/v1" + path, headers=headers, **kwargs)


@pytest.fixture
def caio(cast):
    for key, (title, permissions) in ROLES.items():
        Role.objects.get_or_create(
            organisation=cast.organisation, key=key, defaults={"title": title, "permissions": permissions}
        )
    return Caller(cast, "caio")


def test_it_works(cast, caio):
    made = caio("post", "/people", {"name": "Dana", "email": "dana@harbour.example"})
    assert made.status_code == 201
    place = f"/people/{made.json()['id']}"
    assert caio("patch", place, {"title": "Lead"}).json()["title"] == "Lead"
    assert caio("post", place + "/invite").json()["can_sign_in"] is True
    held = caio("post", place + "/roles", {"role": "reviewer"}).json()
    assert caio("get", place).json()["roles"] == [held]
    assert caio("delete", f"{place}/roles/{held['id']}").status_code == 204
    assert caio("post", place + "/leave", {}).json() == {"systems_without_them": 0}
    assert caio("post", place + "/return").json()["left_at"] is None
    assert caio("get", "/people?q=dana").json()["items"][0]["name"] == "Dana"


def test_me_says_what_a_token_may_do(cast, caio):
    assert caio("get", "/me").json()["person"] == str(cast.people["caio"].pk)
    assert Caller(cast, "bob")("get", "/me").json()["permissions"] == sorted(cast.actor("bob").grants)


def test_a_powerful_role_is_asked_for(cast, caio):
    place = f"/people/{cast.people['bob'].pk}"
    answer = caio("post", place + "/roles", {"role": "ciso"})
    assert (answer.status_code, answer.json()["code"]) == (403, "needs_second_person")
    assert caio("post", place + "/power", {"role": "ciso", "reason": "New task"}).status_code == 202
    board = {"permissions": {**ROLES["board"][1], "ledger.view": "all"}, "reason": "Asked"}
    assert caio("post", "/roles/board/change", board).status_code == 202
    assert Decision.objects.filter(state="open").count() == 2


def test_units_deputies_and_the_organisation(cast, caio):
    unit = caio("post", "/units", {"name": "Port"}).json()
    below = caio("post", "/units", {"name": "Quay", "parent": unit["id"]}).json()
    assert caio("patch", f"/units/{below['id']}", {"name": "Pier", "parent": None}).json()["parent"] is None
    period = {"starts_at": timezone.now().isoformat(), "ends_at": (timezone.now() + timedelta(days=2)).isoformat()}
    pair = {"person": str(cast.people["caio"].pk), "deputy": str(cast.people["bob"].pk)}
    row = caio("post", "/deputies", pair | period).json()
    assert caio("post", f"/deputies/{row['id']}/end").json()["ends_at"] < row["ends_at"]
    assert caio("patch", "/organisation", {"currency": "USD"}).json()["currency"] == "USD"
    assert len(caio("get", "/roles").json()["items"]) == len(ROLES)


def test_tokens_are_issued_rotated_and_revoked(cast, caio):
    wanted = {"name": "CI", "scopes": ["system.view"], "expires_at": (timezone.now() + timedelta(days=9)).isoformat()}
    issued = caio("post", "/tokens", wanted, **{"Idempotency-Key": "once"})
    assert issued.status_code == 201
    again = caio("post", "/tokens", wanted, **{"Idempotency-Key": "once"})
    assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
    place = f"/tokens/{issued.json()['token']['id']}"
    assert caio("post", place + "/rotate").json()["secret"] != issued.json()["secret"]
    assert caio("post", place + "/revoke").json()["revoked_at"]
    assert issued.json()["secret"] not in caio("get", "/tokens").content.decode()


def test_a_member_without_the_permission_is_told_so_and_writes_nothing(cast, caio):
    bob, alice = Caller(cast, "bob"), cast.people["alice"]
    for method, path, body in (
        ("post", "/people", {"name": "X"}),
        ("patch", f"/people/{alice.pk}", {"name": "X"}),
        ("post", f"/people/{alice.pk}/leave", {}),
        ("get", "/people", None),
        ("post", "/units", {"name": "X"}),
    ):
        assert bob(method, path, body).status_code == 403, path
    assert Person.objects.get(pk=alice.pk).name == "Alice"


def test_what_is_wrong_stands_beside_its_field(cast, caio):
    answer = caio("post", "/people", {"name": "", "email": "x"})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["name"])
    assert caio("post", "/people", {"name": "A", "email": "alice@harbour.example"}).status_code == 409
