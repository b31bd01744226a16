"""An API change shows in the diff: docs/openapi.json is the description that was agreed."""

from pathlib import Path

from pilothouse.site.openapi import schema_text

SNAPSHOT = Path(__file__).parents[1] / "docs" / "openapi.json"


def test_the_api_is_as_agreed():
    assert SNAPSHOT.read_text() == schema_text(), (
        "The API changed. If you mean it: pilothouse openapi > docs/openapi.json"
    )
