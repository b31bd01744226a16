"""What economics' documents refuse, the review rule, and every status of the checks."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.economics.checks import (
    judge_budget,
    judge_cost_plan,
    judge_prices,
    judge_review,
    judge_value,
)
from pilothouse.domains.economics.facts import BUDGET, INVOICE, PLAN, PRICE, REVIEW, VALUE, charges
from pilothouse.domains.economics.rules import gain_of, review_threshold, threshold_of
from pilothouse.domains.economics.schemas import Budget, CostPlan, HumanReview, Invoice, Price, RealisedValue
from pilothouse.domains.economics.tests.papers import PAPERS
from pilothouse.kernel.decisions.signed import SignedOff
from pilothouse.kernel.domain import Status, registry

LINE = PAPERS[PLAN]["lines"][0]
SHORT = {
    PLAN: ("starts", "ends", "currency", "total"),
    REVIEW: ("currency", "review_cost", "catch_rate", "error_loss", "error_rate", "policy"),
    BUDGET: ("period", "starts", "ends", "currency", "amount"),
}


def paper(of, /, **changes):
    return a_paper(of, PAPERS[of] | changes)


def short(of):
    return a_paper(of, {key: PAPERS[of][key] for key in SHORT[of]}, short=True)


def rate(start, end, amount="1"):
    return {"valid_from": start, "valid_until": end, "amount": amount}


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Budget, BUDGET, {"ends": "2025-12-31"}),
        (Budget, BUDGET, {"amount": "0"}),
        (Price, PRICE, {"rates": []}),
        (Price, PRICE, {"rates": [rate("2026-01-01", None), rate("2026-07-01", None)]}),
        (Price, PRICE, {"rates": [rate("2026-07-01", None), rate("2026-01-01", "2026-07-01")]}),
        (Price, PRICE, {"rates": [rate("2026-07-01", "2026-06-30")]}),
        (CostPlan, PLAN, {"ends": "2026-06-30"}),
        (CostPlan, PLAN, {"total": {"p10": "7999", "p50": "14000", "p90": "26000"}}),
        (CostPlan, PLAN, {"total": {"p10": "9000", "p50": "14000", "p90": "28001"}}),
        (CostPlan, PLAN, {"lines": [LINE | {"cost": {"p10": "-1", "p50": "4", "p90": "9"}}]}),
        (Invoice, INVOICE, {"total": "1299.99"}),
        (HumanReview, REVIEW, {"policy": "above"}),
        (HumanReview, REVIEW, {"policy": "none", "audit_share": "0"}),
        (HumanReview, REVIEW, {"catch_rate": "0"}),
        (RealisedValue, VALUE, {"ends": "2026-09-30"}),
        (RealisedValue, VALUE, {"ends": "2027-10-31"}),
        (RealisedValue, VALUE, {"low": "4201"}),
        (RealisedValue, VALUE, {"high": "4199"}),
        (RealisedValue, VALUE, {"method": "a feeling"}),
    ],
)
def test_what_contradicts_itself(schema, kind, changes):
    with pytest.raises(ValidationError):
        schema.model_validate(PAPERS[kind] | changes)


def test_a_credit_may_be_below_nothing():
    lines = [{"text": "Credit", "category": "model_use", "amount": "-50"}]
    assert Invoice.model_validate(PAPERS[INVOICE] | {"lines": lines, "total": "-50"}).total == -50


class TestTheReviewRule:
    """p* = (c_r + f·c_f) / (d·L + f·c_f)"""

    def test_by_hand(self):
        assert review_threshold(Decimal(1), Decimal(0), Decimal(0), Decimal(1), Decimal(50)) == Decimal("0.02")
        assert threshold_of(PAPERS[REVIEW]) == 100 * Decimal("1.4") / Decimal("48.2")
        assert gain_of(PAPERS[REVIEW]) == Decimal("2.88") - Decimal("1.2") - Decimal("0.94") * Decimal("0.2")

    @given(
        st.decimals(0, 100, places=2),
        st.decimals(0, 100, places=2),
        st.decimals(0, 100, places=2),
        st.decimals("0.01", 100, places=2),
        st.decimals("0.01", 1000, places=2),
        st.decimals(0, 100, places=3),
    )
    def test_review_gains_just_when_the_chance_is_above_it(self, cost, alarms, alarm_cost, caught, loss, wrong):
        body = {
            "review_cost": cost,
            "false_alarm_rate": alarms,
            "false_alarm_cost": alarm_cost,
            "catch_rate": caught,
            "error_loss": loss,
            "error_rate": wrong,
        }
        gain, threshold = gain_of(body), threshold_of(body)
        if abs(wrong - threshold) > Decimal("0.000001"):
            assert (gain > 0) == (wrong > threshold)


class TestCostPlanned:
    """economics.cost_planned"""

    def test_met(self):
        finding = judge_cost_plan(a_system(), paper(PLAN), NOW)
        assert finding.status == Status.MET
        assert finding.reason == (
            "Until 31 December 2027 it is planned to cost EUR 14,000.00, "
            "and eight times in ten between EUR 9,000.00 and EUR 26,000.00."
        )

    def test_absent(self):
        assert judge_cost_plan(a_system(), None, NOW).status == Status.NOT_MET
        assert judge_cost_plan(a_system(inherited=True), None, NOW).status == Status.UNKNOWN

    def test_it_ended(self):
        assert judge_cost_plan(a_system(), paper(PLAN, ends="2026-11-22"), NOW).status == Status.IN_PROGRESS

    def test_the_short_form(self):
        assert judge_cost_plan(a_system(tier="low"), short(PLAN), NOW).status == Status.MET
        assert judge_cost_plan(a_system(), short(PLAN), NOW).status == Status.IN_PROGRESS


class TestBudgetHeld:
    """economics.budget_held"""

    def judge(self, *budgets, invoices=(), **system):
        return judge_budget(a_system(**system), (budgets or None, tuple(charges(invoices))), NOW)

    def invoice(self, amount, **changes):
        lines = [{"text": "Text model", "category": "model_use", "amount": amount, "system": 1}]
        return paper(INVOICE, lines=lines, total=amount, **changes)

    def test_held(self):
        finding = self.judge(paper(BUDGET), invoices=(self.invoice("1000"), self.invoice("500")), stage="production")
        assert finding.status == Status.MET
        assert finding.reason == "EUR 1,500.00 of EUR 50,000.00 is invoiced for “2026 and 2027”."
        assert len(finding.refs) == 3

    def test_its_holder_is_warned(self):
        assert "is to be warned" in self.judge(paper(BUDGET), invoices=(self.invoice("40000"),)).reason

    def test_absent(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_none_for_now(self):
        assert "ended on 31 October 2026" in self.judge(paper(BUDGET, ends="2026-10-31")).reason
        finding = self.judge(paper(BUDGET, starts="2027-01-01"))
        assert (finding.status, finding.reason) == (
            Status.IN_PROGRESS,
            "Its budget has not begun; there is none for now.",
        )

    def test_overrun(self):
        finding = self.judge(paper(BUDGET), invoices=(self.invoice("50000.01"),))
        assert finding.status == Status.NOT_MET

    def test_what_was_charged_before_does_not_count(self):
        old = self.invoice("90000", invoiced_on="2025-12-31")
        assert self.judge(paper(BUDGET), invoices=(old,)).status == Status.MET

    def test_currencies_are_not_added(self):
        finding = self.judge(paper(BUDGET), invoices=(self.invoice("10", currency="USD"),))
        assert (finding.status, "USD" in finding.reason) == (Status.IN_PROGRESS, True)

    def test_a_running_system_without_an_invoice(self):
        assert self.judge(paper(BUDGET), stage="production").status == Status.IN_PROGRESS
        assert self.judge(paper(BUDGET), stage="pilot").status == Status.MET

    def test_the_tightest_of_two(self):
        both = (paper(BUDGET), paper(BUDGET, period="November", starts="2026-10-01", amount="900"))
        assert self.judge(*both, invoices=(self.invoice("1000"),)).status == Status.NOT_MET

    def test_the_short_form(self):
        assert self.judge(short(BUDGET), tier="low").status == Status.MET
        assert self.judge(short(BUDGET)).status == Status.IN_PROGRESS


class TestReviewCosted:
    """economics.review_costed"""

    def judge(self, review, **system):
        return judge_review(a_system(**system), review, NOW)

    def test_it_follows(self):
        finding = self.judge(paper(REVIEW))
        assert finding.status == Status.MET
        assert finding.reason == (
            "Review pays from p* = 2.90 % on; 6 % of results are wrong, so each review gains EUR 1.49: "
            "every result is reviewed."
        )

    def test_none_pays_where_errors_are_rare(self):
        assert self.judge(paper(REVIEW, error_rate="1", policy="none")).status == Status.MET

    def test_above_the_threshold_always_follows(self):
        assert self.judge(paper(REVIEW, scored=True, policy="above")).status == Status.MET

    @pytest.mark.parametrize("changes", [{"error_rate": "1"}, {"policy": "none"}])
    def test_a_departure_needs_its_reason(self, changes):
        assert self.judge(paper(REVIEW, **changes)).status == Status.IN_PROGRESS
        reasoned = paper(REVIEW, **changes, departs_because="The law demands that a person decides.")
        assert self.judge(reasoned).status == Status.MET
        assert "The law demands" in self.judge(reasoned).reason

    def test_absent(self):
        assert self.judge(None).status == Status.NOT_MET
        assert self.judge(None, inherited=True).status == Status.UNKNOWN

    def test_the_short_form(self):
        assert self.judge(short(REVIEW), tier="low").status == Status.MET

    @pytest.mark.parametrize(
        ("alone", "tier", "asked"),
        [("yes", "medium", False), ("yes", "high", True), ("no", "medium", True), ("unknown", "medium", True)],
    )
    def test_where_it_is_asked(self, alone, tier, asked):
        check = registry.checks["economics.review_costed"]
        assert check.applies(a_system(intake={"acts_alone": alone}, tier=tier)) is asked
        assert check.applies(a_system())


class TestValueBooked:
    """economics.value_booked"""

    def judge(self, *values, signed=(), **system):
        marks = tuple(SignedOff(uuid4(), one.id, ("cfo",), NOW, False, False) for one in signed)
        return judge_value(a_system(**({"stage": "production"} | system)), (values or None, marks or None), NOW)

    def test_booked(self):
        one, two = paper(VALUE), paper(VALUE, name="September", currency="USD", method="before_after")
        finding = self.judge(one, two, signed=(one, two))
        assert finding.status == Status.MET
        assert finding.reason == (
            "EUR 4,200.00 and USD 4,200.00 is booked over a year; best evidence: rolled out in steps."
        )
        assert [ref.type for ref in finding.refs] == ["records.record", "decisions.decision"] * 2

    def test_measured_but_not_signed(self):
        other = paper(VALUE)
        assert self.judge(paper(VALUE), signed=(other,)).status == Status.IN_PROGRESS

    def test_what_is_told_is_never_booked(self):
        told = paper(VALUE, method="self_report")
        assert self.judge(told, signed=(told,)).status == Status.NOT_MET

    def test_old(self):
        old = paper(VALUE, starts="2025-11-01", ends="2025-11-22")
        assert self.judge(old, signed=(old,)).status == Status.IN_PROGRESS

    def test_absent(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_only_asked_in_production(self):
        check = registry.checks["economics.value_booked"]
        assert check.applies(a_system(stage="production"))
        assert not check.applies(a_system(stage="pilot"))


class TestPricesKnown:
    """economics.prices_known"""

    def judge(self, plan, *prices, **system):
        return judge_prices(a_system(**system), (plan, {price.key: price for price in prices}), NOW)

    def test_met(self):
        assert self.judge(paper(PLAN), paper(PRICE)).status == Status.MET

    def test_absent(self):
        assert self.judge(None, paper(PRICE)).status == Status.NOT_MET
        assert self.judge(None, inherited=True).status == Status.UNKNOWN

    def test_it_names_none(self):
        assert self.judge(short(PLAN), paper(PRICE), tier="low").status == Status.NOT_MET

    def test_it_is_gone(self):
        assert self.judge(paper(PLAN)).status == Status.NOT_MET

    @pytest.mark.parametrize(
        ("rates", "status"),
        [
            ([rate("2026-01-01", "2026-11-22")], Status.IN_PROGRESS),
            ([rate("2026-01-01", "2026-11-23")], Status.MET),
            ([rate("2026-11-24", None)], Status.IN_PROGRESS),
        ],
    )
    def test_valid_now(self, rates, status):
        assert self.judge(paper(PLAN), paper(PRICE, rates=rates)).status == status
