"""Economics' checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pilothouse.domains.economics.facts import BUDGET, PLAN, PRICE, REVIEW, VALUE, Charge, charged
from pilothouse.domains.economics.rules import gain_of, threshold_of
from pilothouse.kernel.decisions.signed import SignedOff, signed_entries
from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.fields import METHODS
from pilothouse.kernel.records.judging import day, needs, sealed, spoken, today
from pilothouse.kernel.records.loaders import Sealed, entries, latest_sealed, organisation_register

YEAR = timedelta(days=365)
TOLD = "self_report"


@needs("Nobody has sealed a plan of what it will cost.")
def judge_cost_plan(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a plan is sealed and its period has not ended."""
    ends, total = date.fromisoformat(paper.body["ends"]), paper.body["total"]
    if ends < today(now):
        return sealed(Status.IN_PROGRESS, f"Its cost plan ended on {spoken(ends)}; a new one is due.", paper)
    low, middle, high = (_money(paper, total[key]) for key in ("p10", "p50", "p90"))
    reason = f"Until {spoken(ends)} it is planned to cost {middle}, and eight times in ten between {low} and {high}."
    return sealed(Status.MET, reason, paper)


@needs("It has no budget.", at=0)
def judge_budget(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met while what was invoiced in the present period is within its budget."""
    budgets, invoiced = loaded
    current = [one for one in budgets if _holds(one, today(now))]
    if not current:
        last = max(date.fromisoformat(one.body["ends"]) for one in budgets)
        told = f"ended on {spoken(last)}" if last < today(now) else "has not begun"
        return sealed(Status.IN_PROGRESS, f"Its budget {told}; there is none for now.", *budgets)
    for budget in current:
        found = _against(system, budget, invoiced or ())
        if found.status is not Status.MET:
            return found
    return _against(system, current[0], invoiced or ())


def _against(system: SystemFacts, budget: Sealed, invoiced: Sequence[Charge]) -> Finding:
    starts, ends = (date.fromisoformat(budget.body[key]) for key in ("starts", "ends"))
    within = [charge for charge in invoiced if starts <= charge.day <= ends]
    others = sorted({charge.currency for charge in within} - {budget.body["currency"]})
    refs = (budget.ref, *dict.fromkeys(charge.ref for charge in within))
    spent, amount = sum((charge.amount for charge in within), Decimal(0)), Decimal(budget.body["amount"])
    if others:
        reason = f"Invoices in {', '.join(others)} cannot be held against a budget in {budget.body['currency']}."
        return Finding(Status.IN_PROGRESS, reason, Grade.SEALED, refs)
    said = f"{_money(budget, spent)} of {_money(budget, amount)} is invoiced for “{budget.key}”"
    if spent > amount:
        return Finding(Status.NOT_MET, f"Its budget is overrun: {said}.", Grade.SEALED, refs)
    if not within and system.stage == "production":
        reason = f"It runs, but nothing is invoiced for “{budget.key}” yet, so nobody knows whether its budget holds."
        return Finding(Status.IN_PROGRESS, reason, Grade.SEALED, refs)
    warn = spent * 100 >= amount * Decimal(budget.body["warn_at"])
    return Finding(Status.MET, f"{said}{'; its holder is to be warned' if warn else ''}.", Grade.SEALED, refs)


@needs("Nobody has worked out what review by people costs, and what it saves.")
def judge_review(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met when what is reviewed follows from p* = (c_r + f·c_f) / (d·L + f·c_f), or the departure has its reason."""
    threshold, rate, policy = threshold_of(paper.body), Decimal(paper.body["error_rate"]), paper.body["policy"]
    each = _money(paper, abs(gain_of(paper.body)).quantize(Decimal("0.01")))
    brings = f"each review {'gains' if gain_of(paper.body) >= 0 else 'loses'} {each}"
    rule = f"Review pays from p* = {threshold:.2f} % on; {rate.normalize():f} % of results are wrong, so {brings}"
    pays = rate >= threshold
    follows = policy == "above" or (policy == "all") == pays
    if follows:
        done = {"all": "every result is reviewed", "above": "what lies above is reviewed", "none": "a sample is"}[
            policy
        ]
        return sealed(Status.MET, f"{rule}: {done}.", paper)
    if why := paper.body.get("departs_because"):
        return sealed(Status.MET, f"{rule}. It departs from that: {why}", paper)
    done = "is every result reviewed" if policy == "all" else "is only a sample reviewed"
    return sealed(Status.IN_PROGRESS, f"{rule}. Yet {done}, and nobody says why.", paper)


@needs("No value that it brought is recorded.", at=0)
def judge_value(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when value of the last twelve months is booked: measured, and signed off by finance."""
    recorded, signed = loaded
    recent = [one for one in recorded if date.fromisoformat(one.body["ends"]) >= today(now) - YEAR]
    if not recent:
        last = spoken(max(date.fromisoformat(one.body["ends"]) for one in recorded))
        return sealed(Status.IN_PROGRESS, f"The last value that is recorded ended on {last}.", *recorded)
    marks: dict[Any, SignedOff] = {one.record_id: one for one in signed or ()}
    measured = [one for one in recent if one.body["method"] != TOLD]
    booked = [one for one in measured if one.id in marks]
    if booked:
        ranked = list(METHODS["labels"])
        best = min((one.body["method"] for one in booked), key=ranked.index)
        added: dict[str, Decimal] = {}
        for one in booked:
            added[one.body["currency"]] = added.get(one.body["currency"], Decimal(0)) + Decimal(one.body["amount"])
        sums = " and ".join(f"{currency} {amount:,.2f}" for currency, amount in sorted(added.items()))
        how = METHODS["labels"][best].lower()
        refs = tuple(ref for one in booked for ref in (one.ref, marks[one.id].ref))
        return Finding(Status.MET, f"{sums} is booked over a year; best evidence: {how}.", Grade.SEALED, refs)
    if measured:
        reason = f"“{measured[0].key}” was measured, but finance has not signed it off, so nothing is booked."
        return sealed(Status.IN_PROGRESS, reason, *measured)
    return sealed(Status.NOT_MET, "Its value is only told by its users, and what is told is never booked.", *recent)


@needs("No cost plan says which prices it rests on.", at=0)
def judge_prices(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when every price that its cost plan names is in the register, with a rate that is valid now."""
    paper, register = loaded
    named = paper.body.get("prices") or []
    if not named:
        return sealed(Status.NOT_MET, "Its cost plan names no price.", paper)
    known = {name: register[name] for name in named if name in register}
    for name in named:
        if name not in known:
            return sealed(Status.NOT_MET, f"The price of “{name}” is not in the register any more.", paper)
        if not any(_valid(rate, today(now)) for rate in known[name].body["rates"]):
            last = max(rate.get("valid_until") or rate["valid_from"] for rate in known[name].body["rates"])
            reason = (
                f"No price of “{name}” is valid now; the last that is known is of {spoken(date.fromisoformat(last))}."
            )
            return sealed(Status.IN_PROGRESS, reason, paper, known[name])
    said = ", ".join(f"“{name}”" for name in named)
    return sealed(Status.MET, f"The prices it rests on are known and valid: {said}.", paper, *known.values())


def _valid(rate: dict[str, Any], when: date) -> bool:
    until = day(rate.get("valid_until"))
    return date.fromisoformat(rate["valid_from"]) <= when and (until is None or until >= when)


def _holds(budget: Sealed, when: date) -> bool:
    return date.fromisoformat(budget.body["starts"]) <= when <= date.fromisoformat(budget.body["ends"])


def _money(paper: Sealed, amount: Any) -> str:
    return f"{paper.body['currency']} {Decimal(amount):,.2f}"


def _reviewed(system: SystemFacts) -> bool:
    """Does a person look at its results first, or should one at least be asked for? Only an answered “it acts before a
    person has looked”, below the high tier, says no."""
    return system.intake.get("acts_alone") != "yes" or system.tier == "high"


def _running(system: SystemFacts) -> bool:
    """Value is realised where the system is at work."""
    return system.stage == "production"


CHECKS = (
    Check(
        id="economics.cost_planned",
        version=1,
        title="Cost planned",
        domain="economics",
        question="Is it planned what the system will cost, as a range?",
        load=latest_sealed(PLAN),
        judge=judge_cost_plan,
        remedy=f"records/{PLAN}/edit/",
        remedy_label="Plan its cost",
        protects="cfo",
        effort=1.0,
    ),
    Check(
        id="economics.budget_held",
        version=1,
        title="Within its budget",
        domain="economics",
        question="Is what was invoiced for it within its budget?",
        load=(entries(BUDGET), charged),
        judge=judge_budget,
        remedy=f"records/{BUDGET}/new/",
        remedy_label="Give it a budget for this period",
        protects="cfo",
        effort=0.5,
    ),
    Check(
        id="economics.review_costed",
        version=1,
        title="Review by people costed",
        domain="economics",
        question="Is it worked out what review by people costs, and what it saves?",
        load=latest_sealed(REVIEW),
        judge=judge_review,
        remedy=f"records/{REVIEW}/edit/",
        remedy_label="Work out what review costs and saves",
        applies=_reviewed,
        protects="cfo",
        effort=0.5,
    ),
    Check(
        id="economics.value_booked",
        version=1,
        title="Realised value booked",
        domain="economics",
        question="Is what it brought in the last year measured, and signed off by finance?",
        load=(entries(VALUE), signed_entries(VALUE)),
        judge=judge_value,
        remedy=f"records/{VALUE}/new/",
        remedy_label="Record what it brought, and have finance sign it off",
        applies=_running,
        protects="cfo",
        effort=2.0,
    ),
    Check(
        id="economics.prices_known",
        version=1,
        title="Prices known",
        domain="economics",
        question="Are the prices that its cost rests on known, and valid now?",
        load=(latest_sealed(PLAN), organisation_register(PRICE)),
        judge=judge_prices,
        remedy=f"records/{PLAN}/edit/",
        remedy_label="Name the prices that its cost rests on",
        protects="cfo",
        effort=0.5,
    ),
)
