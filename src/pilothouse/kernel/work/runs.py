"""Running a job and keeping what came of it."""

from __future__ import annotations

import traceback
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.work.models import WorkRun
from pilothouse.kernel.work.schedule import JOBS, Job

log = structlog.get_logger("pilothouse.work")


def run_job(name: str, *, key: str, due_at: datetime) -> WorkRun:
    """Run the job `name` once under `key`; a key that is done stays as it is. A failing tick is kept, not raised.

    Raises NotFound when there is no such job.
    """
    job = JOBS.get(name)
    if job is None:
        raise NotFound(f"There is no job called {name}. `pilothouse work list` shows them.")
    run, new = WorkRun.objects.get_or_create(
        key=key, defaults={"name": name, "due_at": due_at, "started_at": timezone.now()}
    )
    if run.state != "running":
        return run
    if not new:  # its process died before it could finish
        WorkRun.objects.filter(pk=run.pk).update(attempts=F("attempts") + 1)
    state, outcome, error = _attempt(job)
    WorkRun.objects.filter(pk=run.pk).update(state=state, outcome=outcome, error=error, finished_at=timezone.now())
    run.refresh_from_db()
    return run


def _attempt(job: Job) -> tuple[str, Any, str]:
    with structlog.contextvars.bound_contextvars(job=job.name):
        try:
            outcome = plain(job.tick(timezone.now()))
        except Exception as error:  # one job's fault must not stop the others
            log.exception("job failed", job=job.name)
            return "failed", None, "".join(traceback.format_exception_only(error)).strip()
        log.info("job done", job=job.name, outcome=outcome)
        return "done", outcome, ""


def last_runs() -> dict[str, WorkRun]:
    """The latest run of each job, by the job's name."""
    newest = Window(RowNumber(), partition_by="name", order_by="-started_at")
    return {run.name: run for run in WorkRun.objects.annotate(rank=newest).filter(rank=1)}
