"""The policy of one organisation, compiled by the control plane and held in memory by every gateway.

Two documents, each signed on its own (see `envelope.py`): the `Snapshot` with all rules, good for days, and the small
`Suspensions`, renewed every few seconds, whose freshness also tells a gateway that it is in touch.

A gateway on the control plane's host finds them in `PILOTHOUSE_HOME/gateway/<organisation id>/`, as `SNAPSHOT_FILE` and
`SUSPENSIONS_FILE`, each replaced in one step; `PUBLIC_KEYS_FILE` in `PILOTHOUSE_HOME/gateway/` holds the keys to verify
them with, one base64 line each.

In every list of what is permitted, None means *not restricted* and an empty set means *nothing*; `models` has no None,
so that a system may call no model until somebody says which.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

SNAPSHOT_FILE = "snapshot.json"
SUSPENSIONS_FILE = "suspensions.json"
PUBLIC_KEYS_FILE = "trusted.pub"

ANY = "*"  # in `models`: whatever model the organisation knows
IN_TOUCH_SECONDS = 60  # after so long without a fresh list of suspensions, high-risk systems stop

Dialect = Literal["openai", "anthropic"]
Auth = Literal["bearer", "x-api-key", "api-key", "none"]
Treatment = Literal["allow", "count", "mask", "block"]
Window = Literal["hour", "day", "month"]
BudgetScope = Literal["key", "system", "unit", "organisation"]
StopKind = Literal["key", "system", "model", "upstream", "organisation"]


class Limits(Struct, frozen=True, omit_defaults=True):
    """How much at once. None: no limit of that kind."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None


class Inspection(Struct, frozen=True, omit_defaults=True):
    """What is looked for in a system's prompts and answers, and what is done about it.

    `prompt` and `answer` map a kind of finding (see `KINDS`) to its treatment; a kind that is not named is counted.
    `deep` has names and addresses looked for too, for at most `deep_ms` a prompt or an answer; what was not read in
    that time is refused where they are masked or blocked. Maximum sizes are bytes of the body. `banned` are phrases,
    `canaries` secrets that must never come out; both are matched without regard to case.
    """

    prompt: dict[str, Treatment] = {}
    answer: dict[str, Treatment] = {}
    deep: bool = False
    deep_ms: int = 5_000
    max_prompt_bytes: int | None = None
    max_answer_bytes: int | None = None
    banned: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()


# What inspection can find, by kind. `deep` ones need the worker that reads names; the rest are found inline.
KINDS: dict[str, str] = {
    "secret": "Secrets: keys, tokens, passwords",
    "email": "E-mail addresses",
    "phone": "Telephone numbers",
    "card": "Payment cards",
    "iban": "Bank accounts",
    "national_id": "National identity numbers",
    "ip_address": "IP addresses",
    "birth_date": "Dates of birth",
    "name": "Names of people (deep)",
    "address": "Postal addresses (deep)",
    "source_code": "Source code",
    "confidential": "Documents labelled confidential",
    "legal": "Documents labelled as legal advice",
    "corpus": "Text of marked documents",
    "banned": "Banned topics",
    "canary": "Canaries and the system's own prompt",
}


class Hold(Struct, frozen=True, omit_defaults=True):
    """Which answers wait for a reviewer: all, a random share, or those whose score is above a threshold (both in ‰).

    The score is what the caller or the upstream tells (see `gateway/holding.py`); without one that rule holds nothing.
    After `hours` without a decision it escalates; `days` after the decision the texts are removed.
    """

    every: bool = False
    sample_per_mille: int = 0
    score_above_per_mille: int | None = None
    hours: int = 24
    days: int = 7


class Storage(Struct, frozen=True, omit_defaults=True):
    """Whether the text of prompts and answers is kept, for which purposes (None: any), for how many days."""

    on: bool = False
    purposes: frozenset[str] | None = None
    days: int = 30


class SystemPolicy(Struct, frozen=True, omit_defaults=True):
    """What one system may do. `stop` says why it may not run at all: prohibited, suspended, or stage."""

    id: str
    number: int
    name: str
    stage: str
    stop: Literal["", "prohibited", "suspended", "stage"] = ""
    because: str = ""
    until: datetime | None = None
    high_risk: bool = False
    marks: tuple[str, ...] = ()
    models: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    purpose: str = ""
    data_classes: frozenset[str] | None = None
    data_class: str = ""
    human: dict[str, Literal["hold", "refuse"]] = {}
    limits: Limits = Limits()
    inspection: Inspection = Inspection()
    hold: Hold = Hold()
    storage: Storage = Storage()

    @property
    def ref(self) -> str:
        return f"S-{self.number}"


class KeyPolicy(Struct, frozen=True, omit_defaults=True):
    """A key's bearer calls for one system. `units` are ids from the root of the tree down.

    `persons` (see `request.person_id`) and `agents` narrow on whose behalf it may be used; `person` says whether a
    person must be named at all, and whether a header is enough or a verified token is needed.
    """

    id: str
    name: str
    system: str
    units: tuple[str, ...] = ()
    person: Literal["any", "told", "verified"] = "any"
    persons: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    models: frozenset[str] | None = None
    limits: Limits = Limits()
    expires_at: datetime | None = None

    @property
    def unit(self) -> str:
        """The id of the unit that it is accounted to, or the empty string."""
        return self.units[-1] if self.units else ""


class Upstream(Struct, frozen=True, omit_defaults=True):
    """Where calls go. `secret` is a reference, `env:NAME` or `file:PATH`, that the gateway resolves; never the secret.

    `base_url` ends before the endpoint (https://host/v1); `query` is appended to every call (Azure's api-version).
    """

    name: str
    base_url: str
    dialect: Dialect
    secret: str = ""
    auth: Auth = "bearer"
    region: str = ""
    data_classes: frozenset[str] | None = None
    headers: dict[str, str] = {}
    query: str = ""
    connect_ms: int = 5_000
    first_byte_ms: int = 60_000
    total_ms: int = 600_000
    concurrent: int | None = None


class Target(Struct, frozen=True, omit_defaults=True):
    """One model of one upstream. `weight` shares the traffic out among equals; a fallback waits until those fail."""

    upstream: str
    model: str
    weight: int = 1
    fallback: bool = False


class Alias(Struct, frozen=True, omit_defaults=True):
    """The name that callers ask for. A retired one answers by its replacement.

    `max_output` is put into requests that name no maximum, so that a worst case can be reserved.
    """

    name: str
    targets: tuple[Target, ...] = ()
    replaced_by: str = ""
    endpoints: frozenset[str] | None = None
    max_output: int = 4_096
    sticky: bool = False
    retries: int = 1
    deadline_ms: int = 120_000


class Price(Struct, frozen=True, omit_defaults=True):
    """Micro-units of the organisation's currency a million tokens, from a moment on. None: as its plain kind."""

    id: str
    valid_from: datetime
    input: int
    output: int
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    request: int = 0


class Budget(Struct, frozen=True):
    """A hard cap, in micro-units of the organisation's currency, on what one scope may spend in each window."""

    id: str
    name: str
    scope: BudgetScope
    scope_id: str
    window: Window
    cap: int


# What may sign an identity token: never “none”, and no secret that its checker shares.
SIGNATURES = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split())


class Issuer(Struct, frozen=True, omit_defaults=True):
    """Whose identity tokens show who a person is: `url` is their `iss`, `keys` the public keys as JSON Web Keys.

    A token must be meant for one of `audiences` and be signed by one of `algorithms` (of `SIGNATURES`).
    `claim` names the person as `request.person_id` takes it.
    """

    url: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    claim: str = "email"
    keys: tuple[dict[str, str], ...] = ()


class Snapshot(Struct, frozen=True, omit_defaults=True):
    """Everything a gateway must know of one organisation. `keys` by the SHA-256 (hex) of the key; `budgets` by
    `scope:id`; `prices` by `upstream/model`, oldest first; `corpora` are packed `fingerprints` of marked documents;
    `issuers` by their address; `site` is the control plane's address, for links."""

    organisation: str
    slug: str
    revision: int
    issued_at: datetime
    not_after: datetime
    currency: str
    time_zone: str
    site: str = ""
    systems: dict[str, SystemPolicy] = {}
    keys: dict[str, KeyPolicy] = {}
    upstreams: dict[str, Upstream] = {}
    aliases: dict[str, Alias] = {}
    prices: dict[str, tuple[Price, ...]] = {}
    budgets: dict[str, tuple[Budget, ...]] = {}
    corpora: dict[str, bytes] = {}
    issuers: dict[str, Issuer] = {}

    def budgets_of(self, key: KeyPolicy) -> tuple[Budget, ...]:
        """Every cap that a call with this key counts against, narrowest first."""
        if not self.budgets:
            return ()
        scopes = [f"key:{key.id}", f"system:{key.system}", *(f"unit:{unit}" for unit in reversed(key.units))]
        scopes.append(f"organisation:{self.organisation}")
        found: tuple[Budget, ...] = ()
        for scope in scopes:
            found += self.budgets.get(scope, ())
        return found

    def price_at(self, target: Target, now: datetime) -> Price | None:
        """The price of that model at `now`, or None when nobody has said it."""
        found = None
        for price in self.prices.get(f"{target.upstream}/{target.model}", ()):
            if price.valid_from > now:
                break
            found = price
        return found


class Suspension(Struct, frozen=True):
    """Somebody stopped something at once, with their reason."""

    reason: str
    since: datetime


class Suspensions(Struct, frozen=True, omit_defaults=True):
    """What is stopped now, by `kind:id` (a model by its alias or by its own name). Renewed every few seconds."""

    organisation: str
    revision: int
    issued_at: datetime
    stopped: dict[str, Suspension] = {}

    def of(self, kind: StopKind, name: str) -> Suspension | None:
        return self.stopped.get(f"{kind}:{name}") if self.stopped else None
