"""Keeping findings: the sheet of each system (what holds now) and the rows over time, written only when they change.

Two shapes, because they are read in two ways. A sheet holds all findings of one system in one piece of text, so that
finding out that nothing changed is comparing two strings, and a page reads one row. `FindingRow` says from when to
when a check said what, so that the state on any day, every trend and every count is plain SQL. What is not applicable
has a line on the sheet and no row: it counts in no figure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model

from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.checks.models import AnswerRow, FindingRow, FindingSheet
from pilothouse.kernel.checks.rules.domains import Sums, by_domain
from pilothouse.kernel.checks.rules.findings import Judged, Standing
from pilothouse.kernel.checks.rules.gaps import GAP_STATUSES
from pilothouse.kernel.domain import Finding, Grade, Ref, Status, SystemFacts, registry

# A line of a sheet: status, what the check itself said, grade, reason, note, refs, whether it failed to judge, weight.
Line = list[Any]

# The first parts of a line are what is said; then come the marks, which are no change of a finding.
_SAID = 6

_COLUMNS = ("organisation_id", "system_id", "check_id", "status", "grade", "reason", "refs", "from_at", "weight")
_ANSWER_COLUMNS = ("organisation_id", "system_id", "domain", "counted", "from_at")


class Kept(NamedTuple):
    """A sheet as text: the findings, and the same by domain (see `domains_of`)."""

    findings: str = ""
    domains: str = ""


def line_of(standing: Standing, weight: int) -> Line:
    """A standing as a line of JSON's own types."""
    said = standing.finding
    return [
        said.status,
        standing.judged,
        said.grade,
        said.reason,
        standing.note,
        [[ref.type, ref.id, ref.label] for ref in said.refs],
        int(standing.raised),
        weight,
    ]


def standing_of(line: Line) -> Standing:
    """The standing that a line was made of."""
    status, judged, grade, reason, note, refs, raised, _ = line
    finding = Finding(_STATUS[status], reason, _GRADE[grade], tuple(Ref(*ref) for ref in refs))
    return Standing(finding, _STATUS[judged], note, bool(raised))


def judged_of(line: Line) -> Judged:
    """What the check itself said, before the rulebook."""
    _, judged, grade, reason, _, refs, raised, _ = line
    return Judged(Finding(_STATUS[judged], reason, _GRADE[grade], tuple(Ref(*ref) for ref in refs)), bool(raised))


def last_line(sheet: str, check_id: str) -> Line | None:
    """What a kept sheet last said of a check, marked as one that failed to be judged since; None if it said nothing."""
    line = decode(sheet).get(check_id) if sheet else None
    return [*line[:_SAID], 1, line[-1]] if line else None


def encode(lines: Mapping[str, Line]) -> str:
    return json.dumps(lines, separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> dict[str, Line]:
    lines: dict[str, Line] = json.loads(text)
    return lines


def domains_text(system: SystemFacts, lines: Mapping[str, Line]) -> str:
    """What a sheet's findings say by domain, as it is kept."""
    statuses = {check_id: line[0] for check_id, line in lines.items()}
    found = by_domain(statuses, system.stage, system.tier, registry.checks, registry.domains.values())
    return encode(
        {
            domain: [sums.asked, sums.met, sums.gaps, sums.unknown, state or ""]
            for domain, (sums, state) in found.items()
        }
    )


def domains_of(text: str) -> dict[str, Sums]:
    """Domain id → its findings about the system, counted."""
    return {domain: Sums(*line[:4]) for domain, line in decode(text).items()} if text else {}


def sheets(organisation_id: UUID, system_ids: Iterable[UUID] | None = None) -> dict[UUID, Kept]:
    """The sheets as they are kept, in one query."""
    rows = FindingSheet.objects.filter(organisation_id=organisation_id)
    asked = narrow(system_ids)
    if asked is not None:
        rows = rows.filter(system_id__in=asked)
    return {system_id: Kept(*texts) for system_id, *texts in rows.values_list("system_id", "findings", "domains")}


def save(organisation_id: UUID, changed: Mapping[UUID, tuple[Kept, Kept]], now: datetime) -> int:
    """Keep changed sheets: system id → (old, new). Returns how many findings changed.

    The caller holds the organisation's lock (ledger.log.lock_log), so nobody else closes the same rows.
    """
    closing: list[tuple[Any, ...]] = []
    opening: list[tuple[Any, ...]] = []
    weighing: list[tuple[Any, ...]] = []
    sheets_now: list[FindingSheet] = []
    to_db = _adapters(FindingRow, _COLUMNS)
    at, owner = to_db["from_at"](now), to_db["organisation_id"](organisation_id)
    count = 0
    for system_id, (kept, becoming) in changed.items():
        old = decode(kept.findings) if kept.findings else {}
        new = decode(becoming.findings)
        sheets_now.append(_sheet(organisation_id, system_id, becoming, new, now))
        system = to_db["system_id"](system_id)
        for check_id in old.keys() | new.keys():
            was, becomes = old.get(check_id), new.get(check_id)
            if was == becomes:
                continue
            if was and becomes and was[:_SAID] == becomes[:_SAID]:
                weighing.append((becomes[-1], system, check_id))
                continue
            count += 1
            if was and was[0] != Status.NOT_APPLICABLE:
                closing.append((at, system, check_id))
            if becomes and becomes[0] != Status.NOT_APPLICABLE:
                status, _, grade, reason, note, refs, _, weight = becomes
                words = f"{reason} {note}" if note else reason
                opening.append((owner, system, check_id, status, grade, words, to_db["refs"](refs), at, weight))
    _set(FindingRow, "to_at", "check_id", closing)
    _set(FindingRow, "weight", "check_id", weighing)
    _open(FindingRow, _COLUMNS, opening)
    _save_answers(organisation_id, changed, now)
    FindingSheet.objects.bulk_create(
        sheets_now,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["system"],
        update_fields=["findings", "domains", "judged_at", "asked", "met", "gaps", "unknown"],
    )
    return count


def _save_answers(organisation_id: UUID, changed: Mapping[UUID, tuple[Kept, Kept]], now: datetime) -> None:
    """Close and open the rows of what the domains' answers count otherwise than before."""
    closing: list[tuple[Any, ...]] = []
    opening: list[tuple[Any, ...]] = []
    to_db = _adapters(AnswerRow, _ANSWER_COLUMNS)
    at, owner = to_db["from_at"](now), to_db["organisation_id"](organisation_id)
    for system_id, (kept, becoming) in changed.items():
        if kept.domains == becoming.domains:
            continue
        old, new, system = _states(kept.domains), _states(becoming.domains), to_db["system_id"](system_id)
        for domain in old.keys() | new.keys():
            was, becomes = old.get(domain), new.get(domain)
            if was != becomes:
                closing += [(at, system, domain)] if was else []
                opening += [(owner, system, domain, becomes, at)] if becomes else []
    _set(AnswerRow, "to_at", "domain", closing)
    _open(AnswerRow, _ANSWER_COLUMNS, opening)


def _states(text: str) -> dict[str, str]:
    return {domain: line[4] for domain, line in decode(text).items() if line[4]} if text else {}


def _sheet(
    organisation_id: UUID, system_id: UUID, kept: Kept, lines: Mapping[str, Line], now: datetime
) -> FindingSheet:
    """The sheet with its numbers."""
    said = Counter(line[0] for line in lines.values())
    return FindingSheet(
        system_id=system_id,
        organisation_id=organisation_id,
        findings=kept.findings,
        domains=kept.domains,
        judged_at=now,
        asked=sum(said.values()) - said[Status.NOT_APPLICABLE],
        met=said[Status.MET],
        gaps=sum(said[status] for status in GAP_STATUSES),
        unknown=said[Status.UNKNOWN],
    )


def _adapters(model: type[Model], columns: Iterable[str]) -> dict[str, Any]:
    """How the engine in use wants each column's values."""
    fields = {name: model._meta.get_field(name) for name in columns}
    return {
        name: lambda value, field=field: field.get_db_prep_save(value, connection) for name, field in fields.items()
    }


# A first judgement of 10,000 systems opens 150,000 rows. Model instances would cost more than all judging together, so
# its statements are written out; they are plain SQL on every engine.
def _open(model: type[Model], names: Iterable[str], rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    marks = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def _set(model: type[Model], column: str, key: str, rows: list[tuple[Any, ...]]) -> None:
    """Set one column of open rows: (value, system, check or domain)."""
    if not rows:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {quote(column)} = %s"  # noqa: S608
            f" WHERE {quote('system_id')} = %s AND {quote(key)} = %s AND {quote('to_at')} IS NULL",
            rows,
        )


_STATUS = {status.value: status for status in Status}
_GRADE = {grade.value: grade for grade in Grade}
