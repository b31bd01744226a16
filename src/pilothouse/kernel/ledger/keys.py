"""The installation's keys: what it signs with, and what texts are sealed with. None leaves PILOTHOUSE_HOME/keys."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from pilothouse.contracts.policy.texts import KEY_BYTES, KEY_FOLDER, key_line, key_of_line


def folder() -> Path:
    return Path(settings.HOME) / "keys"


def signing_key() -> Ed25519PrivateKey:
    """The private key, made at first use. Two processes that both make one end up with the same."""
    path = folder() / "ledger.pem"
    if not path.exists():
        _make(path)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    public = key.public_key().public_bytes_raw()
    if public not in trusted_keys():
        trust(public)
    return key


def trusted_keys() -> list[bytes]:
    """The raw public keys that this installation accepts on checkpoints: its own, its former ones, and those that
    came with an organisation it took over."""
    path = folder() / "ledger.pub"
    if not path.exists():
        return []
    return [base64.b64decode(line) for line in path.read_text().split()]


def trust(public: bytes) -> None:
    """Accept checkpoints signed by this key too."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / "ledger.pub").open("a") as file:
        file.write(base64.b64encode(public).decode() + "\n")


def text_key(organisation: str) -> bytes:
    """The key that an organisation's kept texts are sealed with (see contracts/policy/texts.py), made at first use."""
    path = Path(settings.HOME) / KEY_FOLDER / organisation
    if not path.exists():
        _lay_down(path, key_line(secrets.token_bytes(KEY_BYTES)).encode())
    return key_of_line(path.read_text())


def _make(path: Path) -> None:
    _lay_down(path, Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _lay_down(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # atomic, and refuses to replace a key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        draft.unlink()
