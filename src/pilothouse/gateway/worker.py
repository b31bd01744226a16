"""One worker process: `python -m pilothouse.gateway.worker <job as JSON>`, on a socket that it inherits.

It ends when its parent does: the parent holds the other end of its standard input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import uvicorn

from pilothouse.gateway.app import App
from pilothouse.gateway.gateway import LEAVE_SECONDS, Settings

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class Job(msgspec.Struct, frozen=True):
    """What a worker is told: the inherited socket, the data directory, and what a record must survive."""

    socket: int
    home: str
    durability: Literal["process", "power"] = "process"

    def settings(self) -> Settings:
        """With the token from the environment, not from the command line, which every user of the machine can read."""
        return Settings(Path(self.home), self.durability, os.environ.get("PILOTHOUSE_METRICS_TOKEN", ""))


class Lines(logging.Formatter):
    """One JSON object a line. What is logged here is chosen word by word; no request or answer is ever among it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **{name: value for name, value in record.__dict__.items() if name not in _PLAIN},
        }
        if record.exc_info:
            # Where it went wrong, and not what with: the message of an error may quote the text that caused it.
            kind, _, trace = record.exc_info
            line["exception"] = kind.__name__ if kind else ""
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return json.dumps(line, default=str, ensure_ascii=False)


def begin_logging() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


class Server(uvicorn.Server):
    """uvicorn, which ends too when the parent is gone."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Nothing that lives now will ever be garbage; leaving it out makes every later collection short.
        gc.collect()
        gc.freeze()
        watch_parent(lambda: setattr(self, "should_exit", True))


def watch_parent(gone: Callable[[], None]) -> None:
    """Call `gone` when standard input ends."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            gone()

    loop.add_reader(0, readable)


def serve(job: Job) -> None:
    begin_logging()
    listener = socket.socket(fileno=job.socket)
    config = uvicorn.Config(
        App(job.settings()),
        interface="asgi3",
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # the spool says more about each call than a line of access could
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(LEAVE_SECONDS),
        backlog=2048,
    )
    Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(msgspec.json.decode(sys.argv[1], type=Job))
