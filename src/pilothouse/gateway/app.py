"""The ASGI application of one worker: paths, and nothing else."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from pilothouse.gateway import points, retrieval
from pilothouse.gateway.dialects import DIALECTS
from pilothouse.gateway.dialects.base import Malformed, OpenAIError
from pilothouse.gateway.gateway import Gateway, Settings
from pilothouse.gateway.metrics import gather
from pilothouse.gateway.refusal import Refused
from pilothouse.gateway.serving import serve
from pilothouse.gateway.wire import Gone, Receive, Scope, Send, TooLarge, headers_of, respond, respond_json

Handler = Callable[[Gateway, Scope, Receive, Send], Awaitable[None]]
LONGEST_PATH = 200
LOOPBACK = ("127.0.0.1", "::1")
TEXT = [(b"content-type", b"text/plain; charset=utf-8")]
_errors = OpenAIError()


class App:
    """`App(settings)` is what uvicorn serves."""

    def __init__(self, settings: Settings) -> None:
        self.gateway = Gateway(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        dialect = DIALECTS.get(scope["path"])
        if dialect is not None and scope["method"] == "POST":
            await serve(self.gateway, dialect, scope, receive, send)
            return
        await self._other(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        handler = HANDLERS.get((method, path))
        if handler is None and method == "GET" and path.startswith("/v1/models/"):
            handler = points.models
        if handler is None and method == "GET" and len(path) < LONGEST_PATH:
            handler = next((found for start, found in COMING_BACK.items() if path.startswith(start)), None)
        if handler is None:
            known = path in DIALECTS or any(path == other for _, other in HANDLERS)
            status, why = (405, "This method is not offered here.") if known else (404, "There is nothing here.")
            await respond_json(send, status, _errors.error(status, "not_found", why, {}))
            return
        try:
            await handler(self.gateway, scope, receive, send)
        except Refused as refused:
            error = _errors.error(refused.status, refused.code, refused.message(), {"change": refused.change})
            await respond_json(send, refused.status, error, refused.headers())
        except Malformed as malformed:
            await respond_json(send, 400, _errors.error(400, "malformed", str(malformed), {}))
        except TooLarge:
            await respond_json(send, 413, _errors.error(413, "too_large", "The request is too large.", {}))
        except Gone:
            return

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.gateway.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.gateway.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def healthz(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, 200, b"ok\n", TEXT)


async def readyz(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """Ready when there is a policy to judge by and room to write down what happens."""
    policy = any(held.snapshot and held.suspensions for held in gateway.state.current.by_organisation.values())
    good = policy and gateway.has_room
    states = {"ready": good, "policy": "ok" if policy else "failed", "disk": "ok" if gateway.has_room else "failed"}
    await respond_json(send, 200 if good else 503, states)


async def metrics(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """For whoever has the token; without one, for this machine alone."""
    headers, token = headers_of(scope), gateway.settings.metrics_token
    if token:
        allowed = hmac.compare_digest(headers.get(b"authorization", b""), b"Bearer " + token.encode())
    else:
        client = (scope.get("client") or ("", 0))[0]
        allowed = client in LOOPBACK and b"x-forwarded-for" not in headers and b"forwarded" not in headers
    if not allowed:
        await respond_json(send, 404, _errors.error(404, "not_found", "There is nothing here.", {}))
        return
    text = gather(gateway.settings.folder / "metrics", gateway.metrics, gateway.spool.slot.number)
    await respond(send, 200, text.encode(), [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])


COMING_BACK: dict[str, Handler] = {retrieval.HELD: retrieval.held_answer, retrieval.RESPONSES: retrieval.response}
HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/healthz"): healthz,
    ("GET", "/readyz"): readyz,
    ("GET", "/metrics"): metrics,
    ("GET", "/v1/models"): points.models,
    ("POST", "/v1/evaluate"): points.ask,
    ("POST", "/v1/feedback"): points.feedback,
    ("POST", "/beta/litellm_basic_guardrail_api"): points.guardrail,
}
