"""Reading: the editions of an organisation, a system's facts, and whom a change of the rules concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pilothouse.contracts.errors import PilothouseError
from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.kinds import RULE_SET
from pilothouse.domains.governance.classifier.rules.law import RuleSet
from pilothouse.domains.governance.classifier.rules.sealing import facts_of, from_facts
from pilothouse.domains.governance.facts import CLASSIFICATION
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of one system that carry its classification; `facts` are those of the draft, else of the sealed."""

    draft: Record | None
    sealed: Record | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rerun:
    """A sealed classification reckoned again. `changed` names the laws whose rules differ from those it was sealed
    under, `differs` what comes out otherwise: (what it was, what it would be)."""

    system: System
    record: Record
    changed: tuple[str, ...]
    differs: tuple[tuple[str, str], ...]
    was: str
    now: str
    fault: str = ""

    @property
    def affected(self) -> bool:
        return bool(self.differs or self.fault)


def rule_sets_of(organisation_id: UUID) -> tuple[RuleSet, ...]:
    """The law as the organisation reads it: its own sealed editions, and what ships where it has none. One query."""
    found = {one.id: one for one in library.shipped()}
    rows = Record.objects.filter(organisation_id=organisation_id, kind=RULE_SET, state="sealed")
    for body in rows.values_list("body", flat=True):
        read = library.rule_set(str(body.get("text", "")))
        found[read.id] = read
    return tuple(found[name] for name in sorted(found))


def papers_of(actor: Actor, system: System) -> Papers:
    """The draft and the sealed classification of a system. Raises NotFound where the actor may not see it."""
    actor.require("system.view", system)
    rows = records(actor, kind=CLASSIFICATION, system=system)
    held = {row.state: row for row in rows.filter(state__in=("draft", "sealed"))}
    draft, sealed = held.get("draft"), held.get("sealed")
    newest = draft or sealed
    return Papers(draft, sealed, facts_of(newest.body) if newest else {})


def rerun(actor: Actor) -> list[Rerun]:
    """Every sealed classification that carries facts, reckoned again under the rules of now; those that come out
    otherwise first. Two queries, whatever the number of systems."""
    return reckon_again(list(records(actor, kind=CLASSIFICATION, state="sealed")), rule_sets_of(actor.organisation_id))


def reckon_again(sealed: Sequence[Record], rule_sets: Sequence[RuleSet]) -> list[Rerun]:
    """The same for given documents and rules."""
    found = [
        _again(row, row.system, rule_sets)
        for row in sealed
        if row.system and (row.body.get("from_facts") or {}).get("facts")
    ]
    return sorted(found, key=lambda one: (not one.affected, not one.changed, one.system.number))


def _again(row: Record, system: System, rule_sets: Sequence[RuleSet]) -> Rerun:
    said = row.body["from_facts"]
    before = {line.split(" ", 1)[0]: line.rsplit(" ", 1)[-1] for line in said["rules"]}
    changed = tuple(one.document.title for one in rule_sets if before.get(one.id) != one.hash)
    was = str(row.body["risk_class"])
    try:
        found = public.classify(facts_of(row.body), rule_sets=rule_sets, what_if=False)
    except PilothouseError as error:
        fault = f"{error.detail} {', '.join(error.fields)}".strip()
        return Rerun(system, row, changed, (), was, "", fault)
    old = {line.split(": ", 1)[0]: line.split(": ", 1)[-1] for line in said["result"]}
    new = {line.split(": ", 1)[0]: line.split(": ", 1)[-1] for line in from_facts(found)["result"]}
    differs = tuple(
        (f"{name}: {old.get(name, 'not asked')}", f"{name}: {new.get(name, 'no longer asked')}")
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    )
    return Rerun(system, row, changed, differs, was, found.risk_class)
