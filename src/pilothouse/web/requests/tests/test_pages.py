"""The pages of requests, and the one that needs no sign-in."""

import re

import pytest
from conftest import PASSWORD
from django.core import mail
from django.core.cache import cache

from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.requests.models import FactLink, FactRequest

BASE = "/o/harbour/requests/"
pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def signed_in(cast, client):
    def enter(who):
        client.logout()
        assert client.login(email=cast.people[who].email, password=PASSWORD)
        return client

    return enter


@pytest.fixture
def sent(cast, signed_in, django_capture_on_commit_callbacks):
    caio = cast.actor("caio")
    system_create(actor=caio, name="CV summary", purpose="Top secret plans", owner_id=cast.people["alice"].pk)
    system_create(actor=caio, name="Invoice reading", purpose="Other plans")
    data = {
        "number": "1",
        "key": ["outcome", "practice:monitoring"],
        "title": "Two questions",
        "note": "Before Friday, please",
        "days": "14",
        "remind_days": "4",
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in("caio").post(f"{BASE}new/", data)
    assert answer.status_code == 302, answer.content.decode()
    return FactRequest.objects.get()


def path_in(message):
    return re.search(r"(/ask/[^/]+/)", message.body)[1]


def text(response):
    return response.content.decode()


def test_the_form_knows_what_is_missing(cast, signed_in):
    system_create(actor=cast.actor("caio"), name="CV summary")
    page = text(signed_in("caio").get(f"{BASE}new/?number=1"))
    assert "Monitoring" in page or "monitoring" in page
    assert "no owner who can be reached" in page


def test_without_systems_one_is_sent_to_the_list(cast, signed_in):
    assert signed_in("caio").get(f"{BASE}new/")["Location"] == "/o/harbour/systems/"


def test_what_cannot_be_sent_stays_typed(cast, signed_in):
    system_create(actor=cast.actor("caio"), name="Invoice reading")
    data = {"number": "1", "key": "outcome", "title": "Well thought of", "days": "x", "remind_days": "4"}
    page = signed_in("caio").post(f"{BASE}new/", data)
    assert page.status_code == 422
    assert "Well thought of" in text(page)
    page = signed_in("caio").post(f"{BASE}new/", data | {"days": "9"})
    assert "Nobody owns it" in text(page)


def test_the_list_and_the_request_show_progress(sent, signed_in):
    client = signed_in("caio")
    assert "Two questions" in text(client.get(BASE))
    page = text(client.get(f"{BASE}{sent.pk}/"))
    assert "Alice" in page
    assert "Not opened" in page
    assert "0 of 2" in page


def test_whoever_has_the_link_answers_without_signing_in(sent, client):
    client.logout()
    path = path_in(mail.outbox[0])
    page = client.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    said = text(page)
    assert "CV summary" in said
    assert "Before Friday" in said
    for hidden in ("Top secret plans", "Invoice reading", "Bob"):
        assert hidden not in said
    outcome = FactLink.objects.get().questions.get(key="outcome")
    monitoring = FactLink.objects.get().questions.get(key="practice:monitoring")
    kept = client.post(f"{path}draft/", {f"{outcome.pk}-value": "Fewer ho"})
    assert kept.status_code == 200
    assert "Fewer ho" in text(client.get(path))
    part = client.post(path, {f"{outcome.pk}-value": "Fewer hours"})
    assert "1 question is still open" in " ".join(text(part).split())
    assert System.objects.get(number=1).outcome == "Fewer hours"
    done = client.post(path, {f"{monitoring.pk}-value": "met", f"{monitoring.pk}-words": "Weekly"})
    assert "Thank you, Alice" in text(done)
    assert client.get(path).status_code == 410


def test_an_answer_that_cannot_be_read_stays_typed(sent, client):
    client.logout()
    monitoring = FactLink.objects.get().questions.get(key="practice:monitoring")
    page = client.post(path_in(mail.outbox[0]), {f"{monitoring.pk}-words": "We look at it"})
    assert page.status_code == 422
    assert "We look at it" in text(page)


def test_a_wrong_secret_is_told_nothing_and_soon_nothing_at_all(sent, client):
    client.logout()
    first = client.get("/ask/not-a-secret/")
    assert first.status_code == 410
    assert "Harbour" not in text(first)
    codes = {client.get(f"/ask/guess-{n}/").status_code for n in range(70)}
    assert codes == {410, 429}


def test_remind_revoke_and_hand_over(sent, signed_in, client, django_capture_on_commit_callbacks):
    client = signed_in("caio")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{BASE}{sent.pk}/remind/")
    assert len(mail.outbox) == 2
    link = FactLink.objects.get()
    page = client.post(f"{BASE}{sent.pk}/link/{link.pk}/")
    path = re.search(r"(/ask/[^/]+/)", text(page))[1]
    assert client.get(path).status_code == 200
    client.post(f"{BASE}{sent.pk}/revoke/")
    assert client.get(path).status_code == 410
    assert "Revoked" in text(client.get(f"{BASE}{sent.pk}/"))


@pytest.mark.parametrize("who", ["charlie", "alice", "auditor", "employee"])
def test_who_may_not_ask_sees_nothing(sent, signed_in, who):
    client = signed_in(who)
    for path in (BASE, f"{BASE}new/?number=1", f"{BASE}{sent.pk}/"):
        assert client.get(path).status_code in (403, 404)
    for path in (f"{BASE}{sent.pk}/revoke/", f"{BASE}{sent.pk}/remind/"):
        assert client.post(path).status_code in (403, 404)
    sent.refresh_from_db()
    assert sent.end == ""


def test_the_request_page_takes_a_constant_number_of_queries(sent, signed_in, cast, django_assert_max_num_queries):
    client = signed_in("caio")
    client.get(f"{BASE}{sent.pk}/")
    with django_assert_max_num_queries(16):
        client.get(f"{BASE}{sent.pk}/")
    with django_assert_max_num_queries(16):
        client.get(BASE)
