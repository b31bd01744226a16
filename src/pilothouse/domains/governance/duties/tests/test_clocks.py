"""Clocks from facts: the days of the law, the limits of counting, and what must hold of any facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.duties.lawbook import Limit, read_law, shipped, shipped_text
from pilothouse.domains.governance.duties.rules.clocks import clocks, earliest, not_asked
from pilothouse.domains.governance.duties.rules.facts import MEMBER_STATES, Facts, facts_of, holds
from pilothouse.domains.governance.duties.rules.periods import closed_in, span

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2028, 12, 1, tzinfo=UTC)
AWARE = datetime(2028, 10, 2, 8, 20, tzinfo=UTC)  # a Monday, 10:20 in Amsterdam
LAW = shipped()
QUESTIONS = [question.id for question in LAW.questions]

answers = st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(["yes", "no", "unknown"]))
moments = st.timedeltas(timedelta(), timedelta(days=1200)).map(lambda after: datetime(2026, 8, 3, tzinfo=UTC) + after)
zones = st.sampled_from([ZoneInfo(name) for name in ("Europe/Amsterdam", "America/New_York", "Asia/Tokyo", "UTC")])
places = st.lists(st.sampled_from(sorted(MEMBER_STATES)), max_size=2, unique=True).map(tuple)


def facts(**said):
    given_answers = {key: value for key, value in said.items() if key in QUESTIONS}
    rest = {key: value for key, value in said.items() if key not in QUESTIONS}
    everything = dict.fromkeys(QUESTIONS, "no") | given_answers
    return Facts(**{"aware_at": AWARE, "member_states": ("NL",), "answers": everything} | rest)


def run(known, now=NOW, zone=ZONE, sent=None):
    return clocks(LAW, known, zone=zone, now=now, sent=sent)


def the(found, row):
    return next(one for one in found if one.row.id == row)


@pytest.mark.parametrize(
    ("said", "row", "days"),
    [
        ({"health_harm": "yes"}, "ai_act_73_2", 15),
        ({"death": "yes"}, "ai_act_73_4", 10),
        ({"critical_infrastructure": "yes"}, "ai_act_73_3", 2),
        ({"widespread_infringement": "yes"}, "ai_act_73_3", 2),
    ],
)
def test_the_days_of_article_73(said, row, days):
    clock = the(run(facts(provider="yes", **said)), row)
    limit = span(AWARE, Limit("days", days), period="eu_1182", closed=closed_in("NL"), zone=ZONE)
    assert clock.outer == limit.outer
    assert clock.sure
    assert clock.row.confidence == "text"


def test_two_days_are_not_for_a_death():
    """Guides that say so are wrong: ten days for a death, two for disrupted infrastructure and wide infringement."""
    found = run(facts(provider="yes", death="yes", health_harm="yes"))
    act = [one for one in found if one.row.regime == "eu_ai_act"]
    assert {one.row.id for one in act} == {"ai_act_73_2", "ai_act_73_4"}
    assert earliest(act) == AWARE + timedelta(days=10)
    assert "wrong" in LAW.row("ai_act_73_3").warning
    assert next(one for one in act if one.governs).row.id == "ai_act_73_4"


def test_awareness_counts_and_not_the_event_nor_the_link():
    known = facts(provider="yes", health_harm="yes", occurred_at=AWARE - timedelta(days=40))
    clock = the(run(known), "ai_act_73_2")
    assert clock.start == AWARE
    linked = replace(known, causal_link_suspected_at=AWARE + timedelta(days=3))
    sooner = the(run(linked), "ai_act_73_2")
    assert sooner.target == AWARE + timedelta(days=3)
    assert sooner.at_once
    assert sooner.outer == clock.outer


def test_a_weekend_and_a_holiday_move_the_outer_limit_only():
    friday = datetime(2028, 12, 22, 9, tzinfo=UTC)
    found = span(friday, Limit("days", 2), period="eu_1182", closed=closed_in("NL"), zone=ZONE)
    # Sunday the 24th; the 25th and 26th are holidays; the 27th is the first working day and two must be included.
    assert found.target == friday + timedelta(days=2)
    assert found.outer == datetime(2028, 12, 28, 22, 59, 59, tzinfo=UTC)


def test_hours_begin_with_the_next_full_hour_and_never_wait_for_monday():
    friday = datetime(2028, 12, 22, 9, 20, tzinfo=UTC)
    found = span(friday, Limit("hours", 72), period="eu_1182", closed=closed_in("NL"), zone=ZONE)
    assert found.target == friday + timedelta(hours=72)
    assert found.outer == datetime(2028, 12, 25, 10, tzinfo=UTC)


def test_a_month_ends_on_its_last_day():
    found = span(
        datetime(2029, 1, 31, 9, tzinfo=UTC), Limit("months", 1), period="eu_1182", closed=closed_in(""), zone=ZONE
    )
    assert found.outer == datetime(2029, 2, 28, 22, 59, 59, tzinfo=UTC)


def test_business_days_of_the_sec():
    """Determined on a Saturday: Monday is the first of four, and a federal holiday is not counted."""
    clock = the(
        run(facts(sec_registrant="yes", material_cyber="yes", classified_at=datetime(2028, 10, 7, 15, tzinfo=UTC))),
        "sec_8k",
    )
    assert clock.outer.astimezone(ZONE).date() == date(2028, 10, 13)  # Columbus Day is the 9th


def test_dora_counts_from_both_and_the_earlier_holds():
    known = facts(financial_entity="yes", major_ict="yes")
    assert the(run(known), "dora_19").target == AWARE + timedelta(hours=24)
    early = replace(known, classified_at=AWARE + timedelta(hours=2))
    assert the(run(early), "dora_19").target == AWARE + timedelta(hours=6)
    late = replace(known, classified_at=AWARE + timedelta(hours=30))
    assert the(run(late), "dora_19").target == AWARE + timedelta(hours=24)


def test_a_final_report_counts_from_the_one_before_it():
    known = facts(nis2_entity="yes", significant_incident="yes")
    final = next(one for one in run(known) if one.step.id == "final")
    sent = {"nis2_23:report:NL": AWARE + timedelta(days=2)}
    after = next(one for one in run(known, sent=sent) if one.step.id == "final")
    assert after.target == final.target
    assert after.outer > final.outer


def test_every_member_state_has_its_own_authority_and_holidays():
    found = run(facts(provider="yes", health_harm="yes", member_states=("DE", "NL")))
    assert {one.place for one in found} == {"DE", "NL"}
    unknown = run(facts(provider="yes", health_harm="yes", member_states=()))
    assert "not known" in " ".join(unknown[0].because)


def test_sector_reporting_leaves_fundamental_rights_alone():
    known = facts(provider="yes", sector_reporting="yes", health_harm="yes")
    assert not run(known)
    assert the(run(replace(known, answers={**known.answers, "fundamental_rights": "yes"})), "ai_act_73_2").sure


def test_a_deployer_reports_for_a_provider_out_of_reach():
    told = run(facts(deployer="yes", death="yes"))
    assert {one.row.id for one in told} == {"ai_act_26_5_incident"}
    assert told[0].outer is None
    alone = run(facts(deployer="yes", death="yes", provider_unreachable="yes"))
    assert "ai_act_73_4" in {one.row.id for one in alone}


def test_the_ai_office_may_be_the_addressee():
    assert the(run(facts(provider="yes", death="yes", ai_office="yes")), "ai_act_73_4").to == "AI Office"
    open_ = the(run(facts(provider="yes", death="yes", ai_office="unknown")), "ai_act_73_4")
    assert open_.to.endswith("or AI Office")


def test_before_its_day_a_law_asks_nothing_and_says_so():
    early = facts(cra_manufacturer="yes", exploited_vulnerability="yes", aware_at=datetime(2026, 9, 10, 12, tzinfo=UTC))
    assert not run(early)
    why = {one.row.id: one.because for one in not_asked(LAW, early, ZONE)}
    assert why["cra_14_vulnerability"] == "It applies from 11 September 2026."
    assert why["gdpr_33"].startswith("Answered no: ")


def test_only_a_notice_stops_a_clock():
    known = facts(provider="yes", death="yes")
    late = run(known, now=AWARE + timedelta(days=30))
    assert {one.state for one in late} == {"late"}
    key = the(late, "ai_act_73_4").key
    assert the(run(known, sent={key: AWARE + timedelta(days=1)}), "ai_act_73_4").state == "sent"
    assert the(run(known, sent={key: AWARE + timedelta(days=20)}), "ai_act_73_4").state == "sent_late"
    past = the(run(known, now=AWARE + timedelta(days=10, hours=1)), "ai_act_73_4")
    assert past.state == "past_target"


@given(answers, moments, zones, places, st.none() | st.timedeltas(timedelta(), timedelta(days=40)))
def test_the_target_never_lies_after_the_outer_limit(said, aware, zone, where, linked):
    known = Facts(
        aware_at=aware,
        causal_link_suspected_at=aware + linked if linked is not None else None,
        classified_at=aware + linked if linked is not None else None,
        member_states=where,
        answers=said,
    )
    for clock in run(known, zone=zone):
        if clock.outer is not None:
            assert clock.target <= clock.outer
        if clock.target is not None:
            assert clock.target >= aware or clock.step.from_ == "occurred_at"


@given(answers, st.sampled_from(QUESTIONS), moments, zones)
def test_what_is_unknown_never_yields_a_later_deadline(said, question, aware, zone):
    def first(value):
        known = Facts(aware_at=aware, member_states=("DE",), answers={**said, question: value})
        return earliest(run(known, now=aware, zone=zone)) or datetime.max.replace(tzinfo=UTC)

    assert first("unknown") <= min(first("yes"), first("no"))


@given(answers, moments, st.timedeltas(timedelta(), timedelta(days=60)))
def test_a_causal_link_never_grants_time(said, aware, after):
    known = Facts(aware_at=aware, member_states=("FR",), answers=said)
    linked = replace(known, causal_link_established_at=aware + after)
    before = {one.key: one for one in run(known)}
    for clock in run(linked):
        if clock.target and before[clock.key].target:
            assert clock.target <= before[clock.key].target
            assert clock.outer == before[clock.key].outer


@given(
    moments,
    st.sampled_from([Limit("days", 2), Limit("days", 15), Limit("months", 1), Limit("hours", 72)]),
    zones,
    st.sampled_from(["DE", "NL", "FR", ""]),
)
def test_a_period_of_the_regulation_ends_on_a_working_day_with_two_of_them(start, limit, zone, country):
    closed = closed_in(country)
    found = span(start, limit, period="eu_1182", closed=closed, zone=zone)
    if limit.unit == "hours":
        assert timedelta(hours=limit.amount) <= found.outer - start < timedelta(hours=limit.amount + 1)
        return
    event, last = start.astimezone(zone).date(), found.outer.astimezone(zone).date()
    assert not closed(last)
    working = sum(not closed(event + timedelta(days=n)) for n in range(1, (last - event).days + 1))
    assert working >= 2


def test_a_change_of_the_clocks_grants_no_hour():
    """On 28 March 2027 Amsterdam loses an hour; on 31 October it gains one."""
    for aware in (datetime(2027, 3, 26, 22, 30, tzinfo=UTC), datetime(2027, 10, 29, 21, 30, tzinfo=UTC)):
        found = span(aware, Limit("days", 2), period="eu_1182", closed=closed_in("NL"), zone=ZONE)
        assert found.target <= aware + timedelta(days=2)
        assert found.target.astimezone(ZONE).time() <= aware.astimezone(ZONE).time()


def test_facts_are_read_whole_or_refused_by_field():
    given_facts = {
        "aware_at": "2028-10-02T10:20+02:00",
        "occurred_at": "2028-10-03T10:20+02:00",
        "classified_at": "2028-10-01T10:20+02:00",
        "member_states": ["nl", "XX"],
        "answers": {"death": "perhaps", "nobody": "yes"},
        "colour": "red",
    }
    with pytest.raises(Invalid) as refused:
        facts_of(LAW, given_facts, NOW)
    assert set(refused.value.fields) == {
        "occurred_at", "classified_at", "member_states", "answers.death", "answers.nobody", "colour",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        facts_of(LAW, {"aware_at": "2028-10-02 10:20"}, NOW)
    assert "offset" in refused.value.fields["aware_at"]
    with pytest.raises(Invalid):
        facts_of(LAW, {}, NOW)
    whole = facts_of(LAW, {"aware_at": "2028-10-02T10:20+02:00", "member_states": ["nl"]}, NOW)
    assert facts_of(LAW, whole.as_json(), NOW) == whole
    assert whole.aware_at == AWARE


def test_logic_of_three_values():
    known = Facts(aware_at=AWARE, answers={"death": "yes", "provider": "no"})
    assert holds({"any": ["death", "health_harm"]}, known) == "yes"
    assert holds({"all": ["death", "health_harm"]}, known) == "unknown"
    assert holds({"all": ["provider", "health_harm"]}, known) == "no"
    assert holds({"not": "health_harm"}, known) == "unknown"
    assert holds({"not": {"all": ["provider", "death"]}}, known) == "yes"
    assert holds({"unless": "health_harm"}, known) == "yes"
    assert holds({"unless": "death"}, known) == "no"


def test_an_exception_must_be_known_to_hold():
    clock = the(run(facts(provider="yes", death="yes", sector_reporting="unknown")), "ai_act_73_4")
    assert clock.sure
    assert clock.open_questions == ("sector_reporting",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("limit: 10 days", "limit: ten days", "ten days"),
        ("regime: gdpr", "regime: gdpx", "gdpx"),
        ("when: ai_office", "when: ai_offise", "ai_offise"),
        ("cite: Art. 34", "cited: Art. 34", "cited"),
        ("{all: [federal_agency, omb_waiver]}", "{every: [federal_agency]}", "every"),
        ("after: warning", "after: nothing", "nothing"),
        ("id: gdpr_34", "id: gdpr_33", "twice"),
        ("period: plain", "period: lunar", "lunar"),
        ("applies_from: 2026-09-11", "applies_from: tomorrow", "applies_from"),
    ],
)
def test_an_edition_with_a_fault_is_refused_with_the_place(old, new, told):
    assert old in shipped_text()
    with pytest.raises(Invalid) as refused:
        read_law(shipped_text().replace(old, new))
    assert told in refused.value.fields["text"]


def test_an_edition_cannot_fill_the_memory():
    with pytest.raises(Invalid) as refused:
        read_law("a: &a [x, x]\nb: &b [*a, *a]\n")
    assert "aliases" in refused.value.fields["text"]
    with pytest.raises(Invalid):
        read_law("[" * 5000)
    with pytest.raises(Invalid):
        read_law("x" * 300_000)


def test_every_row_carries_its_citation_its_confidence_and_its_day():
    assert LAW.as_of == date(2026, 11, 22)
    for row in LAW.rows:
        assert row.cite
        assert row.confidence in ("text", "secondary", "background")
        assert row.regime in LAW.regimes
