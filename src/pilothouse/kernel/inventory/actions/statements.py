"""What people say of a system beyond its fields: dates, performance, practices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import DatedFact, Performance, Practice, System
from pilothouse.kernel.inventory.practices import PRACTICES, practice_title
from pilothouse.kernel.ledger.log import lock_log, record


@action("system.change", on="system")
def date_set(*, actor: Actor, system: System, kind: str, text: str, day_first: bool | None = None) -> DatedFact | None:
    """Set a date in the system's life as it was told (see dates.told_date); an empty text takes it away.

    Raises Invalid for words that are no date: a person who types can be asked again, unlike a file.
    """
    kinds = dict(DatedFact.KINDS)
    if kind not in kinds:
        raise Invalid(f"“{kind}” is not one of {', '.join(kinds)}.", fields={"kind": "Choose one of the list."})
    told = told_date(text, day_first=day_first)
    if told.raw and told.value is None:
        raise Invalid(
            f"“{told.raw}” is not read as one date. Write it as 2026-03-31, March 2026, Q1 2026 or 2026.",
            fields={"text": "Write it as 2026-03-31, March 2026, Q1 2026 or 2026."},
        )
    lock_log(actor.organisation_id)
    old = DatedFact.objects.of(actor).filter(system=system, kind=kind).first()
    before = {kind: old.raw or old.value} if old else None
    if not told.raw:
        if old:
            record(actor, "system.date_removed", system, system_id=system.pk, before=before)
            old.delete()
            tell_changed(actor, [system.pk])
        return None
    if old and (old.value, old.precision, old.raw) == (told.value, told.precision, told.raw):
        return old
    fact = old or DatedFact(organisation_id=actor.organisation_id, system=system, kind=kind)
    fact.value, fact.precision, fact.raw = told.value, told.precision, told.raw[:300]
    fact.save()
    record(actor, "system.date_set", system, system_id=system.pk, before=before, after={kind: told.raw})
    tell_changed(actor, [system.pk])
    return fact


@action("system.change", on="system")
def performance_add(
    *,
    actor: Actor,
    system: System,
    metric: str,
    value: Decimal | str,
    unit: str = "",
    population: str = "",
    measured_on: date | None = None,
    source: str = "",
) -> Performance:
    """Add a stated figure of how well the system works. It is never of basis *measured*: only monitors measure."""
    wrong: dict[str, str] = {}
    try:
        number = Decimal(str(value).strip().replace(",", "."))
        if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
            raise InvalidOperation
    except InvalidOperation:
        number, wrong["value"] = Decimal(0), "Give one number, such as 0.93."
    if not metric.strip():
        wrong["metric"] = "Say what was measured, such as accuracy."
    if not population.strip():
        wrong["population"] = "Say on whom or what it was measured: a figure without its population says little."
    if wrong:
        raise Invalid("This figure is not complete.", fields=wrong)
    lock_log(actor.organisation_id)
    row = Performance.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        basis="stated",
        metric=metric.strip()[:120],
        value=number,
        unit=unit.strip()[:40],
        population=population.strip()[:300],
        measured_on=measured_on,
        source=(source.strip() or actor.name)[:300],
    )
    after = {"metric": row.metric, "value": number, "unit": row.unit, "population": row.population}
    record(actor, "system.performance_stated", system, system_id=system.pk, after=after)
    tell_changed(actor, [system.pk])
    return row


@action("system.change", on="system")
def practice_state(
    *, actor: Actor, system: System, key: str, status: str, words: str = "", source: str = ""
) -> Practice:
    """Keep what somebody says of a practice, with their words. It is attested: the lowest grade of evidence."""
    if status not in dict(Practice.STATUSES):
        raise Invalid(f"“{status}” is not a status of a practice.", fields={"status": "Choose one of the list."})
    lock_log(actor.organisation_id)
    old = Practice.objects.of(actor).filter(system=system, key=key).first()
    if old is None and key not in PRACTICES:
        raise Invalid(f"There is no practice “{key}”.", fields={"key": "Choose one of the list."})
    practice = old or Practice(organisation_id=actor.organisation_id, system=system, key=key)
    before = {practice_title(key): old.get_status_display(), "words": old.words} if old else None
    practice.status, practice.words = status, words.strip()
    practice.source = (source or f"Stated by {actor.name}")[:200]
    practice.said_at = clock.now()
    practice.save()
    after = {practice_title(key): practice.get_status_display(), "words": practice.words, "source": practice.source}
    record(actor, "system.practice_stated", system, system_id=system.pk, before=before, after=after)
    tell_changed(actor, [system.pk])
    return practice
