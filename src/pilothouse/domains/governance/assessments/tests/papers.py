"""A whole, good body of every document of this room."""

from __future__ import annotations

from typing import Any

OWNER = "alice@harbour.example"


def attribute(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Sex",
        "held": "held",
        "special": "no",
        "lawful_because": "Applicants state it for equality statistics; kept for six months",
    } | changes


def bias_policy(**changes: Any) -> dict[str, Any]:
    return {
        "attributes": [attribute()],
        "measures": [
            {
                "metric": "four_fifths",
                "bar": "0.8",
                "because": "An applicant who is not invited is never seen, so being invited is what counts",
            }
        ],
        "least": 30,
        "withheld": 5,
        "without": "Names are changed in a sample each quarter",
        "cadence": "quarterly",
        "told": [OWNER],
        "then": "The owner stops the ranking; the CAIO decides whether it goes on",
        "review_by": "2027-09-30",
    } | changes


def fria(**changes: Any) -> dict[str, Any]:
    return {
        "must": "public_service",
        "process": "It ranks applications for a place in the training scheme; a recruiter reads the first ten",
        "use_period": "From March 2027, for two years",
        "frequency": "Each application, about 4,000 a year",
        "people": ["Applicants", "Applicants with a gap in their CV"],
        "harms": [
            {
                "who": "Applicants with a gap in their CV",
                "right": "Equal treatment",
                "harm": "They are ranked lower for having cared for children",
                "likelihood": "medium",
                "severity": "high",
                "answer": "Gaps are taken out before ranking; the ratio by sex is measured each quarter",
            }
        ],
        "oversight": "A recruiter decides, and reads every application that would be refused",
        "response": "The owner stops the ranking; the applications of that week are read again",
        "complaints": "applicants@harbour.example, answered within ten days by somebody else",
        "dpia": "DPIA applicant ranking, version 2",
        "notified": "sent",
        "notified_on": "2026-10-20",
        "assessed_by": OWNER,
        "review_by": "2027-09-30",
    } | changes


def dpia(**changes: Any) -> dict[str, Any]:
    return {
        "state": "done",
        "because": "Article 35(3)(a): applicants are evaluated systematically",
        "title": "DPIA applicant ranking, version 2",
        "place": "Register of processing, file 2026-114",
        "completed_on": "2026-10-01",
        "officer_says": "Agreed, if gaps in the CV are taken out",
        "remains": "acceptable",
        "covers": ["Who is affected", "Risks to privacy"],
        "review_by": "2027-09-30",
    } | changes


def us_impact(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "Fewer applications are left unread; measured in days until the first answer",
        "data": "Five years of applications, looked through for gaps; the model ranks as two readers agree",
        "impacts": [
            {
                "on": "civil_rights",
                "impact": "Applicants with a gap could be ranked lower",
                "mitigation": "Gaps are taken out; the ratio by sex is measured each quarter",
            }
        ],
        "reassess": "Each year, and with each new version of the model",
        "currency": "USD",
        "cost": "120000",
        "reviewed_by": "The office of the inspector",
        "review": "Read in full; asked for the measure by sex, which was added",
        "accepted": "That a good application is ranked low once in a hundred times, as a person reads on",
        "review_by": "2027-09-30",
    } | changes


def disclosure(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Error rate on the web site",
        "claim": "Our ranking of applications errs in two of a hundred",
        "channel": "website",
        "backing": [
            {
                "what": "evidence",
                "address": "https://pilothouse.example/o/harbour/evidence/01a22509-3927-7179-b94c-65648960128e/",
                "shows": "Error rate of 2 %",
            }
        ],
        "material": "Applicants rely on it; wrong, it would mislead them about how they are chosen",
        "owner": OWNER,
        "as_of": "2026-10-01",
        "expires": "2027-09-30",
    } | changes


PAPERS: dict[str, dict[str, Any]] = {
    "governance.fria": fria(),
    "governance.dpia": dpia(),
    "governance.us_impact_assessment": us_impact(),
    "governance.bias_policy": bias_policy(),
    "governance.disclosure": disclosure(),
}
