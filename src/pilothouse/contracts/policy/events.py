"""What a gateway writes down about a call, a JSON line each, and the warehouse reads.

A call that goes out has an `Intent` before it is sent and a `Settlement` before its caller sees the end; one that does
not has a `Refusal`. All are complete in themselves; `call` joins them, and `id` makes reading them twice harmless.
No text of a prompt or an answer is in any of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from pilothouse.contracts.policy.budgets import Tokens

Finish = Literal["", "stop", "length", "tool_calls", "content_filter", "error", "aborted", "held"]


class Call(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who called what for whom. `source` says how we know: the gateway itself, an outside check, or an import."""

    id: str
    call: str
    at: datetime
    organisation: str
    revision: int
    key: str = ""
    system: str = ""
    unit: str = ""
    person: str = ""
    agent: str = ""
    source: Literal["gateway", "evaluate", "guardrail", "otlp", "import"] = "gateway"
    endpoint: str = ""
    stream: bool = False
    model: str = ""
    alias: str = ""
    upstream: str = ""
    target: str = ""
    purpose: str = ""
    data_classes: tuple[str, ...] = ()
    conversation: str = ""
    marks: tuple[str, ...] = ()


class Reservation(msgspec.Struct, frozen=True):
    """An amount held in one counter (see `budgets.slot`)."""

    slot: str
    budget: str
    amount: int


class Intent(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="intent"):
    """The call is about to be sent. `reserved` is what a restart rebuilds the holds from."""

    reserved: tuple[Reservation, ...] = ()
    currency: str = ""
    price: str = ""


class Settlement(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="settlement"):
    """The call is over. `estimated`: its tokens were not told and are our own reckoning (aborted, or lost in a crash).

    `model_reported` is what the provider says has answered: a silent change shows there. `findings` counts by kind,
    prompt and answer together. Times are milliseconds since the call arrived.
    """

    reserved: tuple[Reservation, ...] = ()
    tokens: Tokens = Tokens()
    cost: int = 0
    currency: str = ""
    price: str = ""
    latency_ms: int = 0
    ttft_ms: int | None = None
    overhead_us: int = 0
    status: int = 200
    finish: Finish = ""
    estimated: bool = False
    attempts: int = 1
    model_reported: str = ""
    findings: dict[str, int] = {}


class Refusal(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="refusal"):
    """The call was not sent, or its answer not given out, and why (`request.STATUS`)."""

    code: str
    reason: str = ""
    status: int = 403
    findings: dict[str, int] = {}


class Check(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="check"):
    """Somebody's own code asked and was allowed; what it then did is not ours to see."""


class Feedback(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="feedback"):
    """What somebody says of an answer. `call` is the call it is about; `rating` from 0 to 1000."""

    rating: int | None = None
    edit_distance: int | None = None
    accepted: bool | None = None
    comment: str = ""


class Reviewed(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="reviewed"):
    """A held answer was decided. `why` is the rule that held it; `seconds` a person looked at it (None: nobody did),
    `waited_seconds` it lay; `edit_distance` counts characters. Every verdict but `released` overrides the model."""

    verdict: Literal["released", "edited", "refused", "expired"]
    why: str = ""
    seconds: int | None = None
    waited_seconds: int = 0
    edit_distance: int | None = None


class ModelChange(Call, frozen=True, omit_defaults=True, kw_only=True, tag_field="type", tag="model_change"):
    """A provider answered this call with another model, or another version of it, than the calls before."""

    before: str
    after: str
    fingerprint_before: str = ""
    fingerprint_after: str = ""


Event = Intent | Settlement | Refusal | Check | Feedback | Reviewed | ModelChange

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """One line without its line feed."""
    return _encoder.encode(event)


def decode(line: bytes) -> Event:
    """The event of one line. Raises msgspec.DecodeError when it is not one (a line cut off by a crash)."""
    return _decoder.decode(line)
