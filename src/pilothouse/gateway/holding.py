"""Answers that a reviewer sees first, and texts that a system's rules keep.

A held answer is asked for, inspected, settled and accounted for like any other. Then it is sealed on the disk instead
of given out, and its caller is told under which id to come back for it (`retrieval.py`).

The score of an answer is a number from 0 to 1: what the caller told in the header `X-Pilothouse-Score`, what the
upstream told in a header of that name or as the answer's top-level field `score`; the highest of them counts, and what
is no such number counts as 1.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import msgspec

from pilothouse.contracts.policy.budgets import held
from pilothouse.contracts.policy.texts import BadText, Held, Kept, Kind, Label, Piece
from pilothouse.gateway.call import Call
from pilothouse.gateway.caller import told_score
from pilothouse.gateway.refusal import LASTING, Refused, unaccountable
from pilothouse.gateway.texts import SAID, NoTextKey, pieces
from pilothouse.gateway.wire import respond_json

SCORE = "x-pilothouse-score"
HELD_STATUS = 202  # in the account: the provider answered, and the answer waits


class Scored(msgspec.Struct):
    """The field of an answer that may tell its score."""

    score: Any = None


_scored = msgspec.json.Decoder(Scored)


def must_wait(call: Call, headers: Any, body: bytes) -> bool:
    """Does this whole answer wait for a reviewer, now that the upstream may have told a score too?"""
    system = call.verdict.system
    if call.waits or system is None or system.hold.score_above_per_mille is None:
        return bool(call.waits)
    told = [score for score in (call.score, told_score(headers.get(SCORE)), _score_in(body)) if score is not None]
    call.score = max(told, default=None)
    call.waits = held(system.hold, call.id, call.score)
    return bool(call.waits)


def refuse_scored_stream(call: Call, headers: Any) -> None:
    """A stream whose upstream tells a score that must be looked at first. Raises Refused before any of it passed."""
    system, score = call.verdict.system, told_score(headers.get(SCORE))
    if system is not None and score is not None and held(system.hold, call.id, score) == "score":
        raise Refused(
            "held",
            "The upstream gives this answer a score at which a reviewer comes first, and a stream cannot wait.",
            "Ask without streaming, and it is kept for the reviewer.",
        )


def _score_in(body: bytes) -> int | None:
    try:
        score = _scored.decode(body).score
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if score is None or isinstance(score, dict | list) else told_score(str(score))


async def hold(call: Call, body: bytes, kind: str) -> None:
    """Seal the answer, settle the call, and tell the caller where to come back. Raises Refused when the disk fails.

    The text is on the disk before the caller hears of its id: a worker that dies in between leaves no promise unkept.
    """
    system = call.verdict.system
    record = Held(
        why=call.waits or "every",
        endpoint=call.dialect.name,
        body=body,
        content_type=kind,
        prompt=_prompt(call),
        answer=pieces(_decoded(body)),
        score=call.score,
        decision=call.request.decision,
        model=call.asked.model,
        purpose=call.verdict.purpose,
        agent=call.request.agent,
        unit=call.verdict.key.unit if call.verdict.key else "",
        findings=call.findings,
        revision=call.verdict.revision,
        marks=system.marks if system else (),
    )
    try:
        await asyncio.to_thread(call.gateway.texts.write, _label(call, "held"), record)
    except (OSError, NoTextKey, BadText) as error:
        call.gateway.log.error("a held answer could not be kept", extra={"call": call.id, "why": type(error).__name__})
        raise unaccountable() from error
    await call.settle(HELD_STATUS, "held")
    call.gateway.metrics.count("held_total", why=record.why)
    call.begun = True
    if call.asked.background and call.dialect.name == "responses":
        await respond_json(call.send, 200, response_object(call.id, call.at, call.asked.model, "queued"), call.marks())
        return
    why = "A reviewer sees this answer before anybody else does. It is kept for them."
    change = f"Come back for it: GET /v1/held/{call.id}, with the same key."
    details = {"change": change, "call": call.id, "held": call.id, "retrieve": f"/v1/held/{call.id}"}
    told = call.dialect.error(409, "held", f"{why} {change}", details)
    await respond_json(call.send, 409, told, [*LASTING, *call.marks()])


def response_object(call: str, at: datetime, model: str, status: str, error: Any = None) -> dict[str, Any]:
    """What the Responses API says of an answer that is not there (yet)."""
    return {
        "id": response_id(call),
        "object": "response",
        "created_at": int(at.timestamp()),
        "status": status,
        "background": True,
        "error": error,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }


def response_id(call: str) -> str:
    return "resp_" + call.replace("-", "")


# What is stored -------------------------------------------------------------------------------------------------


async def keep(call: Call, spoken: Any) -> None:
    """Store the prompt and `spoken` (a decoded answer, or its text), where the system's rules say so.

    Storing is no control, so a call does not fail by it: that it failed is logged and counted.
    """
    if not call.stores:
        return
    answer = (Piece("answer", spoken),) if isinstance(spoken, str) else pieces(spoken)
    try:
        content = Kept(prompt=_prompt(call), answer=answer)
        await asyncio.to_thread(call.gateway.texts.write, _label(call, "kept"), content)
    except (OSError, NoTextKey, BadText) as error:
        call.gateway.metrics.count("texts_lost_total")
        call.gateway.log.error("a text could not be stored", extra={"call": call.id, "why": type(error).__name__})


def whole(spoken: Any, body: bytes) -> Any:
    """The decoded answer: as inspection left it, or the body itself where nothing was looked for."""
    return _decoded(body) if spoken is None else spoken


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _prompt(call: Call) -> tuple[Piece, ...]:
    """The texts of the request as the provider was sent them."""
    return pieces({name: _decoded(bytes(raw)) for name, raw in call.asked.fields.items() if name in SAID})


def _label(call: Call, kind: Kind) -> Label:
    key, system = call.verdict.key, call.verdict.system
    return Label(
        kind=kind,
        organisation=call.policy.organisation,
        call=call.id,
        at=call.at,
        system=system.id if system else "",
        key=key.id if key else "",
        person=call.request.person,
    )
