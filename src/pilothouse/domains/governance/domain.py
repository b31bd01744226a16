"""Governance, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.assessments.kinds import KINDS as ASSESSMENTS
from pilothouse.domains.governance.checks import CHECKS
from pilothouse.domains.governance.classifier.kinds import KINDS as CLASSIFIER
from pilothouse.domains.governance.duties.kinds import KINDS as DUTIES
from pilothouse.domains.governance.schemas import (
    Attestation,
    Control,
    Obligation,
    OrganisationControl,
    Policy,
    RiskClassification,
)
from pilothouse.kernel.domain import Domain, RecordKind, ShareMet

# What an authority asks for first of a system of high risk: all of it at hand, and none of it out of date.
TRAIL = tuple(check.id for check in CHECKS)

DOMAIN = Domain(
    id="governance",
    title="Governance, risk and compliance",
    question="Can we produce a complete, current audit trail of any high-risk system within 48 hours?",
    order=8,
    checks=CHECKS,
    records=(
        RecordKind(
            id=facts.CLASSIFICATION,
            title="Risk classification",
            schema=RiskClassification,
            why="The system's risk class with its reasons and citations: what all obligations follow from.",
            reopens=True,
        ),
        RecordKind(
            id=facts.OBLIGATION,
            title="Obligation",
            schema=Obligation,
            why="What law, contract or policy asks of the system, by regime, with who sees to it and by when.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=facts.CONTROL,
            title="Control",
            schema=Control,
            why="What is done again and again so that a risk stays small, who answers for it, and what shows it works.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=facts.ORGANISATION_CONTROL,
            title="Control of the organisation",
            schema=OrganisationControl,
            why="What shows that a control of the organisation itself works: an audit, a review, a drill.",
            of_system=False,
            many=True,
            key="name",
            plural="Controls of the organisation",
        ),
        RecordKind(
            id=facts.ATTESTATION,
            title="Inventory attestation",
            schema=Attestation,
            why="Somebody stands up for what the inventory says: what is not in it cannot be audited.",
        ),
        RecordKind(
            id=facts.POLICY,
            title="AI policy and responsibilities",
            schema=Policy,
            why="Who is responsible when AI errs, which decisions always require a human, and where one turns.",
            of_system=False,
            plural="AI policy and responsibilities",
            judges=True,
        ),
        *CLASSIFIER,
        *ASSESSMENTS,
        *DUTIES,
    ),
    answer=ShareMet(TRAIL, stages=("pilot", "production"), tiers=("high",)),
)
