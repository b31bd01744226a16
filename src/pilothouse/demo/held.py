"""Held answers of the last days: some decided, some still waiting. Every text of them is invented and says so."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Literal
from uuid import UUID

import msgspec

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Settlement
from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.texts import Held, Label, Piece
from pilothouse.demo.telling import Teller
from pilothouse.demo.traffic import CURRENCY
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.reviews.actions import review_decide, review_open, reviews_take_in
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of

CAIO, REVIEWERS = "Ingrid Halvorsen", ("Sunniva Dahl", "Joaquim Reis")
LETTER = """Dear customer (simulated),

we cannot offer the loan at this time. Your income covers the instalments in none of the three cases that we looked at.

You may ask for a person to look at the decision again, and we will tell you what would change it."""
LEAVE = "You have 26 days of leave a year (simulated). Days that are left over pass into the next year until 31 March."
SOFTER = LEAVE.replace("pass into the next year until 31 March", "pass into the next year; ask your manager until when")
FEE = "The fee for a replaced card is 8.00 EUR (simulated). It is waived when the card was stolen and you report it."


@dataclass(frozen=True)
class Told:
    """One held answer of the story; `verdict` is empty while it waits."""

    system: str
    days_ago: float
    why: Literal["every", "score", "sample", "decision"]
    asked: str
    said: str
    verdict: str = ""
    reason: str = ""
    changed: str = ""
    minutes: int = 0
    score: int | None = None
    found: str = ""
    person: str = ""


RULES: dict[str, dict[str, Any]] = {
    "HR policy assistant": {"hold": {"every": True, "hours": 8}},
    "Web chat": {"hold": {"sample_per_mille": 20, "score_above_per_mille": 700}},
    "Contact centre assistant": {"hold": {"sample_per_mille": 10}, "human": {"refusing-a-loan": "hold"}},
}
STORY = (
    Told("HR policy assistant", 3.3, "every", "How many days of leave do I have?", LEAVE, "edit",
         "The date is not the same in every country.", SOFTER, 6),
    Told("Web chat", 2.4, "sample", "What does a new card cost?", FEE, "release", "It is what the list of prices says.",
         minutes=2),
    Told("Web chat", 2.2, "score", "Can you close my mother's account for me?",
         "Yes, tell me her account number and I will close it (simulated).", "refuse",
         "It must ask for a power of attorney first.", minutes=4, score=880, found="iban"),
    Told("Contact centre assistant", 1.3, "decision", "Write to the customer that we refuse the loan.", LETTER,
         "release", "The letter says why and how to object.", minutes=9),
    Told("HR policy assistant", 0.9, "every", "May I work from abroad for a month?",
         "Yes, up to 30 days a year in the EEA, if your manager agrees (simulated).", person="Matthias Keller"),
    Told("Contact centre assistant", 0.7, "decision", "Tell the customer that we refuse the loan of 18,000.", LETTER),
    Told("Web chat", 0.6, "score", "I cannot pay this month. What happens?",
         "We can spread the amount over three months without a fee (simulated). Shall I set that up?", score=760,
         found="phone"),
    Told("Web chat", 0.55, "sample", "How do I change my PIN?",
         "In the app: Cards, your card, PIN. You confirm it with your password (simulated)."),
)  # fmt: skip


def answers(tell: Teller) -> None:
    """Plan the rules of three systems, and the answers that were held since."""
    rng = Random("held answers")  # noqa: S311  # a story's chance, not a secret
    tell.on(5, partial(_rules, tell))
    for number, told in enumerate(STORY):
        call = str(UUID(int=rng.getrandbits(128), version=4))
        tell.on(told.days_ago, partial(_tell, tell, told, call, REVIEWERS[number % 2]))


def _rules(tell: Teller) -> None:
    for name, body in RULES.items():
        system_policy_save(actor=tell.actor(CAIO), system=tell.system(name), body={"models": ["*"], **body})


def _tell(tell: Teller, told: Told, call: str, reviewer: str) -> None:
    system, organisation = tell.system(told.system), str(tell.organisation.pk)
    label = Label(
        kind="held",
        organisation=organisation,
        call=call,
        at=tell.told - timedelta(minutes=1),
        system=str(system.pk),
        person=person_id(organisation, tell.people[told.person].email if told.person else ""),
    )
    store.write(label, _held(told))
    writer.append(places.warehouse(), f"demo-held-{call}", rows_of(_settled(label, system, told)))
    reviews_take_in(actor=tell.operator())
    if not told.verdict:
        return
    review, who = Review.objects.select_related("system", "decision").get(call=call), tell.actor(reviewer)
    with _later(tell, 40):
        review_open(actor=who, review=review)
    with _later(tell, told.minutes):
        texts = [told.changed] if told.verdict == "edit" else None
        review_decide(actor=who, review=review, verdict=told.verdict, reason=told.reason, texts=texts)


def _later(tell: Teller, minutes: int) -> AbstractContextManager[None]:
    """So many minutes on in the telling."""
    tell.told += timedelta(minutes=minutes)
    return clock.telling(tell.told)


def _held(told: Told) -> Held:
    return Held(
        why=told.why,
        endpoint="chat",
        body=msgspec.json.encode({"choices": [{"index": 0, "message": {"role": "assistant", "content": told.said}}]}),
        prompt=(Piece("message 1 (user)", told.asked, ("messages", 0, "content")),),
        answer=(Piece("answer 1", told.said, ("choices", 0, "message", "content")),),
        score=told.score,
        decision="refusing-a-loan" if told.why == "decision" else "",
        model="broad-large",
        findings={told.found: 1} if told.found else {},
        revision=1,
        marks=("demo",),
    )


def _settled(label: Label, system: System, told: Told) -> Settlement:
    """The account of the call, which an answer that waits has like any other."""
    rng = Random(told.asked)  # noqa: S311  # a story's chance, not a secret
    return Settlement(
        id=f"{label.call}/settlement",
        call=label.call,
        at=label.at,
        organisation=label.organisation,
        revision=1,
        system=label.system,
        unit=str(system.unit_id or ""),
        person=label.person,
        endpoint="chat",
        model="broad-large",
        alias="broad-large",
        upstream="northern-lights",
        target="broad-large",
        marks=("demo",),
        tokens=Tokens(input=len(told.asked) * 9, output=len(told.said) // 4),
        cost=rng.randrange(900, 4_000),
        currency=CURRENCY,
        price="demo-broad-large",
        latency_ms=rng.randrange(900, 3_000),
        overhead_us=rng.randrange(300, 1_800),
        status=202,
        finish="held",
        model_reported="broad-large-2026-10",
        findings={told.found: 1} if told.found else {},
    )
