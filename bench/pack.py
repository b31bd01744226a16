"""How long an audit pack takes: `python bench/pack.py [ENTRIES] [FILES]`. It works in a temporary home.

One system with 100,000 ledger entries among 120,000, and 500 files of evidence; sealed documents; findings over time.
The first pack, the next one after 20 entries, the same moment again without its file, the redacted one, and verifying.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

FILE = 100_000


@contextmanager
def timed(what: str, goal: str = "") -> Iterator[None]:
    """Print how long a block took: wall time, and the process's own."""
    gc.collect()
    began, own = time.perf_counter(), time.process_time()
    yield
    seconds, used = time.perf_counter() - began, time.process_time() - own
    print(f"{what:<62}{seconds:>7.2f} s{used:>8.2f} s CPU   {goal}", flush=True)


def made(entries: int, files: int) -> tuple[Any, Any]:
    """The organisation's CAIO as an actor, and the system."""
    from conftest import add_person

    from pilothouse.kernel import clock
    from pilothouse.kernel.access.models import Organisation
    from pilothouse.kernel.access.selectors import actor_of_person
    from pilothouse.kernel.inventory.actions import system_create

    organisation = Organisation.objects.create(slug="bench", name="Bench")
    caio = actor_of_person(add_person(organisation, "caio", "caio"), via="cli", request_id="bench")
    with clock.telling(clock.now() - timedelta(days=400)):
        system = system_create(actor=caio, name="CV ranking", purpose="Rank applicants")
        other = system_create(actor=caio, name="Other")
    history(caio, system, other, entries)
    evidence(caio, system, files)
    documents(caio, system)
    findings(system)
    return caio, system


def history(caio: Any, system: Any, other: Any, entries: int) -> None:
    """Entries about the system, and after each fifth one about another."""
    from django.db import transaction

    from pilothouse.kernel import clock
    from pilothouse.kernel.ledger.actions import checkpoint_make
    from pilothouse.kernel.ledger.log import Event, record_many

    now, batch = clock.now(), 2_000
    for start in range(0, entries, batch):
        with clock.telling(now - timedelta(days=399 * (1 - start / entries), hours=1)):
            events = []
            for number in range(start, min(start + batch, entries)):
                before, after = {"purpose": f"Rank applicants, {number}"}, {"purpose": f"Rank applicants, {number + 1}"}
                events.append(Event("system.changed", system, system.pk, before, after, "Said more clearly"))
                if number % 5 == 0:
                    events.append(Event("system.changed", other, other.pk, before, after))
            with transaction.atomic():
                record_many(caio, events)
            checkpoint_make(actor=caio)


def evidence(caio: Any, system: Any, files: int) -> None:
    from pilothouse.kernel.evidence.actions import evidence_add

    pick = Random(20261129)
    for number in range(files):
        text = f"{number} ".encode() + pick.randbytes(FILE // 2).hex().encode()
        evidence_add(
            actor=caio,
            system=system,
            title=f"Report {number}",
            filename=f"report-{number}.txt",
            data=text,
            supports=["governance.controls_evidenced"],
        )


def documents(caio: Any, system: Any) -> None:
    from tests.papers import papers

    from pilothouse.contracts.errors import PilothouseError
    from pilothouse.kernel.domain import registry
    from pilothouse.kernel.records.actions import record_draft, record_seal

    for kind, body in papers().items():
        if kind not in registry.records:
            continue
        about = system if registry.records[kind].of_system else None
        try:
            record_seal(actor=caio, record=record_draft(actor=caio, system=about, kind=kind, body=body))
        except PilothouseError:  # it names another document that is not there
            continue


def findings(system: Any) -> None:
    from pilothouse.kernel import clock
    from pilothouse.kernel.checks.models import FindingRow
    from pilothouse.kernel.domain import registry

    now = clock.now()
    FindingRow.objects.bulk_create(
        FindingRow(
            organisation_id=system.organisation_id,
            system=system,
            check_id=check,
            status="met" if number % 2 else "not_met",
            grade="sealed",
            reason="As the document says.",
            from_at=now - timedelta(days=400 - 20 * number),
            to_at=now - timedelta(days=380 - 20 * number),
        )
        for check in registry.checks
        for number in range(18)
    )


def more(caio: Any, system: Any) -> None:
    from pilothouse.kernel.inventory.actions import system_change

    for number in range(20):
        system_change(actor=caio, system=system, changes={"purpose": f"Rank applicants, again {number}"})


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    home = Path(tempfile.mkdtemp(prefix="pilothouse-bench-"))
    os.environ["PILOTHOUSE_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "pilothouse.site.settings"
    sys.path.insert(0, str(Path(__file__).parent.parent))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    measure(entries, files)


def measure(entries: int, files: int) -> None:
    from pilothouse.domains.governance.pack import slices, verify_pack
    from pilothouse.domains.governance.pack.actions import pack_path, pack_seal

    with timed(f"making {entries:,} entries and {files} files"):
        caio, system = made(entries, files)
    slices.forget_trees()
    with timed("first pack", "10 s"):
        first = pack_seal(actor=caio, system=system)
    data = pack_path(first).read_bytes()
    print(f"{'':4}{len(data) / 2**20:,.1f} MiB; {first.counts}")
    more(caio, system)
    with timed("next pack, 20 entries on", "2 s"):
        pack_seal(actor=caio, system=system)
    slices.forget_trees()
    with timed("next pack in a process of its own, nothing in memory", "2 s"):
        pack_seal(actor=caio, system=system)
    pack_path(first).unlink()
    with timed("the first one made again"):
        again = pack_path(first).read_bytes()
    print(f"{'':4}{'the same bytes' if again == data else 'OTHER BYTES'}")
    with timed("redacted, first"):
        bare = pack_seal(actor=caio, system=system, profile="redacted")
    with timed("verifying the first"):
        lines = verify_pack.verify(io.BytesIO(data))
    verify_pack.verify(io.BytesIO(pack_path(bare).read_bytes()))
    print(*(f"{'':4}{line}" for line in lines), sep="\n")
    print(f"{'':4}most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
