"""The REST frame, on a small API of its own built from the same parts as the site's."""

import json
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from ninja import NinjaAPI, Router, Schema, Status
from ninja.errors import Throttled

from pilothouse.contracts.errors import Forbidden, Invalid
from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Organisation, Replay, Token, Unit
from pilothouse.kernel.base import new_id
from pilothouse.site.api import ApiErrorsMiddleware, Bearer, idempotent, on_error
from pilothouse.web.api import etag, if_match, paged
from pilothouse.web.api.bearer import count
from pilothouse.web.api.paging import after

router = Router()


class UnitIn(Schema):
    name: str
    fail: bool = False


class UnitOut(Schema):
    id: str
    name: str

    @staticmethod
    def resolve_id(row):
        return str(row.pk)


@router.get("units", response=list[UnitOut])
@paged("-name", "id")
def unit_list(request):
    return Unit.objects.of(request.actor)


@router.post("units", response={201: UnitOut})
def unit_add(request, body: UnitIn):
    unit = Unit.objects.create(organisation=request.organisation, name=body.name)
    if body.fail:
        raise RuntimeError("no")
    if body.name == "x":
        raise Invalid("Too short.", fields={"name": "Longer."})
    return Status(201, unit)


@router.get("units/{name}", response=UnitOut)
def unit_read(request, name: str, response: HttpResponse):
    etag(response, 3)
    if name == "closed":
        raise Forbidden("No.")
    return Unit.objects.get_of(request.actor, name=name)


@router.put("units/{name}", response=UnitOut)
def unit_change(request, name: str):
    if_match(request, 3)
    return Unit.objects.get_of(request.actor, name=name)


@router.post("secret", response=str)
def secret(request, response: HttpResponse):
    response["Cache-Control"] = "no-store"
    return "once"


bearer = Bearer()
api = NinjaAPI(auth=bearer, urls_namespace="frame", docs_url=None)
api.add_decorator(idempotent(bearer), mode="view")
api.add_exception_handler(Exception, on_error)
for _kind in list(api._exception_handlers):
    api.add_exception_handler(_kind, on_error)
api.add_router("", router)
urlpatterns = [path("api/v1/", api.urls)]

pytestmark = pytest.mark.urls(__name__)


class Caller:
    def __init__(self, organisation, person=None, scopes=("organisation.view",), days=30):
        text, prefix, digest = secrets.mint()
        self.token = Token.objects.create(
            organisation=organisation,
            person=person,
            name="t",
            prefix=prefix,
            hash=digest,
            scopes=list(scopes),
            expires_at=timezone.now() + timedelta(days=days),
        )
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})

    def post(self, where, body, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/api/v1/" + where, json.dumps(body), content_type="application/json", headers=names)

    def get(self, where, **headers):
        return self.client.get("/api/v1/" + where, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture
def caller(cast):
    return Caller(cast.organisation)


def assert_problem(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "fields", "data", "request_id"}
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:pilothouse:problem:{code}")
    assert body["request_id"] == response["X-Request-ID"]
    return body


def test_it_works(caller):
    assert caller.post("units", {"name": "Harbour office"}).status_code == 201
    assert caller.get("units").json()["items"][0]["name"] == "Harbour office"


def test_every_error_has_one_shape(caller, client):
    assert_problem(client.get("/api/v1/units"), 401, "unauthenticated")
    assert_problem(caller.get("units/absent"), 404, "not_found")
    assert_problem(caller.get("units/closed"), 403, "forbidden")
    assert_problem(caller.get("no-such-place"), 404, "not_found")
    assert_problem(caller.client.patch("/api/v1/units"), 405, "method_not_allowed")
    body = assert_problem(caller.post("units", {"nam": "x"}), 422, "invalid")
    assert body["fields"] == {"name": "Field required"}
    assert_problem(caller.client.post("/api/v1/units", "{", content_type="application/json"), 400, "bad_request")
    assert_problem(caller.get("units?limit=201"), 422, "invalid")
    assert_problem(caller.post("units", {"name": "y", "fail": True}), 500, "internal")


def test_a_request_id_is_taken_over_only_when_harmless(caller):
    assert caller.get("units", X_Request_ID="proxy-id.0001")["X-Request-ID"] == "proxy-id.0001"
    assert caller.get("units", X_Request_ID="a b")["X-Request-ID"] != "a b"


@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_a_dead_token_opens_nothing(caller, field):
    setattr(caller.token, field, timezone.now())
    caller.token.save()
    assert_problem(caller.get("units"), 401, "unauthenticated")


def test_a_wrong_secret_opens_nothing(caller, client):
    for text in (f"ph_{caller.token.prefix}_{'0' * 64}", caller.token.hash, "ph_", ""):
        assert_problem(client.get("/api/v1/units", headers={"Authorization": f"Bearer {text}"}), 401, "unauthenticated")


def test_a_leaver_and_a_closed_user_are_out(cast):
    caller = Caller(cast.organisation, cast.people["bob"])
    assert caller.get("units").status_code == 200
    cast.people["bob"].user.is_active = False
    cast.people["bob"].user.save()
    assert_problem(caller.get("units"), 401, "unauthenticated")


def test_a_personal_token_never_exceeds_its_person_nor_its_scopes(cast):
    from pilothouse.kernel.access.selectors import actor_of_token

    token = Caller(cast.organisation, cast.people["employee"], scopes=("organisation.view", "people.manage")).token
    assert set(actor_of_token(token).grants) == {"organisation.view"}
    token = Caller(cast.organisation, cast.people["caio"], scopes=("organisation.view",)).token
    assert set(actor_of_token(token).grants) == {"organisation.view"}


@time_machine.travel("2026-11-23T10:00:01Z", tick=False)
def test_calls_are_limited_for_each_token(cast, caller, settings):
    settings.API_CALLS_PER_MINUTE = 3
    assert [caller.get("units").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = caller.get("units")
    assert_problem(answer, 429, "too_many_requests")
    assert answer["Retry-After"] == "60"
    assert Caller(cast.organisation).get("units").status_code == 200


@time_machine.travel("2026-11-23T11:00:01Z", tick=False)
def test_wrong_guesses_are_limited_for_each_address(caller, client, settings):
    settings.API_FAILURES_PER_MINUTE = 2
    wrong = {"Authorization": f"Bearer ph_{'0' * 12}_{'0' * 64}"}
    assert [client.get("/api/v1/units", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]
    # A colleague behind the same address with a right token still gets in.
    assert caller.get("units").status_code == 200


def test_pages_follow_each_other_without_gap_or_double(cast, caller):
    for name in ["a", "b", "c", "d", "e"]:
        parent = Unit.objects.create(organisation=cast.organisation, name=name)
        Unit.objects.create(organisation=cast.organisation, name="same", parent=parent)
    seen, cursor = [], ""
    while cursor is not None:
        answer = caller.get(f"units?limit=3&cursor={cursor}").json()
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
    assert seen == [str(u.pk) for u in Unit.objects.order_by("-name", "id")]


@given(st.text(max_size=80))
def test_a_foreign_cursor_is_refused_in_plain_words(text):
    with pytest.raises(Invalid) as refused:
        after(Unit.objects.all(), ("name", "id"), text)
    assert "cursor" in refused.value.fields


def test_a_stale_version_is_refused(caller):
    caller.post("units", {"name": "n"})
    assert caller.get("units/n")["ETag"] == '"v3"'
    put = caller.client.put
    assert put("/api/v1/units/n", headers={"If-Match": '"v3"'}).status_code == 200
    assert put("/api/v1/units/n", headers={"If-Match": "*"}).status_code == 200
    body = assert_problem(put("/api/v1/units/n", headers={"If-Match": '"v2"'}), 412, "stale")
    assert body["data"] == {"version": 3}


def test_a_repeated_post_is_done_once(caller):
    first = caller.post("units", {"name": "n"}, Idempotency_Key="k1")
    again = caller.post("units", {"name": "n"}, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert Unit.objects.count() == 1


def test_a_key_cannot_be_used_for_another_request(caller):
    caller.post("units", {"name": "n"}, Idempotency_Key="k1")
    assert_problem(caller.post("units", {"name": "m"}, Idempotency_Key="k1"), 409, "key_reused")


def test_a_refusal_is_remembered_and_writes_nothing(caller):
    assert_problem(caller.post("units", {"name": ""}, Idempotency_Key="k" * 201), 422, "invalid")
    assert caller.post("units", {}, Idempotency_Key="k1").status_code == 422
    assert caller.post("units", {}, Idempotency_Key="k1")["Idempotency-Replayed"] == "true"


def test_a_fault_forgets_the_key(caller):
    assert caller.post("units", {"name": "n", "fail": True}, Idempotency_Key="k1").status_code == 500
    assert Unit.objects.count() == Replay.objects.count() == 0


def test_keys_belong_to_their_token_and_last_a_day(cast, caller):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False):
        caller = Caller(cast.organisation)
        caller.post("units", {"name": "n"}, Idempotency_Key="k1")
        assert Caller(cast.organisation).post("units", {"name": "m"}, Idempotency_Key="k1").status_code == 201
    with time_machine.travel("2026-11-24T10:00:01Z", tick=False):
        assert caller.post("units", {"name": "o"}, Idempotency_Key="k1").status_code == 201
    assert Unit.objects.count() == 3


def test_a_secret_is_not_kept_for_replay(caller):
    assert caller.post("secret", {}, Idempotency_Key="k1").status_code == 200
    assert b"once" not in bytes(Replay.objects.get().body)
    assert_problem(caller.post("secret", {}, Idempotency_Key="k1"), 409, "answer_not_kept")


def test_the_key_of_an_unknown_caller_is_not_looked_at(client):
    assert_problem(client.post("/api/v1/units", headers={"Idempotency-Key": "k"}), 401, "unauthenticated")


def test_other_addresses_keep_their_own_errors(rf):
    plain = HttpResponse("no", status=404)
    assert ApiErrorsMiddleware(lambda request: plain)(rf.get("/o/harbour/")) is plain


def test_ids_are_ordered_by_creation():
    assert new_id() < new_id()


@pytest.mark.django_db(transaction=True)
def test_the_same_post_at_the_same_moment_is_done_once(transactional_db):
    organisation = Organisation.objects.create(slug="quay", name="Quay")
    caller = Caller(organisation)
    start, answers = threading.Barrier(6), []

    def send():
        start.wait()
        answers.append(caller.post("units", {"name": "n"}, Idempotency_Key="k1"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Unit.objects.count() == 1


@pytest.mark.parametrize("backend", ["db.DatabaseCache", "filebased.FileBasedCache"])
def test_limits_are_counted_in_a_cache_that_processes_share(db, settings, tmp_path, backend):
    place = "access_cache" if backend.startswith("db") else str(tmp_path)
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": place}}
    call_command("createcachetable", verbosity=0)
    with time_machine.travel("2026-11-23T12:00:01Z", tick=False):
        count("token", "x", 2)
        count("token", "x", 2)
        with pytest.raises(Throttled):
            count("token", "x", 2)
    with time_machine.travel("2026-11-23T12:01:01Z", tick=False):
        count("token", "x", 2)
