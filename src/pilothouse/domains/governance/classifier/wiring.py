"""What the classifier does when Django is ready: a sealed “prohibited” stops the system, changed rules are told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from pilothouse.contracts.errors import PilothouseError
from pilothouse.domains.governance.classifier.selectors import Rerun, reckon_again, rule_sets_of
from pilothouse.domains.governance.facts import CLASSIFICATION
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.gates.actions.restrictions import restrict
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.inventory.hooks import on_systems_changed
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.work.schedule import scheduled

SAID = "Its sealed risk classification says that this use is prohibited."


def prohibit(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Hears of every write to systems, inside its transaction. A system whose sealed classification is *prohibited* is
    prohibited from then on: no key, no call, no gate. A later classification does not lift that; two people do."""
    in_force = Restriction.objects.filter(system=OuterRef("system"), kind="prohibit", lifted_at=None)
    lifted = Restriction.objects.filter(
        system=OuterRef("system"), kind="prohibit", reason=SAID, since__gte=OuterRef("sealed_at")
    )
    rows = Record.objects.filter(
        ~Exists(in_force),
        ~Exists(lifted),
        organisation_id=actor.organisation_id,
        kind=CLASSIFICATION,
        state="sealed",
        body__risk_class="prohibited",
    )
    asked, ids = narrow(system_ids), frozenset(system_ids)
    if asked is not None:
        rows = rows.filter(system__in=asked)
    for row in rows.select_related("system__organisation", "system__unit"):
        if row.system and row.system_id in ids:
            restrict(actor, row.system, "prohibit", SAID)


def classifications_tick(moment: datetime) -> dict[str, Any]:
    """Reckon every sealed classification again, and tell owners once of each that comes out otherwise."""
    told, failed = 0, 0
    for organisation in Organisation.objects.order_by("pk"):
        try:
            with transaction.atomic():
                told += _tell(organisation)
        except PilothouseError:
            # An edition that no longer reads is the affair of its organisation; the others are told all the same.
            failed += 1
    return {"told": told, "failed": failed}


def _tell(organisation: Organisation) -> int:
    rows = Record.objects.filter(organisation=organisation, kind=CLASSIFICATION, state="sealed")
    sealed = list(rows.filter(body__has_key="from_facts").select_related("system"))
    if not sealed:
        return 0
    told = 0
    for one in reckon_again(sealed, rule_sets_of(organisation.pk)):
        people = [person for person in (one.system.owner_id, one.system.deputy_id) if person]
        if not one.affected or not people:
            continue
        text, url = _words(one), f"/o/{organisation.slug}/systems/{one.system.number}/classification/"
        unaware = set(people) - set(
            Notice.objects.filter(person__in=people, text=text).values_list("person", flat=True)
        )
        told += notify(unaware, text, url) if unaware else 0
    return told


def _words(one: Rerun) -> str:
    """The same words for the same change, so that nobody is told of it twice."""
    laws = ", ".join(one.changed) or "the questions"
    if one.fault:
        return f"{one.system.ref} {one.system.name}: {laws} changed, and its facts must be answered anew."[:500]
    before, after = one.differs[0]
    name, was = before.split(": ", 1)
    return (
        f"{one.system.ref} {one.system.name}: {laws} changed. Of version {one.record.version}, {name} was "
        f"{was} and would be {after.split(': ', 1)[-1]}. Classify it anew."
    )[:500]


def connect() -> None:
    """Called once when Django has loaded the models."""
    on_systems_changed(prohibit)
    scheduled("classifications_tick", "17 5 * * *", "Reckon sealed classifications again under the rules of now")(
        classifications_tick
    )
