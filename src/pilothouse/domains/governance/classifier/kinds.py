"""The kinds of document that this room brings to governance's manifest."""

from __future__ import annotations

from pilothouse.domains.governance.classifier.schemas import RuleSetEdition
from pilothouse.kernel.domain import RecordKind

RULE_SET = "governance.rule_set"

KINDS = (
    RecordKind(
        id=RULE_SET,
        title="Rule set",
        schema=RuleSetEdition,
        why="A law as the classifier reads it: an edition of our own, in place of the one that ships.",
        of_system=False,
        many=True,
        key="name",
        signers=(("legal", "risk"),),
        stand_ins=("caio",),
    ),
)
