"""One worker: what it holds for its calls, and what it does every half second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from pilothouse.contracts.fingerprints import unpack
from pilothouse.contracts.policy.events import ModelChange, Settlement
from pilothouse.contracts.policy.snapshot import Inspection as Rules
from pilothouse.contracts.policy.snapshot import Snapshot, SystemPolicy
from pilothouse.gateway.counters import FileCounters
from pilothouse.gateway.credentials import Credentials
from pilothouse.gateway.inspection import Inspector
from pilothouse.gateway.inspection.deep.reader import Reader
from pilothouse.gateway.inspection.kinds import treatments
from pilothouse.gateway.metrics import Metrics
from pilothouse.gateway.persons import Persons
from pilothouse.gateway.recovery import mend, mend_others
from pilothouse.gateway.refusal import Refused
from pilothouse.gateway.routing import Breaker
from pilothouse.gateway.spool import Slot, Spool, SpoolFull
from pilothouse.gateway.state import State
from pilothouse.gateway.texts import Texts
from pilothouse.gateway.upstream import Providers
from pilothouse.gateway.versions import Versions

TICK = 0.5  # seconds; a stop holds within two, the control plane's second included
LEAST_FREE = 64 * 1024 * 1024  # bytes on the disk; below that no new call begins
LEAVE_SECONDS = 20.0  # how long calls under way may take when the worker is asked to stop


class Settings(msgspec.Struct, frozen=True):
    """`home` is the data directory of the installation; `durability` what a record survives: process or power."""

    home: Path
    durability: Literal["process", "power"] = "process"
    metrics_token: str = ""

    @property
    def folder(self) -> Path:
        return self.home / "gateway"


class Running(Protocol):
    """A call under way, as far as a worker must know it: it can be ended."""

    def stopped(self, now: datetime) -> Refused | None:
        """Why it must end now, if it must."""

    def cut(self, why: Refused) -> None:
        """End it now."""


class Gateway:
    """One worker's state. `start` before the first call, `stop` after the last."""

    log = logging.getLogger("pilothouse.gateway")
    providers: Providers
    counters: FileCounters
    spool: Spool

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State(settings.folder)
        self.metrics = Metrics()
        self.breaker = Breaker()
        self.credentials = Credentials(settings.home)
        self.texts = Texts(settings.home)
        self.persons = Persons()
        self.reader = Reader()
        self.running: set[Running] = set()
        self.has_room = True
        self._inspectors: dict[str, tuple[Rules, dict[str, bytes], Inspector | None]] = {}
        self._corpora: dict[str, tuple[dict[str, bytes], dict[str, frozenset[int]]]] = {}
        self.versions = Versions()
        self._ticks = 0
        self._clock: asyncio.Task[None] | None = None
        self._finishing: asyncio.Task[None] | None = None

    # Its life -------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        folder, power = self.settings.folder, self.settings.durability == "power"
        slot = Slot.first_free(folder / "spool")
        self.counters = FileCounters(folder / "counters", slot.number)
        self.spool = mend(slot, self.counters, power=power)
        mend_others(folder / "spool", self.counters, slot.number, power=power)
        self.providers = Providers()
        self.tick()
        self._clock = asyncio.create_task(self._tick_for_ever())

    async def stop(self) -> None:
        """Let calls under way end, cut those that take too long, and hand the spool over."""
        if self._clock:
            self._clock.cancel()
        deadline = asyncio.get_running_loop().time() + LEAVE_SECONDS
        while self.running and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        for call in list(self.running):
            call.cut(Refused("upstream_failed", "The gateway is being stopped.", "Try again."))
        while self.running and asyncio.get_running_loop().time() < deadline + 2:
            await asyncio.sleep(0.05)
        await self.providers.close()
        await self.reader.close()
        if self._finishing:
            await asyncio.wait([self._finishing])
        self.spool.close()
        self.spool.slot.release()
        self.counters.close()

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
                if old := self.spool.rotate_if_due():
                    # Waiting for the disk is done beside the calls; a stop waits for it to end.
                    self._finishing = asyncio.create_task(asyncio.to_thread(self.spool.finish, old))
                    await asyncio.shield(self._finishing)
            except Exception:
                # Whatever is wrong with a file or a figure, the next look comes: a clock that stops would keep a
                # lifted permission in force.
                self.log.exception("a tick failed")

    def tick(self) -> None:
        """Take in new policies, cut what is stopped, write figures down."""
        changed = self.state.refresh()
        self._ticks += 1
        # Losing touch changes no file, so calls are looked at now and then even when nothing changed.
        if changed or self._ticks % 4 == 0:
            self.cut_what_is_stopped()
            self.reader.want(self._reads())
        self.has_room = shutil.disk_usage(self.settings.folder).free >= LEAST_FREE
        if self._ticks % 10 == 0:
            self.providers.sweep()
        if self._ticks % 2 == 0:
            self._figures()
            self.metrics.write(self.settings.folder / "metrics", self.spool.slot.number)

    def _reads(self) -> bool:
        """Does any policy in force have names looked for?"""
        held = (policy.snapshot for policy in self.state.current.by_organisation.values())
        return any(system.inspection.deep for snapshot in held if snapshot for system in snapshot.systems.values())

    def _figures(self) -> None:
        now = datetime.now(UTC)
        metrics = self.metrics
        metrics.set("in_flight", len(self.running))
        metrics.set("open_circuits", len(self.breaker.open(time.monotonic())))
        metrics.set("bad_policy_files_total", self.state.bad_files)
        for organisation, policy in self.state.current.by_organisation.items():
            if policy.snapshot:
                metrics.set("policy_revision", policy.snapshot.revision, organisation=organisation)
                left = (policy.snapshot.not_after - now).total_seconds()
                metrics.set("policy_seconds_left", round(left), organisation=organisation)
            if policy.suspensions:
                silence = (now - policy.suspensions.issued_at).total_seconds()
                metrics.set("control_silence_seconds", round(silence), organisation=organisation)

    def cut_what_is_stopped(self) -> None:
        now = datetime.now(UTC)
        for call in list(self.running):
            if stopped := call.stopped(now):
                self.metrics.count("cut_total", code=stopped.code)
                call.cut(stopped)

    # What calls ask of it -----------------------------------------------------------------------------------------

    def inspector(self, system: SystemPolicy, snapshot: Snapshot) -> Inspector | None:
        """The inspector for a system's rules and its organisation's marked documents, kept while they are the same."""
        rules, marked, kept = self._inspectors.get(system.id, (None, None, None))
        if rules is system.inspection and marked is snapshot.corpora:
            return kept
        if rules != system.inspection or marked != snapshot.corpora:
            looks = _looks(system.inspection)
            kept = Inspector(system.inspection, self._marked(snapshot)) if looks else None
        self._inspectors[system.id] = system.inspection, snapshot.corpora, kept
        return kept

    def _marked(self, snapshot: Snapshot) -> dict[str, frozenset[int]]:
        """The fingerprints of marked documents, unpacked once for all systems of an organisation."""
        packed, prints = self._corpora.get(snapshot.organisation, ({}, {}))
        if packed != snapshot.corpora:
            prints = {name: unpack(data) for name, data in snapshot.corpora.items()}
        self._corpora[snapshot.organisation] = snapshot.corpora, prints
        return prints

    def note(self, record: Settlement, fingerprint: str) -> None:
        """Count a settled call, and notice when a provider answers with another model than it did."""
        metrics, endpoint = self.metrics, record.endpoint
        metrics.count("calls_total", endpoint=endpoint, outcome=f"{record.status // 100}xx")
        metrics.observe("call_seconds", record.latency_ms / 1000, endpoint=endpoint)
        metrics.observe("overhead_seconds", record.overhead_us / 1e6, endpoint=endpoint)
        for kind in ("input", "output", "cache_read", "cache_write", "reasoning"):
            if number := getattr(record.tokens, kind):
                metrics.count("tokens_total", number, kind=kind)
        for kind, number in record.findings.items():
            metrics.count("findings_total", number, kind=kind)
        if record.estimated:
            metrics.count("estimated_total")
        if record.model_reported and (change := self.versions.change(record, fingerprint)) is not None:
            self._tell_change(change)

    def _tell_change(self, change: ModelChange) -> None:
        target = f"{change.upstream}/{change.target}"
        self.metrics.count("model_changes_total", target=target)
        self.log.warning(
            "a provider answers with another model",
            extra={"target": target, "organisation": change.organisation, "before": change.before, "now": change.after},
        )
        with contextlib.suppress(SpoolFull):  # the next call of a full disk is refused; its settlement says the model
            self.spool.append(change)


def _looks(rules: Rules) -> bool:
    """Is there anything to look for? Whatever is not named is counted, so only a full list of exceptions says no."""
    both = (rules.prompt, rules.answer)
    silent = all(kind == "allow" for kinds in both for kind in treatments(kinds, rules.deep).values())
    return not silent or rules.max_answer_bytes is not None
