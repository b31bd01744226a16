"""What the gateway may do: the policies that it verified, swapped in by changing one reference.

The control plane writes signed files for each organisation. Each is looked at twice a second, verified, and kept as
the *last good* one in a folder of the gateway's own, so that a damaged file, or a restart without the control plane,
takes nothing away. Nobody's policy is loosened by putting an older file back: revisions only rise.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from pilothouse.contracts.policy.envelope import BadEnvelope, public_keys, supersedes, unseal
from pilothouse.contracts.policy.snapshot import (
    PUBLIC_KEYS_FILE,
    SNAPSHOT_FILE,
    SUSPENSIONS_FILE,
    KeyPolicy,
    Snapshot,
    Suspensions,
)

log = logging.getLogger("pilothouse.gateway")
D = TypeVar("D", Snapshot, Suspensions)
Stamp = tuple[int, int, int]


class Policy(msgspec.Struct, frozen=True):
    """One organisation's rules; either part is None until one was verified."""

    snapshot: Snapshot | None = None
    suspensions: Suspensions | None = None


NOTHING = Policy()


class Policies:
    """All organisations' rules at one moment, never changed once made."""

    def __init__(self, by_organisation: dict[str, Policy]) -> None:
        self.by_organisation = by_organisation
        self._by_key = {
            key: policy
            for policy in by_organisation.values()
            if policy.snapshot is not None
            for key in policy.snapshot.keys
        }
        # Who shows an unknown key is told so by whatever policy is good for longest.
        known = [policy for policy in by_organisation.values() if policy.snapshot and policy.suspensions]
        self._any = max(known, key=lambda policy: policy.snapshot.not_after, default=NOTHING)  # type: ignore[union-attr]

    def of_key(self, key: str) -> Policy:
        """The rules that hold for the key with this hash."""
        return self._by_key.get(key, self._any)

    def key(self, key: str) -> KeyPolicy | None:
        policy = self._by_key.get(key)
        return policy.snapshot.keys[key] if policy and policy.snapshot else None


class State:
    """The files in `folder` and what was read from them. `current` is the reference that is swapped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good = folder / "good"
        self._stamps: dict[Path, Stamp] = {}
        self.bad_files = 0
        self.current = Policies({})

    def refresh(self) -> bool:
        """Look for changed files and take in those that are good. True when anything changed."""
        keys_changed = self._changed(self._folder / PUBLIC_KEYS_FILE)
        if keys_changed:
            self._stamps = {path: stamp for path, stamp in self._stamps.items() if path.name == PUBLIC_KEYS_FILE}
        trusted = self._trusted() if keys_changed or self._any_changed() else []
        if not trusted:
            return False
        held = dict(self.current.by_organisation)
        for name in self._organisations():
            before = held.get(name, NOTHING)
            snapshot = self._take(Snapshot, name, SNAPSHOT_FILE, before.snapshot, trusted)
            suspensions = self._take(Suspensions, name, SUSPENSIONS_FILE, before.suspensions, trusted)
            if snapshot is not before.snapshot or suspensions is not before.suspensions:
                held[name] = Policy(snapshot, suspensions)
        if held == self.current.by_organisation and all(
            held[name] is policy for name, policy in self.current.by_organisation.items()
        ):
            return False
        self.current = Policies(held)
        return True

    def _organisations(self) -> list[str]:
        """Folders with documents, the gateway's own copies too: a control plane may be gone for a while."""
        names = {path.parent.name for path in self._folder.glob(f"*/{SNAPSHOT_FILE}")}
        return sorted(names | {path.parent.name for path in self._good.glob(f"*/{SNAPSHOT_FILE}")})

    def _any_changed(self) -> bool:
        return any(
            self._stamps.get(place / name / file) != stamp(place / name / file)
            for name in self._organisations()
            for place in (self._folder, self._good)
            for file in (SNAPSHOT_FILE, SUSPENSIONS_FILE)
        )

    def _changed(self, path: Path) -> bool:
        """Has the file changed since it was last looked at? Asking counts as looking."""
        now = stamp(path)
        if now == self._stamps.get(path):
            return False
        if now is None:
            self._stamps.pop(path, None)
            return False
        self._stamps[path] = now
        return True

    def _trusted(self) -> list[bytes]:
        try:
            return public_keys((self._folder / PUBLIC_KEYS_FILE).read_text())
        except (OSError, UnicodeDecodeError, BadEnvelope) as error:
            self._complain(PUBLIC_KEYS_FILE, error)
            return []

    def _take(self, want: type[D], name: str, file: str, held: D | None, trusted: Iterable[bytes]) -> D | None:
        """What is to be held of this kind: the newest good document among the two places and what is held."""
        for place in (self._good, self._folder):
            path = place / name / file
            if not self._changed(path):
                continue
            try:
                data = path.read_bytes()
                found = unseal(data, want, trusted)
            except (OSError, BadEnvelope) as error:
                self._complain(f"{name}/{file}", error)
                continue
            if found.organisation != name or not supersedes(found, held):
                continue
            held = found
            if place == self._folder:
                self._keep(name, file, data)
        return held

    def _keep(self, name: str, file: str, data: bytes) -> None:
        """Remember a good file. Workers may do so at the same time, so each writes under a name of its own."""
        path = self._good / name / file
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f".{file}.{os.getpid()}")
        unfinished.write_bytes(data)
        unfinished.replace(path)
        self._changed(path)

    def _complain(self, what: str, error: Exception) -> None:
        self.bad_files += 1
        log.error("policy file not taken", extra={"file": what, "error": str(error)})


def stamp(path: Path) -> Stamp | None:
    """What changes whenever a file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
