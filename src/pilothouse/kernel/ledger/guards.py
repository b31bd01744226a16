"""Are the triggers that refuse changes still there? Django drops a table's triggers unasked when it remakes the table
on SQLite, and an intruder drops them on purpose, so a test and every verification look."""

from __future__ import annotations

from django.db import connection

_ROW = ("no_update", "no_delete")
EXPECTED: dict[str, tuple[str, ...]] = {
    "ledger_entry": _ROW,
    "ledger_checkpoint": _ROW,
    "ledger_witnessing": _ROW,
    "ledger_content": ("no_delete", "only_erasure"),
}


def missing() -> list[str]:
    """Names of the triggers that should stand and do not, or are switched off."""
    wanted = {f"{table}_{name}" for table, names in EXPECTED.items() for name in names}
    if connection.vendor == "postgresql":
        wanted |= {f"{table}_no_truncate" for table in EXPECTED}
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(wanted - {name for (name,) in cursor.fetchall()})
