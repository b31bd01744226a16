"""A notice's fields from what is known already: the facts, the inventory, what was sent to others. Pure but for one
look at the system. What nobody knows is left open, never guessed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pilothouse.domains.governance.duties.rules.clocks import Clock
from pilothouse.domains.governance.duties.rules.facts import MOMENTS, Facts
from pilothouse.domains.governance.duties.selectors.cases import Keeping, Standing, out_of

_TOLD = ("occurred_at", "aware_at", "causal_link_suspected_at", "causal_link_established_at", "resolved_at")


def filled(stand: Standing, clock: Clock, kind: str, kept: Keeping) -> dict[str, Any]:
    """The body of a draft for one clock."""
    case, facts = stand.case, stand.facts
    body: dict[str, Any] = {
        "case": case.number,
        "kind": kind,
        "to": clock.to[:200],
        "under": f"{kept.law.regimes[clock.row.regime].title}, {clock.row.cite}"[:200],
        "clocks": [one.key for one in stand.clocks if _same(one, clock)],
        "provider": _provider(stand),
        "system": _system(stand),
        "where": "; ".join([*facts.member_states, *([facts.place] if facts.place else [])]) or None,
        "when": _when(facts, kept.zone),
        "limbs": _limbs(facts, kept),
        "harm": case.title,
        "cause": _cause(facts, kept.zone),
        "others": _others(stand) or None,
    }
    return {key: value for key, value in body.items() if value not in (None, "")}


def local(at: datetime, zone: ZoneInfo) -> str:
    """A time as people of that zone read it, with its offset."""
    return f"{at.astimezone(zone):%-d %B %Y %H:%M (UTC%z)}"


def _same(one: Clock, other: Clock) -> bool:
    """Does one notice answer both? The same law, addressee, place and step."""
    return (one.row.regime, one.to, one.place, one.step.id) == (
        other.row.regime, other.to, other.place, other.step.id,
    )  # fmt: skip


def _provider(stand: Standing) -> str:
    system = stand.case.system
    made = [f"Vendor: {system.vendor}"] if system.vendor else []
    owner = [f"Contact: {system.owner.name}, {system.owner.email}"] if system.owner else []
    return "\n".join([*made, *owner, *([system.contact] if system.contact else [])])


def _system(stand: Standing) -> str:
    system = stand.case.system
    said = [f"{system.name} ({system.ref} in our register, version {system.version} of its entry)"]
    said += [f"Technique: {system.technique}"] if system.technique else []
    said += [f"Purpose: {system.purpose}"] if system.purpose else []
    return "\n".join(said)


def _when(facts: Facts, zone: ZoneInfo) -> str:
    return "\n".join(f"{MOMENTS[name]}: {local(at, zone)}" for name in _TOLD if (at := facts.moment(name)))


def _limbs(facts: Facts, kept: Keeping) -> str:
    yes = [q for q in kept.law.questions if q.group != "capacity" and facts.answer(q.id) == "yes"]
    open_ = [q for q in kept.law.questions if q.group == "limb" and facts.answer(q.id) == "unknown"]
    said = [f"{q.title}. {q.help}".strip() for q in yes]
    return "\n".join([*said, *(f"Not known yet: {q.title[0].lower()}{q.title[1:]}." for q in open_)])


def _cause(facts: Facts, zone: ZoneInfo) -> str | None:
    if facts.causal_link_established_at:
        return f"A causal link was established on {local(facts.causal_link_established_at, zone)}."
    if facts.causal_link_suspected_at:
        return f"A causal link is suspected since {local(facts.causal_link_suspected_at, zone)}."
    return None


def _others(stand: Standing) -> str:
    out = out_of(stand.case)
    return "\n".join(f"{one.to}, {one.sent_at:%-d %B %Y}{f', {one.receipt}' if one.receipt else ''}" for one in out)
