"""Packs and the runs that made several of them. The files lie in the data directory; a lost one can be made again."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System


class Run(Owned):
    """Somebody asked for the packs of several systems at once, all as of one moment."""

    title = models.CharField(max_length=200)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=now)
    as_of = models.DateTimeField()
    profile = models.CharField(max_length=8)

    class Meta:
        ordering = ("-requested_at",)

    def __str__(self) -> str:
        return self.title


class Pack(Owned):
    """One pack of one system as of one moment, from the request until it is sealed. Of one moment there is one."""

    PROFILES = (("full", "Full"), ("redacted", "Redacted for third parties"))
    STATES = (("waiting", "Waiting"), ("working", "Being made"), ("sealed", "Sealed"), ("failed", "Failed"))

    view_permission = "pack.fetch"

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="packs")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="packs")
    profile = models.CharField(max_length=8, choices=PROFILES, default="full")
    as_of = models.DateTimeField()
    purpose = models.CharField(max_length=300, blank=True, help_text="Who asked for it, on which ground.")
    state = models.CharField(max_length=8, choices=STATES, default="waiting")
    step = models.CharField(max_length=60, blank=True, help_text="What is being done now.")
    trouble = models.CharField(max_length=500, blank=True, help_text="Why it failed, or what could not be added.")
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=now)
    began_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True, help_text="How long making it took.")
    complete = models.BooleanField(null=True)
    counts = models.JSONField(default=dict, help_text="How many items came out how.")
    manifest = models.CharField(max_length=71, blank=True, help_text="sha256:… of the manifest, as the ledger has it.")
    entry = models.UUIDField(null=True, help_text="The ledger's entry of the sealing.")
    checkpoint = models.UUIDField(null=True, help_text="The checkpoint that covers it.")
    token = models.BinaryField(null=True, help_text="The RFC 3161 token over that checkpoint, if one was asked for.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = (models.UniqueConstraint(fields=("system", "as_of", "profile"), name="pack_once_a_moment"),)
        indexes = (
            models.Index(fields=("organisation", "-requested_at"), name="pack_requested"),
            models.Index(fields=("state", "requested_at"), name="pack_state"),
        )

    def __str__(self) -> str:
        return f"{self.get_profile_display()} pack of {self.system} as of {self.as_of:%Y-%m-%d %H:%M}"

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()

    @property
    def filename(self) -> str:
        """What the downloaded file is called."""
        kind = "-redacted" if self.profile == "redacted" else ""
        return f"audit-pack-{self.system.ref}-{self.as_of:%Y%m%dT%H%M%S}{kind}.zip"

    @property
    def gap_count(self) -> int:
        return sum(self.counts.get(state, 0) for state in ("due", "stale", "missing"))

    @property
    def item_count(self) -> int:
        """Items that are asked."""
        return sum(many for state, many in self.counts.items() if state != "not_applicable")
