"""The practices that sources and people make statements about, by key. What somebody says is attested, never proof."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PracticeKind:
    """One practice: `title` as a noun for lists, `question` as one asks its owner."""

    key: str
    title: str
    question: str


_KINDS = (
    PracticeKind("impact_assessment", "Impact assessment", "Has an impact assessment been made and signed?"),
    PracticeKind(
        "real_world_testing", "Testing in real conditions", "Has it been tested under the conditions it works in?"
    ),
    PracticeKind("risk_identification", "Risks identified", "Have its key risks been written down?"),
    PracticeKind(
        "independent_evaluation", "Independent evaluation", "Has someone who did not build it evaluated it?"
    ),
    PracticeKind("monitoring", "Monitoring in use", "Is its performance watched while it runs?"),
    PracticeKind("human_oversight", "Human oversight", "Can a person stop it or overrule it?"),
    PracticeKind("operator_training", "Training of users", "Are the people who work with it trained for it?"),
    PracticeKind("public_notice", "Notice to people", "Are people told that AI is used?"),
    PracticeKind(
        "disparity_mitigation", "Fairness between groups", "Are differences between groups measured and reduced?"
    ),
    PracticeKind(
        "affected_consultation", "Affected groups consulted", "Have the people it affects been asked what they think?"
    ),
    PracticeKind("appeal", "Appeal and escalation", "Can someone affected appeal to a person?"),
    PracticeKind("opt_out", "Opt-out", "Can someone choose to be served without AI?"),
    PracticeKind("privacy_review", "Privacy review", "Has privacy been assessed by the one responsible for it?"),
    PracticeKind("security_review", "Security review", "Is it authorised to operate by security?"),
    PracticeKind("data_documentation", "Data documentation", "Is its training and test data documented?"),
    PracticeKind("code_access", "Access to the code", "Does the organisation have access to its code?"),
)

PRACTICES: dict[str, PracticeKind] = {kind.key: kind for kind in _KINDS}


def practice_title(key: str) -> str:
    """The practice's title; a key that only a source knows is shown as plain words."""
    kind = PRACTICES.get(key)
    return kind.title if kind else key.replace("_", " ").capitalize()
