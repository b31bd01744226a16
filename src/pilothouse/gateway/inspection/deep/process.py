"""The process that reads names and addresses: `python -m pilothouse.gateway.inspection.deep.process`.

It is told texts on its standard input and tells what it found on its standard output. Calls that wait are served in
turn, a window each, so that a short one need not wait for a long one; the texts of one call are read one after another,
so that what is done when its time is up is done for good. It ends when its input does. It writes nothing down.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Iterator

from pilothouse.gateway.inspection.deep.model import Model
from pilothouse.gateway.inspection.deep.talk import Ask, Found, Frames, Told, frame

PIECE = 1 << 16
MANNERS = 5  # calls that need no reading go first on a machine that is busy


class Reading:
    """A text that is being read."""

    def __init__(self, model: Model, ask: Ask) -> None:
        self.ask = ask
        self._steps: Iterator[list[Found] | None] = model.read(ask.text)  # nothing is done before the first step

    def step(self) -> Told | None:
        """Read one window further; the result when it was the last, or when nobody waits for it any more."""
        if time.monotonic() > self.ask.until:
            return Told(self.ask.number)
        try:
            found = next(self._steps)
        except Exception:  # whatever the model stumbles over was not read; its text must not get into a log
            return Told(self.ask.number)
        return None if found is None else Told(self.ask.number, found)


def serve(source: int, sink: int) -> None:
    """Read what comes in until nothing more can come."""
    model = Model()
    write(sink, frame(Told(0)))
    frames = Frames(Ask)
    waiting: OrderedDict[int, deque[Reading]] = OrderedDict()
    while True:
        ready, _, _ = select.select([source], [], [], 0 if waiting else None)
        if ready:
            data = os.read(source, PIECE)
            if not data:
                return
            for ask in frames.feed(data):
                waiting.setdefault(ask.call, deque()).append(Reading(model, ask))
            continue
        call = next(iter(waiting))
        waiting.move_to_end(call)
        told = waiting[call][0].step()
        if told is not None:
            waiting[call].popleft()
            write(sink, frame(told))
        if not waiting[call]:
            del waiting[call]


def write(sink: int, data: bytes) -> None:
    while data:
        data = data[os.write(sink, data) :]


if __name__ == "__main__":
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    os.nice(MANNERS)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(sys.stdin.fileno(), answers)
