"""SCIM 2.0, as identity providers speak it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Membership, Person, Role
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.directory.actions import token_issue, unit_add
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.web.access.scim.errors import ScimError
from pilothouse.web.access.scim.filters import USER_FIELDS, condition
from pilothouse.web.access.scim.patch import user_body

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Provider:
    """An identity provider with a token of an organisation."""

    def __init__(self, organisation, scopes=("people.manage",)):
        issued = token_issue(
            actor=system_actor(organisation.pk), name=f"idp {scopes}", scopes=scopes, service=True,
            expires_at=timezone.now() + timedelta(days=300),
        )  # fmt: skip
        self.client = Client(headers={"Authorization": f"Bearer {issued.secret}"})

    def __call__(self, method, path, body=None, **query):
        kwargs = {"query_params": query} if query else {}
        if body is not None:
            kwargs |= {"data": json.dumps(body), "content_type": "application/scim+json"}
        return getattr(self.client, method)(f"/scim/v2/{path}", **kwargs)


@pytest.fixture
def idp(cast):
    for key, (title, permissions) in ROLES.items():
        Role.objects.get_or_create(
            organisation=cast.organisation, key=key, defaults={"title": title, "permissions": permissions}
        )
    return Provider(cast.organisation)


def new(**more):
    return {
        "schemas": [USER],
        "userName": "dana@harbour.example",
        "externalId": "00u1",
        "name": {"givenName": "Dana", "familyName": "Dock"},
        "emails": [{"value": "dana@harbour.example", "primary": True, "type": "work"}],
        "active": True,
        **more,
    }


def test_it_works(cast, idp):
    answer = idp("post", "Users", new())
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/scim+json")
    body = answer.json()
    assert answer["Location"] == body["meta"]["location"] == f"http://localhost:8000/scim/v2/Users/{body['id']}"
    dana = Person.objects.get(email="dana@harbour.example")
    assert (dana.name, dana.external_id, dana.user.email) == ("Dana Dock", "00u1", "dana@harbour.example")
    assert idp("get", f"Users/{dana.pk}").json() == body
    assert Entry.objects.filter(action="person.added").count() == 1


@pytest.mark.parametrize(
    "text",
    ['userName eq "DANA@harbour.example"', 'externalId eq "00u1"', 'emails.value eq "dana@harbour.example"',
     'emails[type eq "work"].value eq "dana@harbour.example"', 'displayName eq "Dana Dock" and active eq true'],
)  # fmt: skip
def test_a_provider_finds_its_user(cast, idp, text):
    idp("post", "Users", new())
    found = idp("get", "Users", filter=text).json()
    assert (found["totalResults"], found["Resources"][0]["displayName"]) == (1, "Dana Dock")


def test_who_is_not_there_is_an_empty_list(cast, idp):
    for text in ('userName eq "no@one.example"', 'id eq "nonsense"', "active eq false"):
        assert idp("get", "Users", filter=text).json()["totalResults"] == 0


@pytest.mark.parametrize(
    "text", ["userName", 'userName co "a"', 'password eq "x"', 'a eq "b" or c eq "d"', "(", 'active eq "x"']
)
def test_a_filter_we_do_not_read_says_so(cast, idp, text):
    answer = idp("get", "Users", filter=text)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")


def test_lists_come_in_pages(cast, idp, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        page = idp("get", "Users", startIndex="2", count="3").json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (9, 2, 3)
    assert idp("get", "Users", count="0").json()["Resources"] == []
    assert idp("get", "Users", count="many").status_code == 400


@pytest.mark.parametrize(
    "operation",
    [{"op": "replace", "path": "active", "value": False}, {"op": "Replace", "value": {"active": "False"}},
     {"op": "add", "path": "active", "value": "false"}],
)  # fmt: skip
def test_inactive_means_that_someone_left(cast, idp, operation):
    alice = cast.people["alice"]
    system = system_create(actor=cast.actor("alice"), name="CV summary", owner_id=alice.pk)
    answer = idp("patch", f"Users/{alice.pk}", {"schemas": [PATCH], "Operations": [operation]})
    assert answer.json()["active"] is False
    system.refresh_from_db()
    assert system.owner_id is None
    back = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": True}]}
    assert idp("patch", f"Users/{alice.pk}", back).json()["active"] is True


def test_names_and_addresses_are_patched(cast, idp):
    operations = [
        {"op": "replace", "path": "name.givenName", "value": "Robert"},
        {"op": "replace", "path": "name.familyName", "value": "Berg"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "robert@harbour.example"},
        {"op": "add", "path": "title", "value": "Lead"},
        {"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "x"},
    ]
    bob = cast.people["bob"]
    body = idp("patch", f"Users/{bob.pk}", {"schemas": [PATCH], "Operations": operations}).json()
    assert (body["displayName"], body["userName"], body["title"]) == ("Robert Berg", "robert@harbour.example", "Lead")
    body = idp("put", f"Users/{bob.pk}", new(userName="bob@harbour.example", externalId="7")).json()
    assert (body["displayName"], body["userName"]) == ("Dana Dock", "bob@harbour.example")
    assert "title" not in body


def test_a_removed_user_has_left_and_is_back_when_sent_again(cast, idp):
    bob = cast.people["bob"]
    assert idp("delete", f"Users/{bob.pk}").status_code == 204
    assert idp("get", f"Users/{bob.pk}").json()["active"] is False
    again = idp("post", "Users", new(userName="bob@harbour.example", externalId="9"))
    assert (again.status_code, again.json()["id"]) == (201, str(bob.pk))
    assert not Membership.objects.filter(person=bob).exists()


def test_one_address_is_one_user(cast, idp):
    answer = idp("post", "Users", new(userName="alice@harbour.example"))
    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize(
    "body", [{}, {"userName": "no address"}, {"userName": 7}, {"userName": "a@b.example", "active": "perhaps"}]
)
def test_a_user_needs_sense(cast, idp, body):
    assert idp("post", "Users", body).status_code == 400
    assert idp("post", "Users", body).json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_a_patch_is_all_or_nothing(cast, idp):
    operations = [
        {"op": "replace", "path": "displayName", "value": "Other"},
        {"op": "replace", "path": "userName", "value": "alice@harbour.example"},
    ]
    assert idp("patch", f"Users/{cast.people['bob'].pk}", {"Operations": operations}).status_code == 409
    assert Person.objects.get(pk=cast.people["bob"].pk).name == "Bob"


def test_groups_are_roles_and_members_hold_them(cast, idp):
    reviewer = idp("get", "Groups", filter='displayName eq "Reviewer"').json()["Resources"][0]
    bob, alice = str(cast.people["bob"].pk), str(cast.people["alice"].pk)
    add = {"Operations": [{"op": "add", "path": "members", "value": [{"value": bob}, {"value": alice}]}]}
    body = idp("patch", f"Groups/{reviewer['id']}", add).json()
    assert {m["value"] for m in body["members"]} == {bob, alice}
    remove = {"Operations": [{"op": "remove", "path": f'members[value eq "{bob}"]'}]}
    assert [m["value"] for m in idp("patch", f"Groups/{reviewer['id']}", remove).json()["members"]] == [alice]
    assert idp("put", f"Groups/{reviewer['id']}", {"members": []}).json()["members"] == []


def test_a_role_held_in_a_unit_is_no_groups_matter(cast, idp):
    unit = unit_add(actor=cast.actor("caio"), name="Port", parent=None)
    role = Role.objects.get(organisation=cast.organisation, key="reviewer")
    Membership.objects.create(organisation=cast.organisation, person=cast.people["bob"], role=role, unit=unit)
    assert idp("put", f"Groups/{role.pk}", {"members": []}).json()["members"] == []
    assert Membership.objects.filter(role=role).count() == 1


def test_no_provider_gives_or_takes_a_powerful_role(cast, idp):
    caio = Role.objects.get(organisation=cast.organisation, key="caio")
    add = {"Operations": [{"op": "add", "path": "members", "value": [{"value": str(cast.people["bob"].pk)}]}]}
    for body in (add, {"Operations": [{"op": "replace", "path": "members", "value": []}]}):
        assert idp("patch", f"Groups/{caio.pk}", body).status_code == 403
    assert [m.person for m in Membership.objects.filter(role=caio)] == [cast.people["caio"]]
    assert idp("post", "Groups", {"displayName": "Mine"}).status_code == 403
    assert idp("delete", f"Groups/{caio.pk}").status_code == 403


def test_a_client_learns_what_there_is(cast, idp):
    assert idp("get", "ServiceProviderConfig").json()["patch"] == {"supported": True}
    assert {row["id"] for row in idp("get", "ResourceTypes").json()["Resources"]} == {"User", "Group"}
    assert len(idp("get", "Schemas").json()["Resources"]) == 2


def test_nobody_comes_in_without_the_token_and_its_scope(cast, idp, client):
    assert client.get("/scim/v2/Users").status_code == 401
    client.force_login(cast.people["caio"].user)
    assert client.get("/scim/v2/Users").status_code == 401
    assert Provider(cast.organisation, ["people.view"])("get", "Users").status_code == 403
    assert idp("patch", "Users", {}).status_code == 405


def test_another_organisations_provider_finds_nothing(cast, idp):
    theirs = Provider(cast.elsewhere)
    bob = cast.people["bob"]
    assert theirs("get", "Users").json()["totalResults"] == 1
    patch = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    absent = theirs("patch", "Users/00000000-0000-7000-8000-000000000000", patch)
    assert theirs("patch", f"Users/{bob.pk}", patch).content == absent.content
    assert Person.objects.get(pk=bob.pk).left_at is None


@given(st.text(max_size=60))
def test_any_filter_is_read_or_refused(text):
    try:
        condition(text, USER_FIELDS)
    except ScimError as error:
        assert error.scim_type == "invalidFilter"  # noqa: PT017


KEYS = st.sampled_from(["op", "path", "value", "Operations", "active", "emails"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_patch_is_read_or_refused(value):
    try:
        user_body({"Operations": value})
    except ScimError as error:
        assert error.status == 400  # noqa: PT017
