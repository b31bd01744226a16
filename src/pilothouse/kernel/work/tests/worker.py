"""A process that works, for test_engine.py: one job that hangs the first time and ends the second."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "pilothouse.site.settings"

import django

django.setup()

from django.core.management import call_command

from pilothouse.kernel.work import engine
from pilothouse.kernel.work.models import WorkRun
from pilothouse.kernel.work.schedule import JOBS, scheduled

trace = Path(sys.argv[1])
JOBS.clear()


@scheduled("slow", "0 0 1 1 *", "Hangs until its process is killed")
def slow(now: datetime) -> dict[str, int]:
    begun = len(trace.read_text().splitlines()) if trace.exists() else 0
    with trace.open("a") as out:
        out.write("begun\n")
    if begun == 0:
        time.sleep(600)
    return {"begun": begun + 1}


@scheduled("quick", "* * * * * *", "Ends at once, every second")
def quick(now: datetime) -> str:
    return "done"


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    engine.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if {run.name for run in WorkRun.objects.filter(state="done")} == {"slow", "quick"}:
            break
    engine.stop(grace=1)
