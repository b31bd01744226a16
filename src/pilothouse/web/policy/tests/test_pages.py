"""The gateway's pages, through the front door."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pilothouse.contracts.policy.request import key_hash
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import (
    Alias,
    Budget,
    GatewayKey,
    MarkedDocument,
    PolicySetting,
    Price,
    Stop,
    Upstream,
)
from pilothouse.kernel.policy.publish import publish
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of
from pilothouse.kernel.warehouse.tests.events import settlement

BASE = "/o/harbour/gateway/"


def fields(form: Any) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    found = {}
    for bound in form:
        value = bound.field.prepare_value(bound.value())
        if value is None and type(bound.field).__name__ == "ChoiceField":
            value = bound.field.choices[0][0]  # a browser sends what a select shows
        if value not in (None, False):
            found[bound.html_name] = value
    return found


def test_it_works(cast: Any, browse: Any, issued: Any) -> None:
    publish(cast.organisation.pk)
    caio = browse("caio")
    page = caio.get(BASE)
    assert page.status_code == 200
    assert "In force" in page.content.decode()
    for path in ("keys/", "models/", "upstreams/", "budgets/", "stops/", "what-if/", f"keys/{issued.key.pk}/"):
        answer = caio.get(BASE + path)
        assert answer.status_code == 200, path
        assert issued.text not in answer.content.decode()


def test_an_empty_house_is_told_what_to_do(cast: Any, browse: Any) -> None:
    caio = browse("caio")
    assert "Name an upstream" in caio.get(BASE).content.decode()
    for path in ("keys/", "models/", "upstreams/", "budgets/", "stops/", "what-if/"):
        assert caio.get(BASE + path).status_code == 200


def test_from_nothing_to_a_key(cast: Any, browse: Any, system: Any) -> None:
    caio = browse("caio")
    form = fields(caio.get(BASE + "upstreams/").context["form"])
    said = {"name": "north", "base_url": "https://north.example/v1", "secret": "file:north.key", "region": "eu"}
    assert caio.post(BASE + "upstreams/", {**form, **said, "headers": "x-team: quay"}).status_code == 302
    assert Upstream.objects.get().headers == {"x-team": "quay"}

    form = fields(caio.get(BASE + "models/").context["form"])
    answer = caio.post(BASE + "models/", {**form, "name": "chat", "targets": "north/m-1 90\nnorth/m-2 fallback"})
    assert answer.status_code == 302
    assert Alias.objects.get().targets[1]["fallback"] is True
    price = {"upstream": "north", "model": "m-1", "currency": "EUR", "rate": "1", "input": "3", "output": "15"}
    assert caio.post(BASE + "prices/", price).status_code == 302
    assert Price.objects.get().output == 15

    where = f"/o/harbour/systems/{system.number}/policy/"
    form = fields(caio.get(where).context["form"])
    rules = {"version": "0", "models": ["chat"], "purposes": "support, triage", "prompt_secret": "block"}
    assert caio.post(where, {**form, **rules}).status_code == 302
    kept = PolicySetting.objects.get().rules
    assert kept["models"] == ["chat"]
    assert kept["purposes"] == ["support", "triage"]
    assert kept["inspection"]["prompt"] == {"secret": "block"}
    again = fields(caio.get(where).context["form"])
    assert again["purposes"] == "support, triage"
    assert caio.post(where, {**again, "version": "1"}).status_code == 302
    assert PolicySetting.objects.get().rules == kept, "saving what is shown changes nothing"

    form = fields(caio.get(BASE + "keys/").context["form"])
    answer = caio.post(BASE + "keys/", {**form, "system": str(system.number), "name": "Desk", "concurrent": "4"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    key = GatewayKey.objects.get()
    text = answer.context["issued"].text
    assert key.hash == key_hash(text)
    assert text in answer.content.decode()
    assert text not in caio.get(f"{BASE}keys/{key.pk}/").content.decode()
    assert key.limits == {"concurrent": 4}

    asked = {"key": str(key.pk), "model": "chat", "endpoint": "chat", "purpose": "triage"}
    assert "would be let through" in caio.get(BASE + "what-if/", asked).content.decode()
    refused = caio.get(BASE + "what-if/", asked | {"purpose": "hiring"}).content.decode()
    assert "would be refused" in refused
    assert "purpose_refused" in refused
    assert "Not reached" in refused


def test_what_was_typed_is_kept_and_the_fault_stands_beside_it(cast: Any, browse: Any, offered: Any) -> None:
    caio = browse("caio")
    form = fields(caio.get(BASE + "upstreams/").context["form"])
    answer = caio.post(BASE + "upstreams/", {**form, "name": "north", "base_url": "nowhere", "secret": "sk-live"})
    assert answer.status_code == 422
    assert "Such as https://api.example.com/v1" in answer.content.decode()
    assert "nowhere" in answer.content.decode()
    for path, sent, words in (
        (
            "models/",
            {"name": "x", "targets": "north", "max_output": 1, "retries": 1, "deadline_ms": 1},
            "upstream/model",
        ),
        ("models/", {"name": "x", "targets": "north/m loud", "max_output": 1, "retries": 1, "deadline_ms": 1}, "loud"),
        ("prices/", {"upstream": "north", "model": "m", "currency": "EUR", "rate": "1", "input": "3"}, "required"),
        ("keys/", {"system": "999", "name": "x", "days": "30", "person": "any"}, "Select a valid choice"),
        ("budgets/", {"name": "x", "scope": "moon", "cap": "1", "window": "day"}, "Select a valid choice"),
        ("stops/", {"target": "organisation:", "reason": ""}, "Say why."),
    ):
        answer = caio.post(BASE + path, sent)
        assert answer.status_code == 422, path
        assert words in answer.content.decode(), path
    bad = caio.post(f"/o/harbour/systems/{offered.number}/policy/", {"version": "1", "data_class": "trade secret"})
    assert bad.status_code == 422


def test_another_s_change_is_not_lost(cast: Any, browse: Any, offered: Any) -> None:
    caio, upstream = browse("caio"), Upstream.objects.get()
    where = f"{BASE}upstreams/{upstream.pk}/"
    form = fields(caio.get(where).context["form"])
    assert caio.post(where, {**form, "version": "1", "region": "ch"}).status_code == 302
    answer = caio.post(where, {**form, "version": "1", "region": "us"})
    assert answer.status_code == 422
    assert "Someone changed it" in answer.content.decode()
    assert Upstream.objects.get().region == "ch"
    alias = Alias.objects.get()
    where = f"{BASE}models/{alias.pk}/"
    form = fields(caio.get(where).context["form"])
    assert form["targets"] == "north/m-1"
    assert caio.post(where, {**form, "version": "1", "max_output": "99"}).status_code == 302
    assert Alias.objects.get().max_output == 99


def test_rotating_and_revoking(cast: Any, browse: Any, issued: Any) -> None:
    alice = browse("alice")
    answer = alice.post(f"{BASE}keys/{issued.key.pk}/rotate/", {"grace_hours": "24"})
    fresh = GatewayKey.objects.get(replaces=issued.key)
    assert answer.context["issued"].key == fresh
    assert alice.post(f"{BASE}keys/{issued.key.pk}/rotate/", {"grace_hours": "24"}).status_code == 422
    assert alice.post(f"{BASE}keys/{fresh.pk}/revoke/", {"reason": ""}).status_code == 422
    assert alice.post(f"{BASE}keys/{fresh.pk}/revoke/", {"reason": "Leaked"}).status_code == 302
    over = alice.get(BASE + "keys/?show=over").content.decode()
    assert fresh.prefix in over
    assert issued.key.prefix not in over
    assert alice.get(f"{BASE}keys/{fresh.pk}/").status_code == 200


def test_a_budget_is_added_changed_and_ended(cast: Any, browse: Any, issued: Any) -> None:
    cfo = browse("cfo")
    scope = f"system:{issued.key.system_id}"
    sent = {"name": "Planner", "scope": scope, "cap": "12.50", "window": "day"}
    assert cfo.post(BASE + "budgets/", sent).status_code == 302
    budget = Budget.objects.get()
    assert cfo.post(BASE + "budgets/", sent).status_code == 422, "the name is taken"
    where = f"{BASE}budgets/{budget.pk}/"
    assert "Change this budget" in cfo.get(where).content.decode()
    assert "Change this budget" not in browse("auditor").get(where).content.decode()
    assert browse("auditor").post(where, sent).status_code == 403
    assert cfo.post(where, {**sent, "cap": "20", "version": "1"}).status_code == 302
    assert Budget.objects.get().cap == 20
    assert cfo.post(f"{where}end/", {"reason": "Over"}).status_code == 302
    assert not Budget.objects.get().active


def test_the_kill_switch(cast: Any, browse: Any, issued: Any) -> None:
    ciso = browse("ciso")
    for target in ("organisation:", f"key:{issued.key.pk}", "model:chat", "upstream:north"):
        assert ciso.post(BASE + "stops/", {"target": target, "reason": "Fire"}).status_code == 302, target
    assert Stop.objects.filter(lifted_at=None).count() == 4
    assert ciso.post(BASE + "stops/", {"target": "model:chat", "reason": "Fire"}).status_code == 422
    system = issued.key.system
    assert ciso.post(BASE + "stops/", {"target": f"system:{system.number}", "reason": "Fire"}).status_code == 302
    assert Restriction.objects.filter(system=system, kind="suspend").exists()
    shown = ciso.get(BASE + "stops/").content.decode()
    assert "Ask to lift" in shown
    for stop in Stop.objects.all():
        assert ciso.post(f"{BASE}stops/{stop.pk}/lift/", {"reason": "Out"}).status_code == 302
    assert not Stop.objects.filter(lifted_at=None).exists()
    assert "Lifted because" in ciso.get(BASE + "stops/").content.decode()


def test_a_change_of_rules_is_tried_on_last_week_s_calls(cast: Any, browse: Any, issued: Any) -> None:
    caio, where = browse("caio"), f"/o/harbour/systems/{issued.key.system.number}/policy/"
    form = fields(caio.get(where).context["form"]) | {"version": "1", "preview": "yes", "purposes": "support"}
    assert "Nothing to compare with" in caio.post(where, form).content.decode()
    event = settlement(
        organisation=str(cast.organisation.pk),
        at=timezone.now(),
        system=str(issued.key.system_id),
        key=str(issued.key.pk),
        endpoint="chat",
        model="chat",
        purpose="hiring",
    )
    writer.append(places.warehouse(), "one", rows_of(event))
    answer = caio.post(where, form)
    assert answer.status_code == 200
    assert "1 of 1 calls" in answer.content.decode()
    assert "purpose_refused" in answer.content.decode()
    del form["purposes"]
    assert "None of last week" in caio.post(where, form).content.decode()
    assert PolicySetting.objects.get().version == 1, "nothing is saved by asking"
    assert caio.post(where, form | {"data_class": "trade secret"}).status_code == 422


def test_a_system_s_page_shows_its_calls(cast: Any, browse: Any, issued: Any) -> None:
    shown = browse("alice").get(f"/o/harbour/systems/{issued.key.system.number}/?tab=calls").content.decode()
    assert "It may call chat." in shown
    assert issued.key.prefix in shown


def test_documents_are_marked_and_unmarked(cast: Any, browse: Any, issued: Any) -> None:
    caio, words = browse("caio"), " ".join(f"secret{number} clause" for number in range(30)).encode()
    where = BASE + "documents/"
    assert "No marked documents" in caio.get(where).content.decode()
    assert caio.post(where, {"title": "Merger", "file": SimpleUploadedFile("m.txt", words)}).status_code == 302
    assert caio.post(where, {"title": "Merger", "file": SimpleUploadedFile("m.txt", words)}).status_code == 422
    shown = caio.get(where).content.decode()
    assert "Merger" in shown
    assert "secret7" not in shown
    document = MarkedDocument.objects.get()
    assert caio.post(f"{where}{document.pk}/unmark/", {"reason": "Public now"}).status_code == 302
    assert not MarkedDocument.objects.exists()
    assert browse("alice").get(where).status_code == 403


def test_a_revision_can_be_kept(cast: Any, browse: Any, issued: Any) -> None:
    publish(cast.organisation.pk)
    answer = browse("auditor").get(BASE + "revisions/1.json")
    assert answer.json()["revision"] == 1
    assert browse("auditor").get(BASE + "revisions/9.json").status_code == 404


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        ("employee", "", 403),
        ("charlie", "", 404),
        ("alice", "keys/", 200),
        ("auditor", "keys/", 200),
        ("alice", "upstreams/", 200),
    ],
)
def test_who_may_look(cast: Any, browse: Any, issued: Any, who: str, path: str, code: int) -> None:
    assert browse(who).get(BASE + path).status_code == code


def test_who_may_not_act(cast: Any, browse: Any, issued: Any) -> None:
    alice, auditor = browse("alice"), browse("auditor")
    assert alice.get(f"/o/harbour/systems/{issued.key.system.number}/policy/").status_code == 403
    assert alice.post(BASE + "stops/", {"target": "organisation:", "reason": "x"}).status_code == 403
    assert alice.post(BASE + "prices/", {}).status_code == 403
    assert auditor.post(f"{BASE}keys/{issued.key.pk}/revoke/", {"reason": "x"}).status_code == 403
    assert auditor.post(BASE + "keys/", {"name": "x"}).status_code == 403
    assert not Stop.objects.exists()
    secret = alice.get(BASE + "upstreams/").content.decode()
    assert "PILOTHOUSE_UPSTREAM_HARBOUR__NORTH" not in secret
    assert GatewayKey.objects.count() == 1


def test_the_list_of_keys_costs_few_queries(
    cast: Any, browse: Any, issued: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        System.objects.create(organisation=cast.organisation, number=700 + number, name="S", owner=cast.people["alice"])
        GatewayKey.objects.create(
            organisation=cast.organisation,
            system=issued.key.system,
            name=f"k{number}",
            prefix=f"p{number}",
            hash=f"h{number}",
            expires_at=issued.key.expires_at,
            issued_by=cast.people["alice"],
        )
    client = browse("caio")
    client.get(BASE + "keys/")
    with django_assert_max_num_queries(22):
        client.get(BASE + "keys/")
