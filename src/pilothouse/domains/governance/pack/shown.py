"""What the house itself keeps and a pack shows: the ledger, findings, gates, calls. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pilothouse.domains.governance.pack.material import Event, Material
from pilothouse.domains.governance.pack.sections import Source, State


def shown(names: tuple[str, ...], material: Material) -> Iterator[Source]:
    """A source for each thing of the house's own that an item asks to see."""
    for name in names:
        state, because = _SHOWN[name](material)
        yield Source("register", name, name.capitalize(), state, because)


Said = tuple[State, str]


def _ledger(material: Material) -> Said:
    count = material.history.of_system
    return ("current", f"{count} entries, each with its proof.") if count else ("missing", "The ledger has no entry.")


def _history(material: Material) -> Said:
    changes = sum(many for action, many in material.history.by_action if action.startswith(("system.", "component.")))
    return "current", f"{changes} changes of its entry."


def _accesses(material: Material) -> Said:
    return "current", f"{len(material.history.accesses)} times a pack was sealed or fetched before this one."


def _usage(material: Material) -> Said:
    calls = material.usage.totals.get("calls", 0)
    if calls:
        return "current", f"{calls} calls were seen."
    if material.system.stage not in ("pilot", "production"):
        return "not_applicable", "It is not running, so there are no calls."
    return "missing", "It runs, and no call of it was ever seen."


def _policy(material: Material) -> Said:
    if material.policy.rules:
        return "current", f"In the signed snapshot, revision {material.policy.revision}."
    if material.system.stage not in ("pilot", "production"):
        return "not_applicable", "It is not running, so it may call nothing."
    return "missing", "No signed snapshot says what it may call."


def _running(event: Event) -> bool:
    return event.state == "approved"


def _manifest(material: Material) -> Said:
    held = [one for one in material.events_of("manifest") if _running(one)]
    if held:
        return "current", f"{held[0].title}, is approved."
    if material.system.stage != "production":
        return "not_applicable", "It is not in production, so no manifest is approved yet."
    return "missing", "It is in production without an approved manifest."


def _gates(material: Material) -> Said:
    passed = [one for one in material.events_of("passage") if one.state == "gate"]
    if passed:
        return "current", f"It passed {len(passed)} gates, each with its signatures."
    if material.system.stage in ("idea", "development", "unknown") and not material.system.inherited_at:
        return "not_applicable", "It has not come to a gate yet."
    return "missing", "It runs without having passed a gate."


def _findings(material: Material) -> Said:
    checks = {one.check for one in material.findings}
    return ("current", f"{len(checks)} checks say something.") if checks else ("missing", "No check was ever judged.")


def _incidents(material: Material) -> Said:
    held = (*material.events_of("incident"), *material.holding("mlops.incident"))
    return "current", f"{len(held)} incidents are on record."


def _keys(material: Material) -> Said:
    witness = material.history.witness
    if witness:
        return "current", f"Checkpoints are kept outside by {witness}."
    return "current", "No witness outside keeps the checkpoints, so whoever runs this could rewrite the log."


def _sealed(material: Material) -> Said:
    broken = [one for one in material.documents if not one.intact]
    if broken:
        return "missing", f"{broken[0].label} is no longer what was sealed."
    return "current", f"{len(material.documents)} sealed versions are what was sealed."


_SHOWN: dict[str, Callable[[Material], Said]] = {
    "ledger": _ledger,
    "history": _history,
    "accesses": _accesses,
    "usage": _usage,
    "policy": _policy,
    "manifest": _manifest,
    "gates": _gates,
    "findings": _findings,
    "incidents": _incidents,
    "keys": _keys,
    "sealed": _sealed,
}
