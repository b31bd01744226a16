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
    "impact_rights": {"rights": "yes", "both": "yes", "safety": "no", "neither": "no", "presumed_not": "no"},
    "impact_safety": {"safety": "yes", "both": "yes", "rights": "no", "neither": "no", "presumed_not": "no"},
}
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
        if given == "yes" or given == "no" or given == "unknown":
            answers[question.key] = given
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
    """The highest tier that any answer asks for: low, medium or high; `unknown` while it is not settled.

    It is settled when every question has an answer (yes, no or unknown), or when those given already ask for as much as
    the missing ones could. An unknown tier is asked what the highest is (rulebook.strict_tier), so silence never helps.
    """
    given = [asked_tier(question, answers.get(question.key, "unknown")) for question in body.questions]
    highest = max(given, key=TIERS.index)
    if all(question.key in answers for question in body.questions):
        return highest
    floor = [
        asked_tier(question, answers[question.key])
        if question.key in answers
        else min(question.yes, question.no, key=TIERS.index)
        for question in body.questions
    ]
    return highest if max(floor, key=TIERS.index) == highest else "unknown"
