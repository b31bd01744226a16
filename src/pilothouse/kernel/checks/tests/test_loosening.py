"""What counts as loosening a rulebook."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.kernel.checks.rulebook import TIERS, ByTier, LoneDecider, Requirement, Signers, Waivers
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import answers_of, asks_of, compare, loosens, tier_of
from pilothouse.kernel.checks.tests.strategies import bodies
from pilothouse.kernel.domain import Grade

BODY = SHIPPED["enterprise"].body
SME = SHIPPED["sme_light"].body


def changed(body, path, value):
    """`body` with one place set anew."""
    if not path:
        return value
    head, *rest = path
    if isinstance(head, int):
        items = list(body)
        items[head] = changed(items[head], rest, value)
        return tuple(items)
    return body.model_copy(update={head: changed(getattr(body, head), rest, value)})


LOOSENINGS = {
    "a check removed": (["gates", "production", "asks"], BODY.gates.production.asks[1:]),
    "a grade lowered": (
        ["gates", "production", "asks"],
        tuple(ask.model_copy(update={"grade": Grade.ATTESTED}) for ask in BODY.gates.production.asks),
    ),
    "a tier let off": (["gates", "development", "asks", 0, "tiers"], ("medium", "high")),
    "a longer deadline": (["inherited_days"], ByTier(low=180, medium=90, high=31)),
    "older evidence": (["fresh_days"], ByTier(low=1096, medium=730, high=365)),
    "a slower decision": (["decisions", "days"], ByTier(low=11, medium=7, high=5)),
    "fewer signers": (["gates", "production", "signers", "high"], (("caio",),)),
    "more roles for one signature": (
        ["gates", "production", "signers", "high"],
        (("ciso", "cio"), ("caio",)),
    ),
    "a lone decider": (["lone_decider"], LoneDecider(tiers=("low",))),
    "more waivable": (["waivers", "never"], ()),
    "longer break-glass": (["break_glass", "ratify_hours"], 24),
    "more roles for break-glass": (["break_glass", "roles"], (*BODY.break_glass.roles, "board")),
    "a change that matters less": (["material", 0, "then"], "notify"),
    "a shorter escalation path": (["decisions", "escalate"], ("caio",)),
    "a lower tier for an answer": (["questions", 0, "yes"], "medium"),
    "a question dropped": (["questions"], BODY.questions[1:]),
    "a question reworded": (["questions", 0, "text"], "Is this a pink system, perhaps?"),
    "the register's word for a person's": (["questions", 3, "reads"], "impact"),
}
START = {
    "longer break-glass": changed(BODY, ["break_glass", "ratify_hours"], 12),
}


@pytest.mark.parametrize("name", LOOSENINGS)
def test_each_of_these_is_a_loosening(name):
    path, value = LOOSENINGS[name]
    before = START.get(name, BODY)
    after = changed(before, path, value)
    difference = compare(before, after)
    assert difference.kind == "loosening", name
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in difference.loosens)


@pytest.mark.parametrize("name", [n for n in LOOSENINGS if n != "a question reworded"])
def test_and_the_way_back_is_a_tightening(name):
    path, value = LOOSENINGS[name]
    before = START.get(name, BODY)
    difference = compare(changed(before, path, value), before)
    assert difference.kind == "tightening", difference


def test_a_new_example_is_neutral():
    assert compare(BODY, changed(BODY, ["questions", 0, "example"], "Another example altogether.")).kind == "neutral"


def test_one_more_check_tightens():
    more = (*BODY.gates.pilot.asks, Requirement(check="strategy.value_hypothesis", grade=Grade.SEALED))
    assert compare(BODY, changed(BODY, ["gates", "pilot", "asks"], more)).kind == "tightening"


def test_a_waiver_list_may_only_grow_freely():
    assert loosens(BODY, changed(BODY, ["waivers"], Waivers(never=BODY.waivers.never, max_days=30))) == []


def test_signers_of_another_order_are_the_same():
    high = BODY.gates.production.signers.high
    other = Signers(
        **{tier: BODY.gates.production.signers.of(tier) for tier in TIERS} | {"high": tuple(reversed(high))}
    )
    assert loosens(BODY, changed(BODY, ["gates", "production", "signers"], other)) == []


@given(bodies())
@settings(max_examples=50, deadline=None)
def test_no_rulebook_loosens_itself(body):
    assert loosens(body, body) == []
    assert compare(body, body).kind == "neutral"


@given(bodies(), bodies(), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_no_loosening_asks_no_less(old, new, data):
    """The promise behind the word: without a reason given, no system is asked less than before."""
    reasons = loosens(old, new)
    for gate in ("development", "pilot", "production", "retirement"):
        for tier in TIERS:
            before, after = asks_of(old, (gate,), tier), asks_of(new, (gate,), tier)
            weaker = [c for c, ask in before.items() if c not in after or after[c].grade.rank < ask.grade.rank]
            assert not weaker or reasons
            assert len(new.gates.of(gate).signers.of(tier)) >= len(old.gates.of(gate).signers.of(tier)) or reasons
    intake = {
        question.key: data.draw(st.sampled_from(["yes", "no", "unknown"]))
        for question in (*old.questions, *new.questions)
    }
    was = tier_of(old, answers_of(old, intake, "unknown", "unknown"))
    now = tier_of(new, answers_of(new, intake, "unknown", "unknown"))
    assert TIERS.index(now) >= TIERS.index(was) or reasons


@given(bodies(), bodies())
@settings(max_examples=100, deadline=None)
def test_what_one_side_calls_looser_the_other_calls_tighter(old, new):
    there, back = compare(old, new), compare(new, old)
    assert len(there.loosens) == len(back.tightens)
    assert len(there.tightens) == len(back.loosens)
