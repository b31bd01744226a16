"""How long the pages of systems take over 10,000 of them: `python bench/pages.py [SYSTEMS]`.

It works in a temporary home, unless PILOTHOUSE_HOME names one to keep; then `caio@bench.example` can sign in there.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from random import Random
from statistics import median
from typing import Any

PASSWORD = "correct horse battery staple"
WHAT = ("credit", "claims", "invoice", "candidate", "contract", "customer", "fraud", "shift", "demand", "letter",
        "call", "image", "document", "maintenance", "price", "risk", "e-mail", "search", "training", "safety", "energy",
        "route")  # fmt: skip
DOES = ("scoring", "summary", "triage", "forecast", "matching", "drafting", "routing", "detection", "extraction",
        "assistant", "ranking", "translation", "review", "planning", "monitoring", "classification")  # fmt: skip
WHERE = ("retail", "Nordics", "wholesale", "branch network", "head office", "service centre", "plant 4", "field teams",
         "suppliers", "students", "Iberia", "night shift", "pilot group", "web shop", "legal desk")  # fmt: skip
TECHNIQUES = ("gradient boosting", "language model", "language model, retrieval", "time series", "computer vision")
VENDORS = ("", "", "", "Northlight", "Calyx Documents", "Sentrel", "Parley", "Isobar", "Talentine")


def organisation_with(count: int) -> Any:
    """An organisation with `count` systems, 200 units in a tree, 2,000 people, components, practices and tags."""
    from conftest import add_person
    from django.utils import timezone

    from pilothouse.kernel.access.models import Organisation, Person, Unit
    from pilothouse.kernel.inventory.models import Component, ExternalId, Practice, Relation, System
    from pilothouse.kernel.inventory.practices import PRACTICES

    pick = Random(20261123)
    here = Organisation.objects.create(slug="bench", name="Bench")
    add_person(here, "caio", "caio")
    roots = [Unit.objects.create(organisation=here, name=f"Division {n}") for n in range(1, 11)]
    units = [
        Unit.objects.create(organisation=here, parent=root, name=f"{pick.choice(WHERE)} {n}".capitalize())
        for root in roots
        for n in range(1, 20)
    ]
    people = Person.objects.bulk_create(
        Person(organisation=here, name=f"{pick.choice('ABCDEFGHIJKLM')}. {word.title()} {n}", title="Manager")
        for n in range(100)
        for word in (*WHAT, *DOES)
    )[:2000]
    now = timezone.now()
    systems = System.objects.bulk_create(
        (
            System(
                organisation=here,
                number=number,
                name=f"{pick.choice(WHAT)} {pick.choice(DOES)} for {pick.choice(WHERE)}".capitalize(),
                purpose=pick.choice(("", "Sort what comes in, so that people answer sooner. " * pick.randint(1, 6))),
                unit=pick.choice([None, *units, *units]),
                owner=pick.choice([None, *people[:400]]),
                stage=pick.choice(["idea", "development", "pilot", "production", "production", "retired", "unknown"]),
                tier=pick.choice(["low", "medium", "high", "unknown"]),
                impact=pick.choice(["neither", "rights", "safety", "both", "unknown"]),
                personal_data=pick.choice(["none", "personal", "unknown"]),
                sourcing=pick.choice(["build", "buy", "api", "unknown"]),
                technique=pick.choice(TECHNIQUES),
                vendor=pick.choice(VENDORS),
                outcome=pick.choice(["", "Shorter waiting"]),
                tags=pick.sample(["hr", "reviewed", "2026", "customer", "board"], pick.randint(0, 2)),
                changed_at=now - timedelta(hours=pick.randint(0, 9000)),
            )
            for number in range(1, count + 1)
        ),
        batch_size=500,
    )
    ExternalId.objects.bulk_create(
        (ExternalId(organisation=here, system=s, source="cmdb", value=f"CI{s.number:06}") for s in systems),
        batch_size=1000,
    )
    keys = list(PRACTICES)
    Practice.objects.bulk_create(
        (
            Practice(organisation=here, system=s, key=key, status=pick.choice(["met", "not_met"]), source="bench")
            for s in systems
            for key in pick.sample(keys, 6)
        ),
        batch_size=1000,
    )
    models = Component.objects.bulk_create(
        Component(organisation=here, kind="model", name=f"Nord {n}", version="1") for n in range(200)
    )
    Relation.objects.bulk_create(
        (Relation(organisation=here, system=s, kind="uses", component=pick.choice(models)) for s in systems),
        batch_size=1000,
    )
    return here


def measure(client: Any, what: str, path: str, goal: str = "≤ 300 ms", visits: int = 5) -> None:
    """Print the median of some visits after a first, and the queries of one more."""
    from django.db import connection, reset_queries

    times = []
    for _ in range(1 + visits):
        reset_queries()
        began = time.perf_counter()
        answer = client.get(path)
        size = sum(len(part) for part in answer.streaming_content) if answer.streaming else len(answer.content)
        times.append(time.perf_counter() - began)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    connection.force_debug_cursor = True
    reset_queries()
    answer = client.get(path)
    if answer.streaming:
        for _ in answer.streaming_content:
            pass
    queries = len(connection.queries_log)
    connection.force_debug_cursor = False
    print(
        f"{what:<46}{median(times[1:]) * 1000:>8.0f} ms{queries:>5} queries{size / 1000:>9.0f} kB   {goal}", flush=True
    )


def main(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from pilothouse.kernel.access.actor import system_actor
    from pilothouse.kernel.access.models import Organisation
    from pilothouse.kernel.checks.actions import rulebook_adopt
    from pilothouse.kernel.checks.active import active_rulebook
    from pilothouse.kernel.inventory.actions import duplicates_find

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    here = Organisation.objects.filter(slug="bench").first() or organisation_with(count)
    client = Client(SERVER_NAME="localhost")
    if not client.login(email="caio@bench.example", password=PASSWORD):
        raise SystemExit("cannot sign in")
    if active_rulebook(here.pk) is None:
        rulebook_adopt(actor=system_actor(here.pk), base="enterprise")  # judges every system, so pages have findings
    base = "/o/bench/systems/"
    measure(client, "home", "/o/bench/")
    measure(client, "the ten domains", "/o/bench/domains/")
    measure(client, "a domain, answered from findings", "/o/bench/domains/strategy/")
    measure(client, "interdependence", "/o/bench/interdependence/", "≤ 200 ms")
    measure(client, "list", base)
    measure(client, "list, search for two words", f"{base}?q=credit+scoring")
    measure(
        client, "list, five filters, sorted by owner", f"{base}?stage=production&missing=outcome&tag=hr&sort=-owner"
    )
    measure(client, "list, last page", f"{base}?page={count // 50}")
    measure(client, "more filters", f"{base}filters/")
    measure(client, "detail", f"{base}{count // 2}/")
    measure(client, "edit form", f"{base}{count // 2}/edit/")
    measure(client, "find a person", f"{base}people/?q=man&name=owner_id")
    measure(client, "components", "/o/bench/components/")
    measure(client, "bulk edit, choose", f"{base}bulk/?stage=pilot")
    measure(client, "export, CSV", f"{base}export.csv", "streams", visits=1)
    began = time.perf_counter()
    found = duplicates_find(actor=system_actor(here.pk))
    print(
        f"{'look for duplicates':<46}{(time.perf_counter() - began) * 1000:>8.0f} ms   {len(found)} pairs", flush=True
    )


if __name__ == "__main__":
    home = os.environ.get("PILOTHOUSE_HOME") or tempfile.mkdtemp(prefix="pilothouse-bench-")
    os.environ["PILOTHOUSE_HOME"] = home
    os.makedirs(home, exist_ok=True)
    os.environ.setdefault("PILOTHOUSE_SECRET_KEY", "a-key-that-only-the-bench-uses-0123456789abcdef")
    os.environ.setdefault("PILOTHOUSE_LOG_LEVEL", "WARNING")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings")
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
