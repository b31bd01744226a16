"""What the house knows already of a system, as the beginning of an assessment. Pure; a person goes on from there.

Nothing here is an answer to a legal question: reasons, harms and judgements are left to whoever signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pilothouse.domains.governance.assessments.needs import DPIA, FRIA, US_IMPACT
from pilothouse.kernel.domain import SystemFacts

Body = Mapping[str, Any]
SOURCES = (
    "experience.oversight",
    "experience.adoption",
    "security.personal_data_rules",
    "economics.cost_plan",
    "governance.policy",
)
"""The documents that are read, each system's own or the organisation's; any may be absent."""
MODES = {
    "before": "Somebody looks before each output takes effect.",
    "after": "Somebody looks at each output after it took effect.",
    "sample": "Somebody looks at a sample.",
    "stop": "Somebody can only stop it altogether.",
}
PEOPLE = re.compile(r"[;,\n]| and ")


def prefill(kind: str, system: SystemFacts, papers: Mapping[str, Body], owner: str) -> dict[str, Any]:
    """The body of a first draft; what nobody knows is left out. `owner` is an e-mail address, or empty."""
    if kind == FRIA:
        found = _fria(system, papers, owner)
    elif kind == DPIA:
        found = _dpia(papers)
    elif kind == US_IMPACT:
        found = _us(system, papers)
    else:
        found = {"least": 30, "withheld": 5, "cadence": "quarterly", "told": [owner] if owner else []}
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def _fria(system: SystemFacts, papers: Mapping[str, Body], owner: str) -> dict[str, Any]:
    policy, dpia = papers.get("governance.policy", {}), papers.get(DPIA, {})
    steps = [f"{step['to']} within {step['within_hours']} hours" for step in policy.get("escalation") or ()]
    reports = policy.get("reports_to")
    return {
        "process": _sentences(system.purpose, system.outputs),
        "people": [one.strip() for one in PEOPLE.split(system.affects) if len(one.strip()) > 2],
        "oversight": _oversight(papers.get("experience.oversight", {})),
        "response": f"It is told on: {', then '.join(steps)}." if steps else None,
        "complaints": f"People report to {reports}." if reports else None,
        "dpia": dpia.get("title"),
        "assessed_by": owner,
    }


def _oversight(body: Body) -> str:
    return _sentences(MODES.get(str(body.get("mode")), ""), body.get("sees"), body.get("overrides"), body.get("stop"))


def _dpia(papers: Mapping[str, Body]) -> dict[str, Any]:
    rules = papers.get("security.personal_data_rules", {})
    return {"because": _sentences(rules.get("basis"))}


def _us(system: SystemFacts, papers: Mapping[str, Body]) -> dict[str, Any]:
    plan = papers.get("economics.cost_plan", {})
    total = plan.get("total")
    return {
        "purpose": _sentences(system.purpose, system.outcome, system.outcome_metric),
        "currency": plan.get("currency"),
        "cost": total.get("p50") if isinstance(total, Mapping) else total,
    }


def _sentences(*parts: Any) -> str:
    """The parts that are text, each with its full stop."""
    said = [str(part).strip() for part in parts if isinstance(part, str) and part.strip()]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in said)
