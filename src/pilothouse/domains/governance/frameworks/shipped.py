"""What ships with Pilothouse: the library of controls and eight frameworks, as data beside this file."""

from __future__ import annotations

import functools
from pathlib import Path

from pilothouse.contracts.canonical import content_hash
from pilothouse.domains.governance.frameworks.documents import (
    Control,
    Framework,
    control_of,
    framework_of,
    yaml_of,
)

LIBRARY = Path(__file__).parent / "library"


@functools.cache
def controls() -> dict[str, Control]:
    """The library's controls by id, in its order."""
    said, lines = yaml_of((LIBRARY / "controls.yaml").read_text(encoding="utf-8"))
    found = [control_of(one, lines) for one in said["controls"]]
    return {control.id: control for control in found}


@functools.cache
def frameworks() -> dict[str, Framework]:
    """The frameworks by id, law first and lists of risks last."""
    found = {}
    for key in ORDER:
        said, lines = yaml_of((LIBRARY / "frameworks" / f"{key}.yaml").read_text(encoding="utf-8"))
        found[key] = framework_of(said, lines)
    return found


@functools.cache
def hashes() -> dict[str, str]:
    """Content hash of each shipped framework, to see whether an adopted one is the same edition."""
    return {key: content_hash(framework.said()) for key, framework in frameworks().items()}


ORDER = (
    "eu_ai_act",
    "gdpr",
    "omb_m25_21",
    "iso_42001",
    "nist_ai_rmf",
    "nist_ai_600_1",
    "owasp_llm_2025",
    "owasp_agentic_2026",
)
