"""What other rules would have done to last week's calls."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Forbidden, Invalid, NotFound
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.actions.keys import key_issue, key_revoke
from pilothouse.kernel.policy.actions.routing import alias_save, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.traffic.effect import effect_of_rules
from pilothouse.kernel.traffic.tests.conftest import settlement

RULES = {"models": ["chat", "writer"]}


@pytest.fixture
def key(cast: Any, alpha: Any, home: Any) -> Any:
    caio = cast.actor("caio")
    System.objects.filter(pk=alpha.pk).update(stage="production", inherited_at=now())
    upstream_save(actor=caio, name="north", facts={"base_url": "https://north.example", "auth": "none"})
    for name in ("chat", "writer"):
        alias_save(actor=caio, name=name, facts={"targets": [{"upstream": "north", "model": name}]})
    system_policy_save(actor=caio, system=alpha, body=RULES)
    return key_issue(actor=caio, system=alpha, name="Desk").key


def test_it_works(cast: Any, alpha: Any, beta: Any, key: Any, told: Any) -> None:
    said = {"key": str(key.pk), "endpoint": "chat", "cost": 5}
    for number in range(4):
        told(settlement, alpha, id=f"a{number}", call=f"a{number}", model="chat", purpose="support", **said)
    told(settlement, alpha, id="w", call="w", model="writer", purpose="hiring", data_classes=("personal",), **said)
    told(settlement, alpha, id="old", call="old", model="writer", minutes=-60 * 24 * 8, **said)
    told(settlement, beta, id="b", call="b", model="writer", **said)
    caio = cast.actor("caio")
    nothing = effect_of_rules(caio, alpha, RULES, timezone.now())
    assert (nothing.calls, nothing.total) == (5, 0)
    narrower = effect_of_rules(caio, alpha, {"models": ["chat"]}, timezone.now())
    assert [(line.code, line.calls, line.cost) for line in narrower.refused] == [("model_refused", 1, 5)]
    purposes = effect_of_rules(caio, alpha, {**RULES, "purposes": ["hiring"]}, timezone.now())
    assert [(line.code, line.calls) for line in purposes.refused] == [("purpose_refused", 4)]
    classes = effect_of_rules(
        caio, alpha, {**RULES, "data_classes": ["public"], "data_class": "public"}, timezone.now()
    )
    assert [(line.code, line.calls) for line in classes.refused] == [("data_class_refused", 1)]
    assert key_issue(actor=caio, system=alpha, name="Other").key.pk, "and nothing was changed by asking"


def test_what_is_refused_anyway_is_not_counted(cast: Any, alpha: Any, key: Any, told: Any) -> None:
    caio = cast.actor("caio")
    told(settlement, alpha, id="x", call="x", key=str(key.pk), endpoint="chat", model="gone")
    effect = effect_of_rules(caio, alpha, {"models": []}, timezone.now())
    assert (effect.calls, effect.total) == (1, 0)
    key_revoke(actor=caio, key=key, reason="Over")
    effect = effect_of_rules(caio, alpha, {"models": []}, timezone.now())
    assert (effect.calls, effect.over, effect.total) == (0, 1, 0)


def test_it_refuses(cast: Any, alpha: Any, home: Any) -> None:
    with pytest.raises(Invalid):
        effect_of_rules(cast.actor("caio"), alpha, {"colour": "red"}, timezone.now())
    with pytest.raises(Forbidden):
        effect_of_rules(cast.actor("bob"), alpha, RULES, timezone.now())
    with pytest.raises(NotFound):
        effect_of_rules(cast.actor("charlie"), alpha, RULES, timezone.now())
