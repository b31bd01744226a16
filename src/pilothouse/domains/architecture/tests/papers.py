"""A whole, good body of every document of architecture."""

from __future__ import annotations

from typing import Any


def design(*patterns: str, **changes: Any) -> dict[str, Any]:
    used = patterns or ("prompt",)
    return {
        "summary": "A recruiter opens an application; its text goes to the model, and a summary comes back",
        "patterns": [
            {"pattern": one, "why": "A template without a model missed half of what mattered"} for one in used
        ],
        "chain": [
            {"caller": "Applicant portal", "calls": "Summary model", "what": "model", "shares": "The text of one CV"},
            {"caller": "Summary model", "calls": "Job descriptions", "what": "corpus"},
            {"caller": "Planner", "calls": "Mail agent", "what": "agent", "shares": "The plan so far"},
        ],
        "leaves": "The text of one CV goes to the vendor's region in Europe and is not kept there",
        "fails": "Without an answer in ten seconds the recruiter reads the CV as before",
        "review_by": "2027-09-30",
    } | changes


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "title": "One call for each application",
        "context": "Long prompts over many applications mixed people up",
        "chosen": "Each application is summarised in a call of its own, at a higher price",
        "alternatives": [{"way": "One call for a whole vacancy", "why_not": "It mixed applicants up in 3 of 100"}],
        "reversal": "weeks",
        "way_back": "Prompts, tests and the billing would have to be written anew",
        "decided_by": "alice@harbour.example",
        "decided_on": "2026-10-01",
        "review_by": "2027-09-30",
    } | changes


def agent(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Mail agent",
        "does": "Writes the invitation to an interview and sends it once it is approved",
        "acts_as": "own",
        "permissions": ["calendar: read free slots", "mail: send to the applicant of the case"],
        "scope": "One application at a time, at most ten steps and two minutes",
        "approvals": [{"act": "Sending a mail", "approver": "Recruiter of the case"}],
        "audit": "Every call with its reason, result and approver goes to the log that security reads",
        "log_days": 365,
        "stop": "Operations switches it off within a minute; drafts stay drafts",
        "owner": "alice@harbour.example",
        "review_by": "2027-09-30",
    } | changes


def corpus(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Job descriptions",
        "holds": "The 400 descriptions that human resources publishes",
        "access": "source",
        "checked": "The index keeps each document's readers; a test asks as an outsider every night",
        "strangers": False,
        "owner": "alice@harbour.example",
        "review_by": "2027-09-30",
    } | changes


PAPERS: dict[str, dict[str, Any]] = {
    "architecture.design": design(),
    "architecture.decision": decision(),
    "architecture.agent": agent(),
    "architecture.corpus": corpus(),
}
