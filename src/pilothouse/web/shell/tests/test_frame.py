"""The frame around every page: rooms by permission, nothing of an organisation for an outsider, errors that explain."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Cast
from django.http import Http404
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, PilothouseError
from pilothouse.kernel.access.models import Membership, Person, Role
from pilothouse.web import errors
from pilothouse.web.page import open_page, page


@page("organisation.view")
def raises(request: Any, what: str) -> Any:
    kinds: dict[str, Exception] = {
        "conflict": Conflict("Someone changed S-1 while you were editing."),
        "invalid": Invalid("Not so.", fields={"name": "Say <b>what</b> it is."}),
        "forbidden": Forbidden("Your roles do not include this."),
        "http404": Http404(),
        "fault": ZeroDivisionError("secret detail"),
    }
    raise kinds[what]


@open_page("a form for the test")
def posted(request: Any) -> Any:
    raise AssertionError("CSRF must refuse before this")


urlpatterns = [
    path("o/<slug:slug>/raises/<str:what>/", raises),
    path("posted/", posted),
    path("", include("pilothouse.site.urls")),
]
handler404 = errors.not_found
handler500 = errors.server_error


def sign_in(client: Client, cast: Cast, who: str) -> Client:
    user = cast.people[who].user
    assert user is not None
    client.force_login(user)
    return client


def rooms(page: str) -> list[str]:
    return re.findall(r'class="room"[^>]*data-go="[a-z]"[^>]*>.*?<span>([^<]+)</span>', page, re.S)


def test_rooms_are_shown_to_those_who_may_use_them(client: Client, cast: Cast) -> None:
    everything = rooms(sign_in(client, cast, "caio").get("/o/harbour/").content.decode())
    assert {"Home", "Systems", "Inbox", "Rulebook", "Imports", "Ledger", "People", "Settings"} <= set(everything)
    some = rooms(sign_in(client, cast, "auditor").get("/o/harbour/").content.decode())
    assert {"Home", "Systems", "Ledger"} <= set(some)
    assert not {"Imports", "Fact requests"} & set(some)
    assert rooms(sign_in(client, cast, "employee").get("/o/harbour/").content.decode()) == ["Home", "My AI"]


def test_every_room_that_is_shown_opens(client: Client, cast: Cast) -> None:
    for who in ("caio", "auditor", "alice", "employee"):
        home = sign_in(client, cast, who).get("/o/harbour/").content.decode()
        for href in re.findall(r'class="room" href="([^"]+)"', home):
            assert client.get(href).status_code == 200, (who, href)


def test_keys_are_given_once() -> None:
    from pilothouse.web.shell.rooms import ROOMS

    keys = [room.key for room in ROOMS]
    assert len(set(keys)) == len(keys)


def test_the_switcher_shows_only_ones_own(client: Client, cast: Cast) -> None:
    page = sign_in(client, cast, "caio").get("/o/harbour/").content.decode()
    assert "Elsewhere" not in page
    person = Person.objects.create(organisation=cast.elsewhere, user=cast.people["caio"].user, name="Caio")
    role = Role.objects.get(organisation=cast.elsewhere, key="caio")
    Membership.objects.create(organisation=cast.elsewhere, person=person, role=role)
    assert "Elsewhere" in client.get("/o/harbour/").content.decode()


def test_demo_data_says_so(client: Client, cast: Cast) -> None:
    assert "Demo data" not in sign_in(client, cast, "caio").get("/o/harbour/").content.decode()
    cast.organisation.is_demo = True
    cast.organisation.save()
    assert "Demo data" in client.get("/o/harbour/").content.decode()


def test_the_theme_is_drawn_by_the_server(client: Client, cast: Cast) -> None:
    sign_in(client, cast, "caio")
    assert "data-theme" not in client.get("/o/harbour/").content.decode().partition(">")[0]
    client.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in client.get("/o/harbour/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in client.get("/o/harbour/").content.decode()


def test_pages_forbid_what_is_inline_or_from_elsewhere(client: Client, db: None) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("what", "status", "says"),
    [
        ("conflict", 409, "Someone changed S-1"),
        ("invalid", 422, "Say &lt;b&gt;what&lt;/b&gt; it is."),
        ("forbidden", 403, "Your roles do not include this"),
        ("http404", 404, "or it is not yours to see"),
    ],
)
def test_an_error_is_a_page_in_the_frame(client: Client, cast: Cast, what: str, status: int, says: str) -> None:
    response = sign_in(client, cast, "caio").get(f"/o/harbour/raises/{what}/")
    text = response.content.decode()
    assert response.status_code == status
    assert says in text
    assert rooms(text), "one can go on from here"


@override_settings(ROOT_URLCONF=__name__)
def test_an_error_is_a_toast_for_htmx(client: Client, cast: Cast) -> None:
    response = sign_in(client, cast, "caio").get("/o/harbour/raises/conflict/", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#toasts"
    assert "Someone changed S-1" in response.content.decode()
    assert "<html" not in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_ours_tells_nothing_of_the_inside(client: Client, cast: Cast) -> None:
    client.raise_request_exception = False
    response = sign_in(client, cast, "caio").get("/o/harbour/raises/fault/")
    assert response.status_code == 500
    assert "That went wrong on our side" in response.content.decode()
    assert "secret detail" not in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_an_expired_form_says_so(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/posted/")
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


def test_the_api_keeps_its_own_shape() -> None:
    request = RequestFactory().get("/api/v1/answers")
    middleware = errors.ErrorPages(lambda request: SimpleNamespace())  # type: ignore[arg-type, return-value]
    assert middleware.process_exception(request, PilothouseError("no")) is None
    assert middleware.process_exception(RequestFactory().get("/o/x/"), ValueError("a fault")) is None


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_sign_in_pages_wear_the_shell(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    assert "shell/tokens.css" in page
    assert "Menu:" not in page, "allauth's own layout"


@pytest.mark.parametrize(
    "path", ["/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/", "/accounts/email/"]
)
def test_account_pages_wear_the_shell(client: Client, cast: Cast, path: str) -> None:
    response = sign_in(client, cast, "caio").get(path, follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert "shell/tokens.css" in page
    assert "Menu:" not in page
