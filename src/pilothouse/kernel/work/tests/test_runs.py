from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.work.models import WorkRun
from pilothouse.kernel.work.retention import prune
from pilothouse.kernel.work.runs import last_runs, run_job
from pilothouse.kernel.work.schedule import JOBS, scheduled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(monkeypatch):
    """Two jobs of this test's own; returns the times at which the good one ran."""
    ran: list[datetime] = []
    for name in list(JOBS):
        monkeypatch.delitem(JOBS, name)

    @scheduled("good", "* * * * *", "Counts")
    def good(now):
        ran.append(now)
        return {"at": now, "ran": len(ran)}

    @scheduled("bad", "* * * * *")
    def bad(now):
        """Fails."""
        raise ZeroDivisionError("no luck")

    yield ran
    for name in ("good", "bad"):
        del JOBS[name]


def test_it_works(jobs):
    with time_machine.travel(NOON, tick=False):
        run = run_job("good", key="a", due_at=NOON)
    assert (run.state, run.outcome, run.attempts) == ("done", {"at": "2026-03-01T12:00:00.000000Z", "ran": 1}, 1)
    assert run.finished_at == NOON


def test_a_key_runs_once(jobs):
    run_job("good", key="a", due_at=NOON)
    run_job("good", key="a", due_at=NOON)
    assert len(jobs) == 1


def test_an_interrupted_run_counts_its_attempts(jobs):
    WorkRun.objects.create(key="a", name="good", due_at=NOON, started_at=NOON)
    run = run_job("good", key="a", due_at=NOON)
    assert (run.state, run.attempts) == ("done", 2)


def test_a_failure_is_kept_and_not_raised(jobs):
    run = run_job("bad", key="a", due_at=NOON)
    assert (run.state, run.error) == ("failed", "ZeroDivisionError: no luck")


def test_an_unknown_job_is_not_found(jobs):
    with pytest.raises(NotFound):
        run_job("ugly", key="a", due_at=NOON)


def test_two_jobs_cannot_share_a_name(jobs):
    with pytest.raises(ValueError, match="two jobs"):
        scheduled("good", "* * * * *")(lambda now: None)


def test_the_last_run_of_each(jobs, django_assert_num_queries):
    for day in range(3):
        WorkRun.objects.create(key=str(day), name="good", due_at=NOON, started_at=NOON + timedelta(days=day))
    with django_assert_num_queries(1):
        assert last_runs()["good"].key == "2"


def test_runs_older_than_a_month_are_forgotten():
    now = timezone.now()
    for days in (29, 31):
        WorkRun.objects.create(key=str(days), name="good", due_at=now, started_at=now - timedelta(days=days))
    assert prune(now)["runs"] == 1
    assert [run.key for run in WorkRun.objects.all()] == ["29"]


def test_every_job_of_the_house_has_a_valid_time():
    from croniter import croniter

    assert "work_prune" in JOBS
    assert [job.name for job in JOBS.values() if not croniter.is_valid(job.cron)] == []
