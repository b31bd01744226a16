"""Impact assessments: on fundamental rights (EU AI Act, Article 27), on data protection (GDPR, Article 35), and the one
that US federal agencies write (OMB M-25-21, section 4(b)(ii)). Titles are ours; the clauses are named."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.kernel.records.fields import ASKED, FULL, PERSON, SHORT, Amount, Currency, Line, Part, Words

Grave = Literal["low", "medium", "high"]
Short = Annotated[str, Field(min_length=3, max_length=500)]
STILL = "Still to be filled in."


class Harm(Part):
    """One way in which somebody could come to harm."""

    who: Line = Field(title="Who", description="One of the groups named above.")
    right: Line = Field(title="Which right", description="Such as equal treatment, privacy, a fair hearing.")
    harm: Words = Field(title="What could happen", description="From the maker's instructions, tests or experience.")
    likelihood: Grave = Field(title="How likely", description="With the oversight that is planned.")
    severity: Grave = Field(title="How grave", description="For those it happens to.")
    answer: Words = Field(title="What is done about it", description="Before it happens, and when it has happened.")


FRIA_ELEMENTS = ("process", "use_period", "frequency", "people", "harms", "oversight", "response", "complaints")
_WHEN = {
    "notified_on": ("sent", "Say when it was sent."),
    "exempt_because": ("exempt", "Say why, with the citation."),
    "notify_by": ("not_yet", "Say by when it will be."),
}


class Fria(Part):
    """What a system does to the rights of the people it is used on, before it is first used."""

    model_config = ASKED

    must: Literal["public_body", "public_service", "credit", "insurance", "voluntary", "not_required"] = Field(
        title="Why it is written",
        description="Article 27(1) asks it of public bodies, of private ones that provide public services, and of "
        "whoever rates credit or prices life and health insurance; not for critical infrastructure.",
        json_schema_extra={
            "labels": {
                "public_body": "We are governed by public law",
                "public_service": "We are private and provide a public service",
                "credit": "It rates creditworthiness: Annex III, 5(b)",
                "insurance": "It prices life or health insurance: Annex III, 5(c)",
                "voluntary": "Nobody asks it of us; we want to know",
                "not_required": "It is not required, and here is why",
            }
        },
    )
    not_because: Words | None = Field(
        None, title="Not required because", description="Needed where it is not: a lawyer will ask."
    )
    process: Words | None = Field(
        None,
        title="(a) The process it is used in",
        description="In line with its intended purpose. Article 27(1)(a).",
        json_schema_extra=SHORT,
    )
    use_period: Line | None = Field(
        None, title="(b) For how long", description="From when to when. Article 27(1)(b).", json_schema_extra=SHORT
    )
    frequency: Line | None = Field(
        None,
        title="(b) How often",
        description="Such as each application, about 4,000 a year.",
        json_schema_extra=SHORT,
    )
    people: list[Short] = Field(
        default_factory=list,
        title="(c) Who is likely to be affected",
        description="Categories of people and groups, one a line. Article 27(1)(c).",
        json_schema_extra=SHORT,
    )
    harms: list[Harm] = Field(
        default_factory=list,
        title="(d) Risks of harm",
        description="What could happen to each of them. Article 27(1)(d).",
        json_schema_extra=SHORT,
    )
    oversight: Words | None = Field(
        None,
        title="(e) Human oversight",
        description="As the maker's instructions have it, and who does it here. Article 27(1)(e).",
        json_schema_extra=SHORT,
    )
    response: Words | None = Field(
        None,
        title="(f) If a risk comes true",
        description="What is done, and who decides. Article 27(1)(f).",
        json_schema_extra=SHORT,
    )
    complaints: Words | None = Field(
        None,
        title="(f) Where people complain",
        description="How somebody who was harmed is heard. Article 27(1)(f).",
        json_schema_extra=SHORT,
    )
    dpia: Line | None = Field(
        None,
        title="Data protection impact assessment",
        description="What it covers already need not be written twice: name it. Article 27(4).",
    )
    consulted: Words | None = Field(
        None, title="Who was heard", description="Those affected, their representatives, independent experts."
    )
    notified: Literal["sent", "exempt", "not_yet"] | None = Field(
        None,
        title="Market surveillance authority",
        description="It is told of the result, with the template where there is one. Article 27(3).",
        json_schema_extra={"labels": {"sent": "Told", "exempt": "Need not be told", "not_yet": "Not told yet"}},
    )
    notified_on: date | None = Field(None, title="Told on", description="The day. Needed where it was told.")
    exempt_because: Words | None = Field(
        None, title="Need not be told because", description="Such as Article 46(1). Needed where it need not be."
    )
    notify_by: date | None = Field(None, title="Told by", description="Before first use. Needed where it was not yet.")
    first_use: date | None = Field(None, title="First used on", description="It is written before that.")
    assessed_by: Line = Field(title="Assessed by", description="Who answers for it.", json_schema_extra=PERSON)
    review_by: date = Field(title="Look again by", description="And whenever an element changes. Article 27(2).")

    @field_validator("not_because")
    @classmethod
    def _reasoned(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("must") == "not_required" and value is None:
            raise ValueError("Say why it is not required.")
        return value

    @field_validator(*FRIA_ELEMENTS, "notified")
    @classmethod
    def _whole(cls, value: Any, info: ValidationInfo) -> Any:
        if not value and info.data.get("must") != "not_required":
            raise ValueError(STILL)
        return value

    @field_validator(*_WHEN)
    @classmethod
    def _dated(cls, value: Any, info: ValidationInfo) -> Any:
        asked, words = _WHEN[str(info.field_name)]
        if info.data.get("notified") == asked and value is None:
            raise ValueError(words)
        return value


_DONE = {"title": "Say which one.", "place": "Say where it can be read.", "completed_on": "Say when it was completed."}


class Dpia(Part):
    """Where the data protection impact assessment of a system is, what it found, or why there need be none."""

    model_config = ASKED

    state: Literal["done", "not_needed"] = Field(
        title="Is there one?",
        description="GDPR Article 35: needed where processing is likely to result in a high risk.",
        json_schema_extra={"labels": {"done": "Done", "not_needed": "Not needed"}},
    )
    because: Words = Field(
        title="Because",
        description="Which of Article 35(3) or of the authority's lists makes it needed, or why none of them does.",
    )
    title: Line | None = Field(None, title="Title and version", description="As it is filed.", json_schema_extra=SHORT)
    place: Line | None = Field(
        None,
        title="Where it is",
        description="A link or a file number; add a copy as evidence.",
        json_schema_extra=SHORT,
    )
    completed_on: date | None = Field(None, title="Completed on", description="The day.", json_schema_extra=SHORT)
    officer_says: Words | None = Field(
        None, title="What the data protection officer advised", description="Article 35(2), where there is one."
    )
    remains: Literal["acceptable", "high"] | None = Field(
        None,
        title="Risk that remains",
        description="Where it stays high, the authority is asked before. Article 36.",
        json_schema_extra={"labels": {"acceptable": "Acceptable", "high": "High: the authority is consulted"}},
    )
    consulted_on: date | None = Field(None, title="Authority consulted on", description="Needed where it stays high.")
    covers: list[Short] = Field(
        default_factory=list,
        title="Parts that serve the assessment on fundamental rights",
        description="One a line, so that they need not be written twice. EU AI Act, Articles 26(9) and 27(4).",
    )
    review_by: date = Field(title="Look again by", description="At least when the risk changes. Article 35(11).")

    @field_validator(*_DONE, "remains")
    @classmethod
    def _told(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("state") == "done" and value is None:
            raise ValueError(_DONE.get(str(info.field_name), "Say what remains."))
        return value

    @field_validator("consulted_on")
    @classmethod
    def _asked(cls, value: date | None, info: ValidationInfo) -> date | None:
        if info.data.get("remains") == "high" and value is None:
            raise ValueError("A high risk remains, so say when the authority was consulted.")
        return value


class Impact(Part):
    """One impact on privacy, civil rights or civil liberties."""

    on: Literal["privacy", "civil_rights", "civil_liberties", "safety"] = Field(
        title="On", description="What is touched.", json_schema_extra={"labels": {"civil_rights": "Civil rights"}}
    )
    impact: Words = Field(title="Impact", description="Who bears it, and how.")
    mitigation: Words = Field(title="What is done about it", description="And what remains.")


class UsImpact(Part):
    """What a US federal agency writes of a high-impact use before it is put to use."""

    purpose: Words = Field(
        title="Purpose and expected benefit", description="With the figure that will show it. M-25-21, 4(b)(ii)."
    )
    data: Words = Field(
        title="Data and what the model can do",
        description="Quality and fitness of the data for this purpose, and how capable the model is of it.",
    )
    impacts: list[Impact] = Field(
        title="Impacts on people",
        description="On privacy, civil rights and civil liberties, each with what is done about it.",
        min_length=1,
    )
    features: list[Short] = Field(
        default_factory=list,
        title="Demographic features used as inputs",
        description="One a line; empty where there are none. They are in the public inventory.",
    )
    reassess: Line = Field(
        title="When it is assessed again",
        description="The schedule, and what brings it forward.",
        json_schema_extra=FULL,
    )
    currency: Currency = Field(title="Currency", description="Such as USD.", json_schema_extra=FULL)
    cost: Amount = Field(
        title="Cost a year", description="Of building, running and watching it.", json_schema_extra=FULL
    )
    reviewed_by: Line = Field(
        title="Independent reviewer", description="Somebody who had no part in building it.", json_schema_extra=FULL
    )
    review: Words = Field(title="What the reviewer found", description="And what came of it.", json_schema_extra=FULL)
    accepted: Words = Field(
        title="Risk that is accepted",
        description="In the words of the official who signs for it.",
        json_schema_extra=FULL,
    )
    review_by: date = Field(title="Look again by", description="By the schedule.")
