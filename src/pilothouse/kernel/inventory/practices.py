"""The practices that people are asked about. A `Practice` row says what somebody answered; its key is one of these.

Imports map their columns to these keys, requests ask these questions, and the kernel's checks judge the answers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PracticeKind:
    """One thing a careful organisation does about a system: its key, its name and the question in plain words."""

    key: str
    title: str
    question: str


PRACTICES: dict[str, PracticeKind] = {
    kind.key: kind
    for kind in (
        PracticeKind(
            "impact_assessment",
            "Impact assessment",
            "Has someone written down whom this system may harm, how, and why it is still worth using?",
        ),
        PracticeKind(
            "testing",
            "Testing before use",
            "Was it tried in circumstances like the real ones before people came to rely on it?",
        ),
        PracticeKind(
            "independent_evaluation",
            "Independent review",
            "Did someone who neither built nor bought it look at whether it works and is safe?",
        ),
        PracticeKind(
            "monitoring",
            "Ongoing monitoring",
            "Would anybody notice soon if it began to work worse or to harm someone?",
        ),
        PracticeKind(
            "risks_known",
            "Main risks known",
            "Are its main risks written down, and how they were found?",
        ),
        PracticeKind(
            "human_training",
            "People trained",
            "Do the people who use it know what it cannot do and when not to trust it?",
        ),
        PracticeKind(
            "human_oversight",
            "Human oversight",
            "Can a person step in, overrule or stop it before an important result takes effect?",
        ),
        PracticeKind(
            "notice",
            "People are told",
            "Are the people it concerns told, in time and in plain words, that AI is used?",
        ),
        PracticeKind(
            "disparities",
            "Fair to groups",
            "Has someone looked whether it works worse for some groups of people, and acted on it?",
        ),
        PracticeKind(
            "consultation",
            "Affected people heard",
            "Were the people it affects, or those who speak for them, asked what they think?",
        ),
        PracticeKind(
            "appeal",
            "A way to appeal",
            "Can somebody who disagrees with a result ask a person to look again?",
        ),
        PracticeKind(
            "opt_out",
            "A way to opt out",
            "Can people choose a human instead, where that is practicable?",
        ),
        PracticeKind(
            "privacy_review",
            "Privacy review",
            "Has someone responsible for privacy assessed what it does with personal data?",
        ),
        PracticeKind(
            "data_documentation",
            "Data documented",
            "Is it written down which data it was trained and tested on, and whether they suit the purpose?",
        ),
        PracticeKind(
            "ato",
            "Authority to operate",
            "Has the responsible officer formally authorised it to run?",
        ),
        PracticeKind(
            "code_access",
            "Access to the code",
            "Can the organisation get at the code, or the vendor's documents in its place?",
        ),
    )
}


def practice_title(key: str) -> str:
    """The practice's title; a key that only a source knows is shown as plain words."""
    kind = PRACTICES.get(key)
    return kind.title if kind else key.replace("_", " ").capitalize()
