"""What a form asks of each field: a line stays a line, whether or not it must be filled in."""

from __future__ import annotations

import pytest
from pydantic import Field

from pilothouse.kernel.records.fields import Address, Line, Part, Unit, Words
from pilothouse.kernel.records.schema import shapes


class Ship(Part):
    """One of each."""

    name: Line = Field(title="Name")
    nickname: Line | None = Field(None, title="Nickname")
    unit: Unit | None = Field(None, title="Unit")
    story: Words = Field(title="Story")
    rumour: Words | None = Field(None, title="Rumour")
    picture: Address | None = Field(None, title="Picture")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("name", "text"),
        ("nickname", "text"),
        ("unit", "text"),
        ("story", "long_text"),
        ("rumour", "long_text"),
        ("picture", "long_text"),
    ],
)
def test_a_field_is_as_long_as_its_type_says(name, kind):
    assert {shape.name: shape.kind for shape in shapes(Ship)}[name] == kind
