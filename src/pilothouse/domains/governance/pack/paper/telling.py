"""What the PDF of a pack says, as plain data: every figure and sentence on its pages stands here first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pilothouse.domains.governance.pack.material import Document, Material
from pilothouse.domains.governance.pack.rules import complete, counts, gaps, standing_of
from pilothouse.domains.governance.pack.sections import STATES, Judged, JudgedSection
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.schema import lines

MOST_WORDS = 3_000
MOST_ENTRIES = 40
MOST_EVIDENCE = 100
KINDS_OF_EVENT = {
    "passage": "Passed a gate",
    "restriction": "Restricted",
    "gap": "Dated gap",
    "waiver": "Waiver",
    "break_glass": "Break-glass",
    "incident": "Incident",
    "manifest": "Manifest",
}
FACTS = (
    ("purpose", "Purpose"),
    ("outputs", "What comes out"),
    ("affects", "Whom it affects"),
    ("technique", "Technique"),
    ("sourcing", "Built or bought"),
    ("vendor", "Vendor"),
    ("personal_data", "Personal data"),
    ("impact", "Rights and safety"),
    ("outcome", "Business outcome"),
    ("outcome_metric", "Shown by"),
)


def told(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, Any]:
    """The whole document as JSON's own types."""
    clock = Clock(material.house.time_zone)
    standing = standing_of(material)
    return {
        "organisation": material.house.name,
        "as_of": f"{clock.moment(material.as_of)} ({material.house.time_zone})",
        "as_of_utc": f"{material.as_of:%Y-%m-%d %H:%M:%S} UTC",
        "profile": material.profile,
        "complete": complete(sections),
        "states": [[state, words, counts(sections).get(state, 0)] for state, words in STATES.items()],
        "standing": {"class": standing.risk_class, "roles": sorted(standing.roles), "because": standing.because},
        "system": _system(material, clock),
        "gaps": [_gap(one, section) for one, section in _gaps(sections)],
        "sections": [_section(one) for one in sections],
        "documents": [_document(one, clock) for one in material.documents if one.state == "sealed"],
        "evidence": [_evidence(one) for one in material.evidence[:MOST_EVIDENCE]],
        "more_evidence": max(0, len(material.evidence) - MOST_EVIDENCE),
        "findings": [
            [material.checks.get(one.check, one.check), one.status, one.grade, one.reason, clock.day(one.from_at)]
            for one in material.findings
            if one.to_at is None
        ],
        "rulings": [_ruling(one, clock) for one in material.rulings],
        "events": [_event(one, clock) for one in material.events[:MOST_ENTRIES]],
        "more_events": max(0, len(material.events) - MOST_ENTRIES),
        "usage": _usage(material),
        "history": _history(material, clock),
    }


class Clock:
    """Times as the organisation's clocks show them."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%-d %B %Y, %H:%M}"

    def day(self, at: datetime | None) -> str:
        return spoken(at.astimezone(self._zone).date()) if at else ""


def spoken(day: date | None) -> str:
    """A day in words, or nothing."""
    return f"{day.day} {day:%B %Y}" if day else ""


def _system(material: Material, clock: Clock) -> dict[str, Any]:
    system = material.system
    return {
        "ref": system.ref,
        "name": system.name,
        "stage": system.stage,
        "stage_since": clock.day(system.stage_since),
        "tier": system.tier,
        "control_point": system.control_point,
        "unit": system.unit,
        "owner": system.owner,
        "deputy": system.deputy,
        "facts": [[title, _spelled(name, system.facts.get(name))] for name, title in FACTS],
        "parts": [[one.kind.replace("_", " "), one.name, one.version, one.supplier] for one in system.parts],
        "performance": [
            [one.metric, f"{one.value:f} {one.unit}".strip(), one.population, one.basis, spoken(one.measured_on)]
            for one in system.performance
        ],
    }


def _gaps(sections: tuple[JudgedSection, ...]) -> Iterator[tuple[Judged, JudgedSection]]:
    of = {one.item.id: section for section in sections for one in section.items}
    for one in gaps(sections):
        yield one, of[one.item.id]


def _gap(one: Judged, section: JudgedSection) -> dict[str, Any]:
    who = one.owner or f"the role {one.role}"
    return {"state": one.state, "title": one.item.title, "cite": one.item.cite, "because": one.because, "who": who,
            "section": f"{section.section.id} {section.section.title}"}  # fmt: skip


def _section(one: JudgedSection) -> dict[str, Any]:
    states = Counter(item.state for item in one.items)
    return {
        "id": one.section.id,
        "title": one.section.title,
        "cite": one.section.cite,
        "states": [[state, states[state]] for state in STATES if states[state]],
        "items": [
            {
                "id": item.item.id,
                "title": item.item.title,
                "cite": item.item.cite,
                "state": item.state,
                "because": item.because,
                "sources": [
                    [source.label, source.state, spoken(source.until), short(source.digest)] for source in item.sources
                ],
            }
            for item in one.items
        ],
    }


def _document(one: Document, clock: Clock) -> dict[str, Any]:
    kind = registry.records.get(one.kind)
    domain = registry.domains.get(one.domain)
    said = [
        [line.group, line.title, _words(line.value)]
        for line in (lines(kind.schema, one.body) if kind and one.body is not None else ())
        if line.value
    ]
    return {
        "id": one.id,
        "title": one.title,
        "key": one.key,
        "version": one.version,
        "domain": domain.title if domain else one.domain,
        "sealed": clock.day(one.sealed_at),
        "by": one.sealed_by,
        "until": spoken(one.holds_until),
        "hash": one.hash,
        "intact": one.intact,
        "open": one.body is not None,
        "lines": said,
    }


def _evidence(one: Any) -> list[str]:
    what = one.filename or one.url or ", ".join(f"{name} {value}" for name, value in sorted(one.figure.items()))
    return [one.title, what, one.standing, spoken(one.effective_on), spoken(one.expires_on), one.sha256[:16]]


def _ruling(one: Any, clock: Clock) -> dict[str, Any]:
    return {
        "title": one.title,
        "state": one.state,
        "asked": f"{one.requested_by}, {clock.day(one.requested_at)}"
        if one.requested_by
        else clock.day(one.requested_at),
        "outcome": one.outcome,
        "because": _words(one.because),
        "marks": list(one.marks),
        "signatures": [
            [sign.person, sign.role, sign.verdict, _words(sign.reason), clock.day(sign.signed_at)]
            for sign in one.signatures
        ],
    }


def _event(one: Any, clock: Clock) -> list[str]:
    return [
        KINDS_OF_EVENT.get(one.kind, one.kind),
        _words(one.title),
        clock.day(one.at),
        clock.day(one.until),
        one.state,
    ]


def _usage(material: Material) -> dict[str, Any]:
    """Calls a month, and what models answered. Days without a call are missing, months without one too."""
    usage = material.usage
    months: Counter[str] = Counter()
    for day, figures in usage.days:
        months[f"{day:%Y-%m}"] += figures.get("calls", 0)
    return {
        "since": spoken(usage.since.date()),
        "until": spoken(usage.until.date()),
        "totals": sorted([name, value] for name, value in usage.totals.items()),
        "months": sorted(months.items()),
        "models": [_plain(one) for one in usage.models],
        "refusals": [_plain(one) for one in usage.refusals],
        "findings": [_plain(one) for one in usage.findings],
        "currency": material.house.currency,
    }


def _history(material: Material, clock: Clock) -> dict[str, Any]:
    history = material.history
    return {
        "origin": history.origin,
        "size": history.size,
        "of_system": history.of_system,
        "by_action": [[action.replace("_", " ").replace(".", ": "), many] for action, many in history.by_action],
        "newest": [
            [clock.moment(one.at), one.title, one.who, _words(one.note)] for one in history.newest[:MOST_ENTRIES]
        ],
        "witness": history.witness,
    }


def _plain(one: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): _words(value) for name, value in one.items()}


def short(digest: str) -> str:
    """A hash as people compare it."""
    return digest.removeprefix("sha256:")[:16]


def _spelled(name: str, value: Any) -> str:
    """A fact of the register: of a choice, its words."""
    choices = getattr(System._meta.get_field(name), "choices", None)
    return _words(dict(choices or ()).get(value, value))


def _words(value: Any) -> str:
    """What somebody wrote, cut where it is very long: the whole of it lies in the pack's own files."""
    words = "" if value is None else str(value)
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]} … (the rest is in documents/)"
