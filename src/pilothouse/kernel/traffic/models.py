"""What traffic keeps in the database; the calls themselves are in the warehouse."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pilothouse.kernel.base import Owned
from pilothouse.kernel.inventory.models import System

KEEP_DAYS = 400  # a year and a month, so that a month can be compared with the same one last year


class TrafficSetting(Owned):
    """How long an organisation keeps its calls. Without a row: KEEP_DAYS."""

    view_permission = "traffic.view"

    keep_days = models.PositiveIntegerField(default=KEEP_DAYS)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation",), name="traffic_setting_once"),)


class ModelChange(Owned):
    """A provider answered with another model, or another version of it, than before, and told nobody."""

    view_permission = "traffic.view"

    upstream = models.CharField(max_length=80)
    target = models.CharField(max_length=200, help_text="The model that was asked for, as the upstream calls it.")
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    fingerprint_before = models.CharField(max_length=200, blank=True)
    fingerprint_after = models.CharField(max_length=200, blank=True)
    call = models.CharField(max_length=64, help_text="The first call that was answered so.")
    system = models.ForeignKey(System, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Whose call.")
    noticed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-noticed_at", "-pk")
        indexes = (models.Index(fields=("organisation", "upstream", "target", "noticed_at"), name="model_change_of"),)

    def __str__(self) -> str:
        return f"{self.upstream}/{self.target}"
