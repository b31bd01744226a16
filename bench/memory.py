"""Does memory stay flat? `python bench/memory.py [CALLS] [MOST SECONDS]`: a million calls, or what the time allows.

Whole answers and streams in turn, sixteen at a time, against the mock upstream, with every check on. What is resident
is told as it goes on: after the first slices, in which pools and caches fill, it should not rise any more.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import uvloop
from calls.load import Cell, load
from calls.mock import UPSTREAM
from calls.rivals import PLACE, Pilothouse
from gateway import running, used

SLICE = 10.0  # seconds
CELLS = (Cell(False, 16, 0, 900), Cell(True, 16, 0, 900))


def main(calls: int, most: float) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    ours = Pilothouse()
    ours.ready()
    upstream = [sys.executable, str(Path(__file__).with_name("gateway.py")), "--upstream"]
    with running(upstream, UPSTREAM, {}), running(ours.command(), ours.port, ours.environment()) as pid:
        made = failed = number = 0
        began = time.monotonic()
        print(f"{'calls':>10}{'seconds':>10}{'resident MB':>14}{'failed':>8}")
        while made < calls and time.monotonic() - began < most:
            cell = CELLS[number % len(CELLS)]
            found = uvloop.run(load(ours.port, ours.request(cell), cell, SLICE))
            made, failed, number = made + found.calls, failed + found.failed, number + 1
            # Taken in, as the control plane does; nobody else does it here.
            for path in (ours.home / "gateway" / "spool").glob("*/*.jsonl"):
                path.unlink()
            if number % len(CELLS) == 0:
                print(f"{made:>10,}{time.monotonic() - began:>10,.0f}{used(pid)[1]:>14,.1f}{failed:>8,}", flush=True)
        if made < calls:
            print(f"The time was over before {calls:,} calls were made.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, float(sys.argv[2]) if len(sys.argv) > 2 else 1_200.0)
