"""Obligations by regime, counted by hand."""

from datetime import date

import pytest
import time_machine

from pilothouse.domains.governance.selectors import by_regime
from pilothouse.domains.governance.tests.papers import obligation
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal

TODAY = date(2026, 11, 23)
OPEN = {"state": "open", "shown_by": None}


@pytest.fixture
def obligations(cast):
    """Two systems: of the AI Act 4 (1 in place, 2 open of which 1 past its day, 1 not applicable), of GDPR 1."""
    alice, caio = cast.actor("alice"), cast.actor("caio")
    mine = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    other = system_create(actor=caio, name="Planner")
    bodies = [
        (mine, obligation()),
        (mine, obligation(name="Keep the log", due="2026-11-22", **OPEN)),
        (other, obligation(name="Register it", due="2026-11-23", **OPEN)),
        (other, obligation(name="Mark it", state="not_applicable", not_because="It makes no images", shown_by=None)),
        (other, obligation(name="Answer requests", regime="gdpr")),
    ]
    records_seal(actor=caio, kind="governance.obligation", bodies=bodies)


def counts(line):
    return (line.title, line.systems, line.asked, line.in_place, line.open, line.late, line.not_applicable)


def test_it_works(cast, obligations, django_assert_max_num_queries):
    caio = cast.actor("caio")
    with django_assert_max_num_queries(1):
        lines = by_regime(caio, TODAY)
    assert [counts(line) for line in lines] == [("EU AI Act", 2, 3, 1, 2, 1, 1), ("GDPR", 1, 1, 1, 0, 0, 0)]


def test_only_of_systems_that_one_sees(cast, obligations):
    assert [counts(line) for line in by_regime(cast.actor("alice"), TODAY)] == [("EU AI Act", 1, 2, 1, 1, 1, 0)]
    assert by_regime(cast.actor("charlie"), TODAY) == []


@time_machine.travel("2026-11-23 12:00Z", tick=False)
def test_the_page(browse, obligations):
    page = browse("caio").get("/o/harbour/domains/governance/").content.decode()
    assert "Obligations by regime" in page
    assert "1 of 3" in page


def test_without_obligations_there_is_no_panel(cast, browse):
    assert "Obligations by regime" not in browse("caio").get("/o/harbour/domains/governance/").content.decode()
