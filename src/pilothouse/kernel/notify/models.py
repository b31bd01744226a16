"""Who is told what: notices to people, and outlets (webhooks, chat rooms) that follow the ledger."""

from __future__ import annotations

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.clock import now


class Notice(Owned):
    """One thing that one person is told. It waits in the app until read, and goes out by e-mail as they prefer."""

    EMAIL = (("none", "Not by e-mail"), ("due", "Waits"), ("sent", "Sent"), ("failed", "Given up"))

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=500, blank=True, help_text="Where to go, as a path of this installation.")
    at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)
    email = models.CharField(max_length=6, choices=EMAIL, default="none")
    email_at = models.DateTimeField(default=now, help_text="When the e-mail, or its next attempt, is due.")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("person", "read_at"), name="notice_person_read"),
            models.Index(fields=("email", "email_at"), name="notice_email_due"),
        )

    def __str__(self) -> str:
        return self.text


class Preference(Owned):
    """How a person wants to be told. Without a row: each notice by e-mail."""

    EMAIL = (("each", "Each notice by e-mail"), ("daily", "One e-mail a day"), ("none", "In the app only"))

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="notice_preference")
    email = models.CharField(max_length=6, choices=EMAIL, default="each")
    digest_at = models.DateTimeField(null=True, blank=True, help_text="When the last daily e-mail went out.")


class Outlet(Owned):
    """A place outside that is told what happens: a webhook, or a chat room reached through Apprise.

    It follows the ledger: `cursor` is the number of entries it has been shown. A webhook's signing secret is derived
    (see signing.py) and a chat room's address lies in a file of the operator, so no secret is stored here.
    """

    KINDS = (("webhook", "Webhook"), ("apprise", "Chat or e-mail service"))

    kind = models.CharField(max_length=8, choices=KINDS, default="webhook")
    title = models.CharField(max_length=120)
    url = models.CharField(max_length=1000, blank=True, help_text="Where a webhook posts to.")
    secret_name = models.CharField(max_length=60, blank=True, help_text="Name of the operator's secret file.")
    secret_version = models.PositiveIntegerField(default=1)
    actions = models.JSONField(default=list, help_text="Patterns such as system.* or decision.requested.")
    cursor = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Failed attempts in a row.")
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_why = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Delivery(Owned):
    """One ledger entry on its way to one outlet. Its id is the message's id, the same at every attempt."""

    STATES = (("waiting", "Waiting"), ("delivered", "Delivered"), ("failed", "Given up"))

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="deliveries")
    seq = models.BigIntegerField()
    action = models.CharField(max_length=80)
    body = models.TextField(help_text="Exactly the bytes that are signed and sent.")
    state = models.CharField(max_length=9, choices=STATES, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=now)
    at = models.DateTimeField(default=now)
    last_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status of the last attempt.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "deliveries"
        constraints = (models.UniqueConstraint(fields=("outlet", "seq"), name="delivery_once_an_entry"),)
        indexes = (models.Index(fields=("state", "next_at"), name="delivery_due"),)
