"""Every status of every check of talent, and what no document may say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.talent.checks import (
    CHECKS,
    COURSE,
    HOLDER,
    ROLE,
    STAFFING,
    judge_capability,
    judge_literacy,
    judge_roles,
)
from pilothouse.domains.talent.domain import DOMAIN
from pilothouse.domains.talent.facts import COMPLETION
from pilothouse.domains.talent.rules import at_level, coverage, newest, quarter_of, quarters, span, there_in
from pilothouse.domains.talent.schemas import Asset, Charter, Completion, Course, Demand, Holder, Reuse, Role, Staffing
from pilothouse.domains.talent.tests.papers import PAPERS
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.people import Here

BOB = "bob@harbour.example"
HERE = Here({BOB: "Bob"}, {})
AUDITOR = {"role": "AI auditor", "people": []}


def paper(of, /, *, short=False, **changes):
    return a_paper(of, PAPERS[of] | changes, short=short)


def completion(**changes):
    return paper(COMPLETION, **({"on": "2026-11-01"} | changes))


def test_they_are_registered():
    assert registry.domains["talent"] is DOMAIN
    assert [registry.checks[check.id] for check in CHECKS] == list(CHECKS)
    assert [check.id for check in CHECKS] == [
        "talent.roles_named",
        "talent.capability_covered",
        "talent.users_literate",
    ]
    assert {kind.id for kind in DOMAIN.records} == set(PAPERS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_nothing_recorded_is_a_gap_and_unknown_where_it_was_found_running(check):
    loaded = tuple(None for _ in check.loaders)
    assert check.judge(a_system(), loaded, NOW).status == Status.NOT_MET
    assert check.judge(a_system(inherited=True), loaded, NOW).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.MET),
        ({"review_by": "2026-11-22"}, Status.IN_PROGRESS),
        ({"posts": [{"role": "MLOps engineer", "people": ["gone@harbour.example"]}]}, Status.NOT_MET),
        ({"posts": [*PAPERS[STAFFING]["posts"], AUDITOR]}, Status.IN_PROGRESS),
    ],
)
def test_roles_named(changes, status):
    assert judge_roles(a_system(), (paper(STAFFING, **changes), HERE), NOW).status == status


def test_the_short_form_serves_the_low_tier_alone():
    brief = a_paper(STAFFING, {"posts": PAPERS[STAFFING]["posts"]}, short=True)
    assert judge_roles(a_system(tier="low"), (brief, HERE), NOW).status == Status.MET
    assert judge_roles(a_system(tier="high"), (brief, HERE), NOW).status == Status.IN_PROGRESS


def test_capability_covered():
    staffing, role, bob = paper(STAFFING), paper(ROLE), paper(HOLDER)
    assert judge_capability(a_system(), (staffing, {role.key: role}, {BOB: bob}), NOW).status == Status.MET
    learning = paper(HOLDER, levels=[{"skill": "Model monitoring", "level": 2, "by": "self"}])
    found = judge_capability(a_system(), (staffing, {role.key: role}, {BOB: learning}), NOW)
    assert (found.status, found.reason) == (
        Status.NOT_MET,
        "Of the roles that it takes, 0 of 1 are covered by people at level.",
    )
    two = paper(STAFFING, posts=[*PAPERS[STAFFING]["posts"], AUDITOR])
    assert judge_capability(a_system(), (two, {role.key: role}, {BOB: bob}), NOW).status == Status.IN_PROGRESS
    blank = paper(HOLDER, levels=[], assessed_on=None)
    assert (
        judge_capability(a_system(inherited=True), (staffing, {role.key: role}, {BOB: blank}), NOW).status
        == Status.UNKNOWN
    )
    assert judge_capability(a_system(), (staffing, {role.key: role}, {}), NOW).status == Status.NOT_MET


def test_a_finding_tells_nothing_of_a_person():
    loaded = (paper(STAFFING), {"MLOps engineer": paper(ROLE)}, {BOB: paper(HOLDER)})
    found = judge_capability(a_system(), loaded, NOW)
    assert BOB not in found.reason + "".join(ref.label for ref in found.refs)
    assert {ref.id for ref in found.refs} == {str(loaded[0].id), str(loaded[1]["MLOps engineer"].id)}


def test_users_literate():
    unit, course = uuid4(), paper(COURSE)
    lines = {unit: ("Quay", "Harbour office")}
    system = a_system(unit_id=unit)

    def judged(*completions, courses=(course,), about=system):
        figures = newest((one.body for one in completions), NOW.date())
        return judge_literacy(about, (courses, figures, lines), NOW)

    assert judged(completion()).status == Status.MET
    assert judged(completion(unit="Quay"), completion(done=1)).status == Status.MET
    assert judged(completion(unit="Harbour office"), completion(done=1)).status == Status.MET
    assert judged(completion(unit="Quay", done=15)).status == Status.IN_PROGRESS
    assert "15 of 20 people of Quay" in judged(completion(unit="Quay", done=15)).reason
    assert judged(completion(unit="Pilots")).status == Status.NOT_MET
    assert judged(completion(on="2025-11-01")).status == Status.NOT_MET
    assert judged(completion(on="2026-10-01", done=1), completion()).status == Status.MET
    assert judged(completion(), courses=(paper(COURSE, required=False),)).status == Status.NOT_MET
    assert judged(completion(), courses=(paper(COURSE, audience="builders"),)).status == Status.NOT_MET
    assert judged(completion(), about=a_system(unit_id=None)).status == Status.MET


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Role, ROLE, {"skills": PAPERS[ROLE]["skills"] * 2}),
        (Role, ROLE, {"skills": [{"skill": "Model monitoring", "level": 5}]}),
        (Holder, HOLDER, {"assessed_on": None}),
        (Holder, HOLDER, {"start": "2026-05-01", "end": "2026-04-30"}),
        (Holder, HOLDER, {"levels": PAPERS[HOLDER]["levels"] * 2}),
        (Holder, HOLDER, {"fte": "1.5"}),
        (Demand, "talent.demand", {"needs": PAPERS["talent.demand"]["needs"] * 2}),
        (Demand, "talent.demand", {"needs": [{"quarter": "2026-Q5", "fte": "1"}]}),
        (Staffing, STAFFING, {"posts": PAPERS[STAFFING]["posts"] * 2}),
        (Charter, "talent.charter", {"model": "hub_and_spoke"}),
        (Charter, "talent.charter", {"decides": []}),
        (Asset, "talent.asset", {"kind": "wish"}),
        (Reuse, "talent.reuse", {"used_since": None}),
        (Reuse, "talent.reuse", {"used_since": "2026-08-31"}),
        (Reuse, "talent.reuse", {"state": "refused"}),
        (Course, COURSE, {"hours": "0"}),
        (Completion, COMPLETION, {"done": 21}),
    ],
)
def test_what_contradicts_itself_is_no_document(schema, kind, changes):
    with pytest.raises(ValueError, match=r"."):
        schema.model_validate(PAPERS[kind] | changes)


def test_quarters():
    assert quarters(date(2026, 11, 23)) == ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3"]
    assert span("2026-Q4") == (date(2026, 10, 1), date(2026, 12, 31))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_is_in_its_quarter(day):
    first, last = span(quarter_of(day))
    assert first <= day <= last
    assert quarters(day, 1) == [quarter_of(day)]


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        (None, None, True),
        ("2026-11-15", None, True),
        ("2026-11-17", None, False),
        (None, "2026-12-31", True),
        (None, "2026-12-30", False),
    ],
)
def test_who_is_there_for_most_of_a_quarter(start, end, there):
    assert there_in({"start": start, "end": end}, "2026-Q4") is there


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 4)), max_size=6), st.integers(1, 400), st.integers(0, 4))
def test_nobody_is_counted_twice_and_nobody_below_level(people, needed, least):
    role = PAPERS[ROLE] | {"skills": [{"skill": "Model monitoring", "level": least}]}
    holders = [
        {"role": "MLOps engineer", "fte": f"{fte / 100}", "start": None, "end": None}
        | {"levels": [{"skill": "Model monitoring", "level": level}]}
        for fte, level in people
    ]
    demand = [{"role": "MLOps engineer", "needs": [{"quarter": "2026-Q4", "fte": f"{needed / 100}"}]}]
    (line,) = coverage({"MLOps engineer": role}, holders, demand, ["2026-Q4"])
    able = sum(Decimal(holder["fte"]) for holder in holders if at_level(role, holder))
    assert line.there == able
    assert line.covered + line.missing == line.needed
    assert line.covered == min(able, Decimal(needed) / 100)


def test_a_role_that_nobody_describes_is_never_covered():
    (line,) = coverage({}, [PAPERS[HOLDER] | {"start": None, "end": None}], [PAPERS["talent.demand"]], ["2026-Q4"])
    assert (line.covered, line.area) == (0, "")


def test_what_is_read_takes_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    for kind in ("talent.skill", ROLE, HOLDER, COURSE, COMPLETION):
        records_seal(actor=caio, kind=kind, bodies=[(None, PAPERS[kind])])
    quay = Unit.objects.create(organisation=cast.organisation, name="Quay")
    made = [system_create(actor=caio, name=f"Planner {number}", unit_id=quay.pk) for number in range(5)]
    records_seal(actor=caio, kind=STAFFING, bodies=[(system, PAPERS[STAFFING]) for system in made])
    loaders = dict.fromkeys(loader for check in CHECKS for loader in check.loaders)
    with django_assert_max_num_queries(8):
        found = {loader: loader(cast.organisation.pk, None) for loader in loaders}
    for check in CHECKS:
        loaded = tuple(found[loader].get(made[0].pk) for loader in check.loaders)
        assert check.judge(a_system(unit_id=quay.pk), loaded, NOW).status == Status.MET
