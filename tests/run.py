"""`make test`: the whole suite on SQLite, then on PostgreSQL, and a summary of both at the end."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

SUITES = {"sqlite": "", "postgresql": "not browser"}  # pages look the same on both, so Chromium drives them once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--full", action="store_true", help="also the slow cases")
    parser.add_argument("paths", nargs="*", help="only these tests")
    options = parser.parse_args()
    summaries, worst = [], 0
    for database, marks in SUITES.items():
        if not options.full:
            marks = f"({marks}) and not full" if marks else "not full"
        print(f"== the tests on {database}", flush=True)
        started = time.monotonic()
        code, tail = suite(database, marks, options)
        worst = worst or code
        summaries.append(f"== {database}, {time.monotonic() - started:.0f} s: {tail}")
    print("\n".join(summaries))
    return worst


def suite(database: str, marks: str, options: argparse.Namespace) -> tuple[int, str]:
    """Run pytest, pass on what it prints, and return its exit code and its summary (the failures and the counts)."""
    environment = os.environ | {"PILOTHOUSE_TEST_DATABASE": database}
    if options.full:
        environment["PILOTHOUSE_TEST_FULL"] = "1"
    command = [sys.executable, "-m", "pytest", "-n", options.workers, "--dist", "worksteal", "-m", marks]
    command += ["--durations", "10", *options.paths]
    lines: list[str] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    failures = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    counts = next((line for line in reversed(lines) if line), "nothing ran")
    return process.returncode, "\n".join([counts, *failures])


if __name__ == "__main__":
    sys.exit(main())
