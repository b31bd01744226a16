"""How long it takes to judge 10,000 systems: `python bench/checks.py [SYSTEMS]`. It works in a temporary home."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any


@contextmanager
def timed(what: str, goal: str = "") -> Iterator[None]:
    """Print how long a block took and how many queries it sent."""
    from django.db import connection, reset_queries

    gc.collect()  # what came before is not part of what is timed
    reset_queries()
    connection.force_debug_cursor = True
    began = time.perf_counter()
    yield
    seconds = time.perf_counter() - began
    connection.force_debug_cursor = False
    print(f"{what:<58}{seconds * 1000:>10.0f} ms{len(connection.queries_log):>6} queries   {goal}", flush=True)


def organisation_with(count: int) -> Any:
    """An organisation with `count` systems of mixed quality, a quarter of them without practices."""
    from pilothouse.kernel.access.models import Organisation, Person, Unit
    from pilothouse.kernel.inventory.models import Practice, System
    from pilothouse.kernel.inventory.practices import PRACTICES

    pick = Random(20240601)
    organisation = Organisation.objects.create(slug="bench", name="Bench")
    units = [Unit.objects.create(organisation=organisation, name=f"Unit {n}") for n in range(20)]
    people = Person.objects.bulk_create(Person(organisation=organisation, name=f"Person {n}") for n in range(50))
    systems = System.objects.bulk_create(
        (
            System(
                organisation=organisation,
                number=number,
                name=f"System {number}",
                purpose="Sorts what comes in, so that people answer sooner. " * pick.randint(0, 4),
                outputs=pick.choice(["", "A ranked list"]),
                unit=pick.choice(units),
                owner=pick.choice([None, *people]),
                stage=pick.choice(["idea", "development", "pilot", "production", "unknown"]),
                impact=pick.choice(["neither", "rights", "safety", "both", "unknown"]),
                personal_data=pick.choice(["none", "personal", "unknown"]),
                sourcing=pick.choice(["build", "buy", "unknown"]),
                outcome=pick.choice(["", "Shorter waiting"]),
            )
            for number in range(1, count + 1)
        ),
        batch_size=500,
    )
    statuses = [key for key, _ in Practice.STATUSES]
    Practice.objects.bulk_create(
        (
            Practice(
                organisation=organisation,
                system=system,
                key=key,
                status=pick.choice(statuses),
                words="As the file says.",
                source="bench",
            )
            for system in systems
            if pick.random() < 0.75
            for key in PRACTICES
            if pick.random() < 0.5
        ),
        batch_size=1000,
    )
    return organisation


def document(organisation: Any, share: float) -> int:
    """Seal a `share` of all the documents that the ten domains keep about each system, and the organisation's own."""
    from tests.papers import papers

    from pilothouse.kernel.clock import now
    from pilothouse.kernel.domain import registry
    from pilothouse.kernel.inventory.models import System
    from pilothouse.kernel.records.actions import hash_of
    from pilothouse.kernel.records.models import Record
    from pilothouse.kernel.records.schema import whole

    pick, moment = Random(20261123), now()
    places = list(System.objects.filter(organisation=organisation))

    def sealed(kind: str, body: dict[str, Any], system: Any) -> Any:
        spec = registry.records[kind]
        key = str(body[spec.key]) if spec.key else "1" if spec.many else ""
        row = Record(organisation=organisation, system=system, kind=kind, key=key, version=1, body=body)
        row.state, row.sealed_at, row.hash = "sealed", moment, hash_of(row)
        return row

    bodies = {kind: whole(registry.records[kind].schema, body) for kind, body in papers().items()}
    ours = {kind: body for kind, body in bodies.items() if not registry.records[kind].of_system}
    theirs = {kind: body for kind, body in bodies.items() if registry.records[kind].of_system}
    Record.objects.bulk_create(sealed(kind, body, None) for kind, body in ours.items())
    for at in range(0, len(places), 500):
        some = places[at : at + 500]
        Record.objects.bulk_create(
            [sealed(kind, body, one) for one in some for kind, body in theirs.items() if pick.random() < share],
            batch_size=500,
        )
    return Record.objects.filter(organisation=organisation).count()


def main(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from pilothouse.kernel.access.actor import system_actor
    from pilothouse.kernel.checks.actions import rulebook_adopt
    from pilothouse.kernel.checks.engine import evaluate, refresh
    from pilothouse.kernel.checks.impact import rulebook_impact
    from pilothouse.kernel.checks.rulebooks import SHIPPED
    from pilothouse.kernel.checks.selectors import tally, top_gaps
    from pilothouse.kernel.checks.trends import trend
    from pilothouse.kernel.domain import registry
    from pilothouse.kernel.inventory.models import System

    call_command("migrate", verbosity=0)
    organisation = organisation_with(count)
    actor = system_actor(organisation.pk, "Bench")
    documents = document(organisation, share=0.5)
    print(f"{len(registry.checks)} checks of {len(registry.domains)} domains, {count} systems, {documents} documents")
    with timed("adopt a rulebook: tiers, first judgement, all kept"):
        rulebook_adopt(actor=actor, base="enterprise")
    with timed("judge all again, nothing changed", "goal 30,000 ms"):
        evaluate(organisation.pk)
    one = System.objects.filter(organisation=organisation).first()
    for again in ("", " again"):
        with timed(f"judge one system{again}", "goal 200 ms"):
            refresh(actor, [one.pk])
    with timed("figure by check"):
        tally(actor)
    with timed("trend over 90 days"):
        trend(actor, days=90)
    with timed("the three gaps that matter most"):
        top_gaps(actor, 3)
    with timed("what an edit of the rulebook would change"):
        rulebook_impact(actor, SHIPPED["us_federal"].body)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))  # the papers that tests keep are in the project's own folder
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(
            PILOTHOUSE_HOME=home, PILOTHOUSE_SECRET_KEY="bench", DJANGO_SETTINGS_MODULE="pilothouse.site.settings"
        )
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
