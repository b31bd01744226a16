"""Identity and relations of every AI system. A domain adds its facts in records of its own, never here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.base import Owned


class Stage(models.TextChoices):
    """Where a system is in its life. Blank in a source is `unknown`, never assumed."""

    IDEA = "idea", "Idea"
    DEVELOPMENT = "development", "Development"
    PILOT = "pilot", "Pilot"
    PRODUCTION = "production", "Production"
    RETIRED = "retired", "Retired"
    REJECTED = "rejected", "Rejected"
    UNKNOWN = "unknown", "Unknown"


class Tier(models.TextChoices):
    """How much is asked of a system. Set by the rulebook from five intake answers."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    UNKNOWN = "unknown", "Not yet known"


class Sourcing(models.TextChoices):
    BUILD = "build", "Built here"
    BUY = "buy", "Bought"
    API = "api", "Reached by API"
    MIXED = "mixed", "Built and bought"
    UNKNOWN = "unknown", "Unknown"


class PersonalData(models.TextChoices):
    NONE = "none", "None"
    PERSONAL = "personal", "Personal data"
    SPECIAL = "special", "Special categories"
    UNKNOWN = "unknown", "Unknown"


class Impact(models.TextChoices):
    """What the source or the owner says of rights and safety. A stated fact, not the classification."""

    NEITHER = "neither", "Neither"
    RIGHTS = "rights", "Rights-impacting"
    SAFETY = "safety", "Safety-impacting"
    BOTH = "both", "Rights- and safety-impacting"
    HIGH = "high", "High-impact"
    PRESUMED_NOT = "presumed_not", "Presumed high-impact, determined not"
    UNKNOWN = "unknown", "Unknown"


class ControlPoint(models.TextChoices):
    """How Pilothouse touches the system's calls. Computed from events; until there are any: attested only."""

    ENFORCED = "enforced", "Enforced"
    CHECKED = "checked", "Checked"
    OBSERVED = "observed", "Observed"
    ATTESTED = "attested", "Attested only"


class System(Owned):
    """One AI system. `number` is its name for people (S-42), counted in each organisation."""

    view_permission = "system.view"

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    purpose = models.TextField(blank=True, help_text="What it is for and what it should bring.")
    outputs = models.TextField(blank=True, help_text="What comes out of it.")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="systems")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_systems")
    deputy = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputised_systems"
    )
    former_owner = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The owner who left; kept until someone else is named.",
    )
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.UNKNOWN)
    stage_since = models.DateTimeField(null=True, blank=True)
    inherited_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when it was found already running: it keeps running, with dated gaps."
    )
    tier = models.CharField(max_length=8, choices=Tier, default=Tier.UNKNOWN)
    intake = models.JSONField(
        default=dict, blank=True, help_text="The five intake answers: question id → yes, no, unknown."
    )
    impact = models.CharField(max_length=12, choices=Impact, default=Impact.UNKNOWN)
    affects = models.TextField(blank=True, help_text="Whom its outputs affect.")
    sourcing = models.CharField(max_length=8, choices=Sourcing, default=Sourcing.UNKNOWN)
    technique = models.CharField(max_length=300, blank=True)
    topic = models.CharField(max_length=200, blank=True, help_text="Field of use, as the organisation names it.")
    vendor = models.CharField(max_length=300, blank=True)
    personal_data = models.CharField(max_length=8, choices=PersonalData, default=PersonalData.UNKNOWN)
    outcome = models.TextField(blank=True, help_text="The business outcome it serves.")
    outcome_metric = models.CharField(max_length=300, blank=True, help_text="What shows that outcome.")
    control_point = models.CharField(max_length=8, choices=ControlPoint, default=ControlPoint.ATTESTED)
    contact = models.CharField(max_length=300, blank=True, help_text="Contact as stated by a source; personal data.")
    tags = models.JSONField(default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True, help_text="Custom fields: key → value.")
    notes = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts changes, against lost updates.")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("organisation", "number"), name="system_number_once"),)
        indexes = (
            models.Index(fields=("organisation", "stage"), name="system_stage"),
            models.Index(fields=("organisation", "tier"), name="system_tier"),
            models.Index(fields=("organisation", "unit"), name="system_unit"),
            models.Index(fields=("organisation", "owner"), name="system_owner"),
            models.Index(fields=("organisation", "name"), name="system_name"),
            models.Index(fields=("organisation", "changed_at"), name="system_changed"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        return f"S-{self.number}"

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset(i for i in (self.owner_id, self.deputy_id) if i is not None)

    def unit_path(self) -> str:
        return self.unit.path if self.unit else ""


class CustomField(Owned):
    """A field that this organisation adds to its systems."""

    KINDS = (("text", "Text"), ("number", "Number"), ("date", "Date"), ("choice", "Choice"), ("yes_no", "Yes or no"))

    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=KINDS, default="text")
    choices = models.JSONField(default=list, blank=True)
    help = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True, help_text="An inactive field is no longer asked; its values stay.")

    class Meta:
        ordering = ("title",)
        constraints = (models.UniqueConstraint(fields=("organisation", "key"), name="custom_field_key_once"),)

    def __str__(self) -> str:
        return self.title


class ExternalId(Owned):
    """What another register calls the system. Not unique: registers repeat their ids."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="external_ids")
    source = models.CharField(max_length=80)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("system", "source", "value"), name="external_id_once_a_system"),)


class DatedFact(Owned):
    """A date in a system's life with the precision it was told in. `value` is the first day that it may mean."""

    KINDS = (
        ("initiated", "Initiated"),
        ("development", "Development began"),
        ("implemented", "Implemented"),
        ("retired", "Retired"),
        ("published", "Published"),
        ("other", "Other"),
    )
    PRECISIONS = (("day", "Day"), ("month", "Month"), ("quarter", "Quarter"), ("year", "Year"), ("none", "Not a date"))

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="dates")
    kind = models.CharField(max_length=12, choices=KINDS)
    value = models.DateField(null=True)
    precision = models.CharField(max_length=8, choices=PRECISIONS)
    raw = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("system", "kind"), name="dated_fact_kind_once"),)


class Performance(Owned):
    """How well it works: stated by someone, or measured. Always with the population, the date and the source."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="performance")
    basis = models.CharField(max_length=8, choices=(("stated", "Stated"), ("measured", "Measured")))
    metric = models.CharField(max_length=120)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=40, blank=True)
    population = models.CharField(max_length=300, blank=True)
    measured_on = models.DateField(null=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-measured_on",)


class Practice(Owned):
    """What somebody said of one practice (impact assessment, monitoring, …): a control status with the original words.

    Always of grade *attested*: an imported or requested yes is a claim, the lowest grade of evidence.
    """

    STATUSES = (
        ("met", "Met"),
        ("in_progress", "In progress"),
        ("not_met", "Not met"),
        ("waived", "Waived"),
        ("not_applicable", "Not applicable"),
        ("not_answered", "Not answered"),
    )

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="practices")
    key = models.SlugField(max_length=60)
    status = models.CharField(max_length=16, choices=STATUSES)
    words = models.TextField(blank=True, help_text="The answer as it was given.")
    source = models.CharField(max_length=200, help_text="The file, request or person it came from.")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("system", "key"), name="practice_once_a_system"),)


class Component(Owned):
    """A model, agent, data source, tool or vendor that systems are made of."""

    KINDS = (
        ("model", "Model"),
        ("agent", "Agent"),
        ("data_source", "Data source"),
        ("tool", "Tool"),
        ("vendor", "Vendor"),
    )

    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=300)
    version = models.CharField(max_length=120, blank=True)
    supplier = models.CharField(max_length=300, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ("kind", "name", "version")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "kind", "name", "version"), name="component_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Relation(Owned):
    """A system uses a component, or stands in some relation to another system."""

    KINDS = (
        ("uses", "Uses"),
        ("feeds", "Feeds"),
        ("replaces", "Replaces"),
        ("part_of", "Is part of"),
        ("same_as", "Is the same as"),
    )

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=12, choices=KINDS)
    component = models.ForeignKey(Component, null=True, on_delete=models.PROTECT, related_name="relations")
    other = models.ForeignKey(System, null=True, on_delete=models.CASCADE, related_name="related_from")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(component=None, other__isnull=False) | models.Q(component__isnull=False, other=None),
                name="relation_to_one_thing",
            ),
            models.UniqueConstraint(fields=("system", "kind", "component"), name="relation_component_once"),
            models.UniqueConstraint(fields=("system", "kind", "other"), name="relation_other_once"),
        )


class SavedView(Owned):
    """A list's filters and columns under a name; `person` empty means shared with the organisation."""

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=120)
    query = models.CharField(max_length=2000, help_text="The list's query string.")

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "person", "name"), name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=("organisation", "name"), condition=models.Q(person=None), name="saved_view_shared_name_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DuplicateProposal(Owned):
    """Two systems that may be one. A person decides; nothing is merged silently."""

    STATUSES = (("open", "Open"), ("merged", "Merged"), ("linked", "Linked"), ("distinct", "Not the same"))

    left = models.ForeignKey(System, on_delete=models.CASCADE, related_name="duplicates_left")
    right = models.ForeignKey(System, on_delete=models.CASCADE, related_name="duplicates_right")
    score = models.DecimalField(max_digits=4, decimal_places=3)
    reason = models.CharField(max_length=300)
    status = models.CharField(max_length=8, choices=STATUSES, default="open")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-score",)
        constraints = (models.UniqueConstraint(fields=("left", "right"), name="duplicate_pair_once"),)


def as_facts(system: System) -> dict[str, Any]:
    """The fields of a system that people edit, as the ledger and the API show them."""
    return {name: getattr(system, name) for name in EDITABLE}


EDITABLE: tuple[str, ...] = (
    "name",
    "purpose",
    "outputs",
    "unit_id",
    "owner_id",
    "deputy_id",
    "impact",
    "affects",
    "sourcing",
    "technique",
    "topic",
    "vendor",
    "personal_data",
    "outcome",
    "outcome_metric",
    "contact",
    "intake",
    "tags",
    "custom",
    "notes",
)
