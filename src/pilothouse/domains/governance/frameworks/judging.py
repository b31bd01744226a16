"""Reading what shows controls, for many systems in a constant number of queries, and judging it purely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.frameworks.conditions import About, against, holds
from pilothouse.domains.governance.frameworks.documents import Control
from pilothouse.domains.governance.frameworks.library_of import Library
from pilothouse.domains.governance.frameworks.models import ControlSetting, EvidenceLink
from pilothouse.domains.governance.frameworks.rules import Item, Standing, standing
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.domain import Grade, Status, registry
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record

OUT = ("retired", "rejected")
"""Stages of systems that nothing is asked of any more."""
MANY = 900
"""More ids than this are not sent one by one: all systems are read, and the others left aside."""
ENDS = ("review_by", "valid_until", "next_test")
"""The fields in which documents say how long they hold."""
_ABOUT = ("pk", "stage", "impact", "personal_data", "sourcing", "technique")


@dataclass(slots=True)
class Judged:
    """One system's controls on a day, and its conditions: why one does not hold, or nothing."""

    about: About
    found: dict[str, str]
    standings: dict[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is settled of a control, for a system or for the organisation."""

    every: int | None
    not_applicable: str
    until: date | None
    owner_id: UUID | None

    def reason(self, today: date) -> str:
        """Why it does not apply today, or nothing."""
        return self.not_applicable if self.until is None or self.until >= today else ""


Settings = Mapping[tuple[UUID | None, str], Setting]


def settings_of(organisation_id: UUID) -> Settings:
    """(system or None, control) → what is settled. One query."""
    rows = ControlSetting.objects.filter(organisation_id=organisation_id).values_list(
        "system_id", "control", "every", "not_applicable", "not_applicable_until", "owner_id"
    )
    return {
        (system, control): Setting(every, because, until, owner)
        for system, control, every, because, until, owner in rows
    }


def judge_systems(
    organisation_id: UUID, library: Library, today: date, system_ids: Iterable[UUID] | None = None
) -> dict[UUID, Judged]:
    """Every control of each system (None: all that are not retired) on a day. Nine queries, however many systems."""
    wanted = None if system_ids is None else frozenset(system_ids)
    asked = None if wanted is None or len(wanted) > MANY else list(wanted)
    controls = library.of_systems
    systems = _systems(organisation_id, asked, wanted)
    items = _items(organisation_id, controls, asked)
    settled = settings_of(organisation_id)
    for system_id, judged in systems.items():
        about = items.get(system_id, _NOTHING)
        for control in controls:
            judged.standings[control.id] = _judge(
                control, about.get(control.id, ()), settled, system_id, judged.found, today
            )
    return systems


_NOTHING: Mapping[str, Sequence[Item]] = {}


def judge_organisation(organisation_id: UUID, library: Library, today: date) -> dict[str, Standing]:
    """The controls of the organisation itself on a day. Two queries."""
    controls = library.of_organisation
    items = _organisation_items(organisation_id, controls)
    settled = settings_of(organisation_id)
    return {one.id: _judge(one, items.get(one.id, ()), settled, None, {}, today) for one in controls}


def _judge(
    control: Control,
    items: Sequence[Item],
    settled: Settings,
    system_id: UUID | None,
    found: dict[str, str],
    today: date,
) -> Standing:
    here, everywhere = settled.get((system_id, control.id)), settled.get((None, control.id))
    because = next((one.reason(today) for one in (here, everywhere) if one and one.reason(today)), "")
    reason = because or against(control.when, found)
    every = next((one.every for one in (here, everywhere) if one and one.every), control.every)
    judged = standing(
        items,
        every=every,
        today=today,
        not_applicable=f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else "",
    )
    ends = [one.until for one in (here, everywhere) if one and one.not_applicable and one.until]
    if because and ends:
        # Once it applies again, it is to be judged.
        return Standing(judged.state, judged.reason, None, _after(min(ends)), judged.items)
    return judged


def _after(day: date) -> date:
    return date.fromordinal(min(day.toordinal() + 1, date.max.toordinal()))


def _systems(organisation_id: UUID, asked: list[UUID] | None, wanted: frozenset[UUID] | None) -> dict[UUID, Judged]:
    rows = System.objects.filter(organisation_id=organisation_id).exclude(stage__in=OUT)
    said = Record.objects.filter(organisation_id=organisation_id, kind=facts.CLASSIFICATION, state="sealed")
    if asked is not None:
        rows, said = rows.filter(pk__in=asked), said.filter(system_id__in=asked)
    classes = {
        system: (risk, role)
        for system, risk, role in said.values_list("system_id", KT("body__risk_class"), KT("body__our_role"))
    }
    found = {}
    for pk, stage, impact, personal_data, sourcing, technique in rows.order_by("number").values_list(*_ABOUT):
        if wanted is None or pk in wanted:
            risk, role = classes.get(pk, ("", ""))
            about = About(stage, impact, personal_data, sourcing, technique, risk or "", role or "")
            found[pk] = Judged(about, holds(about))
    return found


Items = dict[UUID, dict[str, list[Item]]]


def _items(organisation_id: UUID, controls: Sequence[Control], asked: list[UUID] | None) -> Items:
    found: Items = defaultdict(lambda: defaultdict(list))
    by_check, by_kind = _by(controls, "checks"), _by(controls, "records")
    _from_findings(found, organisation_id, by_check, asked)
    _from_records(found, organisation_id, by_kind, asked)
    _from_evidence(found, organisation_id, by_check, asked)
    return found


def _by(controls: Sequence[Control], name: str) -> dict[str, list[Control]]:
    found: dict[str, list[Control]] = defaultdict(list)
    for control in controls:
        for key in getattr(control, name):
            found[key].append(control)
    return found


def _narrowed(rows: QuerySet[Any], asked: list[UUID] | None) -> QuerySet[Any]:
    return rows if asked is None else rows.filter(system_id__in=asked)


_SPEAKS = {Status.NOT_MET.value: True, Status.IN_PROGRESS.value: True, Status.MET.value: False}


def _from_findings(
    found: Items, organisation_id: UUID, by_check: Mapping[str, list[Control]], asked: list[UUID] | None
) -> None:
    rows = FindingRow.objects.filter(
        organisation_id=organisation_id, to_at=None, check_id__in=list(by_check), status__in=list(_SPEAKS)
    )
    ends = _ends(organisation_id, asked)
    names = ("system_id", "check_id", "status", "grade", "from_at", "reason", "refs")
    for system, check_id, status, grade, from_at, reason, refs in (
        _narrowed(rows, asked).values_list(*names).iterator(chunk_size=5000)
    ):
        check = registry.checks.get(check_id)
        item = Item(
            "check",
            check_id,
            check.title if check else check_id,
            _day(from_at),
            # It was judged before a document that it rests on ended: from then on it is to be judged anew.
            min((ends[ref[1]] for ref in refs if ref[1] in ends), default=None),
            # What somebody only said grows old; what rests on documents or measurements is judged all the time.
            live=grade != Grade.ATTESTED.value,
            against=_SPEAKS[status],
            reason=reason,
        )
        for control in by_check[check_id]:
            found[system][control.id].append(item)


def _ends(organisation_id: UUID, asked: list[UUID] | None) -> dict[str, date]:
    """Document or evidence → its last day, of those that have one."""
    rows = Record.objects.filter(organisation_id=organisation_id, state="sealed")
    pieces = Evidence.objects.filter(organisation_id=organisation_id, expires_on__isnull=False).order_by()
    if asked is not None:
        rows, pieces = rows.filter(Q(system_id__in=asked) | Q(system=None)), pieces.filter(system_id__in=asked)
    texts = {f"said_{name}": KT(f"body__{name}") for name in ENDS}
    said = Q(*((f"{name}__isnull", False) for name in texts), _connector=Q.OR)
    told = rows.annotate(**texts).filter(said).order_by().values_list("pk", *texts).iterator(chunk_size=5000)
    found = {str(pk): min(days) for pk, *ends in told if (days := [day for day in map(_date, ends) if day])}
    return found | {str(pk): day for pk, day in pieces.values_list("pk", "expires_on") if day}


def _from_records(
    found: Items, organisation_id: UUID, by_kind: Mapping[str, list[Control]], asked: list[UUID] | None
) -> None:
    kinds = [*by_kind, facts.CONTROL]
    rows = Record.objects.filter(
        organisation_id=organisation_id, kind__in=kinds, state="sealed", system__isnull=False
    ).order_by("kind", "key")
    for system, item, controls in _records(_narrowed(rows, asked), by_kind):
        for control in controls:
            found[system][control].append(item)


def _organisation_items(organisation_id: UUID, controls: Sequence[Control]) -> dict[str, list[Item]]:
    by_kind = _by(controls, "records")
    kinds = [*by_kind, facts.ORGANISATION_CONTROL]
    rows = Record.objects.filter(organisation_id=organisation_id, kind__in=kinds, state="sealed", system=None)
    found: dict[str, list[Item]] = defaultdict(list)
    for _, item, named in _records(rows.order_by("kind", "key"), by_kind):
        for control in named:
            found[control].append(item)
    return found


def _records(
    rows: QuerySet[Record], by_kind: Mapping[str, list[Control]]
) -> Iterable[tuple[UUID, Item, Sequence[str]]]:
    """Each sealed document as an item, with the controls that it shows."""
    registers = (facts.CONTROL, facts.ORGANISATION_CONTROL)
    names = ("system_id", "pk", "kind", "key", "version", "sealed_at", "hash")
    # Aliased paths, so that no body is read and parsed: there may be a hundred thousand.
    texts = {f"said_{name}": KT(f"body__{name}") for name in (*ENDS, "result", "tested_on")}
    told = rows.annotate(**texts).values_list(*names, *texts)
    bodies = _libraries(rows.filter(kind__in=registers))
    for system, pk, kind, key, version, sealed_at, digest, *said in told.iterator(chunk_size=5000):
        *ends, result, tested_on = said
        since = _date(tested_on) if kind in registers else None
        item = Item(
            "record",
            str(pk),
            f"{registry.records[kind].title}{f' “{key}”' if key else ''}, version {version}"
            if kind in registry.records
            else kind,
            since or (_day(sealed_at) if sealed_at else date.max),
            min((day for day in map(_date, ends) if day), default=None),
            against=result in ("fails", "partly") and kind in registers,
            reason=f"“{key}” did not wholly work when it was last tested." if result in ("fails", "partly") else "",
            hash=digest,
        )
        yield system, item, bodies.get(pk, ()) if kind in registers else [one.id for one in by_kind[kind]]


def _libraries(rows: QuerySet[Record]) -> dict[UUID, Sequence[str]]:
    """Which controls of the library the entries of the registers of controls name."""
    told = rows.filter(body__has_key="library").order_by().values_list("pk", "body__library")
    return {pk: named for pk, named in told if named}


def _from_evidence(
    found: Items, organisation_id: UUID, by_check: Mapping[str, list[Control]], asked: list[UUID] | None
) -> None:
    links: dict[UUID, list[str]] = defaultdict(list)
    for evidence, control in EvidenceLink.objects.filter(organisation_id=organisation_id).values_list(
        "evidence_id", "control"
    ):
        links[evidence].append(control)
    rows = Evidence.objects.filter(organisation_id=organisation_id, withdrawn_at=None, superseded_by=None).order_by()
    names = ("pk", "system_id", "title", "supports", "effective_on", "expires_on", "sha256")
    for pk, system, title, supports, begins, expires, digest in (
        _narrowed(rows, asked).values_list(*names).iterator(chunk_size=5000)
    ):
        item = Item("evidence", str(pk), title, begins, expires, hash=digest)
        shown = {control.id for check in supports for control in by_check.get(check, ())}
        for control in sorted(shown.union(links.get(pk, ()))):
            found[system][control].append(item)


def _day(when: datetime) -> date:
    return when.astimezone(UTC).date()


def _date(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
