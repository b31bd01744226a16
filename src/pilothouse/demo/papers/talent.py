"""People in the demo: roles and skills, who has them, what the roadmap needs, the Center of Excellence, courses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

SKILLS = (
    ("Model monitoring", "mlops", "Sets thresholds and reads drift without help"),
    ("AI risk and law", "governance", "Classifies a system and defends the reasons before legal"),
    ("AI security testing", "security", "Plans and runs an attack on a system and writes it up"),
    ("Data engineering", "data", "Builds a load that tells when it fails"),
)
ROLES = (
    ("MLOps engineer", "mlops", "Nobody would notice when a model goes wrong", "Model monitoring"),
    ("AI governance lead", "governance", "Classes and obligations would be guessed", "AI risk and law"),
    ("AI security engineer", "security", "Reviews would be those of ordinary software", "AI security testing"),
    ("Data engineer", "data", "Pilots would not find their way to real data", "Data engineering"),
)
COURSE = "AI at work: when not to trust it"
ASSETS = (
    (
        "Connector to the customer register",
        "connector",
        "Reads one case with the rights of whoever asks; writes nothing",
    ),
    ("Letter prompt with our tone", "prompt", "Writes a letter from five facts; never promises a sum"),
    ("Evaluation set of 300 cases", "evaluation", "Cases of last year with the right answer; not for training"),
)


def quarters(first: date) -> list[str]:
    """The quarter of `first` and the three after it."""
    at = first.year * 4 + (first.month - 1) // 3
    return [f"{(at + n) // 4}-Q{(at + n) % 4 + 1}" for n in range(4)]


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, area, alone in SKILLS:
        yield "talent.skill", {"name": name, "area": area, "alone": alone}
    for title, area, purpose, skill in ROLES:
        yield (
            "talent.role",
            {"title": title, "area": area, "purpose": purpose, "skills": [{"skill": skill, "level": 3}]},
        )
    for at, email in enumerate(firm.staff):
        title, _, _, skill = ROLES[at % len(ROLES)]
        yield (
            "talent.person",
            {
                "person": email,
                "role": title,
                "fte": "0.2" if firm.small else ("1", "0.5", "0.8")[at % 3],
                "basis": "contract" if at % 4 == 3 else "employed",
                "levels": [{"skill": skill, "level": 2 if at % 3 == 2 else 3, "by": ("tested", "manager")[at % 2]}],
                "assessed_on": firm.ago(5),
            },
        )
    yield (
        "talent.course",
        {
            "title": COURSE,
            "audience": "everybody",
            "required": True,
            "covers": "Knows what may go into a prompt, and finds the errors in ten answers of which four are wrong",
            "hours": "2",
            "target": "80",
            "owner": firm.caio,
        },
    )
    yield (
        "talent.charter",
        {
            "model": "central" if firm.small else "hub_and_spoke",
            "mission": "Units get to production without building platforms of their own",
            "lead": firm.caio,
            "decides": ["Which models may be used", "Which tools are on the list"],
            "advises": ["Which case to take up next"],
            "services": ["A gateway with budgets", "Reviews within two weeks", "An evaluation set for each unit"],
            "funding": "central",
            "spokes": [] if firm.small else [{"unit": firm.units[0], "person": firm.engineer}],
            "measure": "Months from idea to production, and what is used twice",
            "review_by": firm.ahead(400),
        },
    )
    for name, kind, what in ASSETS[1:2] if firm.small else ASSETS:
        yield (
            "talent.asset",
            {"name": name, "kind": kind, "what": what, "owner": firm.engineer, "how": "Ask its owner for a key"},
        )


def demand(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the roadmap takes of each role in the coming year."""
    for at, (title, *_) in enumerate(ROLES):
        needs = [
            {"quarter": quarter, "fte": f"{(0.2 if firm.small else 1.5) + 0.25 * n * (at != 3) * (not firm.small)}"}
            for n, quarter in enumerate(quarters(firm.told))
        ]
        yield (
            "talent.demand",
            {"title": f"Roadmap of the coming year: {title}", "role": title, "needs": needs, "sure": at != 3},
        )


def completions(firm: Firm, share: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """How many of each unit have done the course; one unit lags."""
    for at, unit in enumerate(firm.units):
        people = 8 + 9 * at if firm.small else 60 + 17 * at
        done = share * (0.55 if at == 3 else 1)
        yield (
            "talent.completion",
            {
                "course": COURSE,
                "unit": unit,
                "on": firm.told.isoformat(),
                "people": people,
                "done": min(people, round(people * done)),
            },
        )


def reuse(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    """Units that use what another unit made."""
    if firm.small:
        return
    for at, unit in enumerate(firm.units[:5]):
        using = at % 3 != 2
        yield (
            "talent.reuse",
            {
                "asset": ASSETS[at % len(ASSETS)][0],
                "unit": unit,
                "state": "in_use" if using else "asked",
                "asked_on": firm.ago(30),
                "used_since": firm.ago(20) if using else None,
                "spared": "11.5" if using else None,
            },
        )


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    role = ROLES[0][0] if case.line.sourcing == "build" else ROLES[1][0]
    holder = case.firm.staff[ROLES.index(next(row for row in ROLES if row[0] == role)) % len(case.firm.staff)]
    yield (
        "talent.staffing",
        {
            "posts": [{"role": role, "people": [holder]}],
            "away": "A colleague of the platform team stands in; new versions wait",
            "gaps": "None: the role is held",
            "review_by": case.ahead(380),
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())
