"""What an edit of the rulebook would change, said beforehand."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.papers import seal_papers

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.checks.actions import parse_body, rulebook_activate, rulebook_adopt, rulebook_propose, set_intake
from pilothouse.kernel.checks.impact import rulebook_impact
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.selectors import gaps
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System

ALL_NO = dict.fromkeys(("affects_people", "safety", "personal_data", "acts_alone", "outside_people"), "no")


@pytest.fixture
def caio(cast):
    actor = cast.actor("caio")
    rulebook_adopt(actor=actor, base="enterprise")
    ready = system_create(
        actor=actor,
        name="Search",
        purpose="Find",
        owner_id=actor.person_id,
        outcome="Time",
        outcome_metric="hours",
    )
    seal_papers(actor, ready)
    set_intake(actor=actor, system=ready, answers=ALL_NO)
    system_create(actor=actor, name="Rank", purpose="Rank")
    return actor


def body(**edit):
    made = SHIPPED["enterprise"].body.model_dump(mode="json")
    asks = made["gates"]["development"]["asks"]
    for name, value in edit.items():
        if name == "drop":
            asks[:] = [ask for ask in asks if ask["check"] not in value]
        elif name == "add":
            asks.extend({"check": check} for check in value)
        else:
            made[name] = value
    return parse_body(made)


def test_it_works(caio):
    impact = rulebook_impact(caio, body(drop=["inventory.unit"]))
    assert impact.difference.kind == "loosening"
    assert [system.name for system in impact.newly_ready] == ["Search"]
    assert (impact.ready_before, impact.ready_after) == (0, 1)
    assert [(c.title, c.before, c.after) for c in impact.checks] == [("A place in the organisation", 2, 0)]


def test_the_same_rulebook_changes_nothing(caio):
    assert rulebook_impact(caio, body()).nothing


def test_a_stricter_one_says_who_is_no_longer_ready(caio):
    first = rulebook_propose(actor=caio, body=body(add=["inventory.stage"]), reason="More")
    rulebook_activate(actor=caio, rulebook=first)
    System.objects.filter(name="Search").update(unit=None)
    impact = rulebook_impact(caio, body(drop=["inventory.unit"], add=["inventory.vendor"]))
    assert [c.check_id for c in impact.checks] == ["inventory.unit", "inventory.vendor"]


def test_tiers_that_would_move_are_named(caio):
    questions = SHIPPED["enterprise"].body.model_dump(mode="json")["questions"]
    for question in questions:
        question["no"] = "medium"
    impact = rulebook_impact(caio, body(questions=questions))
    assert [(m.system.name, m.before, m.after) for m in impact.tiers] == [("Search", "low", "medium")]


def test_deadlines_of_inherited_gaps_that_would_move_are_named(caio):
    found = datetime.now(UTC) - timedelta(days=3)
    System.objects.filter(name="Rank").update(stage="production", inherited_at=found)
    impact = rulebook_impact(caio, body(inherited_days={"low": 180, "medium": 90, "high": 20}))
    (moved,) = impact.deadlines
    assert (moved.system.name, moved.before - moved.after) == ("Rank", timedelta(days=10))


def test_it_keeps_nothing_and_foretells_what_comes(caio):
    new = body(add=["inventory.affects", "inventory.outputs"])
    rows = FindingRow.objects.count()
    impact = rulebook_impact(caio, new)
    assert FindingRow.objects.count() == rows
    assert gaps(caio).count() == impact.gaps_before
    rulebook_activate(actor=caio, rulebook=rulebook_propose(actor=caio, body=new, reason="More"))
    assert gaps(caio).count() == impact.gaps_after


def test_the_number_of_queries_does_not_grow(caio):
    def queries():
        with CaptureQueriesContext(connection) as sent:
            rulebook_impact(caio, body())
        return len(sent)

    few = queries()
    for n in range(20):
        system_create(actor=caio, name=f"System {n}")
    assert queries() == few


def test_an_employee_sees_nothing(cast, caio):
    with pytest.raises(Forbidden):
        rulebook_impact(cast.actor("employee"), body())
