"""ServiceNow's configuration database, read over its Table API (GET /api/now/table/{table}).

Documentation: ServiceNow REST API reference, “Table API”. Records come with display values, so that choices and
references are words; they go through the same mapping, preview and merge as a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.sources.web import SourceFault, Web

PAGE = 500
MOST = 100_000

# What a new source reads: field of ours → field of the table. Dots walk references, as the Table API allows.
FIELDS: dict[str, str] = {
    "name": "name",
    "row_id": "sys_id",
    "purpose": "short_description",
    "stage": "operational_status",
    "agency": "company",
    "unit": "department",
    "owner": "owned_by.email",
    "vendor": "vendor",
}
DEFAULTS: dict[str, str] = {"table": "cmdb_ci_appl", "query": ""}


def check_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """`table`, an encoded `query`. Raises Invalid."""
    table = str(settings.get("table") or DEFAULTS["table"]).strip()
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,79}", table):
        raise Invalid("That is not the name of a table.", fields={"table": "Such as cmdb_ci_appl."})
    return {"table": table, "query": str(settings.get("query") or "").strip()[:1000]}


def fetch(web: Web, settings: Mapping[str, Any], fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Every record of the table that answers the query, page by page in the order of sys_id. Raises SourceFault."""
    wanted = list(dict.fromkeys(["sys_id", *fields.values(), "sys_updated_on"]))
    query = "^".join(part for part in (settings["query"], "ORDERBYsys_id") if part)
    records: list[dict[str, str]] = []
    while len(records) < MOST:
        body = web.json(
            "GET",
            f"/api/now/table/{settings['table']}",
            params={
                "sysparm_query": query,
                "sysparm_fields": ",".join(wanted),
                "sysparm_display_value": "true",
                "sysparm_exclude_reference_link": "true",
                "sysparm_limit": PAGE,
                "sysparm_offset": len(records),
            },
        )
        page = body.get("result") if isinstance(body, dict) else None
        if not isinstance(page, list):
            raise SourceFault("The answer has no list of records: is this a ServiceNow instance?")
        records += [{key: _text(record.get(key)) for key in wanted} for record in page]
        if len(page) < PAGE:
            return records
    raise SourceFault(f"The table holds more than {MOST:,} records that answer the query: narrow it.")


def as_file(records: list[dict[str, str]]) -> bytes:
    """The records as the JSON file that an import reads."""
    return json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("display_value") or value.get("value") or "")
    return "" if value is None else str(value)
