"""The pages about people, roles, units, settings and oneself, through the front door."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pilothouse.kernel.access.models import Deputy, Person, Role, Token, Unit
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.directory.actions import unit_add
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry

BASE = "/o/harbour/"


@pytest.fixture
def caio(cast, client):
    for key, (title, permissions) in ROLES.items():
        Role.objects.get_or_create(
            organisation=cast.organisation, key=key, defaults={"title": title, "permissions": permissions}
        )
    client.force_login(cast.people["caio"].user)
    return client


@pytest.mark.parametrize(
    "path",
    ["people/", "people/new/", "people/import/", "people/roles/", "people/roles/caio/", "people/units/", "settings/",
     "settings/tokens/", "settings/sign-in/", "settings/webhooks/", "me/", "me/notices/", "me/notices/bell/"],
)  # fmt: skip
def test_it_works(caio, path):
    answer = caio.get(BASE + path)
    assert answer.status_code == 200
    assert "{%" not in answer.content.decode()


def test_an_employee_sees_their_own_page_and_little_else(cast, client):
    client.force_login(cast.people["employee"].user)
    seen = {path: client.get(BASE + path).status_code for path in ("me/", "me/notices/", "people/units/", "settings/")}
    assert set(seen.values()) == {200}
    for path in ("people/", "people/roles/", "settings/tokens/", "settings/webhooks/", "settings/sign-in/"):
        assert client.get(BASE + path).status_code == 403


def test_the_list_costs_the_same_however_long(cast, caio, django_assert_max_num_queries):
    for number in range(40):
        Person.objects.create(organisation=cast.organisation, name=f"Person {number:02}")
    with django_assert_max_num_queries(25):
        assert b"Person 39" in caio.get(BASE + "people/").content


def test_filters_live_in_the_address(cast, caio):
    unit = unit_add(actor=cast.actor("caio"), name="Port", parent=None)
    Person.objects.create(organisation=cast.organisation, name="Dana Dock", unit=unit)
    for query in (f"unit={unit.pk}", "q=dock", "state=no_sign_in", "q=dana+dock&role="):
        body = caio.get(f"{BASE}people/?{query}").content.decode()
        assert "Dana Dock" in body, query
        assert "Bob" not in body, query
    assert b"Dana Dock" not in caio.get(BASE + "people/?role=engineer").content
    assert caio.get(BASE + "people/?unit=nonsense&state=odd&page=99").status_code == 200


def test_a_person_is_added_with_errors_beside_the_field(cast, caio):
    answer = caio.post(BASE + "people/new/", {"name": "Dana", "email": "alice@harbour.example"})
    assert answer.status_code == 422
    assert "has that e-mail address" in answer.context["form"].errors["email"][0]
    assert 'value="Dana"' in answer.content.decode()
    caio.post(BASE + "people/new/", {"name": "Dana", "email": "dana@harbour.example"})
    assert Person.objects.get(name="Dana").email == "dana@harbour.example"


def test_a_person_is_invited_leaves_and_returns(cast, caio):
    bob = cast.people["bob"]
    page = f"{BASE}people/{bob.pk}/"
    system_create(actor=cast.actor("caio"), name="CV summary", owner_id=bob.pk)
    assert "CV summary" in caio.get(page + "leave/").content.decode()
    caio.post(page + "leave/", {"reason": "New job"})
    assert "Has left" in caio.get(page).content.decode()
    caio.post(page + "return/")
    caio.post(page + "invite/")
    bob.refresh_from_db()
    assert bob.left_at is None


def test_a_plain_role_is_given_and_a_powerful_one_is_asked_for(cast, caio):
    page = f"{BASE}people/{cast.people['bob'].pk}/"
    caio.post(page + "roles/", {"role": "reviewer"})
    assert cast.people["bob"].memberships.filter(role__key="reviewer").exists()
    assert caio.post(page + "roles/", {"role": "ciso"}).status_code == 422
    caio.post(page + "roles/", {"role": "ciso", "reason": "New task"})
    assert Decision.objects.get().kind == "role.membership"
    assert not cast.people["bob"].memberships.filter(role__key="ciso").exists()
    membership = cast.people["bob"].memberships.get(role__key="reviewer")
    caio.post(f"{page}roles/{membership.pk}/")
    assert not cast.people["bob"].memberships.filter(role__key="reviewer").exists()
    held = cast.people["risk"].memberships.get()
    caio.post(f"{BASE}people/{cast.people['risk'].pk}/roles/{held.pk}/", {"reason": "Moved"})
    assert Decision.objects.count() == 2


def test_everyone_appoints_their_own_deputy(cast, client):
    client.force_login(cast.people["employee"].user)
    today = timezone.localdate()
    period = {"deputy": cast.people["bob"].pk, "first_day": today, "last_day": today + timedelta(days=3)}
    mine = f"{BASE}people/{cast.people['employee'].pk}/deputies/"
    client.post(mine, period)
    row = Deputy.objects.get()
    assert row.ends_at - row.starts_at == timedelta(days=4)
    assert "Bob" in client.get(BASE + "me/").content.decode()
    client.post(f"{mine}{row.pk}/")
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()
    assert client.post(f"{BASE}people/{cast.people['caio'].pk}/deputies/", period).status_code == 404


def test_a_change_of_a_role_is_proposed(cast, caio):
    permissions = dict(ROLES["board"][1])
    answer = caio.post(BASE + "people/roles/board/", {**permissions, "ledger.view": "all", "reason": ""})
    assert answer.status_code == 422
    caio.post(BASE + "people/roles/board/", {**permissions, "ledger.view": "all", "reason": "They ask for it"})
    assert Decision.objects.get().kind == "role.change"
    assert "ledger.view" not in Role.objects.get(organisation=cast.organisation, key="board").permissions
    caio.post(BASE + "people/roles/new/", {"key": "steward", "title": "Steward"})
    assert caio.get(BASE + "people/roles/steward/").status_code == 200


def test_units_are_added_renamed_and_moved(cast, caio):
    caio.post(BASE + "people/units/new/", {"name": "Port"})
    caio.post(BASE + "people/units/new/", {"name": "Quay", "parent": Unit.objects.get().pk})
    quay = Unit.objects.get(name="Quay")
    caio.post(f"{BASE}people/units/{quay.pk}/", {"name": "Quay One", "parent": ""})
    quay.refresh_from_db()
    assert (quay.name, quay.parent) == ("Quay One", None)
    caio.post(f"{BASE}people/units/{quay.pk}/", {"name": "Port", "parent": ""})
    assert Unit.objects.filter(name="Port").count() == 1


def test_the_organisation_is_changed(cast, caio):
    asked = {"name": "Harbour One", "time_zone": "Europe/Amsterdam", "currency": "eur"}
    assert caio.post(BASE + "settings/", asked).status_code == 422
    caio.post(BASE + "settings/", asked | {"currency": "USD"})
    cast.organisation.refresh_from_db()
    assert (cast.organisation.name, cast.organisation.currency) == ("Harbour One", "USD")


def test_a_token_is_shown_once(cast, caio):
    answer = caio.post(BASE + "settings/tokens/", {"name": "CI", "days": 30, "scopes": ["system.view"]})
    secret = re.search(r"ph_[0-9a-f]{12}_[0-9a-f]{64}", answer.content.decode())[0]
    assert answer["Cache-Control"] == "no-store"
    assert secret not in caio.get(BASE + "settings/tokens/").content.decode()
    token = Token.objects.get()
    fresh = caio.post(f"{BASE}settings/tokens/{token.pk}/rotate/").content.decode()
    assert re.search(r"ph_[0-9a-f]{12}_[0-9a-f]{64}", fresh)[0] != secret
    caio.post(f"{BASE}settings/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_nobody_gets_a_scope_they_do_not_hold_by_ticking_it(cast, client):
    client.force_login(cast.people["bob"].user)
    answer = client.post(BASE + "settings/tokens/", {"name": "CI", "days": 30, "scopes": ["people.manage"]})
    assert answer.status_code == 422
    assert not Token.objects.exists()


CSV = """name,email,unit,external_id,left
Dana Dock,dana@harbour.example,Port,E1,
Bob,bob@harbour.example,Nowhere,E2,
,x@y,,,
"""


def test_people_come_from_a_file_after_a_look(cast, caio):
    unit_add(actor=cast.actor("caio"), name="Port", parent=None)
    before = Entry.objects.count()
    answer = caio.post(BASE + "people/import/", {"file": SimpleUploadedFile("people.csv", CSV.encode())})
    plan = answer.context["plan"]
    assert dict(plan.counts) == {"create": 1, "refused": 2}
    assert Entry.objects.count() == before
    sent = {"text": answer.context["text"], "fingerprint": plan.fingerprint}
    caio.post(BASE + "people/import/", sent)
    assert Person.objects.get(name="Dana Dock").unit.name == "Port"
    again = caio.post(BASE + "people/import/", sent)
    assert again.status_code == 200
    assert Person.objects.filter(name="Dana Dock").count() == 1


def test_a_file_that_is_none_is_refused_in_plain_words(cast, caio):
    for content in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b'name,email\n"x'):
        answer = caio.post(BASE + "people/import/", {"file": SimpleUploadedFile("x.csv", content), "text": ""})
        assert answer.status_code == 422, content
