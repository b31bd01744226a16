"""Nothing lost, nothing doubled, the log verifies: many writers at once, and writers killed in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def run(tmp_path, django_db_setup):
    """Run tests/writers.py on a fresh database of the engine under test; returns what it found."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PILOTHOUSE_")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "pilothouse.site.settings",
        "PILOTHOUSE_SECRET_KEY": "for these writers only, and for nothing else at all",
        "PILOTHOUSE_HOME": str(tmp_path),
    }
    name = f"writers_{uuid.uuid4().hex}"
    server = connection.settings_dict
    if connection.vendor == "postgresql":
        host, port, user = server["HOST"], server["PORT"], server["USER"]
        with psycopg.connect(host=host, port=port, user=user, dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        environment["PILOTHOUSE_DATABASE_URL"] = f"postgresql://{user}@:{port}/{name}?host={host}"

    def writers(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.writers", *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=1800 if arguments[-1] == 300 else 900)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, err
        found = json.loads(out)
        assert found["vendor"] == connection.vendor
        return found

    yield writers
    if connection.vendor == "postgresql":
        with psycopg.connect(host=host, port=port, user=user, dbname="postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def sound(found):
    assert found["lost"] == []
    assert found["doubled"] == 0
    assert found["numbers_in_a_row"]
    assert found["each_in_the_ledger_once"]
    assert found["head"]
    assert found["problems"] == []
    assert found["false_alarms"] == [], "verified while it was written"
    return True


def test_a_thousand_writes_at_once(run):
    mode = "threads" if connection.vendor == "sqlite" else "processes"
    found = run("--mode", mode, "--writers", 8, "--each", 125)
    assert sound(found)
    assert (found["acknowledged"], found["held"]) == (1000, 1000)


def test_writers_killed_in_the_middle(run):
    found = run("--mode", "processes", "--writers", 3, "--each", 60, "--kills", 5)
    assert sound(found)
    # A killed writer may have committed one write that it could not tell of any more.
    assert found["acknowledged"] <= found["held"] <= found["acknowledged"] + 5


@pytest.mark.full
def test_hundreds_of_kills(run):
    found = run("--mode", "processes", "--writers", 4, "--each", 1500, "--kills", 300)
    assert sound(found)
    assert found["acknowledged"] <= found["held"] <= found["acknowledged"] + 300
