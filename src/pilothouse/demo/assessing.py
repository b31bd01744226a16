"""Assessments, public claims and a material change in the demo: some as they should be, some as they often are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pilothouse.demo.telling import Teller
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.models import Stage, System
from pilothouse.kernel.records.actions import records_draft, records_seal
from pilothouse.kernel.records.models import Record

CLASS, DPIA, FRIA, BIAS = (f"governance.{name}" for name in ("risk_classification", "dpia", "fria", "bias_policy"))
CLAIM = "governance.disclosure"


def tell_assessments(teller: Teller) -> None:
    """One high-risk system with everything, one that has begun, the others as they are; three claims, one untrue."""
    actor = teller.operator()
    classed = Record.objects.filter(organisation=teller.organisation, kind=CLASS, state="sealed")
    rows = [row.system for row in classed.select_related("system__owner").order_by("system__number")]
    grave = {row.system_id for row in classed if row.body["risk_class"] == "high"}
    high = [row for row in rows if row and row.pk in grave and row.stage in (Stage.PILOT, Stage.PRODUCTION)]
    for system, kinds in zip(high, ((FRIA, DPIA, BIAS), (DPIA,)), strict=False):
        for kind in kinds:
            records_seal(actor=actor, kind=kind, bodies=[(system, _body(teller, system, kind))])
    for system in high[1:2]:
        whole = _body(teller, system, FRIA)
        begun = {key: whole[key] for key in ("must", "process", "people", "oversight", "assessed_by")}
        records_draft(actor=actor, kind=FRIA, bodies=[(system, begun)])
    running = next((row for row in rows if row and row.stage == Stage.PRODUCTION), None)
    if running is not None:
        _claims(teller, actor, running)


def _day(teller: Teller, ahead: int) -> str:
    return (teller.today + timedelta(days=ahead)).date().isoformat()


def _owner(teller: Teller, system: System) -> str:
    return system.owner.email if system.owner else next(iter(teller.people.values())).email


def _body(teller: Teller, system: System, kind: str) -> dict[str, Any]:
    owner, again = _owner(teller, system), _day(teller, 300)
    if kind == FRIA:
        return {
            "must": "voluntary",
            "process": f"{system.purpose or system.name}; a person decides in every single case",
            "use_period": "Two years from its start, then it is looked at again",
            "frequency": "With each application, some hundreds a month",
            "people": ["Applicants", "Applicants with a gap in their CV"],
            "harms": [
                {
                    "who": "Applicants with a gap in their CV",
                    "right": "Equal treatment",
                    "harm": "They could be ranked lower for having cared for somebody",
                    "likelihood": "medium",
                    "severity": "high",
                    "answer": "Gaps are taken out first; the ratio by sex is measured each quarter",
                }
            ],
            "oversight": "A person reads every case that would be refused, and may decide otherwise",
            "response": "Its owner stops it; the cases of that week are read again by somebody else",
            "complaints": f"People write to {owner} and are answered within ten days",
            "notified": "not_yet",
            "notify_by": _day(teller, 60),
            "assessed_by": owner,
            "review_by": again,
        }
    if kind == DPIA:
        return {
            "state": "done",
            "because": "GDPR Article 35(3)(a): people are evaluated systematically",
            "title": f"DPIA {system.name}, version 2",
            "place": "Register of processing",
            "completed_on": _day(teller, -70),
            "remains": "acceptable",
            "review_by": again,
        }
    return {
        "attributes": [
            {
                "name": "sex",
                "held": "held",
                "special": "no",
                "lawful_because": "Stated for equality statistics and kept for six months",
            }
        ],
        "measures": [
            {
                "metric": "four_fifths",
                "bar": "0.8",
                "because": "Whoever is not invited is never seen, so being invited is what counts",
            }
        ],
        "least": 30,
        "cadence": "quarterly",
        "told": [owner],
        "then": "Its owner stops the ranking; the CAIO decides whether it goes on",
        "review_by": again,
    }


def _claims(teller: Teller, actor: Actor, system: System) -> None:
    """A figure that still holds, one that moved, and one that rests on a system's risk class."""
    first = _measured(actor, system, "Share of answers that were wrong, spring", "1.8")
    moved = _measured(actor, system, "Mean time to an answer, spring", "30")
    _measured(actor, system, "Mean time to an answer, autumn", "47", replaces=moved)
    classed = Record.objects.get(organisation=teller.organisation, kind=CLASS, system=system, state="sealed")
    said = (
        (
            "Wrong answers, annual report",
            "annual_report",
            "Fewer than 2 of 100 answers were wrong",
            first,
            "1.8",
            "0.2",
        ),
        ("Time to an answer, web site", "website", "You have an answer within half an hour", moved, "30", "5"),
        (
            "Where we use AI, notice",
            "transparency_notice",
            "We have judged the risk of this system",
            classed,
            None,
            None,
        ),
    )
    slug = teller.organisation.slug
    for name, channel, claim, behind, figure, tolerance in said:
        what = "document" if isinstance(behind, Record) else "evidence"
        folder = "records" if what == "document" else "evidence"
        backing = {"what": what, "address": f"/o/{slug}/{folder}/{behind.pk}/", "shows": claim}
        if figure is not None:
            backing |= {"figure": figure, "tolerance": str(tolerance)}
        body = {
            "name": name,
            "claim": claim,
            "channel": channel,
            "systems": [system.number],
            "backing": [backing],
            "material": "Customers and the board rely on it; wrong, it would mislead both",
            "owner": _owner(teller, system),
            "as_of": _day(teller, -120),
            "expires": _day(teller, 240),
        }
        records_seal(actor=actor, kind=CLAIM, bodies=[(None, body)])


def _measured(actor: Actor, system: System, title: str, value: str, replaces: Evidence | None = None) -> Evidence:
    figure = {"metric": title, "value": value}
    return evidence_add(actor=actor, system=system, title=title, figure=figure, replaces=replaces)
