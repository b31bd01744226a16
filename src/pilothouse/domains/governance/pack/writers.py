"""Who adds files to a pack: a register, so that a PDF, a bill of materials or a model card is one function elsewhere.

    @writer("model_card")
    def model_card(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
        return {"model-card.md": ...}

A writer is pure and gives the same bytes for the same material: no clock, no settings, no random ids. It writes below
`reports/`. In a redacted pack it is given the redacted material and must add nothing that it was not given. A writer
that fails stops the pack: half a pack would pass for a whole one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pilothouse.domains.governance.pack.material import Material
from pilothouse.domains.governance.pack.sections import JudgedSection

Writer = Callable[[Material, tuple[JudgedSection, ...]], Mapping[str, bytes]]
FOLDER = "reports/"

WRITERS: dict[str, Writer] = {}


def writer(name: str) -> Callable[[Writer], Writer]:
    """Register a writer under a name. Raises ValueError when another has it."""

    def wrap(function: Writer) -> Writer:
        if WRITERS.get(name, function) is not function:
            raise ValueError(f"two writers of packs are called {name}")
        WRITERS[name] = function
        return function

    return wrap


def written(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
    """The files of all writers, by path. Raises ValueError when two write one file, or one writes elsewhere."""
    files: dict[str, bytes] = {}
    for name in sorted(WRITERS):
        for path, data in WRITERS[name](material, sections).items():
            if not path.startswith(FOLDER) or ".." in path or path in files:
                raise ValueError(f"the writer {name} may not write {path}")
            files[path] = data
    return files
