"""The year of Meridian Group, a financial group with about 120 systems in nine units, told month by month."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from pilothouse.demo import authorities, events, facts, filling, frameworks, held
from pilothouse.demo.catalogue import Line, read_lines
from pilothouse.demo.events import CAIO as CAIO
from pilothouse.demo.importing import import_lines
from pilothouse.demo.jobs import house_jobs
from pilothouse.demo.people import OFFICERS, address, owners
from pilothouse.demo.telling import Teller, let_sign_in
from pilothouse.kernel.checks.actions import rulebook_adopt, set_intake
from pilothouse.kernel.inventory.actions import (
    component_add,
    owner_assign,
    practice_state,
    relation_add,
    system_change,
    system_tag,
)
from pilothouse.kernel.inventory.hooks import told_together

DOMAIN = "meridian.example"
LATE_UNITS = ("Wealth", "Marketing", "Human resources", "Technology")
ADOPTED = (
    (300, "eu_ai_act"),
    (299, "gdpr"),
    (240, "iso_42001"),
    (180, "nist_ai_rmf"),
    (90, "owasp_llm_2025"),
    (40, "owasp_agentic_2026"),
)
"""Days ago, framework."""
SIGN_IN = (CAIO, "Rafael Montoya", "Sunniva Dahl", "Matthias Keller", "Dorothea Lang", "Albert Nyström")


@dataclass
class Meridian:
    """The telling, with what its chapters share."""

    tell: Teller
    lines: list[Line]
    care: dict[str, facts.Care] = field(default_factory=dict)
    owner_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kinds = ("good", "good", "fair", "fair", "fair", "poor", "poor")
        self.care = {line.name: facts.CARE[self.tell.rng.choice(kinds)] for line in self.lines}


def tell_year(tell: Teller) -> None:
    """The whole year, oldest first."""
    story = Meridian(tell, read_lines("meridian.csv"))
    found(story)
    take_inventory(story)
    name_owners(story)
    answer_questions(story)
    domains = in_ten_domains(story)
    filling.fill(domains)
    events.stars(domains, story.owner_of)
    frameworks.adopt(tell, CAIO, ADOPTED)
    frameworks.show_controls(tell, CAIO, sorted(domains.running())[::4])
    frameworks.settle(tell, CAIO, "Rafael Montoya")
    events.monthly_decisions(tell)
    events.exceptions(tell, story.owner_of)
    events.people_come_and_go(tell, story.owner_of)
    held.answers(tell)
    events.rules_change(tell)
    events.house_keeping(tell)
    authorities.tell_authorities(tell)
    tell.run(lambda moment: house_jobs(tell.operator(), moment))


def in_ten_domains(story: Meridian) -> filling.Filling:
    """What the chapters about the ten domains need to know."""
    return filling.Filling(
        tell=story.tell,
        lines={line.name: line for line in story.lines},
        care=story.care,
        caio=CAIO,
        lead="Birgit Aalto",
        engineer="Mei Tanaka",
        security="Rafael Montoya",
        scripted=frozenset(events.SCRIPTED),
    )


def found(story: Meridian) -> None:
    """A Chief AI Officer is appointed, and the group's people and rulebook are set up."""
    tell = story.tell
    units = sorted({line.unit for line in story.lines})
    named = owners(units, DOMAIN, 5, random.Random("meridian owners"))  # noqa: S311
    with tell.at(364, 8):
        tell.settle(units, [(n, t, u, r, address(n, DOMAIN)) for n, t, u, r in OFFICERS])
        tell.settle([], [(who.name, who.title, who.unit, who.roles, who.email) for who in named])
        let_sign_in(tell, [*SIGN_IN, named[0].name])
    tell.on(360, lambda: rulebook_adopt(actor=tell.actor(CAIO), base="enterprise"))


def take_inventory(story: Meridian) -> None:
    """Units send what they have as spreadsheets: five in the first month, four late ones in the third."""
    early = [line for line in story.lines if line.unit not in LATE_UNITS]
    late = [line for line in story.lines if line.unit in LATE_UNITS]
    for days_ago, rows in ((350, early), (322, late)):
        story.tell.on(days_ago, partial(import_lines, story.tell, CAIO, rows, _started(story, rows)))


def _started(story: Meridian, rows: list[Line]) -> dict[str, str]:
    """When systems that run went live: some know the day, some the year, some nothing."""
    rng = story.tell.rng
    started = {}
    for line in rows:
        if line.stage in {"production", "pilot", "retired"}:
            year = story.tell.today.year - rng.randint(1, 6)
            started[line.name] = rng.choice((f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", str(year), ""))
    return started


def name_owners(story: Meridian) -> None:
    """Owners are named unit by unit; a few systems stay without one."""
    tell = story.tell
    at_work = {name: person for name, person in tell.people.items() if person.title == "Product owner"}
    for line in story.lines:
        mates = [name for name, person in at_work.items() if person.unit == tell.units[line.unit]]
        answered = story.care[line.name].answered
        if line.name in events.OWNED or tell.rng.random() < (0.98 if answered > 0.5 else 0.6):
            owner, *others = tell.rng.sample(mates, 2)
            story.owner_of[line.name] = owner
            deputy = others[0] if answered > 0.9 else None
            tell.on(tell.rng.randint(300, 320), partial(_assign, tell, line.name, owner, deputy))


def _assign(tell: Teller, system: str, owner: str, deputy: str | None) -> None:
    owner_assign(
        actor=tell.actor(CAIO),
        system=tell.system(system),
        owner_id=tell.people[owner].pk,
        deputy_id=tell.people[deputy].pk if deputy else None,
    )


def answer_questions(story: Meridian) -> None:
    """Owners say what they know through spring and summer: intake, facts, components, practices."""
    tell = story.tell
    for line in story.lines:
        owner, care = story.owner_of.get(line.name), story.care[line.name]
        if owner is None or line.name in events.SCRIPTED or tell.rng.random() > care.answered + 0.1:
            continue
        start = tell.rng.randint(120, 298)
        intake = {
            key: answer if tell.rng.random() < care.answered + 0.05 else "unknown"
            for key, answer in facts.intake(line).items()
        }
        said = facts.said(line, tell.rng.choice(facts.METRICS))
        known = {key: value for key, value in said.items() if tell.rng.random() < care.answered}
        tell.on(start, partial(_answer, tell, line, owner, intake, known))
        # Practices are told on three visits during the year, so that trends have something to show.
        visits: dict[int, dict[str, str]] = {tell.rng.randint(15, start): {} for _ in range(3)}
        for key in facts.PRACTICES:
            if tell.rng.random() < care.answered:
                status = "met" if tell.rng.random() < care.good else tell.rng.choice(("in_progress", "not_met"))
                visits[tell.rng.choice(sorted(visits))][key] = status
        for day, statuses in visits.items():
            tell.on(day, partial(_practise, tell, line.name, owner, statuses))


def _answer(tell: Teller, line: Line, owner: str, intake: dict[str, str], known: dict[str, str]) -> None:
    actor, system = tell.actor(owner), tell.system(line.name)
    with transaction.atomic(), told_together(actor):
        set_intake(actor=actor, system=system, answers=intake)
        system_change(actor=actor, system=system, changes=known)
        for kind, name, version, supplier in facts.models_of(line):
            component = component_add(actor=tell.actor(CAIO), kind=kind, name=name, version=version, supplier=supplier)
            relation_add(actor=actor, system=system, kind="uses", component=component)
        if "language model" in line.technique:
            system_tag(actor=actor, system=system, add=["generative"])


def _practise(tell: Teller, name: str, owner: str, statuses: dict[str, str]) -> None:
    actor, system = tell.actor(owner), tell.system(name)
    with transaction.atomic(), told_together(actor):
        for key, status in statuses.items():
            words = facts.WORDS[status][key]
            practice_state(actor=actor, system=system, key=key, status=status, words=words)
