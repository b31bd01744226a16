"""The register “Decisions that always require a human”: what is in it, and how it grows and shrinks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind, kinds
from pilothouse.kernel.decisions.models import Decision, HumanOnly
from pilothouse.kernel.ledger.log import record

REMOVAL_SIGNERS = (("caio", "risk", "legal", "board"),)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the register. A built-in one has no entry and cannot be taken out."""

    title: str
    why: str
    enforced: bool
    entry: HumanOnly | None = None


def register_lines(actor: Actor) -> list[Line]:
    """What always requires a human here: what is built so, then what the organisation added."""
    built_in = [Line(kind.title, kind.why_human, True) for kind in kinds.all() if kind.human_only]
    added = HumanOnly.objects.of(actor).filter(removed_at=None).select_related("added_by")
    return built_in + [Line(row.title, row.why, bool(row.kind), row) for row in added]


@action("rulebook.propose")
def human_only_add(*, actor: Actor, title: str, why: str, kind: str = "", calls: str = "refuse") -> HumanOnly:
    """Add an entry; asking for more takes one person. With `kind`, decisions of that kind lose every bypass.

    `calls` says what gateways do with a call that names it: refuse it, or hold its answer for a reviewer.
    """
    title, why = title.strip(), why.strip()
    wrong = {}
    if not title:
        wrong["title"] = "Say which decision."
    if not why:
        wrong["why"] = "Say why a human must decide it."
    if kind and kind not in kinds:
        wrong["kind"] = "There is no such kind of decision."
    if calls not in dict(HumanOnly.CALLS):
        wrong["calls"] = "refuse or hold."
    if wrong:
        raise Invalid("The entry is not complete.", fields=wrong)
    if HumanOnly.objects.of(actor).filter(title=title, removed_at=None).exists():
        raise Conflict("The register has that entry already.", fields={"title": "It is there already."})
    entry: HumanOnly = HumanOnly.objects.create(
        organisation_id=actor.organisation_id,
        title=title,
        why=why,
        kind=kind,
        calls=calls,
        added_by_id=actor.person_id,
    )
    record(actor, "human_only.added", entry, after={"title": title, "why": why, "kind": kind, "calls": calls})
    return entry


@action("rulebook.propose")
def human_only_remove(*, actor: Actor, entry: HumanOnly, reason: str) -> Decision:
    """Ask that an entry be taken out. That asks less of the organisation, so someone else decides it."""
    if not reason.strip():
        raise Invalid("Say why it need not be a human any more.", fields={"reason": "Say why."})
    return decision_request(
        actor=actor,
        kind=REMOVAL.id,
        title=f"Take “{entry.title}” out of the register of human decisions",
        summary=reason.strip(),
        subject=entry,
        groups=REMOVAL_SIGNERS,
        high_risk=True,
    )


def _hash(decision: Decision) -> str | None:
    entry = _entry(decision.organisation_id, decision.subject_id)
    return content_hash({"title": entry.title, "why": entry.why, "kind": entry.kind}) if entry else None


def _remove(decision: Decision, actor: Actor) -> None:
    entry = _entry(decision.organisation_id, decision.subject_id)
    if entry is not None:
        entry.removed_at = now()
        entry.save(update_fields=("removed_at",))
        record(actor, "human_only.removed", entry, before={"title": entry.title, "kind": entry.kind})


def _entry(organisation_id: UUID, entry_id: UUID) -> HumanOnly | None:
    found: HumanOnly | None = HumanOnly.objects.filter(
        organisation_id=organisation_id, pk=entry_id, removed_at=None
    ).first()
    return found


REMOVAL = DecisionKind(
    id="human_only.remove",
    title="Taking an entry out of the register of human decisions",
    current_hash=_hash,
    apply=_remove,
    human_only=True,
    why_human="The register would be worth nothing if a program could shorten it.",
)
