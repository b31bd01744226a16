"""Judging systems and keeping what changed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.checks import lift, plugs
from pilothouse.kernel.checks.actions import rulebook_adopt, set_intake
from pilothouse.kernel.checks.engine import checks_tick, evaluate
from pilothouse.kernel.checks.models import FindingRow, FindingSheet
from pilothouse.kernel.checks.rules import WaiverFact
from pilothouse.kernel.checks.selectors import (
    findings_now,
    findings_on,
    gaps,
    gate_report,
    gate_reports,
    tally,
    top_gaps,
)
from pilothouse.kernel.checks.trends import trend
from pilothouse.kernel.domain import Check, Finding, Grade, Ref, Status, registry
from pilothouse.kernel.gates.actions.gaps import gaps_follow
from pilothouse.kernel.inventory.actions import practice_state, system_change, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry

ALL_NO = dict.fromkeys(("affects_people", "safety", "personal_data", "acts_alone", "outside_people"), "no")


@pytest.fixture
def caio(cast):
    actor = cast.actor("caio")
    rulebook_adopt(actor=actor, base="enterprise")
    return actor


@pytest.fixture
def system(caio):
    return system_create(actor=caio, name="CV summary", purpose="Read faster", owner_id=caio.person_id)


def running(system, tier_answers=None, **fields):
    """The system as one found running, with the given facts."""
    System.objects.filter(pk=system.pk).update(stage="production", **fields)
    system.refresh_from_db()
    evaluate(system.organisation_id, [system.pk])
    return system


def statuses(actor, system):
    return {line.ask.check: line.standing.finding.status for line in findings_now(actor, system)}


@pytest.fixture
def extra():
    """Adds a check for one test, to the open registry and to nothing else."""
    added = []

    def add(**more):
        check = Check(
            id="inventory.extra",
            version=1,
            title="Extra",
            domain="inventory",
            question="?",
            remedy="edit/",
            remedy_label="Edit",
            **more,
        )
        registry.checks[check.id] = check
        added.append(check.id)
        return check

    yield add
    for check_id in added:
        del registry.checks[check_id]


def ask_for(organisation_id, check_id, grade="attested"):
    """Let the active rulebook ask every tier for a check at the development gate."""
    from pilothouse.kernel.checks.models import Rulebook

    book = Rulebook.objects.get(organisation_id=organisation_id, state="active")
    book.body["gates"]["development"]["asks"].append(
        {"check": check_id, "grade": grade, "tiers": ["low", "medium", "high"]}
    )
    book.save()


def test_it_works(caio, system):
    found = statuses(caio, system)
    assert found["inventory.owner"] is Status.MET
    assert found["inventory.outcome"] is Status.NOT_MET
    assert found["inventory.tier"] is Status.UNKNOWN
    assert "inventory.monitoring" not in found  # a later gate asks for that


def test_an_edit_is_judged_in_the_same_breath(caio, system):
    system_change(actor=caio, system=system, changes={"outcome": "Shorter search", "outcome_metric": "days"})
    assert statuses(caio, system)["inventory.outcome"] is Status.MET


def test_intake_sets_the_tier_and_says_so(caio, system):
    changed = set_intake(actor=caio, system=system, answers=ALL_NO)
    assert changed.tier == "low"
    entry = Entry.objects.get(action="system.tier_changed")
    assert entry.system_id == system.pk
    assert statuses(caio, changed)["inventory.tier"] is Status.MET


def test_what_changed_is_kept_over_time(caio, system):
    before = FindingRow.objects.filter(system=system, check_id="inventory.outcome").get()
    assert before.to_at is None
    system_change(actor=caio, system=system, changes={"outcome": "Shorter search"})
    old, new = FindingRow.objects.filter(system=system, check_id="inventory.outcome").order_by("from_at")
    assert (old.status, new.status) == ("not_met", "in_progress")
    assert old.to_at == new.from_at


def test_nothing_is_written_when_nothing_changed(caio, system):
    rows = FindingRow.objects.count()
    run = evaluate(caio.organisation_id)
    assert (run.systems, run.changed, run.findings) == (1, 0, 0)
    assert FindingRow.objects.count() == rows


def test_the_state_of_a_past_day_can_be_read(cast):
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        actor = cast.actor("caio")
        rulebook_adopt(actor=actor, base="enterprise")
        system = system_create(actor=actor, name="CV summary", purpose="Read faster")
    with time_machine.travel(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        actor = cast.actor("caio")
        system_change(actor=actor, system=system, changes={"owner_id": actor.person_id})

        def owner_on(day):
            rows = findings_on(actor, datetime(2026, 3, day, tzinfo=UTC).date(), system)
            return rows.filter(check_id="inventory.owner").values_list("status", flat=True).first()

        assert owner_on(1) == "not_met"
        assert owner_on(9) == "not_met"
        assert owner_on(10) == "met"
        points = trend(actor, check="inventory.owner", days=15)
        by_day = {p.day.day: (p.numerator, p.denominator) for p in points[-10:]}
        assert (by_day[1], by_day[9], by_day[10]) == ((0, 1), (0, 1), (1, 1))
        assert points[0].denominator == 0
        assert trend(actor, days=2)[-1].denominator == tally_total(actor)
        assert trend(actor, domain="inventory", days=2)[-1].denominator < tally_total(actor)


def tally_total(actor):
    return sum(t.total for t in tally(actor).values())


def test_a_claim_is_attested_and_below_what_high_risk_is_asked(caio, system):
    set_intake(actor=caio, system=system, answers=ALL_NO | {"safety": "yes"})
    practice_state(actor=caio, system=system, key="testing", status="met", words="Yes, in the lab", source="File 7")
    line = next(f for f in findings_now(caio, running(system)) if f.ask.check == "inventory.testing")
    assert line.standing.finding.status is Status.IN_PROGRESS
    assert line.standing.judged is Status.MET
    assert line.standing.finding.grade is Grade.ATTESTED
    assert line.standing.because.startswith("File 7 says that this is done (“Yes, in the lab”). The rulebook asks for")
    assert line.standing.finding.refs[0].type == "inventory.practice"


def test_evidence_documents_a_claim(caio, system, monkeypatch):
    set_intake(actor=caio, system=system, answers=ALL_NO | {"safety": "yes"})
    practice_state(actor=caio, system=system, key="testing", status="met")
    today = datetime.now(UTC).date()

    def supporting(effective_on, expires_on=None):
        piece = lift.Support("inventory.testing", Ref("evidence.evidence", "7", "Report"), effective_on, expires_on)
        monkeypatch.setattr(lift, "_loaders", [lambda organisation_id, ids: {system.pk: [piece]}])
        return statuses(caio, running(system))["inventory.testing"]

    assert supporting(today - timedelta(days=10)) is Status.MET
    assert supporting(today - timedelta(days=400)) is Status.IN_PROGRESS  # too old for the high tier
    assert supporting(today - timedelta(days=10), today - timedelta(days=1)) is Status.IN_PROGRESS  # expired


@pytest.mark.parametrize("said", ["waived", "not_applicable"])
def test_a_claim_of_waiver_or_not_applicable_opens_nothing(caio, system, said):
    practice_state(actor=caio, system=system, key="testing", status=said)
    assert statuses(caio, running(system))["inventory.testing"] is Status.NOT_MET


def test_a_waiver_covers_a_gap_until_it_ends(caio, system, monkeypatch):
    now = datetime.now(UTC)
    waiver = WaiverFact(now + timedelta(days=3), "The lab is shut")
    monkeypatch.setattr(plugs, "_waivers", [lambda o, ids: {system.pk: {"inventory.monitoring": waiver}}])
    assert statuses(caio, running(system))["inventory.monitoring"] is Status.WAIVED
    with time_machine.travel(now + timedelta(days=4)):
        checks_tick(datetime.now(UTC))
        assert statuses(caio, system)["inventory.monitoring"] is Status.UNKNOWN


def test_a_waived_check_stays_in_the_denominator(caio, system, monkeypatch):
    waiver = WaiverFact(datetime.now(UTC) + timedelta(days=3), "The lab is shut")
    monkeypatch.setattr(plugs, "_waivers", [lambda o, ids: {system.pk: {"inventory.monitoring": waiver}}])
    running(system)
    assert tally(caio)["inventory.monitoring"].figure == 0


def test_a_check_that_raises_is_unknown_and_logged_once(caio, system, extra, caplog):
    system_create(actor=caio, name="Another")

    def broken(system, loaded, now):
        raise RuntimeError("no")

    extra(judge=broken)
    ask_for(caio.organisation_id, "inventory.extra")
    evaluate(caio.organisation_id)
    line = next(f for f in findings_now(caio, system) if f.ask.check == "inventory.extra")
    assert line.standing.finding.status is Status.UNKNOWN
    assert line.standing.raised
    assert sum("inventory.extra" in r.message for r in caplog.records) == 1


def test_a_check_that_begins_to_fail_blocks_and_never_demotes(caio, system, extra):
    answers = [Finding(Status.MET, "Fine.", Grade.SEALED)]
    extra(judge=lambda s, loaded, now: answers[0])
    ask_for(caio.organisation_id, "inventory.extra")
    evaluate(caio.organisation_id)
    rows = FindingRow.objects.filter(check_id="inventory.extra")
    before = list(rows.values())
    answers.clear()
    evaluate(caio.organisation_id)
    line = next(f for f in findings_now(caio, system) if f.ask.check == "inventory.extra")
    assert (line.standing.finding.status, line.standing.raised) == (Status.MET, True)
    for report in (gate_report(caio, system, "development"), gate_reports(caio, System.objects.all())[system.pk]):
        assert next(r for r in report.requirements if r.check_id == "inventory.extra").blocking
    answers.append(Finding(Status.MET, "Fine.", Grade.SEALED))
    evaluate(caio.organisation_id)
    assert list(rows.values()) == before
    line = next(f for f in findings_now(caio, system) if f.ask.check == "inventory.extra")
    assert not line.standing.raised


def test_a_loader_that_raises_makes_its_checks_unknown_and_no_other(caio, system, extra):
    def load(organisation_id, system_ids):
        raise RuntimeError("no")

    extra(judge=lambda s, loaded, now: Finding(Status.MET, "Fine.", Grade.SEALED), load=load)
    ask_for(caio.organisation_id, "inventory.extra")
    evaluate(caio.organisation_id)
    assert statuses(caio, system)["inventory.extra"] is Status.UNKNOWN
    assert statuses(caio, system)["inventory.owner"] is Status.MET


def test_a_check_that_nobody_brings_says_so(caio, system):
    ask_for(caio.organisation_id, "strategy.value_hypothesis", "sealed")
    line = next(f for f in findings_now(caio, system) if f.ask.check == "strategy.value_hypothesis")
    assert line.check is None
    assert "nothing in this installation can judge it" in line.standing.because


def test_a_shared_loader_is_called_once(caio, system, extra, django_assert_num_queries):
    calls = []

    def load(organisation_id, system_ids):
        calls.append(system_ids)
        return {}

    extra(judge=lambda s, loaded, now: Finding(Status.MET, "Fine.", Grade.SEALED), load=load)
    registry.checks["inventory.extra2"] = registry.checks["inventory.extra"]
    try:
        evaluate(caio.organisation_id, [system.pk])
    finally:
        del registry.checks["inventory.extra2"]
    assert calls == [[system.pk]]


def test_the_number_of_queries_does_not_grow_with_the_systems(caio, system):
    def queries():
        with CaptureQueriesContext(connection) as sent:
            evaluate(caio.organisation_id)
        return len(sent)

    few = queries()
    for n in range(30):
        system_create(actor=caio, name=f"System {n}")
    assert queries() == few


def test_gaps_come_by_what_they_would_mend(caio, system):
    running(system)
    rows = list(gaps(caio))
    weights = [row.weight for row in rows]
    assert weights == sorted(weights, reverse=True)
    assert all(row.status in ("not_met", "unknown", "in_progress") for row in rows)
    assert len(top_gaps(caio)) == 3
    assert top_gaps(caio)[0].check.effort <= 0.2


def test_gaps_of_an_inherited_system_have_a_date(caio, system):
    found = datetime.now(UTC) - timedelta(days=40)
    running(system, inherited_at=found)
    gaps_follow(actor=caio, system_ids=None, moment=found)
    gap = top_gaps(caio)[0]
    assert gap.due == found + timedelta(days=30)  # the tier is unknown, so as for high
    assert gap.overdue
    assert gaps(caio, overdue=True).count() == gaps(caio).count()
    assert gaps(caio, tier="low").count() == 0


def test_the_gap_list_takes_two_queries(caio, system, django_assert_max_num_queries):
    running(system)
    with django_assert_max_num_queries(4):
        top_gaps(caio, 50)


def test_an_owner_sees_gaps_of_their_own_systems_only(cast, caio, system):
    alice = cast.actor("alice")
    mine = system_create(actor=alice, name="Mine", owner_id=alice.person_id)
    assert {row.system_id for row in gaps(alice)} == {mine.pk}
    assert sum(t.total for t in tally(alice).values()) < sum(t.total for t in tally(caio).values())
    assert not gaps(cast.actor("charlie")).exists()


def test_a_leaver_leaves_a_finding(cast, caio):
    bob = cast.people["bob"]
    system = system_create(actor=caio, name="CV summary", owner_id=bob.pk)
    bob.left_at = datetime.now(UTC)
    bob.save()
    checks_tick(datetime.now(UTC))
    line = next(f for f in findings_now(caio, system) if f.ask.check == "inventory.owner")
    assert line.standing.because == "Bob owned it and has left."


def test_the_tick_covers_every_organisation(cast, caio, system):
    System.objects.filter(pk=system.pk).update(purpose="")
    other = Organisation.objects.get(slug="elsewhere")
    system_create(actor=system_actor(other.pk), name="Theirs")
    FindingSheet.objects.all().delete()
    FindingRow.objects.all().delete()
    done = checks_tick(datetime.now(UTC))
    assert set(done) == {"harbour", "elsewhere"}
    assert checks_tick(datetime.now(UTC)) == {}


def test_a_deleted_system_takes_its_findings_along(caio, system):
    System.objects.filter(pk=system.pk).delete()
    assert not FindingRow.objects.filter(organisation_id=caio.organisation_id).exists()
