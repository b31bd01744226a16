"""Architecture in the demo: designs, decisions, agents and what they may do, corpora."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def patterns_of(case: Case) -> list[str]:
    if "multi-agent" in case.line.technique:
        return ["multi_agent"]
    if case.agentic:
        return ["agent"]
    if case.retrieves:
        return ["rag"]
    return ["prompt"] if case.language else ["classical"]


def corpus_of(case: Case) -> str:
    return f"{case.line.unit} knowledge base"


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    model, _ = case.model
    chain = [{"caller": case.line.name, "calls": model, "what": "model", "shares": "One case at a time"}]
    if case.retrieves:
        chain.append({"caller": case.line.name, "calls": corpus_of(case), "what": "corpus", "shares": "The question"})
    if case.agentic:
        chain.append({"caller": model, "calls": "Customer record look-up", "what": "tool", "shares": "The case number"})
        chain.append({"caller": case.line.name, "calls": case.agent, "what": "agent", "shares": "The plan so far"})
    yield (
        "architecture.design",
        {
            "summary": f"A case comes in, {case.line.name} works on it, and a person sees {case.line.outputs.lower()}.",
            "patterns": [
                {"pattern": one, "why": "Something simpler was tried on 200 cases and missed too much"}
                for one in patterns_of(case)
            ],
            "chain": chain,
            "leaves": (
                f"The text of one case goes to {case.line.vendor} in Europe and is not kept there"
                if case.line.vendor
                else "Nothing leaves our own machines"
            ),
            "fails": "Without an answer in ten seconds people work as before",
            "review_by": case.ahead(400),
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "architecture.decision",
        {
            "title": "Bought and not built" if case.line.vendor else "Built on our own data",
            "context": "Both ways were offered to the architecture board in one paper.",
            "chosen": "The way that is running in the first month, at a price known beforehand.",
            "alternatives": [{"way": "Do nothing", "why_not": "Waiting times would grow by a tenth a year"}],
            "reversal": "months" if case.line.vendor else "weeks",
            "way_back": "Cases and labels are kept in our own format, so that another model can learn from them",
            "decided_by": case.owner,
            "decided_on": case.ago(12),
            "review_by": case.ahead(380),
        },
    )
    if case.retrieves:
        yield (
            "architecture.corpus",
            {
                "name": corpus_of(case),
                "holds": f"The handbooks and letters of {case.line.unit.lower()}, about 4,000 pages",
                "access": "source",
                "checked": "The index keeps each document's readers; a test asks as an outsider every night",
                "strangers": False,
                "owner": case.owner,
                "review_by": case.ahead(380),
            },
        )


def agent(case: Case, approved: bool) -> tuple[str, dict[str, Any]]:
    """The agent of a system; a bad example acts with everybody's rights and waits for nobody."""
    return (
        "architecture.agent",
        {
            "name": case.agent,
            "does": f"{case.line.purpose}, by calling tools in the customer register",
            "acts_as": "own" if approved else "shared",
            "permissions": ["customer register: read the case in hand"],
            "scope": "One case at a time, at most ten steps and two minutes",
            "approvals": [{"act": "Sending anything outside", "approver": "Clerk of the case"}] if approved else [],
            "no_approval": None if approved else "It was faster so in the pilot, and nobody came back to it",
            "audit": "Every call with its reason, its result and who approved it is logged",
            "log_days": 365,
            "stop": "Operations switches it off within a minute; open cases go back to their clerk",
            "owner": case.owner,
            "review_by": case.ahead(200),
        },
    )
