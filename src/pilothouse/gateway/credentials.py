"""The providers' keys, resolved from references at the moment they are needed. No policy, log or record holds one."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from pilothouse.contracts.policy.snapshot import Upstream

FRESH_SECONDS = 2.0  # a rotated file counts after so long
_FILE = re.compile(r"secrets/[A-Za-z0-9-]+/[A-Za-z0-9][A-Za-z0-9_.-]*")


class NoSecret(Exception):
    """The reference leads to nothing. The text names the reference, never a secret."""


class Credentials:
    """Resolves `env:NAME`, where NAME belongs to the organisation, and `file:secrets/…` below the data directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: dict[str, tuple[float, str]] = {}

    def headers(self, upstream: Upstream, slug: str) -> dict[str, str]:
        """The headers that authenticate us at `upstream`. Raises NoSecret."""
        if not upstream.secret or upstream.auth == "none":
            return {}
        secret = self.resolve(upstream.secret, slug)
        if upstream.auth == "bearer":
            return {"Authorization": f"Bearer {secret}"}
        return {upstream.auth: secret}

    def resolve(self, reference: str, slug: str) -> str:
        """The secret. That a reference is the organisation's own is checked here too, not only where it is entered."""
        kind, _, name = reference.partition(":")
        if kind == "env" and name.startswith(f"PILOTHOUSE_UPSTREAM_{slug.upper().replace('-', '_')}__"):
            secret = os.environ.get(name, "")
        elif kind == "file" and _FILE.fullmatch(name) and name.split("/")[1] == slug and ".." not in name:
            secret = self._file(name)
        else:
            raise NoSecret(f"{reference} is not a secret of this organisation")
        if not secret or not secret.isprintable():
            raise NoSecret(f"there is no secret at {reference}")
        return secret

    def _file(self, name: str) -> str:
        now = time.monotonic()
        when, secret = self._read.get(name, (0.0, ""))
        if not secret or now - when > FRESH_SECONDS:
            try:
                secret = (self._home / name).read_text().strip()
            except (OSError, UnicodeDecodeError):
                secret = ""
            self._read[name] = now, secret
        return secret
