"""Every status of every check of monitoring, what an incident is, and the times that bind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.mlops.checks import (
    CHECKS,
    INCIDENT,
    MONITOR,
    RUNBOOK,
    judge_detection,
    judge_incidents,
    judge_monitor,
    judge_runbook,
)
from pilothouse.domains.mlops.domain import DOMAIN
from pilothouse.domains.mlops.rules import CONTAIN, MARKS, RESOLVE, course, detection, due, hours_unnoticed, place
from pilothouse.domains.mlops.schemas import Incident, Monitor, Runbook
from pilothouse.domains.mlops.tests.papers import PAPERS
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.people import Here

HERE = Here({"bob@harbour.example": "Bob"}, {"caio": 1})
OPEN = {"contained": None, "resolved": None, "cause": None}


def paper(of, /, *, short=False, **changes):
    return a_paper(of, PAPERS[of] | changes, short=short)


def monitor(**changes):
    return paper(MONITOR, **({"tested_on": "2026-10-01"} | changes))


def incident(**changes):
    return paper(INCIDENT, **changes)


def moments(*hours):
    """An incident with its steps so many hours after 1 November 2026, None for steps that were not made."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    steps = ("onset", "detected", "acknowledged", "contained", "resolved")
    said = dict.fromkeys(steps)
    return said | {
        step: f"{start + timedelta(hours=after):%Y-%m-%d %H:%M}"
        for step, after in zip(steps, hours, strict=False)
        if after is not None
    }


def test_they_are_registered():
    assert registry.domains["mlops"] is DOMAIN
    assert [registry.checks[check.id] for check in CHECKS] == list(CHECKS)
    assert [check.id for check in CHECKS] == [
        "mlops.monitor_alerts",
        "mlops.runbook_written",
        "mlops.incidents_handled",
        "mlops.detection_timed",
    ]
    assert {kind.id for kind in DOMAIN.records} == {MONITOR, RUNBOOK, INCIDENT}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_nothing_recorded_is_a_gap_and_unknown_where_it_was_found_running(check):
    loaded = tuple(None for _ in check.loaders)
    assert check.judge(a_system(), loaded, NOW).status == Status.NOT_MET
    assert check.judge(a_system(inherited=True), loaded, NOW).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, Status.MET, "alerts Bob, Chief AI Officer, last tried on 1 October 2026"),
        ({"tested_on": None}, Status.MET, "the alert was never tried"),
        ({"state": "planned", "live_since": None}, Status.IN_PROGRESS, "none of them is live"),
        ({"watches": "cost"}, Status.IN_PROGRESS, "Only this is watched: cost."),
        ({"people": ["gone@harbour.example"], "role": None}, Status.NOT_MET, "nobody who is here"),
        ({"people": [], "role": "ciso"}, Status.NOT_MET, "nobody who is here"),
        ({"people": [], "role": "owner"}, Status.NOT_MET, "nobody who is here"),
    ],
)
def test_monitor_alerts(changes, status, words):
    finding = judge_monitor(a_system(), ((monitor(**changes),), HERE), NOW)
    assert finding.status == status
    assert words in finding.reason


def test_an_alert_may_go_to_the_owner_and_one_monitor_that_is_heard_is_enough():
    owned = a_system(owner_id=uuid4(), owner_left=False, owner_name="Alice")
    to_owner = monitor(name="Drift", watches="drift", people=[], role="owner")
    to_nobody = monitor(people=["gone@harbour.example"], role=None)
    assert "alerts Alice" in judge_monitor(owned, ((to_nobody, to_owner), HERE), NOW).reason
    left = replace(owned, owner_left=True)
    assert judge_monitor(left, ((to_nobody, to_owner), HERE), NOW).status == Status.NOT_MET


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.MET),
        ({"owner": "gone@harbour.example"}, Status.IN_PROGRESS),
        ({"review_by": "2026-11-22"}, Status.IN_PROGRESS),
    ],
)
def test_runbook_written(changes, status):
    assert judge_runbook(a_system(), ((paper(RUNBOOK, **changes),), HERE), NOW).status == status


def test_the_short_form_serves_the_low_tier_alone():
    brief = paper(RUNBOOK, short=True, signs=None, steps=None, told=None, review_by=None)
    assert judge_runbook(a_system(tier="low"), ((brief,), HERE), NOW).status == Status.MET
    assert judge_runbook(a_system(tier="high"), ((brief,), HERE), NOW).status == Status.IN_PROGRESS
    seen = paper(MONITOR, short=True, measures=None, threshold=None, detect_within=None)
    assert judge_monitor(a_system(tier="low"), ((seen,), HERE), NOW).status == Status.MET


def test_incidents_handled():
    late = incident(severity="critical", **(moments(0, 2) | OPEN))
    within = incident(severity="low", **(moments(0, 2) | OPEN))
    assert judge_incidents(a_system(), ((late, within), None), NOW).status == Status.NOT_MET
    assert "to be contained by 2 November 2026" in judge_incidents(a_system(), ((late,), None), NOW).reason
    assert judge_incidents(a_system(), ((within,), None), NOW).status == Status.MET
    contained = incident(severity="high", **(moments(0, 2, 3, 4) | {"resolved": None, "cause": None}))
    assert "to be resolved by 15 November 2026" in judge_incidents(a_system(), ((contained,), None), NOW).reason
    assert judge_incidents(a_system(), ((incident(),), None), NOW).reason == "Every recorded incident is resolved."
    assert judge_incidents(a_system(), (None, (monitor(),)), NOW).status == Status.MET
    assert judge_incidents(a_system(), (None, (monitor(state="stopped"),)), NOW).status == Status.NOT_MET


def test_detection_timed():
    blind = incident(onset=None)
    assert judge_detection(a_system(), ((blind, incident()), None), NOW).status == Status.IN_PROGRESS
    timed = judge_detection(a_system(), ((incident(),), (monitor(),)), NOW)
    assert (timed.status, timed.reason) == (Status.MET, "Incidents were noticed after 12.0 hours on average.")
    assert judge_detection(a_system(), ((incident(),), (monitor(detect_within=11),)), NOW).status == Status.NOT_MET
    assert judge_detection(a_system(), (None, (monitor(),)), NOW).status == Status.MET
    assert judge_detection(a_system(), (None, (monitor(tested_on="2025-11-01"),)), NOW).status == Status.IN_PROGRESS
    assert judge_detection(a_system(), (None, None), NOW).status == Status.NOT_MET
    old = incident(onset=None, detected="2025-10-05 18:00", acknowledged=None, contained=None, resolved=None)
    assert judge_detection(a_system(), ((old,), (monitor(),)), NOW).status == Status.MET


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Monitor, MONITOR, {"people": [], "role": None}),
        (Monitor, MONITOR, {"live_since": None}),
        (Runbook, RUNBOOK, {"steps": []}),
        (Incident, INCIDENT, {"detected": "2026-10-05"}),
        (Incident, INCIDENT, {"detected": "yesterday at six"}),
        (Incident, INCIDENT, {"onset": "2026-10-05 18:01"}),
        (Incident, INCIDENT, {"resolved": "2026-10-05 19:00"}),
        (Incident, INCIDENT, {"cause": None}),
    ],
)
def test_what_contradicts_itself_is_no_document(schema, kind, changes):
    with pytest.raises(ValueError, match=r"."):
        schema.model_validate(PAPERS[kind] | changes)


def test_times_are_kept_in_utc():
    said = Incident.model_validate(PAPERS[INCIDENT] | {"onset": "2026-10-05T07:00+02:00"})
    assert said.onset == "2026-10-05 05:00"


@given(st.lists(st.integers(0, 2000), min_size=5, max_size=5), st.sampled_from(sorted(RESOLVE)))
def test_whatever_the_hours_an_incident_is_in_order_or_refused(hours, severity):
    body = PAPERS[INCIDENT] | moments(*hours) | {"severity": severity}
    if hours != sorted(hours):
        with pytest.raises(ValueError, match="before"):
            Incident.model_validate(body)
        return
    said = Incident.model_validate(body).model_dump(mode="json")
    assert hours_unnoticed(said) == hours[1] - hours[0]
    assert due(said) is None
    drawn = course(said, NOW)
    assert drawn.lasted == hours[4] - hours[0]
    assert all(0 <= phase.x <= 100 and phase.end > phase.start for phase in drawn.phases)
    assert due(said | {"resolved": None}) == ("resolved", _start(hours[1]) + timedelta(days=RESOLVE[severity]))
    assert due(said | OPEN) == ("contained", _start(hours[1]) + timedelta(days=CONTAIN[severity]))


def _start(after):
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=after)


def test_no_known_beginning_is_no_zero():
    found = detection([PAPERS[INCIDENT] | {"onset": None}])
    assert (found.mean, found.timed, found.untimed) == (None, 0, 1)
    drawn = course(PAPERS[INCIDENT] | {"onset": None}, NOW)
    assert drawn.unnoticed is None
    assert drawn.words.startswith("nobody knows how long unnoticed")
    assert [phase.name for phase in drawn.phases] == ["open", "contained"]


def test_marks_stand_in_order():
    places = [place(hours) for hours, _ in MARKS]
    assert places == sorted(places)
    assert (place(0), round(place(8760))) == (0, 100)


def test_what_is_read_takes_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    made = [system_create(actor=caio, name=f"Planner {number}") for number in range(5)]
    for kind in (MONITOR, RUNBOOK, INCIDENT):
        records_seal(actor=caio, kind=kind, bodies=[(system, PAPERS[kind]) for system in made])
    loaders = dict.fromkeys(loader for check in CHECKS for loader in check.loaders)
    with django_assert_max_num_queries(5):
        found = {loader: loader(cast.organisation.pk, None) for loader in loaders}
    for check in CHECKS:
        loaded = tuple(found[loader].get(made[0].pk) for loader in check.loaders)
        assert check.judge(a_system(), loaded, NOW).status == Status.MET
