"""Server-sent events as bytes: cut a stream into whole events, and read what one carries."""

from __future__ import annotations

import re
from collections.abc import Iterator

# An event ends at an empty line; lines end as the sender likes (WHATWG HTML, "Server-sent events", 9.2.5).
_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE = re.compile(rb"\r\n|\n|\r")
LONGEST = 8 * 1024 * 1024  # bytes of one event; more is not a stream of tokens


class TooLong(Exception):
    """An event without an end in sight."""


class Splitter:
    """Holds back only what is not yet a whole event, so that every event goes on as soon as it is complete."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The events that `data` completes, each with its closing empty line. Raises TooLong."""
        # The end may begin in what was held back, but no earlier than three bytes before its end.
        looked_at = max(0, len(self._rest) - 3)
        data = self._rest + data
        start = 0
        for end in _ends(data, looked_at):
            yield data[start:end]
            start = end
        self._rest = data[start:]
        if len(self._rest) > LONGEST:
            raise TooLong

    def rest(self) -> bytes:
        """What came after the last whole event: a sender that stops may leave the empty line out."""
        rest, self._rest = self._rest, b""
        return rest


def _ends(data: bytes, start: int) -> Iterator[int]:
    """Where events end. Nearly all senders end lines with a bare line feed, which is found in half the time."""
    if b"\r" in data:
        yield from (match.end() for match in _END.finditer(data, start))
        return
    at = data.find(b"\n\n", start)
    while at >= 0:
        yield at + 2
        at = data.find(b"\n\n", at + 2)


def data_of(event: bytes) -> bytes:
    """The event's data; empty for a comment or a bare name."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2:
        return event[6:-2]  # one line, which is how nearly all providers write
    lines = (line for line in _LINE.split(event) if line.startswith(b"data:"))
    return b"\n".join(line[6:] if line.startswith(b"data: ") else line[5:] for line in lines)


def event(data: bytes, name: bytes = b"") -> bytes:
    """An event that carries `data`, which holds no line end."""
    return (b"event: " + name + b"\n" if name else b"") + b"data: " + data + b"\n\n"
