"""Architecture's documents: the design with its chain of calls, decisions that are dear to undo, agents, corpora."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.kernel.records.fields import ASKED, FULL, PERSON, Line, Part, Words, refers

Short = Annotated[str, Field(min_length=3, max_length=500)]
DECISIONS = "architecture.decision"

PATTERN_LABELS: dict[str, Any] = {
    "classical": "Classical: a model of numbers, rules or vision, without a language model",
    "prompt": "Prompt: a language model is asked",
    "rag": "RAG: it answers from documents that are retrieved",
    "bag": "BAG: behaviour-augmented, it answers from how people or systems behaved",
    "agent": "Agent: it acts through tools",
    "multi_agent": "Multi-agent: agents call one another",
}
Pattern = Literal["classical", "prompt", "rag", "bag", "agent", "multi_agent"]


class Used(Part):
    """A pattern that the design uses."""

    pattern: Pattern = Field(
        title="Pattern", description="How it is built.", json_schema_extra={"labels": PATTERN_LABELS}
    )
    why: Words = Field(title="Why this one", description="And why nothing simpler would do.")


class Call(Part):
    """One link of the chain: who calls whom, and what is handed over."""

    caller: Line = Field(title="Caller", description="Who calls: the application, an agent, a person.")
    calls: Line = Field(title="Calls", description="Who is called, by the name that the inventory knows it by.")
    what: Literal["model", "agent", "tool", "corpus", "data", "system", "person"] = Field(
        title="Which is",
        description="What is called.",
        json_schema_extra={"labels": {"corpus": "Knowledge corpus", "data": "Data source", "system": "Another system"}},
    )
    shares: Line | None = Field(
        None,
        title="Shared context",
        description="What is handed over or remembered: question, history, documents, keys.",
    )

    @field_validator("calls")
    @classmethod
    def _two(cls, value: str, info: ValidationInfo) -> str:
        if value.casefold() == str(info.data.get("caller")).casefold():
            raise ValueError("Nobody calls itself: name whom it calls.")
        return value


class Design(Part):
    """How one system is built: its patterns, and which part calls which."""

    summary: Words = Field(
        title="In a few sentences", description="What goes in, what happens to it, what comes out, where it runs."
    )
    patterns: list[Used] = Field(title="Patterns in use", description="Every one that it uses.", min_length=1)
    chain: list[Call] = Field(
        title="Chain of calls",
        description="Which model, agent or tool calls which, with what shared context.",
        min_length=1,
        json_schema_extra=FULL,
    )
    leaves: Words = Field(
        title="What leaves the organisation",
        description="Which data goes to whom, and where it is processed; or that nothing leaves.",
        json_schema_extra=FULL,
    )
    fails: Words = Field(
        title="When a part fails",
        description="What happens when a model, a tool or a vendor is slow, wrong or gone; what takes over.",
        json_schema_extra=FULL,
    )
    review_by: date = Field(title="Look again by", description="When somebody holds this against what really runs.")

    @field_validator("patterns")
    @classmethod
    def _once(cls, value: list[Used]) -> list[Used]:
        if len({one.pattern for one in value}) != len(value):
            raise ValueError("Name each pattern once.")
        return value

    @field_validator("chain")
    @classmethod
    def _borne_out(cls, value: list[Call] | None, info: ValidationInfo) -> list[Call] | None:
        """The chain has what the patterns promise. The short form leaves it out."""
        used = {one.pattern for one in info.data.get("patterns") or ()}
        called = {call.what for call in value or ()}
        if value and "multi_agent" in used and "agent" not in called:
            raise ValueError("In a multi-agent design one part calls an agent: add that link.")
        if value and "rag" in used and not called & {"corpus", "data"}:
            raise ValueError("Retrieval calls a knowledge corpus or a data source: add that link.")
        return value


class Alternative(Part):
    """Another way that was thought of."""

    way: Line = Field(title="Alternative", description="Doing nothing is one, too.")
    why_not: Words = Field(title="Why not", description="What spoke against it.")


class Decision(Part):
    """One decision about how a system is built that would be dear to undo."""

    title: Line = Field(
        title="Decision", description="In one line, such as “Retrieval keeps the access of the source”."
    )
    context: Words = Field(
        title="Why it had to be decided", description="What forced the choice.", json_schema_extra=FULL
    )
    chosen: Words = Field(title="What was chosen", description="And what follows from it, good and bad.")
    alternatives: list[Alternative] = Field(
        title="Alternatives",
        description="At least one. A decision without an alternative is none.",
        min_length=1,
        json_schema_extra=FULL,
    )
    reversal: Literal["days", "weeks", "months", "never"] = Field(
        title="Cost of reversal",
        description="What it would take to undo it once it is in use.",
        json_schema_extra={
            "labels": {
                "days": "Days of work",
                "weeks": "Weeks of work",
                "months": "Months of work",
                "never": "Practically not to be undone",
            }
        },
    )
    way_back: Words = Field(
        title="The way back", description="What undoing it would take: data, contracts, people.", json_schema_extra=FULL
    )
    decided_by: Line = Field(
        title="Decided by", description="Who answers for the choice.", json_schema_extra={**FULL, **PERSON}
    )
    decided_on: date = Field(title="Decided on", description="The day.", json_schema_extra=FULL)
    review_by: date = Field(title="Look again by", description="When somebody asks whether it is still right.")
    replaced_by: Line | None = Field(
        None, title="Replaced by", description="The decision that took its place.", json_schema_extra=refers(DECISIONS)
    )

    @field_validator("review_by")
    @classmethod
    def _in_time(cls, value: date, info: ValidationInfo) -> date:
        if (decided := info.data.get("decided_on")) and value < decided:
            raise ValueError("It is looked at again after it was decided, not before.")
        return value

    @field_validator("replaced_by")
    @classmethod
    def _another(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value == info.data.get("title"):
            raise ValueError("A decision does not replace itself.")
        return value


class Approval(Part):
    """An act that an agent does not do by itself."""

    act: Line = Field(title="Act", description="Such as paying, sending outside, deleting, changing a right.")
    approver: Line = Field(title="Approved by", description="A post or a role, such as the shift leader.")


class Agent(Part):
    """One agent: what it may do, where, what a person approves, and what is logged of it."""

    model_config = ASKED

    name: Line = Field(title="Name", description="As the inventory and the gateway know it.")
    does: Words = Field(
        title="What it does", description="Its task, and when it counts as done.", json_schema_extra=FULL
    )
    acts_as: Literal["own", "user", "shared"] = Field(
        title="Acts as",
        description="Whose rights it uses.",
        json_schema_extra={
            "labels": {
                "own": "An account of its own",
                "user": "The person who uses it, never with more rights than that person",
                "shared": "An account that others use, too",
            }
        },
    )
    permissions: list[Short] = Field(
        title="Permission model", description="Every act it may do on every tool; all else is refused.", min_length=1
    )
    scope: Words = Field(
        title="Execution scope",
        description="On which data, systems and cases, and how far: steps, money, time, places.",
    )
    approvals: list[Approval] = Field(
        default_factory=list, title="Approval rules", description="Acts that wait for a person."
    )
    no_approval: Words | None = Field(
        None, title="Why nothing waits", description="If no act waits for a person: why none could do harm."
    )
    audit: Words = Field(
        title="Audit log",
        description="What is kept of each step, where, and who reads it: call, reason, result, approver.",
    )
    log_days: int = Field(
        title="Log kept for, days", description="High risk usually asks for 180 or more.", ge=1, json_schema_extra=FULL
    )
    stop: Words = Field(
        title="How it is stopped", description="Who can stop it, how fast, and what becomes of work half done.",
        json_schema_extra=FULL,
    )  # fmt: skip
    owner: Line = Field(title="Owner", description="Who answers for it.", json_schema_extra={**FULL, **PERSON})
    review_by: date = Field(
        title="Look again by", description="When its rights are looked at again.", json_schema_extra=FULL
    )

    @field_validator("no_approval")
    @classmethod
    def _ruled(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not info.data.get("approvals") and value is None:
            raise ValueError("Name the acts that a person approves above, or say here why none needs it.")
        if info.data.get("approvals") and value is not None:
            raise ValueError("Either acts wait for a person, or nothing does: not both.")
        return value


class Corpus(Part):
    """A body of knowledge that a system retrieves from."""

    model_config = ASKED

    name: Line = Field(title="Name", description="Such as “HR handbook and works agreements”.")
    holds: Words = Field(title="What is in it", description="Which documents, from where, how many.")
    access: Literal["source", "roles", "everyone", "builders", "none"] = Field(
        title="Access rule",
        description="Who is shown what of it.",
        json_schema_extra={
            "labels": {
                "source": "Each reader sees what they may see at the source, checked at every retrieval",
                "roles": "Named roles read all of it, nobody else",
                "everyone": "Everyone who uses the system may read all of it",
                "builders": "Whatever the team that built it could read",
                "none": "There is no rule yet",
            }
        },
    )
    checked: Words = Field(
        title="How the rule is kept",
        description="Where it is checked, and how it was tried; or why everyone may read all.",
        json_schema_extra=FULL,
    )
    strangers: bool = Field(
        title="Can outsiders write into it?",
        description="Mail, tickets, web pages, uploads: text from outside may carry instructions.",
        json_schema_extra=FULL,
    )
    guard: Words | None = Field(
        None, title="What stands against planted text", description="Needed where outsiders can write into it."
    )
    owner: Line = Field(title="Owner", description="Who answers for it.", json_schema_extra={**FULL, **PERSON})
    review_by: date = Field(title="Look again by", description="When content and access are looked at again.")

    @field_validator("guard")
    @classmethod
    def _guarded(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("strangers") and value is None:
            raise ValueError("Outsiders can write into it, so say what stands against planted text.")
        return value
