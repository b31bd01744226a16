"""What one person sees of AI at work: tools they may use, rules to acknowledge, what they reported and asked for.

People who see no systems see these few words about those meant for them, and nothing else of the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.experience.checks import ACKNOWLEDGEMENT, ADOPTION, FEEDBACK, RULES, TOOL_REQUEST
from pilothouse.domains.experience.rules import Body
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.gates.rules.running import RunFacts, run_permission
from pilothouse.kernel.gates.selectors import run_facts
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record

RUNNING = ("pilot", "production")


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks: their person, and the names of their unit and those above it."""

    person: Person
    units: frozenset[str]

    @property
    def unit(self) -> str | None:
        return self.person.unit.name if self.person.unit else None

    def concerns(self, units: list[str]) -> bool:
        """Is what names these units (none: everybody) meant for this person?"""
        return not units or not self.units.isdisjoint(units)


@dataclass(frozen=True, slots=True)
class Tool:
    """A system that somebody may use: for what, for what not, where, and whom to ask."""

    system: System
    uses: list[str]
    never: list[str]
    address: str
    contact: str
    contact_name: str
    conditions: str

    @property
    def trial(self) -> bool:
        return self.system.stage == "pilot"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that hold for somebody, and what they have acknowledged of them: the version (0: none), and whether it is
    this very text."""

    record: Record
    read: int
    done: bool
    fresh: frozenset[str]

    @property
    def lines(self) -> list[tuple[str, bool]]:
        """Each rule, and whether it is new since the version that was acknowledged."""
        return [(rule, rule in self.fresh) for rule in self.record.body["rules"]]


def me(actor: Actor) -> Me:
    """The person behind the actor. Raises NotFound for a service or a job: nobody is behind those."""
    if actor.person_id is None:
        raise NotFound
    person: Person = Person.objects.select_related("unit").get_of(actor, pk=actor.person_id)
    line = [UUID(part) for part in person.unit.path.strip("/").split("/")] if person.unit else []
    return Me(person, frozenset(Unit.objects.of(actor).filter(pk__in=line).values_list("name", flat=True)))


def tools(actor: Actor, who: Me, now: datetime) -> list[Tool]:
    """What this person may use: systems that run, may run, and have a sealed adoption plan that means them. By name."""
    actor.require("feedback.give")
    plans = Record.objects.of(actor).filter(kind=ADOPTION, state="sealed", system__stage__in=RUNNING)
    meant = {
        plan.system: plan.body
        for plan in plans.select_related("system")
        if plan.system is not None and who.concerns(plan.body["units"])
    }
    facts = run_facts(list(meant), now)
    names = dict(Person.objects.of(actor).filter(left_at=None).exclude(email="").values_list("email", "name"))
    found = [
        _tool(system, body, names, facts[system.pk])
        for system, body in meant.items()
        if run_permission(facts[system.pk], now).allowed
    ]
    return sorted(found, key=lambda tool: tool.system.name.casefold())


def _tool(system: System, body: Body, names: dict[str, str], facts: RunFacts) -> Tool:
    contact = body["contact"]
    return Tool(
        system=system,
        uses=body["uses"],
        never=body["never"],
        address=body["address"] or "",
        contact=contact if contact in names else "",
        contact_name=names.get(contact, ""),
        conditions=facts.restricted,
    )


def rule_sets(actor: Actor, who: Me) -> list[RuleSet]:
    """The rules that hold for this person, those to acknowledge first."""
    known = {
        read["rules"]: read
        for body in Record.objects.of(actor)
        .filter(kind=ACKNOWLEDGEMENT, state="sealed", key=who.person.email or "-")
        .values_list("body", flat=True)
        for read in body["read"]
    }
    rows = list(
        Record.objects.of(actor).filter(kind=RULES, state__in=("sealed", "superseded")).order_by("key", "version")
    )
    texts = {(row.key, row.version): frozenset(row.body["rules"]) for row in rows}
    found = []
    for row in rows:
        if row.state == "sealed" and who.concerns(row.body["units"]):
            read = known.get(row.key)
            before = texts.get((row.key, read["version"])) if read else None
            fresh = texts[row.key, row.version] - before if before is not None else frozenset[str]()
            done = read is not None and read["hash"] == row.hash
            found.append(RuleSet(row, read["version"] if read else 0, done, fresh))
    return sorted(found, key=lambda one: one.done)


def mine(actor: Actor, who: Me) -> tuple[list[Record], list[Record]]:
    """What this person reported and asked for under their name, newest first."""
    if not who.person.email:
        return [], []
    rows = Record.objects.of(actor).filter(kind__in=(FEEDBACK, TOOL_REQUEST), state="sealed", body__by=who.person.email)
    found = sorted(rows.select_related("system"), key=lambda row: (str(row.body["on"]), row.key), reverse=True)
    return [row for row in found if row.kind == FEEDBACK], [row for row in found if row.kind == TOOL_REQUEST]
