"""`pilothouse work`: what the house does by itself, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import typer
from django.utils import timezone

from pilothouse.kernel.work.runs import last_runs, run_job
from pilothouse.kernel.work.schedule import JOBS
from pilothouse.web.cli import Json, emit, finish

app = typer.Typer(help="The jobs that the house does by itself.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """Show every job, when it runs (cron, UTC) and how its last run went."""
    latest = last_runs()
    rows = []
    for job in sorted(JOBS.values(), key=lambda job: job.name):
        run = latest.get(job.name)
        rows.append(
            {
                "name": job.name,
                "cron": job.cron,
                "title": job.title,
                "last": run.started_at if run else None,
                "state": run.state if run else "never ran",
                "outcome": (run.error or run.outcome) if run else None,
            }
        )
    emit(rows, json)


@app.command("run")
def run(name: Annotated[str, typer.Argument(help="A name from `work list`.")], json: Json = False) -> None:
    """Run one job now, in this process. Exit code 1 when it failed."""
    now: datetime = timezone.now()
    done = run_job(name, key=f"cli-{name}-{uuid4()}", due_at=now)
    result: dict[str, Any] = {
        "name": done.name,
        "state": done.state,
        "outcome": done.outcome,
        "error": done.error,
        "seconds": round(((done.finished_at or now) - done.started_at).total_seconds(), 3),
    }
    emit(result, json)
    finish(0 if done.state == "done" else 1)
