"""One model call from beginning to end: whatever happens in it, its caller is answered and it is accounted for."""

from __future__ import annotations

import contextlib

from pilothouse.contracts.policy.events import Finish
from pilothouse.gateway.call import Call
from pilothouse.gateway.dialects.base import Dialect, Malformed
from pilothouse.gateway.gateway import Gateway
from pilothouse.gateway.refusal import LASTING, Refused
from pilothouse.gateway.relay import exchange
from pilothouse.gateway.wire import Gone, Headers, Receive, Scope, Send, TooLarge, end, headers_of, respond_json


async def serve(gateway: Gateway, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> None:
    call = Call(gateway, dialect, receive, send, headers_of(scope))
    gateway.running.add(call)
    try:
        await call.prepare()
        await exchange(call)
    except Refused as refused:
        await _refuse(call, refused)
    except Malformed as error:
        _count(call, "malformed")
        await _answer_error(call, 400, "malformed", str(error), {"call": call.id}, LASTING)
    except TooLarge:
        _count(call, "malformed")
        await _answer_error(call, 413, "too_large", "The request is larger than 32 MB.", {}, LASTING)
    except Gone:
        _count(call, "gone")
    except Exception:
        # A fault of ours. Its caller hears of it in a form that the SDKs understand, and it is accounted for.
        gateway.log.exception("a call failed", extra={"call": call.id})
        _count(call, "fault")
        await _answer_error(call, 500, "fault", "The gateway failed at this call.", {"call": call.id}, [])
    finally:
        gateway.running.discard(call)
        with contextlib.suppress(Refused):
            await call.settle(500, "error")  # does nothing when it is settled or never began
        await call.release()


async def _refuse(call: Call, refused: Refused) -> None:
    was_sent = call.intended
    try:
        if was_sent:
            nobody_worked = not call.answered and refused.code == "upstream_failed"
            await call.settle(refused.status, _finish(call, refused), nothing=nobody_worked)
        if refused.code != "unaccountable" and (not was_sent or not refused.code.startswith("upstream_")):
            call.write_refusal(refused)
    except Refused as worse:
        refused = worse
    _count(call, "refused")
    details = refused.details(call.snapshot, call.id)
    headers = [*refused.headers(), *call.marks()]
    await _answer_error(call, refused.status, refused.code, refused.message(), details, headers)


async def _answer_error(
    call: Call, status: int, code: str, message: str, extra: dict[str, str], headers: Headers
) -> None:
    error = call.dialect.error(status, code, message, extra)
    if call.begun:
        await end(call.send, call.dialect.stream_error(error))
    else:
        await respond_json(call.send, status, error, headers)


def _count(call: Call, outcome: str) -> None:
    call.gateway.metrics.count("calls_total", endpoint=call.dialect.name, outcome=outcome)


def _finish(call: Call, refused: Refused) -> Finish:
    if call.cut_by is not None:
        return "aborted"
    return "content_filter" if refused.code == "blocked" else "error"
