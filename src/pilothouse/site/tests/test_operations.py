from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
from django.test import Client

from pilothouse.kernel.work.runs import run_job
from pilothouse.site import operations

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def client() -> Client:
    return Client()


def test_it_lives(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_it_is_ready(client):
    response = client.get("/readyz")
    assert response.json() == {"ready": True, "database": "ok", "migrations": "ok", "disk": "ok", "key": "ok"}


def test_a_full_disk_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 99, 1))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["disk"]) == (503, "failed")


def test_a_waiting_migration_is_not_ready(client, monkeypatch):
    operations._migrated_once.cache_clear()
    monkeypatch.setattr(operations.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    assert client.get("/readyz").json()["migrations"] == "failed"
    operations._migrated_once.cache_clear()


def test_a_database_that_does_not_answer_is_not_ready(client, monkeypatch):
    def fail() -> bool:
        raise OSError("gone")

    monkeypatch.setitem(operations.READY, "database", fail)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "failed")
    assert "gone" not in response.content.decode()


def test_metrics_count_by_route(client, cast):
    run_job("work_prune", key="x", due_at=cast.organisation.created_at)
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'pilothouse_requests_total{method="GET",route="healthz",status="200"}' in text
    assert "pilothouse_organisations 2.0" in text
    assert "pilothouse_ledger_entries" in text
    assert 'pilothouse_job_failed{job="work_prune"} 0.0' in text


def test_metrics_name_no_path(client):
    client.get("/o/secret-name/")
    assert "secret-name" not in client.get("/metrics").content.decode()


def test_metrics_are_not_for_another_machine(client):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404


def test_metrics_are_not_for_who_comes_through_a_proxy(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 404


def test_metrics_by_token(client, settings):
    settings.METRICS_TOKEN = "let-prometheus-in"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    response = client.get("/metrics", headers={"Authorization": "Bearer let-prometheus-in"}, REMOTE_ADDR="10.0.0.7")
    assert response.status_code == 200


def test_a_sane_request_id_is_kept_and_another_replaced(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abcdef-123456"})["X-Request-ID"] == "abcdef-123456"
    assert "\n" not in client.get("/healthz", headers={"X-Request-ID": "x y"})["X-Request-ID"]
    assert client.get("/healthz", headers={"X-Request-ID": "x" * 500})["X-Request-ID"] != "x" * 500


def test_post_is_refused(client):
    assert client.post("/healthz").status_code == 405
