"""Reports of bad answers, narrowed to the systems that the actor may see; and requests for a tool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pilothouse.domains.experience.checks import FEEDBACK, TOOL_REQUEST
from pilothouse.domains.experience.rules import reply_due
from pilothouse.domains.experience.schemas.voice import WRONG
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class Report:
    """One report with the day by which it is to be replied to; None once it is."""

    record: Record
    due: date | None

    @property
    def on(self) -> date:
        return date.fromisoformat(self.record.body["on"])

    @property
    def wrong(self) -> str:
        return WRONG.get(self.record.body["wrong"], "")


def reports(actor: Actor) -> list[Report]:
    """All reports that the actor may see, newest first. One query."""
    found = [Report(row, reply_due(row.body)) for row in records(actor, kind=FEEDBACK, state="sealed")]
    return sorted(found, key=lambda one: one.on, reverse=True)


def tool_requests(actor: Actor) -> list[Record]:
    """All requests for a tool: those without an answer first, then the newest. One query."""
    found = sorted(records(actor, kind=TOOL_REQUEST, state="sealed"), key=lambda row: str(row.body["on"]), reverse=True)
    return sorted(found, key=lambda row: row.body["verdict"] is not None)
