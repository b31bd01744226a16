"""A request asks several people, each by a link of their own, some questions about some systems."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.base import Owned
from pilothouse.kernel.inventory.models import System


class FactRequest(Owned):
    """What somebody asked, until when, and how often it is brought back to mind."""

    ENDS = (("", "Open"), ("answered", "All answered"), ("expired", "Time is over"), ("revoked", "Revoked"))

    view_permission = "fact.request"

    title = models.CharField(max_length=200)
    note = models.TextField(blank=True, help_text="What the people asked should know.")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    remind_days = models.PositiveSmallIntegerField(default=4, help_text="Days between reminders; 0 for none.")
    end = models.CharField(max_length=8, choices=ENDS, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("organisation", "end", "expires_at"), name="request_open"),)

    def __str__(self) -> str:
        return self.title

    def owner_ids(self) -> frozenset[UUID]:
        return frozenset({self.asked_by_id}) if self.asked_by_id else frozenset()

    def unit_path(self) -> str:
        return ""


class FactLink(Owned):
    """One person's part of a request. Whoever holds one of its secrets may answer its questions and nothing else."""

    request = models.ForeignKey(FactRequest, on_delete=models.CASCADE, related_name="links")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    draft = models.JSONField(default=dict, help_text="What was typed and not sent yet: question id → field → text.")
    mail_due_at = models.DateTimeField(null=True, help_text="When the next e-mail goes out.")
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=200, blank=True)
    mails_sent = models.PositiveSmallIntegerField(default=0)
    last_mail_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="When its last open question was answered.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("request", "email"), name="fact_link_once_an_address"),)
        indexes = (models.Index(fields=("mail_due_at",), name="fact_link_mail"),)


class LinkSecret(Owned):
    """The hash of a secret that opens a link. Each e-mail carries its own, so none is ever stored to be sent again."""

    link = models.ForeignKey(FactLink, on_delete=models.CASCADE, related_name="secrets")
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()


class FactQuestion(Owned):
    """One question about one system, and what came of it."""

    FATES = (("", "Open"), ("kept", "Kept as a fact"), ("aside", "Set aside"))

    link = models.ForeignKey(FactLink, on_delete=models.CASCADE, related_name="questions")
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    before = models.JSONField(null=True, help_text="What was known when it was asked: a later fact is not overwritten.")
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    fate = models.CharField(max_length=5, choices=FATES, blank=True, default="")
    remark = models.CharField(max_length=300, blank=True, help_text="Why an answer was set aside.")

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("link", "system", "key"), name="fact_question_once"),)
