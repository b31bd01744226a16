"""The checks of talent: are the roles held, by people at level, and have its users learnt to use it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from pilothouse.domains.talent.facts import COMPLETION, Completed, Lines, completed, unit_lines
from pilothouse.domains.talent.rules import at_level
from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, needs, overdue, sealed, spoken, today
from pilothouse.kernel.records.loaders import organisation_register
from pilothouse.kernel.records.people import Here, people_here
from pilothouse.kernel.records.selectors import Sealed, latest_sealed, organisation_entries

SKILL = "talent.skill"
ROLE = "talent.role"
HOLDER = "talent.person"
DEMAND = "talent.demand"
STAFFING = "talent.staffing"
CHARTER = "talent.charter"
ASSET = "talent.asset"
REUSE = "talent.reuse"
COURSE = "talent.course"

YEAR = timedelta(days=365)

NOBODY = "It is not recorded which roles it takes and who holds them."


@needs(NOBODY, at=0)
def judge_roles(system: SystemFacts, loaded: tuple[Sealed, Here], now: datetime) -> Finding:
    """Met while each role that the system takes is held by somebody who is here."""
    paper, people = loaded
    if late := overdue([paper], now):
        return sealed(Status.IN_PROGRESS, f"Who holds its roles was to be looked at again by {spoken(late[1])}.", paper)
    posts = paper.body["posts"]
    empty = [post["role"] for post in posts if not any(email in people.names for email in post["people"])]
    if empty:
        status = Status.NOT_MET if len(empty) == len(posts) else Status.IN_PROGRESS
        return sealed(status, f"Nobody who is here holds: {', '.join(empty)}.", paper)
    return sealed(Status.MET, f"Each of its roles is held: {', '.join(post['role'] for post in posts)}.", paper)


@needs(NOBODY, at=0)
def judge_capability(
    system: SystemFacts, loaded: tuple[Sealed, Mapping[str, Sealed], Mapping[str, Sealed]], now: datetime
) -> Finding:
    """Met while for each role somebody who holds it is at level. Says how many, never who or which: levels are
    confidential."""
    paper, roles, levels = loaded
    posts = paper.body["posts"]
    read = [roles[post["role"]] for post in posts if post["role"] in roles]
    held = [email for post in posts for email in post["people"]]
    if not any(email in levels and levels[email].body["levels"] for email in held):
        return Finding(
            absent(system, "").status,
            "Nobody has assessed whether those who hold its roles are at level.",
            refs=(paper.ref,),
        )
    covered = 0
    for post in posts:
        role = roles.get(post["role"])
        covered += role is not None and any(
            at_level(role.body, levels[email].body) for email in post["people"] if email in levels
        )
    if covered < len(posts):
        status = Status.IN_PROGRESS if covered else Status.NOT_MET
        return sealed(
            status,
            f"Of the roles that it takes, {covered} of {len(posts)} are covered by people at level.",
            paper,
            *read,
        )
    return sealed(Status.MET, f"Each of its roles ({len(posts)}) is covered by people at level.", paper, *read)


@needs("No course is recorded that users of AI must take.", at=0)
def judge_literacy(system: SystemFacts, loaded: tuple[tuple[Sealed, ...], Completed, Lines], now: datetime) -> Finding:
    """Met while enough people of the system's unit have done each course that its users must take."""
    courses, figures, units = loaded
    asked = [one for one in courses if one.body["required"] and one.body["audience"] in ("everybody", "users")]
    if not asked:
        return sealed(Status.NOT_MET, "Courses are recorded, and none that users of AI must take.", *courses)
    line: tuple[str | None, ...] = (*(units.get(system.unit_id, ()) if system.unit_id else ()), None)
    whom = line[0] or "the organisation"
    since = (today(now) - YEAR).isoformat()
    for course in asked:
        told = (figures.get((course.key, unit)) for unit in line)
        figure = next((one for one in told if one and one["on"] >= since), None)
        if figure is None:
            status = absent(system, "").status
            return Finding(status, f"Nobody has said how many people of {whom} did “{course.key}”.", refs=(course.ref,))
        share, target = Decimal(figure["done"]) * 100 / Decimal(figure["people"]), Decimal(course.body["target"])
        if share < target:
            short = f"{figure['done']} of {figure['people']} people of {figure['unit'] or 'the organisation'}"
            reason = f"{short} did “{course.key}”; {target:g} of 100 should have."
            return sealed(Status.IN_PROGRESS, reason, course)
    names = ", ".join(f"“{one.key}”" for one in asked)
    return sealed(Status.MET, f"Enough people of {whom} did {names}.", *asked)


STAFFINGS = latest_sealed(STAFFING)

CHECKS = (
    Check(
        id="talent.roles_named",
        version=1,
        title="Roles held",
        domain="talent",
        question="Is every role that it takes held by somebody who is here?",
        load=(STAFFINGS, people_here),
        judge=judge_roles,
        remedy=f"records/{STAFFING}/edit/",
        remedy_label="Say who holds its roles",
        protects="hr",
        effort=0.5,
    ),
    Check(
        id="talent.capability_covered",
        version=1,
        title="Capability covered",
        domain="talent",
        question="Are those who hold its roles at level?",
        load=(STAFFINGS, organisation_register(ROLE), organisation_register(HOLDER)),
        judge=judge_capability,
        remedy=f"records/{STAFFING}/edit/",
        remedy_label="Say who holds its roles",
        protects="hr",
        effort=2.0,
    ),
    Check(
        id="talent.users_literate",
        version=1,
        title="Users have learnt to use it",
        domain="talent",
        question="Have enough people of its unit done the course that users of AI must take?",
        load=(organisation_entries(COURSE), completed, unit_lines),
        judge=judge_literacy,
        remedy=f"/records/kinds/{COMPLETION}/new/",
        remedy_label="Enter who did the course",
        protects="hr",
        effort=1.0,
    ),
)
