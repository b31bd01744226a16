"""Reading packs and runs, narrowed to the systems whose packs the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.pack.models import Pack, Run
from pilothouse.domains.governance.pack.rules import CLASSIFICATION
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record

HIGH = ("high", "prohibited")
OVER = ("retired", "rejected")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    total: int
    sealed: int
    failed: int
    complete: int

    @property
    def done(self) -> int:
        return self.sealed + self.failed

    @property
    def running(self) -> bool:
        return self.done < self.total


def packs(actor: Actor, *, system: System | None = None, run: Run | None = None) -> QuerySet[Pack]:
    """Packs, the newest first."""
    actor.require("pack.fetch")
    rows: QuerySet[Pack] = Pack.objects.of(actor).select_related("system__unit", "run", "requested_by")
    if not actor.scope("pack.fetch").everywhere:
        rows = rows.filter(system__in=systems(actor, "pack.fetch"))
    if system is not None:
        rows = rows.filter(system=system)
    if run is not None:
        rows = rows.filter(run=run)
    return rows


def pack_by_id(actor: Actor, pack_id: UUID | str) -> Pack:
    """One pack that the actor may see, or NotFound."""
    found: Pack = Pack.objects.select_related("system__unit", "run", "requested_by").get_of(actor, pk=pack_id)
    if not actor.may("pack.fetch", found):
        raise NotFound
    return found


def runs(actor: Actor) -> QuerySet[Run]:
    """Runs of several packs, the newest first, each with how far it is: `total`, `sealed`, `failed`, `whole`."""
    rows: QuerySet[Run] = Run.objects.of(actor).select_related("requested_by")
    if not actor.scope("pack.fetch").everywhere:
        rows = rows.filter(packs__system__in=systems(actor, "pack.fetch")).distinct()
    return rows.annotate(
        total=Count("packs", distinct=True),
        sealed=Count("packs", filter=Q(packs__state="sealed"), distinct=True),
        failed=Count("packs", filter=Q(packs__state="failed"), distinct=True),
        whole=Count("packs", filter=Q(packs__complete=True), distinct=True),
    )


def run_by_id(actor: Actor, run_id: UUID | str) -> Run:
    """One run of which the actor may see some pack, or NotFound."""
    actor.require("pack.fetch")
    found: Run = Run.objects.get_of(actor, pk=run_id)
    if not packs(actor, run=found).exists():
        raise NotFound
    return found


def progress(actor: Actor, run: Run) -> Progress:
    """How far a run is, of the packs that the actor may see."""
    sums: dict[str, Any] = packs(actor, run=run).aggregate(
        total=Count("pk"),
        sealed=Count("pk", filter=Q(state="sealed")),
        failed=Count("pk", filter=Q(state="failed")),
        complete=Count("pk", filter=Q(complete=True)),
    )
    return Progress(**sums)


def high_risk(actor: Actor) -> QuerySet[System]:
    """Systems of high risk whose packs the actor may seal: of the high tier or classified so, and not over yet."""
    actor.require("pack.seal")
    classified = Record.objects.of(actor).filter(kind=CLASSIFICATION, state="sealed", body__risk_class__in=HIGH)
    rows = systems(actor, "pack.seal").exclude(stage__in=OVER)
    return rows.filter(Q(tier="high") | Q(pk__in=classified.values("system"))).order_by("number")


def last_sealed(actor: Actor) -> Pack | None:
    """The pack that was sealed last, of those that the actor may see."""
    return packs(actor).filter(state="sealed").order_by("-sealed_at").first()
