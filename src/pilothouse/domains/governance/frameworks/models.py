"""Frameworks and controls of an organisation, what it settles about each control, and each system's sheet."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.models import System


class Versioned(Owned):
    """One version of a document. Exactly one is active; the next one supersedes it, and nothing is changed in place."""

    STATES = (("active", "Active"), ("superseded", "Superseded"), ("withdrawn", "Withdrawn"))

    view_permission = "system.view"

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="active")
    title = models.CharField(max_length=300)
    body = models.JSONField(help_text="The document; see documents.py.")
    hash = models.CharField(max_length=71, help_text="sha256:… over the canonical body.")
    because = models.CharField(max_length=500, blank=True)
    written_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class FrameworkVersion(Versioned):
    """A framework that the organisation has adopted, with its mapping to controls."""

    ORIGINS = (("shipped", "Shipped with Pilothouse"), ("own", "Written here"), ("imported", "Imported"))

    origin = models.CharField(max_length=10, choices=ORIGINS)

    class Meta:
        ordering = ("key", "-version")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "key", "version"), name="framework_version_once"),
            models.UniqueConstraint(
                fields=("organisation", "key"), condition=models.Q(state="active"), name="framework_one_active"
            ),
        )


class ControlVersion(Versioned):
    """A control that the organisation added, or put in other words than the library."""

    class Meta:
        ordering = ("key", "-version")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "key", "version"), name="control_version_once"),
            models.UniqueConstraint(
                fields=("organisation", "key"), condition=models.Q(state="active"), name="control_one_active"
            ),
        )


class ControlSetting(Owned):
    """What is settled about a control for one system, or (without one) for the organisation: owner, cadence, cost, and
    why it does not apply. Every change is in the ledger."""

    view_permission = "system.view"

    control = models.CharField(max_length=80)
    system = models.ForeignKey(System, null=True, on_delete=models.CASCADE, related_name="control_settings")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    every = models.PositiveIntegerField(null=True, blank=True, help_text="Cadence in days.")
    cost_low = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    cost_high = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    not_applicable = models.CharField(max_length=500, blank=True, help_text="Why it does not apply.")
    not_applicable_until = models.DateField(null=True, blank=True, help_text="The last day on which that holds.")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("control",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "control"), condition=models.Q(system=None), name="control_setting_one"
            ),
            models.UniqueConstraint(
                fields=("control", "system"), condition=models.Q(system__isnull=False), name="control_setting_each"
            ),
        )

    def __str__(self) -> str:
        return f"{self.control} of {self.system_id or 'the organisation'}"

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids() if self.system else frozenset()

    def unit_path(self) -> str:
        return self.system.unit_path() if self.system else ""


class EvidenceLink(Owned):
    """A piece of evidence that somebody attached to a control; it may serve many."""

    view_permission = "system.view"

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="control_links")
    control = models.CharField(max_length=80)
    added_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("control",)
        constraints = (models.UniqueConstraint(fields=("evidence", "control"), name="evidence_link_once"),)

    def __str__(self) -> str:
        return f"{self.evidence_id} shows {self.control}"


class ControlSheet(models.Model):
    """How the controls of one system stood when it was last judged, for figures over all systems: one row a system.

    `states` has a letter (rules.LETTERS) for each control in the order of `basis`; `whens` a 1 for each condition that
    holds. What it says is used until `changes` comes, the system changes, or the basis is another one (keeping.py).
    """

    system = models.OneToOneField(System, primary_key=True, on_delete=models.CASCADE, related_name="control_sheet")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    states = models.TextField()
    whens = models.CharField(max_length=60)
    basis = models.CharField(max_length=71, help_text="Hash of the controls and conditions that it was judged by.")
    changes = models.DateField(null=True, help_text="The next day on which time alone may change it.")
    judged_at = models.DateTimeField()
    dirty = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=("organisation", "dirty"), name="control_sheet_dirty"),)

    def __str__(self) -> str:
        return f"Controls of {self.system_id}"
