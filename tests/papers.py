"""The sealed documents that every shipped rulebook asks for, for tests that are about something else."""

from __future__ import annotations

import importlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.access.selectors import actor_of_person
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.models import Record

REAL = datetime.now(UTC)
NOT_ASKED = {
    "platform.blocker",
    "mlops.incident",
    "governance.notice",
    "governance.clock_law",
    "economics.invoice",
    "economics.realised_value",
    "talent.reuse",
}
"""What tells of trouble or of money already spent: no gate waits for it."""


# Read when tests are collected: some of them have today's date in them, and a test may have moved the clock.
BODIES: dict[str, dict[str, Any]] = {}
for _domain in dict.fromkeys(kind.partition(".")[0] for kind in registry.records):
    BODIES |= importlib.import_module(f"pilothouse.domains.{_domain}.tests.papers").PAPERS


def papers() -> dict[str, dict[str, Any]]:
    """A whole, good body of every document that a gate may ask for, as each domain's tests keep them; the risk class is
    one that fits a system of any tier."""
    found = {kind: body for kind, body in BODIES.items() if kind not in NOT_ASKED}
    found["governance.risk_classification"] = found["governance.risk_classification"] | {"risk_class": "limited"}
    kept: dict[str, dict[str, Any]] = json.loads(re.sub(r'"(\d{4})-(\d\d(?:-\d\d)?)', _moved, json.dumps(found)))
    return kept


def _moved(date: re.Match[str]) -> str:
    """A date as it suits whatever moment a test is told at: today stays today, past is long past, ahead far ahead."""
    told = clock.now()
    said = f"{date[1]}-{date[2]}"
    if said in (f"{REAL:%Y-%m-%d}", f"{REAL:%Y-%m}"):
        return f'"{told:%Y-%m-%d}' if len(said) == 10 else f'"{told:%Y-%m}'
    return f'"{int(date[1]) + (10 if said > f"{REAL:%Y-%m-%d}" else -2)}-{date[2]}'


def seal_papers(actor: Actor, system: System) -> None:
    """Seal everything about `system` (and, once, about its organisation) that a rulebook may ask; the CISO signs."""
    held = set(Record.objects.filter(organisation_id=actor.organisation_id, system=None).values_list("kind", flat=True))
    waiting = {kind: body for kind, body in papers().items() if kind not in held}
    officer = _holder(actor, "caio")
    with told_together(actor):
        while waiting:
            left = dict(waiting)
            for kind, body in left.items():
                of_system = registry.records[kind].of_system
                try:
                    records_seal(
                        actor=actor if of_system else officer, kind=kind, bodies=[(system if of_system else None, body)]
                    )
                except Invalid as error:
                    if not any("yet" in words for words in (error.fields or {}).values()):
                        raise
                    continue  # it refers to what is not sealed yet
                del waiting[kind]
            assert len(waiting) < len(left), f"they wait for each other: {sorted(waiting)}"
    for record in Record.objects.filter(system=system, state="sealed", kind__in=("security.review",)):
        asked = record_signoff_request(actor=actor, record=record, groups=(("ciso",),), reason="For production.")
        decision_sign(
            actor=_holder(actor, "ciso"),
            decision=asked,
            verdict="approve",
            reason="Read and agreed.",
            content_hash=asked.content_hash,
        )


def _holder(actor: Actor, role: str) -> Actor:
    member = Membership.objects.filter(organisation_id=actor.organisation_id, role__key=role, person__left_at=None)
    return actor_of_person(member.select_related("person").get().person, via="page")
