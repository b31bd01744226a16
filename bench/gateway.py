"""The gateway beside LiteLLM and Portkey: `python bench/gateway.py [SECONDS A CELL] [--markdown]`. Some five minutes.

All three forward the same calls to the same mock upstream on this machine, one process each, one after another. Ours
checks everything: key, stage, limits, budget, usage on disk, secrets and structured personal data. The others run as
they come, without a database: they check a key and forward. Two more rows are ours with records that survive a power
cut, and with names and addresses looked for as well, where what reads them is installed.

The machine is shared by client, gateway and upstream, so calls a second say little; calls for each second of the
gateway's own processor time say more. The peers are installed at the first run, outside the repository, into
PILOTHOUSE_BENCH_DIR (a folder in the system's temporary one); what cannot be installed is left out and said.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop
from calls.load import Cell, Measured, load
from calls.mock import UPSTREAM, serve_mock
from calls.report import DIRECT, Results, goals, tables
from calls.rivals import PLACE, Deep, Direct, Durable, LiteLlm, Pilothouse, Portkey, Rival

HERE = Path(__file__).resolve()
TICKS = os.sysconf("SC_CLK_TCK")
START = 240.0  # seconds that a gateway may take to start on a busy machine

CELLS = [
    *(Cell(stream, c, delay, 900) for stream in (False, True) for delay in (0, 50) for c in (1, 16, 64)),
    *(Cell(False, c, 0, 100_000) for c in (1, 16)),
]
FEWER = [cell for cell in CELLS if cell.at_once in (1, 16) and not cell.delay]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(entry.read_text().rsplit(")", 1)[1].split()[1]), []).append(int(entry.parent.name))
    found, ahead = [], [pid]
    while ahead:
        found.append(ahead.pop())
        ahead += parents.get(found[-1], [])
    return found


def used(pid: int) -> tuple[float, float]:
    """Processor seconds and resident megabytes of a process and all below it."""
    seconds = memory = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            seconds += (int(words[11]) + int(words[12])) / TICKS
            memory += int(words[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return seconds, memory


@contextlib.contextmanager
def running(command: list[str], port: int, extra: dict[str, str]) -> Iterator[int]:
    """A process that listens on `port`; it and all below it end with the block."""
    with (PLACE / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | extra)
    try:
        deadline = time.monotonic() + START
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start: see {log.name}")
            time.sleep(0.1)
        yield process.pid
    finally:
        for pid in reversed(family(process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 15)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


async def measure(rival: Rival, pid: int, seconds: float) -> tuple[dict[Cell, Measured], float]:
    found = {}
    for cell in CELLS if rival.all_cells else FEWER:
        request = rival.request(cell)
        await load(rival.port, request, cell, 0.5)
        before, _ = used(pid)
        found[cell] = await load(rival.port, request, cell, seconds)
        found[cell].cpu = used(pid)[0] - before
    return found, used(pid)[1]


def main(seconds: float, markdown: bool) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    results = Results()
    with running([sys.executable, str(HERE), "--upstream"], UPSTREAM, {}) as upstream:
        results.cells[DIRECT], _ = uvloop.run(measure(Direct(), upstream, seconds / 2))
        for rival in (Pilothouse(), Durable(), Deep(), LiteLlm(), Portkey()):
            if reason := rival.ready():
                print(f"{rival.name}: left out, {reason}.")
                continue
            try:
                with running(rival.command(), rival.port, rival.environment()) as pid:
                    time.sleep(2)
                    found = uvloop.run(measure(rival, pid, seconds))
                    results.cells[rival.name], results.memory[rival.name] = found
            except (RuntimeError, TimeoutError) as error:
                print(f"{rival.name}: left out, {error}.")
    print(tables(results, markdown), goals(results, markdown), sep="\n\n")


if __name__ == "__main__":
    told = sys.argv[1:]
    if told == ["--upstream"]:
        uvloop.run(serve_mock())
    else:
        numbers = [word for word in told if word != "--markdown"]
        main(float(numbers[0]) if numbers else 2.5, "--markdown" in told)
