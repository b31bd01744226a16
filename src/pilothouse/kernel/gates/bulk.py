"""Writing tens of thousands of gaps in one statement: an import may find thousands of systems running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from pilothouse.kernel.base import new_id
from pilothouse.kernel.gates.models import Gap

CHUNK = 5000  # well below the number of parameters that either engine takes
_COLUMNS = ("id", "organisation", "system", "check_id", "title", "state", "opened_at", "due_at", "tier")


class NewGap(NamedTuple):
    """A gap to be opened."""

    system_id: UUID
    check_id: str
    title: str
    due_at: datetime
    tier: str


def insert_gaps(organisation_id: UUID, gaps: Sequence[NewGap], opened_at: datetime) -> None:
    """Insert open gaps. Model instances would cost ten times as much; the statement is plain SQL on every engine."""
    if not gaps:
        return
    fields: dict[str, Any] = {name: Gap._meta.get_field(name) for name in _COLUMNS}

    def adapt(name: str, value: Any) -> Any:
        return fields[name].get_db_prep_save(value, connection)

    owner, at = adapt("organisation", organisation_id), adapt("opened_at", opened_at)
    systems = {pk: adapt("system", pk) for pk in {gap.system_id for gap in gaps}}
    due = {moment: adapt("due_at", moment) for moment in {gap.due_at for gap in gaps}}
    rows = [
        (
            adapt("id", new_id()),
            owner,
            systems[gap.system_id],
            gap.check_id,
            gap.title[:300],
            "open",
            at,
            due[gap.due_at],
            gap.tier,
        )
        for gap in gaps
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields.values())
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(Gap._meta.db_table)} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def update_gaps(ids: Sequence[UUID], **values: Any) -> None:
    """Give many gaps the same values. Few different ones occur, so this takes few statements for thousands of gaps."""
    for start in range(0, len(ids), CHUNK):
        Gap.objects.filter(pk__in=ids[start : start + CHUNK]).update(**values)
