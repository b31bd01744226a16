"""Platform's panel on its domain's page, through the front door."""

from __future__ import annotations

from datetime import date

import time_machine

from pilothouse.domains.platform.selectors import by_kind, open_blockers
from pilothouse.domains.platform.tests.papers import PAPERS
from pilothouse.domains.platform.tests.test_answer import BLOCKER, NOW, blocker, six  # noqa: F401 - six is a fixture
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal

PAGE = "/o/harbour/domains/platform/"
TODAY = date(2026, 11, 23)


def test_by_kind_and_age(cast, six):  # noqa: F811
    caio = cast.actor("caio")
    records_seal(actor=caio, kind=BLOCKER, bodies=[(six[5], blocker("model", "2026-11-01", owner=None))])
    found = open_blockers(caio, TODAY)
    assert (found[0].number, found[0].since) == (3, date(2026, 3, 1))
    counts = {one.kind: (one.young, one.middle, one.old, one.unowned) for one in by_kind(found, TODAY)}
    assert counts == {"model": (1, 1, 1, 1), "data_access": (0, 0, 1, 0), "data_quality": (0, 1, 0, 0)}


def test_it_stands_on_the_domains_page(cast, six, browse):  # noqa: F811
    with time_machine.travel(NOW, tick=False):
        text = browse("caio").get(PAGE).content.decode()
    assert "What blocks use cases" in text
    assert "?blocked=data_access" in text
    assert "Alice" in text


def test_nothing_blocks(cast, browse):
    assert "What blocks use cases" not in browse("caio").get(PAGE).content.decode()


def test_the_filter_opens_the_rows(cast, six, browse):  # noqa: F811
    text = browse("caio").get("/o/harbour/systems/?blocked=data").content.decode()
    assert "System 0" in text
    assert "System 2" not in text
    assert "Blocked by data access, data quality or a legacy system" in text
    assert browse("caio").get("/o/harbour/systems/?blocked=aliens").status_code == 422


def test_an_owner_sees_what_blocks_theirs(cast, six):  # noqa: F811
    System.objects.filter(pk=six[1].pk).update(owner=cast.people["alice"])
    assert {one.number for one in open_blockers(cast.actor("alice"), TODAY)} == {2}
    assert not open_blockers(cast.actor("charlie"), TODAY)
    assert PAPERS[BLOCKER]["owner"] == "alice@harbour.example"


def test_queries_do_not_grow(cast, six, django_assert_max_num_queries):  # noqa: F811
    caio = cast.actor("caio")
    with django_assert_max_num_queries(2):
        open_blockers(caio, TODAY)
