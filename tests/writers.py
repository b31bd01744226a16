"""Many writers at once, some of them killed: what tests/test_concurrency.py runs in a process of its own.

    python -m tests.writers --mode processes --writers 8 --each 125 --kills 0

Prints one line of JSON: how many writes were acknowledged, what the database holds, and whether the log verifies.
The database is that of PILOTHOUSE_DATABASE_URL or of PILOTHOUSE_HOME, and is migrated first.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import threading
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings")
django.setup()

from django.core.management import call_command
from django.db import connection, connections

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry, Log
from pilothouse.kernel.ledger.verify import verify

fork = get_context("fork")


def write(organisation_id: Any, writer: str, count: int, done: Any) -> None:
    """Create `count` systems, acknowledging each by name once it is committed."""
    actor = system_actor(organisation_id)
    for i in range(count):
        name = f"{writer}/{i}"
        system_create(actor=actor, name=name)
        done(name)
    connection.close()


def watch(organisation_id: Any, stop: Any, found: list[str] | Any) -> None:
    """Verify the log again and again while it is written: nothing may look wrong meanwhile."""
    while not stop.is_set():
        for problem in verify(organisation_id).problems:
            found.append(problem.detail)
        time.sleep(0.5)
    connection.close()


def in_threads(organisation_id: Any, writers: int, each: int, false_alarms: list[str]) -> set[str]:
    names: list[str] = []  # list.append is atomic
    threads = [
        threading.Thread(target=write, args=(organisation_id, f"thread-{n}", each, names.append))
        for n in range(writers)
    ]
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(organisation_id, stop, false_alarms))
    for thread in [watcher, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    watcher.join()
    return set(names)


def in_processes(organisation_id: Any, writers: int, each: int, kills: int, false_alarms: list[str]) -> set[str]:
    """`writers` run to their end while `kills` others die of SIGKILL, one after the other, somewhere in a write."""
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()  # a pool must not be shared across a fork
    stop, told, watcher = _watcher(organisation_id)
    steady = [_start(organisation_id, f"steady-{n}", each) for n in range(writers)]
    names: set[str] = set()
    for n in range(kills):
        process, pipe = _start(organisation_id, f"doomed-{n}", 10_000)
        if pipe.poll(60):
            names.add(pipe.recv())
        time.sleep(random.uniform(0, 0.05))  # noqa: S311 - any moment will do
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        names |= _drain(pipe)
    for process, pipe in steady:
        names |= _drain(pipe)
        process.join()
        assert process.exitcode == 0, f"a steady writer ended with {process.exitcode}"
    stop.set()
    false_alarms.extend(_drain(told))
    watcher.join()
    return names


def _watcher(organisation_id: Any) -> tuple[Any, Connection, Any]:
    """A process that verifies while the others write; what looks wrong comes through the pipe."""
    reader, sender = fork.Pipe(duplex=False)
    stop = fork.Event()

    class Told:
        append = sender.send

    process = fork.Process(target=watch, args=(organisation_id, stop, Told))
    process.start()
    sender.close()
    return stop, reader, process


def _start(organisation_id: Any, writer: str, count: int) -> tuple[Any, Connection]:
    reader, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=write, args=(organisation_id, writer, count, sender.send))
    process.start()
    sender.close()
    return process, reader


def _drain(pipe: Connection) -> set[str]:
    names = set()
    try:
        while True:
            names.add(pipe.recv())
    except (EOFError, OSError):
        return names


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=("threads", "processes"), required=True)
    parser.add_argument("--writers", type=int, required=True)
    parser.add_argument("--each", type=int, required=True)
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    call_command("migrate", verbosity=0)
    organisation = Organisation.objects.create(slug="harbour", name="Harbour")
    false_alarms: list[str] = []
    if arguments.mode == "threads":
        acknowledged = in_threads(organisation.pk, arguments.writers, arguments.each, false_alarms)
    else:
        acknowledged = in_processes(organisation.pk, arguments.writers, arguments.each, arguments.kills, false_alarms)
    held = list(System.objects.values_list("name", "number", "pk"))
    entries = list(Entry.objects.filter(action="system.created").values_list("subject_id", flat=True))
    report = verify(organisation.pk)
    result = {
        "acknowledged": len(acknowledged),
        "held": len(held),
        "lost": sorted(acknowledged - {name for name, _, _ in held}),
        "doubled": len(held) - len({name for name, _, _ in held}),
        "numbers_in_a_row": sorted(number for _, number, _ in held) == list(range(1, len(held) + 1)),
        "each_in_the_ledger_once": sorted(entries) == sorted(pk for _, _, pk in held),
        "head": Log.objects.get(organisation=organisation).size == report.size,
        "problems": [problem.detail for problem in report.problems],
        "false_alarms": false_alarms,
        "vendor": connection.vendor,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
