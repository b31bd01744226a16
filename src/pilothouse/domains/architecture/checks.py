"""Architecture's checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pilothouse.domains.architecture import facts
from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.inventory.loading import Used
from pilothouse.kernel.records.judging import absent, needs, overdue, sealed, spoken
from pilothouse.kernel.records.selectors import Sealed

WITH_AGENTS = frozenset({"agent", "multi_agent"})
OF_LANGUAGE = ("agent", "language", "llm", "generat", "gpt", "chat", "assist")
"""Words for techniques that can call tools."""
RETRIEVING = frozenset({"rag", "bag"})
PATTERNS = {
    "classical": "classical",
    "prompt": "prompt",
    "rag": "RAG",
    "bag": "BAG",
    "agent": "agent",
    "multi_agent": "multi-agent",
}
EVERYTHING = frozenset({"*", "all", "any", "everything", "admin", "full access"})


def patterns_named(body: Mapping[str, Any]) -> list[str]:
    """The patterns that the text of a design names."""
    return [one["pattern"] for one in body.get("patterns") or ()]


def patterns_of(paper: Sealed | None) -> list[str]:
    """The patterns that a sealed design names."""
    return patterns_named(paper.body) if paper else []


@needs("Nobody has recorded how it is built: which patterns, and what calls what.")
def judge_design(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a design is sealed and not overdue for another look."""
    if late := overdue([paper], now):
        return sealed(Status.IN_PROGRESS, f"Its design was to be looked at again by {spoken(late[1])}.", paper)
    named = ", ".join(PATTERNS[one] for one in patterns_of(paper))
    links = len(paper.body.get("chain") or ())
    chain = f", {links} {'call' if links == 1 else 'calls'} in its chain" if links else ""
    return sealed(Status.MET, f"Its design is sealed: {named}{chain}.", paper)


def judge_agents(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met if each of its agents has a permission model, an execution scope, approval rules and an audit log of its own;
    not applicable where a sealed design says that it has no agent."""
    design, agents, components = loaded[0], loaded[1] or (), loaded[2] or ()
    if agents and (missing := _unregistered(agents, components)):
        named = ", ".join(one.name for one in missing[:3])
        return sealed(Status.NOT_MET, f"It uses {named}, which is not registered as an agent with its limits.", *agents)
    if agents:
        return _controlled(system, agents, now)
    if components:
        named = ", ".join(one.name for one in components[:3])
        reason = f"It uses an agent ({named}), and no permission model, scope, approvals or audit is recorded for it."
        return Finding(Status.NOT_MET, reason, Grade.NONE, tuple(one.ref for one in components))
    if WITH_AGENTS & set(patterns_of(design)):
        reason = "Its design has agents, and none is registered with its permissions, scope, approvals and audit."
        return sealed(Status.NOT_MET, reason, design)
    if design:
        return Finding(Status.NOT_APPLICABLE, "Its sealed design has no agent.", Grade.SEALED, (design.ref,))
    if _cannot_act(system):
        words = f"No agent is known of it, and the inventory says that it is {system.technique}."
        return Finding(Status.NOT_APPLICABLE, words, Grade.ATTESTED)
    if _acts_never_alone(system):
        words = "No agent is known of it, and nothing happens on its results before a person has looked."
        return Finding(Status.NOT_APPLICABLE, words, Grade.ATTESTED)
    return absent(system, "Nobody has recorded whether it has agents: its design would say.")


def _cannot_act(system: SystemFacts) -> bool:
    """Agents are built on models of language; a technique that is named and is none of these has no tools to call."""
    said = system.technique.casefold()
    return bool(said) and not any(word in said for word in OF_LANGUAGE)


def _acts_never_alone(system: SystemFacts) -> bool:
    """The low tier is not asked for a design: there the intake's word that it does not act by itself is enough."""
    says_no = system.tier == "low" and system.intake.get("acts_alone") == "no"
    return says_no and "agent" not in system.technique.casefold()


def _unregistered(agents: tuple[Sealed, ...], components: tuple[Used, ...]) -> list[Used]:
    known = {one.key.casefold() for one in agents}
    return [one for one in components if one.name.casefold() not in known]


@needs("No agent is registered.")
def _controlled(system: SystemFacts, agents: tuple[Sealed, ...], now: datetime) -> Finding:
    for agent in agents:
        if wrong := _wrong(agent, system):
            return sealed(Status.IN_PROGRESS, f"The agent “{agent.key}” {wrong}.", agent)
    if late := overdue(agents, now):
        reason = f"The rights of the agent “{late[0].key}” were to be looked at again by {spoken(late[1])}."
        return sealed(Status.IN_PROGRESS, reason, late[0])
    count = "Its one agent has" if len(agents) == 1 else f"Each of its {len(agents)} agents has"
    return sealed(Status.MET, f"{count} a permission model, a scope, approval rules and an audit log.", *agents)


def _wrong(agent: Sealed, system: SystemFacts) -> str:
    """What an agent's entry itself says is no control, or the empty string."""
    if agent.body["acts_as"] == "shared":
        return "acts through an account that others use, too, so its acts cannot be told from theirs"
    if any(one.strip().casefold() in EVERYTHING for one in agent.body["permissions"]):
        return "may do everything, which is no permission model"
    if system.tier == "high" and not agent.body.get("approvals"):
        return "does everything by itself, in a system of the high tier"
    return ""


@needs("No architecture decision is recorded with its alternatives.")
def judge_decisions(system: SystemFacts, papers: tuple[Sealed, ...], now: datetime) -> Finding:
    """Met while at least one decision stands and none of those that stand is overdue for another look."""
    standing = [paper for paper in papers if not paper.body.get("replaced_by")]
    if not standing:
        return sealed(Status.NOT_MET, "Every architecture decision that was recorded has been replaced.", *papers)
    if late := overdue(standing, now):
        reason = f"The decision “{late[0].key}” was to be looked at again by {spoken(late[1])}."
        return sealed(Status.IN_PROGRESS, reason, late[0])
    hard = sum(paper.body["reversal"] in ("months", "never") for paper in standing)
    count = "One decision is" if len(standing) == 1 else f"{len(standing)} decisions are"
    dear = f"; {hard} would be dear to undo" if hard else ""
    return sealed(Status.MET, f"{count} recorded and within review{dear}.", *standing)


def judge_corpora(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met if each corpus it retrieves from has an access rule; not applicable where its design retrieves nothing."""
    design, corpora = loaded[0], loaded[1] or ()
    if not corpora:
        if design is None:
            return absent(system, "Nobody has recorded whether it retrieves from documents.")
        if not RETRIEVING & set(patterns_of(design)):
            return Finding(Status.NOT_APPLICABLE, "Its sealed design retrieves nothing.", Grade.SEALED, (design.ref,))
        return sealed(
            Status.NOT_MET, "It retrieves, and no knowledge corpus is registered with who may read it.", design
        )
    return _ruled(system, corpora, now)


@needs("No knowledge corpus is registered.")
def _ruled(system: SystemFacts, corpora: tuple[Sealed, ...], now: datetime) -> Finding:
    for corpus in corpora:
        if corpus.body["access"] == "none":
            return sealed(Status.NOT_MET, f"The corpus “{corpus.key}” has no access rule.", corpus)
        if corpus.body["access"] == "builders":
            reason = f"The corpus “{corpus.key}” shows everyone whatever the team that built it could read."
            return sealed(Status.NOT_MET, reason, corpus)
    if late := overdue(corpora, now):
        reason = f"The access to “{late[0].key}” was to be looked at again by {spoken(late[1])}."
        return sealed(Status.IN_PROGRESS, reason, late[0])
    count = "Its one corpus has" if len(corpora) == 1 else f"Each of its {len(corpora)} corpora has"
    return sealed(Status.MET, f"{count} an access rule.", *corpora)


CHECKS = (
    Check(
        id="architecture.design_recorded",
        version=1,
        title="Design recorded",
        domain="architecture",
        question="Is it written down how it is built: which patterns, and which part calls which?",
        load=facts.design,
        judge=judge_design,
        remedy=f"records/{facts.DESIGN}/edit/",
        remedy_label="Record the design",
        protects="cto",
        effort=1.0,
    ),
    Check(
        id="architecture.agents_controlled",
        version=2,
        title="Agents controlled",
        domain="architecture",
        question="Has each of its agents a permission model, an execution scope, approval rules and an audit log?",
        load=(facts.design, facts.agents, facts.agent_components),
        judge=judge_agents,
        remedy=f"records/{facts.AGENT}/new/",
        remedy_label="Register the agent with its limits",
        protects="ciso",
        effort=2.0,
    ),
    Check(
        id="architecture.decision_recorded",
        version=1,
        title="Architecture decisions recorded",
        domain="architecture",
        question="Are the decisions that would be dear to undo recorded with their alternatives and within review?",
        load=facts.decisions,
        judge=judge_decisions,
        remedy=f"records/{facts.DECISION}/new/",
        remedy_label="Record a decision",
        protects="cto",
        effort=0.5,
    ),
    Check(
        id="architecture.corpora_ruled",
        version=1,
        title="Access to knowledge ruled",
        domain="architecture",
        question="Does what it retrieves from keep to the access that people have at the source?",
        load=(facts.design, facts.corpora),
        judge=judge_corpora,
        remedy=f"records/{facts.CORPUS}/new/",
        remedy_label="Register the corpus with its access rule",
        protects="ciso",
        effort=1.0,
    ),
)
