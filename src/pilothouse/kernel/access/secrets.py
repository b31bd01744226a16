"""API secrets: `ph_<prefix>_<secret>`. The prefix finds the row, the hash proves the rest; no secret is stored."""

from __future__ import annotations

import hashlib
import re
import secrets

SHAPE = re.compile(r"ph_([0-9a-f]{12})_([0-9a-f]{64})")


def mint() -> tuple[str, str, str]:
    """A new secret as (what the caller keeps, prefix, hash). 256 random bits need no slow hash."""
    prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
    return f"ph_{prefix}_{secret}", prefix, digest(secret)


def parse(text: str) -> tuple[str, str] | None:
    """(prefix, hash) of a presented secret, or None when it has not the shape of one."""
    match = SHAPE.fullmatch(text)
    return (match[1], digest(match[2])) if match else None


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
