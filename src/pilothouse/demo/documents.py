"""Documents that the demo's people write and seal: value hypotheses and threat models."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pilothouse.demo.catalogue import Line
from pilothouse.demo.telling import Teller
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.models import Record

REIMAGINED = ("agent", "multi-agent")


def hypothesis(line: Line, owner: str, decide_on: date, size: int) -> dict[str, Any]:
    """A value hypothesis that fits a system; `size` scales its money."""
    agentic = any(word in line.technique for word in REIMAGINED)
    return {
        "kind": "reimagined" if agentic else ("augmentation" if "language" in line.technique else "efficiency"),
        "justification": (
            "The case is worked from end to end and people handle what it hands over, instead of one step being helped."
            if agentic
            else "The work stays as it is; one step of it takes less time."
        ),
        "outcome": f"{line.purpose}, so that customers and colleagues wait less.",
        "mechanism": f"{line.outputs} replaces the first step that people now do by hand.",
        "metric": "Minutes for each case",
        "unit": "minutes a case",
        "baseline": Decimal(24),
        "target": Decimal(15),
        "guardrail": "Complaints a thousand cases stay below 4.",
        "sample_size": 400,
        "stop_rule": "Stop when after 400 cases the time saved is below 3 minutes, or complaints pass the guardrail.",
        "decision_date": decide_on,
        "owner": owner,
        "currency": "EUR",
        "value": {"p10": Decimal(40 * size), "p50": Decimal(110 * size), "p90": Decimal(220 * size)},
        "cost": {"p10": Decimal(30 * size), "p50": Decimal(55 * size), "p90": Decimal(95 * size)},
    }


def threat_model(line: Line, author: str, review_by: date) -> dict[str, Any]:
    """A threat model that fits a system's technique."""
    reads_text = "language" in line.technique or "agent" in line.technique
    acts = "agent" in line.technique

    def threat(applies: bool, scenario: str, *controls: str) -> dict[str, Any]:
        if not applies:
            return {"applies": False, "scenario": f"Does not apply: {scenario}"}
        levels = {"likelihood": "medium", "harm": "medium", "residual": "low"}
        return {"applies": True, "scenario": scenario, "controls": list(controls)} | levels

    return {
        "scope": f"The model, its data and the interface of {line.name}; the staff directory was left out.",
        "assets": ["Customer data", "The decision's integrity"],
        "poisoning": threat(
            True, "Someone with write access alters records that it learns from.", "Reviewed data load"
        ),
        "theft": threat(line.sourcing == "build", "the model is the vendor's.", "No weights outside the platform"),
        "injection": threat(
            reads_text, "it reads no free text.", "Output is checked before use", "No secrets in prompts"
        ),
        "hijacking": threat(acts, "it has no tools and takes no action.", "Tools are scoped to the case in hand"),
        "author": author,
        "review_by": review_by,
    }


def seal(tell: Teller, who: str, system: str, kind: str, body: dict[str, Any]) -> Record:
    """`who` writes a document about `system` and seals it."""
    draft = record_draft(actor=tell.actor(who), system=tell.system(system), kind=kind, body=body)
    return record_seal(actor=tell.actor(who), record=draft)


def in_days(tell: Teller, days: int) -> date:
    """The date `days` from the moment that is being told."""
    return (tell.told + timedelta(days=days)).date()
