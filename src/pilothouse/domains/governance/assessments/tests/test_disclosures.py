"""Public claims: what still supports them, the register, and who is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from pilothouse.contracts.errors import Forbidden
from pilothouse.domains.governance.assessments.claims import Fact, judge_claim, number_in
from pilothouse.domains.governance.assessments.disclosures import claims, disclosures_tick
from pilothouse.domains.governance.assessments.tests.papers import disclosure
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.schema import problems
from pilothouse.site.cli import run

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "01a22509-3927-7179-b94c-65648960128e"
KIND = "governance.disclosure"


def state(fact="current", value=None, stages=None, **changes):
    body = disclosure(**changes)
    return judge_claim(body, {ID: Fact(fact, value)}, stages or {}, TODAY)


def figured(said, tolerance):
    return [disclosure()["backing"][0] | {"figure": said, "tolerance": tolerance}]


def test_what_still_stands():
    assert state().state == "supported"
    assert state(expires="2026-12-20").state == "soon"
    assert state("superseded").state == "doubtful"
    assert state("reopened").state == "doubtful"


@pytest.mark.parametrize("standing", ["missing", "withdrawn", "expired", "not_yet"])
def test_what_it_rests_on_is_gone(standing):
    assert state(standing).state == "unsupported"


def test_its_own_day_has_passed():
    assert "22 November 2026" in state(expires="2026-11-22").reasons[0]
    assert state(expires="2026-11-23").state == "soon"


def test_the_figure_moved():
    assert state(value=Decimal("2.5"), backing=figured("2.0", "0.5")).state == "supported"
    assert state(value=Decimal("2.51"), backing=figured("2.0", "0.5")).reasons == (
        "The figure is 2.51 now; 2 is claimed.",
    )
    assert state(value=None, backing=figured("2.0", "0.5")).state == "unsupported"


def test_a_system_that_is_retired():
    assert state(stages={4: "retired"}, systems=[4]).state == "unsupported"
    assert state(stages={4: "production"}, systems=[4]).state == "supported"
    assert state(systems=[4]).state == "unsupported"


def test_a_figure_needs_its_tolerance():
    found = problems(registry.records[KIND].schema, disclosure(backing=figured("2", None)))
    assert set(found) == {"backing.0.tolerance"}


def test_one_number_or_none():
    assert number_in("2.1 %") == Decimal("2.1")
    assert number_in("breach: “f” 0.4 (2 groups)") is None
    assert number_in(None) is None


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="Planner")


def measured(cast, system, value, replaces=None):
    return evidence_add(
        actor=cast.actor("caio"),
        system=system,
        title=f"Errors {value}",
        figure={"metric": "Error rate", "value": value, "unit": "%"},
        replaces=replaces,
        effective_on=date(2026, 11, 1),
    )


def claimed(cast, evidence, **changes):
    caio = cast.actor("caio")
    backing = figured("2.0", "0.5")
    backing[0]["address"] = f"/o/harbour/evidence/{evidence.pk}/"
    body = disclosure(backing=backing, **changes)
    return record_seal(actor=caio, record=record_draft(actor=caio, system=None, kind=KIND, body=body))


@time_machine.travel(NOW, tick=False)
def test_it_works(cast, system, django_assert_max_num_queries):
    first = measured(cast, system, "2.1")
    for name in ("One", "Two", "Three"):
        claimed(cast, first, name=f"{name} of three", systems=[system.number])
    with django_assert_max_num_queries(5):
        rows = claims(cast.actor("caio"), TODAY)
    assert [row.verdict.state for row in rows] == ["supported"] * 3
    measured(cast, system, "3.4", replaces=first)
    rows = claims(cast.actor("caio"), TODAY)
    assert {row.verdict.reasons for row in rows} == {("The figure is 3.4 now; 2 is claimed.",)}
    System.objects.filter(pk=system.pk).update(stage="retired")
    assert len(claims(cast.actor("caio"), TODAY)[0].verdict.reasons) == 2
    assert claims(cast.actor("charlie"), TODAY) == []
    with pytest.raises(Forbidden):
        claims(cast.actor("employee"), TODAY)


@time_machine.travel(NOW, tick=False)
def test_the_owner_is_told_once(cast, system):
    evidence = measured(cast, system, "2.0")
    claimed(cast, evidence)
    assert disclosures_tick(NOW) == {"told": 0}
    evidence_withdraw(actor=cast.actor("caio"), evidence=evidence, reason="Counted twice")
    assert disclosures_tick(NOW) == {"told": 1}
    assert disclosures_tick(NOW) == {"told": 0}
    assert "no longer supported" in Notice.objects.get(person=cast.people["alice"]).text


@time_machine.travel(NOW, tick=False)
def test_the_page_the_table_and_the_command(cast, system, browse, capsys):
    page = browse("caio")
    assert "Record the first claim" in page.get("/o/harbour/disclosures/").content.decode()
    claimed(cast, measured(cast, system, "9"), name="=HYPERLINK the rate")
    text = page.get("/o/harbour/disclosures/").content.decode()
    assert "No longer supported" in text
    assert "The figure is 9 now; 2 is claimed." in text
    assert "None stands so" in page.get("/o/harbour/disclosures/?show=supported").content.decode()
    table = page.get("/o/harbour/disclosures/export.csv").content.decode()
    assert "\n'=HYPERLINK the rate," in table.replace("\r\n", "\n")
    assert run(["disclosures", "--org", "harbour"]) == 1
    assert "unsupported" in capsys.readouterr().out
