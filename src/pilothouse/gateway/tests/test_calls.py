"""Model calls through the front door: one that works, then each refusal and each way to end."""

from __future__ import annotations

import pytest

from pilothouse.contracts.policy.events import Intent, Refusal, Settlement
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY, SECRET


def test_it_works(door: Door):
    answer = door.chat()
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "Hello from the quay"
    path, headers, body = door.provider.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert b'"model":"m-1"' in body
    [intent] = door.house.events(Intent)
    [settlement] = door.house.events(Settlement)
    assert intent.call == settlement.call == answer.headers["x-pilothouse-call"]
    assert (settlement.tokens.input, settlement.tokens.output, settlement.cost) == (1, 4, 9)
    assert (settlement.upstream, settlement.target, settlement.model_reported) == ("north", "m-1", "m-1")
    assert (settlement.key, settlement.system, settlement.unit, settlement.revision) == ("key-1", "sys", "quay", 1)
    assert not settlement.estimated
