"""Incidents under clocks, what was sent about them, and requests of authorities with what was said and sent."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System


class Case(Owned):
    """An incident whose clocks run. What happened is in the register of incidents; here is what the law asks of it.

    `facts` is one set, as rules/facts.py reads it: every clock follows from it and is worked out when it is looked at.
    """

    view_permission = "duty.view"

    number = models.PositiveIntegerField(help_text="Its name for people (N-3), counted in each organisation.")
    title = models.CharField(max_length=200)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="notice_cases")
    source_id = models.UUIDField(null=True, help_text="The entry of the register of incidents that it came from.")
    facts = models.JSONField()
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=now)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closing = models.TextField(blank=True, help_text="Why nothing more is to be told.")
    reminded = models.JSONField(default=list, help_text="Reminders that went out: clock and hours.")
    version = models.PositiveIntegerField(default=1, help_text="Counts changes, against lost updates.")

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("organisation", "number"), name="duty_case_number_once"),)
        indexes = (models.Index(fields=("organisation", "closed_at"), name="duty_case_open"),)

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        return f"N-{self.number}"

    def owner_ids(self) -> frozenset[UUID]:
        return self.system.owner_ids()

    def unit_path(self) -> str:
        return self.system.unit_path()


class SentNotice(Owned):
    """That a notice went out: when, to whom, which clocks it stops, what the authority said it received."""

    KINDS = (("initial", "Initial"), ("interim", "Interim"), ("final", "Final"))

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sent")
    clocks = models.JSONField(help_text="Keys of the clocks that it stops.")
    kind = models.CharField(max_length=8, choices=KINDS)
    to = models.CharField(max_length=300)
    channel = models.CharField(max_length=200, blank=True)
    receipt = models.CharField(max_length=200, blank=True, help_text="What the receiver calls it.")
    note = models.TextField(blank=True)
    record_id = models.UUIDField(null=True, help_text="The sealed draft that was sent.")
    record_hash = models.CharField(max_length=71, blank=True)
    sent_at = models.DateTimeField()
    kept_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    kept_name = models.CharField(max_length=200)
    kept_at = models.DateTimeField(default=now)
    void_at = models.DateTimeField(null=True, help_text="Entered by mistake: it stops nothing any more.")
    void_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("sent_at", "id")


class Inquiry(Owned):
    """A request of an authority or an auditor, or a drill of one. `due_at` is our own promise, `set_at` their date."""

    STATES = (("open", "Open"), ("answered", "Answered"), ("closed", "Closed without an answer"))

    view_permission = "duty.view"

    number = models.PositiveIntegerField(help_text="Its name for people (R-3), counted in each organisation.")
    title = models.CharField(max_length=200)
    authority = models.CharField(max_length=200, help_text="Who asks.")
    contact = models.CharField(max_length=300, blank=True)
    basis = models.CharField(max_length=300, blank=True, help_text="The legal basis that they name.")
    items = models.JSONField(default=list, help_text="What is asked, one by one.")
    systems = models.ManyToManyField(System, related_name="inquiries")
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    received_at = models.DateTimeField()
    promise_hours = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    set_at = models.DateTimeField(null=True, help_text="By when the authority wants it, if it says so.")
    drill = models.BooleanField(default=False, help_text="An exercise: nobody outside has asked.")
    state = models.CharField(max_length=8, choices=STATES, default="open")
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=now)
    reviewed_at = models.DateTimeField(null=True, help_text="When somebody had gone through the gaps of the pack.")
    reviewed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    gaps = models.PositiveIntegerField(null=True, help_text="Gaps that the review found.")
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    reminded = models.JSONField(default=list, help_text="Reminders that went out, in hours.")

    class Meta:
        ordering = ("-number",)
        verbose_name_plural = "inquiries"
        constraints = (models.UniqueConstraint(fields=("organisation", "number"), name="duty_inquiry_number_once"),)
        indexes = (models.Index(fields=("organisation", "state", "due_at"), name="duty_inquiry_due"),)

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        return f"R-{self.number}"

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset()

    def unit_path(self) -> str:
        return ""


def letter_path(letter: Letter, filename: str) -> str:
    """Files lie apart for each organisation, under their hash: the same file is stored once."""
    return f"letters/{letter.organisation_id}/{letter.sha256[:2]}/{letter.sha256}"


class Letter(Owned):
    """One piece of the correspondence of a request: what came in, what went out, or a note of ours. Never changed."""

    WAYS = (("in", "Came in"), ("out", "Went out"), ("note", "Note"))

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="letters")
    way = models.CharField(max_length=4, choices=WAYS)
    text = models.TextField(blank=True)
    file = models.FileField(upload_to=letter_path, max_length=200, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, help_text="Of the file, or of the text.")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("at", "id")


class AnswerPack(Owned):
    """A sealed pack that answers a request, by its id and hash: the room of packs keeps the pack itself."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="packs")
    pack_id = models.UUIDField(null=True)
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    url = models.CharField(max_length=500, blank=True, help_text="Where it is, as a path of this installation.")
    gaps = models.PositiveIntegerField(null=True, help_text="Gaps that it lists.")
    sealed_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("sealed_at", "id")
        constraints = (models.UniqueConstraint(fields=("inquiry", "sha256"), name="duty_pack_once"),)
