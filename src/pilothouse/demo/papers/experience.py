"""Experience in the demo: work drawn anew, adoption, oversight, use month by month, what users report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

RULES = "Using AI at work"


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "experience.rules",
        {
            "title": RULES,
            "rules": [
                "Use the tools on the list, and nothing else, for work",
                "Put nothing about people into a tool whose page does not say that you may",
                "You answer for what you send, whoever wrote it first",
                "Say so when an answer was wrong: there is a button for it",
            ],
            "why": "They keep what people trusted us with where it belongs.",
            "owner": firm.caio,
        },
    )


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "experience.oversight",
        {
            "mode": "before" if case.grave else "sample",
            "reviewers": [case.owner],
            "stop": "Anyone in the team, at the desk, without asking",
            "at_stake": "A customer is turned away, or waits, because of a wrong result",
            "sees": "The case itself, what the result rests on, and how sure it is",
            "overrides": "Decides otherwise with one click; nobody counts that against them",
            "awake": "Two planted errors a week, talked over on Fridays",
            "floor": "2",
            "a_day": 40,
            "capacity": 55 if case.number % 4 else 30,
            "escalates_to": case.officer,
            "review_by": case.ahead(380),
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "experience.workflow",
        {
            "process": f"Where {case.line.name.lower()} is used"[:200],
            "change": "People judge what is prepared instead of preparing it",
            "human_decides": "What holds: a clerk, who knows the case",
            "case": "One case",
            "volume": 300 + 20 * (case.number % 50),
            "basis": "measured",
            "as_is": [
                {"name": "Gather the papers", "by": "person", "who": "Clerk", "minutes": "9"},
                {"name": "Decide", "by": "person", "who": "Clerk", "minutes": "15", "decides": True},
            ],
            "to_be": [
                {"name": "Prepare the case", "by": "ai", "minutes": "0"},
                {"name": "Read and decide", "by": "assisted", "who": "Clerk", "minutes": "14", "decides": True},
            ],
            "freed": "Clerks call customers back the same day, which they had stopped doing",
            "took_part": "Five of twelve clerks, in two afternoons",
            "owner": case.owner,
        },
    )
    yield (
        "experience.adoption",
        {
            "uses": [case.line.purpose[:200]],
            "never": ["Cases of colleagues and their families"],
            "eligible": eligible(case),
            "contact": case.owner,
            "units": [case.line.unit],
            "training": "Half a day with wrong results to be found, and a month with somebody beside them",
            "worries": "That posts go: they do not, and this is written in the agreement of May",
            "target": "60",
            "target_on": case.ahead(120),
            "review_by": case.ahead(380),
        },
    )


def eligible(case: Case) -> int:
    return 12 + 7 * (case.number % 13)


def use(case: Case, share: float, overridden: float) -> tuple[str, dict[str, Any]]:
    """A month of use, by those for whom it is."""
    people = eligible(case)
    answers = people * 22
    return (
        "experience.use",
        {
            "period": f"{case.told:%Y-%m}",
            "eligible": people,
            "active": round(people * share),
            "answers": answers,
            "overridden": round(answers * overridden),
            "checked": 50,
            "wrong": 5,
            "caught": 4 if overridden > 0.01 else 1,
            "source": "counted",
        },
    )


def feedback(case: Case, by: str, replied: bool) -> tuple[str, dict[str, Any]]:
    """A bad answer that somebody reported."""
    body = {
        "what": "It mixed up two customers of the same name, and the letter named the wrong one",
        "wrong": "wrong",
        "harm": False,
        "on": case.told.isoformat(),
        "by": by,
        "unit": case.line.unit,
    }
    if replied:
        body |= {
            "verdict": "confirmed",
            "reply": "Customers are told apart by number now; thank you for telling us",
            "replied_on": case.told.isoformat(),
        }
    return "experience.feedback", body
