"""Record kinds: which one it is, what of it is asked, who reads and writes it, and what an entry is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from pilothouse.contracts.errors import Forbidden, Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import short_form

KEY = 200  # letters of an entry's name
OPEN = ("system.view", "organisation.view")


def kind_of(kind: str) -> RecordKind:
    """The registered record kind, or NotFound."""
    found = registry.records.get(kind)
    if found is None:
        raise NotFound(f"There is no record kind “{kind}”.")
    return found


def schema_for(kind: RecordKind, system: System | None) -> type[BaseModel]:
    """What is to be filled in: of a low-tier system the short form, else all of it."""
    return short_form(kind.schema) if system is not None and system.tier == "low" else kind.schema


def confidential(kind: RecordKind) -> bool:
    """Is it read by fewer than those who see systems? Then the ledger keeps its hash and not its text."""
    return kind.view not in OPEN


def may_read(actor: Actor, kind: RecordKind, system: System | None) -> bool:
    """May the actor read documents of this kind, about this system or (None) about the organisation?

    What is kept about the organisation is there for whoever sees any of its systems, unless it is confidential.
    """
    if system is not None:
        return actor.may("system.view", system) and actor.may(kind.view, system)
    return actor.scope(kind.view).everywhere or (kind.view == "system.view" and actor.may(kind.view))


def may_write(actor: Actor, kind: RecordKind, system: System | None) -> bool:
    """May the actor write it there? What is kept about the organisation takes the permission everywhere."""
    return actor.may(kind.write, system) if system is not None else actor.scope(kind.write).everywhere


def check_place(actor: Actor, kind: RecordKind, system: System | None) -> None:
    """Is this kind about a system, and is one given; and may the actor write it there? Raises Invalid or Forbidden."""
    if kind.of_system and system is None:
        raise Invalid(f"“{kind.title}” is about a system.", fields={"system": "Say which system it is about."})
    if not kind.of_system and system is not None:
        raise Invalid(f"“{kind.title}” is about the whole organisation.", fields={"system": "Leave this out."})
    actor.require(kind.write, system)
    if not may_write(actor, kind, system):
        raise Forbidden(f"Only someone who holds “{kind.write}” everywhere writes this one.")


def key_said(kind: RecordKind, body: Mapping[str, Any]) -> str:
    """What a body calls its entry. Raises Invalid where it says nothing or too much."""
    key = str(body.get(kind.key) or "").strip()
    if not key or len(key) > KEY:
        raise Invalid(
            "Give it a name first: it is kept under that.",
            fields={kind.key: f"Say something, in at most {KEY} letters."},
        )
    return key


def top_number(keys: Iterable[str]) -> int:
    """The highest number among the keys of a numbered register; 0 where there is none."""
    return max((int(key) for key in keys if key.isdecimal()), default=0)


def title_of(kind: RecordKind, document: Record) -> str:
    """What the ledger calls a version. The key of what is confidential may be somebody's name, so it stays out."""
    named = f" “{document.key}”" if document.key and not confidential(kind) else ""
    return f"{kind.title}{named}, version {document.version}"
