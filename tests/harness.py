"""What pytest needs to run the house: PostgreSQL when asked for, and a flush that append-only tables survive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connections
from django.test import TransactionTestCase

from tests.postgres import Server

SERVER: list[Server] = []

# `make test` decides whether a change lands, so it tries the same examples each time; `make test-full` tries new ones.
hypothesis.settings.register_profile("land", deadline=None, derandomize=True)
hypothesis.settings.register_profile("full", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("full" if os.environ.get("PILOTHOUSE_TEST_FULL") else "land")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or os.environ.get("PILOTHOUSE_TEST_DATABASE") != "postgresql":
        return
    server = Server(Path(os.environ["PILOTHOUSE_TEST_HOME"]))
    SERVER.append(server)
    server.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    for server in SERVER:
        server.stop()
    shutil.rmtree(os.environ["PILOTHOUSE_TEST_HOME"], ignore_errors=True)


def pytest_report_header() -> str:
    return f"database: {os.environ.get('PILOTHOUSE_TEST_DATABASE', 'sqlite')}"


@contextmanager
def unguarded(alias: str) -> Iterator[None]:
    """Lift the triggers that refuse update and delete, for the flush after a test that really commits."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


@pytest.fixture(autouse=True, scope="session")
def _flush_reaches_append_only_tables() -> Iterator[None]:
    teardown = TransactionTestCase._fixture_teardown

    def lifted(self: Any) -> None:
        with unguarded("default"):
            teardown(self)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], db: None) -> Any:
    """Run a command of the CLI in this process: `code, out, err = cli("org", "create", "harbour")`."""
    from pilothouse.site.cli import run

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
