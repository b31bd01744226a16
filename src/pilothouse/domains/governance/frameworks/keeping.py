"""Each system's sheet: kept for figures over thousands of systems, and read in a way that is never out of date.

A sheet holds until time, a change or another basis undoes it. What does not hold is judged anew: by the job, which
keeps it, or by whoever reads before the job has come, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.judging import OUT, Judged, judge_systems
from pilothouse.domains.governance.frameworks.library_of import Library, library
from pilothouse.domains.governance.frameworks.models import ControlSheet, FrameworkVersion
from pilothouse.domains.governance.frameworks.rules import LETTER_OF
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log

CHUNK = 1000
KEPT = 250
"""Systems whose sheets are written in one go: other writers wait for that long."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """One line a system: `states` and `whens` as the sheet has them; `numbers` in the same order."""

    ids: tuple[UUID, ...]
    states: tuple[str, ...]
    whens: tuple[str, ...]


def sheets(organisation_id: UUID, among: QuerySet[System], today: date, basis: Library) -> Sheets:
    """What is now so of these systems, each judged anew in memory whose sheet does not hold. Retired ones are out.

    One query while all sheets hold, else six more for each thousand systems.
    """
    rows = among.exclude(stage__in=OUT).order_by("number")
    names = ("pk", "control_sheet__states", "control_sheet__whens")
    found: dict[UUID, tuple[str, str] | None] = {}
    for pk, states, whens, holds in rows.annotate(holds=_holds(today, basis.basis)).values_list(*names, "holds"):
        found[pk] = (states, whens) if holds and states is not None else None
    lacking = [pk for pk, line in found.items() if line is None]
    for at in range(0, len(lacking), CHUNK):
        part = lacking[at : at + CHUNK]
        for pk, judged in judge_systems(organisation_id, basis, today, part).items():
            found[pk] = line_of(judged, basis)
    kept = [(pk, line) for pk, line in found.items() if line is not None]
    return Sheets(tuple(pk for pk, _ in kept), tuple(line[0] for _, line in kept), tuple(line[1] for _, line in kept))


def line_of(judged: Judged, basis: Library) -> tuple[str, str]:
    """A system's letters, and its conditions."""
    states = "".join(LETTER_OF[judged.standings[control.id].state] for control in basis.of_systems)
    return states, "".join("0" if judged.found[name] else "1" for name in CONDITIONS)


def _holds(today: date, basis: str) -> Any:
    held = Q(control_sheet__dirty=False, control_sheet__basis=basis)
    held &= Q(control_sheet__changes=None) | Q(control_sheet__changes__gt=today)
    # A finding that time changed is told of by the sheet of findings alone.
    held &= Q(finding_sheet=None) | Q(finding_sheet__judged_at__lte=F("control_sheet__judged_at"))
    return held


def keep(organisation_id: UUID, system_ids: Iterable[UUID] | None = None) -> int:
    """Judge systems (None: those whose sheet does not hold) and keep their sheets; how many there were."""
    today, basis = clock.now().astimezone(UTC).date(), library(organisation_id)
    if system_ids is None:
        rows = System.objects.filter(organisation_id=organisation_id).exclude(stage__in=OUT)
        lacking = list(rows.exclude(_holds(today, basis.basis)).order_by("number").values_list("pk", flat=True))
    else:
        lacking = list(system_ids)
    for at in range(0, len(lacking), KEPT):
        _keep(organisation_id, basis, lacking[at : at + KEPT], today)
    return len(lacking)


def _keep(organisation_id: UUID, basis: Library, ids: Sequence[UUID], today: date) -> None:
    with transaction.atomic():
        lock_log(organisation_id)  # as every writer does: nothing changes between what is read and what is kept
        now, rows = clock.now(), []
        for pk, judged in judge_systems(organisation_id, basis, today, ids).items():
            states, whens = line_of(judged, basis)
            changes = min((s.changes for s in judged.standings.values() if s.changes), default=None)
            rows.append(
                ControlSheet(
                    system_id=pk,
                    organisation_id=organisation_id,
                    states=states,
                    whens=whens,
                    basis=basis.basis,
                    changes=changes,
                    judged_at=now,
                    dirty=False,
                )
            )
        ControlSheet.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["system"],
            update_fields=["states", "whens", "basis", "changes", "judged_at", "dirty"],
        )


def frameworks_tick(now: datetime) -> dict[str, Any]:
    """Keep the sheets of every organisation that has adopted a framework; says how many were judged."""
    done: dict[str, Any] = {}
    having = FrameworkVersion.objects.filter(state="active").values("organisation_id")
    for organisation_id, slug in Organisation.objects.filter(pk__in=having).order_by("slug").values_list("pk", "slug"):
        if count := keep(organisation_id):
            done[slug] = {"systems": count}
    return done
