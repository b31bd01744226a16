"""How much of the roadmap's need people at level cover, counted by hand; and who may see whose skills."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from pilothouse.contracts.errors import Forbidden, NotFound
from pilothouse.domains.talent.answer import answer
from pilothouse.domains.talent.selectors import held_skills, reuse, versions
from pilothouse.domains.talent.tests.papers import PAPERS
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.records.actions import record_draft, records_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import record_by_id, records
from pilothouse.web.panels import panels

HOLDER, DEMAND, ROLE, SKILL = "talent.person", "talent.demand", "talent.role", "talent.skill"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def sealed(cast, kind, *changes):
    bodies = [(None, PAPERS[kind] | change) for change in changes or ({},)]
    return records_seal(actor=cast.actor("caio"), kind=kind, bodies=bodies)


def need(title, role, **quarters):
    needs = [{"quarter": name[1:5] + "-" + name[5:], "fte": fte} for name, fte in quarters.items()]
    return {"title": title, "role": role, "needs": needs}


@pytest.fixture
def roadmap(cast):
    """Two roles that are scarce and one that is not; Bob is at level, Alice is not, the CISO was never assessed."""
    skills = [{"name": "Red teaming", "area": "security"}, {}]
    sealed(cast, SKILL, *skills)
    tester = {"title": "AI tester", "area": "security", "skills": [{"skill": "Red teaming", "level": 3}]}
    builder = {"title": "Prompt engineer", "area": "engineering", "skills": [{"skill": "Red teaming", "level": 1}]}
    with time_machine.travel(datetime(2026, 8, 15, 12, tzinfo=UTC)):
        sealed(cast, ROLE, {}, tester, builder)
        sealed(cast, HOLDER, {})
    with time_machine.travel(datetime(2026, 10, 15, 12, tzinfo=UTC)):
        sealed(
            cast,
            HOLDER,
            {"person": "alice@harbour.example", "levels": [{"skill": "Model monitoring", "level": 1, "by": "self"}]},
            {"person": "ciso@harbour.example", "role": "AI tester", "fte": "1", "levels": [], "assessed_on": None},
        )
        sealed(
            cast,
            DEMAND,
            need("Planner", "MLOps engineer", q2026Q4="1", q2027Q1="1"),
            need("Letters", "AI tester", q2027Q1="0.5", q2029Q1="9"),
            need("Prompts", "Prompt engineer", q2026Q4="5"),
        )


def test_no_need_is_none(cast):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (None, 0, 0, 0)
    assert figure.because.startswith("The roadmap names no need")


def test_the_share_that_people_at_level_cover(cast, roadmap):
    figure = answer(cast.actor("caio"), NOW)
    # MLOps: 1 and 1 needed, Bob's 0.5 in both quarters; security: 0.5 needed, nobody at level.
    assert (figure.value, figure.numerator, figure.denominator, figure.unknown) == (40.0, 1.0, 2.5, 1)
    assert figure.because == (
        "Full-time people at level on average over the coming four quarters: MLOps 0.25 of 0.50, "
        "AI security 0.00 of 0.12. Of 1 person nobody has assessed the level."
    )
    assert figure.rows == "talent/coverage/"
    points = {point.day.isoformat(): (point.value, point.denominator) for point in figure.trend}
    assert len(figure.trend) == 12
    assert points["2026-09-30"] == (None, 0)
    assert points["2026-10-31"] == (40.0, 2.5)
    assert points["2026-11-23"] == (40.0, 2.5)


def test_the_sum_is_for_all_and_the_people_are_not(cast, roadmap, client):
    assert answer(cast.actor("auditor"), NOW).value == 40.0
    base = f"/o/{cast.organisation.slug}/talent/coverage/"
    client.force_login(cast.people["auditor"].user)
    shown = client.get(base).content.decode()
    assert "MLOps engineer" in shown
    assert "bob@harbour.example" not in shown
    with pytest.raises(Forbidden):
        held_skills(cast.actor("auditor"), versions(cast.actor("auditor")))
    client.force_login(cast.people["caio"].user)
    shown = client.get(base).content.decode()
    assert "bob@harbour.example" in shown
    assert "Nobody has assessed it" in shown
    client.force_login(cast.people["employee"].user)
    assert client.get(base).status_code == 403


def test_levels_are_read_and_written_by_few(cast, roadmap):
    row = Record.objects.filter(kind=HOLDER).first()
    for who in ("auditor", "ciso", "alice", "employee"):
        assert not records(cast.actor(who), kind=HOLDER).exists()
        with pytest.raises(NotFound):
            record_by_id(cast.actor(who), row.pk)
    with pytest.raises(Forbidden):
        record_draft(actor=cast.actor("ciso"), system=None, kind=HOLDER, body=PAPERS[HOLDER])
    assert records(cast.actor("caio"), kind=HOLDER).count() == 3


def test_the_answer_takes_one_query(cast, roadmap, django_assert_max_num_queries):
    caio = cast.actor("caio")
    with django_assert_max_num_queries(1):
        answer(caio, NOW)


def test_the_page_says_what_belongs_there(cast, client):
    client.force_login(cast.people["caio"].user)
    assert "names no need yet" in client.get(f"/o/{cast.organisation.slug}/talent/coverage/").content.decode()


@time_machine.travel(NOW)
def test_the_domain_page_draws_gaps_and_reuse(cast, roadmap, rf):
    drawn = {one.key: one for one in panels._panels.values() if one.key.startswith("talent.")}
    request = rf.get("/")
    request.actor, request.organisation = cast.actor("caio"), cast.organisation
    shown = drawn["talent.gaps"].render(request, None)
    assert "MLOps engineer" in shown
    assert "Prompt engineer" not in shown
    assert "1 not assessed" in shown
    assert drawn["talent.reuse"].render(request, None) == ""
    Unit.objects.create(organisation=cast.organisation, name="Quay")
    sealed(cast, "talent.asset")
    sealed(cast, "talent.reuse", {}, {"state": "asked", "used_since": None, "spared": None})
    (row,) = reuse(cast.actor("caio"))
    assert (row.unit, row.asked, row.in_use, row.spared) == ("Quay", 1, 1, 12)
    assert "Quay" in drawn["talent.reuse"].render(request, None)
