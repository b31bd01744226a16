"""The judgement: what it allows, each way that it refuses, and what holds whatever the rules are."""

from __future__ import annotations

import sys
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy.evaluate import STEPS, evaluate
from pilothouse.contracts.policy.request import CHECK, STATUS, CallRequest, Verdict, key_hash, person_id
from pilothouse.contracts.policy.snapshot import ANY, Inspection, Limits, Snapshot, Suspensions
from pilothouse.contracts.policy.tests import world
from pilothouse.contracts.policy.tests.world import NOW, call, make, stops, with_key, with_system


def judge(snapshot: Snapshot | None = None, request: CallRequest | None = None, *stopped: str) -> Verdict:
    return evaluate(snapshot or make(), stops(*stopped), request or call(), NOW)


def test_it_works() -> None:
    verdict = judge(make(budgets=world.day_cap()))
    assert verdict.allow
    assert verdict.code == "allowed"
    assert [route.target.model for route in verdict.routes] == ["m-1"], "the one without a price cannot be reserved for"
    assert verdict.routes[0].price is not None
    assert verdict.routes[0].price.id == "p1", "tomorrow's price is not today's"
    assert [budget.id for budget in verdict.budgets] == ["b-1"]
    assert verdict.plain()["system"] == "S-42"
    assert verdict.status == 200


def test_it_names_the_limits_to_take() -> None:
    verdict = evaluate(
        make(
            keys={world.KEY: world.key(limits=Limits(requests_per_minute=5))},
            systems={"sys": world.system(limits=Limits(concurrent=2))},
        ),
        stops(),
        call(),
        NOW,
    )
    assert [(limit.scope, limit.scope_id) for limit in verdict.limits] == [("key", "key-1"), ("system", "sys")]


def test_a_retired_name_answers_by_its_replacement() -> None:
    verdict = judge(request=call(model="old"))
    assert verdict.alias is not None
    assert verdict.alias.name == "chat"


def test_a_check_needs_no_model() -> None:
    verdict = judge(request=call(endpoint=CHECK, model=""))
    assert verdict.allow
    assert verdict.routes == ()


def test_an_upstream_that_is_stopped_leaves_the_fallback() -> None:
    verdict = judge(None, None, "upstream:north")
    assert [route.target.upstream for route in verdict.routes] == ["south"]


REFUSED = {
    "unknown_key": (make(), call(key=key_hash("guess")), ()),
    "key_expired": (with_key(expires_at=NOW), call(), ()),
    "organisation_suspended": (make(), call(), (f"organisation:{world.ORGANISATION}",)),
    "key_suspended": (make(), call(), ("key:key-1",)),
    "person_missing": (with_key(person="told"), call(), ()),
    "person_refused": (with_key(persons=frozenset({"ann"})), call(person="ben"), ()),
    "agent_refused": (with_key(agents=frozenset({"clerk"})), call(), ()),
    "unknown_system": (make(systems={}), call(), ()),
    "system_prohibited": (with_system(stop="prohibited"), call(), ()),
    "system_suspended": (make(), call(), ("system:sys",)),
    "stage": (with_system(stop="stage"), call(), ()),
    "unknown_model": (make(), call(model="nothing"), ()),
    "model_suspended": (make(), call(model="old"), ("model:chat",)),
    "model_refused": (with_system(models=frozenset({"embed"})), call(), ()),
    "endpoint_refused": (make(), call(model="embed"), ()),
    "no_upstream": (make(upstreams={}), call(), ()),
    "region_refused": (with_system(regions=frozenset({"ch"})), call(), ()),
    "purpose_missing": (with_system(purposes=frozenset({"support"})), call(), ()),
    "purpose_refused": (with_system(purposes=frozenset({"support"})), call(purpose="hiring"), ()),
    "data_class_missing": (with_system(data_classes=frozenset({"public"})), call(), ()),
    "data_class_refused": (
        with_system(data_classes=frozenset({"public"})),
        call(data_classes=frozenset({"public", "personal"})),
        (),
    ),
    "too_large": (with_system(inspection=Inspection(max_prompt_bytes=10)), call(size=11), ()),
    "human_required": (with_system(human={"hire": "refuse"}), call(decision="hire"), ()),
    "unpriced": (make(prices={}, budgets=world.day_cap()), call(), ()),
}


@pytest.mark.parametrize("code", REFUSED)
def test_it_refuses(code: str) -> None:
    snapshot, request, stopped = REFUSED[code]
    verdict = judge(snapshot, request, *stopped)
    assert not verdict.allow
    assert verdict.code == code
    assert verdict.reason
    assert verdict.change
    assert verdict.step in dict(STEPS)
    assert verdict.status == STATUS[code]
    assert not verdict.routes


def test_verified_means_more_than_told() -> None:
    snapshot = with_key(person="verified")
    assert judge(snapshot, call(person="ann")).code == "person_missing"
    assert judge(snapshot, call(person="ann", person_verified=True)).allow


def test_a_permission_to_run_ends_on_time() -> None:
    assert judge(with_system(until=NOW)).code == "stage"
    assert judge(with_system(until=NOW + timedelta(minutes=1))).allow


def test_an_upstream_gets_only_the_data_it_may() -> None:
    upstreams = dict(make().upstreams)
    upstreams["north"] = msgspec.structs.replace(upstreams["north"], data_classes=frozenset({"public"}))
    snapshot = make(upstreams=upstreams)
    kept = judge(snapshot, call(data_classes=frozenset({"personal"})))
    assert [route.target.upstream for route in kept.routes] == ["south"]
    assert [route.target.upstream for route in judge(snapshot, call()).routes] == ["south"], "unsaid is not public"
    only_north = call(model="embed", endpoint="embeddings", data_classes=frozenset({"personal"}))
    assert judge(snapshot, only_north).code == "data_class_refused"


def test_a_decision_that_is_held_is_allowed_and_waits() -> None:
    assert judge(with_system(human={ANY: "hold"}), call(decision="hire")).hold
    assert not judge(with_system(human={ANY: "hold"}), call()).hold


def test_without_a_policy_nothing_may_be_called() -> None:
    assert evaluate(None, stops(), call(), NOW).code == "no_policy"
    assert evaluate(make(), None, call(), NOW).code == "no_policy"
    assert evaluate(make(organisation="another"), stops(), call(), NOW).code == "no_policy"
    assert evaluate(make(not_after=NOW), stops(), call(), NOW).code == "policy_expired"


def test_out_of_touch_only_high_risk_stops() -> None:
    old = stops(issued_at=NOW - timedelta(seconds=61))
    assert evaluate(with_system(high_risk=True), old, call(), NOW).code == "out_of_touch"
    assert evaluate(with_system(), old, call(), NOW).allow
    assert evaluate(with_system(high_risk=True), stops(), call(), NOW).allow


def test_replacements_in_a_circle_end() -> None:
    aliases = {name: world.Alias(name=name, replaced_by=other) for name, other in (("a", "b"), ("b", "a"))}
    assert judge(make(aliases=aliases), call(model="a")).code == "unknown_model"


@given(world.snapshots, world.suspensions, world.requests)
def test_the_same_question_gets_the_same_answer(
    snapshot: Snapshot, suspended: Suspensions, request: CallRequest
) -> None:
    assert evaluate(snapshot, suspended, request, NOW) == evaluate(snapshot, suspended, request, NOW)


@given(world.snapshots, world.suspensions, world.requests)
def test_what_is_allowed_was_said(snapshot: Snapshot, suspended: Suspensions, request: CallRequest) -> None:
    """Deny by default: an allowed call has a known key, a running system, a permitted model and somewhere to go."""
    verdict = evaluate(snapshot, suspended, request, NOW)
    if not verdict.allow:
        assert verdict.code in STATUS
        return
    assert request.key in snapshot.keys
    assert verdict.system is not None
    assert verdict.system.stop == ""
    if request.model or request.endpoint != CHECK:
        assert verdict.alias is not None
        assert verdict.system.models & {verdict.alias.name, ANY}
        assert verdict.routes


@given(
    world.snapshots,
    world.suspensions,
    world.requests,
    st.sampled_from([f"organisation:{world.ORGANISATION}", "key:key-1", "system:sys"]),
)
def test_a_stop_always_wins(snapshot: Snapshot, suspended: Suspensions, request: CallRequest, name: str) -> None:
    more = {**suspended.stopped, **stops(name).stopped}
    assert not evaluate(snapshot, msgspec.structs.replace(suspended, stopped=more), request, NOW).allow


@given(world.snapshots, world.suspensions, world.requests, world.stop_names)
def test_another_stop_never_allows_more(
    snapshot: Snapshot, suspended: Suspensions, request: CallRequest, name: str
) -> None:
    before = evaluate(snapshot, suspended, request, NOW)
    more = {**suspended.stopped, **stops(name).stopped}
    after = evaluate(snapshot, msgspec.structs.replace(suspended, stopped=more), request, NOW)
    assert before.allow or not after.allow
    assert set(after.routes) <= set(before.routes) or not before.allow


narrower = st.sampled_from(["regions", "purposes", "data_classes", "models"])


@given(world.snapshots, world.suspensions, world.requests, narrower, st.data())
def test_a_narrower_rule_never_allows_more(
    snapshot: Snapshot, suspended: Suspensions, request: CallRequest, field: str, data: st.DataObject
) -> None:
    now = getattr(snapshot.systems["sys"], field)
    pool = sorted(now) if now is not None else ["eu", "support", "public"]
    kept = data.draw(st.frozensets(st.sampled_from(pool)) if pool else st.just(frozenset()))
    before = evaluate(snapshot, suspended, request, NOW)
    after = evaluate(world.replace_system(snapshot, **{field: kept}), suspended, request, NOW)
    assert before.allow or not after.allow


@given(world.snapshots, world.suspensions, world.requests)
def test_a_budget_never_allows_more(snapshot: Snapshot, suspended: Suspensions, request: CallRequest) -> None:
    without = msgspec.structs.replace(snapshot, budgets={})
    capped = msgspec.structs.replace(snapshot, budgets=world.day_cap())
    assert evaluate(without, suspended, request, NOW).allow or not evaluate(capped, suspended, request, NOW).allow


def test_a_person_is_named_by_a_hash() -> None:
    told = person_id("o", " Ann@Harbour.example ")
    assert told == person_id("o", "ann@harbour.example")
    assert told != person_id("other", "ann@harbour.example")
    assert "ann" not in told
    assert person_id("o", "  ") == ""


def test_it_asks_little_of_the_processor() -> None:
    """Counted in Python function calls, not in time: the gateway asks it on every call."""
    snapshot, stopped, request = make(budgets=world.day_cap()), stops(), call()
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        evaluate(snapshot, stopped, request, NOW)
    finally:
        sys.setprofile(None)
    assert calls < 60
