"""Who may sign, and when silence escalates. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Forbidden, PilothouseError


def bind(decision_id: UUID, kind: str, asked: Mapping[str, Any], subject_hash: str) -> str:
    """The hash that signatures bind to: the subject, what is asked of it, and the one decision they belong to."""
    return content_hash({"decision": decision_id, "kind": kind, "asked": asked, "subject": subject_hash})


@dataclass(frozen=True, slots=True)
class SeatFact:
    group: int
    role: str


@dataclass(frozen=True, slots=True)
class SignedFact:
    group: int
    person_id: UUID
    acting_for_id: UUID | None

    def people(self) -> frozenset[UUID]:
        return frozenset(i for i in (self.person_id, self.acting_for_id) if i)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules must know of a decision."""

    state: str
    state_title: str
    expires_at: datetime
    requested_at: datetime
    proposers: frozenset[UUID]
    owners: frozenset[UUID]
    seats: tuple[SeatFact, ...]
    signed: tuple[SignedFact, ...]
    high_risk: bool
    human_only: bool
    allow_lone: bool


@dataclass(frozen=True, slots=True)
class Signer:
    """Who wants to sign. `roles` maps a role, as held for this decision's system, to the people it is held through."""

    person_id: UUID | None
    stands_for: frozenset[UUID]
    roles: Mapping[str, frozenset[UUID]]
    via: str


@dataclass(frozen=True, slots=True)
class Chair:
    """The seat that a signer takes: who, for which group, in what role, standing in for whom, alone or not."""

    person_id: UUID
    group: int
    role: str
    acting_for: UUID | None
    lone: bool = False


def take_chair(asked: Asked, signer: Signer, now: datetime, *, lone_after: timedelta | None, role: str = "") -> Chair:
    """The seat that `signer` may take now. Raises Conflict or Forbidden with the reason in plain words.

    `lone_after` is how long a lone decider must wait: set only where the rulebook allows one and nobody else could
    sign. Who holds several roles may say with `role` for which one they sign.
    """
    _open(asked, now)
    if signer.person_id is None:
        raise Forbidden("A decision is signed by a named person, not by a program.", code="not_a_person")
    if asked.human_only and signer.via not in ("page", "link"):
        raise Forbidden(
            "This decision always requires a human: sign it on its page, signed in. A token cannot.", code="human_only"
        )
    if any(signed.person_id == signer.person_id for signed in asked.signed):
        raise Conflict("You have signed this already. A signature counts once.", code="replayed")
    lone = _own_request(asked, signer, now, lone_after)
    return _free_chair(asked, signer, signer.person_id, lone, role)


def _open(asked: Asked, now: datetime) -> None:
    if asked.state != "open":
        raise Conflict(f"This decision is closed: {asked.state_title.lower()}.", code="closed")
    if now >= asked.expires_at:
        raise Conflict("This decision expired undecided. Ask again if it is still needed.", code="late")


def _own_request(asked: Asked, signer: Signer, now: datetime, lone_after: timedelta | None) -> bool:
    """Refuse whoever asked, owns the system, or stands in for one who does. True when the lone decider may."""
    if not signer.stands_for & (asked.proposers | asked.owners):
        return False
    if lone_after is not None and asked.allow_lone and not asked.high_risk and not asked.human_only:
        if now < asked.requested_at + lone_after:
            hours = int(lone_after.total_seconds() // 3600)
            raise Forbidden(
                f"Nobody else can sign this, so you may, but not before {hours} hours after it was asked.",
                code="lone_wait",
            )
        return True
    if signer.stands_for & asked.proposers:
        raise Forbidden(
            "Nobody decides on their own request, nor through a deputy. Someone else must sign.", code="own_request"
        )
    raise Forbidden(
        "Whoever owns the system, or stands in for its owner, cannot sign this. Someone else must.", code="owner"
    )


def _free_chair(asked: Asked, signer: Signer, me: UUID, lone: bool, role: str) -> Chair:
    taken = {signed.group for signed in asked.signed}
    already = frozenset[UUID]().union(*(signed.people() for signed in asked.signed))
    held = [seat for seat in asked.seats if signer.roles.get(seat.role) and role in ("", seat.role)]
    free = [seat for seat in held if seat.group not in taken]
    if not free:
        raise _no_chair(asked, bool(held))
    for seat in free:
        through = sorted(signer.roles[seat.role] - already)
        if me in through:
            return Chair(me, seat.group, seat.role, None, lone)
        if through and me not in already:
            return Chair(me, seat.group, seat.role, through[0], lone)
    raise Forbidden("Each group is signed by a different person; yours was signed for already.", code="same_person")


def _no_chair(asked: Asked, held: bool) -> PilothouseError:
    if held:
        return Conflict("Your group has signed already; it now waits for another.", code="replayed")
    roles = ", ".join(sorted({seat.role for seat in asked.seats}))
    return Forbidden(f"This waits for someone with one of these roles: {roles}.", code="wrong_role")


def verdict_of(groups: Iterable[int], verdicts: Mapping[int, str]) -> str | None:
    """What the signatures amount to: None while a group is missing, the one verdict, or `disagreed`."""
    if set(groups) - set(verdicts):
        return None
    distinct = set(verdicts.values())
    return distinct.pop() if len(distinct) == 1 else "disagreed"


def expiry(deadline: datetime, step_days: int, path: Sequence[str]) -> datetime:
    """When a decision ends undecided: after the deputies and every role of the path had their days."""
    return deadline + timedelta(days=step_days * (len(path) + 1))


def escalation_step(escalations: int, path: Sequence[str]) -> str | None:
    """Whom silence reaches next: `deputies` first, then each role of the path, then nobody."""
    if escalations == 0:
        return "deputies"
    return path[escalations - 1] if escalations <= len(path) else None
