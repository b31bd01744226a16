"""People from a CSV file: read, plan, show, then carry out exactly what was shown.

A row is matched to a person by external id, else by e-mail address. Rows that cannot be taken over are refused with a
number, a column and a reason; the others go through. Nothing is written until the plan is carried out.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Invalid, PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Person, Unit
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.directory.actions.people import person_leave
from pilothouse.kernel.directory.reach import require_in
from pilothouse.kernel.directory.rules import clean_email, clean_name, is_powerful
from pilothouse.kernel.ledger.log import Event, lock_log, record_many

COLUMNS = ("name", "email", "title", "unit", "external_id", "left")
LARGEST = 1_000_000  # characters
YES = frozenset({"yes", "y", "true", "1", "left", "x"})


@dataclass(frozen=True, slots=True)
class Line:
    """What one row will do: create, change, leave, unchanged or refused (with the column and the reason)."""

    number: int
    deed: str
    name: str
    email: str
    person: Person | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    column: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file will do. `fingerprint` changes with anything that would make it do something else."""

    lines: list[Line]
    counts: Mapping[str, int]
    fingerprint: str


class _RefusedError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason


def read(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file (comma, semicolon or tab) by our column names. Raises Invalid saying what is missing."""
    if len(text) > LARGEST:
        raise Invalid("The file is too large.", fields={"file": "At most a million characters; split it."})
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Invalid("The file is not CSV.", fields={"file": f"It cannot be read: {error}."}) from None
    if not rows:
        raise Invalid("The file is empty.", fields={"file": "It needs a first row with the names of its columns."})
    names = [cell.strip().lower().replace("-", "").replace(" ", "_") for cell in rows[0]]
    unknown = [cell for cell, name in zip(rows[0], names, strict=True) if name not in COLUMNS]
    if unknown or "name" not in names or not {"email", "external_id"} & set(names):
        said = f"“{unknown[0]}” is none of our columns." if unknown else "It needs name, and email or external_id."
        raise Invalid("The columns are not the ones we read.", fields={"file": f"{said} We read {', '.join(COLUMNS)}."})
    return [
        dict(zip(names, [*(cell.strip() for cell in row), *[""] * len(names)], strict=False))
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]


def plan(actor: Actor, text: str, *, absent_leave: bool = False) -> Plan:
    """What the file would do now. With `absent_leave`, people it does not name, but who have an external id, leave."""
    require_in(actor, "people.manage", None)
    rows = read(text)
    lines = list(_Planner(actor, rows).lines(absent_leave))
    counts = Counter(line.deed for line in lines)
    told = [[line.number, line.deed, line.person.pk if line.person else None, _told(line.changes)] for line in lines]
    return Plan(lines, counts, content_hash(told))


@action("people.manage")
def roster_apply(*, actor: Actor, text: str, fingerprint: str, absent_leave: bool = False) -> Plan:
    """Carry out a plan, all of it or nothing. Raises Conflict when it is no longer what was shown."""
    lock_log(actor.organisation_id)
    now = plan(actor, text, absent_leave=absent_leave)
    if now.fingerprint != fingerprint:
        raise Conflict("Something changed since this was shown. Look at it again.", code="changed")
    new, changed, events = [], [], []
    for line in now.lines:
        if line.deed == "create":
            facts = {key: to for key, (_, to) in line.changes.items()}
            person = Person(id=new_id(), organisation_id=actor.organisation_id, **facts)
            new.append(person)
            events.append(Event("person.added", person, after=_names(facts), note=f"Row {line.number} of a file"))
        elif line.deed == "change" and line.person is not None:
            for key, (_, to) in line.changes.items():
                setattr(line.person, key, to)
            changed.append(line.person)
            before = _names({key: was for key, (was, _) in line.changes.items()})
            after = _names({key: to for key, (_, to) in line.changes.items()})
            events.append(Event("person.changed", line.person, None, before, after, f"Row {line.number} of a file"))
    Person.objects.bulk_create(new, batch_size=500)
    Person.objects.bulk_update(changed, ["name", "email", "title", "unit", "external_id", "left_at"], batch_size=200)
    record_many(actor, events)
    for line in now.lines:
        if line.deed == "leave" and line.person is not None:
            person_leave(actor=actor, person=line.person, reason="Not here any more, says a file.")
    return now


class _Planner:
    """Reads everything once, so that a file of thousands costs four queries."""

    def __init__(self, actor: Actor, rows: list[dict[str, str]]) -> None:
        self.rows = rows
        self.actor = actor
        everyone = list(Person.objects.of(actor).select_related("unit"))
        self.by_external = {p.external_id: p for p in everyone if p.external_id}
        self.by_email = {p.email.lower(): p for p in everyone if p.email}
        held = Membership.objects.of(actor).values_list("person_id", "role__permissions")
        self.powerful = {person_id for person_id, permissions in held if is_powerful(permissions)}
        units = list(Unit.objects.of(actor))
        self.units = _unit_names(units)
        self.seen: dict[str, int] = {}

    def lines(self, absent_leave: bool) -> Iterator[Line]:
        named: set[UUID] = set()
        for number, row in enumerate(self.rows, start=2):
            try:
                line = self.line(number, row)
            except _RefusedError as no:
                line = Line(
                    number, "refused", row.get("name", ""), row.get("email", ""), None, {}, no.column, no.reason
                )
                # A row we cannot take over still says that its person is here.
                for found in (
                    self.by_email.get(row.get("email", "").lower()),
                    self.by_external.get(row.get("external_id", "")),
                ):
                    named.update({found.pk} if found else ())
            if line.person is not None:
                named.add(line.person.pk)
            yield line
        if absent_leave:
            for person in sorted(self.by_external.values(), key=lambda p: p.name):
                if person.pk not in named and person.left_at is None and person.pk != self.actor.person_id:
                    yield Line(0, "leave", person.name, person.email, person, reason="Not in the file")

    def line(self, number: int, row: Mapping[str, str]) -> Line:
        facts = self.facts(row)
        self.once(number, facts)
        person = self.match(facts.get("email", ""), facts.get("external_id", ""))
        gone = row.get("left", "").lower() in YES
        if person is None:
            if gone:
                return Line(number, "unchanged", facts["name"], facts.get("email", ""), reason="Left, and unknown here")
            changes: dict[str, tuple[Any, Any]] = {key: (None, value) for key, value in facts.items()}
            return Line(number, "create", facts["name"], facts.get("email", ""), None, changes)
        if gone:
            if person.pk == self.actor.person_id:
                raise _RefusedError("left", "Nobody can take themselves out.")
            deed = "unchanged" if person.left_at else "leave"
            return Line(number, deed, person.name, person.email, person)
        changes = {key: (getattr(person, key), to) for key, to in facts.items() if getattr(person, key) != to}
        if "email" in changes and person.pk in self.powerful and not self.actor.is_system:
            raise _RefusedError("email", f"{person.name} holds a powerful role, so only they can change their address.")
        if person.left_at is not None:
            changes["left_at"] = (person.left_at, None)
        return Line(number, "change" if changes else "unchanged", person.name, person.email, person, changes)

    def facts(self, row: Mapping[str, str]) -> dict[str, Any]:
        """The cells of a row, cleaned. A column the file lacks changes nothing; an empty cell empties it."""
        facts: dict[str, Any] = {}
        for key in ("name", "email", "title", "unit", "external_id"):
            if key not in row:
                continue
            try:
                facts[key] = self.clean(key, row[key])
            except PilothouseError as error:
                raise _RefusedError(key, error.fields.get(key, error.detail)) from None
        if not facts.get("email") and not facts.get("external_id"):
            raise _RefusedError("email", "Neither an e-mail address nor an external id, so nobody can be matched.")
        return facts

    def clean(self, key: str, text: str) -> Any:
        if key == "name":
            return clean_name(text)
        if key == "email":
            return clean_email(text)
        if key == "unit":
            if not text:
                return None
            units = self.units.get(text.casefold(), [])
            if len(units) != 1:
                said = (
                    "There is no unit of that name." if not units else "Several units have that name; write its path."
                )
                raise Invalid(said, fields={"unit": said})
            return units[0]
        return " ".join(text.split())[:200]

    def match(self, email: str, external_id: str) -> Person | None:
        by_external = self.by_external.get(external_id) if external_id else None
        by_email = self.by_email.get(email) if email else None
        if by_external and by_email and by_external.pk != by_email.pk:
            raise _RefusedError(
                "email", f"The address belongs to {by_email.name}, the external id to {by_external.name}."
            )
        if by_email and external_id and by_email.external_id not in ("", external_id):
            raise _RefusedError("external_id", f"{by_email.name} has another external id here.")
        return by_external or by_email

    def once(self, number: int, facts: Mapping[str, Any]) -> None:
        for key in ("email", "external_id"):
            value = facts.get(key)
            if value:
                first = self.seen.setdefault(f"{key}:{value}", number)
                if first != number:
                    raise _RefusedError(key, f"Row {first} has the same.")


def _unit_names(units: list[Unit]) -> dict[str, list[Unit]]:
    """Units by name, by code and by their path of names (“Top / Left”), in lower case."""
    by_id = {unit.pk: unit for unit in units}
    names: dict[str, list[Unit]] = {}
    for unit in units:
        path, above = [unit.name], unit.parent_id
        while above is not None:
            path.append(by_id[above].name)
            above = by_id[above].parent_id
        for text in {unit.name, unit.code, " / ".join(reversed(path))} - {""}:
            names.setdefault(text.casefold(), []).append(unit)
    return names


def _told(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    return {key: [_plain(was), _plain(to)] for key, (was, to) in changes.items()}


def _names(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in facts.items()}


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, Unit) else value
