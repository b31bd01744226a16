"""The year of Vliet Staffing, an imaginary staffing firm of fifty: three pilots nobody had in view, and a fractional
Chief AI Officer who maps them, sets rules for candidates' data and brings the best one into production. All names are
invented.
"""

from __future__ import annotations

import random
from functools import partial
from typing import Any

from django.db import transaction

from pilothouse.contracts.errors import Conflict
from pilothouse.demo import facts, frameworks, papers
from pilothouse.demo.catalogue import Line
from pilothouse.demo.deciding import sign
from pilothouse.demo.importing import import_lines
from pilothouse.demo.jobs import house_jobs
from pilothouse.demo.papers import economics, experience, platform, talent
from pilothouse.demo.papers.case import Case, Firm
from pilothouse.demo.people import address
from pilothouse.demo.telling import Teller, let_sign_in
from pilothouse.demo.writing import Steady, case_of, have_signed, write
from pilothouse.kernel.checks.actions import rulebook_adopt, set_intake
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.inventory.actions import (
    component_add,
    owner_assign,
    practice_state,
    relation_add,
    system_change,
)
from pilothouse.kernel.inventory.hooks import told_together

DOMAIN = "vliet.example"
CAIO, EMRE, LOTTE, PIETER, ANOUK = "Noor Vermeer", "Emre Kaya", "Lotte Jansen", "Pieter Smit", "Anouk Bakker"
RUBEN, DIRECTOR = "Ruben Visser", "Joost van Vliet"
HALF = frozenset({"security.threat_model", "governance.risk_classification", "economics.cost_plan", "mlops.monitor"})
"""What the owner of the CV summary has come to so far of what production asks."""
PEOPLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # name, title, unit, roles
    ("Noor Vermeer", "Fractional Chief AI Officer", "Direction", ("caio",)),
    ("Joost van Vliet", "Managing director", "Direction", ("cio", "cfo", "board")),
    ("Sanne de Wit", "Operations manager", "Operations", ("operations", "owner")),
    ("Emre Kaya", "Lead recruiter", "Recruitment", ("owner",)),
    ("Lotte Jansen", "Recruiter", "Recruitment", ("owner",)),
    ("Pieter Smit", "Client manager", "Client service", ("owner",)),
    ("Anouk Bakker", "Privacy officer (one day a week)", "Direction", ("legal", "risk")),
    ("Ruben Visser", "IT support, also information security", "Operations", ("ciso", "engineer")),
)
"""Those who act in the story. The other forty-two are employees."""

UNITS = ("Direction", "Recruitment", "Client service", "Operations")
FIRST_NAMES = (
    "Daan Tess Bram Iris Sem Fleur Thijs Roos Finn Lieke Jasper Maud Koen Eva Stijn Yara Mats Nina Tygo Jula Gijs "
    "Vera Luuk Isa Tim Floor Sven Elin Bas Puck Hugo Lynn Job Saar Max Liv Rens Noa Teun Ella Kai Mila"
).split()
LAST_NAMES = "Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Kok Jacobs Maas Postma Willems Schouten".split()

POSTINGS, SUMMARIES, MAIL = "Job posting writer", "CV summary", "Client e-mail answers"
PILOTS: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    POSTINGS: (
        LOTTE,
        "Recruitment",
        {
            "purpose": "Write a first draft of a job posting from five keywords",
            "outputs": "A draft that a recruiter edits",
            "technique": "language model",
            "sourcing": "api",
            "vendor": "Northlight",
            "personal_data": "none",
            "impact": "neither",
            "affects": "Recruiters",
            "outcome": "A vacancy is online the day it comes in",
            "outcome_metric": "Hours from request to posting",
        },
        {"people": "no", "personal_data": "no", "acts_alone": "no", "outside_people": "no", "undo": "no"},
    ),
    SUMMARIES: (
        EMRE,
        "Recruitment",
        {
            "purpose": "Summarise a CV against the requirements of a vacancy",
            "outputs": "Ten lines and an order of candidates",
            "technique": "language model",
            "sourcing": "api",
            "vendor": "Northlight",
            "personal_data": "personal",
            "impact": "rights",
            "affects": "Candidates whose CV is read",
        },
        {"people": "yes", "personal_data": "yes", "acts_alone": "no", "outside_people": "no", "undo": "unknown"},
    ),
    MAIL: (
        PIETER,
        "Client service",
        {
            "purpose": "Draft answers to clients' questions about hours and invoices",
            "outputs": "A draft answer in the mail program",
            "technique": "language model, retrieval",
            "sourcing": "buy",
            "vendor": "Parley",
            "personal_data": "personal",
            "impact": "neither",
        },
        {"people": "no", "personal_data": "yes", "acts_alone": "no", "outside_people": "yes", "undo": "no"},
    ),
}


def tell_year(tell: Teller) -> None:
    """The whole year, oldest first."""
    with tell.at(360, 9):
        _found(tell)
    tell.on(350, lambda: rulebook_adopt(actor=tell.actor(CAIO), base="sme_light"))
    tell.on(92, partial(_take_stock, tell))
    frameworks.adopt(tell, CAIO, ((80, "eu_ai_act"), (79, "gdpr")))
    for day, name in ((88, POSTINGS), (84, SUMMARIES), (80, MAIL)):
        tell.on(day, partial(_map, tell, name))
    tell.on(91, partial(_organise, tell))
    for day, share in ((78, 0.3), (40, 0.7), (6, 0.9)):
        tell.on(day, partial(_learn, tell, share))
    tell.on(60, partial(_write, tell, POSTINGS, "before_pilot"))
    tell.on(38, partial(_write, tell, POSTINGS, "before_production"))
    tell.on(30, partial(_have_reviewed, tell, POSTINGS))
    tell.on(44, partial(_write, tell, SUMMARIES, "before_pilot"))
    tell.on(15, partial(_write, tell, SUMMARIES, "before_production", only=HALF))
    tell.on(35, partial(_write, tell, MAIL, "before_pilot", only=frozenset({"security.personal_data_rules"})))
    tell.on(10, partial(_block, tell))
    for day in (85, 55, 25):
        tell.on(day, partial(_invoices, tell))
    for day, share in ((58, 0.4), (28, 0.7), (1, 0.8)):
        tell.on(day, partial(_use, tell, POSTINGS, share))
    tell.on(2, partial(_value, tell))
    tell.on(24, partial(_practices, tell, POSTINGS, ("testing", "human_training", "monitoring", "data_documentation")))
    tell.on(20, partial(_pass, tell, POSTINGS, "production"))
    tell.on(9, partial(_pass, tell, MAIL, "production"))
    tell.on(3, partial(_pass, tell, SUMMARIES, "production"))
    tell.run(lambda moment: house_jobs(tell.operator(), moment))


def _found(tell: Teller) -> None:
    """Fifty people in four units; eight of them act in the story."""
    staff = [(name, title, unit, roles, address(name, DOMAIN)) for name, title, unit, roles in PEOPLE]
    for number, first in enumerate(FIRST_NAMES):
        name = f"{first} {LAST_NAMES[number % len(LAST_NAMES)]}"
        unit = UNITS[1 + number % 3]
        staff.append(
            (name, "Recruiter" if unit == "Recruitment" else "Employee", unit, ("employee",), address(name, DOMAIN))
        )
    tell.settle(list(UNITS), staff)
    let_sign_in(tell, [CAIO, EMRE, PIETER, ANOUK])


def _line(name: str) -> Line:
    _, unit, said, _ = PILOTS[name]
    told = {key: said.get(key, "") for key in ("technique", "sourcing", "vendor", "personal_data", "impact")}
    return Line(unit=unit, name=name, stage="pilot", purpose=said["purpose"], outputs=said["outputs"], **told)


def _take_stock(tell: Teller) -> None:
    """The Chief AI Officer asks around and finds three pilots that are running already."""
    import_lines(
        tell, CAIO, [_line(name) for name in PILOTS], {POSTINGS: "2026-01", MAIL: "2026-02", SUMMARIES: "2025"}
    )
    for name, (owner, *_) in PILOTS.items():
        owner_assign(actor=tell.actor(CAIO), system=tell.system(name), owner_id=tell.people[owner].pk)


def _firm(tell: Teller) -> Firm:
    """Fifty people; who answers for something holds several posts."""
    email = {name: person.email for name, person in tell.people.items()}
    return Firm(
        told=tell.told.date(),
        caio=email[CAIO],
        engineer=email[RUBEN],
        lead=email["Sanne de Wit"],
        security=email[RUBEN],
        units=UNITS,
        suppliers=("Northlight", "Parley"),
        models=(("Northlight Text", "Northlight"), ("Parley language model, retrieval", "Parley")),
        staff=(email[RUBEN], email[CAIO]),
        small=True,
    )


def _case(tell: Teller, name: str, steady: bool = True) -> Case:
    pick = Steady() if steady else random.Random(name)  # noqa: S311  # a story's chance
    return case_of(tell, _line(name), _firm(tell), CAIO, pick)


def _organise(tell: Teller) -> None:
    """One afternoon with the director: a goal, a policy of one page, who does what, the list of suppliers."""
    write(tell, CAIO, [*papers.of_firm(_firm(tell)), *talent.demand(_firm(tell))])


def _learn(tell: Teller, share: float) -> None:
    write(tell, CAIO, talent.completions(_firm(tell), share))


def _write(tell: Teller, name: str, *what: str, only: frozenset[str] = frozenset()) -> None:
    """The owner writes what a gate asks for, or only some kinds of it."""
    case = _case(tell, name)
    written = [paper for part in what for paper in getattr(papers, part)(case) if not only or paper[0] in only]
    write(tell, case.owner_name, written, name)


def _have_reviewed(tell: Teller, name: str) -> None:
    have_signed(tell, PILOTS[name][0], name, "security.review")


def _block(tell: Teller) -> None:
    """The mail pilot cannot look up the hours that clients ask about."""
    case = _case(tell, MAIL)
    write(tell, case.owner_name, [platform.blocker(case, 0, 25, cleared=False, owned=False)], MAIL)


def _use(tell: Teller, name: str, share: float) -> None:
    case = _case(tell, name)
    write(tell, case.owner_name, [experience.use(case, share, 0.05)], name)


def _invoices(tell: Teller) -> None:
    firm = _firm(tell)
    lines = [(tell.system(name).number, name, amount) for name, amount in ((POSTINGS, 90), (SUMMARIES, 140))]
    northlight = economics.invoice(firm, "Northlight", lines, 25)
    parley = economics.invoice(firm, "Parley", [(tell.system(MAIL).number, MAIL, 260)], 0)
    write(tell, DIRECTOR, [northlight, parley])


def _value(tell: Teller) -> None:
    case = _case(tell, POSTINGS)
    write(tell, case.owner_name, [economics.value(case, 1900, "before_after")], POSTINGS)
    have_signed(tell, case.owner_name, POSTINGS, "economics.realised_value")


def _map(tell: Teller, name: str) -> None:
    """The Chief AI Officer sits down with the owner for ten minutes: facts, intake, the first practices."""
    owner, _, said, intake = PILOTS[name]
    actor, system = tell.actor(owner), tell.system(name)
    asked = {question.key for question in active_body(tell.organisation.pk).questions}
    with transaction.atomic(), told_together(actor):
        system_change(actor=actor, system=system, changes=said)
        set_intake(actor=actor, system=system, answers={key: a for key, a in intake.items() if key in asked})
        model = component_add(
            actor=tell.actor(CAIO), kind="model", name="Northlight Text", version="5.0", supplier=said["vendor"]
        )
        relation_add(actor=actor, system=system, kind="uses", component=model)
    if name != MAIL:  # nobody has yet said what the e-mail pilot should bring
        system_change(
            actor=tell.actor(CAIO),
            system=tell.system(name),
            changes={
                "outcome": said.get("outcome", "More time for talking to candidates"),
                "outcome_metric": "Hours a week",
            },
        )
    _practices(tell, name, ("risks_known", "human_oversight", "privacy_review"))


def _practices(tell: Teller, name: str, keys: tuple[str, ...]) -> None:
    owner = PILOTS[name][0]
    actor, system = tell.actor(owner), tell.system(name)
    with transaction.atomic(), told_together(actor):
        for key in keys:
            practice_state(actor=actor, system=system, key=key, status="met", words=facts.WORDS["met"][key])


def _pass(tell: Teller, name: str, to_stage: str) -> None:
    """Ask for the next stage. Where something is missing the gate stays shut, and the story leaves it so."""
    owner = PILOTS[name][0]
    try:
        asked = gate_request(
            actor=tell.actor(owner), system=tell.system(name), to_stage=to_stage, reason="We would like to go on."
        )
    except Conflict:
        return
    if asked.decision is not None:
        sign(tell, asked.decision, "approve", "Discussed with the owner; agreed.")
