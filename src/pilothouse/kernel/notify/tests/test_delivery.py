"""Webhooks, against a receiver on this machine."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify import outlets as do
from pilothouse.kernel.notify.delivery import DISABLE_AFTER, WAITS, webhooks_tick
from pilothouse.kernel.notify.models import Delivery, Notice, Outlet
from pilothouse.kernel.notify.reach import clean_url, target_of
from pilothouse.kernel.notify.signing import signing_secret

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Receiver(BaseHTTPRequestHandler):
    got: list = []
    status = 200

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Receiver.got.append((self.path, dict(self.headers), body))
        self.send_response(Receiver.status)
        if Receiver.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    Receiver.got, Receiver.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with time_machine.travel(NOON, tick=False):
        yield f"http://localhost:{server.server_port}/in?key=1"
    server.shutdown()


@pytest.fixture
def outlet(cast, receiver):
    return do.outlet_add(actor=cast.actor("caio"), title="SIEM", actions=["system.*"], url=receiver)


def happen(cast, count=1):
    for number in range(count):
        system_create(actor=cast.actor("caio"), name=f"System {number}")


def test_it_works(cast, outlet):
    happen(cast)
    assert webhooks_tick(NOON) == {"queued": 1, "delivered": 1, "failed": 0}
    path, headers, body = Receiver.got[0]
    assert path == "/in?key=1"
    told = Webhook(signing_secret(outlet)).verify(body, headers)
    assert told["type"] == "system.created"
    assert told["data"]["organisation"] == "harbour"
    assert "System 0" not in body
    assert headers["host"].startswith("localhost:")


def test_a_signature_fits_one_body_and_one_secret(cast, outlet):
    happen(cast)
    webhooks_tick(NOON)
    _, headers, body = Receiver.got[0]
    for secret, text in ((signing_secret(outlet), body + " "), ("whsec_" + "QUJD" * 8, body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(text, headers)


def test_a_tick_twice_sends_once(cast, outlet):
    happen(cast, 3)
    webhooks_tick(NOON)
    webhooks_tick(NOON)
    assert len(Receiver.got) == 3


def test_only_what_fits_the_patterns_from_now_on(cast, receiver):
    happen(cast)
    do.outlet_add(actor=cast.actor("caio"), title="People", actions=["person.*", "*.left"], url=receiver)
    happen(cast)
    assert webhooks_tick(NOON)["queued"] == 0


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(cast, outlet):
    Receiver.status = 500
    happen(cast)
    moment = NOON
    webhooks_tick(moment)
    webhooks_tick(moment + timedelta(seconds=30))
    assert len(Receiver.got) == 1
    for wait in WAITS:
        moment += wait
        webhooks_tick(moment)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status) == ("failed", len(WAITS) + 1, 500)
    assert len({headers["webhook-id"] for _, headers, _ in Receiver.got}) == 1
    Receiver.status = 200
    do.delivery_repeat(actor=cast.actor("caio"), delivery=row)
    webhooks_tick(moment)
    row.refresh_from_db()
    assert row.state == "delivered"


def test_an_outlet_that_only_fails_is_disabled_and_people_are_told(cast, outlet):
    Receiver.status = 503
    happen(cast, DISABLE_AFTER + 2)
    webhooks_tick(NOON)
    outlet.refresh_from_db()
    assert outlet.disabled_at == NOON
    assert Notice.objects.get().person == cast.people["caio"]
    assert Entry.objects.filter(action="outlet.disabled").count() == 1
    assert webhooks_tick(NOON + timedelta(hours=1)) == {"queued": 0, "delivered": 0, "failed": 0}
    with pytest.raises(Conflict):
        do.delivery_repeat(actor=cast.actor("caio"), delivery=Delivery.objects.first())
    Receiver.status = 200
    do.outlet_change(actor=cast.actor("caio"), outlet=outlet, changes={"enabled": True})
    assert webhooks_tick(NOON + timedelta(hours=2))["failed"] == 0


def test_gone_means_gone(cast, outlet):
    Receiver.status = 410
    happen(cast)
    webhooks_tick(NOON)
    outlet.refresh_from_db()
    assert outlet.disabled_at is not None


def test_a_redirect_is_not_followed(cast, outlet):
    Receiver.status = 302
    happen(cast)
    assert webhooks_tick(NOON)["failed"] == 1
    assert [path for path, _, _ in Receiver.got] == ["/in?key=1"]


def test_nobody_there_is_a_failure_in_plain_words(cast, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    do.outlet_add(actor=cast.actor("caio"), title="Dead", actions=["*"], url="http://127.0.0.1:9/")
    happen(cast)
    webhooks_tick(datetime.now(UTC))
    assert Delivery.objects.first().error == "No answer: ConnectError."


def test_an_outlet_of_another_organisation_hears_nothing(cast, receiver):
    do.outlet_add(actor=cast.actor("charlie"), title="Spy", actions=["*"], url=receiver)
    happen(cast)
    webhooks_tick(NOON)
    assert all(json.loads(body)["data"]["organisation"] == "elsewhere" for _, _, body in Receiver.got)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://0.0.0.0/",
        "https://localhost/", "https://224.0.0.1/", "http://hooks.example/", "ftp://hooks.example/", "javascript:1",
        "https://user:pw@hooks.example/", "https://hooks.example:0/", "https://", "https://[::1", "no url",
        "https://100.64.0.1/", "https://nosuchname.invalid/",
    ],
)  # fmt: skip
def test_a_webhook_reaches_public_addresses_only(url, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    with pytest.raises(Invalid) as refused:
        target_of(url)
    assert "url" in refused.value.fields


def test_a_name_that_points_inside_is_refused_when_it_is_used(cast, outlet, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    Outlet.objects.update(url="https://localhost/in")
    happen(cast)
    assert webhooks_tick(NOON)["failed"] == 1
    assert Receiver.got == []
    assert "public" in Delivery.objects.get().error


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    found = [(2, 1, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: found)
    target = target_of("https://hooks.example/in?x=1")
    assert (target.url, target.host) == ("https://93.184.216.34:443/in?x=1", "hooks.example")
    found.append((2, 1, 6, "", ("10.0.0.1", 443)))
    with pytest.raises(Invalid):
        target_of("https://hooks.example/in")


def test_a_public_address_is_accepted():
    assert clean_url(" https://hooks.example/in ") == "https://hooks.example/in"


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"actions": []}, {"actions": ["a b"]}, {"actions": ["[a-z]"]}, {"kind": "pigeon"}]
)
def test_an_outlet_needs_sense(cast, wrong):
    with pytest.raises(Invalid):
        do.outlet_add(
            actor=cast.actor("caio"), **{"title": "T", "actions": ["*"], "url": "https://hooks.example/", **wrong}
        )


def test_outlets_are_managed_by_who_may(cast, outlet):
    for who, refused in (("bob", Forbidden), ("charlie", NotFound)):
        actor = cast.actor(who)
        for attempt in (
            lambda actor=actor: do.outlet_change(actor=actor, outlet=outlet, changes={"title": "Mine"}),
            lambda actor=actor: do.outlet_rotate(actor=actor, outlet=outlet),
            lambda actor=actor: do.outlet_delete(actor=actor, outlet=outlet),
        ):
            with pytest.raises(refused):
                attempt()


def test_a_secret_is_not_stored_and_can_be_changed(cast, outlet):
    before = signing_secret(outlet)
    assert before not in str(Outlet.objects.values().get())
    assert signing_secret(do.outlet_rotate(actor=cast.actor("caio"), outlet=outlet)) != before


def test_a_stale_change_is_refused(cast, outlet):
    do.outlet_change(actor=cast.actor("caio"), outlet=outlet, changes={"title": "New"}, version=1)
    with pytest.raises(Conflict):
        do.outlet_change(actor=cast.actor("caio"), outlet=outlet, changes={"title": "Other"}, version=1)


def test_a_chat_room_is_reached_through_a_secret_of_the_operator(cast, receiver, settings, tmp_path):
    settings.HOME = tmp_path
    do.outlet_add(actor=cast.actor("caio"), kind="apprise", title="Chat", actions=["system.*"], secret_name="ops-chat")
    happen(cast)
    assert webhooks_tick(NOON)["failed"] == 1
    assert "secrets/harbour/ops-chat" in Delivery.objects.get().error
    folder = tmp_path / "secrets" / "harbour"
    folder.mkdir(parents=True)
    (folder / "ops-chat").write_text(receiver.replace("http://", "json://"))
    assert webhooks_tick(NOON + timedelta(minutes=2))["delivered"] == 1
    assert "system.created" in Receiver.got[0][2]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "", "A"])
def test_a_secret_name_leads_nowhere_else(cast, name):
    with pytest.raises(Invalid):
        do.outlet_add(actor=cast.actor("caio"), kind="apprise", title="Chat", actions=["*"], secret_name=name)
