"""How a policy document travels: canonical JSON with an Ed25519 signature over its kind and its bytes.

    {"kind": "snapshot/1", "key": "<first 16 hex of the public key's SHA-256>", "signature": "<base64>", "body": {…}}

The signature covers `kind`, a line feed and the body's bytes as they stand in the file, so a reader verifies before it
parses; a suspension list can never pass for a snapshot.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pilothouse.contracts.canonical import canonical
from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.snapshot import Snapshot, Suspensions

Document = Snapshot | Suspensions
D = TypeVar("D", Snapshot, Suspensions)

KINDS: dict[type[Document], str] = {Snapshot: "snapshot/1", Suspensions: "suspensions/1"}


class Envelope(msgspec.Struct, frozen=True):
    kind: str
    key: str
    signature: str
    body: msgspec.Raw


class BadEnvelope(Invalid):
    """It is not what it says, not signed by a trusted key, or not readable."""

    code = "bad_policy"


def body(document: Document) -> bytes:
    """The canonical bytes of a document: the same rules give the same bytes."""
    return canonical(msgspec.to_builtins(document, order="deterministic"))


def digest(document: Document) -> str:
    return "sha256:" + hashlib.sha256(body(document)).hexdigest()


def key_name(public: bytes) -> str:
    """What a raw public key is called in an envelope."""
    return hashlib.sha256(public).hexdigest()[:16]


def seal(document: Document, key: Ed25519PrivateKey) -> bytes:
    """The signed file of a document."""
    kind, raw = KINDS[type(document)], body(document)
    signature = base64.b64encode(key.sign(kind.encode() + b"\n" + raw)).decode()
    name = key_name(key.public_key().public_bytes_raw())
    return msgspec.json.encode(Envelope(kind, name, signature, msgspec.Raw(raw)))


def unseal(data: bytes, want: type[D], trusted: Iterable[bytes]) -> D:
    """The document in a signed file, verified with one of the raw public keys in `trusted`. Raises BadEnvelope."""
    try:
        envelope = msgspec.json.decode(data, type=Envelope)
        signature = base64.b64decode(envelope.signature, validate=True)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadEnvelope("The file is not a signed policy document.") from error
    if envelope.kind != KINDS[want]:
        raise BadEnvelope(f"The file is a {envelope.kind}, not a {KINDS[want]}.")
    public = next((key for key in trusted if key_name(key) == envelope.key), None)
    if public is None:
        raise BadEnvelope("The file is signed by a key that is not trusted here.")
    raw = bytes(envelope.body)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, envelope.kind.encode() + b"\n" + raw)
    except (InvalidSignature, ValueError) as error:
        raise BadEnvelope("The signature does not fit the file: it was changed.") from error
    try:
        return msgspec.json.decode(raw, type=want)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadEnvelope(f"The file is signed but not readable by this version: {error}") from error


def supersedes(new: Document, held: Document | None) -> bool:
    """May `new` take the place of what is held? Never with an older one, so that nobody replays a lifted stop."""
    if held is None:
        return True
    return new.organisation == held.organisation and (new.revision, new.issued_at) >= (held.revision, held.issued_at)


def public_keys(text: str) -> list[bytes]:
    """The raw keys of a file of base64 lines. Raises BadEnvelope."""
    try:
        return [base64.b64decode(line, validate=True) for line in text.split()]
    except ValueError as error:
        raise BadEnvelope("The file of trusted keys is not readable.") from error
