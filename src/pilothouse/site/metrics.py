"""What Prometheus may read: requests by route, how long they took, what the house does by itself, the ledger's size."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pilothouse import __version__
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Log
from pilothouse.kernel.work.runs import last_runs
from pilothouse.kernel.work.schedule import JOBS

log = structlog.get_logger("pilothouse.request")
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "pilothouse_requests", "Requests answered by this process", ("route", "method", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "pilothouse_request_seconds",
    "Time to answer, in seconds",
    ("route", "method"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)


class RequestLog:
    """Middleware: counts each request and writes one line about it. It names the route, never the path:
    a path may hold the secret of a link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        SECONDS.labels(route, method).observe(seconds)
        actor = getattr(request, "actor", None)
        log.info(
            "request",
            route=route,
            method=method,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            organisation=str(actor.organisation_id) if actor else None,
            user=str(actor.user_id) if actor and actor.user_id else None,
        )
        return response


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(request: HttpRequest) -> str:
    """The route's name (inventory:detail), else its pattern; one word for all that nothing matched."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith("/static/") else "none"
    return match.view_name or match.route or "none"


class House(Collector):
    """Figures read from the database when Prometheus asks."""

    def describe(self) -> list[Metric]:
        return []  # else registering would collect once, before the database can be asked

    def collect(self) -> Iterator[Metric]:
        yield _gauge("pilothouse_info", "The version that runs", {"version": __version__}, 1)
        yield _gauge("pilothouse_organisations", "Organisations", {}, Organisation.objects.count())
        yield _gauge(
            "pilothouse_ledger_entries",
            "Entries in all ledgers",
            {},
            Log.objects.aggregate(size=Sum("size"))["size"] or 0,
        )
        systems = GaugeMetricFamily("pilothouse_systems", "Systems by stage", labels=["stage"])
        for row in System.objects.values("stage").annotate(count=Count("pk")).order_by("stage"):
            systems.add_metric([row["stage"]], row["count"])
        yield systems
        yield from _work()


def _work() -> Iterator[Metric]:
    finished = GaugeMetricFamily(
        "pilothouse_job_last_end_timestamp_seconds", "When each job last ended", labels=["job"]
    )
    failed = GaugeMetricFamily("pilothouse_job_failed", "1 when the job's last run failed", labels=["job"])
    took = GaugeMetricFamily("pilothouse_job_seconds", "How long the job's last run took", labels=["job"])
    runs = last_runs()
    for name in sorted(JOBS):
        run = runs.get(name)
        failed.add_metric([name], int(run is not None and run.state == "failed"))
        if run is not None and run.finished_at is not None:
            finished.add_metric([name], run.finished_at.timestamp())
            took.add_metric([name], (run.finished_at - run.started_at).total_seconds())
    yield from (finished, failed, took)


def _gauge(name: str, text: str, labels: dict[str, Any], value: float) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, text, labels=list(labels))
    gauge.add_metric(list(labels.values()), value)
    return gauge


REGISTRY.register(House())
