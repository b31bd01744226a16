"""Of which systems a control or a requirement speaks. Pure: facts in, a reason out.

A condition says why something does not apply, or nothing where it does. A fact that nobody has stated never takes
anything away: what is unknown applies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """What conditions may know of a system: its facts in the inventory and its sealed risk classification."""

    stage: str = "unknown"
    impact: str = "unknown"
    personal_data: str = "unknown"
    sourcing: str = "unknown"
    technique: str = ""
    risk_class: str = ""
    role: str = ""


_WRITES = (
    "language", "generat", "agent", "llm", "gpt", "diffusion", "translation", "synthesis", "chat", "speech to text",
    "document understanding", "multimodal", "foundation",
)  # fmt: skip
_CLASSES = {
    "prohibited": "prohibited",
    "high": "high risk",
    "exempt": "exempt by derogation",
    "limited": "limited risk",
    "minimal": "minimal risk",
    "out_of_scope": "out of scope",
}


def _technique(words: Sequence[str], reason: str) -> Callable[[About], str]:
    def judge(about: About) -> str:
        said = about.technique.lower()
        return reason if said and not any(word in said for word in words) else ""

    return judge


def _high_risk(about: About) -> str:
    if about.risk_class in ("", "high", "prohibited"):
        return ""
    return f"it is classified as {_CLASSES.get(about.risk_class, about.risk_class)}"


def _told(about: About) -> str:
    return "it is classified as minimal risk" if about.risk_class == "minimal" else ""


def _role(*roles: str, reason: str) -> Callable[[About], str]:
    def judge(about: About) -> str:
        return reason if about.role and about.role not in roles else ""

    return judge


CONDITIONS: dict[str, tuple[str, Callable[[About], str]]] = {
    "affects_people": (
        "It touches people's rights or safety",
        lambda about: (
            "the inventory says that it touches neither rights nor safety"
            if about.impact in ("neither", "presumed_not")
            else ""
        ),
    ),
    "personal_data": (
        "It uses personal data",
        lambda about: "it uses no personal data" if about.personal_data == "none" else "",
    ),
    "generative": (
        "It writes, draws or speaks",
        _technique(_WRITES, "by its technique it generates nothing"),
    ),
    "agentic": ("It acts as an agent", _technique(("agent",), "by its technique it is no agent")),
    "retrieval": (
        "It retrieves from documents",
        _technique(("retriev", "rag", "search", "agent"), "by its technique it retrieves nothing"),
    ),
    "built": (
        "We built it, or a part of it",
        lambda about: "it was bought and not built here" if about.sourcing in ("buy", "api") else "",
    ),
    "bought": (
        "It comes from a supplier, or a part of it does",
        lambda about: "it was built here" if about.sourcing == "build" else "",
    ),
    "running": (
        "It runs, as a pilot or in production",
        lambda about: "it does not run yet" if about.stage in ("idea", "development") else "",
    ),
    "high_risk": ("It is of high risk, or not yet classified", _high_risk),
    "told": ("People must be told of it, or it is not yet classified", _told),
    "provider": ("We are its provider", _role("provider", "both", reason="we are not its provider")),
    "deployer": ("We are its deployer", _role("deployer", "both", reason="we are not its deployer")),
    "passed_on": (
        "We import or distribute it",
        _role("other", reason="we neither import nor distribute it"),
    ),
}
"""Id → what it is in words, and the judgement: why it does not hold, or nothing."""


def holds(about: About) -> dict[str, str]:
    """Each condition → why it does not hold of the system; empty where it does or nobody has said."""
    return {name: judge(about) for name, (_, judge) in CONDITIONS.items()}


def against(when: Sequence[str], found: dict[str, str]) -> str:
    """Why something with these conditions does not apply, or nothing."""
    return next((found[name] for name in when if found.get(name)), "")
