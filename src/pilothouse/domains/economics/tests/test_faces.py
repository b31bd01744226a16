"""Economics' own page and panel, through the front door."""

from __future__ import annotations

import pytest
import time_machine

from pilothouse.domains.economics.answer import books
from pilothouse.domains.economics.facts import PLAN, PRICE, REVIEW
from pilothouse.domains.economics.selectors import outlook
from pilothouse.domains.economics.tests.papers import PAPERS
from pilothouse.domains.economics.tests.test_answer import NOW, three  # noqa: F401 - a fixture
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal

PAGE = "/o/harbour/economics/returns/"
DOMAIN = "/o/harbour/domains/economics/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def plan(cast, **changes):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="Planned")
    records_seal(actor=caio, kind=PRICE, bodies=[(None, PAPERS[PRICE])])
    records_seal(actor=caio, kind=PLAN, bodies=[(system, PAPERS[PLAN] | changes)])


def test_each_system_is_there(three, browse):  # noqa: F811
    text = browse("caio").get(PAGE).content.decode()
    assert "EUR 2,500.00 is booked for EUR 2,000.00" in text
    assert all(said in text for said in ("System 1", "System 2", "For no system alone", "USD 80.00", "2.50"))


def test_the_same_rows_as_a_file(three, browse):  # noqa: F811
    response = browse("caio").get(f"{PAGE}export.csv")
    rows = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert rows[1] == "S-1,System 1,production,EUR,1000.00,2500.00,5000.00,2.5000"
    assert len(rows) == 5


def test_nothing_yet(cast, browse):
    assert "Nothing was spent or brought yet" in browse("caio").get(PAGE).content.decode()


def test_who_may_not(three, browse, cast):  # noqa: F811
    assert browse("employee").get(PAGE).status_code in (403, 404)
    assert browse("charlie").get(PAGE).status_code == 404
    assert browse("board" if "board" in cast.people else "employee").get(f"{PAGE}export.csv").status_code in (403, 404)


def test_an_owner_sees_their_own(three, browse, cast):  # noqa: F811
    System.objects.filter(pk=three[1].pk).update(owner=cast.people["alice"])
    text = browse("alice").get(PAGE).content.decode()
    assert "System 2" in text
    assert "System 1" not in text
    assert "For no system alone" not in text


def test_the_domain_page_shows_spending_and_the_fan(three, browse, cast):  # noqa: F811
    plan(cast)
    text = browse("caio").get(DOMAIN).content.decode()
    assert "Spending and value" in text
    assert "Spending added up: 2,000 EUR on 23 November 2026" in text
    assert "1 cost plan" in text


def test_without_money_there_is_no_panel(cast, browse):
    assert "Spending and value" not in browse("caio").get(DOMAIN).content.decode()


def test_the_fan_by_hand(cast):
    """A plan over 366 days from 23 November: of the day before nothing counts, and on its last day all of it."""
    total = {"p10": "366", "p50": "732", "p90": "1098"}
    line = PAPERS[PLAN]["lines"][0] | {"cost": total}
    plan(cast, starts="2026-11-23", ends="2027-11-23", total=total, lines=[line])
    caio = cast.actor("caio")
    found = outlook(caio, books(caio, NOW))
    assert (found.plans, found.left_out) == (1, 0)
    assert [point.known for point in found.points] == [True] * 13 + [False] * 13
    assert found.now.middle == 0
    november = found.points[13]
    assert (november.low, november.middle, november.high) == (7, 14, 21)
    assert (found.last.low, found.last.middle, found.last.high) == (365, 730, 1095)


def test_plans_in_other_currencies_are_left_out(cast):
    plan(cast, currency="USD")
    caio = cast.actor("caio")
    found = outlook(caio, books(caio, NOW))
    assert (found.plans, found.left_out, len(found.points)) == (0, 1, 13)


def test_queries_do_not_grow(three, browse, django_assert_max_num_queries):  # noqa: F811
    client = browse("caio")
    client.get(PAGE)
    with django_assert_max_num_queries(25):
        client.get(PAGE)


def test_a_system_shows_its_money_and_the_rule(three, browse, cast):  # noqa: F811
    tab = "/o/harbour/systems/1/?tab=money"
    assert "Work it out" in browse("caio").get(tab).content.decode()
    assert "Work it out" not in browse("auditor").get(tab).content.decode()
    records_seal(actor=cast.actor("caio"), kind=REVIEW, bodies=[(three[0], PAPERS[REVIEW])])
    text = browse("caio").get(tab).content.decode()
    assert "2.90 %" in text
    assert "EUR 1,343" in text  # 900 results a month, 1.492 each
    assert "Reviewing every result gains more than it costs." in text
    assert "2,500.00" in text
