"""The picture of a chain, and what the pages show of designs and agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.domains.architecture.rules import HEIGHT, WIDTH, drawn
from pilothouse.domains.architecture.tests.papers import PAPERS, agent, design
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

NAMES = st.sampled_from(["App", "Planner", "Model", "Mail", "Search", "Index"])
CALLS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])


def call(caller, calls, what="model", **more):
    return {"caller": caller, "calls": calls, "what": what} | more


class TestDrawing:
    def test_callers_stand_left_of_what_they_call(self):
        picture = drawn([call("App", "Planner", "agent"), call("Planner", "Model"), call("Planner", "Mail", "tool")])
        at = {node.name: (node.x, node.y, node.what) for node in picture.nodes}
        assert at["App"][0] < at["Planner"][0] < at["Model"][0] == at["Mail"][0]
        assert at["Model"][1] != at["Mail"][1]
        assert [at[name][2] for name in ("App", "Planner", "Mail")] == ["caller", "agent", "tool"]

    def test_a_ring_is_drawn_too(self):
        picture = drawn([call("A", "B", "agent"), call("B", "A", "agent")])
        assert [node.x for node in picture.nodes] == sorted({node.x for node in picture.nodes})

    def test_a_line_says_what_is_shared(self):
        [edge] = drawn([call("App", "Model", shares="One CV")]).edges
        assert edge.words == "App calls Model, shares: One CV"

    def test_a_long_name_is_cut_in_the_box(self):
        node = drawn([call("App", "A model with a very long name")]).nodes[1]
        assert node.short == "A model with a very l…"

    @given(st.lists(CALLS, min_size=1, max_size=12))
    def test_every_part_has_a_box_of_its_own_inside_the_picture(self, pairs):
        picture = drawn([call(*pair) for pair in pairs])
        assert {node.name for node in picture.nodes} == {name for pair in pairs for name in pair}
        assert len({(node.x, node.y) for node in picture.nodes}) == len(picture.nodes)
        assert all(node.x + WIDTH <= picture.width and node.y + HEIGHT <= picture.height for node in picture.nodes)
        assert len(picture.edges) == len(pairs)


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("alice"), name="CV summary", owner_id=cast.people["alice"].pk)


def seal(cast, system, kind, body):
    alice = cast.actor("alice")
    return record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=kind, body=body))


def tab(browse, who, system):
    return browse(who).get(f"/o/harbour/systems/{system.number}/", {"tab": "architecture"}).content.decode()


class TestDesignTab:
    def test_it_works(self, cast, browse, system):
        for kind, body in PAPERS.items():
            seal(cast, system, kind, body if "design" not in kind else design("multi_agent"))
        page = tab(browse, "alice", system)
        assert "Planner calls Mail agent, shares: The plan so far" in page
        assert '<svg class="chain"' in page
        assert "to be looked at again by 30 September 2027" in page
        assert all(name in page for name in ("multi-agent", "Job descriptions", "One call for each application"))

    def test_nothing_yet(self, browse, system):
        assert "Record the design" in tab(browse, "alice", system)
        page = tab(browse, "auditor", system)
        assert "Nobody has recorded how it is built" in page
        assert "Record the design" not in page


class TestAgentsPanel:
    def test_it_works(self, cast, browse, system):
        assert "Agents and their limits" not in self.page(browse, "caio")
        for number in range(3):
            seal(cast, system, "architecture.agent", agent(name=f"Agent {number}", acts_as="shared"))
        page = self.page(browse, "caio")
        assert "Agents and their limits" in page
        assert page.count("a shared account") == 3
        assert "Sending a mail" in page

    def test_only_of_systems_that_one_sees(self, cast, browse, system):
        other = system_create(actor=cast.actor("caio"), name="Other")
        caio = cast.actor("caio")
        draft = record_draft(actor=caio, system=other, kind="architecture.agent", body=agent(name="Hidden agent"))
        record_seal(actor=caio, record=draft)
        seal(cast, system, "architecture.agent", agent(name="Seen agent"))
        page = self.page(browse, "alice")
        assert "Seen agent" in page
        assert "Hidden agent" not in page

    def page(self, browse, who):
        return browse(who).get("/o/harbour/domains/architecture/").content.decode()
