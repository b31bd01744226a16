"""Acceptance on the real public inventories, where they are present; see files.real for where they are looked for."""

import csv
import io
from collections import Counter

import pytest
from django.db.models import Q

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.imports.actions import import_apply, import_preview
from pilothouse.kernel.imports.models import ImportRow, SourceRecord
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.tests.files import real
from pilothouse.kernel.inventory.models import DatedFact, System

YEAR = "us-federal-2024"
# The publisher's table calls one agency by another name than its own rows do.
CALLED = {"Federal Reserve Board of Governors": "Board of Governors of the Federal Reserve System"}
IMPACTING = ("rights", "safety", "both")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def bring(actor, adapter, name, *parts):
    batch = import_preview(actor=actor, adapter=adapter, filename=name, data=real(*parts, name))
    return import_apply(actor=actor, batch=batch)


def counts(batch):
    return [batch.counts[outcome] for outcome in ("create", "change", "leave", "refuse")]


@pytest.mark.django_db
def test_the_inventory_of_2024(cast):
    caio = cast.actor("caio")
    v1, v2 = "2024_consolidated_ai_inventory_raw.csv", "2024_consolidated_ai_inventory_raw_v2.csv"
    assert counts(bring(caio, YEAR, v1, YEAR)) == [1757, 0, 0, 0]
    second = bring(caio, YEAR, v2, YEAR)
    assert counts(second) == [376, 22, 1735, 0]
    assert counts(bring(caio, YEAR, v2, YEAR)) == [0, 0, 2133, 0]
    assert System.objects.count() == 2133
    assert sorted(System.objects.values_list("number", flat=True)) == list(range(1, 2134))
    assert {i: System.objects.filter(impact=i).count() for i in IMPACTING} == {"rights": 131, "safety": 25, "both": 195}
    _agencies_equal_the_publishers()
    _no_column_is_lost(second, real(YEAR, v2))
    running = Q(stage__in=("pilot", "production"))
    assert System.objects.filter(running, inherited_at=None).count() == 0
    assert System.objects.exclude(running).exclude(inherited_at=None).count() == 0
    assert DatedFact.objects.filter(raw__endswith="/1905").exclude(precision="year").count() == 0


def _agencies_equal_the_publishers():
    oracle = {row["agency"]: row for row in csv.DictReader(io.StringIO(real(YEAR, "oracle_2024.csv").decode()))}
    roots = {root.path: root.name for root in Unit.objects.filter(parent=None)}
    total, impacting = Counter(), Counter()
    for path, impact in System.objects.values_list("unit__path", "impact"):
        agency = roots[path[:34]]
        total[agency] += 1
        impacting[agency] += impact in IMPACTING
    assert len(roots) == 41
    for agency, row in oracle.items():
        if agency == "Total":
            assert (sum(total.values()), sum(impacting.values())) == (int(row["total"]), 351)
            continue
        name = CALLED.get(agency, agency)
        assert (total[name], impacting[name]) == (int(row["total"]), int(row["high_or_rights_safety"])), agency


def _no_column_is_lost(batch, data):
    table = read_table(data)
    kept = {row.line: row.raw for row in ImportRow.objects.filter(batch=batch)}
    assert len(kept) == len(table.rows) == 2133
    for row in table.rows:
        assert tuple(kept[row.line][key] for key, _ in batch.columns) == row.cells
    assert SourceRecord.objects.filter(source=YEAR).count() == 2133


@pytest.mark.django_db
def test_the_inventory_of_2023(cast):
    caio = cast.actor("caio")
    name = "2023_consolidated_ai_inventory_raw.csv"
    assert counts(bring(caio, "us-federal-2023", name, "us-federal-2023")) == [710, 0, 0, 0]
    assert counts(bring(caio, "us-federal-2023", name, "us-federal-2023")) == [0, 0, 710, 0]
    assert Unit.objects.filter(parent=None).count() == 21


@pytest.mark.django_db
def test_the_uks_records(cast):
    caio = cast.actor("caio")
    assert counts(bring(caio, "uk-atrs", "atrs_records.csv", "uk-atrs", "data")) == [136, 0, 0, 0]
    assert counts(bring(caio, "uk-atrs", "atrs_records.json", "uk-atrs", "data")) == [0, 136, 0, 0]
    assert counts(bring(caio, "uk-atrs", "atrs_records.json", "uk-atrs", "data")) == [0, 0, 136, 0]
    assert System.objects.filter(stage="unknown").count() == 136
    assert not System.objects.filter(purpose="").exists()
