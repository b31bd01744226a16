"""The material of a pack: what was true at the moment, however much came after it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.domains.governance.pack.gathering import gather
from pilothouse.domains.governance.pack.gathering.register import rolled_back
from pilothouse.domains.governance.tests.papers import PAPERS
from pilothouse.kernel import clock
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.inventory.actions import (
    component_add,
    owner_assign,
    relation_add,
    relation_remove,
    system_change,
    system_create,
)
from pilothouse.kernel.records.actions import record_draft, record_seal, record_withdraw

CONTROL = "governance.control"
CLASSIFICATION = "governance.risk_classification"


@pytest.fixture
def system(cast):
    caio = cast.actor("caio")
    rulebook_adopt(actor=caio, base="enterprise")
    made = system_create(actor=caio, name="CV ranking", purpose="Rank applicants", owner_id=cast.people["alice"].pk)
    model = component_add(actor=caio, kind="model", name="Ranker", version="2")
    relation_add(actor=caio, system=made, kind="uses", component=model)
    return made


def write(cast, system, kind, **changes):
    body = PAPERS[kind] | changes
    return record_seal(
        actor=cast.actor("caio"), record=record_draft(actor=cast.actor("caio"), system=system, kind=kind, body=body)
    )


def test_it_works(cast, system):
    write(cast, system, CLASSIFICATION)
    evidence_add(
        actor=cast.actor("alice"),
        system=system,
        title="Test report",
        url="https://example.org/report",
        supports=["governance.controls_evidenced"],
        effective_on=date(2026, 1, 1),
    )
    material = gather(system, clock.now())
    assert material.system.ref == system.ref
    assert material.system.owner == "Alice"
    assert [part.name for part in material.system.parts] == ["Ranker"]
    assert material.document(CLASSIFICATION).intact
    assert material.supporting("governance.controls_evidenced")[0].standing == "current"
    assert material.history.of_system == sum(many for _, many in material.history.by_action) > 0
    assert any(one.to_at is None for one in material.findings)


def test_what_came_later_is_not_told(cast, system):
    caio = cast.actor("caio")
    first = write(cast, system, CLASSIFICATION)
    piece = evidence_add(
        actor=caio, system=system, title="Report", url="https://example.org", effective_on=date(2026, 1, 1)
    )
    moment = clock.now()
    before = gather(system, moment)
    with clock.telling(moment + timedelta(hours=1)):
        system_change(actor=caio, system=system, changes={"purpose": "Something else", "name": "Other"})
        owner_assign(actor=caio, system=system, owner_id=cast.people["bob"].pk)
        relation_remove(actor=caio, system=system, relation=system.relations.get())
        evidence_withdraw(actor=caio, evidence=piece, reason="Wrong file")
        write(cast, system, CLASSIFICATION, risk_class="limited")
    after = gather(system, moment)
    assert after == before
    later = gather(system, moment + timedelta(hours=2))
    assert later.system.name == "Other"
    assert later.system.owner == "Bob"
    assert later.system.parts == ()
    assert later.evidence[0].standing == "withdrawn"
    assert later.document(CLASSIFICATION).version == first.version + 1


def test_a_withdrawn_document_held_until_it_was_withdrawn(cast, system):
    paper = write(cast, system, CLASSIFICATION)
    moment = clock.now()
    with clock.telling(moment + timedelta(hours=1)):
        record_withdraw(actor=cast.actor("caio"), record=paper, reason="Another system was meant")
    assert gather(system, moment).document(CLASSIFICATION) is not None
    assert gather(system, moment + timedelta(hours=2)).document(CLASSIFICATION) is None


def test_queries_do_not_grow(cast, system):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as counted:
            gather(system, clock.now())
        return len(counted)

    write(cast, system, CONTROL)
    evidence_add(
        actor=cast.actor("caio"), system=system, title="One", url="https://example.org", effective_on=date(2026, 1, 1)
    )
    few = count()
    for number in range(4):
        write(cast, system, CONTROL, name=f"Control {number}")
        evidence_add(
            actor=cast.actor("caio"),
            system=system,
            title=f"Evidence {number}",
            url="https://example.org",
            effective_on=date(2026, 1, 1),
        )
        system_change(actor=cast.actor("caio"), system=system, changes={"purpose": f"Purpose {number}"})
    assert count() <= few


def test_fields_are_rolled_back_newest_first():
    now = {"purpose": "c", "owner": "Bob", "stage": "pilot"}
    later = [{"purpose": "b"}, {"owner": {"id": "1", "name": "Alice"}, "unheard": 1}, {"purpose": "a", "owner": None}]
    assert rolled_back(now, later) == {"purpose": "a", "owner": "", "stage": "pilot"}
