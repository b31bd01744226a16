"""The policy over REST and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.contracts.policy.request import key_hash
from pilothouse.kernel.policy.models import Budget, GatewayKey, Stop
from pilothouse.site.cli import run


def test_it_works(cast: Any, rest: Any, system: Any) -> None:
    caio = rest("caio")
    upstream = {"name": "north", "base_url": "http://10.0.0.7:8080/v1", "auth": "none", "region": "eu"}
    assert caio.post("gateway/upstreams", upstream).json()["version"] == 1
    model = {"name": "chat", "targets": [{"upstream": "north", "model": "m-1"}]}
    assert caio.post("gateway/models", model).status_code == 200
    price = {"upstream": "north", "model": "m-1", "input": "3", "output": "15"}
    assert caio.post("gateway/prices", price).status_code == 201
    assert caio.put(f"systems/{system.number}/policy", {"rules": {"models": ["chat"]}}).json()["version"] == 1
    made = caio.post("gateway/keys", {"system": system.number, "name": "Desk"})
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    key = GatewayKey.objects.get()
    assert key.hash == key_hash(made.json()["text"])
    asked = {"key": made.json()["text"], "model": "chat", "endpoint": "chat"}
    judged = caio.post("policy/evaluate", asked).json()
    assert judged["allow"] is True
    assert judged["routes"] == ["north/m-1"]
    judged = caio.post("policy/evaluate", {"key_id": str(key.pk), "model": "nothing", "endpoint": "chat"}).json()
    assert judged["code"] == "unknown_model"
    assert judged["link"] == "/o/harbour/gateway/models/"
    for path in ("gateway/keys", "gateway/upstreams", "gateway/models", "gateway/prices"):
        assert len(caio.get(path).json()["items"]) == 1, path


def test_rules_are_tried_before_they_hold(cast: Any, rest: Any, offered: Any) -> None:
    answer = rest("caio").post(f"systems/{offered.number}/policy/effect", {"rules": {"models": []}})
    assert (answer.json()["calls"], answer.json()["refused"]) == (0, [])
    assert rest("employee").post(f"systems/{offered.number}/policy/effect", {"rules": {}}).status_code in (403, 404)


def test_keys_rotate_and_end(cast: Any, rest: Any, issued: Any) -> None:
    alice = rest("alice")
    fresh = alice.post(f"gateway/keys/{issued.key.pk}/rotate", {"grace_hours": 1})
    assert fresh.status_code == 201
    ended = alice.post(f"gateway/keys/{fresh.json()['key']['id']}/revoke", {"reason": "Leaked"})
    assert ended.json()["revoked_at"]
    assert rest("bob").post(f"gateway/keys/{issued.key.pk}/revoke", {"reason": "No"}).status_code == 404


def test_budgets_and_stops(cast: Any, rest: Any, issued: Any) -> None:
    cfo, ciso = rest("cfo"), rest("ciso")
    budget = {"name": "Planner", "cap": "5", "window": "day", "system": issued.key.system.number}
    made = cfo.post("gateway/budgets", budget).json()
    assert made["scope"] == "system"
    assert cfo.post("gateway/budgets", {**budget, "version": 0}).status_code == 409
    assert cfo.post(f"gateway/budgets/{made['id']}/end", {"reason": "Over"}).status_code == 200
    assert not Budget.objects.get().active
    assert cfo.get("gateway/budgets").json()["items"] == []
    for kind, target in (("organisation", ""), ("key", str(issued.key.pk)), ("model", "chat"), ("upstream", "north")):
        stopped = ciso.post("gateway/stops", {"kind": kind, "target": target, "reason": "Fire"})
        assert stopped.status_code == 201, kind
        assert ciso.post(f"gateway/stops/{stopped.json()['id']}/lift", {"reason": "Out"}).json()["lifted_at"]
    assert ciso.get("gateway/stops").json()["items"] == []
    assert len(ciso.get("gateway/stops", in_force=False).json()["items"]) == 4


def test_it_refuses(cast: Any, rest: Any, issued: Any) -> None:
    caio, alice, auditor = rest("caio"), rest("alice"), rest("auditor")
    number = issued.key.system.number
    assert caio.post("gateway/upstreams", {"name": "x"}).status_code == 422
    assert caio.put(f"systems/{number}/policy", {"rules": {"colour": 1}}).status_code == 422
    assert caio.put(f"systems/{number}/policy", {"rules": {}, "version": 9}).status_code == 409
    assert caio.post("gateway/prices", {"upstream": "x", "model": "m", "input": 1, "output": 1}).status_code == 404
    assert alice.put(f"systems/{number}/policy", {"rules": {}}).status_code == 403
    assert alice.get(f"systems/{number}/policy").status_code == 200
    assert alice.get("gateway/upstreams").status_code == 403
    assert auditor.post("gateway/keys", {"system": number, "name": "x"}).status_code == 403
    assert auditor.post("gateway/stops", {"kind": "organisation", "reason": "x"}).status_code == 403
    assert rest("employee").post("policy/evaluate", {"key": "x"}).status_code == 403
    assert rest("charlie").post("policy/evaluate", {"key": issued.text}).json()["code"] == "unknown_key"
    assert rest("bob").post("policy/evaluate", {"key": issued.text}).status_code == 404
    assert caio.get("gateway/policy").status_code == 404
    assert not Stop.objects.exists()


@pytest.fixture
def pilothouse(capsys: Any) -> Any:
    def call(*arguments: Any) -> tuple[int, Any]:
        code = run(["gateway", *map(str, arguments), "--org", "harbour"])
        return code, capsys.readouterr().out

    return call


def test_the_command_line(cast: Any, system: Any, pilothouse: Any, tmp_path: Path) -> None:
    ref = f"S-{system.number}"
    assert pilothouse("upstreams", "save", "north", "--url", "http://north.lan/v1", "--auth", "none")[0] == 0
    assert "north" in pilothouse("upstreams", "list")[1]
    assert pilothouse("aliases", "save", "chat", "--target", "north/m-1 90")[0] == 0
    assert pilothouse("aliases", "save", "old", "--replaced-by", "chat", "--max-output", 9)[0] == 0
    assert "north/m-1 90" in pilothouse("aliases", "list")[1]
    assert pilothouse("aliases", "price", "north/m-1", "--input", "3", "--output", "15")[0] == 0
    rules = tmp_path / "rules.json"
    rules.write_text('{"models": ["chat"]}')
    assert '"calls": 0' in pilothouse("policy", ref, "--set", rules, "--try", "--json")[1]
    assert pilothouse("policy", ref, "--set", rules)[0] == 0
    code, out = pilothouse("keys", "issue", ref, "Nightly", "--json")
    key = json.loads(out)
    assert code == 0
    assert key["prefix"] in pilothouse("keys", "list")[1]
    assert pilothouse("evaluate", key["prefix"], "--model", "chat", "--endpoint", "chat")[0] == 0
    code, out = pilothouse("evaluate", key["key"], "--model", "nothing", "--endpoint", "chat")
    assert code == 1
    assert "unknown_model" in out
    assert pilothouse("budgets", "save", "Planner", "5", "day", "--system", ref)[0] == 0
    assert pilothouse("budgets", "save", "Nightly", "5", "hour", "--key", key["prefix"])[0] == 0
    assert "Planner" in pilothouse("budgets", "list")[1]
    assert pilothouse("budgets", "end", "Planner", "--reason", "Over")[0] == 0
    for what in ("organisation", f"key:{key['prefix']}", "model:chat", "upstream:north"):
        assert pilothouse("suspend", what, "--reason", "Fire")[0] == 0, what
    assert "Fire" in pilothouse("stops")[1]
    assert pilothouse("lift", Stop.objects.filter(kind="organisation").get().pk, "--reason", "Out")[0] == 0
    assert pilothouse("suspend", f"system:{ref}", "--reason", "Fire")[0] == 0
    text = tmp_path / "merger.txt"
    text.write_text(" ".join(f"clause{number} secret" for number in range(30)))
    assert pilothouse("mark", "Merger", text)[0] == 0
    assert "Merger" in pilothouse("marked")[1]
    assert pilothouse("unmark", "Merger", "--reason", "Public")[0] == 0
    assert pilothouse("snapshot")[0] == 3
    code, out = pilothouse("snapshot", "--renew", "--json")
    assert (code, json.loads(out)["there"]) == (0, True)
    code, out = pilothouse("keys", "rotate", key["prefix"], "--grace-hours", 0, "--json")
    fresh = json.loads(out)
    assert code == 0
    assert pilothouse("keys", "revoke", fresh["prefix"], "--reason", "Leaked")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("upstreams", "save", "north", "--url", "nowhere"), 2),
        (("aliases", "save", "chat", "--target", "north"), 2),
        (("aliases", "price", "north/m", "--input", "x", "--output", "1"), 3),
        (("keys", "issue", "S-9999", "x"), 3),
        (("keys", "issue", "nine", "x"), 2),
        (("keys", "revoke", "phk_none", "--reason", "x"), 3),
        (("budgets", "save", "B", "much", "day"), 2),
        (("suspend", "moon", "--reason", "x"), 2),
        (("policy", "S-9999", "--set", "/nowhere.json"), 3),
    ],
)
def test_exit_codes_mean_something(cast: Any, pilothouse: Any, arguments: tuple[str, ...], code: int) -> None:
    assert pilothouse(*arguments)[0] == code
