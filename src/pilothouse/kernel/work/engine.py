"""The engine under the jobs: DBOS keeps what is due and what has begun, so a crash loses neither.

Import this module only in a process that works: it brings half a second and 40 MB. Each run of a job is a workflow
whose id is its job and its time, so two processes, or a restart in the middle, make one run and not two.
"""

from __future__ import annotations

import socket
import threading
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSConfig, Queue, SetWorkflowID
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from pilothouse.kernel.work.runs import run_job
from pilothouse.kernel.work.schedule import JOBS

QUEUE = "work"
# The shape of the workflow below. A workflow that a crash left behind is taken up again by the same version only.
VERSION = "1"


@DBOS.step()
def _step(name: str, key: str, due: str) -> str:
    close_old_connections()
    try:
        return run_job(name, key=key, due_at=datetime.fromisoformat(due)).state
    finally:
        close_old_connections()


@DBOS.workflow()
def run_due(due: datetime, name: Any) -> None:
    """One run of the job `name`. A failing tick is kept by run_job, so only a crash leaves this open."""
    if name in JOBS:  # a release may have dropped the job since it was planned
        _step(name, str(DBOS.workflow_id), due.isoformat())


def start() -> None:
    """Take up what a crash left, plan every job at its times, and run each once now for what was missed meanwhile."""
    DBOS(config=_config())
    DBOS.launch()
    queue = DBOS.register_queue(QUEUE, worker_concurrency=1)
    DBOS.apply_schedules(
        [
            {
                "schedule_name": job.name,
                "workflow_fn": run_due,
                "schedule": job.cron,
                "context": job.name,
                "queue_name": QUEUE,
            }
            for job in JOBS.values()
        ]
    )
    for planned in DBOS.list_schedules():
        if planned["schedule_name"] not in JOBS:
            DBOS.delete_schedule(planned["schedule_name"])
    _catch_up(queue)


def stop(grace: int = 10) -> None:
    """Stop taking up work and give what runs `grace` seconds to end; the rest resumes at the next start."""
    stopper = threading.Thread(
        target=DBOS.destroy, kwargs={"workflow_completion_timeout_sec": grace}, name="work-stop", daemon=True
    )
    stopper.start()
    stopper.join(grace + 5)


def _catch_up(queue: Queue) -> None:
    now = timezone.now()
    for name in JOBS:
        with SetWorkflowID(f"start-{name}-{now.isoformat(timespec='seconds')}"):
            queue.enqueue(run_due, now, name)


def _config() -> DBOSConfig:
    return {
        "name": "pilothouse",
        "system_database_url": settings.WORK_DATABASE_URL,
        "application_version": VERSION,
        # SQLite means one process, whatever the machine is called today; else a machine takes up its own work.
        "executor_id": "local" if settings.WORK_DATABASE_URL.startswith("sqlite") else socket.gethostname(),
        "log_level": "WARNING",
        "sys_db_pool_size": 5,
    }
