"""Reading incidents under clocks, narrowed to what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.duties.lawbook import Law, read_law, shipped
from pilothouse.domains.governance.duties.models import Case, SentNotice
from pilothouse.domains.governance.duties.rules.clocks import OPEN, Clock, NotAsked, clocks, not_asked
from pilothouse.domains.governance.duties.rules.facts import MOMENTS, Facts
from pilothouse.domains.governance.duties.schemas import DEFAULTS, LAW, NOTICE, RULES
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records

INCIDENT = "mlops.incident"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How one organisation keeps its clocks: its edition of the law, its rules, its time zone."""

    law: Law
    own: Record | None
    rules: Mapping[str, Any]
    zone: ZoneInfo

    @property
    def answers(self) -> dict[str, str]:
        """What holds for every incident unless it says otherwise."""
        known = {question.id for question in self.law.questions}
        said = dict.fromkeys(self.rules["not_capacities"], "no") | dict.fromkeys(self.rules["capacities"], "yes")
        return {key: value for key, value in said.items() if key in known}


def keeping(organisation_id: UUID) -> Keeping:
    """The edition of one's own where one is sealed, else the shipped one; the same of the rules. Two queries."""
    zone = Organisation.objects.values_list("time_zone", flat=True).get(pk=organisation_id)
    rows = Record.objects.filter(organisation_id=organisation_id, kind__in=(RULES, LAW), state="sealed", system=None)
    held = {row.kind: row for row in rows}
    own = held.get(LAW)
    rules = DEFAULTS | (held[RULES].body if RULES in held else {})
    return Keeping(read_law(own.body["text"]) if own else shipped(), own, rules, ZoneInfo(zone))


def cases(actor: Actor) -> QuerySet[Case]:
    """Every case that the actor may see, newest first, with its system and what was sent about it."""
    rows: QuerySet[Case] = Case.objects.of(actor)
    if not actor.scope("duty.view").everywhere:
        rows = rows.filter(system__in=systems(actor, "duty.view").order_by().values("pk"))
    sent = SentNotice.objects.filter(void_at=None)
    return rows.select_related("system__unit", "system__owner").prefetch_related(Prefetch("sent", sent, to_attr="out"))


def case_of(actor: Actor, number: int) -> Case:
    """One case that the actor may see, or NotFound."""
    found = cases(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def facts_in(case: Case) -> Facts:
    """A case's facts, as they were read when they were kept."""
    said: dict[str, Any] = case.facts
    times = {name: datetime.fromisoformat(said[name]) for name in MOMENTS if said.get(name)}
    return Facts(
        member_states=tuple(said.get("member_states", ())),
        place=said.get("place", ""),
        answers=said.get("answers", {}),
        **times,
    )


def sent_at(out: Iterable[SentNotice]) -> dict[str, datetime]:
    """When each clock was stopped: by the first notice that names it."""
    found: dict[str, datetime] = {}
    for notice in out:
        for key in notice.clocks:
            found[key] = min(found.get(key, notice.sent_at), notice.sent_at)
    return found


def out_of(case: Case) -> list[SentNotice]:
    """What was sent about it, oldest first: at hand where it was read with the case."""
    held: list[SentNotice] | None = getattr(case, "out", None)
    return held if held is not None else list(case.sent.filter(void_at=None))


@dataclass(frozen=True, slots=True)
class Standing:
    """A case with its clocks as they stand at a moment."""

    case: Case
    facts: Facts
    clocks: list[Clock]

    @property
    def running(self) -> list[Clock]:
        """Those that apply, govern and were not stopped, the one due first first."""
        return [one for one in self.clocks if one.sure and one.governs and one.state in OPEN]

    @property
    def possible(self) -> list[Clock]:
        """Those that apply or not, as open questions are answered."""
        return [one for one in self.clocks if not one.sure and one.governs and one.state in OPEN]

    @property
    def stopped(self) -> list[Clock]:
        """Those whose notice was sent."""
        return [one for one in self.clocks if one.state not in OPEN]

    @property
    def next(self) -> Clock | None:
        """The clock that is due first; one that only may apply, where none surely does."""
        found = [one for one in (*self.running, *self.possible) if one.target]
        return found[0] if found else None

    @property
    def late(self) -> int:
        return sum(one.state == "late" for one in self.running)


def standing(case: Case, kept: Keeping, now: datetime) -> Standing:
    """The clocks of a case. When it is closed, as they stood then."""
    facts = facts_in(case)
    moment = case.closed_at or now
    return Standing(case, facts, clocks(kept.law, facts, zone=kept.zone, now=moment, sent=sent_at(out_of(case))))


def unasked(case: Case, kept: Keeping) -> list[NotAsked]:
    """What does not apply, and why."""
    return not_asked(kept.law, facts_in(case), kept.zone)


def notices_of(actor: Actor, case: Case) -> list[Record]:
    """The drafts and sealed notices about a case, newest first."""
    rows = records(actor, kind=NOTICE, system=case.system).filter(state__in=("draft", "sealed"))
    return [row for row in rows.order_by("-written_at") if row.body.get("case") == case.number]


def incidents_to_take(actor: Actor) -> list[Record]:
    """Recorded incidents of which no case was opened yet, newest first."""
    taken = Case.objects.of(actor).exclude(source_id=None).values("source_id")
    rows = records(actor, kind=INCIDENT, state="sealed", permission="duty.manage").exclude(pk__in=taken)
    return sorted(rows, key=lambda row: str(row.body["detected"]), reverse=True)[:200]
