"""Checking the facts of a system against the organisation, and saying them for the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.models import CustomField, System
from pilothouse.kernel.inventory.rules import clean_facts, merged


def cleaned(actor: Actor, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` in stored types, or Invalid naming every field that is wrong. References are not looked up yet."""
    custom = CustomField.objects.of(actor) if "custom" in facts else []
    clean, wrong = clean_facts(facts, custom)
    if wrong:
        raise _invalid(wrong)
    return clean


def check_references(actor: Actor, facts: Mapping[str, Any]) -> dict[str, str]:
    """The names behind the ids of people and units in `facts`. Raises Invalid for one that is unknown or has left."""
    wrong: dict[str, str] = {}
    names: dict[str, str] = {}
    people = {facts[key] for key in ("owner_id", "deputy_id") if facts.get(key)}
    known = {person.pk: person for person in Person.objects.of(actor).filter(pk__in=people)} if people else {}
    for key in ("owner_id", "deputy_id"):
        if not (person_id := facts.get(key)):
            continue
        person = known.get(person_id)
        if person is None:
            wrong[key] = "There is no such person in this organisation."
        elif person.left_at is not None:
            wrong[key] = f"{person.name} has left the organisation."
        else:
            names[key] = person.name
    if unit_id := facts.get("unit_id"):
        unit = Unit.objects.of(actor).filter(pk=unit_id).first()
        if unit is None:
            wrong["unit_id"] = "There is no such unit in this organisation."
        else:
            names["unit_id"] = unit.name
    if wrong:
        raise _invalid(wrong)
    return names


def differences(system: System, clean: Mapping[str, Any]) -> dict[str, Any]:
    """What of `clean` would change the system. Custom fields and intake answers are merged key by key."""
    after = {}
    for key, value in clean.items():
        old = getattr(system, key)
        new = merged(old or {}, value) if FIELDS[key].kind in ("custom", "intake") else value
        if new != old:
            after[key] = new
    return after


def apply(system: System, after: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields on the object and return what they were."""
    before = {key: getattr(system, key) for key in after}
    for key, value in after.items():
        setattr(system, key, value)
    if after.get("owner_id"):
        system.former_owner = None
    system.version += 1
    return before


def told(facts: Mapping[str, Any], names: Mapping[Any, str]) -> dict[str, Any]:
    """The facts as the ledger keeps them: people and units with their name beside the id, since a name may change.

    `names` maps an id, or the field's key, to the name.
    """
    said: dict[str, Any] = {}
    for key, value in facts.items():
        if key in ("owner_id", "deputy_id", "unit_id"):
            name = (names.get(value) or names.get(key, "")) if value else ""
            said[key.removesuffix("_id")] = {"id": value, "name": name} if value else None
        else:
            said[key] = value
    return said


def check_version(current: System, version: int | None) -> None:
    """Raise Conflict unless `version` is the one stored (None skips the question)."""
    if version is not None and version != current.version:
        raise Conflict(
            f"Someone changed {current.ref} while you were editing. Your text is kept; compare and save again.",
            data={"version": current.version},
        )


def _invalid(wrong: Mapping[str, str]) -> Invalid:
    titles = [FIELDS[key].title if key in FIELDS else key for key in wrong]
    return Invalid(f"Please look again at: {', '.join(titles)}.", fields=wrong)
