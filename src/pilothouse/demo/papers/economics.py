"""Money in the demo: prices, plans, budgets, the month's invoices, review, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pilothouse.demo.papers.case import Case, Firm


def price_of(supplier: str) -> str:
    return f"{supplier}, a million tokens or calls"


OWN = "Platform hour"


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, supplier in enumerate(firm.suppliers):
        earlier, later = 2.4 + 0.3 * at, 1.8 + 0.3 * at
        yield (
            "economics.price",
            {
                "item": price_of(supplier),
                "supplier": supplier,
                "unit": "1,000,000 tokens or calls",
                "currency": "EUR",
                "rates": [
                    {"valid_from": firm.ago(200), "valid_until": firm.ahead(120), "amount": f"{earlier:.2f}"},
                    {"valid_from": firm.ahead(121), "valid_until": None, "amount": f"{later:.2f}"},
                ],
                "source": f"Framework contract with {supplier}, annex 2, read when it was signed",
            },
        )
    yield (
        "economics.price",
        {
            "item": OWN,
            "supplier": "Our own platform team",
            "unit": "hour of one machine",
            "currency": "EUR",
            "rates": [{"valid_from": firm.ago(200), "valid_until": None, "amount": "0.90"}],
            "source": "Internal price list of the platform team, agreed with finance",
        },
    )


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def year_cost(case: Case) -> int:
    """The middle of what it costs in a year, in euros."""
    return 220 * case.size


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    middle = year_cost(case)
    yield (
        "economics.cost_plan",
        {
            "starts": case.ago(60),
            "ends": case.ahead(500),
            "currency": "EUR",
            "total": {"p10": round(middle * 0.8), "p50": middle, "p90": round(middle * 1.7)},
            "lines": [
                {
                    "category": "model_use" if case.line.vendor else "infrastructure",
                    "treatment": "opex",
                    "cost": {"p10": round(middle * 0.3), "p50": round(middle * 0.5), "p90": middle},
                    "basis": "Cases a month × calls × price",
                },
                {
                    "category": "review",
                    "treatment": "opex",
                    "cost": {"p10": round(middle * 0.4), "p50": round(middle * 0.5), "p90": round(middle * 0.9)},
                    "basis": "Two minutes for each case that is read again",
                },
            ],
            "prices": [price_of(case.line.vendor) if case.line.vendor in case.firm.suppliers else OWN],
            "assumptions": "Volumes of last year; twice as dear if every case is asked twice.",
        },
    )
    yield (
        "economics.budget",
        {
            "period": f"{case.told.year} and {case.told.year + 1}",
            "starts": f"{case.told.year}-01-01",
            "ends": f"{case.told.year + 1}-12-31",
            "currency": "EUR",
            "amount": round(middle * case.pick.choice((0.5, 1.6, 2.2, 2.2))),
            "holder": case.owner_name,
        },
    )
    yield (
        "economics.human_review",
        {
            "currency": "EUR",
            "review_cost": "1.20",
            "catch_rate": "80",
            "error_loss": "260" if case.grave else "9",
            "false_alarm_rate": "5",
            "false_alarm_cost": "4",
            "error_rate": "6",
            "policy": "all" if case.grave else "none",
            "audit_share": "2",
            "volume": 900,
            "basis": "Minutes measured in a week of autumn; the loss is a guess from three complaints.",
        },
    )


def invoice(
    firm: Firm, supplier: str, charged: Sequence[tuple[int, str, int]], shared: int
) -> tuple[str, dict[str, Any]]:
    """A month's invoice: (system's number, its name, euros) each, and what was for none alone."""
    lines: list[dict[str, Any]] = [
        {"text": name[:200], "category": "model_use", "amount": f"{amount}.00", "system": number}
        for number, name, amount in charged
    ]
    if shared:
        lines.append({"text": "Support", "category": "licence", "amount": f"{shared}.00", "system": None})
    return (
        "economics.invoice",
        {
            "number": f"{supplier} {firm.told:%Y-%m}",
            "supplier": supplier,
            "invoiced_on": firm.told.isoformat(),
            "currency": "EUR",
            "total": f"{sum(amount for *_, amount in charged) + shared}.00",
            "lines": lines,
        },
    )


def value(case: Case, amount: int, method: str) -> tuple[str, dict[str, Any]]:
    """What a system brought in a quarter."""
    return (
        "economics.realised_value",
        {
            "name": f"Time put to other use, until {case.told:%B %Y}",
            "starts": case.ago(90),
            "ends": case.told.isoformat(),
            "currency": "EUR",
            "amount": f"{amount}.00",
            "method": method,
            "low": f"{round(amount * 0.7)}.00",
            "high": f"{round(amount * 1.3)}.00",
            "how": "Minutes saved for each case, of which 60 of 100 were put to other use, at EUR 42 an hour.",
            "where": "time",
        },
    )
