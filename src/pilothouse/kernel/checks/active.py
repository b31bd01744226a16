"""Which rulebook holds now."""

from __future__ import annotations

from uuid import UUID

from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rulebooks import DEFAULT, SHIPPED


def active_rulebook(organisation_id: UUID) -> Rulebook | None:
    """The version that holds now; None until the organisation adopts one."""
    return Rulebook.objects.filter(organisation_id=organisation_id, state="active").first()


def active_body(organisation_id: UUID) -> RulebookBody:
    """What the organisation's rulebook says now. Until one is adopted, the lightest that ships is applied, so that
    systems are judged from the first day."""
    row = Rulebook.objects.filter(organisation_id=organisation_id, state="active").values_list("body").first()
    return SHIPPED[DEFAULT].body if row is None else RulebookBody.model_validate(row[0])
