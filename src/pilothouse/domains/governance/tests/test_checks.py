"""Governance's checks, in every status."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.domains.governance import facts as loaders
from pilothouse.domains.governance.checks import (
    judge_attested,
    judge_classified,
    judge_controls,
    judge_obligations,
    judge_responsibilities,
)
from pilothouse.domains.governance.tests.papers import PAPERS, attestation, classification, control, obligation, policy
from pilothouse.kernel.domain import ShareMet, Status, SystemFacts, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REGISTERS = (loaders.OBLIGATION, loaders.CONTROL)


def facts(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    base = SystemFacts(**(empty | {"id": uuid4(), "number": 1, "stage": "pilot", "tier": "high", "intake": {}}))
    return replace(base, **changes)


def sealed(body, kind=loaders.CLASSIFICATION):
    return Sealed(uuid4(), kind, 1, "sha256:0", NOW, None, body, body["name"] if kind in REGISTERS else "")


def entries(kind, *bodies):
    return tuple(sealed(body, kind) for body in bodies)


class TestClassified:
    """governance.risk_classified"""

    def judge(self, body, **system):
        return judge_classified(facts(**system), sealed(body) if body else None, NOW)

    def test_met(self):
        assert self.judge(classification()).reason == "It is classified as high risk, with reasons."
        assert self.judge(classification(risk_class="limited"), tier="low").status == Status.MET

    def test_absent(self):
        assert self.judge(None).status == Status.NOT_MET
        assert self.judge(None, inherited=True).status == Status.UNKNOWN

    def test_prohibited_may_not_run(self):
        assert self.judge(classification(risk_class="prohibited")).status == Status.NOT_MET

    def test_overdue(self):
        assert self.judge(classification(review_by="2026-11-22")).status == Status.IN_PROGRESS

    @pytest.mark.parametrize("tier", ["low", "medium"])
    def test_high_risk_in_a_lower_tier(self, tier):
        assert self.judge(classification(), tier=tier).status == Status.IN_PROGRESS

    @pytest.mark.parametrize("impact", ["rights", "safety", "both", "high"])
    def test_minimal_risk_against_the_inventory(self, impact):
        assert self.judge(classification(risk_class="minimal"), impact=impact).status == Status.IN_PROGRESS
        assert self.judge(classification(risk_class="minimal"), impact="neither").status == Status.MET


class TestObligations:
    """governance.obligations_assigned"""

    def judge(self, *bodies, risk_class="high", **system):
        paper = sealed(classification(risk_class=risk_class)) if risk_class else None
        return judge_obligations(facts(**system), (paper, entries(loaders.OBLIGATION, *bodies) or None), NOW)

    def test_met_says_what_is_due_next(self):
        due = obligation(name="Keep the log", state="open", due="2027-02-01")
        expected = "2 obligations have owners; 1 open, the first due on 1 February 2027."
        assert self.judge(obligation(), due).reason == expected
        assert self.judge(obligation()).reason == "One obligation has its owner."

    def test_minimal_risk_needs_none(self):
        assert self.judge(risk_class="minimal").status == Status.MET

    @pytest.mark.parametrize("risk_class", ["high", "limited", "prohibited"])
    def test_a_class_without_obligations(self, risk_class):
        assert self.judge(risk_class=risk_class).status == Status.NOT_MET

    def test_nobody_knows(self):
        assert self.judge(risk_class=None).status == Status.NOT_MET
        assert self.judge(risk_class=None, inherited=True).status == Status.UNKNOWN

    def test_past_its_day(self):
        finding = self.judge(obligation(), obligation(name="Register it", state="open", due="2026-11-22"))
        assert finding.status == Status.NOT_MET
        assert finding.reason == "“Register it” was due on 22 November 2026."

    def test_to_be_looked_at_again(self):
        assert self.judge(obligation(review_by="2026-11-22")).status == Status.IN_PROGRESS

    @given(st.lists(st.integers(-400, 400), min_size=1, max_size=5))
    def test_met_exactly_while_none_is_past_its_day(self, days):
        today = date(2026, 11, 23)
        bodies = [
            obligation(name=f"Duty {n}", state="open", due=(today + timedelta(days=day)).isoformat())
            for n, day in enumerate(days)
        ]
        assert (self.judge(*bodies).status == Status.MET) == (min(days) >= 0)


class TestResponsibilities:
    """governance.responsibilities_named"""

    def test_met(self):
        finding = judge_responsibilities(facts(), entries(loaders.POLICY, policy()), NOW)
        assert finding.status == Status.MET
        assert "keeps 2 decisions for people" in finding.reason

    def test_absent(self):
        assert judge_responsibilities(facts(), (), NOW).status == Status.NOT_MET
        assert judge_responsibilities(facts(inherited=True), (), NOW).status == Status.UNKNOWN

    def test_overdue(self):
        old = policy(adopted_on="2025-01-01", review_by="2026-11-22")
        assert judge_responsibilities(facts(), entries(loaders.POLICY, old), NOW).status == Status.IN_PROGRESS


class TestControls:
    """governance.controls_evidenced"""

    def judge(self, *bodies, **system):
        return judge_controls(facts(**system), entries(loaders.CONTROL, *bodies) or None, NOW)

    def test_met(self):
        assert self.judge(control()).status == Status.MET
        assert self.judge(control(), control(name="Second look")).reason.startswith("Its 2 controls have owners")

    def test_absent(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_one_that_failed(self):
        finding = self.judge(control(), control(name="Second look", result="fails"))
        assert finding.status == Status.NOT_MET
        assert finding.reason == "The control “Second look” failed when it was last tested on 2 November 2026."

    @pytest.mark.parametrize("changes", [{"result": "partly"}, {"tested_on": "2025-01-01", "next_test": "2026-11-22"}])
    def test_in_progress(self, changes):
        assert self.judge(control(), control(name="Second look", **changes)).status == Status.IN_PROGRESS

    def test_the_short_form(self):
        short = {key: control()[key] for key in ("name", "does", "owner", "next_test")}
        assert self.judge(short, tier="low").status == Status.MET
        assert self.judge(short).status == Status.IN_PROGRESS


class TestAttested:
    """governance.inventory_attested"""

    def judge(self, body, **system):
        return judge_attested(facts(**system), sealed(body, loaders.ATTESTATION) if body else None, NOW)

    def test_met(self):
        assert self.judge(attestation()).reason == "Its entry in the inventory is attested until 30 September 2027."

    def test_absent(self):
        assert self.judge(None).status == Status.NOT_MET
        assert self.judge(None, inherited=True).status == Status.UNKNOWN

    def test_wrong(self):
        assert self.judge(attestation(right="no", wrong="The vendor has changed")).status == Status.NOT_MET

    def test_overdue(self):
        assert self.judge(attestation(valid_until="2026-11-22")).status == Status.IN_PROGRESS


def test_the_answer_counts_running_systems_of_the_high_tier():
    domain = registry.domains["governance"]
    expected = ShareMet(tuple(check.id for check in domain.checks), stages=("pilot", "production"), tiers=("high",))
    assert domain.answer == expected


def test_it_works_from_sealing_to_judgement(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    draft = record_draft(actor=caio, system=None, kind=loaders.POLICY, body=policy())
    record_seal(actor=caio, record=draft)
    for number in range(3):
        system = system_create(actor=caio, name=f"CV summary {number}")
        for kind, body in PAPERS.items():
            if registry.records[kind].of_system:
                record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=kind, body=body))
        for check in registry.domains["governance"].checks:
            with django_assert_max_num_queries(len(check.loaders)):
                found = [loader(cast.organisation.pk, None) for loader in check.loaders]
            read = tuple(one.get(system.pk) for one in found)
            finding = check.judge(facts(id=system.pk), read if isinstance(check.load, tuple) else read[0], NOW)
            # An assessment waits for its signature, which its own tests give.
            waits = check.id == "governance.impact_assessed"
            assert finding.status == (Status.IN_PROGRESS if waits else Status.MET), check.id
