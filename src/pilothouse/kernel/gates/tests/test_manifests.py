"""What a sign-off approves: a material change opens a candidate, and the approved one runs on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.manifests import manifest_tick
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.models import Manifest
from pilothouse.kernel.gates.rules.manifests import COMPONENTS, manifest_body, manifest_changes
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.gates.tests.conftest import complete
from pilothouse.kernel.inventory.actions import component_add, relation_add, relation_remove, system_change
from pilothouse.kernel.inventory.models import System


@pytest.fixture
def running(cast, system, sign):
    system = complete(cast, system)
    use(cast, system, "model", "gpt", "1")
    for stage in ("development", "pilot", "production"):
        outcome = gate_request(actor=cast.actor("alice"), system=again(system), to_stage=stage, reason="Ready")
        sign("caio", outcome.decision)
    return again(system)


def again(system):
    return System.objects.get(pk=system.pk)


def use(cast, system, kind, name, version=""):
    component = component_add(actor=cast.actor("caio"), kind=kind, name=name, version=version)
    return relation_add(actor=cast.actor("caio"), system=system, kind="uses", component=component)


def states(system):
    return list(Manifest.objects.filter(system=system).order_by("version").values_list("state", flat=True))


def test_it_works(cast, running, sign):
    assert Manifest.objects.get().body["model"] == [{"name": "gpt", "version": "1"}]
    use(cast, running, "tool", "send e-mail")
    assert states(running) == ["approved", "candidate"]
    permission = may_run(running, now())
    assert (permission.allowed, permission.marks) == (True, ("candidate",))
    decision = Decision.objects.get(kind="manifest")
    assert "send e-mail" in decision.summary
    sign(someone(decision), decision)
    assert states(running) == ["superseded", "approved"]
    assert "candidate" not in may_run(running, now()).marks


def someone(decision):
    """Someone who may sign it: whoever made the change may not."""
    roles = set(decision.seats.values_list("role", flat=True))
    return next(who for who in ("ciso", "risk", "cfo") if who in roles)


def test_changing_back_ends_the_candidate(cast, running):
    relation = use(cast, running, "tool", "send e-mail")
    relation_remove(actor=cast.actor("caio"), system=running, relation=relation)
    assert states(running) == ["approved", "superseded"]
    assert Decision.objects.get(kind="manifest").state == "superseded"


def test_a_refused_candidate_is_not_asked_again(cast, running, sign):
    use(cast, running, "tool", "send e-mail")
    decision = Decision.objects.get(kind="manifest")
    sign(someone(decision), decision, "refuse", "Too far")
    assert manifest_tick(now()) == {"candidates": 0}
    assert states(running) == ["approved", "refused"]


def test_what_is_immaterial_needs_no_signature(cast, running, sign):
    relation = use(cast, running, "tool", "send e-mail")
    decision = Decision.objects.get(kind="manifest")
    sign(someone(decision), decision)
    relation_remove(actor=cast.actor("caio"), system=running, relation=relation)  # the rulebook asks for a notice only
    assert states(running) == ["superseded", "superseded", "approved"]
    assert Manifest.objects.get(state="approved").body["tool"] == []


def test_a_prompt_is_kept_by_its_hash(cast, running):
    System.objects.filter(pk=running.pk).update(custom={"prompt_main": "You are careful."})
    manifest_tick(now())
    body = Manifest.objects.get(state="candidate").body
    assert body["prompt"][0]["version"].startswith("sha256:")
    assert "careful" not in str(body)


def test_a_fact_that_is_no_exposure_opens_nothing(cast, running):
    system_change(actor=cast.actor("alice"), system=running, changes={"notes": "Nice"})
    assert states(running) == ["approved"]


rows = st.lists(st.tuples(st.sampled_from(COMPONENTS[:4]), st.sampled_from("abc"), st.sampled_from("12")), max_size=5)


@given(rows, rows)
def test_no_difference_no_change_and_every_difference_is_said(old, new):
    rulebook = SHIPPED["enterprise"].body
    a, b = manifest_body(old, "", {}, {}), manifest_body(new, "", {}, {})
    assert manifest_changes(a, a, rulebook) == []
    assert bool(manifest_changes(a, b, rulebook)) == (a != b)
    assert all(change.sentence and change.then for change in manifest_changes(a, b, rulebook))
