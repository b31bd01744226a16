"""Security's documents: the AI threat model, the AI security review that the CISO signs, rules for personal data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.kernel.records.fields import ASKED, FULL, PERSON, Line, Part, Words

Level = Literal["low", "medium", "high"]
Short = Annotated[str, Field(min_length=3, max_length=500)]
Version = Annotated[str, Field(min_length=1, max_length=120)]


class Threat(Part):
    """How one family of threat stands against this system."""

    model_config = ASKED

    applies: bool = Field(title="Does it apply?", description="No needs a reason as well.")
    scenario: Words = Field(
        title="Scenario", description="Who would do what, through which way in, to what end; or why it does not apply."
    )
    likelihood: Level | None = Field(None, title="Likelihood", description="Before controls.")
    harm: Level | None = Field(None, title="Harm", description="If it happened, to people and to the organisation.")
    controls: list[Short] = Field(
        default_factory=list, title="Controls", description="What stands against it; one a line."
    )
    residual: Level | None = Field(None, title="Risk that remains", description="With the controls working.")
    accepted_because: Words | None = Field(
        None, title="Accepted because", description="Only if a high risk remains: why it is borne, and until when."
    )
    accepted_by: Line | None = Field(None, title="Accepted by", description="Who bears it.", json_schema_extra=PERSON)

    @field_validator("likelihood", "harm", "residual")
    @classmethod
    def _answered(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("applies") and value is None:
            raise ValueError("It applies, so say this too.")
        if (
            info.data.get("applies")
            and value == "low"
            and info.field_name == "residual"
            and not info.data.get("controls")
        ):
            raise ValueError("Without any control the risk that remains is not low.")
        return value

    @field_validator("accepted_by")
    @classmethod
    def _borne(cls, value: Any, info: ValidationInfo) -> Any:
        if (value is None) != (info.data.get("accepted_because") is None):
            raise ValueError("Say both why the risk is borne and who bears it, or neither.")
        return value


class ThreatModel(Part):
    """What could be done to or through one system, and what stands against it."""

    scope: Words = Field(
        title="Scope",
        description="The parts looked at: models, data, prompts, tools, interfaces; and what was left out.",
    )
    assets: list[Short] = Field(
        min_length=1,
        title="What is worth protecting",
        description="Data, secrets, decisions, reputation; one a line.",
        json_schema_extra=FULL,
    )
    poisoning: Threat = Field(
        title="Poisoning",
        description="Training, fine-tuning or retrieved data is tampered with (ATLAS AML.T0020).",
        json_schema_extra=FULL,
    )
    theft: Threat = Field(
        title="Theft and inversion",
        description="The model is copied, or its training data is drawn out of it (ATLAS AML.T0024).",
        json_schema_extra=FULL,
    )
    injection: Threat = Field(
        title="Prompt injection",
        description="Text that the system reads makes it do what its owner did not want (ATLAS AML.T0051).",
    )
    hijacking: Threat = Field(
        title="Agent hijacking",
        description="Its tools, memory or permissions are turned against the organisation (ATLAS AML.T0053).",
        json_schema_extra=FULL,
    )
    author: Line = Field(
        title="Made by", description="Names or posts of those who thought it through.", json_schema_extra=FULL
    )
    review_by: date = Field(title="Look again by", description="At the latest; a material change asks for it earlier.")


class Reviewed(Part):
    """One part of the system as it stood when it was reviewed."""

    component: Line = Field(title="Part", description="As the inventory names it, such as gpt-4o or the search tool.")
    version: Version = Field(title="Version", description="Exactly, such as 2026-08-06, 4.1.2 or a commit.")


class Attempt(Part):
    """One thing that the reviewers tried."""

    tried: Line = Field(title="What was tried", description="Such as instructions hidden in an uploaded file.")
    outcome: Literal["held", "partly", "gave_way"] = Field(title="What happened", description="Did the system stand?")
    evidence: Line | None = Field(
        None, title="Where it is recorded", description="A test run, a report, a ticket; so that it can be read again."
    )


class Weakness(Part):
    """Something that the review found wrong."""

    model_config = ASKED

    what: Words = Field(title="Weakness", description="What is wrong, and what somebody could do with it.")
    severity: Level = Field(title="Severity", description="How much harm it makes possible.")
    state: Literal["open", "mended"] = Field(title="State", description="Mended means tried again, and it held.")
    mend_by: date | None = Field(
        None, title="Mend by", description="Of an open one: the day it is mended at the latest."
    )

    @field_validator("mend_by")
    @classmethod
    def _dated(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("state") == "open" and value is None:
            raise ValueError("It is open, so say by when it is mended.")
        return value


class SecurityReview(Part):
    """What an AI-specific security review of one system looked at, tried and found. The CISO signs the sealed text."""

    model_config = ASKED

    scope: Words = Field(
        title="Scope", description="What was reviewed, in which environment; and what was not, and why."
    )
    threat_model: int = Field(
        title="Threat model, version",
        description="The version of its AI threat model that the review started from: a standard review has none.",
        ge=1,
        json_schema_extra=FULL,
    )
    versions: list[Reviewed] = Field(
        title="Exact versions",
        description="Every model, agent, prompt and tool that was reviewed. Another version needs another review.",
        min_length=1,
        json_schema_extra=FULL,
    )
    attempts: list[Attempt] = Field(
        title="Tests done",
        description="What was tried against it, above all what its threat model fears.",
        min_length=1,
        json_schema_extra=FULL,
    )
    weaknesses: list[Weakness] = Field(
        default_factory=list, title="Findings", description="What was found wrong; leave it empty if nothing was."
    )
    remaining: Words = Field(
        title="Risks that remain", description="What whoever signs takes upon them, in words the board understands."
    )
    conclusion: Literal["may_run", "on_conditions", "may_not_run"] = Field(
        title="Conclusion",
        description="What the reviewers advise.",
        json_schema_extra={"labels": {"on_conditions": "May run on conditions"}},
    )
    conditions: list[Short] = Field(
        default_factory=list, title="Conditions", description="What must hold while it runs; one a line."
    )
    valid_until: date = Field(title="Valid until", description="At most a year ahead is usual; sooner if much changes.")

    @field_validator("conclusion")
    @classmethod
    def _follows(cls, value: Any, info: ValidationInfo) -> Any:
        found = info.data.get("weaknesses") or ()
        if value == "may_run" and any(one.state == "open" and one.severity == "high" for one in found):
            raise ValueError("A high weakness is open, so it may run at most on conditions.")
        return value

    @field_validator("conditions")
    @classmethod
    def _named(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("conclusion") == "on_conditions" and not value:
            raise ValueError("It may run on conditions, so name them.")
        return value


class PersonalDataRules(Part):
    """What personal data one system handles and by which rules. That it handles none is an answer, with its reason."""

    model_config = ASKED

    uses: Literal["none", "personal", "special"] = Field(
        title="Personal data",
        description="What it reads, keeps or makes about people who can be recognised.",
        json_schema_extra={
            "labels": {
                "none": "None is used",
                "personal": "Personal data",
                "special": "Special categories: health, belief, origin, biometrics and the like",
            }
        },
    )
    told: Words = Field(
        title="Whose, and which",
        description="Such as names and CVs of applicants. Where none is used: how you know, and what keeps it out.",
    )
    basis: (
        Literal["consent", "contract", "legal_duty", "vital_interest", "public_task", "legitimate_interest"] | None
    ) = Field(
        None,
        title="Lawful ground",
        description="On what ground it may be used (GDPR Article 6). Not for none.",
        json_schema_extra={"labels": {"legal_duty": "Legal obligation", "vital_interest": "Vital interests"}},
    )
    special_ground: Words | None = Field(
        None, title="Ground for special categories", description="The exception that permits it (GDPR Article 9)."
    )
    rules: list[Short] = Field(
        default_factory=list,
        title="Rules",
        description="What may be put in and what never, what is masked, who sees it, who processes it; one a line.",
    )
    kept_days: int | None = Field(
        None, title="Kept for, days", description="When prompts, outputs and logs about people are erased.", ge=0
    )
    trains: bool | None = Field(
        None,
        title="Does it train a model?",
        description="Here or at the vendor: is this data used to train or improve?",
    )
    responsible: Line = Field(
        title="Answers for the rules",
        description="Who keeps them, such as the data protection officer.",
        json_schema_extra={**FULL, **PERSON},
    )
    review_by: date = Field(title="Look again by", description="When somebody checks that the rules still fit.")

    @field_validator("basis", "rules", "kept_days", "trains")
    @classmethod
    def _ruled(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("uses", "none") != "none" and value in (None, []):
            raise ValueError("It uses personal data, so say this too.")
        return value

    @field_validator("special_ground")
    @classmethod
    def _excepted(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("uses") == "special" and value is None:
            raise ValueError("Special categories need the exception that permits them.")
        return value
