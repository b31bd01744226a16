"""Telling an observability system of every call: OTLP/HTTP traces to the address that the operator sets.

Files that gateways closed are laid into an outbox as they are brought into the warehouse, and told from there: each
call at least once, its span under the same id every time. While the other side is away they wait, up to a size.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
import structlog
from django.conf import settings

from pilothouse.contracts.policy.events import Settlement
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.observed import telling
from pilothouse.kernel.warehouse.spool import events_of

log = structlog.get_logger(__name__)

BATCH = 500  # spans in one request
FILES = 200  # told in one tick
MOST_BYTES = 512 * 1024 * 1024  # that may wait; beyond it the oldest are given up
TIMEOUT = httpx.Timeout(20.0, connect=5.0)


def outbox() -> Path | None:
    """Where closed files are laid for telling; None when nobody is to be told."""
    return places.outbox() if settings.OTLP_ENDPOINT else None


def otlp_tick(moment: datetime) -> dict[str, int]:
    """Tell what waits, oldest first. The first failure ends it; the next tick goes on where it stopped."""
    done = {"spans": 0, "given_up": 0}
    folder = outbox()
    if folder is None or not folder.exists():
        return done
    waiting = sorted(folder.glob("*.jsonl"), key=lambda path: (path.stat().st_mtime, path.name))
    done["given_up"] = _give_up(waiting)
    with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
        for path in waiting[done["given_up"] :][:FILES]:
            told, whole = _tell(client, path)
            done["spans"] += told
            if not whole:
                break
    return done


def _give_up(waiting: list[Path]) -> int:
    """Remove the oldest files beyond what may wait. Returns how many."""
    sizes = [path.stat().st_size for path in waiting]
    beyond, given_up = sum(sizes) - MOST_BYTES, 0
    while beyond > 0:
        _remove(waiting[given_up])
        beyond -= sizes[given_up]
        given_up += 1
    if given_up:
        log.error("otlp_given_up", files=given_up)
    return given_up


def _tell(client: httpx.Client, path: Path) -> tuple[int, bool]:
    """Tell the calls of one file from where an earlier try stopped. Returns how many, and whether it is done."""
    events = [event for event in events_of(path) if isinstance(event, Settlement)]
    mark, told = path.with_suffix(".told"), 0
    start = int(mark.read_text() or 0) if mark.exists() else 0
    for at in range(start, len(events), BATCH):
        batch = events[at : at + BATCH]
        if not _post(client, telling.request(batch)):
            return told, False
        told += len(batch)
        mark.write_text(str(at + len(batch)))
    _remove(path)
    return told, True


def _post(client: httpx.Client, body: bytes) -> bool:
    headers = {"Content-Type": "application/x-protobuf", "User-Agent": "pilothouse", **_headers()}
    try:
        answer = client.post(settings.OTLP_ENDPOINT, content=body, headers=headers)
    except (httpx.HTTPError, OSError) as error:
        log.warning("otlp_unreachable", error=type(error).__name__)
        return False
    if answer.status_code >= 300:
        log.warning("otlp_refused", status=answer.status_code)
    # What the other side cannot read it will never read: one bad batch must not hold up all others.
    return answer.status_code < 300 or answer.status_code in (400, 413, 422)


def _headers() -> dict[str, str]:
    """Further headers from the operator's file, one `Name: value` a line; where a secret belongs."""
    if not settings.OTLP_HEADERS_FILE:
        return {}
    try:
        lines = Path(settings.OTLP_HEADERS_FILE).read_text().splitlines()
    except OSError:
        log.error("otlp_headers_unread")
        return {}
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _remove(path: Path) -> None:
    path.with_suffix(".told").unlink(missing_ok=True)
    path.unlink(missing_ok=True)
