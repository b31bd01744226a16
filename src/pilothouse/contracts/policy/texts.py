"""Texts that are kept: an answer that waits for a reviewer, what the reviewer made of it, a stored prompt. Sealed.

A file is a line that says what it is, a line of JSON with its `Label` (ids and times, nothing that anybody wrote), a
nonce, and the text under AES-256-GCM. The two lines are authenticated with it, so a file that is renamed, moved to
another organisation or given another label does not open. The key is the organisation's own, 32 bytes in the data
directory (`KEY_FOLDER/<organisation>`), good for 2³² texts (NIST SP 800-38D, 8.3: random nonces of 96 bits).

    PILOTHOUSE_HOME/texts/<organisation>/<kind>/<first six of the call>/<call>.text
"""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import datetime
from pathlib import PurePath
from typing import Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pilothouse.contracts.errors import Invalid

KEY_FOLDER = "keys/texts"
FOLDER = "texts"
SUFFIX = ".text"
MAGIC = b"pilothouse-text/1"
NONCE = 12
KEY_BYTES = 32

Kind = Literal["held", "edited", "outcome", "kept"]
KINDS: tuple[Kind, ...] = ("held", "edited", "outcome", "kept")
Verdict = Literal["released", "edited", "refused", "expired"]
Step = str | int


class BadText(Invalid):
    """The file is no sealed text, is not what its place says, or was sealed with another key."""

    code = "bad_text"


class Label(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What stands on a sealed text in clear. `person` is a `person_id`, so that a person can be forgotten unread."""

    kind: Kind
    organisation: str
    call: str
    at: datetime
    system: str = ""
    key: str = ""
    person: str = ""


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """One text of a request or an answer: where it stands in words, and the way to it in the decoded body."""

    where: str
    text: str
    path: tuple[Step, ...] = ()


class Held(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An answer that waits. `body` are the bytes that its caller gets when it is released as it is.

    `why` is the rule that held it, `score` (‰) what was told. The prompt is what the provider was sent: masked text
    is masked here too. `findings` count by kind.
    """

    why: Literal["every", "score", "sample", "decision"]
    endpoint: str
    body: bytes
    content_type: str = "application/json"
    prompt: tuple[Piece, ...] = ()
    answer: tuple[Piece, ...] = ()
    score: int | None = None
    decision: str = ""
    model: str = ""
    purpose: str = ""
    agent: str = ""
    unit: str = ""
    findings: dict[str, int] = {}
    revision: int = 0
    marks: tuple[str, ...] = ()


class Edited(msgspec.Struct, frozen=True):
    """A reviewer's texts, one for each piece of the answer, in their order."""

    texts: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a reviewer decided, for the gateway. `texts` as in `Edited`, when that is the verdict."""

    verdict: Verdict
    reason: str = ""
    texts: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A stored prompt with its answer, both as the provider saw and said them: masked text stays masked."""

    prompt: tuple[Piece, ...] = ()
    answer: tuple[Piece, ...] = ()


Content = Held | Edited | Outcome | Kept
C = TypeVar("C", Held, Edited, Outcome, Kept)


def place(organisation: str, kind: Kind, call: str) -> PurePath:
    """Where a text lies, below the data directory. Raises BadText for what is no plain id."""
    for name in (organisation, call):
        if not 8 <= len(name) <= 64 or not name.replace("-", "").isalnum() or not name.isascii():
            raise BadText("That is no id of a call.")
    return PurePath(FOLDER) / organisation / kind / call[:6] / f"{call}{SUFFIX}"


def seal_text(key: bytes, label: Label, content: Content) -> bytes:
    """The file of a text."""
    head = MAGIC + b"\n" + msgspec.json.encode(label) + b"\n"
    nonce = os.urandom(NONCE)
    return head + nonce + AESGCM(key).encrypt(nonce, msgspec.json.encode(content), head)


def label_of(data: bytes) -> Label:
    """What a sealed text says in clear, unproven: only `open_text` shows that nobody changed it. Raises BadText."""
    magic, _, rest = data.partition(b"\n")
    try:
        if magic != MAGIC:
            raise ValueError
        return msgspec.json.decode(rest.partition(b"\n")[0], type=Label)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadText("The file is no sealed text.") from error


def open_text(key: bytes, data: bytes, want: type[C], expected: tuple[str, Kind, str]) -> tuple[Label, C]:
    """The text and its label, if it is `expected`: (organisation, kind, call). Raises BadText."""
    label = label_of(data)
    if (label.organisation, label.kind, label.call) != expected:
        raise BadText("The file is another text than its name says.")
    head = data[: data.index(b"\n", len(MAGIC) + 1) + 1]
    nonce = data[len(head) : len(head) + NONCE]
    try:
        content = AESGCM(key).decrypt(nonce, data[len(head) + NONCE :], head)
        return label, msgspec.json.decode(content, type=want)
    except (InvalidTag, ValueError, msgspec.DecodeError) as error:
        raise BadText("The text does not open with this organisation's key: it was changed, or the key was.") from error


def digest(data: bytes) -> str:
    """By what a sealed text is known in the ledger. The nonce makes that of equal texts differ."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def key_line(key: bytes) -> str:
    return base64.b64encode(key).decode() + "\n"


def key_of_line(line: str) -> bytes:
    """The key of its file. Raises BadText."""
    try:
        key = base64.b64decode(line.strip(), validate=True)
    except ValueError as error:
        raise BadText("The key to the kept texts is not readable.") from error
    if len(key) != KEY_BYTES:
        raise BadText("The key to the kept texts is not readable.")
    return key
