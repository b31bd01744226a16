"""What machines ask: does it live, is it ready, how does it do."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from pilothouse.contracts.errors import NotFound
from pilothouse.site.home import LEAST_FREE
from pilothouse.site.metrics import REGISTRY
from pilothouse.web.errors import error_response
from pilothouse.web.page import open_page

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@open_page("a load balancer asks whether the process lives; it tells nothing else")
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@open_page("a load balancer asks whether requests may come; it names what is not ready and nothing more")
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    results = {name: "ok" if _holds(question) else "failed" for name, question in READY.items()}
    good = set(results.values()) == {"ok"}
    return JsonResponse({"ready": good, **results}, status=200 if good else 503)


@open_page("guarded by a token of its own, or open to this machine alone")
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_measure(request):
        return error_response(request, NotFound())
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy on this machine every request comes from the loopback address, so a forwarded one does not count.
    forwarded = {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except (DatabaseError, OSError):
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrated() -> bool:
    try:
        return _migrated_once()
    except LookupError:
        return False


@cache
def _migrated_once() -> bool:
    """True when no migration waits. Only that answer is kept: once true it stays true while this code runs."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError
    return True


def _disk_has_room() -> bool:
    return shutil.disk_usage(settings.HOME).free >= LEAST_FREE


def _has_key() -> bool:
    return bool(settings.SECRET_KEY)


READY: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrated,
    "disk": _disk_has_room,
    "key": _has_key,
}

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
