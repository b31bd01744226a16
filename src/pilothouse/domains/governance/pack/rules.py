"""Judging what a pack holds: is each item there, and does it still hold at the moment? Pure.

An item is never current on a source that has expired: what it rests on is judged by its own dates, and the item is no
better than the worst of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pilothouse.domains.governance.pack.material import Document, Material, Piece
from pilothouse.domains.governance.pack.sections import (
    Contents,
    Item,
    Judged,
    JudgedSection,
    Section,
    Source,
    State,
)
from pilothouse.domains.governance.pack.shown import shown

SOON = timedelta(days=30)
CLASSIFICATION = "governance.risk_classification"
OBLIGATION = "governance.obligation"
_WORST: dict[State, int] = {"current": 0, "due": 1, "stale": 2, "missing": 3}
_ROLES = {"provider": {"provider"}, "deployer": {"deployer"}, "both": {"provider", "deployer"}}
_CLASSES = {"prohibited": "high", "high": "high", "limited": "limited", "minimal": "minimal"}
_SAID: dict[str, State] = {"met": "current", "in_progress": "due", "waived": "due"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the system is in law, as far as anybody said: in which roles we stand, in which class it is, who says so.

    Unknown asks for everything: no role named means both, no class means high.
    """

    roles: frozenset[str] = frozenset({"provider", "deployer"})
    risk_class: str = "unknown"
    because: str = "Nobody has classified it, so everything is asked."

    @property
    def asks_as(self) -> str:
        """The class by which items are asked; one that nobody knows is asked as the highest."""
        return _CLASSES.get(self.risk_class, "high")


def standing_of(material: Material) -> Standing:
    """Class and role from the sealed classification."""
    paper = material.document(CLASSIFICATION)
    if paper is None or paper.body is None:
        return Standing()
    risk_class, role = str(paper.body.get("risk_class") or "unknown"), str(paper.body.get("our_role") or "")
    roles = frozenset(_ROLES.get(role, {"provider", "deployer"}))
    return Standing(roles, risk_class, f"{paper.label}, sealed {paper.sealed_at:%Y-%m-%d}")


def judge(material: Material, contents: Contents, standing: Standing) -> tuple[JudgedSection, ...]:
    """Every section with its items as they came out."""
    return tuple(_judge_section(section, material, standing) for section in contents.sections)


def counts(sections: Iterable[JudgedSection]) -> dict[str, int]:
    """How many items came out how."""
    return dict(Counter(one.state for section in sections for one in section.items))


def complete(sections: Iterable[JudgedSection]) -> bool:
    """Is every item that is asked current, or justified as not applicable?"""
    return not any(section.gaps for section in sections)


def gaps(sections: Iterable[JudgedSection]) -> list[Judged]:
    """What is missing, stale or due, the worst first."""
    found = [one for section in sections for one in section.gaps]
    return sorted(found, key=lambda one: -_WORST[one.state])


def _judge_section(section: Section, material: Material, standing: Standing) -> JudgedSection:
    return JudgedSection(section, tuple(judge_item(item, material, standing) for item in section.items))


def judge_item(item: Item, material: Material, standing: Standing) -> Judged:
    """How one item came out."""
    obligations = list(_obligations(item, material))
    sources = [*obligations, *_documents(item, material), *_checks(item, material), *_evidence(item, material)]
    sources += [*_facts(item, material), *shown(item.shows, material)]
    owner = material.system.owner if item.owner == "owner" else ""
    excused = [one for one in obligations if one.state == "not_applicable"]
    live = [one for one in sources if one.state != "not_applicable"]
    if why := _not_asked(item, material.day, standing, bool(live)):
        return Judged(item, "not_applicable", why, tuple(sources), owner, item.owner)
    if excused and not live:
        return Judged(item, "not_applicable", excused[0].because, tuple(excused), owner, item.owner)
    lacking = _lacking(item, live)
    if lacking:
        return Judged(item, "missing", lacking, tuple(sources), owner, item.owner)
    worst = max(live, key=lambda one: _WORST[one.state])
    because = worst.because if worst.state != "current" else _resting(live)
    return Judged(item, worst.state, because, tuple(sources), owner, item.owner)


def _not_asked(item: Item, today: date, standing: Standing, there: bool) -> str:
    """Why the item is not asked of this system, or the empty string."""
    if not item.roles & standing.roles:
        return f"It is asked of {' and '.join(f'{role}s' for role in sorted(item.roles))}; here we are not one."
    if "any" not in item.classes and standing.asks_as not in item.classes:
        return f"It is asked of {' and '.join(sorted(item.classes))} risk; this system is of {standing.asks_as} risk."
    if item.since is not None and today < item.since and not there:
        return f"It is asked from {item.since.day} {item.since:%B %Y} on."
    return ""


def _lacking(item: Item, live: list[Source]) -> str:
    """What is not there at all, in a sentence, or the empty string."""
    if item.each:
        there = {one.id.partition(":")[0] for one in live if one.kind == "record"}
        absent = [kind for kind in item.records if kind not in there]
        if absent:
            return f"There is no sealed {_spoken(absent[0])}."
    blank = [one for one in live if one.state == "missing"]
    if blank:
        return blank[0].because
    if not live:
        wanted = [_spoken(kind) for kind in item.records] or [f"obligation under Article {a}" for a in item.articles]
        return f"There is no sealed {' or '.join(wanted)}." if wanted else "Nothing shows it."
    return ""


def _spoken(kind: str) -> str:
    return kind.partition(".")[2].replace("_", " ")


def _resting(live: list[Source]) -> str:
    first = min((one.until for one in live if one.until), default=None)
    holds = f", the first until {first:%Y-%m-%d}" if first else ""
    return (
        f"{len(live)} sources hold{holds}." if len(live) != 1 else f"{live[0].label}{holds.replace(' the first', '')}."
    )


def by_date(label: str, since: date | None, until: date | None, today: date) -> tuple[State, str]:
    """How something that holds from one day until another stands today."""
    if until is not None and until < today:
        return "stale", f"{label} held until {until:%Y-%m-%d}."
    if since is not None and since > today:
        return "stale", f"{label} holds from {since:%Y-%m-%d} on only."
    if until is not None and until - SOON <= today:
        return "due", f"{label} holds until {until:%Y-%m-%d}."
    return "current", f"{label} holds."


def _documents(item: Item, material: Material) -> Iterator[Source]:
    for kind in item.records:
        for one in material.holding(kind):
            yield _of_document(one, material.day, "record", f"{kind}:{one.id}")


def _of_document(one: Document, today: date, kind: str, name: str) -> Source:
    until = one.holds_until
    state, because = by_date(one.label, None, until, today)
    if not one.intact:
        state, because = "missing", f"{one.label} is no longer what was sealed."
    return Source(kind, name, one.label, state, because, one.sealed_at.date(), until, one.hash)


def _obligations(item: Item, material: Material) -> Iterator[Source]:
    """Obligations recorded under one of the item's articles, each with its state and its day."""
    for one in material.holding(OBLIGATION) if item.articles else ():
        body = one.body or {}
        if not _cites(str(body.get("citation") or ""), str(body.get("regime") or ""), item):
            continue
        name = f"{OBLIGATION}:{one.id}"
        found = _of_document(one, material.day, "obligation", name)
        if body.get("state") == "not_applicable" and found.state in ("current", "due"):
            why = str(body.get("not_because") or "It does not apply.")
            yield Source("obligation", name, one.label, "not_applicable", why, found.since, found.until, one.hash)
        elif body.get("state") == "open":
            due = str(body.get("due") or "")
            late = bool(due) and due < material.day.isoformat()
            state: State = "missing" if late else "due"
            said = f"“{one.key}” is open{f', due {due}' if due else ''}."
            yield Source("obligation", name, one.label, state, said, found.since, found.until, one.hash)
        else:
            yield found


def _cites(citation: str, regime: str, item: Item) -> bool:
    """Does the citation name one of the item's articles, of the law that the item's own citation names?"""
    law = "gdpr" if "GDPR" in item.cite else "eu_ai_act"
    named = set(re.findall(r"(?:Articles?|Art\.?)\s*(\d+)", citation, re.IGNORECASE))
    return regime == law and bool(named & set(item.articles))


def _checks(item: Item, material: Material) -> Iterator[Source]:
    for check in item.checks:
        said, title = material.said(check), material.checks.get(check, check)
        if said is None:
            continue
        state, because, until = _SAID.get(said.status, "missing"), said.reason, None
        read = [one for one in material.documents if one.id in {ref[1] for ref in said.refs}]
        for one in read:  # what it read may have run out since it was last judged
            held, why = by_date(one.label, None, one.holds_until, material.day)
            until = min(filter(None, (until, one.holds_until)), default=None)
            if _WORST[held] > _WORST[state]:
                state, because = held, why
        yield Source("check", check, title, state, because, said.from_at.date(), until)


def _evidence(item: Item, material: Material) -> Iterator[Source]:
    """Live pieces; one that expired counts only against an item that has none that holds."""
    pieces = {one.id: one for check in (*item.checks, *item.evidence) for one in material.supporting(check)}
    live = [_of_piece(one, material.day) for one in pieces.values() if one.standing in ("current", "expired")]
    holding = [one for one in live if one.state in ("current", "due")]
    yield from holding or live


def _of_piece(one: Piece, today: date) -> Source:
    state, because = by_date(f"“{one.title}”", one.effective_on, one.expires_on, today)
    return Source("evidence", one.id, one.title, state, because, one.effective_on, one.expires_on, one.sha256)


def _facts(item: Item, material: Material) -> Iterator[Source]:
    for name in item.facts:
        system = material.system
        value = system.facts.get(name) if name in system.facts else getattr(system, name, None)
        title = name.replace("_", " ")
        if value:
            yield Source("fact", name, title.capitalize(), "current", f"The register says its {title}.")
        elif not item.articles:
            yield Source("fact", name, title.capitalize(), "missing", f"The register does not say its {title}.")
