"""What comes back for what was spent, counted by hand; currencies kept apart; booked by signature only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from pilothouse.domains.economics.answer import answer, books, returns
from pilothouse.domains.economics.facts import BUDGET, INVOICE, PRICE, VALUE, charged
from pilothouse.domains.economics.tests.papers import PAPERS
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.signed import signed_entries
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal, records_seal
from pilothouse.kernel.records.models import Record

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def invoice(number, on, *lines, currency="EUR"):
    """An invoice of (system, amount)."""
    said = [{"text": "Text model", "category": "model_use", "amount": amount, "system": at} for at, amount in lines]
    total = str(sum(Decimal(amount) for _, amount in lines))
    changes = {"number": f"Invoice {number}", "invoiced_on": on, "lines": said, "total": total, "currency": currency}
    return None, PAPERS[INVOICE] | changes


def value(system, ends, amount, **changes):
    body = PAPERS[VALUE] | {"name": f"Until {ends}", "starts": ends, "ends": ends, "amount": amount}
    return system, body | {"low": None, "high": None} | changes


def book(cast, record):
    """Finance signs off that exact version."""
    asked = record_signoff_request(
        actor=cast.actor("caio"), record=record, groups=(("cfo",),), reason="To be booked for the quarter"
    )
    return decision_sign(
        actor=cast.actor("cfo"),
        decision=asked,
        verdict="approve",
        reason="It is in the accounts",
        content_hash=asked.content_hash,
    )


@pytest.fixture
def three(cast):
    """Three running systems: 1 cost 1,000 and brought 2,500; 2 cost 600 and brought 900 that nobody signed; 3 has
    neither. 400 was spent on none alone, and 50 dollars on system 1."""
    caio = cast.actor("caio")
    with time_machine.travel(datetime(2025, 1, 10, tzinfo=UTC), tick=False):
        made = [system_create(actor=caio, name=f"System {n}") for n in (1, 2, 3)]
    System.objects.filter(pk__in=[one.pk for one in made]).update(stage="production")
    records_seal(
        actor=caio,
        kind=INVOICE,
        bodies=[
            invoice("A", "2026-02-15", (1, "400"), (2, "600")),
            invoice("B", "2026-09-15", (1, "600"), (None, "400")),
            invoice("C", "2026-09-20", (1, "50"), currency="USD"),
            invoice("D", "2025-11-23", (1, "7777")),  # a day too old
        ],
    )
    values = [
        value(made[0], "2026-03-31", "1500"),
        value(made[0], "2026-10-31", "1000"),
        value(made[0], "2026-10-30", "80", currency="USD"),
        value(made[1], "2026-10-31", "900"),
        value(made[0], "2026-10-29", "5000", method="self_report"),
    ]
    for record in [*records_seal(actor=caio, kind=VALUE, bodies=values)]:
        if record.system_id == made[0].pk:
            book(cast, record)
    return made


def test_counted_by_hand(cast, three):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.numerator, figure.denominator, figure.value, figure.unknown) == (2500, 2000, 1.25, 2)
    assert (figure.unit, figure.rows) == ("EUR for each EUR spent", "economics/returns/")
    assert figure.because == (
        "EUR 2,500.00 is booked for EUR 2,000.00 invoiced since 24 November 2025; 2 running systems lack one or the "
        "other. Different currencies are not added; left out: USD 80.00 booked for USD 50.00."
    )


def test_each_system(cast, three):
    lines = returns(books(cast.actor("caio"), NOW))
    assert [(one.number, one.currency, one.spent, one.booked, one.told, one.ratio) for one in lines] == [
        (1, "EUR", Decimal(1000), Decimal(2500), Decimal(5000), Decimal("2.5")),
        (2, "EUR", Decimal(600), Decimal(0), Decimal(900), Decimal(0)),
        (0, "EUR", Decimal(400), Decimal(0), Decimal(0), None),
        (1, "USD", Decimal(50), Decimal(80), Decimal(0), Decimal("1.6")),
    ]


def test_the_trend_by_month(cast, three):
    trend = {point.day: point for point in answer(cast.actor("caio"), NOW).trend}
    assert len(trend) == 13
    assert (trend[date(2025, 11, 30)].value, trend[date(2025, 11, 30)].denominator) == (None, 7777)
    assert trend[date(2026, 2, 28)].value is None
    assert trend[date(2026, 3, 31)].value == round(1500 / 8777, 2)
    assert trend[date(2026, 9, 30)].value == round(1500 / 9777, 2)
    assert trend[date(2026, 10, 31)].value == round(2500 / 9777, 2)
    assert trend[date(2026, 11, 23)].value == 1.25


def test_a_new_version_is_not_booked_until_it_is_signed(cast, three):
    caio = cast.actor("caio")
    held = Record.objects.get(kind=VALUE, key="Until 2026-10-31", system=three[0])
    body = held.body | {"amount": "1200.00"}
    record_seal(actor=caio, record=record_draft(actor=caio, system=three[0], kind=VALUE, body=body, key=held.key))
    assert answer(caio, NOW).numerator == 1500


def test_an_owner_counts_what_they_may_see(cast, three):
    System.objects.filter(pk=three[1].pk).update(owner=cast.people["alice"])
    figure = answer(cast.actor("alice"), NOW)
    assert (figure.numerator, figure.denominator, figure.unknown) == (0, 600, 1)
    stranger = answer(cast.actor("charlie"), NOW)
    assert (stranger.value, stranger.denominator) == (None, 0)


def test_nothing_is_known_of_nothing(cast):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (None, 0, 0, 0)


def test_spending_alone_says_nothing_of_its_return(cast):
    caio = cast.actor("caio")
    system_create(actor=caio, name="System 1")
    records_seal(actor=caio, kind=INVOICE, bodies=[invoice("A", "2026-02-15", (1, "400"))])
    figure = answer(caio, NOW)
    assert (figure.value, figure.denominator) == (None, 400)


def test_queries_do_not_grow(cast, three, django_assert_max_num_queries):
    caio = cast.actor("caio")
    with django_assert_max_num_queries(8):
        answer(caio, NOW)


def test_the_loaders_are_constant_and_know_the_entries(cast, three, django_assert_max_num_queries):
    loaders = {loader for check in registry.domains["economics"].checks for loader in check.loaders}
    with django_assert_max_num_queries(12):
        found = [loader(cast.organisation.pk, None) for loader in loaders]
    assert len(found) == 7
    assert len(signed_entries(VALUE)(cast.organisation.pk, [three[0].pk])[three[0].pk]) == 4
    spent = charged(cast.organisation.pk, None)
    assert [charge.amount for charge in spent[three[1].pk]] == [Decimal(600)]
    assert three[2].pk not in spent
    assert set(charged(cast.organisation.pk, [three[0].pk])) == {three[0].pk}


def test_all_its_papers_can_be_sealed(cast):
    """economics.budget, .price, .cost_plan, .invoice, .human_review and .realised_value, in this order."""
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    for kind, body in PAPERS.items():
        about = system if registry.records[kind].of_system else None
        sealed = record_seal(actor=caio, record=record_draft(actor=caio, system=about, kind=kind, body=body))
        assert sealed.state == "sealed"
    assert {BUDGET, PRICE} <= set(PAPERS)
