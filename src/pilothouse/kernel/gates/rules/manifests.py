"""What a production sign-off approves, as a document, and what a difference between two means under the rulebook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.kernel.checks.rulebook import RulebookBody

COMPONENTS = ("model", "agent", "data_source", "tool", "vendor", "prompt")
EXPOSURE = ("affects", "personal_data", "impact", "sourcing", "unit", "acts_alone", "outside_people")
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what kind of component, which, what happened to it, and what the rulebook then asks."""

    component: str
    name: str
    change: str
    before: str
    after: str
    then: str

    @property
    def sentence(self) -> str:
        if self.component == "exposure":
            return f"Who is exposed changed ({self.name}): from “{self.before}” to “{self.after}”."
        what = {"data_source": "data source"}.get(self.component, self.component)
        if self.change == "added":
            return f"The {what} {' '.join([self.name, self.after]).strip()} was added."
        if self.change == "removed":
            return f"The {what} {self.name} was removed."
        return f"The {what} {self.name} changed from “{self.before}” to “{self.after}”."


def manifest_body(
    components: Iterable[tuple[str, str, str]], vendor: str, prompts: Mapping[str, str], exposure: Body
) -> Body:
    """The document: (kind, name, version) of each component, the vendor named on the system, prompts by the hash of
    their text, and to whom and how the system is exposed."""
    body: Body = {kind: [] for kind in COMPONENTS}
    for kind, name, version in components:
        body[kind].append({"name": name, "version": version})
    if vendor:
        body["vendor"].append({"name": vendor, "version": ""})
    for key, text in prompts.items():
        digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        body["prompt"].append({"name": key, "version": digest})
    for kind in COMPONENTS:
        unique = {(row["name"], row["version"]) for row in body[kind]}
        body[kind] = [{"name": name, "version": version} for name, version in sorted(unique)]
    body["exposure"] = {key: exposure.get(key) or "" for key in EXPOSURE}
    return body


def manifest_changes(old: Body, new: Body, rulebook: RulebookBody) -> list[Change]:
    """How `new` differs from the approved `old`, each difference with its consequence."""
    changes = []
    for kind in COMPONENTS:
        changes += _component_changes(kind, _versions(old, kind), _versions(new, kind), rulebook)
    before, after = old.get("exposure", {}), new.get("exposure", {})
    for key in EXPOSURE:
        was, becomes = str(before.get(key, "")), str(after.get(key, ""))
        if was != becomes:
            change = "added" if becomes else "removed"
            then = rulebook.consequence("exposure", change)
            changes.append(Change("exposure", key.replace("_", " "), change, was, becomes, then))
    return changes


def _versions(body: Body, kind: str) -> dict[str, str]:
    """Name → versions in use, joined: a system may use two versions of one model."""
    found: dict[str, list[str]] = {}
    for row in body.get(kind, []):
        found.setdefault(row["name"], []).append(row["version"])
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _component_changes(
    kind: str, old: Mapping[str, str], new: Mapping[str, str], rulebook: RulebookBody
) -> list[Change]:
    changes = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            change = "added"
        elif name not in new:
            change = "removed"
        elif old[name] != new[name]:
            change = "version"
        else:
            continue
        then = rulebook.consequence(kind, change)
        changes.append(Change(kind, name, change, old.get(name, ""), new.get(name, ""), then))
    return changes


def needs_signature(changes: Iterable[Change]) -> bool:
    return any(change.then == "resign" for change in changes)
