"""Documents name units: sealing looks them up, forms offer them."""

from __future__ import annotations

from pydantic import Field

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.records.fields import UNIT, Line, Part
from pilothouse.kernel.records.references import unresolved
from pilothouse.kernel.records.selectors import choices


class Berth(Part):
    """What belongs to a unit."""

    unit: Line = Field(title="Unit", json_schema_extra=UNIT)


KIND = RecordKind("toys.berth", "Berth", Berth, "To name a unit.", of_system=False)


def test_a_unit_is_looked_up_in_the_own_organisation(cast):
    Unit.objects.create(organisation=cast.organisation, name="Quay")
    Unit.objects.create(organisation=cast.elsewhere, name="Bank")
    caio = cast.actor("caio")
    assert unresolved(caio, KIND, None, {"unit": "Quay"}) == {}
    assert unresolved(caio, KIND, None, {"unit": "Bank"}) == {"unit": "There is no “Bank” among the units."}
    assert choices(caio, "unit", None, 10) == [("Quay", "Quay")]
