"""The seal of a pack: the proof that the ledger holds its manifest's hash, what the log was before, and the signature
over all of it. The pack's own moment and its sealing are two points of one log; a consistency proof joins them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pilothouse.contracts.canonical import canonical
from pilothouse.contracts.errors import Conflict
from pilothouse.domains.governance.pack import slices
from pilothouse.domains.governance.pack.building import Built
from pilothouse.domains.governance.pack.verify_pack import SEAL
from pilothouse.domains.governance.pack.zipped import Blob, blob, write_zip
from pilothouse.kernel.ledger import keys, notes
from pilothouse.kernel.ledger.log import envelope
from pilothouse.kernel.ledger.models import Checkpoint, Content, Entry
from pilothouse.kernel.ledger.proof import FORMAT


def write_sealed(out: BinaryIO, built: Built, entry: Entry, checkpoint: Checkpoint, token: bytes | None) -> int:
    """Write the whole pack and return its size. The same arguments give the same bytes.

    Raises Conflict when the log is not the one that the checkpoint signs.
    """
    parts = seal_parts(built, entry, checkpoint, token)
    return write_zip(out, [("manifest.json", blob(built.manifest)), *built.files, *parts])


def seal_parts(built: Built, entry: Entry, checkpoint: Checkpoint, token: bytes | None) -> list[tuple[str, Blob]]:
    """The files below `seal/`, the signature last."""
    parts = {"seal/entry.json": _entry(entry, checkpoint), "seal/log.json": _log(built, checkpoint)}
    if token:
        parts["seal/timestamp.tsr"] = token
    listed = [("manifest.json", blob(built.manifest)), *((name, blob(data)) for name, data in sorted(parts.items()))]
    origin = notes.origin_of(checkpoint.organisation_id)
    lines = [origin, "pack", *(f"{one.sha256} {name}" for name, one in listed)]
    return [*listed[1:], (SEAL, blob(signed(lines, origin, keys.signing_key()).encode()))]


def signed(lines: Sequence[str], origin: str, key: Ed25519PrivateKey) -> str:
    """A signed note (C2SP) of any text."""
    text = "".join(f"{line}\n" for line in lines)
    signature = notes.key_hash(origin, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"


def _entry(entry: Entry, checkpoint: Checkpoint) -> bytes:
    """The proof of the sealing, in the form of any proof of the ledger: `offline_verifier.py` reads it too."""
    tree = slices.tree_of(checkpoint.organisation_id, checkpoint.size)
    if tree.root(0, checkpoint.size).hex() != checkpoint.root:
        slices.forget_trees()
        tree = slices.tree_of(checkpoint.organisation_id, checkpoint.size)
    if tree.root(0, checkpoint.size).hex() != checkpoint.root:
        raise Conflict("The ledger does not verify: its entries do not lead to its checkpoint.")
    content = Content.objects.get(entry=entry)
    return canonical(
        {
            "format": FORMAT,
            "checkpoint": checkpoint.note,
            "keys": [
                notes.verifier_key(notes.origin_of(checkpoint.organisation_id), key)
                for key in keys.trusted_keys()
                if (said := notes.parse(checkpoint.note)) and said.signed_by([key])
            ],
            "entry": {
                "envelope": envelope(entry).decode(),
                "path": [node.hex() for node in tree.inclusion(entry.seq, checkpoint.size)],
            },
            "content": {"salt": content.salt, "body": content.body},
            "erasure": None,
        }
    )


def _log(built: Built, checkpoint: Checkpoint) -> bytes:
    """That the log of the moment, and that of each earlier checkpoint, is a beginning of the log of the sealing."""
    tree = slices.tree_of(checkpoint.organisation_id, checkpoint.size)
    earlier = Checkpoint.objects.filter(organisation=checkpoint.organisation_id, size__lt=checkpoint.size)
    return canonical(
        {
            "moment": [node.hex() for node in tree.consistency(built.log_size, checkpoint.size)],
            "checkpoints": [
                {
                    "size": size,
                    "root": root,
                    "proof": [node.hex() for node in tree.consistency(size, checkpoint.size)],
                }
                for size, root in earlier.order_by("size").values_list("size", "root")
            ],
        }
    )
