"""Control points of others, feedback, health and metrics."""

from __future__ import annotations

import httpx
import pytest

from pilothouse.contracts.policy.events import Check, Feedback, Refusal
from pilothouse.contracts.policy.snapshot import Inspection, Limits
from pilothouse.gateway.state import Policies
from pilothouse.gateway.tests.conftest import Door


def test_somebody_s_own_code_asks(door: Door):
    answer = door.post("/v1/evaluate", {"model": "chat", "purpose": "planning", "person": "ann@quay.example"})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["allow"], told["system"], told["routes"]) == (True, "S-42", ["north/m-1", "south/c-1"])
    [check] = door.house.events(Check)
    assert (check.source, check.call, check.purpose) == ("evaluate", told["call"], "planning")
    assert check.person
    assert "ann" not in check.person


def test_a_batch_job_without_a_model_asks(door: Door):
    assert door.post("/v1/evaluate", {}).json()["allow"] is True


@pytest.mark.parametrize(
    ("prepare", "body", "code"),
    [
        (lambda house: house.stop("system:sys"), {}, "system_suspended"),
        (lambda house: None, {"model": "nothing"}, "unknown_model"),
        (lambda house: house.with_system(human={"hiring": "refuse"}), {"decision": "hiring"}, "human_required"),
        (lambda house: house.with_system(limits=Limits(requests_per_minute=0)), {}, "requests_limit"),
        (lambda house: house.budget(0), {}, "budget_exhausted"),
        (
            lambda house: house.with_system(inspection=Inspection(prompt={"email": "block"})),
            {"input": "ann@quay.example"},
            "blocked",
        ),
    ],
)
def test_it_is_refused_with_the_reason(door: Door, prepare, body, code):
    prepare(door.house)
    door.refresh()
    answer = door.post("/v1/evaluate", body)
    assert (answer.status_code, answer.json()["allow"], answer.json()["code"]) == (200, False, code)
    assert answer.json()["reason"]
    assert [refusal.source for refusal in door.house.events(Refusal)] == ["evaluate"]


def test_a_text_comes_back_masked(door: Door):
    door.house.with_system(inspection=Inspection(prompt={"email": "mask"}))
    door.refresh()
    told = door.post("/v1/evaluate", {"input": {"note": "ann@quay.example"}}).json()
    assert (told["input"], told["findings"]) == ({"note": "[EMAIL_1]"}, {"email": 1})


@pytest.mark.parametrize("path", ["/v1/evaluate", "/v1/feedback", "/beta/litellm_basic_guardrail_api"])
def test_a_stranger_learns_nothing_and_leaves_nothing(door: Door, path: str):
    answer = door.post(path, {"call": "x"} if path.endswith("feedback") else {}, key="no")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")
    assert not door.house.events()
    assert httpx.get(door.url + "/v1/models").status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/evaluate", {"unknown": 1}),
        ("/v1/evaluate", {"model": "x" * 300}),
        ("/v1/feedback", {}),
        ("/v1/feedback", {"call": "c", "rating": 7}),
        ("/v1/feedback", {"call": "c", "edit_distance": -1}),
        ("/v1/feedback", {"call": "c", "comment": "x" * 5000}),
        ("/beta/litellm_basic_guardrail_api", {"texts": "no list"}),
    ],
)
def test_what_is_not_understood(door: Door, path: str, body: object):
    assert door.post(path, body).status_code == 400


def test_feedback(door: Door):
    answer = door.post("/v1/feedback", {"call": "c-1", "rating": 0.75, "accepted": True, "edit_distance": 12})
    assert answer.status_code == 202
    [feedback] = door.house.events(Feedback)
    assert (feedback.call, feedback.rating, feedback.accepted, feedback.system) == ("c-1", 750, True, "sys")


class TestGuardrail:
    """LiteLLM's generic guardrail."""

    PATH = "/beta/litellm_basic_guardrail_api"

    def ask(self, door: Door, **body: object) -> dict[str, object]:
        known = {"input_type": "request", "texts": ["Hello"], "model": "chat", "litellm_call_id": "l-1"}
        answer = httpx.post(door.url + self.PATH, json=known | body, headers={"x-api-key": "phk_test_key"})
        assert answer.status_code == 200
        return answer.json()

    def test_it_works(self, door: Door):
        assert self.ask(door)["action"] == "NONE"
        assert door.house.events(Check)[0].source == "guardrail"

    def test_it_blocks(self, door: Door):
        door.house.stop("system:sys")
        door.refresh()
        told = self.ask(door)
        assert told["action"] == "BLOCKED"
        assert "is stopped" in str(told["blocked_reason"])

    def test_it_masks(self, door: Door):
        door.house.with_system(inspection=Inspection(prompt={"email": "mask"}))
        door.refresh()
        told = self.ask(door, texts=["ann@quay.example", "Hello"])
        assert (told["action"], told["texts"]) == ("GUARDRAIL_INTERVENED", ["[EMAIL_1]", "Hello"])

    def test_answers_have_rules_of_their_own(self, door: Door):
        door.house.with_system(inspection=Inspection(answer={"email": "block"}))
        door.refresh()
        assert self.ask(door, texts=["ann@quay.example"])["action"] == "NONE"
        assert self.ask(door, texts=["ann@quay.example"], input_type="response")["action"] == "BLOCKED"


def test_health(door: Door):
    assert httpx.get(door.url + "/healthz").text == "ok\n"
    assert httpx.get(door.url + "/readyz").json() == {"ready": True, "policy": "ok", "disk": "ok"}
    door.gateway.state.current = Policies({})
    door.gateway.state.refresh = lambda: False  # type: ignore[method-assign]
    assert httpx.get(door.url + "/readyz").status_code == 503


def test_metrics_are_for_this_machine_or_whoever_has_the_token(door: Door):
    door.chat()
    text = httpx.get(door.url + "/metrics").text
    assert 'pilothouse_gateway_calls_total{endpoint="chat",outcome="2xx",worker="0"} 1' in text
    assert 'pilothouse_gateway_call_seconds_count{endpoint="chat",worker="0"} 1' in text
    assert httpx.get(door.url + "/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404
    object.__setattr__(door.gateway, "settings", type(door.gateway.settings)(door.house.home, metrics_token="t"))
    assert httpx.get(door.url + "/metrics").status_code == 404
    assert httpx.get(door.url + "/metrics", headers={"Authorization": "Bearer t"}).status_code == 200
