"""The API's description as a file: `pilothouse openapi` prints it, docs/openapi.json holds the last agreed one."""

from __future__ import annotations

import json

from pilothouse.site.api import api


def schema_text() -> str:
    """The OpenAPI document, in a form whose differences read well: sorted, indented."""
    return (
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )
