"""Whatever a named human must decide: what is asked, who may sign, and what each signed."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System


class Decision(Owned):
    """One question to named roles, bound to the hash of what it is about.

    `subject_hash` is the hash of the subject when it was asked; `content_hash` binds it to this decision and to what
    was asked, so that no signature fits another decision. Each group of seats is signed by a different person.
    """

    STATES = (
        ("open", "Open"),
        ("approved", "Approved"),
        ("refused", "Refused"),
        ("withdrawn", "Withdrawn"),
        ("expired", "Expired"),
        ("superseded", "Superseded"),
    )

    view_permission = "system.view"

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    system = models.ForeignKey(System, null=True, on_delete=models.PROTECT, related_name="decisions")
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    subject_hash = models.CharField(max_length=71)
    payload = models.JSONField(default=dict, help_text="What is asked, as the kind carries it out.")
    content_hash = models.CharField(max_length=71)
    options = models.JSONField(default=list, help_text="Ids of the verdicts that may be given.")
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    requested_name = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=now)
    proposers = models.ManyToManyField(Person, related_name="+", help_text="Who asked, and for whom they stood in.")
    bars_owners = models.BooleanField(default=False, help_text="Nobody who owns the system may sign.")
    high_risk = models.BooleanField(default=False)
    deadline = models.DateTimeField(help_text="When silence escalates next.")
    expires_at = models.DateTimeField(help_text="When it ends undecided. Silence never approves.")
    step_days = models.PositiveSmallIntegerField(default=3)
    escalation_path = models.JSONField(default=list, help_text="Roles that may sign once silence reached them.")
    escalations = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=STATES, default="open")
    outcome = models.CharField(max_length=40, blank=True, help_text="The verdict that was carried out.")
    because = models.TextField(blank=True, help_text="Why it closed.")
    closed_at = models.DateTimeField(null=True)
    marks = models.JSONField(default=list, help_text="What must be said beside it, such as lone or break_glass.")
    idempotency = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("deadline", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "subject_id"),
                condition=models.Q(state="open"),
                name="decision_open_once_a_subject",
            ),
            models.UniqueConstraint(
                fields=("organisation", "idempotency"),
                condition=~models.Q(idempotency=""),
                name="decision_idempotency_once",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "state", "deadline"), name="decision_state"),
            models.Index(fields=("organisation", "subject_id"), name="decision_subject"),
        )

    def __str__(self) -> str:
        return self.title

    def owner_ids(self) -> frozenset[UUID]:
        own = {self.requested_by_id} if self.requested_by_id else set()
        return frozenset(own | (self.system.owner_ids() if self.system else set()))

    def unit_path(self) -> str:
        return self.system.unit_path() if self.system else ""


class Seat(Owned):
    """A role that may sign for one group of a decision. Escalation adds seats."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="seats")
    group = models.PositiveSmallIntegerField()
    role = models.SlugField(max_length=40)
    by_escalation = models.BooleanField(default=False)

    class Meta:
        ordering = ("group", "by_escalation", "role")
        constraints = (models.UniqueConstraint(fields=("decision", "group", "role"), name="seat_once_in_group"),)
        indexes = (models.Index(fields=("organisation", "role"), name="seat_role"),)


class Signature(Owned):
    """What one person signed for one group. The database refuses to change or delete it."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="signatures")
    group = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signatures")
    acting_for = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.SlugField(max_length=40)
    verdict = models.CharField(max_length=40)
    reason = models.TextField()
    content_hash = models.CharField(max_length=71)
    lone = models.BooleanField(default=False)
    via = models.CharField(max_length=12)
    signed_at = models.DateTimeField(default=now)
    idempotency = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("signed_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("decision", "group"), name="signature_once_a_group"),
            models.UniqueConstraint(fields=("decision", "person"), name="signature_once_a_person"),
        )


class ReviewLink(Owned):
    """An outside reviewer's single-purpose, expiring way to countersign a lone decision. Only a hash is kept."""

    VERDICTS = (("", "Pending"), ("countersigned", "Countersigned"), ("objected", "Objected"))

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="review_links")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=14, choices=VERDICTS, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at",)


class HumanOnly(Owned):
    """An entry of the register “Decisions that always require a human”.

    With `kind` it is enforced: such a decision is signed by a signed-in person on a page, never through a token, never
    alone and never passed without signers. Without, it states what no system of the organisation may decide by itself.
    """

    CALLS = (
        ("refuse", "Calls for it are refused"),
        ("hold", "Their answers wait for a reviewer"),
    )

    title = models.CharField(max_length=200)
    why = models.TextField()
    kind = models.CharField(max_length=60, blank=True)
    calls = models.CharField(max_length=6, choices=CALLS, default="refuse", help_text="What gateways do.")
    added_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("title",)
        verbose_name_plural = "human only"
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "title"), condition=models.Q(removed_at=None), name="human_only_once"
            ),
        )
