"""Facts and sealed documents made by hand, for tests of judges: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pilothouse.kernel.domain import SystemFacts, registry
from pilothouse.kernel.records.schema import short_form, whole
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_system(**changes: Any) -> SystemFacts:
    """A pilot of the medium tier of which little else is known."""
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    known = {"id": uuid4(), "number": 1, "stage": "pilot", "tier": "medium", "intake": {}, "owner_id": None}
    return replace(SystemFacts(**(empty | known | {"inherited": False, "owner_left": False})), **changes)  # type: ignore[arg-type]


def a_paper(kind: str, body: Mapping[str, Any], *, short: bool = False) -> Sealed:
    """A document of `kind` as it would be sealed today: validated, in JSON's types."""
    spec = registry.records[kind]
    said = whole(short_form(spec.schema) if short else spec.schema, body)
    key = str(said[spec.key]) if spec.key else ""
    return Sealed(uuid4(), kind, 1, f"sha256:{uuid4().hex}", NOW, None, said, key)
