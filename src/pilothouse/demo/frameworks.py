"""Frameworks in the telling: which are adopted and when, and files that show their controls, good and expired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction

from pilothouse.demo.telling import Teller
from pilothouse.demo.writing import writer
from pilothouse.domains.governance.frameworks.actions import control_settle, evidence_attach, framework_adopt
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.inventory.hooks import told_together

SHOWN = (
    ("Red-team report", ("SEC-5", "SEC-7", "MOD-9"), 300),
    ("Log specification and sample", ("ARC-10",), 400),
    ("Stop drill", ("ARC-9",), 90),
    ("Contract with the supplier", ("GOV-18", "MOD-14"), 700),
    ("Access review", ("SEC-8", "SEC-12", "ARC-4"), 60),
)
"""What files say they are, the controls that each shows, and for how many days it counts."""


def adopt(tell: Teller, who: str, when: Sequence[tuple[int, str]]) -> None:
    """Plan the adoption of frameworks: (days ago, id)."""
    for days_ago, key in when:
        tell.on(days_ago, partial(_adopt, tell, who, key))


def show_controls(tell: Teller, caio: str, names: Iterable[str]) -> None:
    """Plan files of systems that show controls. Some were added long ago and have expired since."""
    for at, name in enumerate(names):
        tell.on(200 - 11 * (at % 17), partial(_show, tell, caio, name, at))


def settle(tell: Teller, caio: str, tester: str) -> None:
    """Plan what is settled of dear controls: who sees to them, and what they cost a year."""
    tell.on(90, partial(_settle, tell, caio, tester))


def _adopt(tell: Teller, who: str, key: str) -> None:
    framework_adopt(actor=tell.actor(who), key=key)


def _show(tell: Teller, caio: str, name: str, at: int) -> None:
    system = tell.system(name)
    actor = tell.actor(writer(tell, system, caio))
    with transaction.atomic(), told_together(actor):
        for number, (title, controls, days) in enumerate(SHOWN):
            if (at + number) % 3 == 2 or (system.sourcing == "build" and "supplier" in title):
                continue
            evidence = evidence_add(
                actor=actor,
                system=system,
                title=f"{title} of {name}"[:200],
                filename=f"{title.lower().replace(' ', '-')}.md",
                data=f"# {title}: {name}\n\nSimulated document of the demo organisation.\n".encode(),
                expires_on=(tell.told + timedelta(days=days)).date(),
            )
            for control in controls:
                evidence_attach(actor=actor, evidence=evidence, control=control)


def _settle(tell: Teller, caio: str, tester: str) -> None:
    actor = tell.actor(caio)
    for control, low, high in (("SEC-5", 40_000, 90_000), ("MOD-4", 25_000, 60_000), ("GOV-14", 15_000, 30_000)):
        control_settle(
            actor=actor,
            control=control,
            owner=tell.people[tester],
            cost_low=Decimal(low),
            cost_high=Decimal(high),
            currency="EUR",
        )
