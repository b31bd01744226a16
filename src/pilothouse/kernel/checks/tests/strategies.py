"""Random rulebooks for property tests: a shipped one, changed here and there."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from pilothouse.kernel.checks.rulebook import (
    GATES,
    TIERS,
    BreakGlass,
    ByTier,
    ChangeKind,
    ComponentKind,
    Consequence,
    Decisions,
    Gate,
    Gates,
    LoneDecider,
    MaterialChange,
    Question,
    Requirement,
    RulebookBody,
    Signers,
    Waivers,
)
from pilothouse.kernel.domain import Grade

CHECKS = ("inventory.owner", "inventory.purpose", "inventory.testing", "strategy.value_hypothesis")
ROLES = ("caio", "ciso", "risk", "legal", "board")
READS = ("", "impact", "impact_rights", "impact_safety", "personal_data")

tiers = st.sampled_from(TIERS)
answers = st.sampled_from(("yes", "no", "unknown"))
by_tier = st.builds(ByTier, low=st.integers(1, 200), medium=st.integers(1, 200), high=st.integers(1, 200))
groups = st.lists(st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True).map(tuple), max_size=3).map(
    tuple
)
signers = st.builds(Signers, low=groups, medium=groups, high=groups)


@st.composite
def gate(draw):
    asks = []
    for check in draw(st.lists(st.sampled_from(CHECKS), unique=True)):
        chosen = draw(st.lists(tiers, min_size=1, unique=True))
        asks.append(Requirement(check=check, grade=draw(st.sampled_from(list(Grade))), tiers=tuple(chosen)))
    return Gate(asks=tuple(asks), signers=draw(signers))


@st.composite
def question(draw, key):
    return Question(
        key=key,
        text=draw(st.sampled_from(("Does it hurt anyone at all?", "Is it used by outsiders?"))),
        example="A long enough example.",
        yes=draw(tiers),
        no=draw(tiers),
        reads=draw(st.sampled_from(READS)),
    )


@st.composite
def bodies(draw):
    keys = draw(st.lists(st.sampled_from(("one", "two", "three", "four", "five")), min_size=3, unique=True))
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(get_args(ComponentKind)), st.sampled_from(get_args(ChangeKind))),
            unique=True,
            max_size=4,
        )
    )
    return RulebookBody(
        questions=tuple(draw(question(key)) for key in keys),
        gates=Gates(**{name: draw(gate()) for name in GATES}),
        inherited_days=draw(by_tier),
        fresh_days=draw(by_tier),
        lone_decider=LoneDecider(
            tiers=tuple(draw(st.lists(st.sampled_from(("low", "medium")), unique=True))),
            after_hours=draw(st.integers(24, 48)),
        ),
        waivers=Waivers(
            never=tuple(draw(st.lists(st.sampled_from(CHECKS), unique=True))),
            max_days=draw(st.integers(1, 90)),
            renewals=draw(st.integers(0, 1)),
        ),
        break_glass=BreakGlass(
            roles=tuple(draw(st.lists(st.sampled_from(ROLES), unique=True))),
            hours=draw(st.integers(1, 8)),
            ratify_hours=draw(st.integers(1, 24)),
        ),
        material=tuple(
            MaterialChange(component=c, change=k, then=draw(st.sampled_from(get_args(Consequence)))) for c, k in pairs
        ),
        decisions=Decisions(
            days=draw(by_tier), escalate=tuple(draw(st.lists(st.sampled_from(ROLES), unique=True, max_size=3)))
        ),
    )
