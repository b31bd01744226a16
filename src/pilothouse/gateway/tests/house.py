"""A data directory with a signed policy, as the control plane would lay it down."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pilothouse.contracts.policy.envelope import seal
from pilothouse.contracts.policy.events import Event, decode
from pilothouse.contracts.policy.request import key_hash
from pilothouse.contracts.policy.snapshot import (
    ANY,
    PUBLIC_KEYS_FILE,
    SNAPSHOT_FILE,
    SUSPENSIONS_FILE,
    Alias,
    Budget,
    KeyPolicy,
    Price,
    Snapshot,
    Suspension,
    Suspensions,
    SystemPolicy,
    Target,
    Upstream,
)
from pilothouse.contracts.policy.texts import KEY_FOLDER, Kind, Label, Outcome, key_line, open_text, place, seal_text
from pilothouse.gateway.spool import read

KEY = "phk_test_key"
OTHER_KEY = "phk_other_key"
ORGANISATION = "0190-harbour"
SECRET = "sk-provider-secret"


class House:
    """`home` with Harbour's policy: a chat model in both dialects, an embedding model, a budget when asked for."""

    def __init__(self, home: Path, provider: str) -> None:
        self.home, self.provider = home, provider
        self.key = Ed25519PrivateKey.generate()
        self.revision = 0
        self.stops_revision = 0
        self.stopped: dict[str, Suspension] = {}
        (home / "secrets" / "harbour").mkdir(parents=True)
        (home / "secrets" / "harbour" / "provider").write_text(SECRET + "\n")
        self.folder = home / "gateway" / ORGANISATION
        self.folder.mkdir(parents=True)
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        (home / "gateway" / PUBLIC_KEYS_FILE).write_text(public + "\n")
        self.snapshot = self.make()
        self.write()
        self.stop()

    def make(self, **changes: Any) -> Snapshot:
        now = datetime.now(UTC)
        upstream: dict[str, Any] = {"secret": "file:secrets/harbour/provider", "first_byte_ms": 10_000}
        base = f"{self.provider}/v1"
        known: dict[str, Any] = {
            "organisation": ORGANISATION,
            "slug": "harbour",
            "revision": 1,
            "issued_at": now,
            "not_after": now + timedelta(hours=72),
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
            "site": "https://control.example",
            "systems": {"sys": system(), "sys2": system(id="sys2", number=43, name="Other")},
            "keys": {
                key_hash(KEY): KeyPolicy(id="key-1", name="Planner's key", system="sys", units=("root", "quay")),
                key_hash(OTHER_KEY): KeyPolicy(id="key-2", name="Other key", system="sys2"),
            },
            "upstreams": {
                "north": Upstream(name="north", base_url=base, dialect="openai", **upstream),
                "south": Upstream(name="south", base_url=base, dialect="anthropic", auth="x-api-key", **upstream),
            },
            "aliases": {
                "chat": Alias(name="chat", targets=(Target("north", "m-1"), Target("south", "c-1"))),
                "embed": Alias(name="embed", targets=(Target("north", "e-1"),), endpoints=frozenset({"embeddings"})),
            },
            "prices": {
                f"{upstream}/{model}": (Price(f"p-{model}", now - timedelta(days=1), 1_000_000, 2_000_000),)
                for upstream, model in (("north", "m-1"), ("south", "c-1"), ("north", "e-1"))
            },
        }
        return Snapshot(**known | changes)

    def write(self, snapshot: Snapshot | None = None, **changes: Any) -> Snapshot:
        """Publish the policy, with changes."""
        self.revision += 1
        found = msgspec.structs.replace(snapshot or self.snapshot, revision=self.revision, **changes)
        self.snapshot = found
        _replace(self.folder / SNAPSHOT_FILE, seal(found, self.key))
        return found

    def with_system(self, **changes: Any) -> None:
        self.write(systems=self.snapshot.systems | {"sys": system(**changes)})

    def with_key(self, **changes: Any) -> None:
        known = self.snapshot.keys[key_hash(KEY)]
        self.write(keys=self.snapshot.keys | {key_hash(KEY): msgspec.structs.replace(known, **changes)})

    def budget(self, cap: int, scope: str = "system", scope_id: str = "sys", window: Any = "day") -> None:
        budget = Budget("b-1", "Planner's budget", scope, scope_id, window, cap)  # type: ignore[arg-type]
        self.write(budgets={f"{scope}:{scope_id}": (budget,)})

    def stop(self, *names: str, issued_at: datetime | None = None) -> None:
        """Publish the list of stops, which also says that the control plane lives."""
        self.stops_revision += 1
        now = datetime.now(UTC)
        stopped = {name: Suspension("the drill", now) for name in names}
        found = Suspensions(ORGANISATION, self.stops_revision, issued_at or now, stopped)
        _replace(self.folder / SUSPENSIONS_FILE, seal(found, self.key))

    def keep_texts(self) -> bytes:
        """Lay down the key that texts are sealed with, as the control plane does. Returns it."""
        key = bytes(range(32))
        (self.home / KEY_FOLDER).mkdir(parents=True, exist_ok=True)
        (self.home / KEY_FOLDER / ORGANISATION).write_text(key_line(key))
        return key

    def text(self, kind: Kind, call: str, want: type[Any]) -> Any:
        """A kept text, opened."""
        data = (self.home / place(ORGANISATION, kind, call)).read_bytes()
        return open_text(self.keep_texts(), data, want, (ORGANISATION, kind, call))[1]

    def decide(self, call: str, verdict: Any, texts: tuple[str, ...] = (), reason: str = "") -> None:
        """Lay down what a reviewer decided."""
        label = Label(kind="outcome", organisation=ORGANISATION, call=call, at=datetime.now(UTC))
        path = self.home / place(ORGANISATION, "outcome", call)
        path.parent.mkdir(parents=True, exist_ok=True)
        outcome = Outcome(verdict=verdict, reason=reason, texts=texts)
        _replace(path, seal_text(self.keep_texts(), label, outcome))

    def lines(self) -> list[bytes]:
        """Every record of the spool, those that are still being written too."""
        folder = self.home / "gateway" / "spool"
        paths = sorted([*folder.glob("*/*.live"), *folder.glob("*/*.jsonl")], key=lambda path: (path.parent, path.stem))
        return [line for path in paths for line in read(path)]

    def events(self, kind: type[Any] | None = None) -> list[Any]:
        """The events of the spool, one of each id."""
        found: dict[str, Event] = {event.id: event for event in map(decode, self.lines())}
        return [event for event in found.values() if kind is None or isinstance(event, kind)]


def system(**changes: Any) -> SystemPolicy:
    known: dict[str, Any] = {"id": "sys", "number": 42, "name": "Planner", "stage": "production"}
    return SystemPolicy(**known | {"models": frozenset({ANY})} | changes)


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name("." + path.name)
    draft.write_bytes(data)
    draft.replace(path)
