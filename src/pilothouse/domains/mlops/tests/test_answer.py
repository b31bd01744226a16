"""How long faults went unnoticed, counted by hand, and the page that shows the rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from pilothouse.domains.mlops.answer import answer
from pilothouse.domains.mlops.tests.papers import PAPERS
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal
from pilothouse.web.panels import panels

INCIDENT, MONITOR = "mlops.incident", "mlops.monitor"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BARE = PAPERS[INCIDENT] | dict.fromkeys(("acknowledged", "contained", "resolved", "cause", "runbook"))


@pytest.fixture
def planner(cast):
    made = system_create(actor=cast.actor("caio"), name="Berth planner", owner_id=cast.people["alice"].pk)
    System.objects.filter(pk=made.pk).update(stage="production")
    system_create(actor=cast.actor("caio"), name="Only an idea")
    return System.objects.get(pk=made.pk)


@pytest.fixture
def happen(cast, planner):
    def do(*times, **changes):
        bodies = [(planner, BARE | {"onset": onset, "detected": detected} | changes) for onset, detected in times]
        return records_seal(actor=cast.actor("caio"), kind=INCIDENT, bodies=bodies)

    return do


@pytest.fixture
def watched(cast, planner):
    return records_seal(actor=cast.actor("caio"), kind=MONITOR, bodies=[(planner, PAPERS[MONITOR])])


def test_nothing_known_is_none(cast, planner):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown, figure.unit) == (None, 0, 0, 0, "hours")
    assert figure.because == (
        "No incident is recorded within twelve months. Nobody is alerted. 0 of 1 running systems have a live monitor."
    )
    assert {point.value for point in figure.trend} == {None}


def test_the_mean_of_twelve_months(cast, happen, watched):
    happen(
        ("2026-11-01 00:00", "2026-11-01 06:00"),  # 6 hours
        ("2026-09-01 00:00", "2026-09-03 00:00"),  # 48 hours
        (None, "2026-10-01 00:00"),
        ("2025-10-01 00:00", "2025-11-20 00:00"),  # longer ago than a year
    )
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (27.0, 54.0, 2, 1)
    assert figure.rows == "mlops/incidents/?show=timed"
    assert "Over 2 incidents of twelve months with a known beginning; of 1 more" in figure.because
    assert "Alerts go to Bob, Chief AI Officer." in figure.because
    months = {point.day.isoformat(): (point.value, point.denominator, point.unknown) for point in figure.trend}
    assert len(figure.trend) == 12
    assert months["2025-12-31"] == (1200.0, 1, 0)
    assert months["2026-08-31"] == (1200.0, 1, 0)
    assert months["2026-09-30"] == (624.0, 2, 0)
    assert months["2026-10-31"] == (624.0, 2, 1)
    assert months["2026-11-23"] == (27.0, 2, 1)


def test_only_what_one_may_see_is_counted(cast, happen):
    happen(("2026-11-01 00:00", "2026-11-01 06:00"))
    assert answer(cast.actor("alice"), NOW).denominator == 1
    assert answer(cast.actor("charlie"), NOW).denominator == 0
    System.objects.update(owner=None)
    assert answer(cast.actor("alice"), NOW).denominator == 0


def test_the_answer_takes_a_constant_number_of_queries(cast, happen, watched, django_assert_max_num_queries):
    happen(*[("2026-11-01 00:00", "2026-11-01 06:00")] * 20)
    caio = cast.actor("caio")
    with django_assert_max_num_queries(6):
        answer(caio, NOW)


@time_machine.travel(NOW)
def test_the_page_shows_the_rows_that_are_counted(cast, happen, watched, client):
    client.force_login(cast.people["caio"].user)
    base = f"/o/{cast.organisation.slug}/mlops/incidents/"
    assert "No incident is recorded" in client.get(base).content.decode()
    happen(("2026-11-01 00:00", "2026-11-01 06:00"), title="Two ships on one berth")
    happen((None, "2026-10-01 00:00"), title="A ship without a berth")
    happen(("2025-10-01 00:00", "2025-11-20 00:00"), title="Long ago")
    shown = client.get(base).content.decode()
    assert "Two ships on one berth" in shown
    assert "A ship without a berth" in shown
    assert "Long ago" not in shown
    assert "6 hours unnoticed" in shown
    assert "Overdue" in shown
    assert "A ship without" not in client.get(f"{base}?show=timed").content.decode()
    assert "Two ships" not in client.get(f"{base}?show=untimed").content.decode()
    assert "Long ago" in client.get(f"{base}?show=open").content.decode()
    assert client.get(f"{base}?show=nonsense").status_code == 200


def test_the_page_is_for_those_who_see_systems(cast, client):
    client.force_login(cast.people["employee"].user)
    assert client.get(f"/o/{cast.organisation.slug}/mlops/incidents/").status_code == 403
    client.force_login(cast.people["charlie"].user)
    assert client.get(f"/o/{cast.organisation.slug}/mlops/incidents/").status_code == 404


@time_machine.travel(NOW)
def test_the_domain_page_draws_the_year(cast, happen, rf):
    panel = next(one for one in panels._panels.values() if one.key == "mlops.incidents")
    request = rf.get("/")
    request.actor, request.organisation = cast.actor("caio"), cast.organisation
    assert panel.render(request, None) == ""
    happen(*[("2026-11-01 00:00", "2026-11-01 06:00")] * 9)
    assert "1 more of the year" in panel.render(request, None)


def test_a_role_that_nobody_holds_is_not_alerted(cast, planner):
    bodies = [
        PAPERS[MONITOR] | {"people": [], "role": "operations"},
        PAPERS[MONITOR] | {"name": "Drift", "role": "owner"},
    ]
    records_seal(actor=cast.actor("caio"), kind=MONITOR, bodies=[(planner, body) for body in bodies])
    assert "Alerts go to Bob, The system's owner." in answer(cast.actor("caio"), NOW).because
