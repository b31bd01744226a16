"""Coverage over ten thousand systems: how long judging every control takes once, and reading all frameworks after it.

`python bench/frameworks.py [SYSTEMS]`. It works in a temporary home.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as place:
        os.environ["PILOTHOUSE_HOME"] = place
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings")
        from pilothouse.site import home

        home.prepare(Path(place))
        import django

        django.setup()
        measure(count)


def measure(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from pilothouse.domains.governance.frameworks import actions, shipped
    from pilothouse.domains.governance.frameworks.coverage import overviews
    from pilothouse.domains.governance.frameworks.keeping import keep
    from pilothouse.kernel import clock
    from pilothouse.kernel.access.actor import system_actor
    from pilothouse.kernel.access.selectors import organisation_of
    from pilothouse.kernel.checks.engine import refresh
    from pilothouse.kernel.directory.actions import organisation_create
    from pilothouse.kernel.evidence.models import Evidence
    from pilothouse.kernel.inventory.models import System
    from pilothouse.kernel.records.judging import today

    call_command("migrate", verbosity=0)
    organisation_create(slug="bench", name="Bench", time_zone="UTC", by="Bench")
    organisation = organisation_of("bench")
    actor = system_actor(organisation.pk)
    techniques = ("language model", "gradient boosting", "agent", "time series")
    System.objects.bulk_create(
        System(
            organisation=organisation,
            number=n,
            name=f"System {n}",
            technique=techniques[n % 4],
            stage="production",
            impact=("rights", "neither", "unknown")[n % 3],
        )
        for n in range(1, count + 1)
    )
    began = time.perf_counter()
    refresh(actor, None)
    print(f"findings of {count:,} systems: {time.perf_counter() - began:.1f} s (not ours: what is read)")
    day = today(clock.now())
    ids = list(System.objects.values_list("pk", flat=True))
    Evidence.objects.bulk_create(
        (
            Evidence(
                organisation=organisation,
                system_id=pk,
                kind="link",
                title="Report",
                supports=["inventory.testing", "inventory.monitoring"],
                sha256="0" * 64,
                url="https://bench.example/",
                effective_on=day - timedelta(days=30),
                expires_on=day + timedelta(days=n % 90),
            )
            for n, pk in enumerate(ids)
        ),
        batch_size=1000,
    )
    for key in shipped.ORDER:
        actions.framework_adopt(actor=actor, key=key)
    began = time.perf_counter()
    judged = keep(organisation.pk)
    print(f"controls of {judged:,} systems judged and kept: {time.perf_counter() - began:.1f} s")
    with CaptureQueriesContext(connection) as asked:
        began = time.perf_counter()
        found = overviews(actor, day)
        took = time.perf_counter() - began
    cells = sum(one.figure(ahead=True).asked for one in found)
    print(f"{len(found)} frameworks over them, {cells:,} requirements × systems: {took:.2f} s, {len(asked)} queries")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
