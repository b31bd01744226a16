"""Freshness and coverage: nothing that has expired is current, and many systems at once are judged as one by one."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.domains.governance.frameworks.documents import Relation
from pilothouse.domains.governance.frameworks.rules import (
    Counts,
    Item,
    Masks,
    State,
    counted,
    served,
    served_by_many,
    standing,
)

TODAY = date(2026, 11, 29)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ITEMS = st.builds(
    Item,
    source=st.sampled_from(["check", "record", "evidence"]),
    id=st.just("1"),
    title=st.just("A report"),
    since=DAYS,
    until=st.none() | DAYS,
    live=st.booleans(),
    against=st.booleans(),
)
STATES = st.sampled_from(list(State))
RELATIONS = st.sampled_from(list(Relation))


def shown(since=TODAY, **more):
    return Item("evidence", "1", "A report", since, **more)


def test_it_works():
    found = standing([shown()], every=365, today=TODAY)
    assert found.state is State.CURRENT
    assert found.until == TODAY + timedelta(days=365)
    assert found.changes == found.until - timedelta(days=30)


def test_each_state_has_its_days():
    report = [shown(until=TODAY + timedelta(days=100))]
    for days, state in ((0, "current"), (69, "current"), (70, "due"), (100, "due"), (101, "stale")):
        assert standing(report, every=365, today=TODAY + timedelta(days=days)).state == state, days
    assert standing(report, every=365, today=TODAY - timedelta(days=1)).state is State.MISSING
    assert standing([], every=365, today=TODAY).state is State.MISSING


def test_the_cadence_ends_what_names_no_end():
    assert standing([shown()], every=10, today=TODAY + timedelta(days=10)).state is State.DUE
    assert standing([shown()], every=10, today=TODAY + timedelta(days=11)).state is State.STALE


def test_what_speaks_against_it_outweighs_paper():
    check = Item("check", "c", "A check", TODAY, live=True, against=True, reason="It drifted.")
    assert standing([shown(), check], every=365, today=TODAY) == standing(
        [check, shown()], every=365, today=TODAY
    ).__class__(State.STALE, "It drifted.", TODAY + timedelta(days=365), None, (shown(), check))
    assert standing([check], every=365, today=TODAY).state is State.MISSING


def test_it_does_not_apply_with_a_reason():
    found = standing([shown()], every=365, today=TODAY, not_applicable="It uses no personal data.")
    assert (found.state, found.reason) == (State.NOT_APPLICABLE, "It uses no personal data.")


@given(st.lists(ITEMS, max_size=5), DAYS, st.integers(1, 2000))
def test_nothing_that_expired_is_current(items, today, every):
    found = standing(items, every=every, today=today)
    living = [one for one in items if one.since <= today <= one.ends(every) and not one.against]
    if not living:
        assert not found.state.met
    if any(one.against and one.since <= today for one in items):
        assert not found.state.met


@given(st.lists(ITEMS, max_size=5), DAYS, st.integers(1, 2000), st.integers(0, 3000))
def test_a_state_holds_until_the_day_it_says(items, today, every, days):
    """What keeping.py relies on: before `changes` nothing changes by itself."""
    found = standing(items, every=every, today=today)
    later = today + timedelta(days=days)
    if found.changes is None or later < found.changes:
        assert standing(items, every=every, today=later).state == found.state


def test_the_best_of_those_that_do_all_of_it_counts():
    assert served([(Relation.EQUAL, State.STALE), (Relation.SUPERSET, State.DUE)]) is State.DUE
    assert served([(Relation.EQUAL, State.MISSING), (Relation.SUBSET, State.CURRENT)]) is State.MISSING
    assert served([(Relation.EQUAL, State.NOT_APPLICABLE), (Relation.SUBSET, State.CURRENT)]) is State.CURRENT


def test_of_those_that_do_a_part_the_worst_counts():
    assert served([(Relation.SUBSET, State.CURRENT), (Relation.INTERSECTS, State.STALE)]) is State.STALE
    assert served([(Relation.SUBSET, State.NOT_APPLICABLE)]) is State.NOT_APPLICABLE
    assert served([]) is State.MISSING


@given(st.lists(st.tuples(RELATIONS, st.lists(STATES, min_size=70, max_size=70)), max_size=5))
def test_many_at_once_are_judged_as_one_by_one(by):
    everybody = (1 << 70) - 1

    def masks(states):
        def of(state):
            return sum(1 << place for place, one in enumerate(states) if one is state)

        return Masks(of(State.CURRENT), of(State.DUE), of(State.STALE), of(State.MISSING))

    found = served_by_many([(relation, masks(states)) for relation, states in by], everybody)
    for place in range(70):
        state = served([(relation, states[place]) for relation, states in by])
        assert found.of(state, everybody) >> place & 1, (place, state)
    alone = counted(served([(relation, states[place]) for relation, states in by]) for place in range(70))
    assert found.counts(everybody) == alone


def test_a_figure_leaves_out_what_does_not_apply():
    assert Counts(current=1, due=1, stale=1, missing=1, not_applicable=6).figure == 0.5
    assert Counts(not_applicable=3).figure is None
    assert Counts(current=199, missing=1).percent == 99
