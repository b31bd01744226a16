"""SME light: for an organisation of a few dozen people. The low tier asks what one person answers in ten minutes."""

from pilothouse.kernel.checks.rulebook import (
    BreakGlass,
    ByTier,
    Decisions,
    Gate,
    Gates,
    LoneDecider,
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

_ONE = (("caio", "operations", "cto"),)
_TWO = (("caio",), ("ciso", "cio", "cto", "legal", "risk", "operations"))

_CAREFUL: tuple[TierKey, ...] = ("high",)

BODY = RulebookBody(
    about="For a small organisation: few questions, few signatures, full weight only where people may be harmed.",
    questions=(PEOPLE, SAFETY, PERSONAL, ALONE, OUTSIDE),
    gates=Gates(
        development=Gate(
            asks=ask_all("purpose owner outcome tier") + before_spending(),
            signers=Signers(medium=_ONE, high=_ONE),
        ),
        pilot=Gate(
            asks=ask_all("personal_data")
            + ask("risks_known human_oversight", medium=A, high=A)
            # The rest is asked only where people may be harmed.
            + ask("privacy_review impact", high=A)
            + before_pilot(_CAREFUL),
            signers=Signers(low=_ONE, medium=_ONE, high=_TWO),
        ),
        production=Gate(
            asks=ask_all("outputs vendor")
            + ask("testing human_training monitoring", medium=A, high=A)
            + ask("impact_assessment", high=D)
            + ask("deputy affects notice appeal disparities", high=A)
            + before_production(_CAREFUL),
            signers=Signers(low=_ONE, medium=_ONE, high=_TWO),
        ),
        retirement=Gate(asks=ask_all("owner"), signers=Signers(high=_ONE)),
    ),
    inherited_days=ByTier(low=180, medium=90, high=30),
    lone_decider=LoneDecider(tiers=("low", "medium"), after_hours=24),
    waivers=Waivers(never=("inventory.owner", "inventory.tier", "inventory.human_oversight"), max_days=90, renewals=1),
    break_glass=BreakGlass(roles=("caio", "operations", "cto"), hours=8, ratify_hours=24),
    fresh_days=ByTier(low=1095, medium=730, high=365),
    material=MATERIAL,
    decisions=Decisions(days=ByTier(low=14, medium=10, high=7), escalate=("caio", "operations", "board")),
)
