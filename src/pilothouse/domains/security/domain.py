"""Security, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.security import facts
from pilothouse.domains.security.checks import CHECKS
from pilothouse.domains.security.schemas import PersonalDataRules, SecurityReview, ThreatModel
from pilothouse.kernel.domain import Domain, RecordKind, ShareMet

CISO = (("ciso",),)
# Where nobody is CISO, as in a firm of a few dozen people.
INSTEAD = ("caio", "cto", "operations")

DOMAIN = Domain(
    id="security",
    title="Security and data protection",
    question="Has every production system passed an AI-specific security review, not just a standard one?",
    order=3,
    checks=CHECKS,
    records=(
        RecordKind(
            id=facts.THREATS,
            title="AI threat model",
            schema=ThreatModel,
            why="How the system could be attacked, what stands against it, and which risk remains.",
            reopens=True,
            signers=CISO,
            stand_ins=INSTEAD,
        ),
        RecordKind(
            id=facts.REVIEW,
            title="AI security review",
            schema=SecurityReview,
            why="What was reviewed in which version, what was tried, what was found: the CISO signs exactly this text.",
            reopens=True,
            signers=CISO,
            stand_ins=INSTEAD,
        ),
        RecordKind(
            id=facts.PERSONAL,
            title="Rules for personal data",
            schema=PersonalDataRules,
            why="Which personal data the system handles and by which rules; that it handles none is an answer, too.",
            plural="Rules for personal data",
        ),
    ),
    answer=ShareMet(("security.review_signed",), stages=("production",)),
)
