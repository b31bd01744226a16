"""Coming back for a held answer: `GET /v1/held/{id}`, and the Responses API's `GET /v1/responses/{id}`."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from pilothouse.contracts.policy.evaluate import evaluate
from pilothouse.contracts.policy.request import CallRequest, key_hash, person_id
from pilothouse.contracts.policy.texts import BadText, Held, Label, Outcome
from pilothouse.gateway.caller import key_of
from pilothouse.gateway.dialects import DIALECTS
from pilothouse.gateway.dialects.base import Dialect, OpenAIError
from pilothouse.gateway.gateway import Gateway
from pilothouse.gateway.holding import response_object
from pilothouse.gateway.refusal import LASTING, Refused
from pilothouse.gateway.texts import NoTextKey, with_texts
from pilothouse.gateway.wire import Headers, Receive, Scope, Send, headers_of, respond, respond_json, text

HELD, RESPONSES = "/v1/held/", "/v1/responses/"
AGAIN = (b"retry-after", b"5")
# A call that says too little may still be come back for: what it was for was judged when it was made.
SAID_BEFORE = frozenset({"purpose_missing", "data_class_missing"})
_openai = OpenAIError()
_by_name = {dialect.name: dialect for dialect in DIALECTS.values()}


async def held_answer(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`GET /v1/held/{id}`: 202 while it waits, the answer as its provider would have given it, or 403 and why not."""
    try:
        label, held, outcome = await _found(gateway, scope, scope["path"].removeprefix(HELD))
    except Refused as refused:
        await _refuse(send, refused, _messages if b"anthropic-version" in headers_of(scope) else None)
        return
    marks: Headers = [(b"x-pilothouse-call", label.call.encode())]
    if outcome is None:
        waits = {"object": "held_answer", "id": label.call, "status": "pending", "call": label.call}
        await respond_json(send, 202, waits, [AGAIN, *marks])
    elif (body := _body(held, outcome)) is None:
        await _refuse(send, _why_not(outcome), _by_name.get(held.endpoint), marks)
    else:
        await _give(gateway, send, held, outcome, body, marks)


async def response(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`GET /v1/responses/{id}` of a response that was asked for with `background` and is held."""
    number = scope["path"].removeprefix(RESPONSES).removeprefix("resp_")
    try:
        label, held, outcome = await _found(gateway, scope, number)
        if held.endpoint != "responses":
            raise _unknown()
    except Refused as refused:
        await _refuse(send, refused, None)
        return
    marks: Headers = [(b"x-pilothouse-call", label.call.encode())]
    if outcome is None:
        said = response_object(label.call, label.at, held.model, "in_progress")
        await respond_json(send, 200, said, [AGAIN, *marks])
    elif (body := _body(held, outcome)) is None:
        status = "failed" if outcome.verdict == "refused" else "cancelled"
        error = {"code": "review_refused", "message": _why_not(outcome).message()}
        said = response_object(label.call, label.at, held.model, status, error)
        await respond_json(send, 200, said, marks)
    else:
        await _give(gateway, send, held, outcome, body, marks)


async def _give(gateway: Gateway, send: Send, held: Held, outcome: Outcome, body: bytes, marks: Headers) -> None:
    gateway.metrics.count("held_given_total", verdict=outcome.verdict)
    kind = (b"content-type", held.content_type.encode("latin-1", "replace"))
    await respond(send, 200, body, [kind, (b"x-pilothouse-review", outcome.verdict.encode()), *marks])


async def _found(gateway: Gateway, scope: Scope, number: str) -> tuple[Label, Held, Outcome | None]:
    """The held answer with this id, of whoever shows the key that it was asked with. Raises Refused.

    An answer of another key, one that was removed and one that never was look the same.
    """
    headers = headers_of(scope)
    hashed = key_hash(key_of(headers))
    policy = gateway.state.current.of_key(hashed)
    organisation = policy.snapshot.organisation if policy.snapshot else ""
    told = text(headers.get(b"x-pilothouse-person"))
    request = CallRequest(
        key=hashed, person=person_id(organisation, told), agent=text(headers.get(b"x-pilothouse-agent"))
    )
    verdict = evaluate(policy.snapshot, policy.suspensions, request, datetime.now(UTC))
    if verdict.key is None or not (verdict.allow or verdict.code in SAID_BEFORE):
        raise Refused.by(verdict)
    call = ""
    with contextlib.suppress(ValueError):
        call = str(UUID(number[:64]))
    texts = gateway.texts
    try:
        found = await asyncio.to_thread(texts.read, organisation, call, Held) if call else None
        if found is None or found[0].key != verdict.key.id:
            raise _unknown()
        outcome = await asyncio.to_thread(texts.read, organisation, call, Outcome)
    except (BadText, NoTextKey, OSError) as error:
        gateway.log.error("a kept text could not be read", extra={"call": call, "why": type(error).__name__})
        raise Refused("unknown_held", "What is kept of this answer cannot be read.", "Its file is mended.") from error
    return (*found, outcome[1] if outcome else None)


def _body(held: Held, outcome: Outcome) -> bytes | None:
    """What is given out; None when nothing is."""
    if outcome.verdict == "released":
        return held.body
    if outcome.verdict != "edited":
        return None
    return msgspec.json.encode(with_texts(msgspec.json.decode(held.body), held.answer, outcome.texts))


def _unknown() -> Refused:
    return Refused("unknown_held", "There is no held answer with this id for this key.")


def _why_not(outcome: Outcome) -> Refused:
    if outcome.verdict == "refused":
        return Refused("review_refused", f"A reviewer refused this answer: {outcome.reason}")
    return Refused("review_refused", "Nobody released this answer in time, so it is not given out.", "Ask again.")


async def _refuse(send: Send, refused: Refused, dialect: Dialect | None, marks: Headers | None = None) -> None:
    shape: Any = dialect or _openai
    error = shape.error(refused.status, refused.code, refused.message(), {"change": refused.change})
    await respond_json(send, refused.status, error, [*(refused.headers() or LASTING), *(marks or [])])


_messages = _by_name["messages"]
