"""Reading claims with how they stand, and telling their owners when one no longer does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pilothouse.domains.governance.assessments.claims import (
    STATES,
    Fact,
    Verdict,
    ids_of,
    judge_claim,
    number_in,
)
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.selectors import standing
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.records.judging import today as day_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import Sealed, sealed_of_organisation

DISCLOSURE = "governance.disclosure"
CHAIN = 20  # how many times a figure may have been measured anew


@dataclass(frozen=True, slots=True)
class Claim:
    """A sealed claim with how it stands."""

    paper: Sealed
    verdict: Verdict

    @property
    def owner(self) -> str:
        return str(self.paper.body["owner"])


def claims(actor: Actor, today: date) -> list[Claim]:
    """The organisation's claims, those first that no longer stand. A constant number of queries."""
    actor.require("system.view")
    return _claims(actor.organisation_id, today)


def _claims(organisation_id: UUID, today: date) -> list[Claim]:
    papers = sealed_of_organisation(organisation_id, DISCLOSURE)
    named: dict[str, str] = {}
    for paper in papers:
        named |= ids_of(paper.body)
    facts = _evidence(organisation_id, [pk for pk, what in named.items() if what == "evidence"], today)
    facts |= _documents(organisation_id, [pk for pk, what in named.items() if what == "document"])
    numbers = {number for paper in papers for number in paper.body.get("systems") or ()}
    stages = dict(
        System.objects.filter(organisation_id=organisation_id, number__in=numbers).values_list("number", "stage")
    )
    found = [Claim(paper, judge_claim(paper.body, facts, stages, today)) for paper in papers]
    order = list(STATES)
    return sorted(found, key=lambda claim: (order.index(claim.verdict.state), claim.paper.key))


def _evidence(organisation_id: UUID, ids: Iterable[str], today: date) -> dict[str, Fact]:
    """What became of pieces of evidence. A figure that was measured anew is the newest one's."""
    rows: dict[UUID, Evidence] = {}
    wanted = {UUID(pk) for pk in ids}
    asked = set(wanted)
    for _ in range(CHAIN):
        if not asked:
            break
        found = {row.pk: row for row in Evidence.objects.filter(organisation_id=organisation_id, pk__in=asked)}
        rows |= found
        asked = {row.superseded_by_id for row in found.values() if row.superseded_by_id} - set(rows)
    facts = {}
    for pk in wanted & set(rows):
        newest, seen = rows[pk], {pk}
        while newest.superseded_by_id in rows and newest.superseded_by_id not in seen:
            seen.add(newest.superseded_by_id)
            newest = rows[newest.superseded_by_id]
        stands = standing(newest, today) if newest.kind == "measurement" else standing(rows[pk], today)
        facts[str(pk)] = Fact(stands, number_in(newest.figure.get("value")) if newest.figure else None)
    return facts


def _documents(organisation_id: UUID, ids: Iterable[str]) -> dict[str, Fact]:
    rows = Record.objects.filter(organisation_id=organisation_id, pk__in=list(ids))
    states = {"sealed": "current", "draft": "not_yet"}
    return {
        str(pk): Fact("reopened" if state == "sealed" and again else states.get(state, state))
        for pk, state, again in rows.values_list("pk", "state", "look_again")
    }


def disclosures_tick(now: datetime) -> dict[str, Any]:
    """Tell the owner of each claim that no longer stands, or soon runs out: once for each reason."""
    told = 0
    for organisation in Organisation.objects.order_by("slug"):
        rows = [one for one in _claims(organisation.pk, day_of(now)) if one.verdict.state != "supported"]
        emails = {claim.owner for claim in rows}
        people = dict(
            Person.objects.filter(organisation=organisation, email__in=emails, left_at=None).values_list("email", "pk")
        )
        for claim in rows:
            told += _tell(organisation, claim, people)
    return {"told": told}


def _tell(organisation: Organisation, claim: Claim, people: Mapping[str, UUID]) -> int:
    person = people.get(claim.owner)
    title = STATES[claim.verdict.state][0]
    text = f"“{claim.paper.key}”: {title.lower()}. {' '.join(claim.verdict.reasons)}"[:500]
    if person is None or Notice.objects.filter(person_id=person, text=text).exists():
        return 0
    return notify([person], text, f"/o/{organisation.slug}/records/{claim.paper.id}/")
