"""What the house did by itself: one row for each run of a job, kept for a month."""

from __future__ import annotations

from django.db import models

from pilothouse.kernel.base import new_id


class WorkRun(models.Model):
    """One run. It belongs to the installation, not to an organisation; `key` makes a repeated start the same run."""

    STATES = (("running", "Running"), ("done", "Done"), ("failed", "Failed"))

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=STATES, default="running")
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=1, help_text="More than one when a crash interrupted it.")
    outcome = models.JSONField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=("name", "-started_at"), name="work_run_name"),)

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
