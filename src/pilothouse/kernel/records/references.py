"""What bodies refer to: entries of registers, people and systems. Is it there, and what may be chosen?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.kinds import kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import references

STANDS = ("sealed", "draft")
Place = UUID | None
"""The id of the system that something is about; None: the organisation."""


def unresolved(
    actor: Actor, kind: RecordKind, system: System | None, body: Mapping[str, Any], key: str = ""
) -> dict[str, str]:
    """What a body refers to that there is not: dotted path → plain words. A query for each register that is named."""
    found = unresolved_of(actor, kind, [(system, body)], [key])
    return {path.partition(".")[2]: words for path, words in found.items()}


def unresolved_of(
    actor: Actor,
    kind: RecordKind,
    bodies: Sequence[tuple[System | None, Mapping[str, Any]]],
    keys: Iterable[str] = (),
) -> dict[str, str]:
    """The same for many bodies of one kind, which may refer to each other by `keys`; before each path is the place in
    `bodies`. What is about a system is looked for among that system's own entries where the register is of systems."""
    wanted: dict[str, list[tuple[str, Place, str]]] = {}
    for at, (system, body) in enumerate(bodies):
        for path, register, named in references(kind.schema, body):
            wanted.setdefault(register, []).append((f"{at}.{path}", system.pk if system else None, named))
    together = {(system.pk if system else None, key) for (system, _), key in zip(bodies, keys, strict=False)}
    wrong: dict[str, str] = {}
    for register, asked in wanted.items():
        there = _there(actor, register, {named for _, _, named in asked}) | (together if register == kind.id else set())
        everywhere = {named for _, named in there}
        own = kind.of_system and register in registry.records and registry.records[register].of_system
        for path, place, named in asked:
            if (place, named) not in there if own else named not in everywhere:
                wrong.setdefault(path, f"There is no “{named}” {_where(register)}.")
    return wrong


def _there(actor: Actor, register: str, keys: set[str]) -> set[tuple[Place, str]]:
    if register == "person":
        emails = Person.objects.of(actor).filter(email__in=keys).values_list("email", flat=True)
        return {(None, email) for email in emails}
    if register == "unit":
        return {(None, name) for name in Unit.objects.of(actor).filter(name__in=keys).values_list("name", flat=True)}
    if register == "system":
        asked = {int(key) for key in keys if key.isdecimal() and len(key) < 10}
        numbers = System.objects.of(actor).filter(number__in=asked).values_list("number", flat=True)
        return {(None, str(number)) for number in numbers}
    rows = Record.objects.of(actor).filter(kind=register, key__in=keys, state__in=STANDS)
    return set(rows.values_list("system_id", "key"))


def _where(register: str) -> str:
    named = {"person": "among the people", "system": "among the systems", "unit": "among the units"}
    return named.get(register) or f"among “{kind_of(register).heading}” yet: add it there first"
