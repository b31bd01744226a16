"""One held answer and who looked at it. What was asked and answered is in neither."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.inventory.models import System


class Review(Owned):
    """An answer that a gateway held. `digest` is of the sealed file, so the decision is bound to exactly that text."""

    WHY = (
        ("every", "Every answer of the system"),
        ("score", "Its score is above the threshold"),
        ("sample", "Drawn at random"),
        ("decision", "It serves a decision that a human makes"),
    )
    STATES = (
        ("waiting", "Waiting"),
        ("released", "Released"),
        ("edited", "Released changed"),
        ("refused", "Refused"),
        ("expired", "Expired"),
    )

    view_permission = "system.view"

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="reviews")
    call = models.CharField(max_length=64)
    at = models.DateTimeField(help_text="When the call was made.")
    taken_at = models.DateTimeField(default=now)
    key = models.CharField(max_length=64, blank=True)
    unit = models.CharField(max_length=64, blank=True)
    person = models.CharField(max_length=32, blank=True, help_text="A hash of on whose behalf; empty for nobody.")
    agent = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    endpoint = models.CharField(max_length=20)
    purpose = models.CharField(max_length=100, blank=True)
    why = models.CharField(max_length=8, choices=WHY)
    score = models.PositiveSmallIntegerField(null=True, help_text="Of a thousand, as it was told.")
    findings = models.JSONField(default=dict, help_text="How often inspection found each kind.")
    digest = models.CharField(max_length=71)
    edited_digest = models.CharField(max_length=71, blank=True)
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="review")
    state = models.CharField(max_length=8, choices=STATES, default="waiting")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    seconds = models.PositiveIntegerField(null=True, help_text="How long whoever decided looked at it.")
    edit_distance = models.PositiveIntegerField(null=True, help_text="Characters changed.")
    told_at = models.DateTimeField(null=True, help_text="When the outcome was laid down for gateways.")
    removed_at = models.DateTimeField(null=True, help_text="When its texts were removed.")

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=("organisation", "call"), name="review_once_a_call"),)
        indexes = (
            models.Index(fields=("organisation", "state", "at"), name="review_state"),
            models.Index(fields=("organisation", "decided_at"), name="review_decided"),
        )

    def __str__(self) -> str:
        return f"An answer of {self.system}"

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()


class Opening(Owned):
    """When somebody opened a held answer, from which the time of a review is measured."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="openings")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("review", "person"), name="opening_once_a_person"),)
