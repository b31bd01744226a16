"""Rulebooks and their versions, what the checks now say of each system, and what each said from when to when."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pilothouse.contracts.canonical import content_hash
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rules.domains import Counted
from pilothouse.kernel.domain import Grade, Status
from pilothouse.kernel.inventory.models import System


class Rulebook(Owned):
    """One version of what an organisation asks of its systems. Exactly one version is active."""

    STATES = (
        ("draft", "Draft"),
        ("active", "Active"),
        ("superseded", "Superseded"),
        ("withdrawn", "Withdrawn"),
    )
    KINDS = (("", "Not yet compared"), ("loosening", "Loosening"), ("tightening", "Tightening"), ("neutral", "Neutral"))

    view_permission = "rulebook.view"

    base = models.SlugField(max_length=40, help_text="The shipped rulebook that this one began as.")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    body = models.JSONField(help_text="A RulebookBody.")
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    hash = models.CharField(
        max_length=71, help_text="sha256:… over the canonical title and body; a decision binds to it."
    )
    reason = models.TextField(blank=True, help_text="Why it is proposed.")
    kind = models.CharField(max_length=10, choices=KINDS, blank=True)
    loosenings = models.JSONField(default=list, blank=True, help_text="What it asks less of than the active version.")
    written_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    proposed_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    decision_id = models.UUIDField(null=True, blank=True, help_text="The decision that let a loosening through.")

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "version"), name="rulebook_version_once"),
            models.UniqueConstraint(
                fields=("organisation",), condition=models.Q(state="active"), name="rulebook_one_active"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def rules(self) -> RulebookBody:
        """The body as values. Raises pydantic's ValidationError if the row was tampered with."""
        return RulebookBody.model_validate(self.body)

    def seal(self) -> None:
        """Set the hash of what this version says."""
        self.hash = self._says()

    @property
    def intact(self) -> bool:
        """Does it still say what its hash was made of? A row changed past the actions does not."""
        return self.hash == self._says()

    def _says(self) -> str:
        return content_hash({"title": self.title, "body": self.body})


class FindingSheet(models.Model):
    """What the checks now say of one system, for reading in one piece. `FindingRow` keeps the same over time.

    `findings` is compact JSON: check id → a line of store.py.
    """

    system = models.OneToOneField(System, primary_key=True, on_delete=models.CASCADE, related_name="finding_sheet")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()
    # The sheet in numbers, so that a figure over all systems reads one row a system. What does not apply is not asked.
    asked = models.PositiveSmallIntegerField(default=0)
    met = models.PositiveSmallIntegerField(default=0)
    gaps = models.PositiveSmallIntegerField(default=0, help_text="Not met, in progress or unknown.")
    unknown = models.PositiveSmallIntegerField(default=0)
    domains = models.TextField(
        default="{}",
        help_text="The same by domain: compact JSON of [asked, met, gaps, unknown, how its answer counts it].",
    )
    # Last, since it is long: SQLite reads a row from its start, and figures need none of this.
    findings = models.TextField(default="{}")

    def __str__(self) -> str:
        return f"Findings of {self.system_id}"


class FindingRow(models.Model):
    """One check said one thing of one system from `from_at` until `to_at` (null: it still does).

    Not `Owned`: there are hundreds of thousands, nobody addresses a single one, and a counter is cheaper than a UUID.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="findings", db_index=False)
    check_id = models.CharField(max_length=80)
    status = models.CharField(max_length=16, choices=[(status.value, status.value) for status in Status])
    grade = models.CharField(max_length=12, choices=[(grade.value, grade.value) for grade in Grade])
    reason = models.TextField()
    refs = models.JSONField(default=list)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    weight = models.PositiveIntegerField(default=0, help_text="How much a gap matters (rules.gaps); 0 for no gap.")

    class Meta:
        ordering = ("system", "check_id", "from_at")
        indexes = (
            # Holds all that a trend and a figure count, so neither touches the table.
            models.Index(fields=("organisation", "from_at", "to_at", "check_id", "status"), name="finding_time"),
            models.Index(
                fields=("organisation", "-weight", "check_id", "status", "system"),
                condition=models.Q(to_at=None, weight__gt=0),
                name="finding_gap",
            ),
            models.Index(
                fields=("organisation", "check_id", "status", "system"),
                condition=models.Q(to_at=None),
                name="finding_now",
            ),
            models.Index(
                fields=("organisation", "to_at", "status", "check_id", "system"),
                condition=models.Q(to_at__isnull=False),
                name="finding_ended",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("system", "check_id"), condition=models.Q(to_at=None), name="finding_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.check_id} of {self.system_id}: {self.status}"


class AnswerRow(models.Model):
    """A domain's answer (domain.ShareMet) counted one system so from `from_at` until `to_at` (null: it still does).

    Made from findings when they are kept, so that an answer, its rows and its trend are plain SQL, one row a system.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+", db_index=False)
    domain = models.CharField(max_length=40)
    counted = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Counted])
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("system", "domain", "from_at")
        indexes = (
            models.Index(fields=("organisation", "domain", "counted", "from_at", "to_at"), name="answer_time"),
            models.Index(
                fields=("organisation", "domain", "counted", "system"),
                condition=models.Q(to_at=None),
                name="answer_now",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("system", "domain"), condition=models.Q(to_at=None), name="answer_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.domain} counts {self.system_id}: {self.counted}"
