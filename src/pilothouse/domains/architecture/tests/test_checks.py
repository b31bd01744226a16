"""Architecture's checks, in every status."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.domains.architecture import facts as loaders
from pilothouse.domains.architecture.checks import (
    judge_agents,
    judge_corpora,
    judge_decisions,
    judge_design,
)
from pilothouse.domains.architecture.tests.papers import PAPERS, agent, corpus, decision, design
from pilothouse.kernel.domain import Grade, ShareMet, Status, SystemFacts, registry
from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.inventory.loading import Used
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BOT = Used(uuid4(), "agent", "Booking bot", "2")


def facts(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    base = SystemFacts(**(empty | {"id": uuid4(), "number": 1, "stage": "pilot", "tier": "high", "intake": {}}))
    return replace(base, **changes)


def sealed(body, kind=loaders.DESIGN):
    named = {loaders.DECISION: "title", loaders.AGENT: "name", loaders.CORPUS: "name"}.get(kind, "")
    return Sealed(uuid4(), kind, 1, "sha256:0", NOW, None, body, body.get(named, ""))


def entries(kind, *bodies):
    return tuple(sealed(body, kind) for body in bodies) or None


class TestDesign:
    """architecture.design_recorded"""

    def test_met_names_patterns_and_chain(self):
        finding = judge_design(facts(), sealed(design("rag", "agent")), NOW)
        assert finding.status == Status.MET
        assert finding.reason == "Its design is sealed: RAG, agent, 3 calls in its chain."

    def test_absent(self):
        assert judge_design(facts(), None, NOW).status == Status.NOT_MET
        assert judge_design(facts(inherited=True), None, NOW).status == Status.UNKNOWN

    def test_overdue(self):
        assert judge_design(facts(), sealed(design(review_by="2026-11-22")), NOW).status == Status.IN_PROGRESS

    def test_short(self):
        short = {key: design()[key] for key in ("summary", "patterns", "review_by")}
        assert judge_design(facts(tier="low"), sealed(short), NOW).status == Status.MET
        assert judge_design(facts(), sealed(short), NOW).status == Status.IN_PROGRESS


class TestAgents:
    """architecture.agents_controlled"""

    def judge(self, *agents, paper=None, used=(), **system):
        loaded = (sealed(paper) if paper else None, entries(loaders.AGENT, *agents), used)
        return judge_agents(facts(**system), loaded, NOW)

    def test_each_is_controlled(self):
        assert self.judge(agent(), agent(name="Planner")).reason.startswith("Each of its 2 agents has a permission")
        assert self.judge(agent(), used=(replace(BOT, name="MAIL agent"),)).status == Status.MET

    def test_a_design_without_agents_is_not_concerned(self):
        assert self.judge(paper=design("rag")).status == Status.NOT_APPLICABLE

    def test_nobody_knows(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_a_named_technique_that_calls_no_tools(self):
        found = self.judge(technique="gradient boosting")
        assert (found.status, found.grade) == (Status.NOT_APPLICABLE, Grade.ATTESTED)
        assert self.judge(technique="Language model").status == Status.NOT_MET
        assert self.judge(technique="gradient boosting", used=(BOT,)).status == Status.NOT_MET

    def test_in_the_low_tier_the_intake_is_enough(self):
        low = {"tier": "low", "intake": {"acts_alone": "no"}}
        assert self.judge(**low).status == Status.NOT_APPLICABLE
        assert self.judge(**low, technique="LLM agent").status == Status.NOT_MET
        assert self.judge(**low, used=(BOT,)).status == Status.NOT_MET
        assert self.judge(**low | {"tier": "medium"}).status == Status.NOT_MET

    def test_agents_in_the_design_and_none_registered(self):
        assert self.judge(paper=design("agent")).status == Status.NOT_MET

    def test_agents_in_the_inventory_and_none_registered(self):
        finding = self.judge(used=(BOT,), paper=design())
        assert finding.status == Status.NOT_MET
        assert "Booking bot" in finding.reason
        assert finding.refs[0].type == "inventory.component"

    def test_one_in_the_inventory_is_not_registered(self):
        assert "Booking bot" in self.judge(agent(), used=(BOT,)).reason

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"acts_as": "shared"}, "account that others use"),
            ({"permissions": ["Everything"]}, "no permission model"),
            ({"approvals": [], "no_approval": "It could not harm anybody"}, "everything by itself"),
            ({"review_by": "2026-11-22"}, "looked at again by 22 November 2026"),
        ],
    )
    def test_what_is_no_control(self, changes, words):
        finding = self.judge(agent(), agent(name="Planner", **changes))
        assert finding.status == Status.IN_PROGRESS
        assert words in finding.reason
        assert "Planner" in finding.reason

    def test_below_the_high_tier_an_agent_may_act_alone(self):
        alone = agent(approvals=[], no_approval="It only reads what everybody may read")
        assert self.judge(alone, tier="medium").status == Status.MET

    def test_the_short_form(self):
        short = {key: agent()[key] for key in ("name", "acts_as", "permissions", "scope", "approvals", "audit")}
        assert self.judge(short, tier="low").status == Status.MET
        assert self.judge(short, tier="medium").status == Status.IN_PROGRESS

    def test_the_answer_counts_production(self):
        expected = ShareMet(("architecture.agents_controlled",), stages=("production",))
        assert registry.domains["architecture"].answer == expected


class TestDecisions:
    """architecture.decision_recorded"""

    def judge(self, *bodies, **system):
        return judge_decisions(facts(**system), entries(loaders.DECISION, *bodies), NOW)

    def test_met(self):
        both = self.judge(decision(), decision(title="Another one", reversal="never"))
        assert both.reason == "2 decisions are recorded and within review; 1 would be dear to undo."
        assert self.judge(decision()).status == Status.MET

    def test_absent(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_all_replaced(self):
        assert self.judge(decision(replaced_by="Another one")).status == Status.NOT_MET

    def test_overdue_unless_it_was_replaced(self):
        late = decision(title="Old one", decided_on="2025-01-01", review_by="2026-01-01")
        assert self.judge(decision(), late).status == Status.IN_PROGRESS
        assert self.judge(decision(), late | {"replaced_by": "One call for each application"}).status == Status.MET


class TestCorpora:
    """architecture.corpora_ruled"""

    def judge(self, *bodies, paper=None, **system):
        loaded = (sealed(paper) if paper else None, entries(loaders.CORPUS, *bodies))
        return judge_corpora(facts(**system), loaded, NOW)

    def test_met(self):
        assert self.judge(corpus()).status == Status.MET
        assert self.judge(corpus(), corpus(name="Rules", access="everyone")).status == Status.MET

    def test_nothing_is_retrieved(self):
        assert self.judge(paper=design("prompt")).status == Status.NOT_APPLICABLE

    def test_nobody_knows(self):
        assert self.judge().status == Status.NOT_MET
        assert self.judge(inherited=True).status == Status.UNKNOWN

    def test_it_retrieves_and_nothing_is_registered(self):
        assert self.judge(paper=design("rag")).status == Status.NOT_MET

    @pytest.mark.parametrize("rule", ["none", "builders"])
    def test_what_is_no_access_rule(self, rule):
        assert self.judge(corpus(), corpus(name="Mail", access=rule)).status == Status.NOT_MET

    def test_overdue(self):
        assert self.judge(corpus(review_by="2026-11-22")).status == Status.IN_PROGRESS


@given(
    st.lists(st.sampled_from(["own", "user", "shared"]), max_size=4),
    st.sampled_from([None, "prompt", "agent", "rag"]),
    st.booleans(),
    st.sampled_from(["low", "medium", "high", "unknown"]),
)
def test_agents_are_met_only_over_rows_that_say_so(accounts, pattern, found, tier):
    bodies = [agent(name=f"Agent {n}", acts_as=account) for n, account in enumerate(accounts)]
    loaded = (sealed(design(pattern)) if pattern else None, entries(loaders.AGENT, *bodies), (BOT,) if found else None)
    finding = judge_agents(facts(tier=tier), loaded, NOW)
    if finding.status == Status.MET:
        assert accounts
        assert "shared" not in accounts
        assert not found
        assert len(finding.refs) == len(accounts)
    if finding.status == Status.NOT_APPLICABLE:
        assert not accounts
        assert not found
        assert pattern in ("prompt", "rag")


def test_it_works_from_sealing_to_judgement(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    for number in range(3):
        system = system_create(actor=caio, name=f"CV summary {number}")
        for kind, body in PAPERS.items():
            record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=kind, body=body))
        bot = component_add(actor=caio, kind="agent", name="Mail agent", version="1")
        relation_add(actor=caio, system=system, kind="uses", component=bot)
        for check in registry.domains["architecture"].checks:
            with django_assert_max_num_queries(len(check.loaders)):
                found = [loader(cast.organisation.pk, None) for loader in check.loaders]
            read = tuple(one.get(system.pk) for one in found)
            finding = check.judge(facts(id=system.pk), read if isinstance(check.load, tuple) else read[0], NOW)
            assert finding.status == Status.MET, check.id
