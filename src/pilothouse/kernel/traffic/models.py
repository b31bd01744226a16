"""What traffic keeps in the database; the calls themselves are in the warehouse."""

from __future__ import annotations

from django.db import models

from pilothouse.kernel.base import Owned

KEEP_DAYS = 400  # a year and a month, so that a month can be compared with the same one last year


class TrafficSetting(Owned):
    """How long an organisation keeps its calls. Without a row: KEEP_DAYS."""

    view_permission = "traffic.view"

    keep_days = models.PositiveIntegerField(default=KEEP_DAYS)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation",), name="traffic_setting_once"),)
