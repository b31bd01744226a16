"""Use among eligible people, counted by hand; the pages of use, reports and rules."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from pilothouse.domains.experience.answer import answer
from pilothouse.domains.experience.selectors.acknowledged import acknowledged
from pilothouse.domains.experience.selectors.work import redesigns
from pilothouse.domains.experience.tests.papers import PAPERS
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal
from pilothouse.web.panels import panels

USE = "experience.use"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNCOUNTED = {"overridden": None, "checked": None, "wrong": None, "caught": None}


def figures(period, eligible, active, answers=100, overridden=10):
    said = PAPERS[USE] | UNCOUNTED | {"period": period, "eligible": eligible, "active": active, "answers": answers}
    return said | {"overridden": overridden}


@pytest.fixture
def systems(cast):
    made = [system_create(actor=cast.actor("caio"), name=name) for name in ("Planner", "Letters", "Silent", "Idea")]
    System.objects.filter(pk__in=[one.pk for one in made[:3]]).update(stage="production")
    return list(System.objects.order_by("number"))


@pytest.fixture
def told(cast, systems):
    planner, letters, _, idea = systems
    bodies = [
        (planner, figures("2026-10", 40, 20)),
        (planner, figures("2026-06", 40, 4)),
        (letters, figures("2026-09", 10, 9, overridden=None)),
        (idea, figures("2026-10", 1000, 1000)),
    ]
    return records_seal(actor=cast.actor("caio"), kind=USE, bodies=bodies)


def test_nothing_known_is_none(cast, systems):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (None, 0, 0, 3)
    assert figure.because == "Of 3 of 3 running systems nobody has said how much they are used."
    System.objects.update(stage="idea")
    assert answer(cast.actor("caio"), NOW).because == "No system runs."


def test_the_share_of_eligible_people(cast, told):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (58.0, 29, 50, 1)
    assert figure.rows == "experience/use/?show=known"
    assert figure.because == (
        "29 of 50 eligible people are active, and 10.0 of 100 answers are overridden; "
        "of 1 of 3 running systems nobody has said how much they are used."
    )
    months = {point.day.isoformat(): (point.value, point.numerator, point.unknown) for point in figure.trend}
    assert len(figure.trend) == 12
    assert months["2025-12-31"] == (None, 0, 3)
    assert months["2026-06-30"] == (10.0, 4, 2)
    assert months["2026-09-30"] == (26.0, 13, 1)
    assert months["2026-11-23"] == (58.0, 29, 1)


def test_only_what_one_may_see_is_counted(cast, told):
    assert answer(cast.actor("alice"), NOW).unknown == 0
    System.objects.filter(name="Letters").update(owner=cast.people["alice"])
    figure = answer(cast.actor("alice"), NOW)
    assert (figure.numerator, figure.denominator, figure.unknown) == (9, 10, 0)


def test_the_answer_takes_a_constant_number_of_queries(cast, told, django_assert_max_num_queries):
    caio = cast.actor("caio")
    with django_assert_max_num_queries(2):
        answer(caio, NOW)


@time_machine.travel(NOW)
def test_the_page_shows_the_rows_that_are_counted(cast, told, client):
    client.force_login(cast.people["caio"].user)
    base = f"/o/{cast.organisation.slug}/experience/use/"
    shown = client.get(base).content.decode()
    assert "Planner" in shown
    assert "Not counted" in shown
    assert "Nobody has said" in shown
    assert "Silent" not in client.get(f"{base}?show=known").content.decode()
    assert "Planner" not in client.get(f"{base}?show=unknown").content.decode().partition("<main")[2]
    System.objects.update(stage="idea")
    assert "No system here" in client.get(base).content.decode()


@time_machine.travel(NOW)
def test_reports_stand_where_they_wait(cast, systems, client):
    client.force_login(cast.people["caio"].user)
    base = f"/o/{cast.organisation.slug}/experience/reports/"
    assert "No report waits" in client.get(base).content.decode()
    assert "Nobody has asked for a tool" in client.get(f"{base}?show=asked").content.decode()
    assert "Nobody has reported" in client.get(f"{base}?show=all").content.decode()
    open_ = PAPERS["experience.feedback"] | {"verdict": None, "reply": None, "replied_on": None, "on": "2026-11-01"}
    bodies = [
        (systems[0], PAPERS["experience.feedback"]),
        (systems[0], open_ | {"what": "It named a ship twice", "by": None}),
    ]
    records_seal(actor=cast.actor("caio"), kind="experience.feedback", bodies=bodies)
    shown = client.get(base).content.decode()
    assert "It named a ship twice" in shown
    assert "Overdue" in shown
    assert "Without a name" in shown
    assert "a berth for a ship of 9 m" not in shown
    assert "a berth for a ship of 9 m" in client.get(f"{base}?show=all").content.decode()


def test_who_has_read_the_rules_by_unit_and_version(cast, client, django_assert_max_num_queries):
    caio = cast.actor("caio")
    quay = Unit.objects.create(organisation=cast.organisation, name="Quay")
    for name in ("alice", "bob", "employee"):
        cast.people[name].unit = quay
        cast.people[name].save()
    rules = PAPERS["experience.rules"]
    first = records_seal(actor=caio, kind="experience.rules", bodies=[(None, rules | {"units": ["Quay"]})])[0]
    changed = rules | {"units": ["Quay"], "why": "As it was said"}
    second = records_seal(actor=caio, kind="experience.rules", bodies=[(None, changed)])[0]
    read = {"rules": first.key, "on": "2026-11-02"}
    bodies = [
        (None, {"person": "alice@harbour.example", "read": [read | {"version": 1, "hash": first.hash}]}),
        (None, {"person": "bob@harbour.example", "read": [read | {"version": 2, "hash": second.hash}]}),
    ]
    records_seal(actor=caio, kind="experience.acknowledgement", bodies=bodies)
    with django_assert_max_num_queries(4):
        (count,) = acknowledged(caio)
    assert [(row.unit, row.people, row.current, row.older, row.not_yet) for row in count.rows] == [("Quay", 3, 1, 1, 1)]
    client.force_login(cast.people["caio"].user)
    assert "acknowledged by 1 of 3" in client.get(f"/o/{cast.organisation.slug}/experience/rules/").content.decode()


@time_machine.travel(NOW)
def test_the_domain_page_draws_what_people_say_and_how_work_changes(cast, systems, rf):
    drawn = {one.key: one for one in panels._panels.values() if one.key.startswith("experience.")}
    request = rf.get("/")
    request.actor, request.organisation = cast.actor("caio"), cast.organisation
    assert drawn["experience.work"].render(request, None) == ""
    late = PAPERS["experience.feedback"] | {"verdict": None, "reply": None, "replied_on": None, "on": "2026-10-01"}
    for kind, body in (("experience.workflow", PAPERS["experience.workflow"]), ("experience.feedback", late)):
        records_seal(actor=cast.actor("caio"), kind=kind, bodies=[(systems[0], body)])
    assert "some are overdue" in drawn["experience.heard"].render(request, None)
    shown = drawn["experience.work"].render(request, None)
    assert "31 → 8" in shown
    assert "345 spared" in shown
    (row,) = redesigns(cast.actor("caio"))
    assert (row.before_width, row.after_width) == (Decimal("100.00"), Decimal("25.81"))
    request.actor = cast.actor("alice")
    assert "Rules acknowledged" not in drawn["experience.heard"].render(request, None)
