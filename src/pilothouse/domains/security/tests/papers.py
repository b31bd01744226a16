"""A whole, good body of every document of security."""

from __future__ import annotations

from typing import Any


def threat(**changes: Any) -> dict[str, Any]:
    return {
        "applies": True,
        "scenario": "An applicant hides instructions in white text",
        "likelihood": "high",
        "harm": "medium",
        "controls": ["Text is shown to the recruiter beside the summary"],
        "residual": "medium",
    } | changes


def threat_model(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "The summary service, its prompts and its input files",
        "assets": ["Applicants' data"],
        "poisoning": {"applies": False, "scenario": "The model is bought and never trained here"},
        "theft": {"applies": False, "scenario": "The model is the vendor's, and it was not trained on our data"},
        "injection": threat(),
        "hijacking": {"applies": False, "scenario": "It has no tools and no memory"},
        "author": "Security team",
        "review_by": "2027-06-30",
    } | changes


def review(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "The summary service as it runs in the test environment; not the applicant portal",
        "threat_model": 1,
        "versions": [{"component": "Summary model", "version": "2026-08-06"}],
        "attempts": [
            {"tried": "Instructions in white text of a CV", "outcome": "held", "evidence": "Test run 14"},
            {"tried": "Asking for another applicant's CV", "outcome": "partly"},
        ],
        "weaknesses": [
            {
                "what": "The name of another applicant can be guessed from a long prompt",
                "severity": "medium",
                "state": "open",
                "mend_by": "2027-01-31",
            }
        ],
        "remaining": "A recruiter may be misled by a summary until the weakness is mended",
        "conclusion": "on_conditions",
        "conditions": ["Recruiters open the CV before they refuse anybody"],
        "valid_until": "2027-11-30",
    } | changes


def personal_data_rules(**changes: Any) -> dict[str, Any]:
    return {
        "uses": "personal",
        "told": "Names, addresses and CVs of applicants",
        "basis": "legitimate_interest",
        "rules": ["Photos and dates of birth are cut out before the call", "Only recruiters of the unit see it"],
        "kept_days": 28,
        "trains": False,
        "responsible": "alice@harbour.example",
        "review_by": "2027-09-30",
    } | changes


PAPERS: dict[str, dict[str, Any]] = {
    "security.threat_model": threat_model(),
    "security.review": review(),
    "security.personal_data_rules": personal_data_rules(),
}
