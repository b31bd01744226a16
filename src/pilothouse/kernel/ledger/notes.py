"""Signed notes and checkpoints in the C2SP formats (c2sp.org/signed-note, c2sp.org/tlog-checkpoint). Pure.

A note is its text, an empty line, and one signature line for each key: `— <name> <base64 of key id and signature>`.
A checkpoint's text is three lines: origin, size, base64 of the root hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
ORIGIN = "pilothouse/"


def origin_of(organisation_id: UUID) -> str:
    """The first line of an organisation's checkpoints, which is also the name of its signing key."""
    return f"{ORIGIN}{organisation_id}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says, with the key ids and signatures that it carries for its own origin."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[bytes, bytes], ...]

    def signed_by(self, keys: Iterable[bytes]) -> bool:
        """Does one of these raw public keys verify one of the signatures?"""
        for key in keys:
            public = Ed25519PublicKey.from_public_bytes(key)
            for key_id, signature in self.signatures:
                if key_id != key_hash(self.origin, key):
                    continue
                try:
                    public.verify(signature, self.text.encode())
                except InvalidSignature:
                    continue
                return True
        return False


def key_hash(name: str, public: bytes) -> bytes:
    """The four bytes that tell a note which key a signature line is for."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The public key as text to hand out: `<name>+<key id>+<base64>`."""
    return f"{name}+{key_hash(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def sign(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """The signed checkpoint of a log."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = key_hash(origin, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"


def parse(note: str) -> Statement | None:
    """The statement of a note, or None when it is not a checkpoint of ours."""
    return next(notes_in(note), None)


_NOTE = re.compile(
    r"^(?P<text>(?P<origin>pilothouse/[0-9a-f-]{36})\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n)"
    r"\n(?P<signatures>(?:— \S+ [A-Za-z0-9+/=]+(?:\n|\Z))+)",
    re.MULTILINE,
)


def notes_in(text: str) -> Iterator[Statement]:
    """Every checkpoint found in a witness's file or mailbox, whatever stands between them."""
    for found in _NOTE.finditer(text.replace("\r\n", "\n")):
        signatures = []
        for line in found["signatures"].splitlines():
            _, name, encoded = line.split(" ")
            try:
                raw = base64.b64decode(encoded, validate=True)
            except ValueError:
                continue
            if name == found["origin"] and len(raw) == 68:
                signatures.append((raw[:4], raw[4:]))
        yield Statement(
            origin=found["origin"],
            size=int(found["size"]),
            root=base64.b64decode(found["root"]),
            text=found["text"],
            signatures=tuple(signatures),
        )
