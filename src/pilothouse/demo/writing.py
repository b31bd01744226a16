"""Writing in the telling: whoever owns a system writes about it and seals; officers sign what they must."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from pilothouse.demo.catalogue import Line
from pilothouse.demo.deciding import sign
from pilothouse.demo.papers.case import Case, Firm
from pilothouse.demo.telling import Teller
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.models import Record


class Steady(random.Random):
    """The chance of those who do everything well: lists in the papers end with what is best."""

    def random(self) -> float:
        return 0.99

    def choice(self, seq: Any) -> Any:
        return seq[-1]


def case_of(tell: Teller, line: Line, firm: Firm, caio: str, pick: random.Random) -> Case:
    """The system of `line` as whoever owns it now sees it; the Chief AI Officer, where nobody does."""
    system = tell.system(line.name)
    name = writer(tell, system, caio)
    return Case(
        line=line,
        number=system.number,
        owner=tell.people[name].email,
        owner_name=name,
        engineer=firm.engineer,
        officer=firm.caio,
        told=tell.told.date(),
        pick=pick,
        firm=firm,
    )


def writer(tell: Teller, system: System, caio: str) -> str:
    """Who writes about a system: its owner, or the Chief AI Officer for one that has left or was never named."""
    owner = system.owner
    return owner.name if owner is not None and owner.left_at is None else caio


def write(tell: Teller, who: str, papers: Iterable[tuple[str, dict[str, Any]]], about: str = "") -> None:
    """`who` writes and seals documents about the system called `about`, or about the organisation."""
    actor = tell.actor(who)
    system = tell.system(about) if about else None
    kinds: dict[str, list[dict[str, Any]]] = {}
    for kind, body in papers:
        kinds.setdefault(kind, []).append(body)
    with transaction.atomic(), told_together(actor):
        for kind, bodies in kinds.items():
            place = system if registry.records[kind].of_system else None
            records_seal(actor=actor, kind=kind, bodies=[(place, body) for body in bodies])


def have_signed(tell: Teller, who: str, about: str, kind: str, verdict: str = "approve") -> None:
    """`who` asks those who sign such documents for the newest one of `kind`, and they do."""
    record = (
        Record.objects.filter(organisation=tell.organisation, system=tell.system(about), kind=kind, state="sealed")
        .order_by("-sealed_at")
        .first()
    )
    if record is None:
        return
    asked = record_signoff_request(
        actor=tell.actor(who), record=record, groups=registry.records[kind].signers, reason="It is ready to be read."
    )
    sign(tell, asked, verdict, "Read against what was asked of us; agreed.")
