"""Usage, refusals, findings, budgets and control points, as each of the cast may see them."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import encode
from pilothouse.contracts.policy.request import person_id
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.models import ControlPoint, System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.policy.models import Budget, Price, Upstream
from pilothouse.kernel.traffic import places, selectors
from pilothouse.kernel.traffic.actions import (
    control_points_say,
    keep_days,
    person_forget,
    retention_set,
    usage_observe,
)
from pilothouse.kernel.traffic.burning import burns
from pilothouse.kernel.traffic.control import Heard, control_point
from pilothouse.kernel.traffic.live import live
from pilothouse.kernel.traffic.models import KEEP_DAYS, TrafficSetting
from pilothouse.kernel.traffic.observed.seen import Seen
from pilothouse.kernel.traffic.periods import period
from pilothouse.kernel.traffic.tests.conftest import check, feedback, intent, refusal, settlement
from pilothouse.kernel.traffic.ticks import traffic_keep_tick, traffic_tick

pytestmark = pytest.mark.django_db


def usage(actor: Any, by: str = "system", **values: str) -> selectors.Usage:
    return selectors.usage(actor, selectors.asked_period(actor, timezone.now(), "7d"), by, values)


def test_it_works(cast, alpha, beta, told):
    told(settlement, alpha, cost=2_000_000)
    told(settlement, beta, cost=500_000, person=person_id(str(cast.organisation.pk), "Bob@harbour.example"))
    said = usage(cast.actor("caio"))
    assert (said.totals["calls"], said.totals["cost"], said.before["calls"]) == (2, 2_500_000, 0)
    assert [(line.name.text, line.row["cost"]) for line in said.lines] == [
        ("S-1 Claims helper", 2_000_000), ("S-2 Translator", 500_000)]  # fmt: skip
    assert len(said.days) == 7
    assert sum(row["calls"] for _, row in said.days) == 2
    assert {line.name.text for line in usage(cast.actor("caio"), "person").lines} == {"Bob", "Nobody named"}
    assert usage(cast.actor("caio"), system=str(beta.pk)).totals["calls"] == 1


def test_an_owner_sees_their_own_systems_alone(cast, alpha, beta, told):
    told(settlement, alpha)
    call = told(settlement, beta)
    told(refusal, beta)
    told(settlement)  # of no system: nobody's own
    alice = cast.actor("alice")
    assert usage(alice).totals["calls"] == 1
    assert usage(alice, system=str(beta.pk)).totals["calls"] == 0
    assert live(alice, timezone.now()).calls == 1
    span = selectors.asked_period(alice, timezone.now())
    assert selectors.refusals(alice, span, {}).total == 0
    with pytest.raises(NotFound):
        selectors.call(alice, call.call, timezone.now())


@pytest.mark.parametrize("who", ["employee"])
def test_who_may_not_see_traffic_sees_none(cast, told, who):
    with pytest.raises(Forbidden):
        usage(cast.actor(who))
    with pytest.raises(Forbidden):
        live(cast.actor(who), timezone.now())
    with pytest.raises(Forbidden):
        burns(cast.actor(who), timezone.now())


def test_an_outsider_sees_nothing_of_ours(cast, alpha, told):
    call = told(settlement, alpha)
    charlie = cast.actor("charlie")
    assert usage(charlie).totals["calls"] == 0
    with pytest.raises(NotFound):
        selectors.call(charlie, call.call, timezone.now())


def test_one_call_with_all_that_is_kept_of_it(cast, alpha, told):
    told(settlement, alpha, call="c9", findings={"email": 1})
    told(feedback, alpha, call="c9", id="c9/f", comment="good")
    found = selectors.call(cast.actor("caio"), "c9", timezone.now())
    assert found["usage"][0]["system_name"].text == "S-1 Claims helper"
    assert found["feedback"][0]["comment"] == "good"
    assert found["findings"][0]["kind"] == "email"
    with pytest.raises(NotFound):
        selectors.call(cast.actor("caio"), "nothing", timezone.now())


def test_refusals_findings_and_health(cast, alpha, told):
    told(refusal, alpha, findings={"secret": 2})
    told(refusal, alpha, code="stage", status=403)
    told(settlement, alpha, findings={"email": 3}, model_reported="v1")
    told(settlement, alpha, -3, model_reported="v2", status=502, finish="error")
    caio = cast.actor("caio")
    span = selectors.asked_period(caio, timezone.now())
    said = selectors.refusals(caio, span, {}, code="stage")
    assert (said.total, len(said.rows), {line.value for line in said.codes}) == (2, 1, {"stage", "budget_exhausted"})
    found = selectors.findings(caio, span, "system", {})
    assert found.kinds == (("email", 3, 1, 0), ("secret", 2, 1, 1))
    now = timezone.now()
    health = selectors.health(caio, now - timedelta(days=1), now)
    assert health.lines[0].row["failed"] == 1
    assert [row["versions"] for row in health.models] == [2, 2]
    with pytest.raises(Invalid):
        selectors.findings(caio, span, "id", {})
    with pytest.raises(Invalid):
        usage(caio, "colour")
    with pytest.raises(Invalid):
        usage(caio, colour="red")


def test_pages_of_calls_and_the_export_hold_every_call_once(cast, alpha, told):
    for number in range(7):
        told(settlement, alpha, -number)
    caio = cast.actor("caio")
    span = selectors.asked_period(caio, timezone.now(), "7d")
    pages = [selectors.calls(caio, span, {}, page, 3) for page in (1, 2, 3)]
    assert [more for _, more in pages] == [True, True, False]
    ids = [row["id"] for rows, _ in pages for row in rows]
    assert len(set(ids)) == 7
    assert [row["id"] for row in selectors.export(caio, span, {})] == ids


def test_live_joins_the_spool_and_the_warehouse_without_doubling(cast, alpha, told, home):
    both = told(settlement, alpha, -2)
    slot = places.spool() / "00"
    slot.mkdir(parents=True)
    about = {"organisation": str(cast.organisation.pk), "system": str(alpha.pk)}
    now = timezone.now()
    fresh = settlement(at=now - timedelta(minutes=1), cost=7, **about)
    open_call = intent(at=now - timedelta(seconds=5), **about)
    refused = refusal(at=now - timedelta(seconds=9), **about)
    (slot / "1.live").write_bytes(b"".join(encode(e) + b"\n" for e in (both, fresh, open_call, refused)))
    said = live(cast.actor("caio"), now)
    assert (said.calls, said.refused, said.under_way, said.cost) == (2, 1, 1, 1507)
    assert sum(minute.calls for minute in said.minutes) == 2
    assert [row["kind"] for row in said.rows] == ["refusal", "call", "call"]


def budget(cast, **said: Any) -> Budget:
    return Budget.objects.create(
        **({"organisation": cast.organisation, "window": "day", "name": "B", "cap": 10} | said)
    )


@time_machine.travel(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), tick=False)
def test_budgets_burn_and_foretell(cast, alpha, told, home, django_assert_max_num_queries):
    root = Unit.objects.create(organisation=cast.organisation, name="All")
    root.path = f"/{root.pk.hex}/"
    root.save()
    budget(cast, name="Whole", scope="organisation", cap=10)
    budget(cast, name="Helper", scope="system", system=alpha, cap=100)
    budget(cast, name="Unit", scope="unit", unit=root, cap=3, window="month")
    told(settlement, alpha, -60, cost=6_000_000, unit=str(root.pk))
    told(settlement, alpha, -60 * 24 * 3, cost=1_000_000)
    slot = places.spool() / "00"
    slot.mkdir(parents=True)
    late = settlement(at=timezone.now(), organisation=str(cast.organisation.pk), system=str(alpha.pk), cost=1_000_000)
    (slot / "1.live").write_bytes(encode(late) + b"\n")
    with django_assert_max_num_queries(12):
        found = {burn.budget.name: burn for burn in burns(cast.actor("cfo"), timezone.now())}
    assert found["Whole"].spent == Decimal(7)
    assert found["Whole"].forecast == Decimal(14)
    assert found["Whole"].exhausted_at == datetime(2026, 11, 20, 17, 8, 34, 285714, tzinfo=UTC)
    assert found["Helper"].exhausted_at is None
    assert found["Unit"].share == 2
    assert {burn.tone for burn in found.values()} == {"warn", "good", "bad"}


def test_without_budgets_there_is_nothing_to_burn(cast, home):
    assert burns(cast.actor("cfo"), timezone.now()) == []


@pytest.mark.parametrize(
    ("calls", "point"),
    [
        ({}, ControlPoint.ATTESTED),
        ({"gateway": 5}, ControlPoint.ENFORCED),
        ({"gateway": 5, "evaluate": 1}, ControlPoint.CHECKED),
        ({"evaluate": 1}, ControlPoint.CHECKED),
        ({"guardrail": 9, "import": 9}, ControlPoint.CHECKED),
        ({"guardrail": 9, "import": 10}, ControlPoint.OBSERVED),
        ({"gateway": 5, "otlp": 1}, ControlPoint.OBSERVED),
        ({"otlp": 1}, ControlPoint.OBSERVED),
    ],
)
def test_no_control_is_claimed_that_is_not_there(calls, point):
    said, why = control_point(Heard(calls))
    assert said == point
    assert re.match(r"\S.*\.$", why)


def test_control_points_follow_the_events(cast, alpha, beta, told):
    told(settlement, alpha)
    told(check, beta)
    assert traffic_tick(timezone.now())["control_points"] == 2
    points = dict(System.objects.values_list("number", "control_point"))
    assert points == {1: "enforced", 2: "checked"}
    assert Entry.objects.filter(action="system.control_point").count() == 2
    assert traffic_tick(timezone.now())["control_points"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert traffic_tick(timezone.now())["control_points"] == 2
    assert set(System.objects.values_list("control_point", flat=True)) == {"attested"}


def test_control_points_are_worked_out_anew_when_there_is_news(cast, alpha, beta, told, django_assert_num_queries):
    told(settlement, alpha)
    traffic_tick(timezone.now())
    os.utime(places.warehouse() / f".heard-{cast.organisation.pk}", (time.time() + 60, time.time() + 60))
    with django_assert_num_queries(1):
        assert traffic_tick(timezone.now())["control_points"] == 0
    os.utime(places.warehouse() / f".heard-{cast.organisation.pk}", (time.time() - 60, time.time() - 60))
    told(settlement, beta)
    assert traffic_tick(timezone.now())["control_points"] == 1


def test_the_tick_brings_in_what_gateways_wrote(cast, alpha, home):
    slot = places.spool() / "00"
    slot.mkdir(parents=True)
    event = settlement(at=timezone.now(), organisation=str(cast.organisation.pk), system=str(alpha.pk))
    (slot / "1.jsonl").write_bytes(encode(event) + b"\n")
    done = traffic_tick(timezone.now())
    seen = {"control_points": 1, "unapproved_models": 0, "model_changes": 0}
    assert done == {"files": 1, "rows": 1, "unread": 0} | seen
    assert usage(cast.actor("caio")).totals["calls"] == 1


def test_control_points_need_the_permission(cast, alpha):
    with pytest.raises(Forbidden):
        control_points_say(actor=cast.actor("employee"), heard={})


def seen(number: int = 1, **said: Any) -> Seen:
    basic = {
        "line": number,
        "id": f"x{number}",
        "at": timezone.now() - timedelta(hours=1),
        "model": "gpt-x",
        "provider": "openai",
    }
    return Seen(**(basic | {"tokens": Tokens(1_000_000, 0)} | said))


def test_what_others_saw_is_taken_in_once(cast, alpha, home):
    ciso = cast.actor("ciso")
    upstream = Upstream.objects.create(organisation=cast.organisation, name="openai", base_url="https://x.example/v1")
    for days, price in ((30, 2), (10, 3)):
        Price.objects.create(
            organisation=cast.organisation, upstream=upstream, model="gpt-x", currency="EUR", input=price, output=9,
            valid_from=timezone.now() - timedelta(days=days),
        )  # fmt: skip
    rows = [
        seen(1, system="S-1"),
        seen(2, system="claims HELPER", at=timezone.now() - timedelta(days=20)),
        seen(3, cost=77),
        seen(4, system="S-99"),
        seen(5, at=None),
        seen(6, cost=-1),
        seen(7, at=timezone.now() + timedelta(days=1)),
        seen(8, at=timezone.now() - timedelta(days=2000)),
    ]
    said = usage_observe(actor=ciso, seen=rows, source="import")
    assert (said.new, said.known, said.unassigned, [line for line, _ in said.refused]) == (3, 0, 1, [4, 5, 6, 7, 8])
    again = usage_observe(actor=ciso, seen=[seen(1, system="S-1"), seen(9)], source="import", system=alpha)
    assert (again.new, again.known) == (1, 1)
    whole = usage(ciso)
    assert (whole.totals["calls"], whole.totals["cost"]) == (3, 3_000_000 + 77 + 3_000_000)
    caio = cast.actor("caio")
    longer = selectors.usage(caio, selectors.asked_period(caio, timezone.now(), "30d"), "source", {})
    assert [(line.name.text, line.row["calls"]) for line in longer.lines] == [("Seen in a log", 4)]
    assert longer.totals["cost"] - whole.totals["cost"] == 2_000_000
    assert Entry.objects.filter(action="usage.imported").count() == 2
    traffic_tick(timezone.now())
    assert System.objects.get(pk=alpha.pk).control_point == "observed"


def test_taking_in_needs_the_permission_and_a_known_source(cast, alpha, home):
    with pytest.raises(Forbidden):
        usage_observe(actor=cast.actor("auditor"), seen=[seen()], source="otlp")
    with pytest.raises(Invalid):
        usage_observe(actor=cast.actor("ciso"), seen=[seen()], source="gateway")
    with pytest.raises(Invalid):
        usage_observe(actor=cast.actor("ciso"), seen=[seen()] * 100_001, source="otlp")


def test_retention_is_set_and_kept_to(cast, alpha, told):
    assert keep_days(cast.organisation.pk) == KEEP_DAYS
    with pytest.raises(Invalid):
        retention_set(actor=cast.actor("caio"), days=3)
    with pytest.raises(Forbidden):
        retention_set(actor=cast.actor("auditor"), days=30)
    assert isinstance(retention_set(actor=cast.actor("caio"), days=30), TrafficSetting)
    told(settlement, alpha, -60 * 24 * 40)
    told(settlement, alpha)
    assert traffic_keep_tick(timezone.now())["forgotten"] == 1
    assert keep_days(cast.organisation.pk) == 30


def test_a_person_can_be_forgotten(cast, alpha, told):
    told(settlement, alpha, person=person_id(str(cast.organisation.pk), "bob@harbour.example"))
    legal = cast.actor("legal")
    with pytest.raises(Invalid):
        person_forget(actor=legal, told="", reason="")
    with pytest.raises(Forbidden):
        person_forget(actor=cast.actor("bob"), told="x", reason="y")
    assert person_forget(actor=legal, told="Bob@Harbour.example ", reason="Request of 3 March") == 1
    assert [line.name.text for line in usage(legal, "person").lines] == ["Nobody named"]
    entry = Entry.objects.get(action="traffic.person_forgotten")
    assert "bob" not in str(entry.content.body).lower()


NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("today", date(2026, 3, 2), date(2026, 3, 2)),
        ("7d", date(2026, 2, 24), date(2026, 3, 2)),
        ("", date(2026, 2, 1), date(2026, 3, 2)),
        ("month", date(2026, 3, 1), date(2026, 3, 2)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_periods_are_days_of_the_organisation(key, first, last):
    found = period(NOW, "Europe/Berlin", key)
    assert (found.first, found.last) == (first, last)
    assert found.since == datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=1)


def test_periods_from_to():
    found = period(NOW, "UTC", first="2026-01-05", last="2026-01-06")
    assert (found.words, found.query) == ("5 January 2026 to 6 January 2026", "from=2026-01-05&to=2026-01-06")
    assert found.until - found.since == timedelta(days=2)
    for wrong in (
        {"first": "soon"},
        {"first": "2026-02-02", "last": "2026-02-01"},
        {"first": "2000-01-01"},
        {"key": "x"},
    ):
        with pytest.raises(Invalid):
            period(NOW, "UTC", **wrong)
