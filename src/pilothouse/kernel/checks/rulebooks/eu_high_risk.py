"""EU high-risk: for a deployer or provider under Regulation (EU) 2024/1689.

In words of our own; it is not legal advice.
"""

from pilothouse.kernel.checks.rulebook import (
    BreakGlass,
    ByTier,
    Decisions,
    Gate,
    Gates,
    RulebookBody,
    Signers,
    TierKey,
    Waivers,
)
from pilothouse.kernel.checks.rulebooks.shape import (
    MATERIAL,
    A,
    D,
    S,
    ask,
    ask_all,
    before_pilot,
    before_production,
    before_spending,
    question,
)

_OFFICER = (("caio", "legal", "risk", "cio"),)
_HIGH = (("legal",), ("caio",))

_CAREFUL: tuple[TierKey, ...] = ("medium", "high")

BODY = RulebookBody(
    about="For organisations in the European Union: forbidden uses stop at the door, listed ones are documented first.",
    questions=(
        question(
            "prohibited",
            "Does it do something that the law forbids outright?",
            "It scores citizens by behaviour, reads emotions of employees, or preys on someone's weakness: yes.",
        ),
        question(
            "affects_people",
            "Does it help decide about work, schooling, credit, benefits, policing, borders, justice or vital aid?",
            "It sorts applicants, marks exams or rates creditworthiness: yes. It translates menus: no.",
            reads="impact_rights",
        ),
        question(
            "safety",
            "Is it the part that keeps a regulated product safe?",
            "Braking in a vehicle, dosing in a medical device: yes. A lamp that dims itself: no.",
            reads="impact_safety",
        ),
        question(
            "personal_data",
            "Does it use information about people who can be recognised?",
            "Names in CVs, customer numbers, voices, faces or locations: yes. Temperatures of a cold store: no.",
            yes="medium",
            reads="personal_data",
        ),
        question(
            "outside_people",
            "Do people talk to it, or see pictures, sound or text that it made?",
            "A chat window, a made-up voice, a generated picture in a campaign: yes. A forecast of demand: no.",
            yes="medium",
        ),
    ),
    gates=Gates(
        development=Gate(
            asks=ask_all("permitted_use purpose owner tier") + before_spending(),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=_HIGH),
        ),
        pilot=Gate(
            asks=ask_all("personal_data human_training")
            + ask("notice", medium=A, high=A)
            + ask("risks_known data_documentation", high=D)
            + ask("human_oversight affects impact", high=A)
            + ask("privacy_review", medium=A, high=D)
            + before_pilot(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=_HIGH),
        ),
        production=Gate(
            asks=ask_all("outputs vendor")
            + ask("monitoring testing", medium=A, high=D)
            + ask("impact_assessment independent_evaluation human_oversight", high=D)
            + ask("disparities appeal code_access deputy", high=A)
            + ask("governance.impact_assessed", high=S)
            + before_production(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=(("legal",), ("caio",), ("ciso", "risk"))),
        ),
        retirement=Gate(asks=ask_all("owner"), signers=Signers(medium=_OFFICER, high=_OFFICER)),
    ),
    inherited_days=ByTier(low=180, medium=90, high=30),
    waivers=Waivers(
        never=(
            "inventory.permitted_use",
            "inventory.owner",
            "inventory.tier",
            "inventory.human_oversight",
            "inventory.impact_assessment",
        ),
        max_days=60,
        renewals=1,
    ),
    break_glass=BreakGlass(roles=("caio", "ciso", "legal"), hours=4, ratify_hours=24),
    fresh_days=ByTier(low=730, medium=365, high=365),
    material=MATERIAL,
    decisions=Decisions(days=ByTier(low=10, medium=7, high=5), escalate=("caio", "legal", "board")),
)
