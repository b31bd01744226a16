"""Documents of this room: a notice to an authority, the organisation's rules for clocks, its own edition of the law."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.duties.lawbook import MOST_LETTERS, read_law
from pilothouse.domains.governance.duties.rules.facts import MEMBER_STATES
from pilothouse.kernel.records.fields import ASKED, Line, Part

NOTICE = "governance.notice"
RULES = "governance.duty_rules"
LAW = "governance.clock_law"

Told = Annotated[str, Field(min_length=1, max_length=8000)]
Kind = Literal["initial", "interim", "final"]
FINAL = (
    "provider",
    "system",
    "where",
    "when",
    "limbs",
    "harm",
    "cause",
    "done",
    "logs",
)
"""What a final notice must say; an initial one may be incomplete (Art. 73(5))."""


class Notice(Part):
    """What is told to one authority about one incident. Its fields are the least that notices have in common."""

    model_config = Part.model_config | ASKED

    case: int = Field(ge=1, title="Incident under clocks", description="Its number, such as 3 for N-3.")
    kind: Kind = Field(
        title="Kind",
        description="An initial notice may be incomplete, where the law allows it; a final one may not.",
        json_schema_extra={"labels": {"initial": "Initial", "interim": "Interim", "final": "Final"}},
    )
    to: Line = Field(title="To", description="The authority, or whoever else is told.")
    under: Line = Field(title="Under", description="The law and article, such as EU AI Act, Art. 73(4).")
    clocks: list[Line] = Field(
        default_factory=list, title="Clocks that it stops", description="Their keys, one a line."
    )
    provider: Told | None = Field(None, title="Provider and contact", description="Name, address, who can be asked.")
    system: Told | None = Field(
        None, title="System", description="Name, version, number here, and id in the EU database if it has one."
    )
    where: Told | None = Field(None, title="Member States and place")
    when: Told | None = Field(
        None, title="When", description="Occurred, became aware, causal link suspected and established."
    )
    limbs: Told | None = Field(None, title="What makes it serious", description="The limbs of Art. 3(49) that apply.")
    harm: Told | None = Field(None, title="What happened, and the harm", description="And how many people it affected.")
    cause: Told | None = Field(
        None, title="Suspected cause", description="And whether a causal link is suspected, likely or established."
    )
    affected: Told | None = Field(None, title="Affected units, and deployers informed")
    done: Told | None = Field(
        None, title="Corrective action", description="What was done at once, and what is planned."
    )
    others: Told | None = Field(None, title="Other notifications", description="Such as GDPR or NIS2, with their day.")
    logs: Told | None = Field(
        None, title="Logs and evidence", description="That they are kept, and that the system was not altered."
    )

    @field_validator(*FINAL)
    @classmethod
    def _whole_when_final(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and info.data.get("kind") == "final":
            raise ValueError("A final notice says this.")
        return value


def _state(code: str) -> str:
    if code.strip().upper() not in MEMBER_STATES:
        raise ValueError("Two letters of a Member State, such as NL.")
    return code.strip().upper()


class DutyRules(Part):
    """How this organisation keeps its clocks."""

    capacities: list[Annotated[str, Field(max_length=60)]] = Field(
        default_factory=list,
        title="What we are",
        description="Answers that hold for every incident unless it says otherwise, by the question's id, one a line: "
        "provider, deployer, controller, nis2_entity, financial_entity …",
    )
    not_capacities: list[Annotated[str, Field(max_length=60)]] = Field(
        default_factory=list,
        title="What we are not",
        description="The same, for what never applies: sec_registrant, frontier_developer …",
    )
    member_states: list[Annotated[str, Field(max_length=2), AfterValidator(_state)]] = Field(
        default_factory=list, title="Member States we work in", description="Two letters each, one a line."
    )
    sign_before_sending: bool = Field(
        False,
        title="A notice is signed off before it is sent",
        description="Then only a sealed notice that legal or risk signed off in the inbox can be entered as sent.",
    )
    remind_hours: list[Annotated[int, Field(ge=1, le=2400)]] = Field(
        default_factory=lambda: [72, 24, 4],
        max_length=8,
        title="Remind so many hours before",
        description="Whole hours, one a line.",
    )
    inquiry_hours: int = Field(
        48,
        ge=1,
        le=2400,
        title="Answer requests of authorities within",
        description="Hours. The AI Act sets no fixed number: this is your own promise.",
    )


def _readable(text: str) -> str:
    try:
        read_law(text)
    except Invalid as error:
        raise ValueError(error.fields["text"]) from None
    return text


class ClockLaw(Part):
    """An edition of the law of clocks of one's own: it takes the place of the one that comes with the product."""

    because: Line = Field(title="What is different, and who confirmed it")
    text: Annotated[str, Field(min_length=20, max_length=MOST_LETTERS), AfterValidator(_readable)] = Field(
        title="The edition", description="YAML, in the form of the edition that comes with the product."
    )


DEFAULTS: dict[str, Any] = DutyRules().model_dump()
