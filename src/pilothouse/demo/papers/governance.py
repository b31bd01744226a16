"""Governance in the demo: risk classes, obligations, controls, attestations and the policy that holds for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

CITATIONS = {
    "Human resources": ("High-risk: employment", "Annex III, point 4(a)", "It is used to choose among applicants"),
    "Insurance": ("High-risk: life and health insurance", "Annex III, point 5(c)", "It prices a risk of persons"),
}
CREDIT = ("High-risk: creditworthiness", "Annex III, point 5(b)", "It rates whether a person can pay")


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "governance.policy",
        {
            "purpose": "AI helps people to work; it refuses nobody and prices nobody by itself",
            "answers": "The owner answers for what a system does, the CAIO for the rules, the board for both",
            "human_decisions": ["Refusing an applicant", "Refusing a claim or a loan", "Ending a contract"],
            "escalation": [
                {"to": "System owner", "within_hours": 4},
                {"to": "Chief AI Officer", "within_hours": 24},
                {"to": "The director" if firm.small else "The board", "within_hours": 72},
            ],
            "employees": "Only tools on the list; nothing about customers in any other",
            "reports_to": firm.caio,
            "adopted_by": "The director" if firm.small else "The board",
            "adopted_on": firm.ago(3),
            "review_by": firm.ahead(400),
        },
    )
    yield done(firm, "Internal audit of AI", ["GOV-14"], "Audit went through the inventory and ten systems", 400)
    # Half a year after it was due again, nobody has reviewed anything: the gap that a board should see.
    yield done(firm, "Management review of AI", ["GOV-15"], "The board went through results, incidents and audits", 130)
    yield done(firm, "Drill of a request and a report", ["GOV-12", "OPS-3"], "A request was answered in 31 hours", 500)


def done(firm: Firm, name: str, library: list[str], does: str, again: int) -> tuple[str, dict[str, Any]]:
    """What shows a control of the organisation itself, until `again` days on."""
    return (
        "governance.organisation_control",
        {
            "name": name,
            "library": library,
            "does": does,
            "owner": firm.caio,
            "evidence": [f"Report on {name.lower()}"],
            "tested_on": firm.ago(2),
            "result": "works",
            "next_test": firm.ahead(again),
        },
    )


def risk_class(case: Case) -> str:
    if case.grave:
        return "high"
    return "limited" if case.language else "minimal"


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield classification(case)
    yield (
        "governance.obligation",
        {
            "name": "Tell people that AI is used" if case.language else "Keep the logs of results",
            "regime": "eu_ai_act",
            "citation": "Article 50(1)" if case.language else "Article 26(6)",
            "asks": "People are told at the first contact" if case.language else "Logs are kept for six months",
            "owner": case.owner,
            "state": "in_place",
            "shown_by": "The notice on the page" if case.language else "The retention rule of the log store",
            "review_by": case.ahead(380),
        },
    )
    yield (
        "governance.control",
        {
            "name": "A sample is read again",
            "does": "Each month 40 results are read again by somebody else, and differences are talked over",
            "against": "Wrong results that nobody notices",
            "library": ["OPS-7", "MOD-8"],
            "owner": case.owner,
            "evidence": [f"Sample of {case.told:%B %Y}: 40 read again, one changed"],
            "tested_on": case.ago(4),
            "result": "works",
            "next_test": case.ahead(case.pick.choice((100, 200, 380))),
        },
    )
    yield attestation(case)


def classification(case: Case) -> tuple[str, dict[str, Any]]:
    """The risk class with its reasons; a manual record, and no legal advice."""
    said = risk_class(case)
    under = CITATIONS.get(case.line.unit, CREDIT)
    says, citation, because = (
        under
        if said == "high"
        else ("Transparency", "Article 50", "People read text that it made")
        if said == "limited"
        else ("Not listed", "Annex III", "None of its points names such a purpose")
    )
    return (
        "governance.risk_classification",
        {
            "risk_class": said,
            "our_role": "deployer" if case.line.vendor else "provider",
            "reasons": f"{case.line.purpose}; its results are {'followed in most cases' if case.grave else 'advice'}",
            "under": [{"regime": "eu_ai_act", "says": says, "citation": citation, "because": because}],
            "decided_by": case.owner,
            "review_by": case.ahead(380),
        },
    )


def attestation(case: Case) -> tuple[str, dict[str, Any]]:
    return (
        "governance.attestation",
        {
            "right": "yes",
            "looked_at": ["The contract", "The deployment of last week"],
            "attested_by": case.owner,
            "valid_until": case.ahead(case.pick.choice((90, 190, 370))),
        },
    )
