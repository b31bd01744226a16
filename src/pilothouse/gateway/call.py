"""One model call from its arrival to its account: judge, inspect, reserve, write down, send, relay, settle.

The order is what matters. The *intent* is on disk before the provider hears of the call, the *settlement* before the
caller sees the end of the answer; so whenever the process dies, what happened can be told from the disk.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from uuid_utils import uuid7

from pilothouse.contracts.policy.budgets import Tokens, held, stored
from pilothouse.contracts.policy.evaluate import evaluate
from pilothouse.contracts.policy.events import Finish, Intent, Refusal, Settlement
from pilothouse.contracts.policy.request import CallRequest, Route, Verdict, key_hash
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.gateway.caller import body_for, key_of, names, person_of, told_score
from pilothouse.gateway.counters import Charge, CountersFull
from pilothouse.gateway.dialects.base import Asked, Dialect, Malformed, Used
from pilothouse.gateway.gateway import Gateway
from pilothouse.gateway.inspection import NOTHING_READ, Inspected, Inspector
from pilothouse.gateway.limits import MINUTE, Bill, estimated, price_of
from pilothouse.gateway.reading import names_in, unread
from pilothouse.gateway.refusal import LIMITS, Refused, unaccountable
from pilothouse.gateway.spool import Guess, SpoolFull
from pilothouse.gateway.wire import Headers, Receive, Send, text

LARGEST_REQUEST = 32 * 1024 * 1024
MOST_CHOICES = 128
# A call under way ends when one of these is true of it now; other changes hold from the next call on.
CUTS = frozenset(
    """unknown_key key_suspended organisation_suspended unknown_system system_prohibited system_suspended stage
    out_of_touch model_suspended""".split()
)


class Call:
    """One call. Attributes fill as it goes on; `serving.serve` is the whole of its life."""

    def __init__(self, gateway: Gateway, dialect: Dialect, receive: Receive, send: Send, headers: dict[bytes, bytes]):
        self.gateway, self.dialect, self.receive, self.send, self.headers = gateway, dialect, receive, send, headers
        self.id = str(uuid7())
        self.arrived = time.perf_counter()
        self.at = datetime.now(UTC)
        self.snapshot: Snapshot | None = None
        self.asked: Asked
        self.request: CallRequest
        self.verdict: Verdict
        self.route: Route
        self.bill: Bill
        self.size = 0
        self.prompt: Any = None
        self.inspector: Inspector | None = None
        self.inspected: Inspected | None = None
        self.findings: dict[str, int] = {}
        self.reserved: list[Charge] = []
        self.intended = self.settled = self.answered = self.begun = False
        self.attempts = 0
        self.waited = 0.0  # seconds spent on the provider
        self.first_byte: float | None = None
        self.clock: asyncio.Timeout | None = None
        self.cut_by: Refused | None = None
        self.used = Used()
        self._alike: dict[str, Any] | None = None
        self.waits: Literal["", "every", "score", "sample", "decision"] = ""  # the rule by which a reviewer comes first
        self.score: int | None = None

    # Before the call is sent -----------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Everything before the provider hears of it. Raises Refused, Malformed, TooLarge."""
        hashed = key_hash(key_of(self.headers))
        body = await body_for(self.gateway.state, hashed, self.receive, LARGEST_REQUEST)
        self.size = len(body)
        policy = self.gateway.state.current.of_key(hashed)
        self.snapshot = policy.snapshot
        self.asked = self.dialect.read(body)
        if self.asked.choices > MOST_CHOICES:
            raise Malformed(f"“n” is {self.asked.choices}; at most {MOST_CHOICES} answers may be asked for at once.")
        self.request = self._request(hashed)
        self.verdict = evaluate(policy.snapshot, policy.suspensions, self.request, self.at)
        if not self.verdict.allow:
            raise Refused.by(self.verdict)
        self._keep_routes_of_dialect()
        await self._inspect(body)
        self._let_wait_what_must()
        await self._reserve()
        self._intend()
        await self.gateway.spool.settled()

    def _request(self, hashed: str) -> CallRequest:
        headers = self.headers
        told = text(headers.get(b"x-pilothouse-person")) or self.asked.user
        return CallRequest(
            key=hashed,
            endpoint=self.dialect.name,
            model=self.asked.model,
            purpose=text(headers.get(b"x-pilothouse-purpose")),
            data_classes=names(headers.get(b"x-pilothouse-data-class")),
            regions=names(headers[b"x-pilothouse-region"]) if b"x-pilothouse-region" in headers else None,
            decision=text(headers.get(b"x-pilothouse-decision")),
            agent=text(headers.get(b"x-pilothouse-agent")),
            size=self.size,
            **person_of(self.gateway.persons, self.snapshot, hashed, headers, told),
        )

    def _keep_routes_of_dialect(self) -> None:
        """A target is asked in the language that the caller speaks; nothing is translated."""
        upstreams = self.policy.upstreams
        routes = self.verdict.routes
        spoken = tuple(route for route in routes if upstreams[route.target.upstream].dialect == self.dialect.speaks)
        if not spoken:
            raise Refused(
                "endpoint_refused",
                f"The model “{self.asked.model}” does not answer at {self.dialect.path}.",
                "Call an endpoint that the model is offered at.",
            )
        if len(spoken) != len(routes):
            self.verdict = msgspec.structs.replace(self.verdict, routes=spoken)

    async def _inspect(self, body: bytes) -> None:
        system = self.verdict.system
        self.inspector = self.gateway.inspector(system, self.policy) if system else None
        if self.inspector is None or system is None:
            return
        try:
            self.prompt = msgspec.json.decode(body)
            reads = self.inspector.reads_prompt
            read = await names_in(self.gateway.reader, self.inspector, self.prompt) if reads else NOTHING_READ
            found = self.inspector.prompt(self.prompt, read)
            self.findings = found.counts
            if found.unread:
                raise unread("The request", found, self.system_page())
            if found.blocked:
                raise self.blocked("The request", found)
            if found.changed or system.inspection.prompt:
                # What was looked at is what is sent: text that was masked, and no name that stands there twice.
                streamed = self.asked.fields.get("stream_options")
                self.asked.fields = {
                    name: msgspec.Raw(msgspec.json.encode(value)) for name, value in found.body.items()
                }
                if streamed is not None:
                    self.asked.fields["stream_options"] = streamed
        except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError) as error:
            raise Malformed(f"The body cannot be inspected: {error}.") from error
        self.inspected = found

    def blocked(self, what: str, found: Inspected) -> Refused:
        kinds = ", ".join(kind.replace("_", " ") for kind in found.blocked)
        return Refused(
            "blocked",
            f"{what} holds what may not pass: {kinds}.",
            "Take it out, or the system's policy is changed.",
            self.system_page(),
            findings=found.counts,
        )

    def system_page(self) -> str:
        system = self.verdict.system
        return f"/o/{self.policy.slug}/systems/{system.number}/policy/" if system else ""

    def _let_wait_what_must(self) -> None:
        """Does a rule hold this answer for a reviewer? Then it is asked for in one piece. Raises Refused without a key
        to seal it with."""
        if self.asked.background:
            self.asked.fields.pop("background", None)
        system = self.verdict.system
        if system is None:
            return
        self.score = told_score(text(self.headers.get(b"x-pilothouse-score")))
        self.waits = "decision" if self.verdict.hold else held(system.hold, self.id, self.score)
        if not self.waits:
            return
        if not self.gateway.texts.can_keep(self.policy.organisation):
            raise Refused(
                "held",
                "A reviewer must see this answer before anybody else, and this gateway cannot keep it for them.",
                "The control plane lays down the key to the organisation's texts.",
                self.system_page(),
            )
        self.asked.as_a_whole()

    @property
    def stores(self) -> bool:
        """Are the texts of this call kept by its system's rules?"""
        system = self.verdict.system
        return system is not None and stored(system.storage, self.verdict.purpose)

    async def _reserve(self) -> None:
        self.bill = Bill(self.policy, self.verdict, self.asked, self.size, self.at)
        if not self.bill.charges:
            return
        try:
            full = await self.gateway.counters.reserve(self.bill.charges)
        except CountersFull as error:
            raise unaccountable() from error
        if full is not None:
            raise self._over(full)
        self.reserved = self.bill.charges

    def _over(self, charge: Charge) -> Refused:
        kind, _, who = charge.account.partition(":")
        code = LIMITS.get(kind)
        if code is None:
            budget = next(budget for budget in self.verdict.budgets if f"budget:{budget.id}" == charge.account)
            return Refused(
                "budget_exhausted",
                f"The budget “{budget.name}” cannot bear the worst case of this call: "
                f"{charge.amount / 1e6:,.2f} {self.policy.currency} of {budget.cap / 1e6:,.2f} a {budget.window}.",
                f"The next {budget.window} begins, the budget is raised, or a smaller answer is asked for.",
                f"/o/{self.policy.slug}/gateway/budgets/",
            )
        scope = who.partition(":")[0]
        wait = 1 if kind == "concurrent" else MINUTE - int(self.at.timestamp()) % MINUTE
        what = {"requests": "calls a minute", "tokens": "tokens a minute", "concurrent": "calls at the same time"}[kind]
        return Refused(
            code, f"This {scope} may make {charge.cap:,} {what}.", "Wait, or the limit is raised.", wait=wait
        )

    def _intend(self) -> None:
        """The intent, on disk. Raises Refused when the disk takes no more: what leaves no trace is not done."""
        if not self.gateway.has_room:
            raise unaccountable()
        self.route = self.verdict.routes[0]
        intent = Intent(**self.common("intent"), reserved=self.bill.reserved, currency=self.policy.currency)
        guess = Guess(self.bill.guess.input, self.bill.guess.output, self.bill.worst)
        try:
            self.gateway.spool.append(intent, opens=self.id, guess=guess)
        except SpoolFull as error:
            raise unaccountable() from error
        self.intended = True

    # What is written down --------------------------------------------------------------------------------------

    def common(self, part: str) -> dict[str, Any]:
        """What all events of this call say alike. `part` makes the event's id, the same however often it is written."""
        route = getattr(self, "route", None)
        if self._alike is None:
            self._alike = self._said_once()
        return {
            **self._alike,
            "id": f"{self.id}/{part}",
            "upstream": route.target.upstream if route else "",
            "target": route.target.model if route else "",
        }

    def _said_once(self) -> dict[str, Any]:
        verdict, request, asked = self.verdict, self.request, self.asked
        key, system = verdict.key, verdict.system
        return {
            "call": self.id,
            "at": self.at,
            "organisation": self.snapshot.organisation if self.snapshot else "",
            "revision": verdict.revision,
            "key": key.id if key else "",
            "system": system.id if system else "",
            "unit": key.unit if key else "",
            "person": request.person,
            "agent": request.agent,
            "endpoint": request.endpoint,
            "stream": asked.stream,
            "model": asked.model,
            "alias": verdict.alias.name if verdict.alias else "",
            "purpose": verdict.purpose,
            "data_classes": tuple(sorted(verdict.data_classes)),
            "conversation": self.conversation,
            "marks": system.marks if system else (),
        }

    @property
    def conversation(self) -> str:
        return text(self.headers.get(b"x-pilothouse-conversation")) or self.asked.conversation[:512]

    async def settle(self, status: int, finish: Finish = "", *, nothing: bool = False) -> None:
        """Write down how it ended and let go of what was held; once. `nothing`: no provider did any work.

        Raises Refused when the disk takes no more.
        """
        if self.settled or not self.intended:
            return
        self.settled = True
        used = self.used
        told = used.tokens if used.tokens is not None else None
        tokens = Tokens() if nothing else told or estimated(used, self.size)
        cost = 0 if nothing else price_of(self.route, tokens)
        elapsed = time.perf_counter() - self.arrived
        record = Settlement(
            **self.common("settlement"),
            reserved=self.bill.reserved,
            tokens=tokens,
            cost=cost,
            currency=self.policy.currency,
            price=self.route.price.id if self.route.price else "",
            latency_ms=int(elapsed * 1000),
            ttft_ms=None if self.first_byte is None else int((self.first_byte - self.arrived) * 1000),
            overhead_us=max(0, int((elapsed - self.waited) * 1e6)),
            status=status,
            finish=finish or used.finish,
            estimated=told is None and not nothing,
            attempts=self.attempts,
            model_reported=used.model,
            findings=self.findings,
        )
        try:
            seq = self.gateway.spool.append(record, closes=self.id)
        except SpoolFull as error:
            # The intent stays open and its amounts stay held: the next start settles it with its worst case.
            raise unaccountable() from error
        if self.reserved:
            await self.gateway.counters.settle(self.reserved, self.bill.amounts(tokens, cost), seq)
        self.gateway.note(record, used.fingerprint)
        await self.gateway.spool.settled()

    async def release(self) -> None:
        """Let go of what was held for a call that never became an intent."""
        if self.reserved and not self.intended:
            await self.gateway.counters.settle(self.reserved, [0] * len(self.reserved), None)

    def write_refusal(self, refused: Refused) -> None:
        """On disk too, when a known key asked: a stranger shall not be able to fill it."""
        self.gateway.metrics.count("refusals_total", code=refused.code)
        verdict = getattr(self, "verdict", None)
        if verdict is None or verdict.key is None:
            return
        event = Refusal(
            **self.common("refusal"),
            code=refused.code,
            reason=refused.reason,
            status=refused.status,
            findings=refused.findings,
        )
        try:
            self.gateway.spool.append(event)
        except SpoolFull:
            self.gateway.log.error("a refusal could not be written down", extra={"call": self.id})

    # Ended from outside ------------------------------------------------------------------------------------------

    def stopped(self, now: datetime) -> Refused | None:
        """Why this call must end now, if it must: by the policy and the stops of this moment."""
        if not self.intended:
            return None
        policy = self.gateway.state.current.of_key(self.request.key)
        verdict = evaluate(policy.snapshot, policy.suspensions, self.request, now)
        if not verdict.allow:
            return Refused.by(verdict) if verdict.code in CUTS else None
        target, stops = self.route.target, policy.suspensions
        stop = stops and (stops.of("upstream", target.upstream) or stops.of("model", target.model))
        if stop:
            return Refused(
                "model_suspended", f"What answered this call is stopped: {stop.reason}", "The stop is lifted."
            )
        return None

    def cut(self, why: Refused) -> None:
        """End it now, whatever it is waiting for."""
        if self.cut_by is None and self.clock is not None and not self.settled:
            self.cut_by = why
            self.clock.reschedule(asyncio.get_running_loop().time())

    # What others read of it ----------------------------------------------------------------------------------------

    def marks(self) -> Headers:
        """What every answer of ours says about itself."""
        verdict = getattr(self, "verdict", None)
        revision = verdict.revision if verdict and verdict.key else 0
        return [(b"x-pilothouse-call", self.id.encode()), (b"x-pilothouse-revision", b"%d" % revision)]

    @property
    def policy(self) -> Snapshot:
        """The snapshot that the call was judged by."""
        if self.snapshot is None:  # evaluate has refused such a call
            raise AssertionError("no policy")
        return self.snapshot
