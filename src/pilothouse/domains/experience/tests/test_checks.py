"""Every status of every check of experience, and what no document may say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.experience.checks import (
    ADOPTION,
    CHECKS,
    FEEDBACK,
    OVERSIGHT,
    USE,
    WORKFLOW,
    judge_adoption,
    judge_feedback,
    judge_oversight,
    judge_use,
    judge_workflow,
)
from pilothouse.domains.experience.domain import DOMAIN
from pilothouse.domains.experience.rules import latest, months_before, percent, reply_due, work
from pilothouse.domains.experience.schemas import (
    Acknowledgement,
    Adoption,
    Feedback,
    Oversight,
    Rules,
    ToolRequest,
    Use,
    Workflow,
)
from pilothouse.domains.experience.tests.papers import PAPERS
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.people import Here

HERE = Here({"bob@harbour.example": "Bob", "alice@harbour.example": "Alice"}, {})
HIGH = {"tier": "high", "impact": "safety"}
UNANSWERED = {"verdict": None, "reply": None, "replied_on": None}


def paper(of, /, *, short=False, **changes):
    return a_paper(of, PAPERS[of] | changes, short=short)


def use(**changes):
    return paper(USE, **({"period": "2026-10"} | changes))


def test_they_are_registered():
    assert registry.domains["experience"] is DOMAIN
    assert [registry.checks[check.id] for check in CHECKS] == list(CHECKS)
    assert [check.id for check in CHECKS] == [
        "experience.oversight_planned",
        "experience.workflow_redesigned",
        "experience.adoption_planned",
        "experience.use_measured",
        "experience.feedback_heard",
    ]
    assert {kind.id for kind in DOMAIN.records} == set(PAPERS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_nothing_recorded_is_a_gap_and_unknown_where_it_was_found_running(check):
    loaded = tuple(None for _ in check.loaders) if isinstance(check.load, tuple) else None
    assert check.judge(a_system(), loaded, NOW).status == Status.NOT_MET
    assert check.judge(a_system(inherited=True), loaded, NOW).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "system", "status"),
    [
        ({}, HIGH, Status.MET),
        ({"review_by": "2026-11-22"}, {}, Status.IN_PROGRESS),
        ({"reviewers": ["gone@harbour.example"]}, {}, Status.NOT_MET),
        ({"a_day": 46}, {}, Status.NOT_MET),
        ({"mode": "sample"}, {}, Status.MET),
        ({"mode": "sample"}, HIGH, Status.IN_PROGRESS),
        ({"mode": "stop"}, {"impact": "rights"}, Status.IN_PROGRESS),
        ({"mode": "after"}, HIGH, Status.MET),
    ],
)
def test_oversight_planned(changes, system, status):
    assert judge_oversight(a_system(**system), (paper(OVERSIGHT, **changes), HERE), NOW).status == status


def test_the_short_form_serves_the_low_tier_alone():
    only = {key: PAPERS[OVERSIGHT][key] for key in ("mode", "reviewers", "stop")}
    brief = a_paper(OVERSIGHT, only, short=True)
    assert judge_oversight(a_system(tier="low"), (brief, HERE), NOW).status == Status.MET
    assert judge_oversight(a_system(tier="high"), (brief, HERE), NOW).status == Status.IN_PROGRESS
    only = {key: PAPERS[ADOPTION][key] for key in ("uses", "eligible", "contact")}
    assert judge_adoption(a_system(tier="low"), (a_paper(ADOPTION, only, short=True), HERE), NOW).status == Status.MET
    only = {key: PAPERS[WORKFLOW][key] for key in ("process", "change", "human_decides")}
    assert judge_workflow(a_system(tier="low"), a_paper(WORKFLOW, only, short=True), NOW).status == Status.MET
    only = {"period": "2026-10", "eligible": 4, "active": 3}
    said = judge_use(a_system(tier="low"), ((a_paper(USE, only, short=True),), None, None), NOW)
    assert said.status == Status.MET
    assert (
        said.reason == "In 2026-10 75.0 of 100 eligible people used it; how many answers they override is not counted."
    )


def test_workflow_redesigned():
    said = judge_workflow(a_system(**HIGH), paper(WORKFLOW), NOW)
    assert said.status == Status.MET
    assert "from 31.0 to 8.0 minutes of people a case (measured), AI acts in 2 of 2 steps" in said.reason
    alone = [step | {"decides": False} for step in PAPERS[WORKFLOW]["to_be"]]
    assert judge_workflow(a_system(), paper(WORKFLOW, to_be=alone), NOW).status == Status.MET
    assert judge_workflow(a_system(**HIGH), paper(WORKFLOW, to_be=alone), NOW).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.MET),
        ({"review_by": "2026-11-22"}, Status.IN_PROGRESS),
        ({"contact": "gone@harbour.example"}, Status.IN_PROGRESS),
    ],
)
def test_adoption_planned(changes, status):
    assert judge_adoption(a_system(), (paper(ADOPTION, **changes), HERE), NOW).status == status


@pytest.mark.parametrize(
    ("figure", "plan", "floor", "status"),
    [
        ({}, {}, "2", Status.MET),
        ({"period": "2026-07"}, {}, "2", Status.IN_PROGRESS),
        ({"period": "2026-08"}, {}, "2", Status.MET),
        ({"source": "guess"}, {}, "2", Status.IN_PROGRESS),
        ({"eligible": 0, "active": 0}, {}, "2", Status.IN_PROGRESS),
        ({"overridden": None, "wrong": None, "caught": None}, {}, "2", Status.IN_PROGRESS),
        ({"active": 10}, {"target_on": "2026-10-31"}, "2", Status.NOT_MET),
        ({"active": 10}, {}, "2", Status.MET),
        ({}, {}, "13", Status.NOT_MET),
        ({"caught": 3}, {}, "2", Status.NOT_MET),
    ],
)
def test_use_measured(figure, plan, floor, status):
    loaded = ((use(**figure),), paper(ADOPTION, **plan), paper(OVERSIGHT, floor=floor))
    assert judge_use(a_system(), loaded, NOW).status == status


def test_use_is_judged_by_the_newest_month_and_without_plans():
    loaded = ((use(), use(period="2026-09", active=1), use(period="2027-01", active=0)), None, None)
    assert judge_use(a_system(), loaded, NOW).reason == (
        "In 2026-10 65.0 of 100 eligible people used it and overrode 12.0 of 100 answers."
    )


def test_feedback_heard():
    fresh, late = paper(FEEDBACK, on="2026-11-20", **UNANSWERED), paper(FEEDBACK, on="2026-11-01", **UNANSWERED)
    hurt = paper(FEEDBACK, on="2026-11-15", harm=True, **UNANSWERED)
    assert judge_feedback(a_system(), ((paper(FEEDBACK),), None), NOW).status == Status.MET
    assert judge_feedback(a_system(), ((paper(FEEDBACK), fresh), None), NOW).status == Status.MET
    assert judge_feedback(a_system(), ((fresh, late), None), NOW).status == Status.NOT_MET
    assert "was to be replied to by 22 November 2026" in judge_feedback(a_system(), ((hurt,), None), NOW).reason
    assert judge_feedback(a_system(), (None, paper(ADOPTION)), NOW).status == Status.MET


STEP = {"name": "Draw", "by": "ai", "minutes": "0"}


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Workflow, WORKFLOW, {"to_be": PAPERS[WORKFLOW]["as_is"]}),
        (Workflow, WORKFLOW, {"to_be": [{"name": "Draw by hand", "by": "person", "minutes": "9"}]}),
        (Workflow, WORKFLOW, {"as_is": [STEP], "to_be": [STEP | {"name": "draw"}]}),
        (Workflow, WORKFLOW, {"to_be": [STEP | {"decides": True}]}),
        (Workflow, WORKFLOW, {"to_be": [STEP | {"minutes": "1"}]}),
        (Oversight, OVERSIGHT, {"reviewers": []}),
        (Adoption, ADOPTION, {"eligible": 0}),
        (Adoption, ADOPTION, {"uses": []}),
        (Use, USE, {"period": "2026-13"}),
        (Use, USE, {"active": 41}),
        (Use, USE, {"overridden": 801}),
        (Use, USE, {"wrong": 51}),
        (Use, USE, {"caught": 6}),
        (Feedback, FEEDBACK, {"verdict": None}),
        (Feedback, FEEDBACK, {"replied_on": "2026-11-01"}),
        (ToolRequest, "experience.tool_request", {"verdict": "refused"}),
        (Rules, "experience.rules", {"rules": []}),
        (Acknowledgement, "experience.acknowledgement", {"read": []}),
    ],
)
def test_what_contradicts_itself_is_no_document(schema, kind, changes):
    with pytest.raises(ValueError, match=r"."):
        schema.model_validate(PAPERS[kind] | changes)


SHARES = st.integers(0, 100)


@given(st.lists(st.tuples(st.integers(0, 600), SHARES, st.booleans()), min_size=1, max_size=8))
def test_a_way_of_working_weighs_each_step_by_its_share(rows):
    steps = [
        {"minutes": str(minutes), "share": str(share), "hands_off": hands, "decides": False, "by": "person"}
        for minutes, share, hands in rows
    ]
    found = work(steps)
    assert found.minutes == sum(Decimal(minutes * share) / 100 for minutes, share, _ in rows)
    assert found.hand_offs <= len(rows)
    assert (found.ai, found.decides) == (0, 0)


def test_rules_of_time():
    assert reply_due(PAPERS[FEEDBACK]) is None
    assert reply_due({"on": "2026-11-01", "harm": True, "replied_on": None}) == date(2026, 11, 8)
    assert months_before(date(2026, 2, 1), 3) == "2025-11"
    assert percent(1, 3) == Decimal("33.3")
    assert percent(1, 0) is percent(None, 3) is None
    assert latest([{"period": "2026-01"}], date(2026, 5, 1)) is None


def test_what_is_read_takes_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    made = [system_create(actor=caio, name=f"Planner {number}") for number in range(5)]
    for kind in (WORKFLOW, ADOPTION, OVERSIGHT, USE, FEEDBACK):
        records_seal(actor=caio, kind=kind, bodies=[(system, PAPERS[kind]) for system in made])
    loaders = dict.fromkeys(loader for check in CHECKS for loader in check.loaders)
    with django_assert_max_num_queries(7):
        found = {loader: loader(cast.organisation.pk, None) for loader in loaders}
    for check in CHECKS:
        read = tuple(found[loader].get(made[0].pk) for loader in check.loaders)
        loaded = read if isinstance(check.load, tuple) else read[0]
        assert check.judge(a_system(), loaded, NOW).status in (Status.MET, Status.IN_PROGRESS)
