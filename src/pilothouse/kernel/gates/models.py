"""What lets a system move, run on or stop: passages, restrictions, gaps, waivers, break-glass, manifests."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.inventory.models import Stage, System, Tier


class OfSystem(Owned):
    """A row about one system, seen and reached as that system is."""

    view_permission = "system.view"

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()


class Passage(OfSystem):
    """A system entered a stage: through its gate, or by correcting a stage that was wrongly known."""

    WAYS = (("gate", "Through the gate"), ("correction", "Corrected"), ("withdrawal", "Taken back"))

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="passages")
    from_stage = models.CharField(max_length=12, choices=Stage)
    to_stage = models.CharField(max_length=12, choices=Stage)
    way = models.CharField(max_length=12, choices=WAYS)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("system", "-at"), name="passage_system"),)


class Restriction(OfSystem):
    """A system may run only so (restrict), not now (suspend), or never (prohibit). In force until lifted."""

    KINDS = (("restrict", "Restricted"), ("suspend", "Suspended"), ("prohibit", "Prohibited"))

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="restrictions")
    kind = models.CharField(max_length=8, choices=KINDS)
    reason = models.TextField()
    conditions = models.TextField(blank=True, help_text="Under what conditions a restricted system may run.")
    since = models.DateTimeField(default=now)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by_decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-since",)
        constraints = (
            models.UniqueConstraint(
                fields=("system", "kind"), condition=models.Q(lifted_at=None), name="restriction_once_in_force"
            ),
        )


class Gap(OfSystem):
    """A required check that an inherited system does not meet, with the date by which it must. Never counted as met."""

    STATES = (("open", "Open"), ("met", "Met"), ("closed", "No longer asked"))

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="gaps")
    check_id = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=6, choices=STATES, default="open")
    opened_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    tier = models.CharField(max_length=8, choices=Tier, help_text="The tier that its date was set by.")
    extended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    decision = models.ForeignKey(
        Decision, null=True, on_delete=models.SET_NULL, related_name="gaps", help_text="What was asked when overdue."
    )

    class Meta:
        ordering = ("due_at", "check_id")
        constraints = (
            models.UniqueConstraint(
                fields=("system", "check_id"), condition=models.Q(state="open"), name="gap_open_once_a_check"
            ),
        )
        indexes = (models.Index(fields=("organisation", "state", "due_at"), name="gap_due"),)


class Waiver(OfSystem):
    """One check need not be met by one system for a while. Ends on time; its finding stays in every denominator."""

    STATES = (
        ("asked", "Asked"),
        ("live", "In force"),
        ("ended", "Ended"),
        ("refused", "Refused"),
    )

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="waivers")
    check_id = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    reason = models.TextField()
    compensation = models.TextField(blank=True, help_text="What is done instead, meanwhile.")
    days = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=STATES, default="asked")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    renews = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="renewal")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("system", "check_id"), condition=models.Q(state="asked"), name="waiver_asked_once"
            ),
            models.UniqueConstraint(
                fields=("system", "check_id"), condition=models.Q(state="live"), name="waiver_live_once"
            ),
        )
        indexes = (models.Index(fields=("organisation", "state", "ends_at"), name="waiver_ends"),)


class BreakGlass(OfSystem):
    """One system is permitted for a few hours in an emergency. Everything done meanwhile is marked."""

    ENDS = (
        ("", "Still in force"),
        ("time", "Its time was over"),
        ("closed", "Closed early"),
        ("unratified", "Unratified"),
    )

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="break_glass")
    reason = models.TextField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    ratify_by = models.DateTimeField()
    ratified_at = models.DateTimeField(null=True)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=ENDS, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        verbose_name_plural = "break glass"
        constraints = (
            models.UniqueConstraint(
                fields=("system",), condition=models.Q(ended_at=None), name="break_glass_once_a_system"
            ),
        )


class Incident(OfSystem):
    """Something went wrong and a person must look into it."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="incidents")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    opened_at = models.DateTimeField(default=now)
    break_glass = models.OneToOneField(BreakGlass, null=True, on_delete=models.PROTECT, related_name="incident")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.TextField(blank=True)

    class Meta:
        ordering = ("-opened_at",)


class Manifest(OfSystem):
    """What a production sign-off approves, sealed: components with versions, data, tools, prompts, exposure.

    The last approved one is what may run. A material change opens a candidate; the approved one runs on until signed.
    """

    STATES = (
        ("candidate", "Waits for a signature"),
        ("approved", "Approved"),
        ("superseded", "Superseded"),
        ("refused", "Refused"),
    )

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="manifests")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="candidate")
    body = models.JSONField()
    hash = models.CharField(max_length=71)
    changes = models.JSONField(
        default=list, help_text="What differs from the approved one, and what the rulebook says."
    )
    built_at = models.DateTimeField(default=now)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=("system", "version"), name="manifest_version_once"),
            models.UniqueConstraint(
                fields=("system",), condition=models.Q(state="approved"), name="manifest_approved_once"
            ),
            models.UniqueConstraint(
                fields=("system",), condition=models.Q(state="candidate"), name="manifest_candidate_once"
            ),
        )


class AgendaItem(OfSystem):
    """A material change that the governance review has to look at: what changed, what the rulebook asks, and which
    documents it re-opened. It stays until somebody writes down what was decided."""

    SOURCES = (("register", "The register"), ("traffic", "Calls"), ("provider", "The provider"))
    THEN = (("notify", "To be known"), ("resign", "To be signed anew"))

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="agenda")
    source = models.CharField(max_length=8, choices=SOURCES)
    title = models.CharField(max_length=1000)
    then = models.CharField(max_length=6, choices=THEN)
    reopened = models.JSONField(default=list, help_text="The documents to be looked at again: record, title.")
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        indexes = (models.Index(fields=("organisation", "closed_at", "-opened_at"), name="agenda_open"),)
