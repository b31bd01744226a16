"""What strategy's other documents refuse, and every status of its other checks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.strategy.checks import (
    REDESIGN,
    judge_goal_traced,
    judge_pilot_verdict,
    judge_reimagined,
    judge_value_hypothesis,
    reached,
)
from pilothouse.domains.strategy.schemas import Goal, PilotVerdict, Positioning, ValueHypothesis
from pilothouse.domains.strategy.tests.papers import PAPERS
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal, records_seal

GOAL, KIND, VERDICT = "strategy.goal", "strategy.value_hypothesis", "strategy.pilot_verdict"
SHORT = {key: PAPERS[KIND][key] for key in ("outcome", "metric", "target", "stop_rule", "decision_date")}


def paper(of=KIND, /, **changes):
    return a_paper(of, PAPERS[of] | changes)


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Goal, GOAL, {"target": "96"}),
        (Goal, GOAL, {"standing": "dropped"}),
        (Positioning, "strategy.positioning", {"review_by": "2026-03-15"}),
        (Positioning, "strategy.positioning", {"goals": []}),
        (ValueHypothesis, KIND, {"kind": "reimagined"}),
        (PilotVerdict, VERDICT, {"ended_on": "2026-07-31"}),
        (PilotVerdict, VERDICT, {"low": "45"}),
        (PilotVerdict, VERDICT, {"high": "43"}),
        (PilotVerdict, VERDICT, {"guardrail_held": False}),
        (PilotVerdict, VERDICT, {"method": "self_report"}),
        (PilotVerdict, VERDICT, {"cases": 0}),
    ],
)
def test_what_contradicts_itself(schema, kind, changes):
    with pytest.raises(ValidationError):
        schema.model_validate(PAPERS[kind] | changes)


def test_what_users_told_may_go_on_or_stop():
    for verdict in ("continue", "stop"):
        changes = {"method": "self_report", "guardrail_held": False, "verdict": verdict}
        assert PilotVerdict.model_validate(PAPERS[VERDICT] | changes).verdict == verdict


class TestGoalTraced:
    """strategy.goal_traced"""

    def judge(self, hypothesis, *goals, **system):
        return judge_goal_traced(a_system(**system), (hypothesis, {goal.key: goal for goal in goals}), NOW)

    def test_met(self):
        finding = self.judge(paper(), paper(GOAL))
        assert finding.status == Status.MET
        assert "“Answer within two days”, to be reached by 31 December 2027" in finding.reason
        assert len(finding.refs) == 2

    def test_without_a_hypothesis(self):
        assert self.judge(None, paper(GOAL)).status == Status.NOT_MET
        assert self.judge(None, paper(GOAL), inherited=True).status == Status.UNKNOWN

    def test_it_names_none(self):
        assert self.judge(paper(goals=[]), paper(GOAL)).status == Status.NOT_MET

    def test_the_goal_is_gone(self):
        assert "not in the register any more" in self.judge(paper()).reason

    @pytest.mark.parametrize(
        "changes", [{"standing": "reached"}, {"standing": "dropped", "why_dropped": "A new law forbids it"}]
    )
    def test_the_goal_no_longer_stands(self, changes):
        assert self.judge(paper(), paper(GOAL, **changes)).status == Status.NOT_MET

    def test_its_date_passed_in_silence(self):
        assert self.judge(paper(), paper(GOAL, by="2026-11-22")).status == Status.IN_PROGRESS
        assert self.judge(paper(), paper(GOAL, by="2026-11-23")).status == Status.MET


class TestReimagined:
    """strategy.reimagined_justified"""

    def judge(self, hypothesis, redesign=None, **system):
        return judge_reimagined(a_system(**system), (hypothesis, redesign), NOW).status

    def test_other_kinds_of_value_are_not_asked(self):
        assert self.judge(paper()) == Status.NOT_APPLICABLE

    def test_without_a_hypothesis(self):
        assert self.judge(None) == Status.NOT_MET
        assert self.judge(None, inherited=True) == Status.UNKNOWN

    def test_words_alone_do_not_do(self):
        claim = paper(kind="reimagined", justification="People handle exceptions only from now on")
        assert self.judge(claim) == Status.NOT_MET
        assert self.judge(claim, paper(VERDICT)) == Status.MET  # any sealed document stands for the redesign here

    def test_a_new_offer(self):
        assert self.judge(paper(kind="reimagined", offer="An answer at night")) == Status.MET

    def test_the_redesign_that_it_reads_is_another_domains_document(self):
        kind = registry.records[REDESIGN]
        assert kind.of_system
        assert not kind.many


class TestPilotVerdict:
    """strategy.pilot_verdict_sealed"""

    def judge(self, verdict, hypothesis, **system):
        return judge_pilot_verdict(a_system(**system), (verdict, hypothesis), NOW)

    def test_met(self):
        finding = self.judge(paper(VERDICT), paper())
        assert finding.status == Status.MET
        assert finding.reason == "The pilot measured 44 in 412 cases until 31 October 2026; the target is 48."

    def test_none(self):
        assert self.judge(None, paper()).status == Status.NOT_MET
        assert self.judge(None, paper(), inherited=True).status == Status.UNKNOWN

    def test_nothing_to_measure_against(self):
        assert self.judge(paper(VERDICT), None).status == Status.IN_PROGRESS

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"verdict": "stop"}, Status.NOT_MET),
            ({"verdict": "continue"}, Status.IN_PROGRESS),
            ({"cases": 399}, Status.IN_PROGRESS),
            ({"measured": "49", "high": "60"}, Status.NOT_MET),
            ({"measured": "48"}, Status.MET),
        ],
    )
    def test_its_result_decides(self, changes, status):
        assert self.judge(paper(VERDICT, **changes), paper()).status == status

    def test_the_short_form_serves_the_low_tier_alone(self):
        body = {key: PAPERS[VERDICT][key] for key in ("ended_on", "cases", "measured", "guardrail_held", "verdict")}
        short, hypothesis = a_paper(VERDICT, body, short=True), a_paper(KIND, SHORT, short=True)
        assert self.judge(short, hypothesis, tier="low").status == Status.MET
        assert self.judge(short, hypothesis, tier="medium").status == Status.IN_PROGRESS


@given(st.decimals(-999, 999, places=2), st.decimals(-999, 999, places=2), st.decimals(-999, 999, places=2))
def test_reached_looks_the_way_that_the_target_lies(measured, target, baseline):
    got = reached(str(measured), str(target), str(baseline))
    assert got == (measured >= target if target > baseline else measured <= target)
    assert reached(str(target), str(target), str(baseline))


def test_the_short_hypothesis_is_borne_by_its_judges():
    short = a_paper(KIND, SHORT, short=True)
    low = a_system(tier="low")
    finding = judge_value_hypothesis(low, short, NOW)
    assert finding.status == Status.MET
    assert "Hours until the first answer to 48, decided" in finding.reason
    assert judge_value_hypothesis(a_system(), short, NOW).status == Status.IN_PROGRESS
    assert judge_goal_traced(low, (short, {}), NOW).status == Status.NOT_MET
    assert judge_reimagined(low, (short, None), NOW).status == Status.NOT_APPLICABLE


def test_all_its_papers_can_be_sealed(cast):
    """strategy.goal, strategy.positioning, strategy.value_hypothesis and strategy.pilot_verdict, in this order."""
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    for kind, body in PAPERS.items():
        about = system if registry.records[kind].of_system else None
        sealed = record_seal(actor=caio, record=record_draft(actor=caio, system=about, kind=kind, body=body))
        assert sealed.state == "sealed"


def test_a_thousand_systems_cost_no_more_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    records_seal(actor=caio, kind=GOAL, bodies=[(None, PAPERS[GOAL])])
    systems = [system_create(actor=caio, name=f"System {n}") for n in range(5)]
    records_seal(actor=caio, kind=KIND, bodies=[(system, PAPERS[KIND]) for system in systems])
    loaders = {loader for check in registry.domains["strategy"].checks for loader in check.loaders}
    with django_assert_max_num_queries(len(loaders)):
        found = [loader(cast.organisation.pk, None) for loader in loaders]
    assert len(found) == 4
