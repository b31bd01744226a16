"""The kinds of document that this room brings to governance's manifest."""

from __future__ import annotations

from pilothouse.domains.governance.assessments.schemas.bias import BiasPolicy
from pilothouse.kernel.domain import RecordKind

BIAS_POLICY = "governance.bias_policy"

KINDS = (
    RecordKind(
        id=BIAS_POLICY,
        title="Bias policy",
        schema=BiasPolicy,
        why="Of whom bias is measured, by which metric and threshold, why that one, and who is told.",
        plural="Bias policies",
        signers=(("legal", "risk"),),
        stand_ins=("caio",),
    ),
)
