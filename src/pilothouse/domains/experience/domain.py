"""Experience, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.experience.answer import answer
from pilothouse.domains.experience.checks import (
    ACKNOWLEDGEMENT,
    ADOPTION,
    CHECKS,
    FEEDBACK,
    OVERSIGHT,
    RULES,
    TOOL_REQUEST,
    USE,
    WORKFLOW,
)
from pilothouse.domains.experience.schemas import (
    Acknowledgement,
    Adoption,
    Feedback,
    Oversight,
    Rules,
    ToolRequest,
    Use,
    Workflow,
)
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="experience",
    title="User and employee experience",
    question="Do the people it was built for use it, trust it rightly, and override it when they should?",
    order=7,
    checks=CHECKS,
    answer=answer,
    records=(
        RecordKind(
            id=WORKFLOW,
            title="Workflow redesign",
            schema=Workflow,
            why="How the work goes today and how it should go: steps, minutes, where AI acts, where a person decides.",
        ),
        RecordKind(
            id=ADOPTION,
            title="Adoption plan",
            schema=Adoption,
            why="For whom the system is, what they may use it for, and how they come to rely on it rightly.",
        ),
        RecordKind(
            id=USE,
            title="Use in a month",
            schema=Use,
            why="How many of the people it is for used it, and how many of its answers they overrode.",
            many=True,
            key="period",
            plural="Use by month",
        ),
        RecordKind(
            id=OVERSIGHT,
            title="Human-oversight plan",
            schema=Oversight,
            why="Who looks at what the system puts out, what they see, and what keeps it from being a nod.",
        ),
        RecordKind(
            id=FEEDBACK,
            title="Report of a bad answer",
            schema=Feedback,
            why="A bad answer that somebody met, and the reply to whoever reported it.",
            many=True,
            plural="Reports of bad answers",
        ),
        RecordKind(
            id=TOOL_REQUEST,
            title="Request for a tool",
            schema=ToolRequest,
            why="What people would like to use AI for, and the answer they got.",
            of_system=False,
            many=True,
            plural="Requests for a tool",
        ),
        RecordKind(
            id=RULES,
            title="Rules of use",
            schema=Rules,
            why="What everybody who uses AI at work keeps to, acknowledged in the version that they have read.",
            of_system=False,
            many=True,
            key="title",
            plural="Rules of use",
        ),
        RecordKind(
            id=ACKNOWLEDGEMENT,
            title="Acknowledgement of rules",
            schema=Acknowledgement,
            why="Who has acknowledged which rules, in which version.",
            of_system=False,
            many=True,
            key="person",
            plural="Acknowledgements of rules",
            view="people.view",
            write="people.manage",
        ),
    ),
)
