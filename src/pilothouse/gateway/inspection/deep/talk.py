"""What a gateway's worker and its reader say to each other: frames of MessagePack behind their length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
Found = tuple[str, int, int]
"""kind, start, end: in bytes of the text's UTF-8 form"""


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """Read this for the call with that number. `until` is a moment of the machine's monotonic clock, after which nobody
    waits any more."""

    number: int
    call: int
    until: float
    text: str


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What was found in the text with this number; None when it was not read. Number 0: the reader is ready."""

    number: int
    found: list[Found] | None = None


class Frames(Generic[T]):
    """Cuts what comes through a pipe into messages."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[T]:
        """The messages that are complete now. Raises msgspec.DecodeError for what is none."""
        self._held += data
        while len(self._held) >= 4:
            (size,) = struct.unpack_from(">I", self._held)
            if len(self._held) < 4 + size:
                return
            message = self._decoder.decode(bytes(self._held[4 : 4 + size]))
            del self._held[: 4 + size]
            yield message


def frame(message: Ask | Told) -> bytes:
    """One message as it goes through the pipe."""
    body = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body
