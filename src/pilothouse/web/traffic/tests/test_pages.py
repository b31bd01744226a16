"""The pages of traffic, as each of the cast sees them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pilothouse.contracts.policy.events import encode
from pilothouse.contracts.policy.request import person_id
from pilothouse.kernel.policy.models import Budget
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.actions import keep_days
from pilothouse.kernel.traffic.tests.conftest import feedback, refusal, settlement
from pilothouse.kernel.traffic.ticks import traffic_tick

pytestmark = pytest.mark.django_db
BASE = "/o/harbour/traffic"
PAGES = ["/", "/usage/", "/calls/", "/refusals/", "/findings/", "/budgets/", "/upstreams/", "/keeping/"]


@pytest.fixture
def busy(alpha, beta, told):
    told(settlement, alpha, cost=1_234_567, findings={"email": 2}, model_reported="v1", call="c1", price="p")
    told(settlement, alpha, -9, cost=0, model="other", status=502, finish="error")
    told(settlement, beta, -3, model_reported="v2", cost=500)
    told(refusal, alpha, reason="The day’s budget is used up.", findings={"secret": 1}, call="c2")
    told(feedback, alpha, call="c1", id="c1/f", comment="Fine <b>answer</b>", accepted=False)
    return alpha


def said(client, path, **query):
    response = client.get(BASE + path, query)
    assert response.status_code == 200, path
    return response.content.decode()


def rows(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_it_works(browse, busy):
    text = said(browse("caio"), "/usage/", period="7d")
    assert "S-1 Claims helper" in text
    assert "1.23" in text
    assert "nothing in the period before" in text
    assert "Without a price" in text
    for chart in re.findall(r"<svg class=\"trend\".*?</svg>", text, re.DOTALL):
        assert "aria-label" in chart


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_with_and_without_traffic(browse, cast, home, path, request):
    said(browse("caio"), path)
    request.getfixturevalue("busy")
    said(browse("caio"), path)


@pytest.mark.parametrize("path", [*PAGES, "/usage/export.csv", "/observe/"])
def test_who_may_not_see_traffic_gets_no_page(browse, home, path):
    assert browse("employee").get(BASE + path).status_code == 403
    assert browse("charlie").get(BASE + path).status_code == 404


def test_usage_narrows_down_to_one_call(browse, busy):
    caio = browse("caio")
    text = said(caio, "/usage/", period="7d")
    assert f"system={busy.pk}&amp;by=model" in text
    narrowed = said(caio, "/usage/", period="7d", system=str(busy.pk), by="model")
    assert "Take away: System S-1 Claims helper" in narrowed
    calls = said(caio, "/calls/", period="7d", system=str(busy.pk))
    assert f"{BASE}/calls/c1/" in calls
    assert "unknown" in calls
    one = said(caio, "/calls/c1/")
    assert "E-mail addresses" in one
    assert "Fine &lt;b&gt;answer&lt;/b&gt;" in one
    assert "Overridden." in one


def test_an_address_that_makes_no_sense_shows_the_usual_and_says_so(browse, busy):
    text = said(browse("caio"), "/usage/", **{"from": "soon", "by": "colour", "page": "x"})
    assert "is no date" in text
    assert "was not understood" in text
    assert "S-1 Claims helper" in text
    assert browse("caio").get(f"{BASE}/calls/nothing/").status_code == 404
    said(browse("caio"), "/calls/", page="99999999999")


def test_dates_count_when_they_were_typed_and_the_choice_when_it_was_changed(browse, busy):
    caio = browse("caio")
    dates = {"from": "2026-11-01", "to": "2026-11-02"}
    assert "1 November 2026 to 2 November 2026" in said(caio, "/usage/", **dates)
    assert "1 November 2026 to 2 November 2026" in said(caio, "/usage/", period="custom", **dates)
    assert "1 November 2026 to 2 November 2026" in said(caio, "/usage/", period="30d", shown="period=30d", **dates)
    assert "1 November 2026 to 2 November 2026" not in said(caio, "/usage/", period="7d", shown="period=30d", **dates)
    assert "There is no period" in said(caio, "/usage/", period="x", shown="period=x", **dates)


def test_a_refusal_says_why(browse, busy):
    caio = browse("caio")
    assert "The day’s budget is used up." in said(caio, "/refusals/", period="7d")
    assert "The day’s budget is used up." not in said(caio, "/refusals/", period="7d", code="stage")
    one = said(caio, "/calls/c2/")
    assert "Why it was refused" in one
    assert "budget_exhausted" in one


def test_an_owner_sees_their_own_alone(browse, busy):
    alice = browse("alice")
    assert "Translator" not in said(alice, "/usage/", period="7d")
    assert "Claims helper" in said(alice, "/usage/", period="7d")
    assert "Translator" in said(browse("auditor"), "/usage/", period="7d")


def test_live_shows_the_last_minutes_and_renews_itself(browse, busy):
    caio = browse("caio")
    text = said(caio, "/")
    assert 'hx-trigger="every 5s"' in text
    fragment = caio.get(f"{BASE}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Claims helper" in fragment


def test_what_is_in_the_spool_shows_at_once_and_comes_in_later(browse, cast, alpha, home):
    slot = places.spool() / "00"
    slot.mkdir(parents=True)
    event = settlement(
        at=timezone.now(), organisation=str(cast.organisation.pk), system=str(alpha.pk), model="fresh-one"
    )
    (slot / "1.jsonl").write_bytes(encode(event) + b"\n")
    assert "fresh-one" in said(browse("caio"), "/")
    assert "fresh-one" not in said(browse("caio"), "/calls/")
    traffic_tick(timezone.now())
    assert "fresh-one" in said(browse("caio"), "/calls/")
    assert said(browse("caio"), "/").count("fresh-one") == 1


def test_exports_hold_what_the_pages_show(browse, busy):
    caio = browse("caio")
    usage = rows(caio.get(f"{BASE}/usage/export.csv", {"period": "7d"}))
    assert [line[:3] for line in usage] == [
        ["system", "calls", "cost"],
        ["S-1 Claims helper", "2", "1.234567"],
        ["S-2 Translator", "1", "0.0005"],
    ]
    calls = rows(caio.get(f"{BASE}/calls/export.csv", {"period": "7d"}))
    assert len(calls) == 4
    assert dict(zip(calls[0], calls[2], strict=True))["system"] == "S-1 Claims helper"
    assert rows(caio.get(f"{BASE}/refusals/export.csv"))[1][9] == "budget_exhausted"
    assert sorted(line[0] for line in rows(caio.get(f"{BASE}/findings/export.csv"))) == ["email", "kind", "secret"]


def test_no_cell_of_an_export_is_a_formula(browse, alpha, told):
    told(settlement, alpha, model="=1+2")
    calls = rows(browse("caio").get(f"{BASE}/calls/export.csv"))
    assert "'=1+2" in calls[1]


def test_pages_cost_few_queries(browse, busy, told, alpha, django_assert_max_num_queries):
    for number in range(30):
        told(settlement, alpha, -number / 10, person=f"p{number}", key=f"k{number}")
    caio = browse("caio")
    for path in PAGES:
        with django_assert_max_num_queries(32):
            said(caio, path)


def test_a_system_page_says_how_it_is_controlled(browse, busy):
    text = browse("caio").get("/o/harbour/systems/1/", {"tab": "traffic"}).content.decode()
    assert "Traffic" in text
    panel = browse("caio").get("/o/harbour/systems/1/?tab=traffic#traffic").content.decode()
    assert "went through the gateway" in panel


def test_the_list_of_systems_filters_by_control_point(browse, busy):
    traffic_tick(timezone.now())
    text = browse("caio").get("/o/harbour/systems/", {"control_point": "enforced"}).content.decode()
    assert "Claims helper" in text


def test_a_budget_shows_its_burn(browse, cast, busy):
    Budget.objects.create(organisation=cast.organisation, name="Whole", scope="organisation", window="day", cap=1)
    text = said(browse("cfo"), "/budgets/")
    assert "Used up: calls are refused" in text
    assert "Whole" in text


LOG = b"time,model,prompt_tokens,cost,system\n2026-11-20T10:00:00Z,m,10,0.5,S-1\n2026-11-20T10:00:00Z,m,11,0.5,S-77\n"


def test_a_log_is_brought_in(browse, alpha, home):
    ciso = browse("ciso")
    assert ciso.get(f"{BASE}/observe/").status_code == 200
    sent = ciso.post(f"{BASE}/observe/", {"file": SimpleUploadedFile("log.csv", LOG), "system": ""})
    text = sent.content.decode()
    assert sent.status_code == 200
    assert "1 calls are new" in text
    assert "There is no system “S-77” here" in text
    again = ciso.post(
        f"{BASE}/observe/", {"file": SimpleUploadedFile("log.csv", LOG), "system": "S-1"}
    ).content.decode()
    assert "1 calls are new, 1 were known already" in again


@pytest.mark.parametrize(
    ("file", "system", "wrong"),
    [(b"a,b\n1,2\n", "", "Columns for the time"), (LOG, "S-99", "no such system"), (LOG, "first", "looks like S-4")],
)
def test_what_cannot_be_brought_in_is_told_beside_the_field(browse, alpha, home, file, system, wrong):
    sent = browse("ciso").post(f"{BASE}/observe/", {"file": SimpleUploadedFile("log.csv", file), "system": system})
    assert sent.status_code == 422
    assert wrong in sent.content.decode()


def test_bringing_in_needs_the_permission(browse, home):
    assert browse("auditor").post(f"{BASE}/observe/", {}).status_code == 403


def test_retention_is_set_on_the_page(browse, cast, home):
    caio = browse("caio")
    assert caio.post(f"{BASE}/keeping/days/", {"days": "90"}).status_code == 302
    assert keep_days(cast.organisation.pk) == 90
    assert caio.post(f"{BASE}/keeping/days/", {"days": "3"}).status_code == 422
    assert browse("auditor").post(f"{BASE}/keeping/days/", {"days": "90"}).status_code == 403


def test_a_person_is_forgotten_on_the_page(browse, cast, alpha, told):
    told(settlement, alpha, person=person_id(str(cast.organisation.pk), "bob@harbour.example"))
    legal = browse("legal")
    assert "Bob" in said(legal, "/usage/", by="person")
    assert legal.post(f"{BASE}/keeping/forget/", {"told": "bob@harbour.example", "reason": ""}).status_code == 422
    assert (
        legal.post(f"{BASE}/keeping/forget/", {"told": "bob@harbour.example", "reason": "Art. 17"}).status_code == 302
    )
    assert "Nobody named" in said(legal, "/usage/", by="person")
    assert browse("bob").post(f"{BASE}/keeping/forget/", {"told": "x", "reason": "y"}).status_code == 403
