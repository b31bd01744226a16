"""Which assessments a system needs, and how whole each is. Pure: facts in, reasons out.

The class is read from the sealed classification, defensively: a regime that it does not speak of asks for nothing here,
and a system that nobody has classified is not said to need nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.kernel.domain import SystemFacts

FRIA = "governance.fria"
DPIA = "governance.dpia"
US_IMPACT = "governance.us_impact_assessment"
BIAS_POLICY = "governance.bias_policy"


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that an assessment must say, with its clause and the fields that say it."""

    title: str
    cite: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """An assessment that is asked of a system, and why."""

    kind: str
    title: str
    because: str
    cite: str


ELEMENTS: dict[str, tuple[Element, ...]] = {
    FRIA: (
        Element("The process", "Article 27(1)(a)", ("process",)),
        Element("Period and frequency", "Article 27(1)(b)", ("use_period", "frequency")),
        Element("Who is affected", "Article 27(1)(c)", ("people",)),
        Element("Risks of harm", "Article 27(1)(d)", ("harms",)),
        Element("Human oversight", "Article 27(1)(e)", ("oversight",)),
        Element("If a risk comes true", "Article 27(1)(f)", ("response", "complaints")),
        Element("The authority is told", "Article 27(3)", ("notified", "notified_on", "exempt_because", "notify_by")),
    ),
    DPIA: (
        Element("Needed, or why not", "GDPR Article 35(1), (3)", ("state", "because")),
        Element("Where it is", "GDPR Article 35(7)", ("title", "place", "completed_on")),
        Element("Risk that remains", "GDPR Articles 35(7)(d), 36", ("remains", "consulted_on")),
    ),
    US_IMPACT: (
        Element("Purpose and benefit", "M-25-21, 4(b)(ii)", ("purpose",)),
        Element("Data and capability", "M-25-21, 4(b)(ii)", ("data",)),
        Element("Impacts and mitigation", "M-25-21, 4(b)(ii)", ("impacts",)),
        Element("Reassessment", "M-25-21, 4(b)(ii)", ("reassess",)),
        Element("Cost", "M-25-21, 4(b)(ii)", ("currency", "cost")),
        Element("Independent review", "M-25-21, 4(b)(ii)", ("reviewed_by", "review")),
        Element("Accepted risk", "M-25-21, 4(b)(ii)", ("accepted",)),
    ),
    BIAS_POLICY: (
        Element("Protected attributes", "EU AI Act Articles 4a, 10(2)(f)", ("attributes",)),
        Element("Metrics with their reason", "EU AI Act Articles 10(2)(g), 15; M-25-21, 4(b)(iii)", ("measures",)),
        Element("Who is told, and what then", "EU AI Act Article 26(5)", ("told", "then", "cadence")),
    ),
}
TITLES = {
    FRIA: "Fundamental rights impact assessment",
    DPIA: "Data protection impact assessment",
    US_IMPACT: "AI impact assessment (US federal)",
    BIAS_POLICY: "Bias policy",
}


def needs_of(system: SystemFacts, classified: Mapping[str, Any] | None) -> tuple[Need, ...]:
    """The assessments that the sealed class asks for. Of an unclassified system nothing can be said: ()."""
    if not classified or classified.get("risk_class") != "high":
        return ()
    regimes = {str(one.get("regime")): one for one in classified.get("under") or () if _applies(one)}
    needs = []
    eu = regimes.get("eu_ai_act")
    deploys = classified.get("our_role") in ("deployer", "both", None)
    if eu and deploys and not _infrastructure(eu):
        said = f"It is of high risk ({eu.get('citation') or 'EU AI Act'}) and we use it."
        needs.append(_need(FRIA, said, "EU AI Act Article 27"))
    if ("gdpr" in regimes or eu) and system.personal_data != "none":
        said = (
            "It is of high risk and handles personal data."
            if system.personal_data in ("personal", "special")
            else ("It is of high risk, and nobody has said that it handles no personal data.")
        )
        needs.append(_need(DPIA, said, "GDPR Article 35; EU AI Act Article 26(9)"))
    if "us_omb" in regimes:
        needs.append(_need(US_IMPACT, "It is a high-impact use of a federal agency.", "M-25-21, 4(b)(ii)"))
    if system.personal_data != "none" or system.impact not in ("neither", ""):
        said = "It is of high risk and its results touch people."
        needs.append(_need(BIAS_POLICY, said, "EU AI Act Articles 10(2)(f), 26(5); M-25-21, 4(b)(iii)"))
    return tuple(needs)


def _applies(one: Mapping[str, Any]) -> bool:
    """Does a regime that was looked at hold? Those that do not are written down too."""
    says = str(one.get("says") or "").casefold()
    return not says.startswith(("not ", "no ", "none", "outside", "exempt")) and "of scope" not in says


def _infrastructure(eu: Mapping[str, Any]) -> bool:
    """Is it only a safety component of critical infrastructure (Annex III, point 2), which Article 27(1) leaves out?"""
    return "annex iii, point 2" in str(eu.get("citation") or "").casefold()


def _need(kind: str, because: str, cite: str) -> Need:
    return Need(kind, TITLES[kind], because, cite)


def lacking(kind: str, problems: Mapping[str, str]) -> tuple[Element, ...]:
    """The elements that a draft with these problems (dotted path → words) does not say yet."""
    open_ones = {path.split(".")[0] for path in problems}
    return tuple(one for one in ELEMENTS.get(kind, ()) if open_ones & set(one.fields))
