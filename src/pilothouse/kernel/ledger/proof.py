"""A proof that one entry is in the log, complete in itself: it verifies without Pilothouse (offline_verifier.py)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pilothouse.contracts import merkle
from pilothouse.contracts.errors import Conflict
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.ledger import keys, notes
from pilothouse.kernel.ledger.log import envelope
from pilothouse.kernel.ledger.models import Checkpoint, Content, Entry

FORMAT = "pilothouse-proof-1"


def proof_of(actor: Actor, entry: Entry) -> dict[str, Any]:
    """The bundle that proves `entry` under the newest checkpoint that covers it.

    `envelope` and `content.body` are the exact texts that were hashed. Raises Conflict before a checkpoint covers it.
    """
    actor.require("ledger.view", entry)
    checkpoint = Checkpoint.objects.filter(organisation=entry.organisation_id).order_by("-size").first()
    if checkpoint is None or checkpoint.size <= entry.seq:
        raise Conflict(
            "No signed checkpoint covers this entry yet. Make one, or wait for tonight's.", code="not_yet_signed"
        )
    leaves = _leaves(entry.organisation_id, checkpoint.size)
    content = Content.objects.select_related("erased_by").get(entry=entry)
    erased_by = content.erased_by
    bundle = {
        "format": FORMAT,
        "checkpoint": checkpoint.note,
        "keys": _verifier_keys(checkpoint),
        "entry": _member(entry, leaves),
        "content": None if erased_by else {"salt": content.salt, "body": content.body},
        "erasure": None,
    }
    if erased_by is not None and erased_by.seq < checkpoint.size:
        bundle["erasure"] = {"of": str(entry.pk), **_member(erased_by, leaves)}
    return bundle


def _member(entry: Entry, leaves: list[bytes]) -> dict[str, Any]:
    path = merkle.inclusion_proof(leaves, entry.seq)
    return {"envelope": envelope(entry).decode(), "path": [node.hex() for node in path]}


def _verifier_keys(checkpoint: Checkpoint) -> list[str]:
    said = notes.parse(checkpoint.note)
    name = notes.origin_of(checkpoint.organisation_id)
    return [notes.verifier_key(name, key) for key in keys.trusted_keys() if said and said.signed_by([key])]


def _leaves(organisation_id: UUID, size: int) -> list[bytes]:
    found = Entry.objects.filter(organisation=organisation_id, seq__lt=size).order_by("seq")
    return [bytes.fromhex(digest) for digest in found.values_list("leaf_hash", flat=True).iterator(chunk_size=10_000)]
