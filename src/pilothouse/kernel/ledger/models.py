"""The ledger's rows. One RFC 6962 Merkle log for each organisation; see log.py for what is hashed."""

from __future__ import annotations

from django.db import models

from pilothouse.kernel.base import Owned


class Log(models.Model):
    """The head of one organisation's log: how many leaves, and the compact range that the next append needs."""

    organisation = models.OneToOneField(
        "access.Organisation", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    size = models.BigIntegerField(default=0)
    frontier = models.JSONField(default=list, help_text="Hex hashes of the perfect subtrees, largest first.")

    def __str__(self) -> str:
        return f"{self.size} entries"


class Entry(Owned):
    """One leaf. The database refuses to update or delete it. What may have to be erased lies in `Content`."""

    view_permission = "ledger.view"

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    system_id = models.UUIDField(null=True, help_text="The system this is about, if any, for its history tab.")
    request_id = models.CharField(max_length=64, blank=True)
    commitment = models.CharField(max_length=64, help_text="SHA-256 over the salt and the content.")
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("organisation", "seq")
        verbose_name_plural = "entries"
        constraints = (models.UniqueConstraint(fields=("organisation", "seq"), name="entry_seq_once"),)
        indexes = (
            models.Index(fields=("organisation", "subject_type", "subject_id"), name="entry_subject"),
            models.Index(fields=("organisation", "system_id", "seq"), name="entry_system"),
            models.Index(fields=("organisation", "at"), name="entry_at"),
        )


class Content(models.Model):
    """What an entry says: who, acting as what, before and after. Erasable by law; the leaf still verifies."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="content")
    salt = models.CharField(max_length=64, blank=True)
    body = models.TextField(blank=True, help_text="Canonical JSON, exactly as it was hashed.")
    person_id = models.UUIDField(null=True, db_index=True, help_text="Who acted, as in the body, to find entries by.")
    erased_by = models.ForeignKey(
        Entry,
        null=True,
        on_delete=models.PROTECT,
        related_name="erasures",
        help_text="The entry that says when and why.",
    )

    def __str__(self) -> str:
        return self.body or "erased"


class Checkpoint(Owned):
    """A signed statement of the log's size and root hash, in the C2SP checkpoint text format."""

    view_permission = "ledger.view"

    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    note = models.TextField(help_text="The signed note, as handed to a witness.")

    class Meta:
        ordering = ("organisation", "-size")
        constraints = (models.UniqueConstraint(fields=("organisation", "size"), name="checkpoint_size_once"),)


class Witnessing(Owned):
    """One attempt to hand a checkpoint to the witness outside this installation."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="witnessings")
    witness = models.CharField(max_length=300, help_text="Where it went: a file, an address, a machine.")
    at = models.DateTimeField()
    accepted = models.BooleanField()
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it was not accepted.")

    class Meta:
        ordering = ("-at",)
