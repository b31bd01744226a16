"""Which sealed documents are validly signed off, for many systems at once: what a check of a domain reads.

A signature counts while the text is the one that was signed, and if it was given in a role that the document's kind
asks for. Someone else's approval, however kindly meant, is not a sign-off.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.decisions.models import Decision, Signature
from pilothouse.kernel.domain import Facts, Loader, RecordKind, Ref, registry
from pilothouse.kernel.records.models import Record

KIND = "record.signoff"
Groups = tuple[tuple[str, ...], ...]
Given = tuple[str, datetime, bool]
"""One signature: in which role, when, alone or not."""


@dataclass(frozen=True, slots=True)
class SignedOff:
    """The sign-off of one sealed version. `roles` are those that signed; `instead` says that a stand-in did, as nobody
    holds the role; `lone` that whoever asked signed alone."""

    decision_id: UUID
    record_id: UUID
    roles: tuple[str, ...]
    signed_at: datetime
    instead: bool
    lone: bool

    @property
    def ref(self) -> Ref:
        return Ref("decisions.decision", str(self.decision_id), f"signed off {self.signed_at:%-d %B %Y}")


@functools.cache
def signed_off(kind: str) -> Loader:
    """A loader for checks: of each system's sealed document of `kind`, its sign-off if that holds. Four queries."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        sealed = _sealed(organisation_id, kind, system_ids)
        return {system: signed for system, signed in _sign_offs(organisation_id, kind, sealed) if system}

    return load


@functools.cache
def signed_entries(kind: str) -> Loader:
    """A loader for checks: of each system's sealed entries of the register `kind`, the sign-offs that hold, as a tuple.
    Four queries."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        sealed = _sealed(organisation_id, kind, system_ids)
        found: dict[UUID, tuple[SignedOff, ...]] = {}
        for system, signed in _sign_offs(organisation_id, kind, sealed):
            if system:
                found[system] = (*found.get(system, ()), signed)
        return found

    return load


def _sealed(organisation_id: UUID, kind: str, system_ids: Sequence[UUID] | None) -> QuerySet[Record]:
    rows = Record.objects.filter(organisation_id=organisation_id, kind=kind, state="sealed", system__isnull=False)
    return rows if system_ids is None else rows.filter(system_id__in=system_ids)


def sign_off_of(record: Record) -> SignedOff | None:
    """The sign-off of one sealed version, if it holds."""
    sealed = Record.objects.filter(organisation_id=record.organisation_id, pk=record.pk, state="sealed")
    return next((signed for _, signed in _sign_offs(record.organisation_id, record.kind, sealed)), None)


def _sign_offs(organisation_id: UUID, kind: str, sealed: QuerySet[Record]) -> Iterator[tuple[UUID | None, SignedOff]]:
    """Each sign-off that holds, with the system that it is about.

    It goes by the hash that was noted when the text was sealed: the database refuses to change a sealed text, and
    `records verify` finds it if somebody did so all the same. Reading ten thousand texts to hash them takes seconds.
    """
    approved = Decision.objects.filter(
        organisation_id=organisation_id, kind=KIND, state="approved", subject_id__in=sealed.values("pk")
    )
    decisions = list(approved.order_by("closed_at").values_list("pk", "subject_id", "subject_hash"))
    if not decisions:
        return
    subjects = sealed.filter(pk__in=approved.values("subject_id"))
    texts = {pk: (system, digest) for pk, system, digest in subjects.values_list("pk", "system_id", "hash")}
    given: defaultdict[UUID, list[Given]] = defaultdict(list)
    signatures = Signature.objects.filter(decision__in=approved, verdict="approve").order_by("group")
    for decision, role, at, lone in signatures.values_list("decision_id", "role", "signed_at", "lone"):
        given[decision].append((role, at, lone))
    spec = registry.records[kind]
    wanted = signers(organisation_id, spec)
    for decision, subject, digest in decisions:
        system, now = texts.get(subject, (None, ""))
        if digest == now and _covers(wanted, given[decision]):
            yield system, _signed(spec, decision, subject, given[decision])


def signers(organisation_id: UUID, spec: RecordKind) -> Groups:
    """Who signs a document of this kind off here: its signers, and the stand-ins where nobody holds such a role. One
    query. A role's own signature counts on when its holder has left."""
    rows = Membership.objects.filter(organisation_id=organisation_id, person__left_at=None)
    held = set(rows.values_list("role__key", flat=True)) if spec.stand_ins else set()
    return tuple(
        group if held & set(group) or not spec.stand_ins else (*group, *spec.stand_ins) for group in spec.signers
    )


def _covers(groups: Groups, given: Sequence[Given]) -> bool:
    """Is every group signed? A document that no role need sign is signed by any."""
    return bool(given) and all(any(role in group for role, _, _ in given) for group in groups)


def _signed(spec: RecordKind, decision: UUID, record: UUID, given: Sequence[Given]) -> SignedOff:
    named = {role for group in spec.signers for role in group}
    roles = tuple(role for role, _, _ in given)
    instead = bool(named) and not named & set(roles)
    return SignedOff(decision, record, roles, max(at for _, at, _ in given), instead, any(lone for _, _, lone in given))
