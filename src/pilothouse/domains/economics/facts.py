"""What economics reads beyond sealed documents: the lines of invoices by system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from pilothouse.kernel.domain import Facts, Ref
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.loaders import Sealed, sealed_of_organisation

BUDGET, PRICE, PLAN = "economics.budget", "economics.price", "economics.cost_plan"
INVOICE, REVIEW, VALUE = "economics.invoice", "economics.human_review", "economics.realised_value"


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of an invoice. `system` is the number of the system it was for; None if it was for none alone."""

    system: int | None
    day: date
    currency: str
    amount: Decimal
    ref: Ref


def charges(invoices: Iterable[Sealed]) -> Iterator[Charge]:
    """The lines of sealed invoices."""
    for invoice in invoices:
        when, currency = date.fromisoformat(invoice.body["invoiced_on"]), invoice.body["currency"]
        for line in invoice.body["lines"]:
            yield Charge(line.get("system"), when, currency, Decimal(line["amount"]), invoice.ref)


def charged(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
    """A loader for checks: what was invoiced for each system, as a tuple of charges. Two queries."""
    found: dict[int, list[Charge]] = {}
    for charge in charges(sealed_of_organisation(organisation_id, INVOICE)):
        if charge.system is not None:
            found.setdefault(charge.system, []).append(charge)
    if not found:
        return {}
    there = System.objects.filter(organisation_id=organisation_id)
    if system_ids is not None:
        there = there.filter(pk__in=system_ids)
    return {pk: tuple(found[number]) for pk, number in there.values_list("pk", "number") if number in found}
