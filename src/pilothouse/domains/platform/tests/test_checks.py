"""What platform's documents refuse, and every status of its checks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.platform.checks import (
    judge_blockers,
    judge_pipelines,
    judge_ready,
    judge_sealed,
    judge_sources,
    loss,
)
from pilothouse.domains.platform.schemas import Blocker, DataReadiness, DataSource
from pilothouse.domains.platform.tests.papers import PAPERS
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal, records_seal

SOURCE, READINESS = "platform.data_source", "platform.data_readiness"
PIPELINE, BLOCKER = "platform.pipeline", "platform.blocker"
SHORT = {key: PAPERS[READINESS][key] for key in ("access", "quality", "lineage", "review_by")}


def paper(of, /, **changes):
    return a_paper(of, PAPERS[of] | changes)


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (DataSource, SOURCE, {"right_note": None}),
        (DataSource, SOURCE, {"right": "own", "kind": "external"}),
        (DataReadiness, READINESS, {"access": "5"}),
        (DataReadiness, READINESS, {"access": "0"}),
        (DataReadiness, READINESS, {"sources": []}),
        (Blocker, BLOCKER, {"cleared_on": "2026-09-30", "cleared_how": "The export was built"}),
        (Blocker, BLOCKER, {"cleared_on": "2026-10-30"}),
        (Blocker, BLOCKER, {"cleared_how": "The export was built"}),
    ],
)
def test_what_contradicts_itself(schema, kind, changes):
    with pytest.raises(ValidationError):
        schema.model_validate(PAPERS[kind] | changes)


class TestDataReadinessSealed:
    """platform.data_readiness_sealed"""

    def test_met(self):
        finding = judge_sealed(a_system(), paper(READINESS), NOW)
        assert finding.status == Status.MET
        assert "access 3, quality 3, freshness 4, lineage and rights 3, integration 3" in finding.reason

    def test_absent(self):
        assert judge_sealed(a_system(), None, NOW).status == Status.NOT_MET
        assert judge_sealed(a_system(inherited=True), None, NOW).status == Status.UNKNOWN

    def test_overdue(self):
        assert judge_sealed(a_system(), paper(READINESS, review_by="2026-11-22"), NOW).status == Status.IN_PROGRESS

    def test_the_short_form(self):
        short = a_paper(READINESS, SHORT, short=True)
        assert judge_sealed(a_system(tier="low"), short, NOW).status == Status.MET
        assert judge_sealed(a_system(tier="high"), short, NOW).status == Status.IN_PROGRESS


class TestDataReady:
    """platform.data_ready"""

    @pytest.mark.parametrize(
        ("stage", "level", "status"),
        [
            ("idea", "0", Status.NOT_MET),
            ("idea", "1", Status.MET),
            ("development", "1", Status.NOT_MET),
            ("development", "2", Status.MET),
            ("pilot", "1", Status.NOT_MET),
            ("pilot", "2", Status.IN_PROGRESS),
            ("pilot", "3", Status.MET),
            ("production", "2", Status.NOT_MET),
            ("production", "3", Status.MET),
            ("unknown", "1", Status.NOT_MET),
            ("unknown", "2", Status.MET),
        ],
    )
    def test_what_the_next_step_needs(self, stage, level, status):
        finding = judge_ready(a_system(stage=stage), paper(READINESS, integration=level), NOW)
        assert finding.status == status
        if status == Status.NOT_MET:
            assert f"integration at {level}" in finding.reason

    def test_absent(self):
        assert judge_ready(a_system(), None, NOW).status == Status.NOT_MET

    def test_what_the_short_form_leaves_open_is_not_held_against_it(self):
        short = a_paper(READINESS, SHORT, short=True)
        assert judge_ready(a_system(tier="low"), short, NOW).status == Status.MET


class TestBlockersOwned:
    """platform.blockers_owned"""

    def judge(self, *blockers, readiness=None, **system):
        return judge_blockers(a_system(**system), (blockers or None, readiness), NOW)

    def test_nobody_said_anything(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_none_is_believed_where_the_data_was_assessed(self):
        finding = self.judge(readiness=paper(READINESS))
        assert finding.status == Status.MET
        assert finding.refs

    def test_owned_and_young(self):
        assert self.judge(paper(BLOCKER)).status == Status.MET

    def test_nobody_owns_it(self):
        assert self.judge(paper(BLOCKER), paper(BLOCKER, owner=None)).status == Status.NOT_MET

    def test_ninety_days(self):
        oldest = (NOW - timedelta(days=90)).date()
        assert self.judge(paper(BLOCKER, since=str(oldest))).status == Status.MET
        finding = self.judge(paper(BLOCKER, since=str(oldest - timedelta(days=1))))
        assert finding.status == Status.IN_PROGRESS
        assert "open since 24 August 2026" in finding.reason

    def test_cleared(self):
        cleared = paper(BLOCKER, owner=None, cleared_on="2026-11-01", cleared_how="The export was built")
        assert self.judge(cleared).status == Status.MET


class TestSourcesNamed:
    """platform.sources_named"""

    def judge(self, readiness, *sources, **system):
        return judge_sources(a_system(**system), (readiness, {source.key: source for source in sources}), NOW)

    def test_met(self):
        assert self.judge(paper(READINESS), paper(SOURCE)).status == Status.MET

    def test_absent(self):
        assert self.judge(None, paper(SOURCE)).status == Status.NOT_MET
        assert self.judge(None, paper(SOURCE), inherited=True).status == Status.UNKNOWN

    def test_the_short_form_names_none(self):
        assert self.judge(a_paper(READINESS, SHORT, short=True), paper(SOURCE), tier="low").status == Status.NOT_MET

    def test_it_is_gone(self):
        assert self.judge(paper(READINESS)).status == Status.NOT_MET

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"right": "refused"}, Status.NOT_MET),
            ({"right": "unclear"}, Status.IN_PROGRESS),
            ({"right_until": "2026-11-22"}, Status.NOT_MET),
            ({"right_until": "2026-11-23"}, Status.MET),
        ],
    )
    def test_the_right_of_use(self, changes, status):
        assert self.judge(paper(READINESS), paper(SOURCE, **changes)).status == status


class TestPipelinesSound:
    """platform.pipelines_sound"""

    def judge(self, *pipelines, **system):
        return judge_pipelines(a_system(**system), pipelines or None, NOW)

    def live(self, value, measured_on="2026-10-31"):
        return paper(PIPELINE, production={"value": value, "runs": 9, "measured_on": measured_on})

    def test_met(self):
        assert self.judge(paper(PIPELINE), self.live("99.9")).status == Status.MET

    def test_absent(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_worse_than_in_development(self):
        finding = self.judge(self.live("90"))
        assert finding.status == Status.NOT_MET
        assert "(90) than in development (99.5): 9.5 %" in finding.reason

    def test_not_yet_in_production(self):
        assert self.judge(paper(PIPELINE, production=None)).status == Status.IN_PROGRESS
        assert self.judge(paper(PIPELINE, production=None), stage="production").status == Status.NOT_MET

    def test_stale(self):
        assert self.judge(self.live("99.9", "2026-08-24")).status == Status.IN_PROGRESS

    def test_what_is_bought_is_not_asked(self):
        check = registry.checks["platform.pipelines_sound"]
        assert not check.applies(a_system(sourcing="buy"))
        assert check.applies(a_system(sourcing="unknown"))


@given(st.decimals(-999, 999, places=2), st.decimals(-999, 999, places=2), st.sampled_from(["higher", "lower"]))
def test_a_loss_is_above_nothing_just_when_it_got_worse(before, after, better):
    got = loss({"development": {"value": str(before)}, "production": {"value": str(after)}, "better": better})
    assert (got > 0) == (after < before if better == "higher" else after > before)
    assert isinstance(got, Decimal)


def test_all_its_papers_can_be_sealed(cast):
    """platform.data_source, platform.data_readiness, platform.pipeline and platform.blocker, in this order."""
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    for kind, body in PAPERS.items():
        about = system if registry.records[kind].of_system else None
        record_seal(actor=caio, record=record_draft(actor=caio, system=about, kind=kind, body=body))
    loaders = {loader for check in registry.domains["platform"].checks for loader in check.loaders}
    assert all(loader(cast.organisation.pk, None).get(system.pk) for loader in loaders)


def test_more_systems_cost_no_more_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    records_seal(actor=caio, kind=SOURCE, bodies=[(None, PAPERS[SOURCE])])
    systems = [system_create(actor=caio, name=f"System {n}") for n in range(5)]
    for kind in (READINESS, PIPELINE, BLOCKER):
        records_seal(actor=caio, kind=kind, bodies=[(system, PAPERS[kind]) for system in systems])
    loaders = {loader for check in registry.domains["platform"].checks for loader in check.loaders}
    with django_assert_max_num_queries(len(loaders)):
        found = [loader(cast.organisation.pk, None) for loader in loaders]
    assert len(found) == 4
