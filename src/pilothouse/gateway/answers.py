"""Looking into answers: masked values put back, findings counted, what may not come out kept in."""

from __future__ import annotations

from typing import Any

import msgspec

from pilothouse.gateway.call import Call
from pilothouse.gateway.inspection import NOTHING_READ, Inspected, Restorer, StreamRestorer, restored
from pilothouse.gateway.reading import names_in, unread
from pilothouse.gateway.refusal import Refused
from pilothouse.gateway.sse import data_of, event


class JSONError(Exception):
    """An event that had to be looked into is not JSON."""


class Inspection:
    """One call's answer, by its system's settings."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._inspector = call.inspector
        self.spoken: Any = None  # what the provider said, masked by the rules on answers; the prompt's masks stay
        self._restorer: Restorer | None = call.inspected.restorer if call.inspected else None
        self._names = NOTHING_READ

    @property
    def listens(self) -> bool:
        """Must the text of a stream be kept until its end, to be looked into?"""
        return self._inspector is not None

    @property
    def reads(self) -> bool:
        """Must the answer be read for names before it is inspected?"""
        return self._inspector is not None and self._inspector.reads_answer

    async def read(self, *nodes: Any) -> None:
        """Look for names in these, where the system's rules ask for that. Raises Refused."""
        inspector = self._inspector
        if inspector is not None and inspector.reads_answer:
            self._names = await names_in(self._call.gateway.reader, inspector, *nodes)

    async def whole(self, body: bytes) -> bytes:
        """The body that the caller gets. Raises Refused."""
        inspector = self._inspector
        if inspector is None:
            return body
        self.measure(len(body))
        try:
            answer = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return body  # no JSON, so no text that anybody would be shown
        try:
            await self.read(answer)
            found = inspector.answer(answer, prompt=self._call.prompt, taken=self._taken(), read=self._names)
            self._judge(found)
            self.spoken = found.body
            if not found.changed and not self._restorer:
                return body
            return msgspec.json.encode(restored(found.body, self._restorer))
        except (RecursionError, UnicodeError, OverflowError) as error:
            raise Refused("upstream_failed", "The provider's answer cannot be inspected.", "Try again.") from error

    def sink(self) -> Passing | Whole:
        if self._inspector is not None and self._inspector.buffers_answer:
            return Whole(self)
        return Passing(self)

    def said(self, pieces: list[str]) -> str:
        """Count what is in the text of a whole stream. Returns it as it may be given out. Raises Refused."""
        if self._inspector is None:
            return ""
        said = "".join(pieces)
        self.measure(len(said.encode("utf-8", "surrogatepass")))
        found = self._inspector.answer(said, prompt=self._call.prompt, read=self._names)
        self._judge(found)
        text = str(found.body)
        self.spoken = text
        return text

    def _judge(self, found: Inspected) -> None:
        """Count what was found. Raises Refused when it may not be given out."""
        self._add(found.counts)
        if found.unread:
            raise unread("The answer", found, self._call.system_page())
        if found.blocked:
            raise self._call.blocked("The answer", found)

    def heard(self, pieces: list[str]) -> str:
        """The text of a whole stream for keeping: as the rules on answers leave it, once `said` has looked into it."""
        return str(self.spoken) if self.spoken is not None else "".join(pieces)

    def masked(self, piece: str) -> str:
        """One channel of a buffered stream, masked; its findings are already counted."""
        if self._inspector is None:
            return piece
        found = self._inspector.answer(piece, taken=self._taken(), read=self._names)
        if found.unread:
            raise unread("The answer", found, self._call.system_page())
        return str(found.body)

    def _taken(self) -> list[str]:
        """A mask in the answer must not look like one of the prompt's, or it would be put back as somebody else."""
        return self._restorer.tokens() if self._restorer else []

    def restorer(self) -> StreamRestorer | None:
        return StreamRestorer(self._restorer) if self._restorer else None

    def measure(self, size: int) -> None:
        """Raises Refused when the answer is larger than the system may get."""
        if self._inspector is not None and self._inspector.too_long(size):
            raise Refused(
                "blocked",
                f"The answer has {size:,} bytes, more than this system may get.",
                "A shorter answer is asked for, or the maximum is raised.",
            )

    def _add(self, counts: dict[str, int]) -> None:
        findings = self._call.findings
        if counts:
            self._call.findings = {kind: findings.get(kind, 0) + counts.get(kind, 0) for kind in findings | counts}


class Passing:
    """Events go on as they come; masked values are put back on the way."""

    buffers = False

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._restorer = inspection.restorer()

    def take(self, raw: bytes, data: bytes) -> list[bytes]:
        if self._restorer is None or not data:
            return [raw]
        return _encoded(self._restorer.feed(_decoded(data)), raw)

    def texts(self, said: list[str]) -> list[str]:
        """What `finish` will look into."""
        return ["".join(said)]

    def finish(self, said: list[str], last: bytes) -> list[bytes]:
        """The end of the stream: it has all gone out, so findings are counted and nothing is stopped any more."""
        self._inspection.said(said)
        if self._restorer is None:
            return [last] if last else []
        out = _encoded(self._restorer.end(), last)
        data = data_of(last)
        if data and data != b"[DONE]":
            return out + _encoded(self._restorer.feed(_decoded(data)), last)
        return [*out, last] if last else out


class Whole:
    """Nothing goes on before the answer is whole and was looked into."""

    buffers = True

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._events: list[tuple[bytes, bytes]] = []

    def take(self, raw: bytes, data: bytes) -> list[bytes]:
        self._events.append((raw, data))
        return []

    def texts(self, said: list[str]) -> list[str]:
        """What `finish` will look into: all of it, and each channel by itself."""
        gather = Gather()
        self._walk(StreamRestorer(gather))
        return ["".join(said), *("".join(parts) for parts in gather.parts.values()), *gather.wholes]

    def finish(self, said: list[str], last: bytes) -> list[bytes]:
        """All events, masked where something was found. Raises Refused when it may not be given out."""
        text = self._inspection.said(said)
        if last:
            self._events.append((last, data_of(last)))
        if text == "".join(said) and self._inspection.restorer() is None:
            return [raw for raw, _ in self._events]
        gather = Gather()
        self._walk(StreamRestorer(gather))
        say = Say(
            {channel: self._inspection.masked("".join(parts)) for channel, parts in gather.parts.items()},
            self._inspection,
        )
        masked = self._walk(StreamRestorer(say))
        restorer = self._inspection.restorer()
        if restorer is None:
            return masked
        out: list[bytes] = []
        for raw in masked:
            data = data_of(raw)
            out += [raw] if not data or data == b"[DONE]" else _encoded(restorer.feed(_decoded(data)), raw)
        return out

    def _walk(self, walker: StreamRestorer) -> list[bytes]:
        out: list[bytes] = []
        for raw, data in self._events:
            out += [raw] if not data or data == b"[DONE]" else _encoded(walker.feed(_decoded(data)), raw)
        return out


class Gather(Restorer):
    """Walks through a stream as a restorer does, and keeps the text of each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[str, list[str]] = {}
        self.wholes: list[str] = []

    def __bool__(self) -> bool:
        return True

    def feed(self, channel: str, text: str, json_text: bool = False) -> str:
        self.parts.setdefault(channel, []).append(text)
        return text

    def whole(self, text: str, json_text: bool = False) -> str:
        self.wholes.append(text)
        return text


class Say(Restorer):
    """Says each channel's whole text at its first event, and nothing at the others."""

    def __init__(self, texts: dict[str, str], inspection: Inspection) -> None:
        super().__init__()
        self._texts = texts
        self._inspection = inspection

    def __bool__(self) -> bool:
        return True

    def feed(self, channel: str, text: str, json_text: bool = False) -> str:
        return self._texts.pop(channel, "")

    def whole(self, text: str, json_text: bool = False) -> str:
        return self._inspection.masked(text)


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise JSONError from error


def _encoded(values: list[Any], like: bytes) -> list[bytes]:
    """Events in the form of the one that they stand for: with a name where that one has a name."""
    named = like.startswith(b"event:")
    return [event(msgspec.json.encode(value), _name(value) if named else b"") for value in values]


def _name(value: Any) -> bytes:
    name = value.get("type") if isinstance(value, dict) else None
    return name.encode() if isinstance(name, str) else b""
