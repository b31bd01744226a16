"""What happened at Meridian that year beyond the daily round: gates, waivers, an emergency, a leaver, a rulebook."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction

from pilothouse.contracts.errors import Conflict
from pilothouse.demo import facts, papers
from pilothouse.demo.deciding import open_decisions, sign
from pilothouse.demo.filling import Filling
from pilothouse.demo.papers import experience
from pilothouse.demo.telling import LOOKS, Teller
from pilothouse.demo.writing import Steady, have_signed, write
from pilothouse.kernel.checks.actions import rulebook_activate, rulebook_propose, set_intake
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.decisions.tick import decisions_move_on
from pilothouse.kernel.directory.actions import deputy_appoint, person_leave
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.gates.actions.breakglass import breakglass_open
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.actions.waivers import waiver_request
from pilothouse.kernel.inventory.actions import (
    component_add,
    duplicates_find,
    practice_state,
    relation_add,
    saved_view_save,
    system_change,
    system_create,
)
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.requests.actions import answers_give, link_actor, request_send
from pilothouse.kernel.requests.models import FactLink

CAIO, CISO, RISK = "Ingrid Halvorsen", "Rafael Montoya", "Sunniva Dahl"
SUSPENDED, LEFT_BEHIND = "Attrition forecast", "Card fraud detection"
WAIVED = (
    ("Web chat", "inventory.testing", 150, True),
    ("Invoice reading", "inventory.human_training", 30, True),
    ("Payment routing", "inventory.testing", 3, False),
)
PASSING = (
    ("Adviser call summary", "production", 80),
    ("Knowledge page writer", "production", 66),
    ("Test data generator", "pilot", 52),
)
REFUSED = (("Loan letter drafting", "production", 40), ("Search answer agent", "development", 33))
WAITING = "Policy wording assistant"
OWNED = {row[0] for row in (*WAIVED, *PASSING, *REFUSED)} | {WAITING, LEFT_BEHIND}
"""Systems of the story that need an owner from the start."""
SCRIPTED = {row[0] for row in PASSING} | {WAITING}
"""Systems whose answers the story gives in one go."""


def stars(story: Filling, owner_of: dict[str, str]) -> None:
    """Three systems are brought through their gates in exemplary order; two others are refused."""
    tell = story.tell
    for name, to_stage, day in PASSING:
        tell.on(day + 20, partial(_make_ready, story, name, owner_of[name]))
        tell.on(day, partial(_pass_gate, tell, name, owner_of[name], to_stage))
    for name, to_stage, day in REFUSED:
        tell.on(day, partial(_ask_in_vain, tell, name, owner_of[name], to_stage))
    tell.on(28, partial(_make_ready, story, WAITING, owner_of[WAITING]))
    tell.on(2, partial(_ask, tell, WAITING, owner_of[WAITING], "production", "Brokers use it daily and ask for it."))


def _make_ready(story: Filling, name: str, owner: str) -> None:
    """The owner answers everything, seals what must be sealed, has the review signed, and adds documents."""
    tell, line = story.tell, story.lines[name]
    actor, system = tell.actor(owner), tell.system(line.name)
    mate = next(p for n, p in tell.people.items() if p.unit == tell.units[line.unit] and n != owner)
    with transaction.atomic(), told_together(actor):
        set_intake(actor=actor, system=system, answers=facts.intake(line))
        said = facts.said(line, facts.METRICS[0]) | {"deputy_id": mate.pk}
        system_change(actor=actor, system=system, changes=said)
        for key in facts.PRACTICES:
            practice_state(actor=actor, system=system, key=key, status="met", words=facts.WORDS["met"][key])
        for kind, part_name, version, supplier in facts.models_of(line):
            part = component_add(actor=tell.actor(CAIO), kind=kind, name=part_name, version=version, supplier=supplier)
            relation_add(actor=actor, system=system, kind="uses", component=part)
    case = story.case(name, Steady())
    written = [*papers.before_pilot(case), *papers.before_production(case), experience.use(case, 0.7, 0.05)]
    write(tell, owner, written, name)
    have_signed(tell, owner, name, "security.review")
    add_documents(tell, line.name, owner)


def add_documents(tell: Teller, system: str, owner: str) -> None:
    """Short reports as files, each saying which checks it supports."""
    for title, checks in (
        ("Test report", ("inventory.testing", "inventory.monitoring")),
        ("Impact assessment", ("inventory.impact_assessment", "inventory.privacy_review")),
        ("Independent review", ("inventory.independent_evaluation",)),
    ):
        text = f"# {title}: {system}\n\nSimulated document of the demo organisation.\n"
        evidence_add(
            actor=tell.actor(owner),
            system=tell.system(system),
            title=f"{title} of {system}",
            filename=f"{title.lower().replace(' ', '-')}.md",
            data=text.encode(),
            supports=checks,
            expires_on=(tell.told + timedelta(days=420)).date(),
        )


def _ask(tell: Teller, system: str, owner: str, to_stage: str, reason: str) -> None:
    gate_request(actor=tell.actor(owner), system=tell.system(system), to_stage=to_stage, reason=reason)


def _pass_gate(tell: Teller, system: str, owner: str, to_stage: str) -> None:
    asked = gate_request(
        actor=tell.actor(owner),
        system=tell.system(system),
        to_stage=to_stage,
        reason="The hypothesis held in the trial; the team is trained.",
    )
    if asked.decision is not None:
        sign(tell, asked.decision, "approve", "Everything asked for is there. Reviewed with the team.")


def _ask_in_vain(tell: Teller, system: str, owner: str, to_stage: str) -> None:
    try:
        _ask(tell, system, owner, to_stage, "We would like to go on.")
    except Conflict:
        return  # refused with its reasons, as the story wants; a refusal leaves the system where it is
    for decision in open_decisions(tell, "gate"):
        sign(tell, decision, "refuse", "Not before the open points are settled.")


def monthly_decisions(tell: Teller) -> None:
    """Once a month the CAIO decides what became overdue: a first time more days, then conditions."""
    for day in LOOKS[:-1]:  # soon after the house's own jobs have asked
        tell.on(day - 2, partial(_decide_overdue, tell, 0))
    tell.on(0.5, partial(_decide_overdue, tell, 6))


def _decide_overdue(tell: Teller, left: int) -> None:
    decisions_move_on(actor=tell.operator(), moment=tell.told)
    waiting = open_decisions(tell, "gap.overdue")
    for decision in waiting[: len(waiting) - left]:
        if "extend" in decision.options:
            sign(tell, decision, "extend", "The owner is at it; the last extension.")
        else:
            sign(tell, decision, "restrict", "It runs on for existing users only, until the open points are settled.")


def exceptions(tell: Teller, owner_of: dict[str, str]) -> None:
    """A waiver that ended, one that lives, one that waits; a suspension; break-glass ratified and not ratified."""
    for name, check, day, decided in WAIVED:
        tell.on(day, partial(_waive, tell, name, owner_of[name], check, decided))
    tell.on(95, partial(_suspend, tell, SUSPENDED))
    tell.on(61, partial(_break_glass, tell, SUSPENDED, True))
    tell.on(12, partial(_break_glass, tell, SUSPENDED, False))


def _waive(tell: Teller, system: str, owner: str, check: str, decided: bool) -> None:
    waiver = waiver_request(
        actor=tell.actor(owner),
        system=tell.system(system),
        check_id=check,
        reason="The vendor delivers its report next quarter.",
        days=60,
        compensation="A colleague looks at ten cases a week.",
    )
    if decided and waiver.decision is not None:
        sign(tell, waiver.decision, "approve", "Acceptable until the report is there.")


def _suspend(tell: Teller, system: str) -> None:
    reason = "Names of single employees appeared in a team's figures."
    gate_restrict(actor=tell.actor(CAIO), system=tell.system(system), kind="suspend", reason=reason)


def _break_glass(tell: Teller, system: str, ratified: bool) -> None:
    glass = breakglass_open(
        actor=tell.actor(CAIO),
        system=tell.system(system),
        reason="The board's staffing plan of tomorrow needs the figures of the whole group.",
        hours=6,
    )
    if ratified and glass.decision is not None:
        sign(tell, glass.decision, "approve", "Group figures only; I watched the run.")


def people_come_and_go(tell: Teller, owner_of: dict[str, str]) -> None:
    """The CAIO is away in spring and names a deputy; an owner leaves in autumn."""
    tell.on(120, partial(_deputise, tell))
    tell.on(19, partial(_leave, tell, owner_of[LEFT_BEHIND]))


def _deputise(tell: Teller) -> None:
    deputy_appoint(
        actor=tell.actor(CAIO),
        person=tell.people[CAIO],
        deputy=tell.people["Kwame Boateng"],
        starts_at=tell.told,
        ends_at=tell.told + timedelta(days=14),
        reason="On leave",
    )


def _leave(tell: Teller, name: str) -> None:
    hr = tell.actor("Helena Brandão")
    person_leave(actor=hr, person=tell.people[name], reason="Left for another company")


def rules_change(tell: Teller) -> None:
    """The rulebook is tightened in spring; a loosening waits for someone else's decision."""
    tell.on(170, partial(_tighten, tell))
    tell.on(4, partial(_loosen, tell))


def _tighten(tell: Teller) -> None:
    body = active_body(tell.organisation.pk)
    stricter = body.model_copy(update={"inherited_days": body.inherited_days.model_copy(update={"low": 150})})
    proposal = rulebook_propose(actor=tell.actor(CAIO), body=stricter, reason="Low-tier gaps stayed open for too long.")
    rulebook_activate(actor=tell.actor(CAIO), rulebook=proposal)


def _loosen(tell: Teller) -> None:
    body = active_body(tell.organisation.pk)
    looser = body.model_copy(update={"inherited_days": body.inherited_days.model_copy(update={"high": 45})})
    rulebook_propose(actor=tell.actor(CAIO), body=looser, reason="Thirty days are too short over the summer.")


def house_keeping(tell: Teller) -> None:
    """Shared views, a new idea twice, and a look for duplicates."""
    tell.on(200, partial(_views, tell))
    tell.on(25, partial(_two_ideas, tell))
    tell.on(6, partial(_ask_owners, tell))
    tell.on(4, partial(_owners_answer, tell))


def _views(tell: Teller) -> None:
    for name, query in (
        ("High tier in production", "tier=high&stage=production"),
        ("Nobody owns it", "missing=owner"),
        ("Generative", "tag=generative"),
    ):
        saved_view_save(actor=tell.actor(CAIO), name=name, query=SystemQuery.parse(query), shared=True)


def _two_ideas(tell: Teller) -> None:
    for who, name in ((RISK, "Complaint topic tagging for branches"), ("Tariq Mansour", "Complaint topics tagging")):
        system_create(
            actor=tell.actor(CAIO if who == RISK else who),
            name=name,
            purpose="Send a complaint to who can solve it",
            unit_id=tell.units["Customer service"].pk,
        )
    duplicates_find(actor=tell.actor(CAIO))


def _ask_owners(tell: Teller) -> None:
    """The CAIO asks the owners of high-tier systems that run what nobody has said yet."""
    systems = System.objects.filter(organisation=tell.organisation, tier="high", stage="production")
    request_send(
        actor=tell.actor(CAIO),
        title="High-tier systems: outcome and monitoring",
        numbers=list(systems.exclude(owner=None).values_list("number", flat=True)),
        keys=["outcome", "practice:monitoring", "practice:independent_evaluation"],
        note="Five minutes before the quarterly review. Thank you.",
    )


def _owners_answer(tell: Teller) -> None:
    """Every other owner answers; the rest of them are still to be reminded."""
    links = FactLink.objects.filter(organisation=tell.organisation, answered_at=None).order_by("email")
    for link in links[::2]:
        said = {"outcome": "Cases are settled the same day."}
        answers = {
            str(question.pk): {"value": said.get(question.key, "met"), "words": "Weekly report to the team."}
            for question in link.questions.all()
        }
        answers_give(actor=link_actor(link), link=link, answers=answers)
