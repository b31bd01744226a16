"""What may be asked by link: each question with how it is put, what an answer looks like, what is known already.

No question shows what the register knows, and none offers a list of people or units: who holds the link learns the
names of the systems they are asked about, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.inventory.intake import ANSWERS
from pilothouse.kernel.inventory.models import Impact, PersonalData, Practice, Sourcing, Stage, System
from pilothouse.kernel.inventory.practices import PRACTICES

Kind = Literal["owner", "text", "line", "choice"]
TEXT_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `fields` are the parts of its answer: name → label; the first must be answered, the others may."""

    key: str
    group: str
    title: str
    text: str
    kind: Kind
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    extra: str = ""

    def read(self, given: Mapping[str, str]) -> dict[str, str] | None:
        """The answer in `given` (value, words), or None when nothing was answered. Raises Invalid."""
        value, words = given.get("value", "").strip(), given.get("words", "").strip()
        if not value:
            if words and self.kind != "owner":
                raise Invalid("Choose an answer too.", fields={"value": "Choose an answer too."})
            return None
        if max(len(value), len(words)) > TEXT_LIMIT:
            raise Invalid(f"At most {TEXT_LIMIT} characters.", fields={"value": f"At most {TEXT_LIMIT} characters."})
        if self.choices and value not in self.choices:
            raise Invalid("Choose one of the answers.", fields={"value": "Choose one of the answers."})
        if self.kind == "owner" and value == "other" and "@" not in words:
            raise Invalid("Give their e-mail address.", fields={"words": "Give their e-mail address."})
        return {"value": value, "words": words}


def _choices(choices: Any, *without: str) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices.choices if value not in without}


_FACTS: tuple[Question, ...] = (
    Question(
        "owner",
        "Who",
        "Owner",
        "Who answers for this system?",
        "owner",
        "The one person who decides about it, not the vendor and not the help desk.",
        {"me": "I do", "other": "Someone else", "nobody": "Nobody that I know of"},
    ),
    Question(
        "purpose", "What", "Purpose", "What is it for?", "text", "One or two sentences that a newcomer understands."
    ),
    Question("outputs", "What", "Outputs", "What comes out of it?", "text"),
    Question(
        "outcome",
        "Value",
        "Outcome",
        "Which business outcome does it serve?",
        "text",
        "Such as: invoices are booked on the day they arrive.",
        extra="What shows that outcome? A measure, if there is one.",
    ),
    Question(
        "stage",
        "Where it stands",
        "Stage",
        "Where is it in its life?",
        "choice",
        "Production means that people rely on it for real work.",
        _choices(Stage, "unknown", "rejected"),
        "How do you know?",
    ),
    Question(
        "sourcing",
        "Where it stands",
        "Build, buy or API",
        "Where does it come from?",
        "choice",
        "",
        _choices(Sourcing, "unknown"),
    ),
    Question("vendor", "Where it stands", "Vendor", "Who supplies it?", "line", "The company, if it was bought."),
    Question("affects", "Whom it touches", "Whom it affects", "Whom do its results affect?", "text"),
    Question(
        "impact",
        "Whom it touches",
        "Rights and safety",
        "Does it touch people's rights or safety?",
        "choice",
        "",
        _choices(Impact, "unknown", "high", "presumed_not"),
    ),
    Question(
        "personal_data",
        "Whom it touches",
        "Personal data",
        "Which data about people does it use?",
        "choice",
        "",
        _choices(PersonalData, "unknown"),
    ),
)
_SAID = {key: label for key, label in Practice.STATUSES if key not in ("waived", "not_answered")}
_PRACTICES = tuple(
    Question(
        f"practice:{kind.key}",
        "Practices",
        kind.title,
        kind.question,
        "choice",
        "",
        _SAID,
        "In your words: what was done, when",
    )
    for kind in PRACTICES.values()
)


def catalogue(organisation_id: Any) -> dict[str, Question]:
    """Every question that the organisation can ask, by key, in the order in which they are put."""
    intake = tuple(
        Question(f"intake:{q.key}", "Intake", q.text, q.text, "choice", q.example, ANSWERS)
        for q in active_body(organisation_id).questions
    )
    return {question.key: question for question in (*_FACTS, *intake, *_PRACTICES)}


def known(system: System, key: str, practices: Mapping[str, str]) -> Any:
    """What the register says of a question already, or None. `practices` maps a practice to its status."""
    group, _, name = key.partition(":")
    if group == "practice":
        status = practices.get(name)
        return None if status in (None, "not_answered") else status
    if group == "intake":
        return system.intake.get(name)
    if key == "owner":
        return str(system.owner_id) if system.owner_id else None
    value = getattr(system, key)
    return None if value in ("", "unknown") else value
