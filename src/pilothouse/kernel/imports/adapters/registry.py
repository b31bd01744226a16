"""The adapters there are, by key. A new one is a file of its own and one line here."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters import (
    table,
    uk_atrs,
    us_federal_2023,
    us_federal_2024,
    us_federal_2025,
    us_federal_2025_cots,
)
from pilothouse.kernel.imports.draft import Adapter
from pilothouse.kernel.imports.reading import Column

_ALL = (
    us_federal_2025.ADAPTER,
    us_federal_2025_cots.ADAPTER,
    us_federal_2024.ADAPTER,
    us_federal_2023.ADAPTER,
    uk_atrs.ADAPTER,
    table.ADAPTER,
)
ADAPTERS: dict[str, Adapter] = {adapter.key: adapter for adapter in _ALL}


def adapter_of(key: str) -> Adapter:
    """The adapter called `key`; raises Invalid with the ones there are."""
    if key not in ADAPTERS:
        raise Invalid(
            f"There is no kind of file called “{key}”.", fields={"adapter": f"Choose one of {', '.join(ADAPTERS)}."}
        )
    return ADAPTERS[key]


def guess(columns: Sequence[Column]) -> Adapter | None:
    """The adapter that surely knows this file, or None: then it goes through a mapping."""
    best = max(ADAPTERS.values(), key=lambda adapter: adapter.fits(columns))
    return best if best.fits(columns) >= 0.8 else None
