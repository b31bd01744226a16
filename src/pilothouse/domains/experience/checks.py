"""The checks of experience: is the work redesigned, do people use it, and do they keep it in their hands?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pilothouse.domains.experience.rules import CAUGHT, latest, percent, reply_due, work
from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, needs, overdue, sealed, spoken, today
from pilothouse.kernel.records.people import Here, people_here
from pilothouse.kernel.records.selectors import Sealed, entries, latest_sealed

WORKFLOW = "experience.workflow"
ADOPTION = "experience.adoption"
USE = "experience.use"
OVERSIGHT = "experience.oversight"
FEEDBACK = "experience.feedback"
TOOL_REQUEST = "experience.tool_request"
RULES = "experience.rules"
ACKNOWLEDGEMENT = "experience.acknowledgement"

Paper = Sealed | None
Entries = tuple[Sealed, ...] | None


def stakes_are_high(system: SystemFacts) -> bool:
    """Does what it puts out touch somebody's rights or safety, as far as it is known?"""
    return system.tier == "high" or system.impact in ("rights", "safety", "both", "high")


@needs("Nobody has planned how people keep what it puts out in their hands.", at=0)
def judge_oversight(system: SystemFacts, loaded: tuple[Sealed, Here], now: datetime) -> Finding:
    """Met while a plan is sealed whose reviewers are here, are not too few, and look before harm is done."""
    paper, people = loaded
    body = paper.body
    if late := overdue([paper], now):
        return sealed(Status.IN_PROGRESS, f"Its oversight was to be looked at again by {spoken(late[1])}.", paper)
    here = [email for email in body["reviewers"] if email in people.names]
    if not here:
        return sealed(Status.NOT_MET, "None of its reviewers is here any more.", paper)
    if (body["a_day"] or 0) > (body["capacity"] or body["a_day"] or 0):
        reason = f"{body['a_day']} cases a day are to be looked at, and its reviewers manage {body['capacity']}."
        return sealed(Status.NOT_MET, reason, paper)
    if stakes_are_high(system) and body["mode"] in ("sample", "stop"):
        only = {"sample": "look only at a sample", "stop": "can only stop it"}[body["mode"]]
        return sealed(Status.IN_PROGRESS, f"The stakes are high, and people {only}.", paper)
    names = ", ".join(people.called(email) for email in here)
    looks = {
        "before": "look before each output takes effect",
        "after": "look at each output afterwards",
        "sample": "look at a sample",
        "stop": "can stop it",
    }[body["mode"]]
    return sealed(Status.MET, f"People {looks}: {names}.", paper)


@needs("It is not written down how the work changes.")
def judge_workflow(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a redesign is sealed, in which a person decides somewhere if the stakes are high."""
    process, to_be = paper.body["process"], paper.body["to_be"]
    if not to_be:
        return sealed(Status.MET, f"How “{process}” changes is written down.", paper)
    before, after = work(paper.body["as_is"]), work(to_be)
    if stakes_are_high(system) and not after.decides:
        return sealed(
            Status.IN_PROGRESS,
            f"The stakes are high, and in “{process}” no step is left where a person decides.",
            paper,
        )
    told = f"from {before.minutes:,.1f} to {after.minutes:,.1f} minutes of people a case ({paper.body['basis']})"
    return sealed(Status.MET, f"“{process}” is redesigned: {told}, AI acts in {after.ai} of {len(to_be)} steps.", paper)


@needs("Nobody has planned how people take it up.", at=0)
def judge_adoption(system: SystemFacts, loaded: tuple[Sealed, Here], now: datetime) -> Finding:
    """Met while a plan is sealed, with somebody to ask who is here, and not overdue."""
    paper, people = loaded
    if late := overdue([paper], now):
        return sealed(
            Status.IN_PROGRESS, f"How people take it up was to be looked at again by {spoken(late[1])}.", paper
        )
    if people.gone([paper.body["contact"]]):
        return sealed(
            Status.IN_PROGRESS, f"{paper.body['contact']}, whom its users were to ask, is not here any more.", paper
        )
    target, by = paper.body["target"], day(paper.body["target_on"])
    aim = f"; {Decimal(target):g} of 100 active by {spoken(by)}" if target is not None and by else ""
    contact = people.called(paper.body["contact"])
    return sealed(Status.MET, f"It is for {paper.body['eligible']:,} people, who ask {contact}{aim}.", paper)


@needs("Nobody has said how many of the people it is for use it.", at=0)
def judge_use(system: SystemFacts, loaded: tuple[tuple[Sealed, ...], Paper, Paper], now: datetime) -> Finding:
    """Met while a recent figure shows that enough people use it and that they override what they should."""
    figures, adoption, oversight = loaded
    newest = max(figures, key=lambda one: one.key)
    if latest([one.body for one in figures], today(now)) is None:
        return sealed(Status.IN_PROGRESS, f"The last figures of its use are of {newest.key}.", newest)
    use = max((one for one in figures if one.key <= f"{today(now):%Y-%m}"), key=lambda one: one.key)
    body, read = use.body, [one for one in (use, adoption, oversight) if one]
    active, overridden = percent(body["active"], body["eligible"]), percent(body["overridden"], body["answers"])
    if active is None or body["source"] == "guess":
        return sealed(Status.IN_PROGRESS, f"Its use in {use.key} is guessed, not counted.", use)
    said = f"In {use.key} {active} of 100 eligible people used it"
    aim, by = (adoption.body["target"], day(adoption.body["target_on"])) if adoption else (None, None)
    if aim is not None and by and by < today(now) and active < Decimal(aim):
        return sealed(Status.NOT_MET, f"{said}; {Decimal(aim):g} were to by {spoken(by)}.", *read)
    if overridden is None:
        status = Status.MET if system.tier == "low" else Status.IN_PROGRESS
        return sealed(status, f"{said}; how many answers they override is not counted.", use)
    floor = Decimal(oversight.body["floor"] or 0) if oversight else Decimal(0)
    if overridden < floor:
        reason = f"{said} and overrode {overridden} of 100 answers, fewer than {floor:g}: do they still look?"
        return sealed(Status.NOT_MET, reason, *read)
    caught = percent(body["caught"], body["wrong"])
    if caught is not None and caught < CAUGHT:
        reason = f"{said}, and of 100 wrong answers they overrode {caught}; {CAUGHT} is the least."
        return sealed(Status.NOT_MET, reason, *read)
    return sealed(Status.MET, f"{said} and overrode {overridden} of 100 answers.", *read)


def judge_feedback(system: SystemFacts, loaded: tuple[Entries, Paper], now: datetime) -> Finding:
    """Met while no report of a bad answer waits beyond its time; without any, while people have where to report one."""
    reports, adoption = loaded
    waiting = [(due, one) for one in reports or () if (due := reply_due(one.body))]
    if waiting:
        due, first = min(waiting, key=lambda row: row[0])
        late = due < today(now)
        reason = f"Report {first.key} of a bad answer {'was' if late else 'is'} to be replied to by {spoken(due)}."
        return sealed(Status.NOT_MET if late else Status.MET, reason, *(one for _, one in waiting))
    if reports:
        confirmed = sum(one.body["verdict"] == "confirmed" for one in reports)
        return sealed(
            Status.MET, f"All {len(reports)} reports of bad answers are replied to; {confirmed} were right.", *reports
        )
    if adoption is None:
        return absent(
            system, "The people it is for are not told what it is for, so nobody knows where to report a bad answer."
        )
    return sealed(Status.MET, "Nobody has reported a bad answer; its users find where to under “My AI”.", adoption)


ADOPTIONS = latest_sealed(ADOPTION)
OVERSIGHTS = latest_sealed(OVERSIGHT)

CHECKS = (
    Check(
        id="experience.oversight_planned",
        version=1,
        title="Human oversight planned",
        domain="experience",
        question="Do people keep what it puts out in their hands, where it matters?",
        load=(OVERSIGHTS, people_here),
        judge=judge_oversight,
        remedy=f"records/{OVERSIGHT}/edit/",
        remedy_label="Plan the oversight",
        protects="risk",
        effort=1.0,
    ),
    Check(
        id="experience.workflow_redesigned",
        version=1,
        title="Work redesigned",
        domain="experience",
        question="Is the work redesigned around what AI can do, rather than AI put into the old work?",
        load=latest_sealed(WORKFLOW),
        judge=judge_workflow,
        remedy=f"records/{WORKFLOW}/edit/",
        remedy_label="Redesign the work",
        protects="operations",
        effort=2.0,
    ),
    Check(
        id="experience.adoption_planned",
        version=1,
        title="Adoption planned",
        domain="experience",
        question="Is it planned how people take it up, and are they told what they may use it for?",
        load=(ADOPTIONS, people_here),
        judge=judge_adoption,
        remedy=f"records/{ADOPTION}/edit/",
        remedy_label="Plan the adoption",
        protects="operations",
        effort=1.0,
    ),
    Check(
        id="experience.use_measured",
        version=1,
        title="Use and overrides measured",
        domain="experience",
        question="Do the people it was built for use it, and do they override it when they should?",
        load=(entries(USE), ADOPTIONS, OVERSIGHTS),
        judge=judge_use,
        remedy=f"records/{USE}/new/",
        remedy_label="Enter a month of use",
        protects="operations",
        effort=0.5,
    ),
    Check(
        id="experience.feedback_heard",
        version=1,
        title="Reports of bad answers replied to",
        domain="experience",
        question="Is whoever reports a bad answer replied to in time?",
        load=(entries(FEEDBACK), ADOPTIONS),
        judge=judge_feedback,
        remedy=f"records/{ADOPTION}/edit/",
        remedy_label="Tell its users what it is for",
        protects="operations",
        effort=0.5,
    ),
)
