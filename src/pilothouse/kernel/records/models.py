"""Sealed records: versioned documents with a canonical content hash. A signature binds to the hash."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils import timezone

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.inventory.models import System


def _once(fields: tuple[str, ...], name: str, where: models.Q) -> tuple[models.UniqueConstraint, ...]:
    """Of one document: each version once, at most one sealed, at most one draft."""
    return (
        models.UniqueConstraint(fields=(*fields, "version"), condition=where, name=f"{name}_version_once"),
        models.UniqueConstraint(fields=fields, condition=where & models.Q(state="sealed"), name=f"{name}_sealed_once"),
        models.UniqueConstraint(fields=fields, condition=where & models.Q(state="draft"), name=f"{name}_draft_once"),
    )


class Record(Owned):
    """One version of one document. A draft may be edited; once sealed it never changes; a new version supersedes it."""

    STATES = (("draft", "Draft"), ("sealed", "Sealed"), ("superseded", "Superseded"), ("withdrawn", "Withdrawn"))

    view_permission = "system.view"

    kind = models.CharField(max_length=60, help_text="The record kind's id, such as strategy.value_hypothesis.")
    system = models.ForeignKey(System, null=True, on_delete=models.CASCADE, related_name="records")
    key = models.CharField(max_length=200, blank=True, default="", help_text="Tells the entries of a register apart.")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default="draft")
    revision = models.PositiveIntegerField(default=1, help_text="Counts saves of the draft, against lost updates.")
    body = models.JSONField(default=dict)
    hash = models.CharField(max_length=71, blank=True, help_text="sha256:… over the canonical body; set when sealed.")
    written_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    sealed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    sealed_at = models.DateTimeField(null=True)
    # Null and not empty: so SQLite adds the column in place, and the triggers that guard sealed texts stay.
    look_again = models.TextField(
        null=True, help_text="Why the sealed version is to be looked at again; null while nothing says so."
    )

    class Meta:
        ordering = ("kind", "-version")
        indexes = (models.Index(fields=("organisation", "kind", "state"), name="record_kind_state"),)
        constraints = (
            *_once(("system", "kind", "key"), "record", models.Q(system__isnull=False)),
            *_once(("organisation", "kind", "key"), "record_organisation", models.Q(system__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.kind}{f' “{self.key}”' if self.key else ''} version {self.version}"

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids() if self.system else frozenset()

    def unit_path(self) -> str:
        return self.system.unit_path() if self.system else ""
