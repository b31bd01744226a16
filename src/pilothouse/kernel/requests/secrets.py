"""The secret that a link carries: 256 random bits, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets

from pilothouse.kernel.clock import now
from pilothouse.kernel.requests.models import FactLink, LinkSecret


def mint(link: FactLink) -> str:
    """A new secret that opens `link`. Earlier ones go on opening it: people click the mail they find."""
    secret = secrets.token_urlsafe(32)
    LinkSecret.objects.create(organisation_id=link.organisation_id, link=link, hash=digest(secret), created_at=now())
    return secret


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
