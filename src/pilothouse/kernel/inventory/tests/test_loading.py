"""What a check may read of a system's make-up."""

from __future__ import annotations

from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.inventory.loading import components_used


def test_it_works(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    model = component_add(actor=caio, kind="model", name="Summary model", version="2")
    agent = component_add(actor=caio, kind="agent", name="Mail agent")
    one, two = (system_create(actor=caio, name=name) for name in ("CV summary", "Planner"))
    other = system_create(actor=caio, name="Nothing in it")
    for system, component in ((one, model), (one, agent), (two, agent)):
        relation_add(actor=caio, system=system, kind="uses", component=component)
    relation_add(actor=caio, system=one, kind="feeds", other=two)
    with django_assert_max_num_queries(1):
        found = components_used()(cast.organisation.pk, None)
    assert {pk: [(used.kind, used.name, used.version) for used in row] for pk, row in found.items()} == {
        one.pk: [("agent", "Mail agent", ""), ("model", "Summary model", "2")],
        two.pk: [("agent", "Mail agent", "")],
    }
    assert found[one.pk][1].ref.label == "Summary model 2"
    assert other.pk not in found


def test_only_of_these_kinds_and_systems(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    for kind in ("model", "tool"):
        component = component_add(actor=caio, kind=kind, name=f"A {kind}")
        relation_add(actor=caio, system=system, kind="uses", component=component)
    assert [used.kind for used in components_used("tool")(cast.organisation.pk, [system.pk])[system.pk]] == ["tool"]
    assert components_used("tool")(cast.organisation.pk, []) == {}
    assert components_used("tool")(cast.elsewhere.pk, None) == {}
    assert components_used("tool") is components_used("tool")
