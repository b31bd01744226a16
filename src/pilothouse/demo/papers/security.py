"""Security in the demo: threat models, reviews for the CISO to sign, rules for personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    uses = case.line.personal_data if case.line.personal_data in ("none", "personal", "special") else "personal"
    known = {
        "basis": "contract",
        "special_ground": "Explicit consent, given on paper" if uses == "special" else None,
        "rules": ["Only fields that the purpose needs are read", "Seen by the team of the case alone"],
        "kept_days": 30,
        "trains": False,
    }
    yield (
        "security.personal_data_rules",
        {
            "uses": uses,
            "told": (
                "It reads counts and measurements; fields about people are cut out at the source."
                if uses == "none"
                else f"Names, numbers and cases of {case.line.unit.lower()}"
            ),
            "responsible": case.owner,
            "review_by": case.ahead(400),
        }
        | ({} if uses == "none" else known),
    )


def _threat(applies: bool, scenario: str, *controls: str, residual: str = "low") -> dict[str, Any]:
    if not applies:
        return {"applies": False, "scenario": f"Does not apply: {scenario}"}
    levels = {"likelihood": "medium", "harm": "medium", "residual": residual}
    return {"applies": True, "scenario": scenario, "controls": list(controls)} | levels


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "security.threat_model",
        {
            "scope": f"The model, its data and the interface of {case.line.name}; the staff directory was left out.",
            "assets": ["Customers' data", "That the decision is right"],
            "poisoning": _threat(
                True, "Someone with write access alters records that it learns from.", "Loads are read by two"
            ),
            "theft": _threat(
                case.line.sourcing == "build", "the model is the vendor's.", "No weights outside the platform"
            ),
            "injection": _threat(
                case.language, "it reads no free text.", "Output is checked before use", "No secrets in prompts"
            ),
            "hijacking": _threat(
                case.agentic,
                "it has no tools and takes no action.",
                "Tools are scoped to the case in hand",
                residual="medium",
            ),
            "author": f"{case.owner_name} with the security team",
            "review_by": case.ahead(380),
        },
    )
    model, version = case.model
    yield (
        "security.review",
        {
            "scope": f"{case.line.name} as it runs in the test environment; not the network that it stands in",
            "threat_model": 1,
            "versions": [{"component": model, "version": version}],
            "attempts": [
                {"tried": "Instructions hidden in a document", "outcome": "held", "evidence": "Test run 14"}
                if case.language
                else {"tried": "Altered records in the load", "outcome": "held", "evidence": "Test run 9"},
                {"tried": "Asking for another customer's case", "outcome": "held"},
            ],
            "weaknesses": [],
            "remaining": "A colleague may trust a wrong result; the review of results is what catches it",
            "conclusion": "may_run",
            "valid_until": case.ahead(case.pick.choice((180, 370, 370, 370))),
        },
    )
