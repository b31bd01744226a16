"""Cases, clocks and requests as the API and the command line tell them."""

from __future__ import annotations

from typing import Any

from pilothouse.domains.governance.duties.models import Inquiry
from pilothouse.domains.governance.duties.rules.clocks import Clock
from pilothouse.domains.governance.duties.selectors.cases import Standing


def told_clock(clock: Clock) -> dict[str, Any]:
    """One clock. `sure` is false while it depends on open questions."""
    return {
        "key": clock.key,
        "regime": clock.row.regime,
        "title": clock.title,
        "cite": clock.row.cite,
        "to": clock.to,
        "place": clock.place,
        "state": clock.state,
        "sure": clock.sure,
        "open_questions": list(clock.open_questions),
        "start": clock.start,
        "target": clock.target,
        "outer": clock.outer,
        "at_once": clock.at_once,
        "governs": clock.governs,
        "sent_at": clock.sent_at,
        "confidence": clock.confidence,
        "because": list(clock.because),
        "warning": clock.row.warning,
    }


def told_case(found: Standing) -> dict[str, Any]:
    """One case with what is due first."""
    case, first = found.case, found.next
    return {
        "number": case.number,
        "title": case.title,
        "system": case.system.number,
        "state": "closed" if case.closed_at else "open",
        "version": case.version,
        "due_first": first.key if first else None,
        "target": first.target if first else None,
        "outer": first.outer if first else None,
        "running": len(found.running),
        "possible": len(found.possible),
        "stopped": len(found.stopped),
        "late": found.late,
    }


def told_inquiry(row: Inquiry) -> dict[str, Any]:
    """One request."""
    return {
        "number": row.number,
        "title": row.title,
        "authority": row.authority,
        "basis": row.basis,
        "items": row.items,
        "systems": sorted(system.number for system in row.systems.all()),
        "received_at": row.received_at,
        "promise_hours": row.promise_hours,
        "due_at": row.due_at,
        "set_at": row.set_at,
        "drill": row.drill,
        "state": row.state,
        "gaps": row.gaps,
        "reviewed_at": row.reviewed_at,
        "ended_at": row.ended_at,
        "outcome": row.outcome,
    }
