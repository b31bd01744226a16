"""Security's documents: the AI threat model, the AI security review that the CISO signs, rules for personal data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, Line, Part, Words

Level = Literal["low", "medium", "high"]
Short = Annotated[str, Field(min_length=3, max_length=500)]
Version = Annotated[str, Field(min_length=1, max_length=120)]


class Threat(Part):
    """How one family of threat stands against this system."""

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
    accepted_by: Line | None = Field(
        None, title="Accepted by", description="The e-mail address of who bears it.", json_schema_extra=PERSON
    )

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if (self.accepted_because is None) != (self.accepted_by is None):
            raise ValueError("Say both why the risk is borne and who bears it, or neither.")
        if not self.applies:
            return self
        if self.likelihood is None or self.harm is None or self.residual is None:
            raise ValueError("It applies, so say its likelihood, its harm and the risk that remains.")
        if not self.controls and self.residual == "low":
            raise ValueError("Without any control the risk that remains is not low.")
        return self


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

    what: Words = Field(title="Weakness", description="What is wrong, and what somebody could do with it.")
    severity: Level = Field(title="Severity", description="How much harm it makes possible.")
    state: Literal["open", "mended"] = Field(title="State", description="Mended means tried again, and it held.")
    mend_by: date | None = Field(
        None, title="Mend by", description="Of an open one: the day it is mended at the latest."
    )

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.state == "open" and self.mend_by is None:
            raise ValueError("It is open, so say by when it is mended.")
        return self


class SecurityReview(Part):
    """What an AI-specific security review of one system looked at, tried and found. The CISO signs the sealed text."""

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

    @model_validator(mode="after")
    def _follows(self) -> Self:
        if self.conclusion == "on_conditions" and not self.conditions:
            raise ValueError("It may run on conditions, so name them.")
        if self.conclusion == "may_run" and any(w.state == "open" and w.severity == "high" for w in self.weaknesses):
            raise ValueError("A high weakness is open, so it may run at most on conditions.")
        return self


class PersonalDataRules(Part):
    """What personal data one system handles and by which rules. That it handles none is an answer, with its reason."""

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
        description="The e-mail address of who keeps them, such as the data protection officer.",
        json_schema_extra={**FULL, **PERSON},
    )
    review_by: date = Field(title="Look again by", description="When somebody checks that the rules still fit.")

    @model_validator(mode="after")
    def _ruled(self) -> Self:
        if self.uses == "none":
            return self
        if self.basis is None or not self.rules or self.kept_days is None or self.trains is None:
            raise ValueError(
                "It uses personal data: give the lawful ground, the rules, how long it is kept and whether it trains."
            )
        if self.uses == "special" and self.special_ground is None:
            raise ValueError("Special categories need the exception that permits them.")
        return self
