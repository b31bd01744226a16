"""What intake answers may be, and the five questions to ask where no rulebook words its own (see checks)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One intake question. A yes always asks for more care, so that a tier can be read from the count and the kind."""

    id: str
    text: str
    help: str


ANSWERS: dict[str, str] = {"yes": "Yes", "no": "No", "unknown": "I do not know"}

QUESTIONS: tuple[Question, ...] = (
    Question(
        "affects_people",
        "Does its output help decide something about a person?",
        "Hiring, pay, credit, care, benefits, education, access, discipline: any case where someone may be worse off.",
    ),
    Question(
        "acts_alone",
        "Does it act without a person looking first?",
        "It sends, books, blocks, pays or changes something before anyone has approved it.",
    ),
    Question(
        "personal_data",
        "Does it use personal data?",
        "Names, contact details, behaviour, recordings; special categories such as health or origin count double.",
    ),
    Question(
        "outside_people",
        "Do people outside the organisation meet it or its output?",
        "Customers, applicants, patients, citizens, or the public.",
    ),
    Question(
        "safety",
        "Could a wrong output hurt someone, or stop something essential?",
        "Bodily harm, environment, infrastructure, or a service that people depend on.",
    ),
)
