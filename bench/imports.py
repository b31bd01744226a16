"""How long an inventory of 2,133 rows and 62 columns takes to import: `python bench/imports.py [ROWS]`.

Works in a temporary home, with every listener (checks, gaps) in place. The rows are made here.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
import time
from random import Random

GOAL = "goal: 10,000 ms for 2,133 rows"


def inventory(rows: int, seed: int) -> bytes:
    """A file in the shape of the 2024 inventory, with long texts and practices as the real one has."""
    from pilothouse.kernel.imports.adapters.us_federal_2024 import KEYS

    pick = Random(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(KEYS)
    stages = (
        "Initiated",
        "Acquisition and/or Development",
        "Implementation and Assessment",
        "Operation and Maintenance",
    )
    for number in range(rows):
        row = dict.fromkeys(KEYS, "")
        agency = number % 41
        row |= {
            "2_use_case_name": f"System {number}",
            "3_agency": f"Agency {agency}",
            "3_abr": f"A{agency}",
            "4_bureau": f"Bureau {number % 330}",
            "10_commercial_ai": "None of the above.",
            "11_purpose_benefits": "It sorts what comes in, so that people answer sooner. " * pick.randint(2, 20),
            "12_outputs": "A ranked list with reasons. " * pick.randint(1, 8),
            "16_dev_stage": stages[number % 4],
            "17_impact_type": pick.choice(("Neither", "Neither", "Both", "Rights-Impacting\n")),
            "18_date_initiated": "10/1/2022",
            "20_date_implemented": "7/16/1905",
            "29_contains_pii": pick.choice(("Yes", "No", "")),
            "30_saop_review": pick.choice(("Yes", "NO", "N/A")),
            "40_has_ato": pick.choice(("Yes", "No")),
            "52_impact_assessment": pick.choice(("", "Planned or in-progress.")),
        }
        writer.writerow([row[key] for key in KEYS])
    return out.getvalue().encode()


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "PILOTHOUSE_HOME": home,
            "PILOTHOUSE_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "pilothouse.site.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from pilothouse.kernel.access.actor import system_actor
        from pilothouse.kernel.access.models import Organisation
        from pilothouse.kernel.imports.actions import import_apply, import_preview

        call_command("migrate", verbosity=0)
        actor = system_actor(Organisation.objects.create(slug="bench", name="Bench").pk)
        for what, data in (
            ("new", inventory(rows, 1)),
            ("changed in most rows", inventory(rows, 2)),
            ("the same again", inventory(rows, 2)),
        ):
            began, cpu = time.perf_counter(), time.process_time()
            batch = import_preview(actor=actor, adapter="us-federal-2024", filename="bench.csv", data=data)
            seen = time.perf_counter()
            import_apply(actor=actor, batch=batch)
            total = time.perf_counter() - began
            parts = f"preview {1000 * (seen - began):,.0f} ms, CPU {1000 * (time.process_time() - cpu):,.0f} ms"
            print(f"{rows:,} rows, {what:<22}{1000 * total:>9,.0f} ms   {parts}   {GOAL}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2133)
