"""The engine, through real processes: what a kill interrupts is taken up again and done once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")


def start(home: Path, trace: Path) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PILOTHOUSE_")}
    environment |= {"PILOTHOUSE_HOME": str(home), "PILOTHOUSE_SECRET_KEY": "only-for-this-test-0123456789abcdef"}
    return subprocess.Popen([sys.executable, str(WORKER), str(trace)], env=environment)


def rows(home: Path, name: str) -> list[tuple[str, int]]:
    with sqlite3.connect(home / "pilothouse.sqlite3") as database:
        return database.execute("SELECT state, attempts FROM work_workrun WHERE name = ?", (name,)).fetchall()


def test_a_killed_job_is_taken_up_again(tmp_path):
    trace = tmp_path / "trace"
    process = start(tmp_path, trace)
    deadline = time.monotonic() + 60
    while not trace.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rows(tmp_path, "slow") == [("running", 1)]

    assert start(tmp_path, trace).wait(120) == 0
    # The interrupted run ended on its second attempt; the new start made one run of its own.
    assert sorted(rows(tmp_path, "slow")) in ([("done", 1), ("done", 2)], [("done", 2)])
    assert {state for state, _ in rows(tmp_path, "quick")} == {"done"}
