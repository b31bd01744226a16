"""Evidence as the checks see it: which piece supports which check of which system."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pilothouse.kernel.checks.lift import Support, Supports
from pilothouse.kernel.domain import Ref
from pilothouse.kernel.evidence.selectors import supporting


def evidence_support(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Supports:
    """What evidence says for checks, in one query; `lift` looks at dates and grades."""
    return {
        system_id: [
            Support(
                check=check,
                ref=Ref("evidence.evidence", str(piece.pk), piece.title),
                effective_on=piece.effective_on,
                expires_on=piece.expires_on,
                grade=piece.grade,
            )
            for piece in pieces
            for check in piece.supports
        ]
        for system_id, pieces in supporting(organisation_id, system_ids).items()
    }
