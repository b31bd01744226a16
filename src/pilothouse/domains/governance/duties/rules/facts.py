"""What is known of an incident, and three-valued logic over it. Pure.

A question that nobody answered is unknown, and what rests on it may apply: so an open answer never yields a later
deadline than either answer would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.duties.lawbook import Condition, Law

Answer = Literal["yes", "no", "unknown"]
NOTHING: Mapping[str, Answer] = MappingProxyType({})

MOMENTS: Mapping[str, str] = MappingProxyType(
    {
        "occurred_at": "It happened",
        "aware_at": "We became aware",
        "causal_link_suspected_at": "A causal link was suspected",
        "causal_link_established_at": "A causal link was established",
        "classified_at": "It was classified, or determined to be material",
        "corrective_at": "A remedy became available",
        "resolved_at": "It was resolved",
    }
)
"""The moments of an incident. Each counts from the first person of the organisation who knew."""

# Nobody suspects, classifies or resolves what nobody knows of yet.
_AFTER_AWARENESS = tuple(name for name in MOMENTS if name not in ("occurred_at", "aware_at"))
MEMBER_STATES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO".split()
)
"""The European Union's, and those of the EEA."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One set of facts about an incident, from which every clock follows. Times carry an offset."""

    aware_at: datetime
    occurred_at: datetime | None = None
    causal_link_suspected_at: datetime | None = None
    causal_link_established_at: datetime | None = None
    classified_at: datetime | None = None
    corrective_at: datetime | None = None
    resolved_at: datetime | None = None
    member_states: tuple[str, ...] = ()
    place: str = ""
    answers: Mapping[str, Answer] = field(default_factory=lambda: NOTHING)

    def moment(self, name: str) -> datetime | None:
        """One of MOMENTS; None while it is not known or has not come."""
        found: datetime | None = getattr(self, name)
        return found

    def answer(self, question: str) -> Answer:
        return self.answers.get(question, "unknown")

    def as_json(self) -> dict[str, Any]:
        """As it is kept and sent: times as text, only what was said."""
        told = {name: at.isoformat() for name in MOMENTS if (at := self.moment(name)) is not None}
        said = {key: value for key, value in sorted(self.answers.items()) if value != "unknown"}
        return {**told, "member_states": list(self.member_states), "place": self.place, "answers": said}


def facts_of(law: Law, given: Mapping[str, Any], now: datetime) -> Facts:
    """Read facts as they come from a form, a file or the API. Raises Invalid, with every field that is wrong."""
    known = {one.name for one in fields(Facts)}
    wrong = dict.fromkeys(set(given) - known, "There is no such fact.")
    moments = {name: _moment(name, given.get(name), now, wrong) for name in MOMENTS}
    states = _states(given.get("member_states") or (), wrong)
    answers = _answers(law, given.get("answers") or {}, wrong)
    aware = moments.pop("aware_at")
    if aware is None:
        wrong.setdefault("aware_at", "Say when the first person here knew of it; the clocks run from then.")
    else:
        wrong |= {key: value for key, value in _order(moments, aware).items() if key not in wrong}
    if wrong or aware is None:
        raise Invalid("Some facts are missing or unclear.", fields=wrong)
    place = " ".join(str(given.get("place") or "").split())[:200]
    return Facts(aware_at=aware, member_states=states, place=place, answers=answers, **moments)


def _moment(name: str, given: Any, now: datetime, wrong: dict[str, str]) -> datetime | None:
    if not given:
        return None
    try:
        at = given if isinstance(given, datetime) else datetime.fromisoformat(str(given).strip())
    except ValueError:
        wrong[name] = "Write a date and a time with its offset, such as 2026-11-03T14:30+01:00."
        return None
    if at.tzinfo is None:
        wrong[name] = "Say the offset too, such as 2026-11-03T14:30+01:00."
        return None
    if at > now:
        wrong[name] = "That is still to come."
    return at


def _order(moments: Mapping[str, datetime | None], aware: datetime) -> dict[str, str]:
    wrong = {}
    occurred = moments["occurred_at"]
    if occurred and occurred > aware:
        wrong["occurred_at"] = "It cannot have happened after you became aware of it."
    for name in _AFTER_AWARENESS:
        at = moments[name]
        if at and at < aware:
            wrong[name] = "That cannot have been before you became aware of the incident."
    suspected, found = moments["causal_link_suspected_at"], moments["causal_link_established_at"]
    if suspected and found and found < suspected:
        wrong["causal_link_established_at"] = "It cannot have been established before it was suspected."
    return wrong


def _states(given: Any, wrong: dict[str, str]) -> tuple[str, ...]:
    codes = sorted({str(code).strip().upper() for code in given}) if isinstance(given, Sequence) else []
    strange = [code for code in codes if code not in MEMBER_STATES]
    if strange or isinstance(given, str):
        wrong["member_states"] = f"“{strange[0] if strange else given}” is no Member State; write two letters, like NL."
    return tuple(code for code in codes if code in MEMBER_STATES)


def _answers(law: Law, given: Any, wrong: dict[str, str]) -> dict[str, Answer]:
    if not isinstance(given, Mapping):
        wrong["answers"] = "Give the answers by question."
        return {}
    known = {question.id for question in law.questions}
    for key, value in given.items():
        if key not in known:
            wrong[f"answers.{key}"] = "Nobody asks that."
        elif value not in ("yes", "no", "unknown"):
            wrong[f"answers.{key}"] = "Answer yes, no or unknown."
    return {key: value for key, value in given.items() if key in known and value in ("yes", "no")}


def holds(condition: Condition, facts: Facts) -> Answer:
    """Whether a condition holds, in Kleene's logic: unknown where the answer would depend on what is unknown.

    `unless` is an exception: it must be known to hold, so while it is unknown the rule holds.
    """
    if isinstance(condition, str):
        return facts.answer(condition)
    key, inner = next(iter(condition.items()))
    if key == "not":
        return _OPPOSITE[holds(inner, facts)]
    if key == "unless":
        return "no" if holds(inner, facts) == "yes" else "yes"
    parts = {holds(one, facts) for one in inner}
    decisive: Answer = "no" if key == "all" else "yes"
    if decisive in parts:
        return decisive
    return "unknown" if "unknown" in parts else _OPPOSITE[decisive]


_OPPOSITE: Mapping[Answer, Answer] = MappingProxyType({"yes": "no", "no": "yes", "unknown": "unknown"})
