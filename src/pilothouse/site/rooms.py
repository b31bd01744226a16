"""Finding what rooms bring: a room that has a `cli.py` or a `urls.py` is mounted without being named here."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

# A domain that goes deep has rooms of its own (docs/adr/0008-*).
PARENTS = ("pilothouse.web", "pilothouse.domains", "pilothouse.domains.governance", "pilothouse.programme")
DEMO = "pilothouse.demo"


def room_modules(name: str) -> Iterator[tuple[str, ModuleType]]:
    """Every room's module `name`, with the room's name, in a steady order."""
    for parent in PARENTS:
        if importlib.util.find_spec(parent) is None:
            continue
        for info in pkgutil.iter_modules(importlib.import_module(parent).__path__):
            path = f"{parent}.{info.name}.{name}"
            if info.ispkg and importlib.util.find_spec(path) is not None:
                yield info.name, importlib.import_module(path)
    if importlib.util.find_spec(f"{DEMO}.{name}") is not None:
        yield "demo", importlib.import_module(f"{DEMO}.{name}")
