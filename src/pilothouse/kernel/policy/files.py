"""Where signed policy documents lie, and writing them so that no reader ever sees half of one or an older one."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from pilothouse.contracts.policy.envelope import BadEnvelope, Document, seal, supersedes, unseal
from pilothouse.contracts.policy.snapshot import (
    PUBLIC_KEYS_FILE,
    SNAPSHOT_FILE,
    SUSPENSIONS_FILE,
    Snapshot,
    Suspensions,
)
from pilothouse.kernel.ledger.keys import signing_key, text_key


def folder() -> Path:
    return Path(settings.HOME) / "gateway"


def place(organisation: str, kind: type[Document]) -> Path:
    return folder() / organisation / (SNAPSHOT_FILE if kind is Snapshot else SUSPENSIONS_FILE)


def write(document: Document) -> bool:
    """Sign a document and put it in its place, unless what lies there is newer. Returns whether it was written."""
    path, key = place(document.organisation, type(document)), signing_key()
    public = key.public_key().public_bytes_raw()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text_key(document.organisation)  # whatever the rules ask to be kept, there is something to seal it with
    with _alone(path.parent):
        if not supersedes(document, read(document.organisation, type(document), public)):
            return False
        _replace(folder() / PUBLIC_KEYS_FILE, base64.b64encode(public) + b"\n")
        _replace(path, seal(document, key))
    return True


def read(organisation: str, kind: type[Document], public: bytes | None = None) -> Document | None:
    """What lies in its place, or None when nothing that we signed does."""
    own = public or signing_key().public_key().public_bytes_raw()
    try:
        data = place(organisation, kind).read_bytes()
        return unseal(data, Snapshot, [own]) if kind is Snapshot else unseal(data, Suspensions, [own])
    except (OSError, BadEnvelope):
        return None


@contextmanager
def _alone(where: Path) -> Iterator[None]:
    """One writer at a time among all processes of this machine."""
    with (where / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, data: bytes) -> None:
    if path.exists() and path.read_bytes() == data:
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
