"""The domains' answers: counted by hand, opened row by row, read back over a year, none where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from conftest import Cast
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.domains import domain_answer, domain_answers
from pilothouse.kernel.checks.answering import answering
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.checks.models import AnswerRow, FindingSheet
from pilothouse.kernel.checks.rules.domains import Counted, counted
from pilothouse.kernel.domain import Domain, Figure, ShareMet, Status, registry
from pilothouse.kernel.imports.actions import import_apply, import_preview
from pilothouse.kernel.imports.tests.files import real
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
# Everybody is asked for owner and outcome; whether there is personal data is a question that may stay unanswered.
ASKED = ("inventory.owner", "inventory.outcome", "inventory.personal_data")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Domain:
    """A domain that asks running systems for owner, outcome and personal data."""
    domain = Domain(id="toy", title="Toy", question="Are they kept?", order=99, answer=ShareMet(ASKED))
    monkeypatch.setitem(registry.domains, "toy", domain)
    return domain


@pytest.fixture
def fleet(cast: Cast, toy: Domain) -> Iterator[Cast]:
    """Seven running systems and three that are not, judged on 1 June.

    number  owner  outcome  personal data   counted
    1, 2    yes    yes      said            met
    3       no     yes      said            gap
    4       no     yes      nobody said     gap: one thing is known to be missing
    5, 6    yes    yes      nobody said     unknown
    7       yes    yes      said            met, in the pilot
    8, 9    an idea, retired: not running, not counted
    10      its stage is unknown: not counted
    """
    alice = cast.people["alice"]
    rows: list[tuple[str, bool, str]] = [
        ("production", True, "none"),
        ("production", True, "personal"),
        ("production", False, "none"),
        ("production", False, "unknown"),
        ("production", True, "unknown"),
        ("pilot", True, "unknown"),
        ("pilot", True, "none"),
        ("idea", True, "none"),
        ("retired", False, "unknown"),
        ("unknown", False, "unknown"),
    ]
    for number, (stage, owned, data) in enumerate(rows, start=1):
        System.objects.create(
            organisation=cast.organisation,
            number=number,
            name=f"System {number}",
            stage=stage,
            owner=alice if owned else None,
            outcome="Less waiting",
            outcome_metric="Minutes in the queue",
            personal_data=data,
        )
    with time_machine.travel(START, tick=False):
        evaluate(cast.organisation.pk, None, START)
        yield cast


def answer(actor: Actor, domain: Domain) -> Figure:
    return domain_answer(actor, timezone.now(), domain).figure


def numbers(actor: Actor, rows: str) -> list[int]:
    found = systems_matching(actor, SystemQuery.parse(rows.removeprefix("systems/")))
    return list(found.values_list("number", flat=True))


def test_it_is_counted_by_hand(fleet: Cast, toy: Domain) -> None:
    figure = answer(fleet.actor("caio"), toy)
    assert (figure.numerator, figure.denominator, figure.unknown) == (3, 7, 2)
    assert (figure.value, figure.unit) == (42.9, "%")
    assert figure.because.startswith("3 of 7 systems in pilot or production meet all 3 checks behind it")
    assert "of 2 nobody can say" in figure.because


def test_it_opens_what_it_counted(fleet: Cast, toy: Domain) -> None:
    caio = fleet.actor("caio")
    assert numbers(caio, answer(caio, toy).rows) == [1, 2, 7]
    assert numbers(caio, "answer=toy:gap") == [3, 4]
    assert numbers(caio, "answer=toy:unknown") == [5, 6]
    assert numbers(caio, "answer=toy") == [1, 2, 3, 4, 5, 6, 7]
    for wrong in ("nothing:met", "toy:good", ""):
        with pytest.raises(Invalid):
            systems_matching(caio, SystemQuery(more=(("answer", wrong),)))


def test_one_counts_only_what_one_may_see(fleet: Cast, toy: Domain) -> None:
    alice = fleet.actor("alice")
    figure = answer(alice, toy)
    assert (figure.numerator, figure.denominator, figure.unknown) == (3, 5, 2)
    assert numbers(alice, figure.rows) == [1, 2, 7]
    for who in ("employee", "charlie"):
        nothing = answer(fleet.actor(who), toy)
        assert (nothing.value, nothing.numerator, nothing.denominator, nothing.trend) == (None, 0, 0, ())


def test_what_was_never_judged_is_unknown(fleet: Cast, toy: Domain) -> None:
    System.objects.create(organisation=fleet.organisation, number=11, name="Silently inserted", stage="production")
    System.objects.create(organisation=fleet.organisation, number=12, name="Only an idea", stage="idea")
    caio = fleet.actor("caio")
    figure = answer(caio, toy)
    assert (figure.numerator, figure.denominator, figure.unknown) == (3, 8, 3)
    assert (figure.trend[-1].denominator, figure.trend[-1].unknown) == (8, 3)
    assert numbers(caio, "answer=toy:unknown") == [5, 6, 11]


def test_none_where_nothing_is_known(cast: Cast, toy: Domain) -> None:
    caio = cast.actor("caio")
    assert answer(caio, toy).value is None
    assert "No system" in answer(caio, toy).because
    System.objects.create(organisation=cast.organisation, number=1, name="Found", stage="production")
    figure = answer(caio, toy)
    assert (figure.value, figure.denominator, figure.unknown) == (None, 1, 1), "all unknown is not 0 %"


def test_the_trend_is_read_back_week_by_week(fleet: Cast, toy: Domain) -> None:
    caio = fleet.actor("caio")
    with time_machine.travel(START + timedelta(days=70), tick=False):
        System.objects.filter(number=3).update(owner=fleet.people["alice"])
        System.objects.filter(number=7).update(stage="retired")
        evaluate(fleet.organisation.pk, None, timezone.now())
    with time_machine.travel(START + timedelta(days=140), tick=False):
        System.objects.filter(number=5).update(personal_data="none")
        evaluate(fleet.organisation.pk, None, timezone.now())
        points = answer(caio, toy).trend
        assert len(points) == 53
        assert {b.day - a.day for a, b in pairwise(points)} == {timedelta(days=7)}
        by_week = [(p.numerator, p.denominator, p.unknown, p.value) for p in points[-21:]]
    assert points[-22].value is None, "nothing was judged before June"
    assert by_week[:10] == [(3, 7, 2, 42.9)] * 10
    assert by_week[10:20] == [(3, 6, 2, 50.0)] * 10, "one got an owner, one went"
    assert by_week[20] == (4, 6, 1, 66.7)
    assert AnswerRow.objects.filter(domain="toy", system__number=3).count() == 2


def test_a_tier_nobody_knows_counts_as_the_highest(fleet: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    high = Domain(id="toy", title="Toy", question="?", order=99, answer=ShareMet(ASKED, ("production",), ("high",)))
    monkeypatch.setitem(registry.domains, "toy", high)
    System.objects.filter(number__in=(1, 3)).update(tier="high")
    System.objects.filter(number=2).update(tier="low")
    evaluate(fleet.organisation.pk, None, timezone.now())
    caio = fleet.actor("caio")
    assert numbers(caio, "answer=toy") == [1, 3, 4, 5], "4 and 5 are of unknown tier"
    figure = answer(caio, high)
    assert (figure.numerator, figure.denominator, figure.unknown) == (1, 4, 1)
    assert "of the high tier" in figure.because


def test_an_answer_that_is_asked_otherwise_is_counted_anew(fleet: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """No finding changed, but what the domain counts did, as after an upgrade: the next look counts so."""
    only = Domain(id="toy", title="Toy", question="?", order=99, answer=ShareMet(("inventory.owner",)))
    monkeypatch.setitem(registry.domains, "toy", only)
    run = evaluate(fleet.organisation.pk, None, timezone.now() + timedelta(hours=1))
    assert run.findings == 0
    figure = answer(fleet.actor("caio"), only)
    assert (figure.numerator, figure.denominator, figure.unknown) == (5, 7, 0)


def test_a_domain_may_answer_by_itself_or_not_at_all(cast: Cast) -> None:
    def hours(actor: Actor, now: datetime) -> Figure:
        return Figure(3.5, "hours", 7, 2, 0, "records/")

    by_itself = Domain(id="a", title="A", question="How fast?", answer=hours)
    silent = Domain(id="b", title="B", question="And you?")
    assert answer(cast.actor("caio"), by_itself).value == 3.5
    assert answer(cast.actor("caio"), silent).value is None


def test_every_domain_is_asked_in_order(cast: Cast, toy: Domain) -> None:
    found = domain_answers(cast.actor("caio"), timezone.now())
    assert [one.id for one in found] == [domain.id for domain in answering()]
    assert [one.id for one in found][-1] == "toy"
    assert "inventory" not in {one.id for one in found}, "the register's own checks are no domain"
    assert {one.figure.value for one in found if one.figure.unit == "%"} <= {None}


def test_queries_do_not_grow(fleet: Cast, toy: Domain, django_assert_num_queries: Any) -> None:
    caio, now = fleet.actor("caio"), timezone.now()
    with django_assert_num_queries(6):
        domain_answer(caio, now, toy)
    for number in range(20, 60):
        System.objects.create(organisation=fleet.organisation, number=number, name=str(number), stage="pilot")
    evaluate(fleet.organisation.pk, None, now)
    with django_assert_num_queries(6):
        domain_answer(caio, now, toy)


@pytest.mark.django_db
def test_most_of_a_real_inventory_is_honestly_unknown(cast: Cast, settings: Any, tmp_path: Any) -> None:
    """The federal inventory of 2024 says little of what the domains ask: nothing may be made up from silence."""
    settings.MEDIA_ROOT = tmp_path
    caio, name = cast.actor("caio"), "2024_consolidated_ai_inventory_raw_v2.csv"
    data = real("us-federal-2024", name)
    import_apply(actor=caio, batch=import_preview(actor=caio, adapter="us-federal-2024", filename=name, data=data))
    assert FindingSheet.objects.count() == 2133
    found = [one.figure for one in domain_answers(caio, timezone.now())]
    by_findings = [figure for figure in found if figure.rows.startswith("systems/?answer=")]
    for figure in by_findings:
        state = figure.rows.removeprefix("systems/?answer=").partition(":")[0]
        assert systems_matching(caio, SystemQuery.parse(f"answer={state}")).count() == figure.denominator
        assert figure.numerator + figure.unknown <= figure.denominator
    nobody_knows = [figure for figure in found if figure.value is None]
    assert len(nobody_knows) > len(found) / 2, "no document was sealed yet"


@given(st.lists(st.sampled_from([s.value for s in Status if s is not Status.NOT_APPLICABLE])))
def test_three_values_are_those_of_and(statuses: list[str]) -> None:
    """Kleene's “and”: one surely false settles it, else one unknown keeps it open."""
    truth = {"met": True, "unknown": None}
    values = [truth.get(status, False) for status in statuses]
    expected = None
    if statuses:
        expected = Counted.GAP if False in values else Counted.UNKNOWN if None in values else Counted.MET
    assert counted(statuses) is expected
