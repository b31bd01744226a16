"""What the gateway must know of an endpoint: what a request asks for, what an answer used, how a refusal looks.

Only the top level of a request is taken apart; what is inside a field stays the bytes that the caller sent. It is
never sent with a name written twice, for the provider might read the one that was not judged.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Finish
from pilothouse.contracts.policy.request import ENDPOINTS

T = TypeVar("T")
Fields = dict[str, msgspec.Raw]

MOST_TOKENS = 1 << 40  # more than that is a fault of the provider, and would not fit the counters
LONGEST_NAME = 200  # of a model: it is written down with every call
BYTES_PER_TOKEN = 4  # what English prose has; only where nobody told the real number

_fields = msgspec.json.Decoder(Fields)


class Malformed(Exception):
    """The request cannot be read; the text says where."""


@dataclass(slots=True)
class Asked:
    """What a request asks for. `most_output` is None when it names no maximum; `choices` multiply the output."""

    fields: Fields
    model: str
    stream: bool = False
    most_output: int | None = 0
    choices: int = 1
    user: str = ""
    conversation: str = ""
    wants_usage: bool = True
    background: bool = False

    def as_a_whole(self) -> None:
        """Ask for the answer in one piece, whatever the caller wished: somebody must see it first."""
        self.stream = False
        for name in ("stream", "stream_options"):
            self.fields.pop(name, None)


@dataclass(slots=True)
class Used:
    """What an answer tells about itself. `tokens` is None as long as nobody told; `begun` is what was told early."""

    tokens: Tokens | None = None
    begun: Tokens | None = None
    model: str = ""
    fingerprint: str = ""
    finish: Finish = ""
    seen: int = 0  # bytes of answered text, to estimate tokens when nobody told them


class Step(Enum):
    """What to do with an event of a stream: pass it on, keep it from the caller, or settle before it is passed on."""

    PASS = "pass"  # noqa: S105
    DROP = "drop"
    LAST = "last"


@dataclass(slots=True)
class Stream(ABC):
    """Reads a stream as it passes. `said` are the pieces of text, kept only when `listen` is set."""

    asked: Asked
    listen: bool = False
    used: Used = field(default_factory=Used)
    said: list[str] = field(default_factory=list)

    def hear(self, piece: object) -> None:
        """Take note of a piece of the answer's text."""
        if isinstance(piece, str):
            self.used.seen += len(piece)
            if self.listen:
                self.said.append(piece)

    @abstractmethod
    def read(self, data: bytes) -> Step:
        """Take in one event's data and say what to do with the event."""


class Dialect(ABC):
    """One endpoint of one provider's API."""

    name: ClassVar[str]
    speaks: ClassVar[Literal["openai", "anthropic"]]
    upstream_path: ClassVar[str]
    passed_on: ClassVar[tuple[bytes, ...]] = ()  # headers that the provider needs from the caller

    @property
    def path(self) -> str:
        return ENDPOINTS[self.name]

    @abstractmethod
    def read(self, body: bytes) -> Asked:
        """Raises Malformed."""

    def cap(self, fields: Fields, model: str, most: int) -> None:  # noqa: B027
        """Write a maximum of output tokens into a request that names none. Some endpoints have no such thing."""

    @abstractmethod
    def used(self, body: bytes) -> Used:
        """What a whole answer tells; empty when it cannot be read."""

    @abstractmethod
    def stream(self, asked: Asked, listen: bool) -> Stream: ...

    @abstractmethod
    def error(self, status: int, code: str, message: str, extra: dict[str, Any]) -> dict[str, Any]:
        """A refusal in the provider's own shape."""

    def stream_error(self, error: dict[str, Any]) -> bytes:
        """The same as the last event of a stream that has begun."""
        return b"data: " + msgspec.json.encode(error) + b"\n\n"

    def prepare(self, asked: Asked, model: str, most: int | None) -> bytes:
        """The body for one provider's model, with a maximum put in where `most` is given."""
        fields = asked.fields
        if asked.model != model or most is not None:
            fields = dict(fields)
            put(fields, "model", model)
        if most is not None:
            self.cap(fields, model, most)
        return msgspec.json.encode(fields)


def split(body: bytes) -> Fields:
    """The top level of a request. Raises Malformed."""
    try:
        return _fields.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not a JSON object: {error}.") from error


def get(fields: Fields, name: str, kind: type[T], default: T) -> T:
    """A field of the expected kind; absent and null are `default`. Raises Malformed."""
    raw = fields.get(name)
    if raw is None or bytes(raw) == b"null":
        return default
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"“{name}” is not understood: {error}.") from error


def put(fields: Fields, name: str, value: object) -> None:
    fields[name] = msgspec.Raw(msgspec.json.encode(value))


def count(value: int | None) -> int:
    """A number of tokens as a provider told it, kept within reason."""
    return min(max(value or 0, 0), MOST_TOKENS)


def model_of(fields: Fields) -> str:
    model = get(fields, "model", str, "")
    if not 0 < len(model) <= LONGEST_NAME:
        raise Malformed(f"“model” is missing or longer than {LONGEST_NAME} characters: say which model is asked for.")
    return model


def maximum(fields: Fields, *names: str) -> int | None:
    """The largest of the maxima that the request names, or None."""
    named = [value for name in names if (value := get(fields, name, int, -1)) >= 0]
    return min(max(named), MOST_TOKENS) if named else None


class OpenAIError:
    """The error shape of OpenAI, which its endpoints share."""

    KINDS: ClassVar[dict[int, str]] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}

    def error(self, status: int, code: str, message: str, extra: dict[str, Any]) -> dict[str, Any]:
        kind = self.KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": code, **extra}}
