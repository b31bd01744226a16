"""Does what stands behind a public claim still support it? Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pilothouse.kernel.records.judging import spoken

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
SOON = timedelta(days=30)
State = Literal["unsupported", "doubtful", "soon", "supported"]
STATES: dict[State, tuple[str, str]] = {
    "unsupported": ("No longer supported", "bad"),
    "doubtful": ("To be looked at", "warn"),
    "soon": ("Runs out soon", "info"),
    "supported": ("Supported", "good"),
}
"""Worst first: what each is called, and its tone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What became of one thing that a claim rests on. `standing`: current, not_yet, expired, superseded, withdrawn,
    reopened (a document to be looked at again), or missing; `value` is the figure that holds now."""

    standing: str
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a claim stands, with every reason."""

    state: State
    reasons: tuple[str, ...]


BROKEN = {
    "missing": "is not there any more",
    "withdrawn": "was withdrawn",
    "expired": "has expired",
    "not_yet": "does not count yet",
}


def ids_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Id → `evidence` or `document`, of everything that a claim rests on."""
    found = {}
    for one in body["backing"]:
        if match := ID.search(one["address"]):
            found[match[0]] = one["what"]
    return found


def judge_claim(body: Mapping[str, Any], facts: Mapping[str, Fact], stages: Mapping[int, str], today: date) -> Verdict:
    """Unsupported while anything it rests on is gone, the figure moved too far, a system it speaks of is retired, or
    its own day has passed; doubtful while something newer says the same. `stages` is by system number."""
    broken, doubtful = [], []
    expires = date.fromisoformat(body["expires"])
    if expires < today:
        broken.append(f"It was to be looked at again by {spoken(expires)}.")
    for number in body.get("systems") or ():
        if stages.get(number) in ("retired", "rejected"):
            broken.append(f"S-{number}, which it speaks of, is {stages[number]}.")
        elif number not in stages:
            broken.append(f"S-{number}, which it speaks of, is not there any more.")
    for one in body["backing"]:
        match = ID.search(one["address"])
        fact = facts.get(match[0], Fact("missing")) if match else Fact("missing")
        if said := _broken(one, fact):
            broken.append(said)
        elif fact.standing == "superseded":
            doubtful.append(f"“{one['shows']}” rests on a version that a newer one has superseded.")
        elif fact.standing == "reopened":
            doubtful.append(f"What shows “{one['shows']}” is to be looked at again after a material change.")
    if broken:
        return Verdict("unsupported", (*broken, *doubtful))
    if doubtful:
        return Verdict("doubtful", tuple(doubtful))
    if expires - today <= SOON:
        return Verdict("soon", (f"It is to be looked at again by {spoken(expires)}.",))
    return Verdict("supported", ("Everything that it rests on still counts.",))


def _broken(one: Mapping[str, Any], fact: Fact) -> str:
    if fact.standing in BROKEN:
        return f"What shows “{one['shows']}” {BROKEN[fact.standing]}."
    if one.get("figure") is None:
        return ""
    said, allowed = Decimal(str(one["figure"])), Decimal(str(one["tolerance"]))
    if fact.value is None:
        return f"What shows “{one['shows']}” gives no figure to hold against {said.normalize():f}."
    if abs(fact.value - said) > allowed:
        return f"The figure is {fact.value.normalize():f} now; {said.normalize():f} is claimed."
    return ""


def number_in(text: Any) -> Decimal | None:
    """The one number that a figure says, such as in `2.1 %`; None where it says none or several."""
    found = NUMBER.findall(str(text))
    if len(found) != 1:
        return None
    try:
        return Decimal(found[0].replace(",", "."))
    except InvalidOperation:
        return None
