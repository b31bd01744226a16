"""From evidence, documents and findings to coverage, with the shared cast."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.governance.frameworks import actions, shipped
from pilothouse.domains.governance.frameworks.coverage import (
    field_of,
    overview,
    overviews,
    system_counts,
    system_coverage,
)
from pilothouse.domains.governance.frameworks.documents import control_of, framework_of
from pilothouse.domains.governance.frameworks.keeping import frameworks_tick, keep
from pilothouse.domains.governance.frameworks.library_of import adopted
from pilothouse.domains.governance.frameworks.models import (
    ControlSetting,
    ControlSheet,
    ControlVersion,
    EvidenceLink,
    FrameworkVersion,
)
from pilothouse.domains.governance.frameworks.rules import State
from pilothouse.domains.governance.tests.papers import classification, control, organisation_control
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.actions import record_draft, record_seal

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now():
    with clock.telling(NOW):
        yield


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(cast, caio):
    made = system_create(
        actor=caio, name="CV summary", technique="language model", owner_id=cast.people["alice"].pk, impact="rights",
        personal_data="personal",
    )  # fmt: skip
    return staged(made, "production")


def staged(system, stage):
    System.objects.filter(pk=system.pk).update(stage=stage)
    return System.objects.get(pk=system.pk)


def seal(actor, kind, body, system=None):
    return record_seal(actor=actor, record=record_draft(actor=actor, system=system, kind=kind, body=body))


def report(actor, system, **more):
    return evidence_add(
        actor=actor, system=system, title="Red-team report", filename="r.txt", data=b"We tried.", **more
    )


def state_of(actor, system, control_id, today=TODAY):
    return system_coverage(actor, system, today).standing(control_id).state


def line(actor, system, framework, requirement, today=TODAY):
    found = next(one for one in system_coverage(actor, system, today).covered if one.framework.key == framework)
    return next(one for one in found.lines if one.requirement.id == requirement)


def test_one_piece_of_evidence_serves_many_frameworks(caio, system):
    for key in ("owasp_llm_2025", "nist_ai_600_1", "eu_ai_act", "iso_42001"):
        actions.framework_adopt(actor=caio, key=key)
    assert state_of(caio, system, "MOD-8") is State.MISSING
    evidence = report(caio, system, expires_on=date(2027, 2, 1))
    for control_id in ("MOD-8", "ARC-10"):
        actions.evidence_attach(actor=caio, evidence=evidence, control=control_id)
    served = (
        ("owasp_llm_2025", "LLM09"),
        ("nist_ai_600_1", "GAI-CONF"),
        ("eu_ai_act", "A12"),
        ("iso_42001", "A.6.2.8"),
    )
    for key, requirement in served:
        assert line(caio, system, key, requirement).state is State.CURRENT, requirement
        assert line(caio, system, key, requirement, date(2027, 2, 2)).state is State.STALE, requirement
    assert EvidenceLink.objects.count() == 2


def test_a_check_that_finds_a_gap_outweighs_a_file(caio, system):
    evidence = report(caio, system)
    actions.evidence_attach(actor=caio, evidence=evidence, control="SEC-1")
    found = system_coverage(caio, system, TODAY).standing("SEC-1")
    assert found.state is State.STALE
    assert "threat" in found.reason


def test_attaching_is_undone_and_withdrawn_evidence_counts_no_more(caio, system):
    evidence = report(caio, system)
    actions.evidence_attach(actor=caio, evidence=evidence, control="SEC-5")
    actions.evidence_attach(actor=caio, evidence=evidence, control="SEC-5")
    assert EvidenceLink.objects.count() == 1
    actions.evidence_detach(actor=caio, evidence=evidence, control="SEC-5")
    assert state_of(caio, system, "SEC-5") is State.MISSING
    with pytest.raises(NotFound):
        actions.evidence_detach(actor=caio, evidence=evidence, control="SEC-5")
    actions.evidence_attach(actor=caio, evidence=evidence, control="SEC-5")
    evidence_withdraw(actor=caio, evidence=evidence, reason="It was of another version")
    assert state_of(caio, system, "SEC-5") is State.MISSING


def test_a_sealed_document_and_a_tested_control_show_it(caio, system):
    assert state_of(caio, system, "GOV-4") is State.MISSING
    seal(caio, "governance.risk_classification", classification(), system)
    assert state_of(caio, system, "GOV-4") is State.CURRENT
    assert state_of(caio, system, "GOV-4", date(2027, 10, 1)) is State.STALE
    seal(caio, "governance.control", control(library=["SEC-7"], tested_on="2026-11-02"), system)
    assert state_of(caio, system, "SEC-7") is State.CURRENT
    seal(caio, "governance.control", control(library=["SEC-7"], result="fails", tested_on="2026-11-20"), system)
    assert state_of(caio, system, "SEC-7") is State.MISSING


def test_a_control_of_the_organisation_is_shown_once_for_all(caio, system):
    assert state_of(caio, system, "GOV-14") is State.MISSING
    seal(caio, "governance.organisation_control", organisation_control())
    assert state_of(caio, system, "GOV-14") is State.CURRENT


def test_duties_follow_from_class_role_and_day(caio, system):
    actions.framework_adopt(actor=caio, key="eu_ai_act")
    later = line(caio, system, "eu_ai_act", "A26-2")
    assert later.later
    assert later.state is State.MISSING
    seal(caio, "governance.risk_classification", classification(our_role="deployer"), system)
    assert line(caio, system, "eu_ai_act", "A9").reason == "We are not its provider."
    assert not line(caio, system, "eu_ai_act", "A26-2", date(2027, 12, 2)).later
    found = system_coverage(caio, system, TODAY).covered[0]
    assert found.ahead.asked > found.now.asked > 0


def test_settling_says_owner_cadence_cost_and_why_not(cast, caio, system):
    setting = actions.control_settle(
        actor=caio, control="SEC-5", system=system, owner=cast.people["bob"], every=90,
        cost_low=Decimal(2000), cost_high=Decimal(5000), currency="EUR",
        not_applicable="Nobody outside can reach it", not_applicable_until=date(2026, 12, 31),
    )  # fmt: skip
    assert ControlSetting.objects.get() == setting
    found = system_coverage(caio, system, TODAY).standing("SEC-5")
    assert (found.state, found.reason) == (State.NOT_APPLICABLE, "Nobody outside can reach it.")
    assert state_of(caio, system, "SEC-5", date(2027, 1, 1)) is State.MISSING
    assert Entry.objects.filter(action="control.settled").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"every": 0}, "every"),
        ({"cost_low": Decimal(1)}, "cost_high"),
        ({"cost_low": Decimal(2), "cost_high": Decimal(1), "currency": "EUR"}, "cost_high"),
        ({"cost_low": Decimal(1), "cost_high": Decimal(2), "currency": "euro"}, "currency"),
        ({"not_applicable_until": TODAY}, "not_applicable"),
    ],
)
def test_what_cannot_be_settled_is_refused(caio, wrong, field):
    with pytest.raises(Invalid) as caught:
        actions.control_settle(actor=caio, control="SEC-5", **wrong)
    assert field in caught.value.fields
    assert not ControlSetting.objects.exists()


def test_a_framework_of_ones_own_is_versioned_and_mapped(caio, system):
    mine = framework_of(
        {"id": "house", "title": "House rules", "groups": [
            {"id": "a", "title": "A", "requirements": [{"id": "H1", "title": "Look twice"}]}
        ]}
    )  # fmt: skip
    actions.framework_save(actor=caio, framework=mine, new=True)
    assert line(caio, system, "house", "H1").reason == "No control serves it."
    actions.control_save(actor=caio, control=control_of({"id": "HOUSE-1", "title": "Two look"}), new=True)
    row = actions.framework_map(actor=caio, key="house", requirement="H1", by={"HOUSE-1": "equal"})
    assert (row.version, row.state) == (2, "active")
    actions.evidence_attach(actor=caio, evidence=report(caio, system), control="HOUSE-1")
    assert line(caio, system, "house", "H1").state is State.CURRENT
    with pytest.raises(Conflict):
        actions.framework_save(actor=caio, framework=mine, new=True)
    with pytest.raises(Conflict):
        actions.framework_save(actor=caio, framework=mine, version=1)
    with pytest.raises(Invalid):
        actions.framework_map(actor=caio, key="house", requirement="H1", by={"NOBODY": "equal"})
    with pytest.raises(Invalid):
        actions.framework_map(actor=caio, key="house", requirement="H1", by={"HOUSE-1": "perhaps"})
    actions.framework_withdraw(actor=caio, key="house", because="It was a trial")
    assert adopted(caio.organisation_id) == []
    assert FrameworkVersion.objects.count() == 2
    actions.control_withdraw(actor=caio, key="HOUSE-1", because="It was a trial")
    assert ControlVersion.objects.get().state == "withdrawn"
    told = set(Entry.objects.values_list("action", flat=True))
    assert {"framework.adopted", "framework.withdrawn", "control.saved", "control.withdrawn"} <= told


def test_adopting_twice_changes_nothing(caio):
    actions.framework_adopt(actor=caio, key="gdpr")
    with pytest.raises(Conflict):
        actions.framework_adopt(actor=caio, key="gdpr")
    with pytest.raises(NotFound):
        actions.framework_adopt(actor=caio, key="nothing")
    with pytest.raises(Invalid):
        actions.framework_withdraw(actor=caio, key="gdpr", because=" ")


@pytest.mark.parametrize("who", ["alice", "bob", "auditor", "ciso", "employee"])
def test_others_change_no_framework(cast, system, who):
    actor = cast.actor(who)
    with pytest.raises(Forbidden):
        actions.framework_adopt(actor=actor, key="gdpr")
    with pytest.raises(Forbidden):
        actions.control_settle(actor=actor, control="SEC-5")


def test_an_outsider_reaches_nothing(cast, caio, system):
    charlie = cast.actor("charlie")
    evidence = report(caio, system)
    with pytest.raises(NotFound):
        actions.evidence_attach(actor=charlie, evidence=evidence, control="SEC-5")
    with pytest.raises(NotFound):
        actions.control_settle(actor=charlie, control="SEC-5", system=system, every=3)
    with pytest.raises(NotFound):
        system_coverage(charlie, system, TODAY)


def test_many_systems_are_counted_as_each_by_itself(cast, caio, system):
    for key in shipped.ORDER:
        actions.framework_adopt(actor=caio, key=key)
    other = system_create(actor=caio, name="Forecast", technique="time series", impact="neither")
    other = staged(other, "idea")
    seal(caio, "governance.risk_classification", classification(), system)
    actions.evidence_attach(actor=caio, evidence=report(caio, system), control="ARC-10")
    for kept in (False, True):
        if kept:
            assert keep(caio.organisation_id) == 2
            assert ControlSheet.objects.count() == 2
        field = field_of(caio, TODAY)
        assert field.ids == (system.pk, other.pk)
        for place, one in enumerate((system, other)):
            alone = system_coverage(caio, one, TODAY)
            for covered in alone.covered:
                document = covered.framework.document
                assert system_counts(field, document)[place] == covered.now
                assert system_counts(field, document, ahead=True)[place] == covered.ahead
        for found in overviews(caio, TODAY):
            each = [covered for one in (system, other) for covered in system_coverage(caio, one, TODAY).covered]
            mine = [covered.ahead for covered in each if covered.framework.key == found.framework.key]
            assert found.systems(ahead=True) == mine[0] + mine[1]


def test_a_sheet_is_never_read_when_it_no_longer_holds(cast, caio, system):
    actions.framework_adopt(actor=caio, key="nist_ai_600_1")
    evidence = report(caio, system, expires_on=TODAY + timedelta(days=40))
    actions.evidence_attach(actor=caio, evidence=evidence, control="MOD-8")

    def seen(today):
        field = field_of(caio, today)
        return overview(caio, field, adopted(caio.organisation_id)[0]).rows[1].counts

    assert frameworks_tick(NOW) == {"harbour": {"systems": 1}}
    assert frameworks_tick(NOW) == {}
    assert seen(TODAY).current == 1
    assert seen(TODAY + timedelta(days=20)).due == 1
    assert seen(TODAY + timedelta(days=41)).stale == 1
    evidence_withdraw(actor=caio, evidence=evidence, reason="It was of another version")
    assert ControlSheet.objects.get().dirty
    assert seen(TODAY).missing == 1
    keep(caio.organisation_id)
    actions.control_settle(actor=caio, control="MOD-8", not_applicable="We make none")
    assert seen(TODAY).not_applicable == 1
    keep(caio.organisation_id)
    staged(system, "retired")
    assert field_of(caio, TODAY).ids == ()


def test_queries_do_not_grow_with_systems(cast, caio, system):
    for key in shipped.ORDER:
        actions.framework_adopt(actor=caio, key=key)
    counts = []
    for more in (1, 12):
        for at in range(more):
            system_create(actor=caio, name=f"System {more}-{at}")
        with CaptureQueriesContext(
            connection,
        ) as judged:
            overviews(caio, TODAY)
        keep(caio.organisation_id)
        with CaptureQueriesContext(connection) as kept:
            overviews(caio, TODAY)
        counts.append((len(judged), len(kept)))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 8


def test_an_owner_sees_only_their_systems(cast, caio, system):
    actions.framework_adopt(actor=caio, key="owasp_llm_2025")
    system_create(actor=caio, name="Another")
    assert field_of(cast.actor("alice"), TODAY).ids == (system.pk,)
    assert len(field_of(caio, TODAY).ids) == 2
