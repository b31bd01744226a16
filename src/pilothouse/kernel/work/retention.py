"""Forgetting old runs, so that neither our table nor the engine's grows for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from pilothouse.kernel.work.models import WorkRun

KEEP = timedelta(days=30)


def prune(now: datetime) -> dict[str, int]:
    """Forget what ran more than a month ago, here and in the engine's own tables."""
    before = now - KEEP
    runs, _ = WorkRun.objects.filter(started_at__lt=before).delete()
    return {"runs": runs, "workflows": _forget_workflows(before)}


def _forget_workflows(before: datetime) -> int:
    # Half a second and 40 MB that a process without work does not need.
    from dbos import DBOSClient
    from sqlalchemy.exc import DBAPIError

    client = DBOSClient(system_database_url=settings.WORK_DATABASE_URL)
    try:
        old = client.list_workflows(end_time=before.isoformat(), limit=10_000, load_input=False, load_output=False)
        client.delete_workflows([workflow.workflow_id for workflow in old])
        return len(old)
    except DBAPIError as error:
        if "workflow_status" in str(error.orig):  # no engine has run on this installation yet
            return 0
        raise
    finally:
        client.destroy()
