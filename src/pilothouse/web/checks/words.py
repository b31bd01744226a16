"""A rulebook in plain words, for pages, the API and the CLI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from pilothouse.kernel.access.models import Role
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.checks.rulebook import (
    GATES,
    TIERS,
    ChangeKind,
    ComponentKind,
    GateKey,
    RulebookBody,
    TierKey,
)
from pilothouse.kernel.checks.rules import asks_of
from pilothouse.kernel.domain import Check, Grade, registry

GATE_TITLES: dict[GateKey, str] = {
    "development": "Development",
    "pilot": "Pilot",
    "production": "Production",
    "retirement": "Retirement",
}
GATE_LEADS: dict[GateKey, str] = {
    "development": "Before anything is built, trained or bought.",
    "pilot": "Before real people try it.",
    "production": "Before people come to rely on it. Everything the earlier gates asked is asked again.",
    "retirement": "Before it is taken away.",
}
TIER_TITLES: dict[TierKey, str] = {"low": "Low", "medium": "Medium", "high": "High"}
COMPONENTS: dict[ComponentKind, str] = {
    "model": "A model",
    "agent": "An agent",
    "data_source": "A data source",
    "tool": "A tool",
    "vendor": "A vendor",
    "prompt": "A prompt",
    "exposure": "Who can reach it",
}
CHANGES: dict[ChangeKind, str] = {
    "added": "is added",
    "removed": "is taken away",
    "version": "gets a new version",
    "provider_update": "is changed by its provider",
}
CONSEQUENCES = {"nothing": "Nothing", "notify": "Tell the signers", "resign": "Sign anew"}
# What can happen to what: a prompt is not updated by a provider, and an exposure has no version.
POSSIBLE: tuple[tuple[ComponentKind, ChangeKind], ...] = tuple(
    (component, change)
    for component in get_args(ComponentKind)
    for change in get_args(ChangeKind)
    if change in ("added", "removed")
    or (change == "version" and component in ("model", "agent", "data_source", "tool", "prompt"))
    or (change == "provider_update" and component in ("model", "vendor"))
)


@dataclass(frozen=True, slots=True)
class AskLine:
    """One row of a gate's table: a check and the grade asked of each tier (None: not asked)."""

    check_id: str
    check: Check | None
    grades: tuple[Grade | None, ...]

    @property
    def title(self) -> str:
        return self.check.title if self.check else self.check_id


@dataclass(frozen=True, slots=True)
class GateWords:
    """A gate as a page shows it."""

    key: GateKey
    title: str
    lead: str
    lines: tuple[AskLine, ...]
    signers: tuple[tuple[TierKey, str], ...]


def gate_words(body: RulebookBody, titles: dict[str, str], *, every: bool = False) -> list[GateWords]:
    """The gates; with `every`, each has a row for every check there is, asked or not."""
    return [_gate(body, gate, titles, every) for gate in GATES]


def _gate(body: RulebookBody, gate: GateKey, titles: dict[str, str], every: bool) -> GateWords:
    asked = {tier: asks_of(body, (gate,), tier) for tier in TIERS}
    named = dict.fromkeys(check_id for tier in reversed(TIERS) for check_id in asked[tier])
    ids = dict.fromkeys([*registry.checks, *named]) if every else named
    lines = tuple(
        AskLine(
            check_id,
            registry.checks.get(check_id),
            tuple(asked[tier][check_id].grade if check_id in asked[tier] else None for tier in TIERS),
        )
        for check_id in ids
    )
    signers = tuple((tier, signers_words(body.gates.of(gate).signers.of(tier), titles)) for tier in TIERS)
    return GateWords(gate, GATE_TITLES[gate], GATE_LEADS[gate], lines, signers)


def signers_words(groups: Sequence[Sequence[str]], titles: dict[str, str]) -> str:
    """“Chief AI Officer; and Legal or Risk”; nobody when the list is empty."""
    if not groups:
        return "Nobody: the checks decide"
    return "; and ".join(" or ".join(titles.get(role, role) for role in group) for group in groups)


def role_titles(organisation_id: UUID) -> dict[str, str]:
    """Role key → title in this organisation."""
    titles = {key: title for key, (title, _) in ROLES.items()}
    titles.update(Role.objects.filter(organisation_id=organisation_id).values_list("key", "title"))
    return titles


def limits_words(body: RulebookBody, titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Deadlines, waivers, emergencies and decisions as (what, how)."""
    lone = body.lone_decider
    yield (
        "Gaps of a system found running",
        f"closed within {_days(body.inherited_days.high)} (high or unknown tier), {_days(body.inherited_days.medium)}"
        f" (medium), {_days(body.inherited_days.low)} (low)",
    )
    yield (
        "Evidence counts for",
        f"{_days(body.fresh_days.high)} (high), {_days(body.fresh_days.medium)} (medium),"
        f" {_days(body.fresh_days.low)} (low)",
    )
    yield (
        "A waiver",
        f"lasts at most {_days(body.waivers.max_days)}, is renewed "
        f"{'once' if body.waivers.renewals else 'never'}, and is decided by the role that the check protects",
    )
    never = ", ".join(registry.checks[c].title if c in registry.checks else c for c in body.waivers.never)
    yield "Never waived", never or "every check may be waived"
    yield (
        "Break-glass",
        f"{_roles(body.break_glass.roles, titles)} may permit a system for {body.break_glass.hours} hours; "
        f"another of them ratifies within {body.break_glass.ratify_hours} hours; never a prohibited use",
    )
    yield (
        "One person alone",
        f"may approve for the {' and the '.join(lone.tiers)} tier after {lone.after_hours} hours, marked so, for an "
        "outside reviewer to countersign"
        if lone.tiers
        else "never approves; two people always do",
    )
    yield (
        "A decision waits",
        f"{_days(body.decisions.days.high)} (high), {_days(body.decisions.days.medium)} (medium), "
        f"{_days(body.decisions.days.low)} (low); then it goes to "
        + (", then ".join(titles.get(role, role) for role in body.decisions.escalate) or "nobody"),
    )


def material_words(body: RulebookBody) -> list[tuple[str, str, str]]:
    """(component, change, what it leads to) for every change there can be."""
    return [
        (COMPONENTS[component], CHANGES[change], CONSEQUENCES[body.consequence(component, change)])
        for component, change in POSSIBLE
    ]


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _roles(keys: Sequence[str], titles: dict[str, str]) -> str:
    return " or ".join(titles.get(key, key) for key in keys) or "Nobody"
