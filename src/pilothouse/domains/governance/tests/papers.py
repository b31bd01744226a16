"""A whole, good body of every document of governance."""

from __future__ import annotations

from typing import Any

from pilothouse.domains.governance.assessments.tests.papers import PAPERS as ASSESSMENTS
from pilothouse.domains.governance.duties.tests.papers import PAPERS as DUTIES

OWNER = "alice@harbour.example"


def classification(**changes: Any) -> dict[str, Any]:
    return {
        "risk_class": "high",
        "our_role": "deployer",
        "reasons": "It ranks applicants, and recruiters seldom look below the first ten",
        "under": [
            {
                "regime": "eu_ai_act",
                "says": "High-risk: employment",
                "citation": "Annex III, point 4(a)",
                "because": "It is meant to filter job applications",
            },
            {
                "regime": "gdpr",
                "says": "Automated decisions",
                "citation": "Article 22",
                "because": "A recruiter decides, so it is not solely automated",
            },
        ],
        "decided_by": OWNER,
        "review_by": "2027-09-30",
    } | changes


def obligation(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Tell applicants that AI ranks them",
        "regime": "eu_ai_act",
        "citation": "Article 26(11)",
        "asks": "Applicants are told before their application is ranked",
        "owner": OWNER,
        "state": "in_place",
        "shown_by": "The notice on the application form",
        "review_by": "2027-09-30",
    } | changes


def control(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Recruiter reads every rejected CV",
        "does": "Before anybody is refused the recruiter opens the CV; a sample is read again each month",
        "against": "Wrong refusals",
        "owner": OWNER,
        "evidence": ["Sample of October 2026: 40 read again, none reversed"],
        "tested_on": "2026-11-02",
        "result": "works",
        "next_test": "2027-09-30",
    } | changes


def organisation_control(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Internal audit of AI 2026",
        "library": ["GOV-14"],
        "does": "Internal audit went through the inventory, ten systems and the register of incidents",
        "owner": OWNER,
        "evidence": ["Audit report of September 2026"],
        "tested_on": "2026-09-20",
        "result": "works",
        "next_test": "2027-09-30",
    } | changes


def attestation(**changes: Any) -> dict[str, Any]:
    return {
        "right": "yes",
        "looked_at": ["The contract", "The vendor's bill of October"],
        "attested_by": OWNER,
        "valid_until": "2027-09-30",
    } | changes


def policy(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "AI helps people to work; it refuses nobody and prices nobody by itself",
        "answers": "The owner of the system answers for what it does, the CAIO for the rules, the board for both",
        "human_decisions": ["Refusing an applicant", "Ending a contract"],
        "escalation": [{"to": "System owner", "within_hours": 4}, {"to": "CAIO", "within_hours": 24}],
        "employees": "Only listed tools; no names, no contracts and no code of customers in any other",
        "reports_to": "ai@harbour.example",
        "adopted_by": "The board",
        "adopted_on": "2026-09-01",
        "review_by": "2027-09-01",
    } | changes


PAPERS: dict[str, dict[str, Any]] = {
    **ASSESSMENTS,
    "governance.risk_classification": classification(),
    "governance.obligation": obligation(),
    "governance.control": control(),
    "governance.organisation_control": organisation_control(),
    "governance.attestation": attestation(),
    "governance.policy": policy(),
    **DUTIES,
}
