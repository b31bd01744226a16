"""Texts that must be kept, sealed and on the disk; and reading back what a reviewer decided.

A file appears whole or not at all: written under another name, flushed, renamed. The key is made by the control plane;
where there is none yet, nothing can be kept.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pilothouse.contracts.policy.texts import (
    KEY_FOLDER,
    BadText,
    Content,
    Held,
    Kind,
    Label,
    Outcome,
    Piece,
    Step,
    key_of_line,
    open_text,
    place,
    seal_text,
)
from pilothouse.gateway.inspection.texts import is_text

FRESH_SECONDS = 2.0
C = TypeVar("C", Held, Outcome)
KIND_OF: dict[type[Held] | type[Outcome], Kind] = {Held: "held", Outcome: "outcome"}
# What of a body is said by people and models; the rest (tools, settings) is no text to read or to change.
SAID = ("system", "instructions", "messages", "input", "prompt", "choices", "content", "output")
WORDS = {"messages": "message", "choices": "answer", "content": "answer", "output": "answer", "system": "instructions"}
UNSAID = frozenset({"logprobs", "annotations", "top_logprobs"})


class NoTextKey(Exception):
    """There is nothing to seal this organisation's texts with."""


class Texts:
    """The texts below `home`, of every organisation whose key is there."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._keys: dict[str, tuple[float, bytes]] = {}

    def can_keep(self, organisation: str) -> bool:
        with contextlib.suppress(NoTextKey):
            return bool(self._key(organisation))
        return False

    def write(self, label: Label, content: Content) -> None:
        """Seal and keep; waits for the disk, so it is for a thread beside the event loop. Raises NoTextKey, OSError."""
        path = self._home / place(label.organisation, label.kind, label.call)
        data = seal_text(self._key(label.organisation), label, content)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)

    def read(self, organisation: str, call: str, want: type[C]) -> tuple[Label, C] | None:
        """What is kept of a call, or None. Raises BadText for what does not open, NoTextKey."""
        kind = KIND_OF[want]
        try:
            data = (self._home / place(organisation, kind, call)).read_bytes()
        except FileNotFoundError:
            return None
        return open_text(self._key(organisation), data, want, (organisation, kind, call))

    def _key(self, organisation: str) -> bytes:
        now = time.monotonic()
        when, key = self._keys.get(organisation, (0.0, b""))
        if not key or now - when > FRESH_SECONDS:
            try:
                key = key_of_line((self._home / KEY_FOLDER / organisation).read_text())
            except (OSError, UnicodeDecodeError, BadText) as error:
                raise NoTextKey(f"no key to the texts of {organisation}") from error
            self._keys[organisation] = now, key
        return key


# Taking the texts out of a body, and putting others in -----------------------------------------------------------


def pieces(body: Any) -> tuple[Piece, ...]:
    """The texts of a decoded request or answer, each with the way to it."""
    if not isinstance(body, dict):
        return ()
    found: list[Piece] = []
    for name in SAID:
        value = body.get(name)
        if isinstance(value, str):
            found.append(Piece(WORDS.get(name, name), value, (name,)))
        else:
            found += (Piece(_where(body, path), text, path) for path, text in _walk(value, (name,)))
    return tuple(found)


def _walk(node: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in UNSAID:
                continue
            if not isinstance(value, str):
                yield from _walk(value, (*path, key))
            elif is_text(key, value, node):
                yield (*path, key), value
    elif isinstance(node, list):
        for number, value in enumerate(node):
            if isinstance(value, str):
                yield (*path, number), value
            else:
                yield from _walk(value, (*path, number))


def _where(body: dict[str, Any], path: tuple[Step, ...]) -> str:
    """Where a text stands, in words: message 2 (user), answer 1 (arguments)."""
    name, number = path[0], path[1] if len(path) > 1 else None
    word = WORDS.get(str(name), str(name))
    if not isinstance(number, int):
        return " ".join([word, *map(str, path[1:])])
    node = body[name][number] if isinstance(name, str) else None
    role = node.get("role") if isinstance(node, dict) else None
    last = path[-1]
    what = role if isinstance(role, str) else last if last in ("arguments", "refusal", "thinking") else ""
    return f"{word} {number + 1}" + (f" ({what})" if what else "")


def with_texts(body: Any, found: tuple[Piece, ...], texts: tuple[str, ...]) -> Any:
    """`body`, changed in place, with other texts where `found` were; what still spells the old ones out goes.

    Raises KeyError, IndexError, TypeError when `body` is another one, ValueError when the numbers differ.
    """
    for piece, text in zip(found, texts, strict=True):
        node = body
        for step in piece.path[:-1]:
            node = node[step]
        node[piece.path[-1]] = text
    return _without_spelling(body)


def _without_spelling(node: Any) -> Any:
    """Log probabilities hold the answer token by token."""
    if isinstance(node, dict):
        for key in node:
            node[key] = ([] if isinstance(node[key], list) else None) if key in UNSAID else _without_spelling(node[key])
    elif isinstance(node, list):
        node[:] = [_without_spelling(value) for value in node]
    return node
