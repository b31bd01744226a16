"""The list's question: what goes into an address comes out of it, and what is not understood is said."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import ExternalId, System
from pilothouse.kernel.inventory.query import CHOICES, MISSING, SORTS, SystemQuery
from pilothouse.kernel.inventory.selectors import chips, facets, missing_counts, systems_matching, tags_in_use

words = st.text(min_size=1, max_size=40).map(lambda t: " ".join(t.replace("\x00", "").split())).filter(bool)


def some(values):
    return st.lists(values, max_size=3, unique=True).map(tuple)


queries = st.builds(
    SystemQuery,
    q=st.one_of(st.just(""), words),
    **{key: some(st.sampled_from(list(choices))) for key, (_, choices) in CHOICES.items()},
    unit=some(st.one_of(st.just("none"), st.uuids().map(str))),
    owner=some(st.one_of(st.sampled_from(["none", "me"]), st.uuids().map(str))),
    vendor=some(words),
    tag=some(words),
    missing=some(st.sampled_from(list(MISSING))),
    inherited=st.sampled_from(["", "yes", "no"]),
    changed_since=st.one_of(
        st.just(""),
        st.integers(1, 9999).map(lambda n: f"{n}d"),
        st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 1, 1)).filter(lambda d: d.year != 1905).map(str),
    ),
    number=some(st.integers(1, 99_999_999)),
    sort=st.sampled_from([*SORTS, *(f"-{key}" for key in SORTS)]),
    columns=some(st.sampled_from(["name", "stage", "custom:cost_centre"])),
    page=st.integers(1, 9_999_999),
)


@given(queries)
def test_an_address_says_the_same_again(query):
    assert SystemQuery.parse(query.urlencode()) == query
    assert SystemQuery.parse(f"?{query.urlencode()}") == query


@given(queries)
def test_taking_a_filter_away_takes_only_that_one(query):
    for key, value in query.filters():
        rest = query.without(key, value)
        assert rest.filters() == [pair for pair in query.filters() if pair != (key, value)]
        assert rest.page == 1


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        query = SystemQuery.parse(text)
    except Invalid:
        return
    assert SystemQuery.parse(query.urlencode()) == query


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("colour=red", "colour"),
        ("stage=flying", "stage"),
        ("sort=shoe", "sort"),
        ("unit=here", "unit"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("number=abc", "number"),
        ("changed_since=lately", "changed_since"),
        ("inherited=maybe", "inherited"),
        ("q=a&q=b", "q"),
        ("columns=<b>", "columns"),
        ("missing=everything", "missing"),
    ],
)
def test_what_makes_no_sense_is_named(text, field):
    with pytest.raises(Invalid) as error:
        SystemQuery.parse(text)
    assert set(error.value.fields) == {field}
    assert error.value.detail.count(field)


def test_empty_values_count_as_absent():
    assert SystemQuery.parse("q=&stage=&unit=&page=") == SystemQuery()


def test_numbers_come_in_one_parameter_or_many():
    assert SystemQuery.parse("number=1,2&number=S-3").number == (1, 2, 3)


@pytest.fixture
def shelf(cast):
    """Four systems that differ in everything the list filters by."""
    caio = cast.actor("caio")
    top = Unit.objects.create(organisation=cast.organisation, name="Division")
    below = Unit.objects.create(organisation=cast.organisation, name="Team", parent=top)
    alice = cast.people["alice"].pk
    rows = [
        {"name": "CV summary", "purpose": "Read applications", "unit_id": below.pk, "owner_id": alice, "tags": ["hr"]},
        {"name": "Invoice reading", "vendor": "Calyx", "unit_id": top.pk, "sourcing": "buy", "tags": ["hr2", "café"]},
        {"name": "Route planning", "outcome": "Fewer miles", "impact": "safety"},
        {"name": "Chat", "sourcing": "buy", "personal_data": "personal"},
    ]
    for row in rows:
        system_create(actor=caio, **row)
    System.objects.filter(number=3).update(stage="production")
    third = System.objects.get(number=3)
    ExternalId.objects.create(organisation=cast.organisation, system=third, source="cmdb", value="CI000777")
    return {"top": top, "below": below, "alice": alice}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("q=read", [1, 2]),
        ("q=read+cv", [1]),
        ("q=S-3", [3]),
        ("q=ci000777", [3]),
        ("q=calyx", [2]),
        ("q=%25", []),
        ("stage=production", [3]),
        ("stage=production&stage=idea", [1, 2, 3, 4]),
        ("impact=safety", [3]),
        ("owner=none", [2, 3, 4]),
        ("missing=owner&missing=outcome", [2, 4]),
        ("missing=vendor", [4]),
        ("missing=intake", [1, 2, 3, 4]),
        ("unit=none", [3, 4]),
        ("tag=hr", [1]),
        ("tag=café", [2]),
        ("vendor=Calyx", [2]),
        ("personal_data=personal", [4]),
        ("inherited=no", [1, 2, 3, 4]),
        ("inherited=yes", []),
        ("changed_since=1d", [1, 2, 3, 4]),
        ("changed_since=2199-01-01", []),
        ("number=2,4", [2, 4]),
        ("sort=-name", [3, 2, 1, 4]),
        ("sort=stage", [1, 2, 4, 3]),
        ("sort=-owner", [1, 2, 3, 4]),
        ("q=read&stage=production", []),
    ],
)
def test_filters_find_their_rows(cast, shelf, text, numbers):
    found = systems_matching(cast.actor("caio"), SystemQuery.parse(text))
    assert [system.number for system in found] == numbers


def test_a_unit_holds_what_is_below_it(cast, shelf):
    caio = cast.actor("caio")
    assert [s.number for s in systems_matching(caio, SystemQuery.parse(f"unit={shelf['top'].pk}"))] == [1, 2]
    assert [s.number for s in systems_matching(caio, SystemQuery.parse(f"unit={shelf['below'].pk}"))] == [1]
    assert not systems_matching(caio, SystemQuery.parse(f"unit={uuid4()}"))


def test_the_outsider_finds_nothing(cast, shelf):
    charlie = cast.actor("charlie")
    for text in ("", f"unit={shelf['top'].pk}", f"owner={shelf['alice']}", "number=1", "q=cv", "tag=hr"):
        assert not systems_matching(charlie, SystemQuery.parse(text))
    assert tags_in_use(systems_matching(charlie, SystemQuery())) == []


def test_an_owner_finds_their_own(cast, shelf):
    assert [s.number for s in systems_matching(cast.actor("alice"), SystemQuery.parse("owner=me"))] == [1]
    assert [s.number for s in systems_matching(cast.actor("alice"), SystemQuery())] == [1]


def test_facets_count_under_the_other_filters(cast, shelf, django_assert_num_queries):
    caio = cast.actor("caio")
    with django_assert_num_queries(1):
        found = {facet.key: facet for facet in facets(caio, SystemQuery.parse("stage=production&q=a"))}
    stages = {value.value: (value.count, value.chosen) for value in found["stage"].values}
    assert stages == {"idea": (3, False), "production": (1, True)}
    assert [value.value for value in found["impact"].values] == ["safety"]


def test_missing_counts_take_one_query(cast, shelf, django_assert_num_queries):
    caio = cast.actor("caio")
    with django_assert_num_queries(1):
        counts = {row[0]: row[2] for row in missing_counts(caio, SystemQuery())}
    assert counts["owner"] == 3
    assert counts["outcome"] == 3


def test_chips_say_each_filter_in_words(cast, shelf):
    text = f"q=read&stage=idea&unit={shelf['top'].pk}&owner={shelf['alice']}&missing=outcome&changed_since=7d&number=1"
    said = [chip.text for chip in chips(cast.actor("caio"), SystemQuery.parse(text))]
    assert said == ["“read”", "Stage: Idea", "Unit: Division", "Owner: Alice", "No outcome", "Changed since 7d", "S-1"]


def test_dates_are_read_as_people_write_them():
    assert SystemQuery.parse("changed_since=1 March 2026").changed_since == "2026-03-01"
    assert UUID(SystemQuery.parse(f"owner={uuid4().hex}").owner[0])
