"""US federal: for an agency with a public inventory and minimum practices for uses that touch rights or safety.

Written from the subject matter of OMB memoranda M-24-10 and M-25-21 in words of our own; it is not legal advice.
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

_OFFICER = (("caio", "cio", "cto", "risk"),)
_HIGH = (("caio",), ("ciso", "cio"))

_CAREFUL: tuple[TierKey, ...] = ("medium", "high")

BODY = RulebookBody(
    about="For a public agency: every use is listed; those touching rights or safety meet minimum practices first.",
    questions=(
        question(
            "affects_people",
            "Are its results a main ground for deciding about someone's rights, benefits, freedom or opportunities?",
            "It helps decide who gets a benefit or is searched: yes. It sorts research papers by subject: no.",
            reads="impact_rights",
        ),
        question(
            "safety",
            "Could acting on its results hurt people, the environment or something the public depends on?",
            "It controls a pump or flags a patient as healthy: yes. It forecasts office supplies: no.",
            reads="impact_safety",
        ),
        question(
            "personal_data",
            "Does the agency keep personal information that it uses?",
            "Case files, names, images of faces, account numbers: yes. Satellite pictures of crops: no.",
            yes="medium",
            reads="personal_data",
        ),
        question(
            "acts_alone",
            "Does anything happen because of its results before a person has looked at them?",
            "It sends the notice or opens the gate by itself: yes. An analyst reads its list first: no.",
            yes="medium",
        ),
        question(
            "outside_people",
            "Do members of the public meet it or rely on what it tells them?",
            "A chat window on a public site, a published forecast: yes. A search tool for staff: no.",
            yes="medium",
        ),
    ),
    gates=Gates(
        development=Gate(
            asks=ask_all("purpose owner unit tier impact") + before_spending(),
            signers=Signers(medium=_OFFICER, high=_OFFICER),
        ),
        pilot=Gate(
            asks=ask_all("outputs personal_data stage")
            + ask("risks_known impact_assessment data_documentation", high=A)
            + ask("privacy_review", medium=A, high=A)
            + before_pilot(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=_HIGH),
        ),
        production=Gate(
            asks=ask_all("vendor ato code_access")
            + ask("testing monitoring", medium=A, high=D)
            + ask("impact_assessment independent_evaluation", high=D)
            + ask(
                "affects human_training human_oversight notice disparities consultation appeal opt_out deputy", high=A
            )
            + ask("governance.impact_assessed", high=S)
            + before_production(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=_HIGH),
        ),
        retirement=Gate(asks=ask_all("owner"), signers=Signers(medium=_OFFICER, high=_OFFICER)),
    ),
    inherited_days=ByTier(low=180, medium=90, high=30),
    waivers=Waivers(
        never=("inventory.owner", "inventory.tier", "inventory.impact"),
        max_days=90,
        renewals=1,
    ),
    break_glass=BreakGlass(roles=("caio", "ciso", "cio"), hours=8, ratify_hours=24),
    fresh_days=ByTier(low=1095, medium=730, high=365),
    material=MATERIAL,
    decisions=Decisions(days=ByTier(low=10, medium=7, high=5), escalate=("caio", "risk", "legal", "board")),
)
