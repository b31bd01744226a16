"""The kinds of document that this room brings to governance's manifest."""

from __future__ import annotations

from pilothouse.domains.governance.assessments.disclosures import DISCLOSURE
from pilothouse.domains.governance.assessments.needs import BIAS_POLICY, DPIA, FRIA, TITLES, US_IMPACT
from pilothouse.domains.governance.assessments.schemas.bias import BiasPolicy
from pilothouse.domains.governance.assessments.schemas.disclosures import Disclosure
from pilothouse.domains.governance.assessments.schemas.impact import Dpia, Fria, UsImpact
from pilothouse.kernel.domain import RecordKind

KINDS = (
    RecordKind(
        id=FRIA,
        title=TITLES[FRIA],
        schema=Fria,
        why="What the system may do to people's rights: the six elements of Article 27, before it is first used.",
        signers=(("legal", "risk"), ("caio",)),
        reopens=True,
        stand_ins=("board", "cio"),
    ),
    RecordKind(
        id=DPIA,
        title=TITLES[DPIA],
        schema=Dpia,
        why="Where the assessment under GDPR Article 35 is and what it found, or why there need be none.",
        signers=(("legal", "risk"),),
        reopens=True,
        stand_ins=("caio",),
    ),
    RecordKind(
        id=US_IMPACT,
        title=TITLES[US_IMPACT],
        schema=UsImpact,
        why="What a federal agency writes of a high-impact use before it begins: OMB M-25-21, section 4(b)(ii).",
        plural="AI impact assessments (US federal)",
        signers=(("caio",),),
        reopens=True,
        stand_ins=("risk", "legal"),
    ),
    RecordKind(
        id=BIAS_POLICY,
        title=TITLES[BIAS_POLICY],
        schema=BiasPolicy,
        why="Of whom bias is measured, by which metric and threshold, why that one, and who is told.",
        plural="Bias policies",
        signers=(("legal", "risk"),),
        reopens=True,
        stand_ins=("caio",),
    ),
    RecordKind(
        id=DISCLOSURE,
        title="Public claim",
        schema=Disclosure,
        why="What is said in public about our AI, where, and what stands behind it: told when it no longer does.",
        of_system=False,
        many=True,
        key="name",
    ),
)
