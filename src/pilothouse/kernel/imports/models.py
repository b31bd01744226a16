"""Imports as they happened: the file, its rows, what each row became, and which system came from where."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.base import Owned
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.inventory.models import Stage, System


class Outcome(models.TextChoices):
    """What an import does, or did, with a row."""

    CREATE = "create", "Create"
    CHANGE = "change", "Change"
    LEAVE = "leave", "Leave as it is"
    REFUSE = "refuse", "Refuse"


class Mapping(Owned):
    """Which column tells what, for files of one layout of an organisation's own. Each change is a new version."""

    name = models.CharField(max_length=120)
    source = models.SlugField(max_length=60, help_text="The register whose rows these are; its rows are known by it.")
    fingerprint = models.CharField(max_length=64, help_text="Of the headers that it was made for.")
    version = models.PositiveIntegerField(default=1)
    fields = models.JSONField(help_text="Field → key of the column that tells it.")
    options = models.JSONField(default=dict, blank=True, help_text="Order of day and month, the agency of every row.")
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "source", "version"), name="mapping_version_once"),
        )
        indexes = (models.Index(fields=("organisation", "fingerprint"), name="mapping_fingerprint"),)

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"


class StageWord(Owned):
    """What this organisation takes a source's word for a stage to mean, over the shipped table."""

    word = models.CharField(max_length=200)
    stage = models.CharField(max_length=12, choices=Stage)

    class Meta:
        ordering = ("word",)
        constraints = (models.UniqueConstraint(fields=("organisation", "word"), name="stage_word_once"),)

    def __str__(self) -> str:
        return self.word


def upload_path(batch: ImportBatch, filename: str) -> str:
    """Files lie apart for each organisation, under names that nobody outside chose."""
    suffix = filename.rpartition(".")[2].lower()
    return f"imports/{batch.organisation_id}/{batch.pk}.{suffix if suffix.isalnum() and len(suffix) < 6 else 'dat'}"


class ImportBatch(Owned):
    """One file: first looked at (previewed), then applied whole or discarded."""

    STATUSES = (
        ("uploaded", "Waiting to be read"),
        ("previewed", "Waiting to be applied"),
        ("applied", "Applied"),
        ("discarded", "Discarded"),
    )

    adapter = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=60, blank=True)
    mapping = models.ForeignKey(Mapping, null=True, blank=True, on_delete=models.PROTECT, related_name="batches")
    mapping_version = models.CharField(
        max_length=120, blank=True, help_text="Of the adapter or mapping, and of the stage words."
    )
    filename = models.CharField(max_length=255)
    file = models.FileField(upload_to=upload_path, max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    format = models.CharField(max_length=8)
    encoding = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(help_text="[key, title] of each column, in order.")
    remarks = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=STATUSES, default="uploaded")
    counts = models.JSONField(default=dict, help_text="Outcome → rows.")
    facts = models.JSONField(default=dict, help_text="What stands in the file: stages, impact, units → rows.")
    gone = models.JSONField(default=list, help_text="Ids of systems of this source that are not in this file.")
    plan_hash = models.CharField(max_length=80, blank=True, help_text="Of what the preview said; applying compares it.")
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "import batches"
        indexes = (models.Index(fields=("organisation", "-created_at"), name="batch_created"),)

    def __str__(self) -> str:
        return self.filename

    @property
    def titles(self) -> dict[str, str]:
        return dict(self.columns)


class ImportRow(Owned):
    """One row of a file: every cell as it stood, what was understood, and what became of it."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(help_text="The line of the file that it begins on.")
    raw = models.JSONField(help_text="Cells as they stood, by column key.")
    name = models.CharField(max_length=500, blank=True)
    values = models.JSONField(default=dict)
    missing = models.JSONField(default=dict, help_text="Field → why the row tells nothing of it.")
    flags = models.JSONField(default=list, help_text="What a person should look at.")
    agency = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=60, blank=True)
    identity = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    column = models.CharField(max_length=300, blank=True, help_text="The column to mend, when refused.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was refused.")
    differences = models.JSONField(default=list, help_text="Field by field: before, after, and whether it was kept.")
    kept = models.PositiveSmallIntegerField(default=0, help_text="How many fields a person's correction keeps.")
    # Not a foreign key: the id is chosen when the preview is made, before the system exists.
    system_id = models.UUIDField(null=True)

    class Meta:
        ordering = ("batch", "line")
        indexes = (
            models.Index(fields=("batch", "line"), name="import_row_line"),
            models.Index(fields=("batch", "outcome", "line"), name="import_row_outcome"),
        )


class SourceRecord(Owned):
    """Where a system came from: one row of one register, what was last imported from it, and by which mapping."""

    source = models.CharField(max_length=60)
    identity = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="source_records")
    row = models.ForeignKey(ImportRow, on_delete=models.PROTECT, related_name="+", help_text="The row last taken.")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="+")
    values = models.JSONField(help_text="As last imported. A field that differs from this was corrected by hand.")
    mapping_version = models.CharField(max_length=120)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "source", "identity"), name="source_identity_once"),
        )


class Source(Owned):
    """A service that is asked again and again: a configuration database, an issue tracker. Holds no secret itself."""

    KINDS = (("servicenow", "ServiceNow CMDB"), ("jira", "Jira"))
    RHYTHMS = (("hourly", "Every hour"), ("daily", "Every day"), ("manual", "Only when asked"))

    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=300)
    user_name = models.CharField(max_length=200, blank=True)
    secret_ref = models.CharField(max_length=200, help_text="Where the secret is: env:NAME or file:NAME. Never itself.")
    settings = models.JSONField(default=dict, help_text="What the kind needs: table and query, or project and type.")
    mapping = models.ForeignKey(Mapping, null=True, blank=True, on_delete=models.PROTECT, related_name="sources")
    rhythm = models.CharField(max_length=8, choices=RHYTHMS, default="daily")
    active = models.BooleanField(default=True)
    synced_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict, help_text="What the last run did, in numbers.")
    error = models.CharField(max_length=500, blank=True, help_text="Why the last run failed, if it did.")

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="source_name_once"),)

    def __str__(self) -> str:
        return self.name


class IssueLink(Owned):
    """A gap and the issue that stands for it in a tracker. What the tracker says closes no gap: evidence does."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="issues")
    gap = models.ForeignKey(Gap, on_delete=models.CASCADE, related_name="issues")
    key = models.CharField(max_length=60, help_text="The issue's key, such as AI-12.")
    status = models.CharField(max_length=120, blank=True, help_text="As the tracker last said.")
    done = models.BooleanField(default=False, help_text="The tracker counts it as done.")
    assignee = models.CharField(max_length=200, blank=True)
    told = models.BooleanField(default=False, help_text="The issue was told that its gap is still open.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("key",)
        constraints = (
            models.UniqueConstraint(fields=("source", "gap"), name="issue_once_a_gap"),
            models.UniqueConstraint(fields=("source", "key"), name="issue_key_once"),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def contradicts(self) -> bool:
        """Done there, open here."""
        return self.done and self.gap.state == "open"


def outcome_counts(counts: dict[str, Any]) -> dict[str, int]:
    """Counts under the words that people and the command line use."""
    return {
        "created": counts.get(Outcome.CREATE, 0),
        "changed": counts.get(Outcome.CHANGE, 0),
        "unchanged": counts.get(Outcome.LEAVE, 0),
        "refused": counts.get(Outcome.REFUSE, 0),
    }
