"""Issuing, rotating and revoking keys."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.request import key_hash, person_id
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.clock import now
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.policy.actions.caps import budget_save
from pilothouse.kernel.policy.actions.keys import key_issue, key_revoke, key_rotate
from pilothouse.kernel.policy.models import Budget, GatewayKey
from pilothouse.kernel.policy.selectors import key_of, keys, policy_now, verdict


def test_it_works(cast: Any, offered: Any, issued: Any, call: Any) -> None:
    key = GatewayKey.objects.get()
    assert issued.text.startswith(f"{key.prefix}_")
    assert key.hash == key_hash(issued.text)
    assert issued.text not in repr(issued)
    assert verdict(cast.actor("alice"), call()).allow
    assert Entry.objects.filter(action="key.issued", system_id=offered.pk).count() == 1
    said = "".join(Content.objects.values_list("body", flat=True))
    assert issued.text not in said
    assert key.hash not in said


def test_it_carries_its_rules(cast: Any, offered: Any) -> None:
    people, caio = cast.people, cast.actor("caio")
    root = Unit.objects.create(organisation=cast.organisation, name="Harbour")
    quay = Unit.objects.create(organisation=cast.organisation, name="Quay", parent=root)
    made = key_issue(
        actor=caio,
        system=offered,
        name="Desk",
        unit=quay,
        person="told",
        persons=[people["bob"].pk],
        agents=["clerk", " clerk "],
        models=["chat"],
        limits={"requests_per_minute": 5},
    )
    key = policy_now(cast.organisation)[0].keys[made.key.hash]
    assert key.units == (str(root.pk), str(quay.pk))
    assert key.persons == {person_id(str(cast.organisation.pk), "BOB@harbour.example")}
    assert key.agents == {"clerk"}
    Person.objects.filter(pk=people["bob"].pk).update(left_at=now())
    assert policy_now(cast.organisation)[0].keys[made.key.hash].persons == set(), "who left is nobody's excuse"
    assert key.limits.requests_per_minute == 5


def test_rotating_leaves_a_grace_and_keeps_the_cap(cast: Any, issued: Any, call: Any) -> None:
    alice = cast.actor("alice")
    budget_save(actor=cast.actor("cfo"), name="Nightly", cap=Decimal(5), window="day", key=issued.key)
    fresh = key_rotate(actor=alice, key=issued.key, grace_hours=2)
    assert fresh.text != issued.text
    assert verdict(alice, call()).allow
    assert verdict(alice, call(key=key_hash(fresh.text))).allow
    assert Budget.objects.get().key == fresh.key
    old = GatewayKey.objects.get(pk=issued.key.pk)
    assert now() < old.expires_at <= now() + timedelta(hours=2)
    with pytest.raises(Conflict):
        key_rotate(actor=alice, key=issued.key)


def test_rotating_without_grace_ends_the_old_one(cast: Any, issued: Any, call: Any) -> None:
    key_rotate(actor=cast.actor("alice"), key=issued.key, grace_hours=0)
    assert verdict(cast.actor("alice"), call()).code == "unknown_key"


def test_revoking(cast: Any, issued: Any, call: Any) -> None:
    alice = cast.actor("alice")
    with pytest.raises(Invalid):
        key_revoke(actor=alice, key=issued.key, reason=" ")
    key_revoke(actor=alice, key=issued.key, reason="The job is gone")
    assert verdict(alice, call()).code == "unknown_key"
    with pytest.raises(Conflict):
        key_revoke(actor=alice, key=issued.key, reason="Again")


def test_others_may_not(cast: Any, issued: Any) -> None:
    with pytest.raises(Forbidden):
        key_issue(actor=cast.actor("auditor"), system=issued.key.system, name="Mine")
    with pytest.raises(NotFound):
        key_issue(actor=cast.actor("charlie"), system=issued.key.system, name="Mine")
    with pytest.raises(Forbidden):  # Bob sees the system, and does not own it
        key_revoke(actor=cast.actor("bob"), key=issued.key, reason="No")
    with pytest.raises(NotFound):
        key_rotate(actor=cast.actor("charlie"), key=issued.key)
    assert not keys(cast.actor("charlie")).exists()
    assert not keys(cast.actor("bob")).exists(), "Bob sees what his own systems do"
    assert keys(cast.actor("auditor")).count() == 1
    with pytest.raises(NotFound):
        key_of(cast.actor("bob"), issued.key.pk)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"expires_at": timedelta(days=-1)}, "expires_at"),
        ({"expires_at": timedelta(days=400)}, "expires_at"),
        ({"person": "maybe"}, "person"),
        ({"limits": {"concurrent": -1}}, "concurrent"),
        ({"limits": {"requests_per_minute": "many"}}, "requests_per_minute"),
        ({"persons": ["00000000-0000-7000-8000-00000000dead"]}, "persons"),
    ],
)
def test_it_refuses(cast: Any, offered: Any, wrong: dict[str, Any], field: str) -> None:
    if isinstance(wrong.get("expires_at"), timedelta):
        wrong = {"expires_at": now() + wrong["expires_at"]}
    with pytest.raises(Invalid) as raised:
        key_issue(actor=cast.actor("alice"), system=offered, **{"name": "One", **wrong})
    assert field in raised.value.fields


def test_a_name_is_used_once(cast: Any, issued: Any) -> None:
    with pytest.raises(Conflict):
        key_issue(actor=cast.actor("alice"), system=issued.key.system, name="Nightly")
