"""Evidence: a file, a link or a figure that stands behind what somebody says, hashed, with dates."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils import timezone

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.domain import Grade
from pilothouse.kernel.inventory.models import System


def stored_path(evidence: Evidence, filename: str) -> str:
    """Files lie apart for each organisation, under their hash: the same file is stored once."""
    return f"evidence/{evidence.organisation_id}/{evidence.sha256[:2]}/{evidence.sha256}"


class Evidence(Owned):
    """One piece of evidence about a system. It never changes; a newer one supersedes it, a wrong one is withdrawn."""

    KINDS = (("file", "File"), ("link", "Link"), ("measurement", "Figure"))

    view_permission = "system.view"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=12, choices=KINDS)
    title = models.CharField(max_length=200)
    supports = models.JSONField(default=list, help_text="Ids of the checks that it supports.")
    sha256 = models.CharField(max_length=64, help_text="Of the file, of the link, or of the figure's canonical JSON.")
    file = models.FileField(upload_to=stored_path, max_length=200, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    url = models.URLField(max_length=1000, blank=True)
    figure = models.JSONField(default=dict, blank=True, help_text="metric, value, unit, population, measured_on.")
    effective_on = models.DateField(help_text="From when it speaks.")
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which it counts.")
    added_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    added_by_name = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-added_at", "-id")
        verbose_name_plural = "evidence"
        indexes = (
            models.Index(fields=("organisation", "-added_at"), name="evidence_added"),
            models.Index(fields=("organisation", "expires_on"), name="evidence_expires"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def grade(self) -> Grade:
        """A file can be read again and is a document; a link or a typed figure is only someone's word for it."""
        return Grade.DOCUMENTED if self.kind == "file" else Grade.ATTESTED

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()
