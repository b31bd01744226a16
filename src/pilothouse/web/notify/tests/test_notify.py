"""Notices and webhooks, on pages and over REST."""

import re

import pytest

from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.notify.delivery import webhooks_tick
from pilothouse.kernel.notify.models import Delivery, Notice, Outlet, Preference
from pilothouse.kernel.notify.notices import notify
from pilothouse.web.access.tests.test_api import Caller

BASE = "/o/harbour/"
NEW = {"kind": "webhook", "title": "SIEM", "url": "https://hooks.example/in", "actions": "system.*\n*.left"}


@pytest.fixture
def caio(cast, client):
    client.force_login(cast.people["caio"].user)
    return client


def test_it_works(cast, client):
    notify([cast.people["alice"]], "A gate opened", "/o/harbour/me/")
    client.force_login(cast.people["alice"].user)
    assert "1 unread" in client.get(BASE + "me/notices/bell/").content.decode()
    assert "A gate opened" in client.get(BASE + "me/notices/").content.decode()
    answer = client.post(f"{BASE}me/notices/{Notice.objects.get().pk}/")
    assert answer["Location"] == "/o/harbour/me/"
    assert "unread" not in client.get(BASE + "me/notices/bell/").content.decode()


def test_a_notice_leads_nowhere_else(cast, client):
    notify([cast.people["alice"]], "Look", "//evil.example/")
    client.force_login(cast.people["alice"].user)
    assert client.post(f"{BASE}me/notices/{Notice.objects.get().pk}/")["Location"] == "/o/harbour/me/notices/"


def test_a_colleagues_notice_is_not_there(cast, client):
    notify([cast.people["alice"]], "For Alice")
    client.force_login(cast.people["bob"].user)
    assert "For Alice" not in client.get(BASE + "me/notices/").content.decode()
    assert client.post(f"{BASE}me/notices/{Notice.objects.get().pk}/").status_code == 404
    client.post(BASE + "me/notices/read/")
    assert Notice.objects.get().read_at is None


def test_one_chooses_how_one_is_told(cast, client):
    client.force_login(cast.people["alice"].user)
    assert client.post(BASE + "me/notices/", {"email": "pigeon"}).status_code == 422
    client.post(BASE + "me/notices/", {"email": "daily"})
    assert Preference.objects.get().email == "daily"


def test_a_webhook_is_added_changed_switched_and_deleted(cast, caio):
    answer = caio.post(BASE + "settings/webhooks/", NEW)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())[0]
    outlet = Outlet.objects.get()
    page = f"{BASE}settings/webhooks/{outlet.pk}/"
    assert secret not in caio.get(page).content.decode()
    assert secret not in caio.post(page + "rotate/").content.decode()
    changed = {"title": "SOC", "url": NEW["url"], "actions": "*"}
    assert "Someone changed it" in caio.post(page, changed | {"version": "1"}).content.decode()
    caio.post(page, changed | {"version": "2"})
    caio.post(page + "switch/", {"on": "no"})
    outlet.refresh_from_db()
    assert (outlet.title, outlet.actions, outlet.disabled_at is None) == ("SOC", ["*"], False)
    caio.post(page + "switch/", {"on": "yes"})
    caio.post(page + "delete/")
    assert not Outlet.objects.exists()


def test_a_private_address_is_refused_beside_the_field(cast, caio):
    answer = caio.post(BASE + "settings/webhooks/", NEW | {"url": "https://10.0.0.1/"})
    assert "not a public one" in answer.context["form"].errors["url"][0]


def test_a_delivery_is_sent_again(cast, caio):
    caio.post(BASE + "settings/webhooks/", NEW | {"url": "https://nosuch.invalid/"})
    system_create(actor=cast.actor("caio"), name="One")
    webhooks_tick(now())
    Delivery.objects.update(state="failed")
    row = Delivery.objects.get()
    page = f"{BASE}settings/webhooks/{row.outlet_id}/"
    assert "is not found" in caio.get(page).content.decode()
    caio.post(f"{BASE}settings/webhooks/deliveries/{row.pk}/")
    row.refresh_from_db()
    assert row.state == "waiting"


def test_webhooks_over_rest(cast):
    caio = Caller(cast, "caio")
    made = caio("post", "/webhooks", {"title": "SIEM", "url": "https://hooks.example/", "actions": ["*"]}).json()
    place = f"/webhooks/{made['webhook']['id']}"
    tag = caio("get", place)["ETag"]
    assert caio("patch", place, {"title": "SOC"}, **{"If-Match": tag}).json()["version"] == 2
    assert caio("patch", place, {"title": "SOC"}, **{"If-Match": tag}).status_code == 412
    assert caio("post", place + "/rotate").json()["secret"] != made["secret"]
    assert caio("get", place + "/deliveries").json() == {"items": [], "next": None}
    assert len(caio("get", "/webhooks").json()["items"]) == 1
    assert caio("delete", place).status_code == 204
    assert Caller(cast, "bob")("get", "/webhooks").status_code == 403


def test_notices_over_rest(cast):
    notify([cast.people["alice"], cast.people["bob"]], "Look")
    alice = Caller(cast, "alice")
    assert [row["text"] for row in alice("get", "/notices?unread=true").json()["items"]] == ["Look"]
    assert alice("post", "/notices/read").json() == {"count": 1}
    assert Notice.objects.filter(read_at=None).count() == 1
