"""Other people's control points: code that asks before it acts, guardrails of other gateways, and feedback."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from uuid_utils import uuid7

from pilothouse.contracts.policy.budgets import held
from pilothouse.contracts.policy.evaluate import evaluate
from pilothouse.contracts.policy.events import Check, Feedback, Refusal
from pilothouse.contracts.policy.request import CHECK, CallRequest, Verdict, key_hash, person_id
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.gateway.caller import body_for, key_of, person_of, told_score
from pilothouse.gateway.counters import CountersFull
from pilothouse.gateway.dialects.base import LONGEST_NAME, Malformed
from pilothouse.gateway.gateway import Gateway
from pilothouse.gateway.inspection import NOTHING_READ, Inspected
from pilothouse.gateway.limits import MINUTE, account, limits, slot_at
from pilothouse.gateway.reading import names_in, unread
from pilothouse.gateway.refusal import LIMITS, Refused, unaccountable
from pilothouse.gateway.spool import SpoolFull
from pilothouse.gateway.wire import Receive, Scope, Send, headers_of, respond_json

LARGEST = 8 * 1024 * 1024
Source = Literal["gateway", "evaluate", "guardrail"]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /v1/evaluate`: what somebody is about to do. `input` is inspected when it is there: a text or a body."""

    endpoint: str = CHECK
    model: str = ""
    purpose: str = ""
    data_classes: list[str] = []
    regions: list[str] | None = None
    decision: str = ""
    person: str = ""
    agent: str = ""
    input: Any = None
    score: float | None = None


class Opinion(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /v1/feedback`: what somebody says of an answer. `rating` from 0 to 1."""

    call: str
    rating: float | None = None
    edit_distance: int | None = None
    accepted: bool | None = None
    comment: str = ""


class Guardrail(msgspec.Struct):
    """What LiteLLM's generic guardrail sends; only what is read."""

    input_type: str = "request"
    texts: list[str] | None = None
    images: Any = None
    model: str | None = ""
    structured_messages: Any = None
    tools: Any = None
    tool_calls: Any = None
    request_data: dict[str, Any] | None = None
    litellm_call_id: str | None = ""


class Asking:
    """One question of somebody who shows a key, judged by the same function as a call."""

    def __init__(self, gateway: Gateway, key: str, source: Source) -> None:
        self.gateway, self.source = gateway, source
        self.at = datetime.now(UTC)
        self.call = str(uuid7())
        self.key = key_hash(key)
        self.policy = gateway.state.current.of_key(self.key)
        self.request = CallRequest(key=self.key)
        self.verdict = Verdict(False, 0)
        self.found: Inspected | None = None

    async def judge(self, request: CallRequest, texts: Any, *, answer: bool = False) -> Refused | None:
        """Why not, or None. Takes from the limits on requests, looks whether budgets have room, and inspects."""
        self.request = request
        self.verdict = evaluate(self.policy.snapshot, self.policy.suspensions, request, self.at)
        if not self.verdict.allow:
            return Refused.by(self.verdict)
        return await self._limited() or await self._inspected(texts, answer)

    async def _limited(self) -> Refused | None:
        counters, snapshot = self.gateway.counters, self._snapshot()
        wanted = [charge for charge in limits(self.verdict, 0, int(self.at.timestamp())) if charge.keep == "at_once"]
        try:
            full = await counters.reserve(wanted) if wanted else None
            if full is not None:
                code = LIMITS[full.account.partition(":")[0]]
                return Refused(code, f"No more than {full.cap:,} questions a minute.", "Wait, or the limit is raised.")
            for budget in self.verdict.budgets:
                charge = account(slot_at(budget, int(self.at.timestamp()) // MINUTE, snapshot.time_zone), 0, None)
                if sum(await counters.read(charge.account, charge.window)) >= budget.cap:
                    return Refused(
                        "budget_exhausted",
                        f"The budget “{budget.name}” is used up for this {budget.window}.",
                        f"The next {budget.window} begins, or it is raised.",
                        f"/o/{snapshot.slug}/gateway/budgets/",
                    )
        except CountersFull as error:
            raise unaccountable() from error
        return None

    async def _inspected(self, texts: Any, answer: bool) -> Refused | None:
        system = self.verdict.system
        inspector = self.gateway.inspector(system, self._snapshot()) if system and texts else None
        if inspector is None:
            return None
        try:
            reads = inspector.reads_answer if answer else inspector.reads_prompt
            read = await names_in(self.gateway.reader, inspector, texts) if reads else NOTHING_READ
        except Refused as refused:
            return refused
        self.found = inspector.answer(texts, read=read) if answer else inspector.prompt(texts, read)
        if self.found.unread:
            return unread("It", self.found, "")
        if not self.found.blocked:
            return None
        kinds = ", ".join(kind.replace("_", " ") for kind in self.found.blocked)
        return Refused("blocked", f"It holds what may not pass: {kinds}.", "Take it out.", findings=self.found.counts)

    def write(self, refused: Refused | None) -> None:
        """On disk, when the key is known. Raises Refused when the disk takes no more."""
        key, system = self.verdict.key, self.verdict.system
        if refused is not None:
            self.gateway.metrics.count("refusals_total", code=refused.code)
        if key is None:
            return
        common: dict[str, Any] = {
            "id": str(uuid7()),
            "call": self.call,
            "at": self.at,
            "organisation": self._snapshot().organisation,
            "revision": self.verdict.revision,
            "key": key.id,
            "system": system.id if system else "",
            "unit": key.unit,
            "person": self.request.person,
            "agent": self.request.agent,
            "source": self.source,
            "endpoint": self.request.endpoint,
            "model": self.request.model,
            "alias": self.verdict.alias.name if self.verdict.alias else "",
            "purpose": self.verdict.purpose,
            "data_classes": tuple(sorted(self.verdict.data_classes)),
            "marks": system.marks if system else (),
        }
        if refused is None:
            event: Check | Refusal = Check(**common)
        else:
            event = Refusal(
                **common,
                code=refused.code,
                reason=refused.reason,
                status=refused.status,
                findings=refused.findings,
            )
        append(self.gateway, event)

    def must_wait(self, score: float | None) -> bool:
        """Would a reviewer have to see the answer first? The asker's own code then has to see to that."""
        system = self.verdict.system
        told = None if score is None else told_score(str(score))
        return self.verdict.hold or bool(system and held(system.hold, self.call, told))

    def _snapshot(self) -> Snapshot:
        if self.policy.snapshot is None:  # evaluate has refused such a question
            raise AssertionError("no policy")
        return self.policy.snapshot

    def person(self, told: str) -> str:
        return person_id(self.policy.snapshot.organisation, told) if told and self.policy.snapshot else ""


def append(gateway: Gateway, event: Check | Refusal | Feedback) -> None:
    """Raises Refused when the disk takes no more."""
    if not gateway.has_room:
        raise unaccountable()
    try:
        gateway.spool.append(event)
    except SpoolFull as error:
        raise unaccountable() from error


async def ask(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /v1/evaluate`. The answer is 200 whether allowed or not; only an unknown key and no policy are errors."""
    question = await _read(gateway, scope, receive, Question)
    if (
        max(
            len(name)
            for name in (question.endpoint, question.model, question.purpose, question.decision, question.agent)
        )
        > LONGEST_NAME
    ):
        raise Malformed(f"A name has at most {LONGEST_NAME} characters.")
    asking = Asking(gateway, key_of(headers_of(scope)), "evaluate")
    request = CallRequest(
        key=asking.key,
        endpoint=question.endpoint,
        model=question.model,
        purpose=question.purpose,
        data_classes=frozenset(question.data_classes),
        regions=None if question.regions is None else frozenset(question.regions),
        decision=question.decision,
        agent=question.agent,
        **person_of(gateway.persons, asking.policy.snapshot, asking.key, headers_of(scope), question.person),
    )
    refused = await asking.judge(request, question.input)
    asking.write(refused)
    await gateway.spool.settled()
    if refused is not None and refused.status in (401, 503):
        raise refused
    reply = asking.verdict.plain() | {"call": asking.call, "findings": asking.found.counts if asking.found else {}}
    reply["hold"] = asking.must_wait(question.score)
    if refused is not None:
        site = asking.policy.snapshot.site.rstrip("/") if asking.policy.snapshot else ""
        reply |= {"allow": False, "code": refused.code, "reason": refused.reason, "change": refused.change}
        reply["link"] = site + refused.link if refused.link and site else ""
    elif asking.found and asking.found.changed:
        reply["input"] = asking.found.body
    await respond_json(send, 200, reply)


async def guardrail(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /beta/litellm_basic_guardrail_api`: LiteLLM asks before it sends a request or hands out an answer.

    The key is one of ours, which LiteLLM's guardrail is configured with (`x-api-key`).
    """
    body = await _read(gateway, scope, receive, Guardrail)
    asking = Asking(gateway, key_of(headers_of(scope)), "guardrail")
    data = body.request_data or {}
    told = next((value for name in ("user_api_key_user_email", "user_api_key_user_id", "user_api_key_end_user_id")
                 if isinstance(value := data.get(name), str) and value), "")  # fmt: skip
    request = CallRequest(key=asking.key, model=(body.model or "")[:LONGEST_NAME], person=asking.person(told))
    texts = body.texts or []
    refused = await asking.judge(request, texts, answer=body.input_type == "response")
    asking.write(refused)
    await gateway.spool.settled()
    if refused is not None:
        if refused.status == 401:
            raise refused
        reason = refused.message()
        await respond_json(send, 200, {"action": "BLOCKED", "blocked_reason": reason, "texts": texts})
        return
    if asking.found and asking.found.changed:
        reply = {"action": "GUARDRAIL_INTERVENED", "blocked_reason": None, "texts": asking.found.body}
        await respond_json(send, 200, reply)
        return
    await respond_json(send, 200, {"action": "NONE", "blocked_reason": None, "texts": texts})


async def feedback(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /v1/feedback`. The call is one of the same system; the warehouse leaves out what fits no call of it."""
    opinion = await _read(gateway, scope, receive, Opinion)
    if opinion.rating is not None and not 0 <= opinion.rating <= 1:
        raise Malformed("“rating” lies between 0 and 1.")
    if opinion.edit_distance is not None and not 0 <= opinion.edit_distance < 2**31:
        raise Malformed("“edit_distance” is not a number of characters.")
    if not 0 < len(opinion.call) <= 64 or len(opinion.comment) > 4000:
        raise Malformed("“call” is the id of a call, and “comment” has at most 4000 characters.")
    asking = Asking(gateway, key_of(headers_of(scope)), "gateway")
    # Feedback needs a key that is known and not stopped; it calls no model.
    refused = await asking.judge(CallRequest(key=asking.key), None)
    key, system = asking.verdict.key, asking.verdict.system
    if refused is not None and (key is None or refused.code in LIMITS.values() or refused.status == 401):
        raise refused
    if key is None or asking.policy.snapshot is None:
        raise Refused("unknown_key", "This key is not known here.")
    rating = None if opinion.rating is None else round(opinion.rating * 1000)
    append(
        gateway,
        Feedback(
            id=str(uuid7()),
            call=opinion.call,
            at=asking.at,
            organisation=asking.policy.snapshot.organisation,
            revision=asking.verdict.revision,
            key=key.id,
            system=system.id if system else key.system,
            unit=key.unit,
            rating=rating,
            edit_distance=opinion.edit_distance,
            accepted=opinion.accepted,
            comment=opinion.comment,
        ),
    )
    await gateway.spool.settled()
    await respond_json(send, 202, {"call": opinion.call})


async def models(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """`GET /v1/models` and `/v1/models/{id}`: what this key may ask for."""
    headers = headers_of(scope)
    asking = Asking(gateway, key_of(headers), "gateway")
    verdict = evaluate(asking.policy.snapshot, asking.policy.suspensions, CallRequest(key=asking.key), asking.at)
    if not verdict.allow and verdict.code not in ("purpose_missing", "data_class_missing"):
        raise Refused.by(verdict)
    snapshot = asking.policy.snapshot
    offered = sorted(name for name in (snapshot.aliases if snapshot else ()) if _offers(asking, name))
    created = asking.policy.snapshot.issued_at if snapshot and asking.policy.snapshot else asking.at
    anthropic = b"anthropic-version" in headers
    shown = [_model(name, created, anthropic) for name in offered]
    wanted = scope["path"].removeprefix("/v1/models").strip("/")
    if wanted:
        if wanted not in offered:
            raise Refused("unknown_model", f"There is no model “{wanted}” for this key.")
        await respond_json(send, 200, _model(wanted, created, anthropic))
    elif anthropic:
        ends = {"first_id": offered[0] if offered else None, "last_id": offered[-1] if offered else None}
        await respond_json(send, 200, {"data": shown, "has_more": False, **ends})
    else:
        await respond_json(send, 200, {"object": "list", "data": shown})


def _offers(asking: Asking, name: str) -> bool:
    request = CallRequest(key=asking.key, model=name)
    verdict = evaluate(asking.policy.snapshot, asking.policy.suspensions, request, asking.at)
    return verdict.allow or verdict.code in ("purpose_missing", "data_class_missing")


def _model(name: str, created: datetime, anthropic: bool) -> dict[str, Any]:
    if anthropic:
        return {"type": "model", "id": name, "display_name": name, "created_at": created}
    return {"id": name, "object": "model", "created": int(created.timestamp()), "owned_by": "pilothouse"}


async def _read(gateway: Gateway, scope: Scope, receive: Receive, kind: type[Any]) -> Any:
    body = await body_for(gateway.state, key_hash(key_of(headers_of(scope))), receive, LARGEST)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not understood: {error}.") from error
