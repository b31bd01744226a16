"""The official SDKs, pointed at the gateway by their base URL and key, and otherwise as their manuals show."""

from __future__ import annotations

import anthropic
import openai
import pytest
from msgspec.structs import replace

from pilothouse.contracts.policy.events import Settlement
from pilothouse.contracts.policy.snapshot import Limits
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY

HELLO = [{"role": "user", "content": "Hello"}]
TIDE = {"type": "object", "properties": {"port": {"type": "string"}}}


@pytest.fixture
def gpt(door: Door) -> openai.OpenAI:
    return openai.OpenAI(base_url=door.url + "/v1", api_key=KEY, max_retries=0)


@pytest.fixture
def claude(door: Door) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=door.url, api_key=KEY, max_retries=0)


def test_openai_chat(gpt: openai.OpenAI):
    answer = gpt.chat.completions.create(model="chat", messages=HELLO)
    assert answer.choices[0].message.content == "Hello from the quay"
    assert answer.usage.completion_tokens == 4


def test_openai_chat_streamed(gpt: openai.OpenAI):
    chunks = list(gpt.chat.completions.create(model="chat", messages=HELLO, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello from the quay"
    assert all(chunk.usage is None for chunk in chunks)


def test_openai_usage_of_a_stream(gpt: openai.OpenAI):
    options = {"include_usage": True}
    chunks = list(gpt.chat.completions.create(model="chat", messages=HELLO, stream=True, stream_options=options))
    assert chunks[-1].usage.completion_tokens == 4


@pytest.mark.parametrize("stream", [False, True])
def test_openai_tools(gpt: openai.OpenAI, stream: bool):
    tools = [{"type": "function", "function": {"name": "tide", "parameters": TIDE}}]
    asked = {"model": "chat", "messages": [{"role": "user", "content": "#tool"}], "tools": tools}
    if stream:
        chunks = list(gpt.chat.completions.create(**asked, stream=True))
        calls = [call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or []]
        finish = [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1]
    else:
        choice = gpt.chat.completions.create(**asked).choices[0]
        calls, finish = choice.message.tool_calls, choice.finish_reason
    assert (calls[0].function.name, calls[0].function.arguments, finish) == ("tide", '{"port":"Kiel"}', "tool_calls")


def test_openai_images_pass(door: Door, gpt: openai.OpenAI):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    content = [{"type": "text", "text": "What is this?"}, image]
    gpt.chat.completions.create(model="chat", messages=[{"role": "user", "content": content}])
    assert b"data:image/png;base64,iVBORw0KGgo=" in door.provider.requests[0][2]


def test_openai_responses(gpt: openai.OpenAI):
    assert gpt.responses.create(model="chat", input="Hello").output_text == "Hello from the quay"


def test_openai_responses_streamed(gpt: openai.OpenAI):
    events = list(gpt.responses.create(model="chat", input="Hello", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "Hello from the quay"
    assert events[-1].response.usage.output_tokens == 4


def test_openai_embeddings(gpt: openai.OpenAI):
    answer = gpt.embeddings.create(model="embed", input=["one", "two"], encoding_format="float")
    assert [item.embedding for item in answer.data] == [[0.5, 0.25]] * 2


def test_openai_models(gpt: openai.OpenAI):
    assert [model.id for model in gpt.models.list()] == ["chat", "embed"]
    assert gpt.models.retrieve("chat").id == "chat"
    with pytest.raises(openai.NotFoundError):
        gpt.models.retrieve("other")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("#status 400", openai.BadRequestError),
        ("#status 429", openai.RateLimitError),
        ("#status 500", openai.InternalServerError),
    ],
)
def test_openai_errors_of_the_provider(gpt: openai.OpenAI, text: str, error: type[openai.APIStatusError]):
    with pytest.raises(error, match="as told"):
        gpt.chat.completions.create(model="chat", messages=[{"role": "user", "content": text}])


def test_openai_errors_of_ours(door: Door, gpt: openai.OpenAI):
    with pytest.raises(openai.NotFoundError, match="no model “other”"):
        gpt.chat.completions.create(model="other", messages=HELLO)
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=door.url + "/v1", api_key="no", max_retries=0).chat.completions.create(
            model="chat", messages=HELLO
        )
    door.house.with_system(limits=Limits(requests_per_minute=0))
    door.refresh()
    with pytest.raises(openai.RateLimitError) as told:
        gpt.chat.completions.create(model="chat", messages=HELLO)
    assert 0 < int(told.value.response.headers["retry-after"]) <= 60


def test_openai_does_not_repeat_what_cannot_help(door: Door):
    door.house.budget(1)
    door.refresh()
    patient = openai.OpenAI(base_url=door.url + "/v1", api_key=KEY, max_retries=3)
    with pytest.raises(openai.RateLimitError, match="cannot bear"):
        patient.chat.completions.create(model="chat", messages=HELLO)
    assert len(door.house.events()) == 1


def test_openai_timeouts(door: Door, gpt: openai.OpenAI):
    with pytest.raises(openai.APITimeoutError):
        gpt.with_options(timeout=0.3).chat.completions.create(
            model="chat", messages=[{"role": "user", "content": "#wait 1"}]
        )
    alias = door.house.snapshot.aliases["chat"]
    door.house.write(aliases={"chat": replace(alias, deadline_ms=200)})
    door.refresh()
    with pytest.raises(openai.InternalServerError, match="in time"):
        gpt.chat.completions.create(model="chat", messages=[{"role": "user", "content": "#wait 2"}])


def test_anthropic_messages(door: Door, claude: anthropic.Anthropic):
    answer = claude.messages.create(model="chat", max_tokens=50, messages=HELLO)
    assert answer.content[0].text == "Hello from the quay"
    [settlement] = door.house.events(Settlement)
    assert (settlement.upstream, settlement.tokens.cache_read, settlement.tokens.output) == ("south", 8, 4)
    headers = door.provider.requests[0][1]
    assert headers["x-api-key"] == "sk-provider-secret"
    assert headers["anthropic-version"]


def test_anthropic_streamed(claude: anthropic.Anthropic):
    with claude.messages.stream(model="chat", max_tokens=50, messages=HELLO) as stream:
        assert "".join(stream.text_stream) == "Hello from the quay"
        assert stream.get_final_message().usage.output_tokens == 4


def test_anthropic_tools(claude: anthropic.Anthropic):
    tools = [{"name": "tide", "input_schema": TIDE}]
    asked = [{"role": "user", "content": "#tool"}]
    answer = claude.messages.create(model="chat", max_tokens=50, messages=asked, tools=tools)
    assert (answer.stop_reason, answer.content[0].input) == ("tool_use", {"port": "Kiel"})


def test_anthropic_models(claude: anthropic.Anthropic):
    assert [model.id for model in claude.models.list()] == ["chat", "embed"]


def test_anthropic_errors(door: Door, claude: anthropic.Anthropic):
    with pytest.raises(anthropic.NotFoundError, match="no model “other”") as told:
        claude.messages.create(model="other", max_tokens=5, messages=HELLO)
    assert told.value.body["error"]["type"] == "not_found_error"
    with pytest.raises(anthropic.BadRequestError, match="is not offered at"):
        claude.messages.create(model="embed", max_tokens=5, messages=HELLO)
    with pytest.raises(anthropic.AuthenticationError):
        anthropic.Anthropic(base_url=door.url, api_key="no", max_retries=0).messages.create(
            model="chat", max_tokens=5, messages=HELLO
        )
    door.house.stop("system:sys")
    door.refresh()
    with pytest.raises(anthropic.PermissionDeniedError, match="is stopped"):
        claude.messages.create(model="chat", max_tokens=5, messages=HELLO)
