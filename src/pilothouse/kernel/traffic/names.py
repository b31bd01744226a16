"""The words that stand for the ids in events: systems, units, keys, people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from pilothouse.contracts.policy.request import person_id
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import GatewayKey

SOURCES = {
    "gateway": "Through the gateway",
    "evaluate": "Asked before acting",
    "guardrail": "Asked by another gateway",
    "otlp": "Seen in telemetry",
    "import": "Seen in a log",
}
NOBODY = {"system": "No system", "unit": "No unit", "person": "Nobody named", "key": "No key"}


@dataclass(frozen=True, slots=True)
class Name:
    """What to call a value; `number` is a system's, for its page."""

    text: str
    number: int | None = None


def names(actor: Actor, dimension: str, values: Iterable[str]) -> dict[str, Name]:
    """The names of these values of a dimension, in one query. What is no longer known keeps the start of its id."""
    wanted = set(values)
    found = {value: Name(NOBODY.get(dimension, "Not said")) if not value else Name(value) for value in wanted}
    if dimension == "source":
        return found | {value: Name(SOURCES.get(value, value)) for value in wanted}
    if dimension == "person":
        return found | _people(actor, wanted)
    ids = {UUID(value) for value in wanted if is_id(value)}
    if dimension not in ("system", "unit", "key"):
        return found
    found |= {str(one): Name(f"No longer here ({str(one)[-6:]})") for one in ids}
    if dimension == "system":
        systems = System.objects.of(actor).filter(pk__in=ids).values_list("pk", "number", "name")
        return found | {str(pk): Name(f"S-{number} {name}", number) for pk, number, name in systems}
    if dimension == "unit":
        units = Unit.objects.filter(organisation_id=actor.organisation_id, pk__in=ids).values_list("pk", "name")
        return found | {str(pk): Name(name) for pk, name in units}
    keys = GatewayKey.objects.of(actor).filter(pk__in=ids).values_list("pk", "name")
    return found | {str(pk): Name(name) for pk, name in keys}


def _people(actor: Actor, wanted: set[str]) -> dict[str, Name]:
    """People are hashes in events: those of the directory are found again by their address or id."""
    organisation = str(actor.organisation_id)
    found = {value: Name(f"Person {value[:6]}") for value in wanted if value}
    for pk, name, email in Person.objects.filter(organisation_id=organisation).values_list("pk", "name", "email"):
        for told in (email, str(pk)):
            hashed = person_id(organisation, told) if told else ""
            if hashed in found:
                found[hashed] = Name(name)
    return found


def is_id(text: str) -> bool:
    """Whether `text` is a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
