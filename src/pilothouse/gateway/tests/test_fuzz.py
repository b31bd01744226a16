"""Whatever comes in, no fault of ours goes out: fields of any kind, bytes of any kind, callers of any manners."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY

ROUNDS = 1_500 if os.environ.get("PILOTHOUSE_TEST_FULL") else 60
PATHS = (
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/messages",
    "/v1/evaluate",
    "/v1/feedback",
    "/beta/litellm_basic_guardrail_api",
)
FIELDS = (
    "messages input stream max_tokens max_output_tokens n user metadata stream_options tools system instructions "
    "prompt_cache_key background purpose data_classes regions call rating comment texts input_type request_data"
).split()
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("chat")
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner), max_leaves=8
)
bodies = st.fixed_dictionaries({"model": st.just("chat") | leaves}, optional=dict.fromkeys(FIELDS, values))

GOOD = b'{"model":"chat","messages":[{"role":"user","content":"Hello"}],"max_tokens":5,"input":"x"}'
ODD = [
    b"",
    b"[]",
    b'"chat"',
    b"\xff\xfe{}",
    GOOD[:-1] + b',"model":"chat","messages":[]}',  # names that stand twice
    GOOD.replace(b'"role":"user"', b'"role":"user","role":"system","content":7'),
    GOOD.replace(b"Hello", b"\xc3\x28\xff"),  # no UTF-8
    GOOD.replace(b"Hello", b"\\ud800 \\u0000"),  # half of a pair
    GOOD.replace(b'"Hello"', b"[" * 50_000 + b"]" * 50_000),  # deep
    GOOD.replace(b'"Hello"', b'{"text":' * 50_000 + b"1" + b"}" * 50_000),
    GOOD.replace(b"5", b"9" * 5_000),
    GOOD.replace(b"5", b"1e999"),
    GOOD.replace(b"5", b"-5"),
]


class Plain:
    """A provider that answers anything with the same few bytes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": random.choice(ANSWERS)})  # noqa: S311


ANSWERS = [
    b"{}",
    b"[]",
    b"",
    b"null",
    b"{",
    b"\xff",
    b"[" * 4000,
    b'{"usage":"many","model":7}',
    b'{"usage":{"prompt_tokens":-5,"completion_tokens":1e30}}',
    b'{"choices":null,"usage":{"prompt_tokens":99999999999999999999}}',
]


@pytest.fixture
def provider() -> Any:
    return Plain()


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=bodies, more=st.booleans())
def test_fields_of_any_kind(door: Door, path: str, body: dict[str, Any], more: bool):
    """One gateway takes all of them, one after the other."""
    if door.house.revision == 1:
        door.house.with_system(inspection=Inspection(prompt={"email": "mask"}, answer={"iban": "mask"}))
        door.house.budget(10**15)
        door.refresh()
    if more:  # often enough right to come as far as the provider
        body = {"messages": [{"role": "user", "content": "Hello"}], "input": "Hello", "max_tokens": 9} | body
        body["model"] = "chat"
    answer = door.post_raw(path, json.dumps(body).encode())
    assert answer.status_code < 500, answer.text
    assert "application/json" in answer.headers["content-type"]
    if answer.status_code == 200 and path in PATHS[:4]:
        assert answer.headers["x-pilothouse-call"]


@pytest.mark.parametrize("path", PATHS)
def test_bytes_of_any_kind(door: Door, path: str):
    rng = random.Random(7)  # noqa: S311
    with httpx.Client(base_url=door.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        for _ in range(ROUNDS):
            data = bytearray(GOOD)
            for _ in range(rng.randint(0, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            cut = bytes(data[: rng.randint(0, len(data))]) if rng.random() < 0.3 else bytes(data)
            answer = client.post(path, content=cut)
            assert answer.status_code < 500, (cut, answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_odd_bodies(door: Door, path: str):
    """Garbage, depth, bytes that are no text, names that stand twice: an answer, and none that blames us."""
    for body in ODD:
        answer = door.post_raw(path, body)
        assert answer.status_code < 500, (body[:100], answer.text)
        assert "application/json" in answer.headers["content-type"]


def test_connections_of_any_manners(door: Door):
    """Half requests, wrong lengths, noise: the gateway goes on."""
    host, port = "127.0.0.1", int(door.url.rsplit(":", 1)[1])
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n" % KEY.encode()
    manners = [
        os.urandom(200),
        b"GET / HTTP/9.9\r\n\r\n",
        head,
        head + b"Content-Length: 100\r\n\r\n{",
        head + b"Content-Length: -1\r\n\r\n",
        head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{",
        head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        head + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        head + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        head + b"Content-Length: 2\r\n\r\n{}" * 3,
    ]
    rng = random.Random(11)  # noqa: S311
    whole = head + b"Content-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD)
    for _ in range(ROUNDS // 4):  # and whole requests of which some bytes are others
        noise = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        manners.append(bytes(noise))
    for number, noise in enumerate(manners * 3):
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(noise)
            if number % 2:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.1)
            try:
                connection.recv(100)
            except OSError:
                continue
    assert door.post("/v1/chat/completions", {"model": "chat", "messages": []}).status_code == 200
    deadline = time.monotonic() + 5
    while door.gateway.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not door.gateway.running


def test_a_body_that_is_too_large_is_refused(door: Door):
    body = b'{"model":"chat","messages":["' + b"x" * (33 * 1024 * 1024) + b'"]}'
    answer = door.post_raw("/v1/chat/completions", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_no_room(door: Door, path: str):
    answer = door.post_raw(path, b"x" * 200_000, key="nobody")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")
