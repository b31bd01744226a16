"""Upstreams, models, prices, budgets and a system's rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.snapshot import Target
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.register import human_only_add
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.policy.actions.caps import budget_end, budget_save
from pilothouse.kernel.policy.actions.routing import alias_save, price_add, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.models import Alias, Budget, PolicySetting, Price, Upstream
from pilothouse.kernel.policy.selectors import aliases, budgets, policy_now, prices, setting_of, upstreams, verdict
from pilothouse.kernel.policy.tests.conftest import TARGETS, UPSTREAM


def test_it_works(cast: Any, issued: Any) -> None:
    snapshot, _ = policy_now(cast.organisation)
    north = snapshot.upstreams["north"]
    assert north.base_url == "https://north.example/v1"
    assert north.secret == "env:PILOTHOUSE_UPSTREAM_HARBOUR__NORTH"
    assert snapshot.aliases["chat"].targets == (Target("north", "m-1"),)
    assert snapshot.prices["north/m-1"][0].input == 3_000_000


def test_a_file_is_named_from_the_data_directory(cast: Any) -> None:
    upstream_save(actor=cast.actor("caio"), name="north", facts={**UPSTREAM, "secret": "file:north.key"})
    assert policy_now(cast.organisation)[0].upstreams["north"].secret == "file:secrets/harbour/north.key"


def test_saving_changes_what_differs(cast: Any, upstream: Any) -> None:
    caio = cast.actor("caio")
    same = upstream_save(actor=caio, name="north", facts=UPSTREAM, version=1)
    assert same.version == 1
    changed = upstream_save(actor=caio, name="north", facts={"region": "ch"}, version=1)
    assert (changed.version, changed.base_url) == (2, "https://north.example/v1")
    assert Entry.objects.filter(action="upstream.changed").count() == 1
    with pytest.raises(Conflict):
        upstream_save(actor=caio, name="north", facts={"region": "us"}, version=1)
    with pytest.raises(Conflict, match="exists"):
        upstream_save(actor=caio, name="north", facts=UPSTREAM, version=0)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"base_url": "ftp://north"}, "base_url"),
        ({"base_url": "https://user:pw@north"}, "base_url"),
        ({"secret": "env:PILOTHOUSE_UPSTREAM_ELSEWHERE__NORTH"}, "secret"),
        ({"secret": "env:PATH"}, "secret"),
        ({"secret": "file:../secret.key"}, "secret"),
        ({"secret": "sk-live-1234"}, "secret"),
        ({"secret": ""}, "secret"),
        ({"dialect": "soap"}, "dialect"),
        ({"auth": "basic"}, "auth"),
        ({"headers": {"Authorization": "x"}}, "headers"),
        ({"data_classes": ["trade secret"]}, "data_classes"),
        ({"connect_ms": 0}, "connect_ms"),
        ({"concurrent": 0}, "concurrent"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_upstream_is_refused(cast: Any, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        upstream_save(actor=cast.actor("caio"), name="north", facts={**UPSTREAM, **facts})
    assert field in raised.value.fields
    assert not Upstream.objects.exists()


def test_names_are_checked(cast: Any, upstream: Any) -> None:
    with pytest.raises(Invalid):
        upstream_save(actor=cast.actor("caio"), name="North!", facts=UPSTREAM)
    with pytest.raises(Invalid):
        alias_save(actor=cast.actor("caio"), name="a b", facts={"targets": TARGETS})


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"targets": []}, "targets"),
        ({"targets": [{"upstream": "south", "model": "m"}]}, "targets"),
        ({"targets": [{"upstream": "north", "model": "m", "fallback": True}]}, "targets"),
        ({"targets": [*TARGETS, *TARGETS]}, "targets"),
        ({"targets": [{"upstream": "north"}]}, "body"),
        ({"replaced_by": "nothing"}, "replaced_by"),
        ({"replaced_by": "chat"}, "replaced_by"),
        ({"endpoints": ["fax"]}, "endpoints"),
        ({"max_output": 0}, "max_output"),
        ({"retries": 9}, "retries"),
    ],
)
def test_a_model_is_refused(cast: Any, upstream: Any, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        alias_save(actor=cast.actor("caio"), name="chat", facts={"targets": TARGETS, **facts})
    assert field in raised.value.fields or "targets" in str(raised.value.fields)
    assert not Alias.objects.exists()


def test_a_retired_model_answers_by_its_replacement(cast: Any, offered: Any, issued: Any, call: Any) -> None:
    alias_save(actor=cast.actor("caio"), name="old", facts={"replaced_by": "chat"})
    assert verdict(cast.actor("alice"), call(model="old")).allow
    with pytest.raises(Invalid):
        alias_save(actor=cast.actor("caio"), name="chat", facts={"replaced_by": "old"})


def test_a_price_follows_another(cast: Any, offered: Any, upstream: Any) -> None:
    caio, later = cast.actor("caio"), now() + timedelta(days=1)
    amounts = {"input": Decimal("2"), "output": Decimal("4"), "cache_read": Decimal("0.2")}
    price_add(
        actor=caio,
        upstream=upstream,
        model="m-1",
        amounts=amounts,
        valid_from=later,
        currency="usd",
        rate=Decimal("0.9"),
    )
    line = policy_now(cast.organisation)[0].prices["north/m-1"]
    assert [price.input for price in line] == [3_000_000, 1_800_000]
    assert line[1].cache_read == 180_000
    with pytest.raises(Conflict):
        price_add(actor=caio, upstream=upstream, model="m-1", amounts=amounts, valid_from=later)
    assert Price.objects.count() == prices(caio).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amounts": {"input": Decimal(1)}}, "output"),
        ({"amounts": {"input": Decimal(-1), "output": Decimal(1)}}, "input"),
        ({"model": ""}, "model"),
        ({"currency": "euro"}, "currency"),
        ({"rate": Decimal(2)}, "rate"),
        ({"rate": Decimal(0), "currency": "USD"}, "rate"),
    ],
)
def test_a_price_is_refused(cast: Any, upstream: Any, wrong: dict[str, Any], field: str) -> None:
    good = {"model": "m-1", "amounts": {"input": Decimal(1), "output": Decimal(1)}}
    with pytest.raises(Invalid) as raised:
        price_add(actor=cast.actor("caio"), upstream=upstream, **{**good, **wrong})
    assert field in raised.value.fields


def test_a_budget_caps_each_scope(cast: Any, issued: Any, call: Any) -> None:
    cfo = cast.actor("cfo")
    budget_save(actor=cfo, name="All", cap=Decimal(100), window="month")
    budget_save(actor=cfo, name="Planner", cap=Decimal("2.5"), window="day", system=issued.key.system)
    budget_save(actor=cfo, name="Nightly", cap=Decimal(1), window="hour", key=issued.key)
    found = verdict(cast.actor("alice"), call()).budgets
    assert [(budget.scope, budget.cap) for budget in found] == [
        ("key", 1_000_000),
        ("system", 2_500_000),
        ("organisation", 100_000_000),
    ]
    assert budgets(cast.actor("alice")).count() == 2, "an owner sees the caps of her own systems"
    assert budgets(cfo).count() == 3


def test_a_budget_is_changed_and_ended(cast: Any, system: Any) -> None:
    cfo = cast.actor("cfo")
    made = budget_save(actor=cfo, name="Planner", cap=Decimal(1), window="day", system=system)
    assert budget_save(actor=cfo, name="Planner", cap=Decimal(2), window="day", system=system).pk == made.pk
    with pytest.raises(Invalid):
        budget_end(actor=cfo, budget=made, reason="")
    budget_end(actor=cfo, budget=made, reason="Paid by the customer")
    assert not budgets(cfo).exists()
    with pytest.raises(Conflict):
        budget_end(actor=cfo, budget=made, reason="Again")


def test_a_budget_is_refused(cast: Any, system: Any, issued: Any) -> None:
    cfo = cast.actor("cfo")
    for wrong, field in (
        ({"name": ""}, "name"),
        ({"window": "year"}, "window"),
        ({"cap": Decimal(-1)}, "cap"),
        ({"cap": Decimal(10**12)}, "cap"),
        ({"system": system, "key": issued.key}, "scope"),
    ):
        with pytest.raises(Invalid) as raised:
            budget_save(actor=cfo, **{"name": "B", "cap": Decimal(1), "window": "day", **wrong})
        assert field in raised.value.fields
    assert not Budget.objects.exists()


def test_the_rules_of_a_system(cast: Any, offered: Any, issued: Any, call: Any) -> None:
    caio = cast.actor("caio")
    body = {
        "models": ["chat"],
        "purposes": ["support"],
        "purpose": "support",
        "human": {"hire": "refuse"},
        "inspection": {"prompt": {"secret": "block"}, "max_prompt_bytes": 100},
        "limits": {"concurrent": 2},
    }
    setting = system_policy_save(actor=caio, system=offered, body=body, version=1)
    assert setting.version == 2
    assert PolicySetting.objects.get().rules["purpose"] == "support"
    alice = cast.actor("alice")
    assert verdict(alice, call()).purpose == "support"
    assert verdict(alice, call(purpose="hiring")).code == "purpose_refused"
    assert verdict(alice, call(size=101)).code == "too_large"
    assert verdict(alice, call(decision="hire")).code == "human_required"
    assert setting_of(offered)[1] == 2
    with pytest.raises(Conflict):
        system_policy_save(actor=caio, system=offered, body=body, version=1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"models": "chat"}, "models"),
        ({"models": ["a;b"]}, "models"),
        ({"purposes": ["a"], "purpose": "b"}, "purpose"),
        ({"data_classes": [], "data_class": "b"}, "data_class"),
        ({"data_classes": ["trade secret"]}, "data_classes"),
        ({"data_class": "trade secret"}, "data_class"),
        ({"inspection": {"prompt": {"moods": "block"}}}, "prompt"),
        ({"inspection": {"prompt": {"secret": "shout"}}}, "inspection.prompt"),
        ({"inspection": {"prompt": {"name": "mask"}}}, "prompt"),
        ({"inspection": {"answer": {"address": "block"}}}, "answer"),
        ({"inspection": {"deep": True, "deep_ms": 60_001}}, "deep_ms"),
        ({"human": {"hire": "shrug"}}, "human"),
        ({"hold": {"sample_per_mille": 1001}}, "sample_per_mille"),
        ({"hold": {"score_above_per_mille": 1000}}, "score_above_per_mille"),
        ({"hold": {"hours": 0}}, "hours"),
        ({"hold": {"days": 0}}, "hold_days"),
        ({"storage": {"days": 4000}}, "days"),
        ({"storage": {"purposes": ["a;b"]}}, "storage_purposes"),
        ({"purposes": ["a"], "storage": {"purposes": ["b"]}}, "storage_purposes"),
        ({"limits": {"concurrent": -1}}, "concurrent"),
        ({"colour": "red"}, "body"),
    ],
)
def test_rules_are_refused(cast: Any, system: Any, body: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        system_policy_save(actor=cast.actor("caio"), system=system, body=body)
    assert next(iter(raised.value.fields)).startswith(field)


def test_names_can_be_looked_for(cast: Any, system: Any, issued: Any) -> None:
    inspection = {"deep": True, "prompt": {"name": "mask", "address": "block"}}
    system_policy_save(actor=cast.actor("caio"), system=system, body={"inspection": inspection})
    snapshot, _ = policy_now(Organisation.objects.get(pk=system.organisation_id))
    known = snapshot.systems[str(system.pk)].inspection
    assert (known.deep, known.deep_ms, known.prompt) == (True, 5_000, inspection["prompt"])


def test_the_register_of_human_decisions_reaches_every_call(cast: Any, issued: Any, call: Any) -> None:
    human_only_add(actor=cast.actor("caio"), title="Hiring people", why="It changes lives")
    assert verdict(cast.actor("alice"), call(decision="hiring-people")).code == "human_required"


def test_others_may_not(cast: Any, system: Any, upstream: Any) -> None:
    alice, charlie = cast.actor("alice"), cast.actor("charlie")
    with pytest.raises(Forbidden):
        upstream_save(actor=alice, name="mine", facts=UPSTREAM)
    with pytest.raises(Forbidden):
        alias_save(actor=alice, name="mine", facts={"targets": TARGETS})
    with pytest.raises(Forbidden):
        price_add(actor=alice, upstream=upstream, model="m", amounts={})
    with pytest.raises(Forbidden):
        system_policy_save(actor=alice, system=system, body={})
    with pytest.raises(Forbidden):
        budget_save(actor=alice, name="B", cap=Decimal(1), window="day")
    with pytest.raises(NotFound):
        system_policy_save(actor=charlie, system=system, body={})
    with pytest.raises(Invalid):
        price_add(actor=charlie, upstream=upstream, model="m", amounts={"input": Decimal(1), "output": Decimal(1)})
    with pytest.raises(Invalid):
        budget_save(actor=charlie, name="B", cap=Decimal(1), window="day", system=system)
    assert not upstreams(charlie).exists()
    assert not aliases(charlie).exists()
