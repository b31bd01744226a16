"""Enterprise: for a group with units, officers and auditors. High risk is asked for documents, not for words."""

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
    ALONE,
    MATERIAL,
    OUTSIDE,
    PEOPLE,
    PERSONAL,
    SAFETY,
    A,
    D,
    ask,
    ask_all,
    before_pilot,
    before_production,
    before_spending,
)

_OFFICER = (("caio", "cio", "cto", "risk", "operations"),)

_CAREFUL: tuple[TierKey, ...] = ("medium", "high")

BODY = RulebookBody(
    about="For a larger organisation: an owner and an outcome before building, documents before high risk goes live.",
    questions=(PEOPLE, SAFETY, PERSONAL, ALONE, OUTSIDE),
    gates=Gates(
        development=Gate(
            asks=ask_all("purpose owner unit outcome tier") + before_spending(),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=(("caio",),)),
        ),
        pilot=Gate(
            asks=ask_all("personal_data impact outputs")
            + ask("risks_known human_oversight data_documentation", medium=A, high=A)
            + ask("privacy_review impact_assessment affects", high=A)
            + before_pilot(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=_OFFICER, high=(("caio",), ("risk", "ciso"))),
        ),
        production=Gate(
            asks=ask_all("vendor stage")
            + ask("human_training", low=A, medium=A, high=A)
            + ask("testing monitoring", medium=A, high=D)
            + ask("privacy_review", medium=A, high=D)
            + ask("impact_assessment independent_evaluation", high=D)
            + ask("deputy notice appeal disparities", high=A)
            + before_production(_CAREFUL),
            signers=Signers(low=_OFFICER, medium=(("caio",), ("ciso", "risk", "cio")), high=(("ciso",), ("caio",))),
        ),
        retirement=Gate(asks=ask_all("owner"), signers=Signers(medium=_OFFICER, high=(("caio",),))),
    ),
    inherited_days=ByTier(low=180, medium=90, high=30),
    waivers=Waivers(
        never=("inventory.owner", "inventory.tier", "inventory.human_oversight", "inventory.impact_assessment"),
        max_days=90,
        renewals=1,
    ),
    break_glass=BreakGlass(roles=("caio", "ciso", "cio", "operations"), hours=8, ratify_hours=24),
    fresh_days=ByTier(low=1095, medium=730, high=365),
    material=MATERIAL,
    decisions=Decisions(days=ByTier(low=10, medium=7, high=5), escalate=("caio", "risk", "board")),
)
