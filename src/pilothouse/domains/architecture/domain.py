"""Architecture, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.architecture import facts
from pilothouse.domains.architecture.checks import CHECKS
from pilothouse.domains.architecture.schemas import Agent, Corpus, Decision, Design
from pilothouse.kernel.domain import Domain, RecordKind, ShareMet

DOMAIN = Domain(
    id="architecture",
    title="Architecture",
    question="Does every agent in production have a permission model, an execution scope, approvals and an audit log?",
    order=4,
    checks=CHECKS,
    records=(
        RecordKind(
            id=facts.DESIGN,
            title="Design",
            schema=Design,
            why="How the system is built: its patterns, and which model, agent or tool calls which with what context.",
        ),
        RecordKind(
            id=facts.DECISION,
            title="Architecture decision",
            schema=Decision,
            why="What was chosen instead of what, and what it would cost to undo: such decisions are dear at scale.",
            many=True,
            key="title",
        ),
        RecordKind(
            id=facts.AGENT,
            title="Agent",
            schema=Agent,
            why="What an agent may do, how far, what a person approves and what is logged: before it meets the world.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=facts.CORPUS,
            title="Knowledge corpus",
            schema=Corpus,
            why="What the system retrieves from, and who may be shown what of it: every document is a way in.",
            many=True,
            key="name",
            plural="Knowledge corpora",
        ),
    ),
    answer=ShareMet(("architecture.agents_controlled",), stages=("production",)),
)
