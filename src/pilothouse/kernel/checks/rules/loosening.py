"""Does a new rulebook ask less than the old one? Each reason is a sentence; no reason means that it does not.

Where two rulebooks cannot be ordered by machine (a reworded question), the change counts as a loosening: a second pair
of eyes is cheap, a quiet change of meaning is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pilothouse.kernel.checks.rulebook import (
    GATES,
    TIERS,
    Answer,
    ByTier,
    ChangeKind,
    ComponentKind,
    Question,
    RulebookBody,
    TierKey,
)
from pilothouse.kernel.checks.rules.findings import asks_of
from pilothouse.kernel.checks.rules.tiers import asked_tier
from pilothouse.kernel.domain import registry

_FORCE = {"nothing": 0, "notify": 1, "resign": 2}
_ANSWERS: tuple[Answer, ...] = ("yes", "no", "unknown")
_WORDS = {"nothing": "nothing", "notify": "a notice", "resign": "a new signature"}


@dataclass(frozen=True, slots=True)
class Difference:
    """How two rulebooks differ. A change that both loosens and tightens counts as loosening."""

    kind: Literal["loosening", "tightening", "neutral"]
    loosens: tuple[str, ...]
    tightens: tuple[str, ...]


def compare(old: RulebookBody, new: RulebookBody) -> Difference:
    """What `new` asks less than `old`, and what it asks more."""
    less, more = tuple(loosens(old, new)), tuple(loosens(new, old, words=_TIGHTER))
    return Difference("loosening" if less else "tightening" if more else "neutral", less, more)


def loosens(old: RulebookBody, new: RulebookBody, *, words: Words | None = None) -> list[str]:
    """Why `new` asks less than `old`, one sentence each. Empty for a rulebook against itself."""
    say = words or _LOOSER
    reasons = [
        *_questions(old, new, say),
        *_requirements(old, new, say),
        *_signers(old, new, say),
        *_days("the deadline for an inherited gap", old.inherited_days, new.inherited_days, say),
        *_days("the age at which evidence still counts", old.fresh_days, new.fresh_days, say),
        *_days("the time a decision may wait", old.decisions.days, new.decisions.days, say),
        *_exceptions(old, new, say),
        *_material(old, new, say),
    ]
    if not _is_within(old.decisions.escalate, new.decisions.escalate):
        reasons.append(say.shorter_path)
    return reasons


@dataclass(frozen=True, slots=True)
class Words:
    """The same comparison read in either direction: {a} is the value in the first body, {b} in the second."""

    days: str
    question: str
    question_text: str
    question_reads: str
    dropped: str
    grade: str
    signers: str
    lone: str
    never: str
    number: str
    roles: str
    material: str
    shorter_path: str


_LOOSER = Words(
    days="{what} grows from {a} to {b} days for the {tier} tier.",
    question="Answering “{answer}” to “{question}” asks for the {b} tier; until now {a}.",
    question_text="The question “{a}” is put in other words: “{b}”.",
    question_reads="“{question}” may be answered by what the register states, without a person.",
    dropped="The {gate} gate no longer asks {tiers} for “{check}”.",
    grade="The {gate} gate takes {b} evidence for “{check}” of {tiers}; until now {a}.",
    signers="The {gate} gate needs fewer signatures, or takes more roles, for {tiers}.",
    lone="One person alone may approve for the {tier} tier, or may do so sooner.",
    never="“{check}” may now be waived.",
    number="{what} grows from {a} to {b}.",
    roles="{role} may now open break-glass.",
    material="A change of {component} ({change}) leads to {b}; until now {a}.",
    shorter_path="The escalation path is shorter or in another order.",
)
_TIGHTER = Words(
    days="{what} falls from {b} to {a} days for the {tier} tier.",
    question="Answering “{answer}” to “{question}” asks for the {a} tier; until now {b}.",
    question_text="The question “{b}” is put in other words: “{a}”.",
    question_reads="“{question}” is to be answered by a person; the register's word no longer counts.",
    dropped="The {gate} gate now asks {tiers} for “{check}”.",
    grade="The {gate} gate asks {a} evidence for “{check}” of {tiers}; until now {b}.",
    signers="The {gate} gate needs more signatures, or takes fewer roles, for {tiers}.",
    lone="One person alone may no longer approve for the {tier} tier, or must wait longer.",
    never="“{check}” can no longer be waived.",
    number="{what} falls from {b} to {a}.",
    roles="{role} can no longer open break-glass.",
    material="A change of {component} ({change}) leads to {a}; until now {b}.",
    shorter_path="The escalation path is longer or in another order.",
)


def _questions(old: RulebookBody, new: RulebookBody, say: Words) -> Iterator[str]:
    """A question asks less when some answer now leads to a lower tier; one that is gone leads to the lowest."""
    after = {question.key: question for question in new.questions}
    for question in old.questions:
        other = after.get(question.key)
        for answer in _ANSWERS:
            was = asked_tier(question, answer)
            becomes: TierKey = asked_tier(other, answer) if other else TIERS[0]
            if TIERS.index(becomes) < TIERS.index(was):
                yield say.question.format(answer=answer, question=question.text, a=was, b=becomes)
        if other is not None:
            yield from _same_question(question, other, say)


def _same_question(old: Question, new: Question, say: Words) -> Iterator[str]:
    if old.text != new.text:
        yield say.question_text.format(a=old.text, b=new.text)
    if new.reads and new.reads != old.reads:
        yield say.question_reads.format(question=new.text)


def _requirements(old: RulebookBody, new: RulebookBody, say: Words) -> Iterator[str]:
    for gate in GATES:
        dropped: defaultdict[str, list[TierKey]] = defaultdict(list)
        lowered: defaultdict[tuple[str, str, str], list[TierKey]] = defaultdict(list)
        for tier in TIERS:
            after = asks_of(new, (gate,), tier)
            for check, ask in asks_of(old, (gate,), tier).items():
                other = after.get(check)
                if other is None:
                    dropped[check].append(tier)
                elif other.grade.rank < ask.grade.rank:
                    lowered[check, ask.grade, other.grade].append(tier)
        for check, tiers in dropped.items():
            yield say.dropped.format(gate=gate, tiers=_tiers(tiers), check=_title(check))
        for (check, was, becomes), tiers in lowered.items():
            yield say.grade.format(gate=gate, tiers=_tiers(tiers), check=_title(check), a=was, b=becomes)


def _signers(old: RulebookBody, new: RulebookBody, say: Words) -> Iterator[str]:
    for gate in GATES:
        tiers = [
            tier
            for tier in TIERS
            if not _covers(
                [set(group) for group in old.gates.of(gate).signers.of(tier)],
                [set(group) for group in new.gates.of(gate).signers.of(tier)],
            )
        ]
        if tiers:
            yield say.signers.format(gate=gate, tiers=_tiers(tiers))


def _tiers(tiers: Sequence[TierKey]) -> str:
    """“every tier”, “the low and medium tiers”, “the high tier”."""
    if len(tiers) == len(TIERS):
        return "every tier"
    return f"the {' and '.join(tiers)} tier{'s' if len(tiers) > 1 else ''}"


def _title(check_id: str) -> str:
    """What people call the check; its id where nothing brings it."""
    check = registry.checks.get(check_id)
    return check.title if check else check_id


def _covers(old: Sequence[set[str]], new: Sequence[set[str]]) -> bool:
    """Does each old group have a new group of its own that is no wider? (A matching; the lists are a few long.)"""
    if not old:
        return True
    first, *rest = old
    return any(
        group <= first and _covers(rest, [other for j, other in enumerate(new) if j != i])
        for i, group in enumerate(new)
    )


def _days(what: str, old: ByTier, new: ByTier, say: Words) -> Iterator[str]:
    for tier in TIERS:
        if new.of(tier) > old.of(tier):
            yield _sentence(say.days.format(what=what, a=old.of(tier), b=new.of(tier), tier=tier))


def _exceptions(old: RulebookBody, new: RulebookBody, say: Words) -> Iterator[str]:
    """The ways round a rule: a lone decider, waivers and break-glass."""
    for tier in new.lone_decider.tiers:
        if tier not in old.lone_decider.tiers or new.lone_decider.after_hours < old.lone_decider.after_hours:
            yield say.lone.format(tier=tier)
    for check in old.waivers.never:
        if check not in new.waivers.never:
            yield say.never.format(check=_title(check))
    numbers = (
        ("the longest waiver, in days,", old.waivers.max_days, new.waivers.max_days),
        ("the number of times a waiver may be renewed", old.waivers.renewals, new.waivers.renewals),
        ("the time break-glass lasts, in hours,", old.break_glass.hours, new.break_glass.hours),
        ("the time to ratify break-glass, in hours,", old.break_glass.ratify_hours, new.break_glass.ratify_hours),
    )
    for what, was, becomes in numbers:
        if becomes > was:
            yield _sentence(say.number.format(what=what, a=was, b=becomes))
    for role in new.break_glass.roles:
        if role not in old.break_glass.roles:
            yield say.roles.format(role=role)


def _material(old: RulebookBody, new: RulebookBody, say: Words) -> Iterator[str]:
    for component in get_args(ComponentKind):
        for change in get_args(ChangeKind):
            was, becomes = old.consequence(component, change), new.consequence(component, change)
            if _FORCE[becomes] < _FORCE[was]:
                yield say.material.format(
                    component=component.replace("_", " "),
                    change=change.replace("_", " "),
                    a=_WORDS[was],
                    b=_WORDS[becomes],
                )


def _is_within(short: Sequence[str], long: Sequence[str]) -> bool:
    """Do the steps of `short` occur in `long`, in order?"""
    steps = iter(long)
    return all(step in steps for step in short)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
