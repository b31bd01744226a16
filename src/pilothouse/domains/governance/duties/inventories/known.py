"""What is known of a system when it is told to an authority. Pure values; reading.py fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """A system: facts of the register, what was said of practices, documents, and the row it was imported from.

    `raw` are the cells of that row as they stood and `told` what was understood of them: while the register still says
    the same, the source's own words go out again.
    """

    number: int
    facts: Mapping[str, Any]
    units: tuple[str, ...] = ()
    code: str = ""
    external: str = ""
    published: Mapping[str, Any] | None = None
    implemented: Mapping[str, Any] | None = None
    practices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)

    def unchanged(self, key: str, present: Any) -> bool:
        """Does the register still say what the source's row told under this key?"""
        return key in self.told and bool((self.told[key] or "") == (present or ""))
