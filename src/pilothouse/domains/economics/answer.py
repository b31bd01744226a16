"""Economics' answer: what is booked for every unit of money spent, each system and in total, over twelve months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from pilothouse.domains.economics.checks import TOLD
from pilothouse.domains.economics.facts import INVOICE, VALUE, charges
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.decisions.signed import signed_entries
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.loaders import sealed_of_organisation, sealed_of_systems

MONTHS = 12
YEAR = timedelta(days=365)
RUNNING = ("pilot", "production")


@dataclass(frozen=True, slots=True)
class Sum:
    """Money on a day: spent, or brought. `booked` is measured and signed off by finance. System 0 is none alone."""

    system: int
    day: date
    currency: str
    amount: Decimal
    kind: str  # spent, booked or told: recorded, but not booked


@dataclass(frozen=True, slots=True)
class Return:
    """What one system cost and brought, in one currency, over the last twelve months."""

    number: int
    name: str
    stage: str
    currency: str
    spent: Decimal
    booked: Decimal
    told: Decimal
    valued: bool

    @property
    def ratio(self) -> Decimal | None:
        """Booked for each unit spent; None where nothing was spent, or no value is recorded."""
        return self.booked / self.spent if self.spent > 0 and self.valued else None


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is recorded of money, as far as the actor may see it."""

    currency: str
    today: date
    systems: dict[int, tuple[str, str, date]]  # number → name, stage, the day it was added
    sums: Sequence[Sum]

    def within(self, when: date) -> list[Sum]:
        """Of the twelve months up to that day."""
        return [one for one in self.sums if when - YEAR < one.day <= when]


def books(actor: Actor, now: datetime) -> Books:
    """Read them all, in a number of queries that does not grow. What was charged for no system alone is there for
    whoever may see every system."""
    organisation = actor.organisation_id
    everywhere = actor.scope("system.view").everywhere
    rows = systems(actor).order_by("number").values_list("pk", "number", "name", "stage", "created_at")
    numbers, known = {}, {}
    for pk, number, name, stage, added in rows:
        numbers[pk] = number
        known[number] = (name, stage, added.astimezone(UTC).date())
    sums = [
        Sum(charge.system or 0, charge.day, charge.currency, charge.amount, "spent")
        for charge in charges(sealed_of_organisation(organisation, INVOICE))
        if charge.system in known or (everywhere and charge.system is None)
    ]
    signed = {one.record_id for marks in signed_entries(VALUE)(organisation, None).values() for one in marks}
    for system, paper in sealed_of_systems(organisation, VALUE):
        if system in numbers:
            booked = paper.id in signed and paper.body["method"] != TOLD
            day, amount = date.fromisoformat(paper.body["ends"]), Decimal(paper.body["amount"])
            sums.append(Sum(numbers[system], day, paper.body["currency"], amount, "booked" if booked else "told"))
    currency = Organisation.objects.values_list("currency", flat=True).get(pk=organisation)
    return Books(currency, now.astimezone(UTC).date(), known, sums)


def answer(actor: Actor, now: datetime) -> Figure:
    """Value booked over the last twelve months for each unit of money invoiced, in the organisation's currency.

    Value counts in the month in which its period ends, spending in the month of its invoice. Value that nobody measured
    or that finance has not signed off is not booked. Different currencies are not added: `because` names what is left
    out. Unknown are running systems without an invoice or without booked value. The figure is None where nothing was
    spent or no value at all is recorded; the trend is the same figure at the end of each of the last twelve months.
    """
    held = books(actor, now)
    points = tuple(_point(held, when) for when in month_ends(held.today, MONTHS))
    last = points[-1]
    unit = f"{held.currency} for each {held.currency} spent"
    return Figure(
        last.value,
        unit,
        last.numerator,
        last.denominator,
        last.unknown,
        "economics/returns/",
        points,
        _because(held, last),
    )


def returns(held: Books) -> list[Return]:
    """Each system's return over the last twelve months, a line for each currency, most spent first. What was charged
    for no system alone has the number 0."""
    grouped: dict[tuple[int, str], list[Sum]] = {}
    for one in held.within(held.today):
        grouped.setdefault((one.system, one.currency), []).append(one)
    found = []
    for (number, currency), mine in grouped.items():
        name, stage, _ = held.systems.get(number, ("For no system alone", "", held.today))
        spent, booked, told = (_added(mine, kind) for kind in ("spent", "booked", "told"))
        valued = any(one.kind != "spent" for one in mine)
        found.append(Return(number, name, stage, currency, spent, booked, told, valued))
    return sorted(found, key=lambda one: (one.currency != held.currency, one.currency, -one.spent, one.number))


def _point(held: Books, when: date) -> TrendPoint:
    recent = [one for one in held.within(when) if one.currency == held.currency]
    spent, booked = _added(recent, "spent"), _added(recent, "booked")
    paid = {one.system for one in recent if one.kind == "spent"}
    brought = {one.system for one in recent if one.kind == "booked"}
    unknown = sum(
        stage in RUNNING and added <= when and not (number in paid and number in brought)
        for number, (_, stage, added) in held.systems.items()
    )
    valued = any(one.kind != "spent" for one in recent)
    value = round(float(booked / spent), 2) if spent > 0 and valued else None
    return TrendPoint(when, value, float(booked), float(spent), unknown)


def _because(held: Books, last: TrendPoint) -> str:
    words = (
        f"{held.currency} {last.numerator:,.2f} is booked for {held.currency} {last.denominator:,.2f} invoiced since "
        f"{held.today - YEAR + timedelta(days=1):%-d %B %Y}; {last.unknown:,} running systems lack one or the other."
    )
    others = [one for one in held.within(held.today) if one.currency != held.currency]
    if not others:
        return words
    left = ", ".join(
        f"{currency} {_added(mine, 'booked'):,.2f} booked for {currency} {_added(mine, 'spent'):,.2f}"
        for currency in sorted({one.currency for one in others})
        for mine in [[one for one in others if one.currency == currency]]
    )
    return f"{words} Different currencies are not added; left out: {left}."


def _added(sums: Iterable[Sum], kind: str) -> Decimal:
    return sum((one.amount for one in sums if one.kind == kind), Decimal(0))
