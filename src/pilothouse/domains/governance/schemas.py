"""Governance's documents: risk class, obligations, controls, attestation of a system; policy of the organisation."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.kernel.records.fields import ASKED, FULL, PERSON, Line, Part, Words, refers

Short = Annotated[str, Field(min_length=3, max_length=500)]
ControlId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}$", max_length=80)]
OBLIGATIONS = "governance.obligation"

Regime = Literal[
    "eu_ai_act",
    "gdpr",
    "us_omb",
    "us_state",
    "us_sector",
    "uk",
    "other_law",
    "iso_42001",
    "nist_ai_rmf",
    "contract",
    "own_policy",
]
REGIMES: dict[str, Any] = {
    "eu_ai_act": "EU AI Act",
    "gdpr": "GDPR",
    "us_omb": "OMB M-25-21 (US federal agencies)",
    "us_state": "US state or city law",
    "us_sector": "US sector rules",
    "uk": "UK rules",
    "other_law": "Other law",
    "iso_42001": "ISO/IEC 42001",
    "nist_ai_rmf": "NIST AI RMF",
    "contract": "A contract",
    "own_policy": "Our own policy",
}
Class = Literal["prohibited", "high", "exempt", "limited", "minimal", "out_of_scope"]


NEEDED = {
    "due": ("open", "It is open, so say by when it is done."),
    "shown_by": ("in_place", "It is in place, so say what shows it."),
    "not_because": ("not_applicable", "Say why it does not apply."),
}
"""Which answer an obligation's state asks for."""


class UnderRegime(Part):
    """What one regime says of the system."""

    regime: Regime = Field(
        title="Regime", description="Law, standard or policy.", json_schema_extra={"labels": REGIMES}
    )
    says: Line = Field(
        title="Category", description="What it is there, such as “high-risk: employment”, or “not in scope”."
    )
    citation: Line = Field(title="Citation", description="Article, annex and point, such as “Annex III, point 4(a)”.")
    because: Words = Field(title="Because", description="The facts of this system that make it so.")


class FromFacts(Part):
    """What the classifier was told and what it answered: written by its page, so that anybody can reckon it again."""

    facts: str = Field(
        title="Facts",
        description="The answers, as JSON; `pilothouse classify` reads them.",
        min_length=2,
        max_length=20000,
    )
    rules: list[Short] = Field(title="Rules", description="Each law with its edition and hash.", min_length=1)
    result: list[Short] = Field(title="Result", description="The class on each axis.", min_length=1)
    open: list[Short] = Field(default_factory=list, title="Open", description="Facts that nobody knew.")
    result_hash: str = Field(title="Hash of the result", pattern=r"^sha256:[0-9a-f]{64}$")

    @field_validator("facts")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            said = json.loads(value)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise ValueError("Facts are an object in JSON.")
        return value


class RiskClassification(Part):
    """Which risk class one system is in, under which rules, for which reasons, and who says so."""

    risk_class: Class = Field(
        title="Risk class",
        description="The strictest that any regime puts it in.",
        json_schema_extra={
            "labels": {
                "prohibited": "Prohibited: it may not run",
                "high": "High risk",
                "exempt": "Exempt by derogation: listed, and relieved with reasons",
                "limited": "Limited risk: people must be told",
                "minimal": "Minimal risk",
                "out_of_scope": "Out of scope of the laws looked at",
            }
        },
    )
    our_role: Literal["provider", "deployer", "both", "other"] = Field(
        title="Our role",
        description="Do we make it, use it, or both? Duties differ.",
        json_schema_extra={
            "labels": {
                "provider": "Provider: we make it or have it made under our name",
                "deployer": "Deployer: we use what others make",
                "both": "Both",
                "other": "Importer, distributor or product maker",
            },
            **FULL,
        },
    )
    reasons: Words = Field(
        title="Reasons", description="Intended purpose, whom it affects, how far people rely on it: why this class."
    )
    under: list[UnderRegime] = Field(
        title="Regimes looked at",
        description="Each with its citation, those that do not apply, too.",
        min_length=1,
        json_schema_extra=FULL,
    )
    exception: Words | None = Field(
        None,
        title="Exception relied on",
        description="Such as EU AI Act Article 6(3), with why it holds. Whoever relies on one must be able to show it.",
    )
    from_facts: FromFacts | None = Field(
        None,
        title="Reckoned from facts",
        description="Written by the page “Classification”. Left empty where the class was reasoned by hand.",
        json_schema_extra=FULL,
    )
    decided_by: Line = Field(title="Classified by", description="Who answers for it.", json_schema_extra=PERSON)
    review_by: date = Field(title="Look again by", description="Sooner, if purpose, users or the law change.")


class Obligation(Part):
    """One thing that a regime asks of this system, with who sees to it."""

    model_config = ASKED

    name: Line = Field(title="Obligation", description="In a few words, such as “Tell applicants that AI ranks them”.")
    regime: Regime = Field(title="Regime", description="Who asks for it.", json_schema_extra={"labels": REGIMES})
    citation: Line = Field(
        title="Citation", description="Article, section or clause, such as “Article 26(7)”.", json_schema_extra=FULL
    )
    asks: Words = Field(title="What it asks", description="What must be done, in our words.", json_schema_extra=FULL)
    owner: Line = Field(title="Owner", description="Who sees to it.", json_schema_extra=PERSON)
    state: Literal["open", "in_place", "not_applicable"] = Field(
        title="State", description="Is it done, and kept up?", json_schema_extra={"labels": {"in_place": "In place"}}
    )
    due: date | None = Field(
        None, title="Due", description="By when, if it is open. The law's date or ours, if sooner."
    )
    shown_by: Line | None = Field(
        None, title="Shown by", description="What proves it: a document, a control, a link. Needed when it is in place."
    )
    not_because: Words | None = Field(
        None, title="Not applicable because", description="The reason, with its citation if there is one."
    )
    review_by: date | None = Field(None, title="Look again by", description="When somebody checks that it still holds.")

    @field_validator("due", "shown_by", "not_because")
    @classmethod
    def _answered(cls, value: Any, info: ValidationInfo) -> Any:
        asked, words = NEEDED[str(info.field_name)]
        if info.data.get("state") == asked and value is None:
            raise ValueError(words)
        return value


class Control(Part):
    """Something that is done, again and again, so that a risk stays small or an obligation is kept."""

    name: Line = Field(title="Control", description="In a few words, such as “Recruiter reads every rejected CV”.")
    does: Words = Field(
        title="What is done", description="By whom, how often, on what; and what happens when it finds something."
    )
    against: Line = Field(
        title="Against", description="The risk that it keeps small, such as prompt injection.", json_schema_extra=FULL
    )
    serves: list[Line] = Field(
        default_factory=list,
        title="Obligations it serves",
        description="By name, one a line, as they stand in the register of obligations.",
        json_schema_extra=refers(OBLIGATIONS),
    )
    library: list[ControlId] = Field(
        default_factory=list,
        title="Controls of the library it carries out",
        description="By id, one a line, such as OPS-1: so it counts for every framework that they serve.",
    )
    owner: Line = Field(title="Owner", description="Who answers for it.", json_schema_extra=PERSON)
    evidence: list[Short] = Field(
        title="Evidence",
        description="What shows that it works: reports, tickets, links, titles of evidence; one a line.",
        min_length=1,
        json_schema_extra=FULL,
    )
    tested_on: date = Field(
        title="Last tested", description="The day somebody looked whether it works.", json_schema_extra=FULL
    )
    result: Literal["works", "partly", "fails"] = Field(
        title="Result", description="What that test showed.", json_schema_extra=FULL
    )
    next_test: date = Field(title="Test again by", description="At the latest.")

    @field_validator("next_test")
    @classmethod
    def _in_time(cls, value: date, info: ValidationInfo) -> date:
        if (tested := info.data.get("tested_on")) and value <= tested:
            raise ValueError("The next test comes after the last one.")
        return value


class OrganisationControl(Part):
    """What shows that a control of the organisation itself works, and until when."""

    name: Line = Field(title="Control", description="In a few words, such as “Internal audit of AI 2026”.")
    library: list[ControlId] = Field(
        title="Controls of the library it carries out",
        description="By id, one a line, such as GOV-14: so it counts for every framework that they serve.",
        min_length=1,
    )
    does: Words = Field(title="What was done", description="By whom, on what, and what it found.")
    owner: Line = Field(title="Owner", description="Who answers for it.", json_schema_extra=PERSON)
    evidence: list[Short] = Field(
        title="Evidence", description="Reports, minutes, links; one a line.", min_length=1, json_schema_extra=FULL
    )
    tested_on: date = Field(title="Done or tested on", description="The day.")
    result: Literal["works", "partly", "fails"] = Field(title="Result", description="What was found.")
    next_test: date = Field(title="Again by", description="At the latest.")

    @field_validator("next_test")
    @classmethod
    def _again(cls, value: date, info: ValidationInfo) -> date:
        if (tested := info.data.get("tested_on")) and value <= tested:
            raise ValueError("The next time comes after this one.")
        return value


class Attestation(Part):
    """Somebody stands up for what the inventory says of one system."""

    model_config = ASKED

    right: Literal["yes", "no"] = Field(
        title="Is the entry right and complete?",
        description="Purpose, owner, stage, whom it affects, vendor, data, models with their versions.",
    )
    wrong: Words | None = Field(None, title="What is wrong", description="If it is not: what has to be put right.")
    looked_at: list[Short] = Field(
        title="What it was held against",
        description="Such as the code, the contract, the bill, the gateway's log; one a line.",
        min_length=1,
        json_schema_extra=FULL,
    )
    attested_by: Line = Field(title="Attested by", description="Who says so.", json_schema_extra=PERSON)
    valid_until: date = Field(title="Attest again by", description="Usually a quarter or a year ahead.")

    @field_validator("wrong")
    @classmethod
    def _told(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("right") == "no" and value is None:
            raise ValueError("Say what is wrong with the entry.")
        return value


class Step(Part):
    """One step of the way up."""

    to: Line = Field(title="Who", description="A post that somebody holds, such as the shift leader or the CAIO.")
    within_hours: int = Field(title="Within, hours", description="How long it may take to get there.", ge=0, le=8760)


class Policy(Part):
    """What the organisation has decided for all its AI: who answers, what people decide, where one turns."""

    purpose: Words = Field(title="What we use AI for", description="And what we will not use it for.")
    answers: Words = Field(
        title="Who is responsible when AI errs",
        description="By post, for harm to people, to customers and to the organisation. A model is never the answer.",
    )
    human_decisions: list[Short] = Field(
        title="Decisions that always require a human",
        description="One a line, such as rejecting an applicant or refusing a claim.",
        min_length=1,
    )
    escalation: list[Step] = Field(
        title="Escalation path", description="Whom one turns to when AI goes wrong, in order.", min_length=1
    )
    employees: Words = Field(
        title="Rules for everyone", description="Which tools may be used for what, what must never be put into them."
    )
    reports_to: Line = Field(
        title="Where one reports", description="Address or number for errors and worries; open to all."
    )
    adopted_by: Line = Field(title="Adopted by", description="Who decided it, such as the board.")
    adopted_on: date = Field(title="Adopted on", description="The day.")
    review_by: date = Field(title="Look again by", description="A year ahead is usual.")

    @field_validator("escalation")
    @classmethod
    def _upwards(cls, value: list[Step]) -> list[Step]:
        hours = [step.within_hours for step in value]
        if hours != sorted(hours):
            raise ValueError("Each step comes no sooner than the one before.")
        return value

    @field_validator("review_by")
    @classmethod
    def _in_time(cls, value: date, info: ValidationInfo) -> date:
        if (adopted := info.data.get("adopted_on")) and value <= adopted:
            raise ValueError("It is looked at again after it was adopted.")
        return value
