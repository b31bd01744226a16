"""What is asked of the judgement, and what it answers."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from msgspec import Struct

from pilothouse.contracts.policy.snapshot import (
    Alias,
    Budget,
    KeyPolicy,
    Limits,
    Price,
    SystemPolicy,
    Target,
)

CHECK = "check"  # the endpoint of code that asks before it acts, and may use no model at all

# What a gateway offers, by the names that `Alias.endpoints` uses, with their paths.
ENDPOINTS: dict[str, str] = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
    "messages": "/v1/messages",
}

# Every reason for a refusal, with its HTTP status. The first block comes from `evaluate`; the second from whoever
# holds the counters, looks into texts and speaks with upstreams.
STATUS: dict[str, int] = {
    "no_policy": 503,
    "policy_expired": 503,
    "unknown_key": 401,
    "key_expired": 401,
    "organisation_suspended": 403,
    "key_suspended": 403,
    "person_missing": 403,
    "person_unverified": 403,
    "person_refused": 403,
    "agent_refused": 403,
    "unknown_system": 403,
    "system_prohibited": 403,
    "system_suspended": 403,
    "out_of_touch": 503,
    "stage": 403,
    "unknown_model": 404,
    "model_suspended": 403,
    "model_refused": 403,
    "endpoint_refused": 400,
    "no_upstream": 503,
    "region_refused": 403,
    "purpose_missing": 403,
    "purpose_refused": 403,
    "data_class_missing": 403,
    "data_class_refused": 403,
    "too_large": 413,
    "human_required": 403,
    "unpriced": 403,
    "requests_limit": 429,
    "tokens_limit": 429,
    "concurrent_limit": 429,
    "budget_exhausted": 429,
    "blocked": 403,
    "unread": 503,
    "held": 409,
    "review_refused": 403,
    "unknown_held": 404,
    "unaccountable": 503,
    "upstream_failed": 502,
    "upstream_timeout": 504,
}


def key_hash(key: str) -> str:
    """By what a key is known: the SHA-256 of its characters, in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def person_id(organisation: str, told: str) -> str:
    """A person as events and policies name them: a hash of what they are called, so that neither holds the name.

    `told` is an e-mail address or an id of the organisation's directory; case and blanks around it do not matter.
    """
    return hashlib.sha256(f"{organisation}:{told.strip().lower()}".encode()).hexdigest()[:32] if told.strip() else ""


class CallRequest(Struct, frozen=True, omit_defaults=True):
    """One call as it arrives. `key` is `key_hash` of the key, `person` a `person_id`; what is not said is empty.

    `decision` names what the answer will decide about somebody, if it decides anything without a person. `size` is the
    body in bytes. `regions` narrows where it may be answered. `person_problem` says why a token that was shown does not
    show who the person is; with it the call is refused, whatever else was told.
    """

    key: str
    endpoint: str = CHECK
    model: str = ""
    purpose: str = ""
    data_classes: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    decision: str = ""
    person: str = ""
    person_verified: bool = False
    person_problem: str = ""
    agent: str = ""
    size: int = 0


class Route(Struct, frozen=True):
    """A target that this call may go to, with the price that holds today."""

    target: Target
    price: Price | None = None


class Limit(Struct, frozen=True):
    """A limit that the caller of `evaluate` must take from: `scope` is key or system."""

    scope: Literal["key", "system"]
    scope_id: str
    limits: Limits


class Verdict(Struct, frozen=True, omit_defaults=True):
    """Allowed or not, why in a sentence, what would change it, and where (`link`: a path on the control plane's site).

    An allowed call still has to take `limits` and reserve `budgets`. `hold` means that the answer waits for a person
    whatever the system's rule says. `step` is the step of `evaluate.STEPS` that refused.
    """

    allow: bool
    revision: int
    code: str = "allowed"
    reason: str = ""
    change: str = ""
    link: str = ""
    step: str = ""
    system: SystemPolicy | None = None
    key: KeyPolicy | None = None
    alias: Alias | None = None
    purpose: str = ""
    data_classes: frozenset[str] = frozenset()
    routes: tuple[Route, ...] = ()
    budgets: tuple[Budget, ...] = ()
    limits: tuple[Limit, ...] = ()
    hold: bool = False

    @property
    def status(self) -> int:
        return 200 if self.allow else STATUS[self.code]

    def plain(self) -> dict[str, Any]:
        """The verdict for JSON: ids and words, without the rules that led to it."""
        return {
            "allow": self.allow,
            "code": self.code,
            "reason": self.reason,
            "change": self.change,
            "link": self.link,
            "revision": self.revision,
            "system": self.system.ref if self.system else None,
            "key": self.key.id if self.key else None,
            "model": self.alias.name if self.alias else None,
            "routes": [f"{route.target.upstream}/{route.target.model}" for route in self.routes],
            "budgets": [budget.id for budget in self.budgets],
            "hold": self.hold,
            "marks": list(self.system.marks) if self.system else [],
        }
