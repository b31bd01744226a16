"""Incidents under clocks: opening, correcting, drafting, sending, closing, reminding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.governance.duties.actions import (
    case_change,
    case_close,
    case_open,
    case_reopen,
    notice_draft,
    notice_sent,
    own_edition_begin,
    sent_void,
)
from pilothouse.domains.governance.duties.models import Case, SentNotice
from pilothouse.domains.governance.duties.schemas import LAW, NOTICE, RULES
from pilothouse.domains.governance.duties.selectors.cases import (
    case_of,
    cases,
    incidents_to_take,
    keeping,
    notices_of,
    standing,
    unasked,
)
from pilothouse.domains.governance.duties.tests.papers import PAPERS
from pilothouse.domains.governance.duties.tick import duties_tick
from pilothouse.domains.mlops.tests.papers import PAPERS as MLOPS
from pilothouse.kernel import clock
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.work.schedule import JOBS

AWARE = datetime(2028, 10, 2, 8, 20, tzinfo=UTC)
NOW = AWARE + timedelta(hours=5)
FACTS = {
    "aware_at": AWARE.isoformat(),
    "occurred_at": (AWARE - timedelta(hours=7)).isoformat(),
    "member_states": ["NL"],
    "place": "Harbour basin 3",
    "answers": {"provider": "yes", "death": "yes", "controller": "no"},
}
KEY = "ai_act_73_4:report:NL"


@pytest.fixture(autouse=True)
def _told():
    with clock.telling(NOW):
        yield


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="Crane planner", owner_id=cast.people["alice"].pk)


@pytest.fixture
def case(cast, system):
    return case_open(actor=cast.actor("risk"), system=system, title="A bag fell from crane 4", facts=FACTS)


def state(case, key=KEY, now=NOW):
    found = standing(case_of_fresh(case), keeping(case.organisation_id), now)
    return next(one for one in found.clocks if one.key == key).state


def case_of_fresh(case):
    return Case.objects.get(pk=case.pk)


def rules(cast, **said):
    body = PAPERS[RULES] | said
    return record_seal(
        actor=cast.actor("caio"),
        record=record_draft(actor=cast.actor("caio"), system=None, kind=RULES, body=body),
    )


def test_it_works(cast, case):
    assert case.ref == "N-1"
    assert state(case) == "running"
    entry = Entry.objects.get(subject_id=case.pk, action="notice_case.opened")
    assert entry.system_id == case.system_id
    text = Notice.objects.filter(person=cast.people["alice"]).get().text
    assert "Art. 73(4)" in text
    assert "12 October 2028" in text


def test_only_who_may_starts_a_clock(cast, system):
    for who, error in (("auditor", Forbidden), ("bob", Forbidden), ("charlie", NotFound)):
        with pytest.raises(error):
            case_open(actor=cast.actor(who), system=system, title="Fall", facts=FACTS)
    assert case_open(actor=cast.actor("alice"), system=system, title="Fall", facts=FACTS).number == 1
    assert not Case.objects.exclude(opened_by=cast.people["alice"]).exists()


def test_facts_with_a_fault_start_nothing(cast, system):
    with pytest.raises(Invalid) as refused:
        case_open(actor=cast.actor("risk"), system=system, title="Fall", facts=FACTS | {"occurred_at": "yesterday"})
    assert "occurred_at" in refused.value.fields
    with pytest.raises(Invalid):
        case_open(actor=cast.actor("risk"), system=system, title=" ", facts=FACTS)
    assert not Case.objects.exists()


def test_a_recorded_incident_is_taken_over_once(cast, system):
    caio = cast.actor("caio")
    draft = record_draft(
        actor=caio, system=system, kind="mlops.incident", body=MLOPS["mlops.incident"] | {"runbook": None}
    )
    source = record_seal(actor=caio, record=draft)
    assert incidents_to_take(caio) == [source]
    made = case_open(actor=caio, system=system, title="Taken over", facts=FACTS, source=source)
    assert made.source_id == source.pk
    assert incidents_to_take(caio) == []
    with pytest.raises(Conflict):
        case_open(actor=caio, system=system, title="Again", facts=FACTS, source=source)
    other = system_create(actor=caio, name="Another")
    with pytest.raises(Invalid):
        case_open(actor=caio, system=other, title="Wrong", facts=FACTS, source=source)


def test_corrected_facts_move_the_clocks_and_lose_no_update(cast, case):
    risk = cast.actor("risk")
    changed = FACTS | {
        "answers": {"provider": "yes", "death": "no", "critical_infrastructure": "yes", "non_conformity": "no"}
    }
    case_change(actor=risk, case=case, facts=changed, version=1)
    keys = {one.key for one in standing(case_of_fresh(case), keeping(case.organisation_id), NOW).clocks if one.sure}
    assert keys == {"ai_act_73_2:report:NL", "ai_act_73_3:report:NL"}
    entry = Entry.objects.get(subject_id=case.pk, action="notice_case.changed")
    assert '"death":"no"' in entry.content.body
    with pytest.raises(Conflict):
        case_change(actor=risk, case=case, facts=FACTS, version=1)
    assert case_change(actor=risk, case=case, facts=changed, version=2).version == 2


def test_a_draft_is_filled_from_what_is_known(cast, case):
    draft = notice_draft(actor=cast.actor("legal"), case=case, clock=KEY)
    assert draft.kind == NOTICE
    body = draft.body
    assert body["case"] == 1
    assert body["under"] == "EU AI Act, Art. 73(4)"
    assert {KEY, "ai_act_73_2:report:NL"} <= set(body["clocks"])
    assert "Crane planner (S-1" in body["system"]
    assert "A person died" in body["limbs"]
    assert "Not known yet" in body["limbs"]
    assert "cause" not in body
    assert notices_of(cast.actor("legal"), case) == [draft]
    with pytest.raises(NotFound):
        notice_draft(actor=cast.actor("legal"), case=case, clock="gdpr_33:report:NL")
    with pytest.raises(Invalid):
        notice_draft(actor=cast.actor("legal"), case=case, clock=KEY, kind="secret")


def test_an_initial_notice_may_be_incomplete_and_a_final_one_may_not(cast, case):
    legal = cast.actor("legal")
    initial = record_seal(actor=legal, record=notice_draft(actor=legal, case=case, clock=KEY))
    assert initial.hash
    final = notice_draft(actor=legal, case=case, clock=KEY, kind="final")
    with pytest.raises(Invalid) as refused:
        record_seal(actor=legal, record=final)
    assert {"cause", "done", "logs"} <= set(refused.value.fields)


def test_a_sent_notice_stops_its_clock_and_a_void_one_does_not(cast, case):
    legal = cast.actor("legal")
    sent = notice_sent(
        actor=legal, case=case, clocks=[KEY], to="The authority", receipt="NL-77", sent_at=AWARE + timedelta(hours=2)
    )
    assert state(case) == "sent"
    assert Entry.objects.filter(subject_id=case.pk, action="notice.sent").exists()
    with pytest.raises(Invalid):
        sent_void(actor=legal, case=case, sent=sent, reason="")
    sent_void(actor=legal, case=case, sent=sent, reason="It went to another authority")
    assert state(case) == "running"
    with pytest.raises(Conflict):
        sent_void(actor=legal, case=case, sent=sent, reason="Again")
    assert SentNotice.objects.get().void_because == "It went to another authority"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"clocks": []}, "clocks"),
        ({"clocks": ["nothing"]}, "clocks"),
        ({"to": " "}, "to"),
        ({"kind": "secret"}, "kind"),
        ({"sent_at": NOW + timedelta(hours=1)}, "sent_at"),
    ],
)
def test_what_was_not_sent_stops_nothing(cast, case, said, field):
    with pytest.raises(Invalid) as refused:
        notice_sent(actor=cast.actor("legal"), case=case, **({"clocks": [KEY], "to": "The authority"} | said))
    assert field in refused.value.fields
    assert state(case) == "running"


def test_a_draft_was_not_sent_and_another_incidents_notice_neither(cast, case, system):
    legal = cast.actor("legal")
    draft = notice_draft(actor=legal, case=case, clock=KEY)
    with pytest.raises(Invalid) as refused:
        notice_sent(actor=legal, case=case, clocks=[KEY], to="The authority", notice=draft)
    assert "Seal" in refused.value.fields["notice"]
    other = case_open(actor=legal, system=system, title="Another", facts=FACTS)
    sealed = record_seal(actor=legal, record=draft)
    with pytest.raises(Invalid):
        notice_sent(actor=legal, case=other, clocks=[KEY], to="The authority", notice=sealed)
    assert notice_sent(actor=legal, case=case, clocks=[KEY], to="It", notice=sealed).record_hash == sealed.hash


def test_where_the_rules_ask_for_it_only_what_is_signed_is_sent(cast, case):
    rules(cast, sign_before_sending=True)
    risk, legal = cast.actor("risk"), cast.actor("legal")
    with pytest.raises(Invalid):
        notice_sent(actor=risk, case=case, clocks=[KEY], to="The authority")
    sealed = record_seal(actor=risk, record=notice_draft(actor=risk, case=case, clock=KEY))
    with pytest.raises(Invalid) as refused:
        notice_sent(actor=risk, case=case, clocks=[KEY], to="The authority", notice=sealed)
    assert "signed" in refused.value.fields["notice"]
    asked = record_signoff_request(actor=risk, record=sealed)
    decision_sign(
        actor=legal, decision=asked, verdict="approve", reason="Read and right", content_hash=asked.content_hash
    )
    notice_sent(actor=risk, case=case, clocks=[KEY], to="The authority", notice=sealed)
    assert state(case) == "sent"


def test_closing_turns_nothing_into_sent(cast, case):
    risk = cast.actor("risk")
    with pytest.raises(Invalid):
        case_close(actor=risk, case=case, reason=" ")
    case_close(actor=risk, case=case, reason="It was no incident")
    entry = Entry.objects.get(subject_id=case.pk, action="notice_case.closed")
    assert KEY in entry.content.body
    assert state(case) == "running"
    with pytest.raises(Conflict):
        case_change(actor=risk, case=case, facts=FACTS)
    with pytest.raises(Conflict):
        notice_sent(actor=risk, case=case, clocks=[KEY], to="The authority")
    with pytest.raises(Invalid):
        case_reopen(actor=risk, case=case, reason="")
    assert case_reopen(actor=risk, case=case, reason="It was one after all").closed_at is None
    with pytest.raises(Conflict):
        case_reopen(actor=risk, case=case, reason="Again")


def test_one_sees_the_cases_of_ones_own_systems(cast, case):
    assert list(cases(cast.actor("alice"))) == [case]
    assert list(cases(cast.actor("auditor"))) == [case]
    assert list(cases(cast.actor("bob"))) == []
    assert list(cases(cast.actor("charlie"))) == []
    with pytest.raises(NotFound):
        case_of(cast.actor("bob"), 1)


def test_what_does_not_apply_says_why(case):
    why = {one.row.id: one.because for one in unasked(case_of_fresh(case), keeping(case.organisation_id))}
    assert "controller" in why["gdpr_33"] or "controller" in why["gdpr_33"].lower()


def test_an_edition_of_ones_own_holds_once_it_is_sealed(cast, case):
    caio = cast.actor("caio")
    draft = own_edition_begin(actor=caio)
    assert own_edition_begin(actor=caio) == draft
    assert draft.kind == LAW
    changed = draft.body["text"].replace("from: aware_at, limit: 10 days", "from: aware_at, limit: 9 days", 1)
    body = {"text": changed, "because": "Our counsel counts nine days"}
    assert keeping(case.organisation_id).own is None
    record_seal(actor=caio, record=record_draft(actor=caio, system=None, kind=LAW, body=body))
    kept = keeping(case.organisation_id)
    assert kept.law.edition == "our own"
    worse = body | {"text": changed.replace("regime: gdpr", "regime: gdpx")}
    with pytest.raises(Invalid) as refused:
        record_seal(actor=caio, record=record_draft(actor=caio, system=None, kind=LAW, body=worse))
    assert "gdpx" in refused.value.fields["text"]


def test_the_tick_reminds_once_and_passes_on_what_is_late(cast, case):
    assert "duties_tick" in JOBS
    rules(cast, remind_hours=[48, 4])
    notices = Notice.objects.filter(person=cast.people["alice"])
    board = Notice.objects.filter(person=cast.people["caio"])
    Notice.objects.all().delete()
    target = AWARE + timedelta(days=10)
    assert duties_tick(target - timedelta(hours=60))["notices"] == 0
    assert duties_tick(target - timedelta(hours=47))["notices"] == 1
    assert duties_tick(target - timedelta(hours=46))["notices"] == 0
    assert notices.count() == 1
    assert "Art. 73(4) is due 12 October" in notices.get().text
    assert duties_tick(target + timedelta(minutes=1)) == {"notices": 1, "requests": 0, "late": 1}
    assert duties_tick(target + timedelta(hours=1))["notices"] == 0
    assert any("is not sent" in one.text for one in board)
    assert Entry.objects.filter(subject_id=case.pk, action="notice_case.reminded").count() == 2


def test_the_tick_leaves_what_is_sent_or_closed(cast, case):
    notice_sent(actor=cast.actor("legal"), case=case, clocks=[KEY, "ai_act_73_2:report:NL"], to="The authority")
    assert duties_tick(AWARE + timedelta(days=20))["notices"] == 0
    case_close(actor=cast.actor("legal"), case=case, reason="All told")
    assert duties_tick(AWARE + timedelta(days=30))["notices"] == 0


def test_a_page_of_cases_takes_a_constant_number_of_queries(cast, system, django_assert_max_num_queries):
    risk = cast.actor("risk")
    for number in range(6):
        case_open(actor=risk, system=system, title=f"Fall {number}", facts=FACTS)
    with django_assert_max_num_queries(6):
        kept = keeping(risk.organisation_id)
        found = [standing(case, kept, NOW) for case in cases(risk)]
    assert len(found) == 6
