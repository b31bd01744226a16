"""From intake answers to a tier."""

from __future__ import annotations

from collections.abc import Mapping

from pilothouse.kernel.checks.rulebook import TIERS, Answer, Question, RulebookBody, TierKey

_IMPACT: dict[str, dict[str, Answer]] = {
    # What the register says of rights and safety → the answer to each question that reads it.
    "impact": {
        "rights": "yes",
        "safety": "yes",
        "both": "yes",
        "high": "yes",
        "neither": "no",
        "presumed_not": "no",
    },
    "impact_rights": {
        "rights": "yes",
        "both": "yes",
        "high": "yes",
        "safety": "no",
        "neither": "no",
        "presumed_not": "no",
    },
    "impact_safety": {
        "safety": "yes",
        "both": "yes",
        "high": "yes",
        "rights": "no",
        "neither": "no",
        "presumed_not": "no",
    },
}
_ANSWERS: dict[str, Answer] = {"yes": "yes", "no": "no", "unknown": "unknown"}
_PERSONAL: dict[str, Answer] = {"personal": "yes", "special": "yes", "none": "no"}


def asked_tier(question: Question, answer: Answer) -> TierKey:
    """The tier that one answer asks for. Unknown asks for the higher of yes and no."""
    if answer == "yes":
        return question.yes
    if answer == "no":
        return question.no
    return max(question.yes, question.no, key=TIERS.index)


def answers_of(body: RulebookBody, intake: Mapping[str, str], impact: str, personal_data: str) -> dict[str, Answer]:
    """The answers that count: what a person answered, else what the register already states. Missing stays missing."""
    answers: dict[str, Answer] = {}
    for question in body.questions:
        given = intake.get(question.key)
        if answer := _ANSWERS.get(given or ""):
            answers[question.key] = answer
            continue
        stated = (
            _PERSONAL.get(personal_data)
            if question.reads == "personal_data"
            else _IMPACT.get(question.reads, {}).get(impact)
        )
        if stated:
            answers[question.key] = stated
    return answers


def tier_of(body: RulebookBody, answers: Mapping[str, Answer]) -> str:
    """The highest tier that any answer asks for, a missing answer counting like `unknown`: silence never helps.

    It is `unknown` itself where only the missing answers make it high: nobody has said yet. Such a system is asked what
    the high tier is asked (rulebook.strict_tier).
    """
    tiers = [asked_tier(question, answers.get(question.key, "unknown")) for question in body.questions]
    highest = max(tiers, key=TIERS.index)
    if highest != TIERS[-1]:
        return highest
    given = (asked_tier(question, answers[question.key]) for question in body.questions if question.key in answers)
    settled = len(answers.keys() & {question.key for question in body.questions}) == len(body.questions)
    return highest if settled or highest in given else "unknown"
