"""Three months of calls, as gateways and other tools would have told them: written to the warehouse, marked as demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

from pilothouse.contracts.policy.budgets import Tokens, cost
from pilothouse.contracts.policy.events import Check, Event, Feedback, Refusal, Settlement
from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.snapshot import Price
from pilothouse.demo.telling import Teller
from pilothouse.kernel.gates.models import Manifest
from pilothouse.kernel.inventory.models import Stage, System
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.actions import control_points_say
from pilothouse.kernel.traffic.ticks import heard
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of

DAYS = 90
CURRENCY = "EUR"  # of both demo organisations
BUSIEST = 40  # calls of one system on a usual day


@dataclass(frozen=True)
class Model:
    """A made-up model: where it answers, and micro-units of currency a million tokens."""

    name: str
    upstream: str
    input: int
    output: int
    slow: int


MODELS = (
    Model("fast-small", "northern-lights", 150_000, 600_000, 700),
    Model("broad-large", "northern-lights", 2_500_000, 10_000_000, 2_600),
    Model("house-llm", "own-servers", 90_000, 90_000, 1_400),
)
# What a refused call was told, with its status.
REFUSED = (
    ("model_refused", "It may not use the model “broad-large”.", 403),
    ("budget_exhausted", "The day's budget of its unit is used up.", 429),
    ("data_class_missing", "It must say what data it sends.", 403),
    ("blocked", "A secret was found in the prompt.", 403),
)
Source = Literal["gateway", "evaluate", "otlp"]
SOURCES: tuple[Source, ...] = ("gateway", "gateway", "gateway", "evaluate", "otlp")


def tell_traffic(teller: Teller) -> int:
    """Write the calls of every second running system; the others stay attested only. Returns how many rows."""
    rng = Random(f"{teller.organisation.slug} traffic")  # noqa: S311  # a story's chance, not a secret
    running = System.objects.filter(organisation=teller.organisation, stage__in=(Stage.PILOT, Stage.PRODUCTION))
    approved = _approved(teller)
    rows = 0
    for number, system in enumerate(running.order_by("number")[::2]):
        source = SOURCES[number % len(SOURCES)]
        events = _calls(teller, system, source, approved.get(system.pk, ""), rng)
        told = (row for event in events for row in rows_of(event))
        rows += writer.append(places.warehouse(), f"demo-{system.pk}", told)
    organisation = str(teller.organisation.pk)
    control_points_say(actor=teller.operator(), heard=heard(organisation, teller.today))
    return rows


def _approved(teller: Teller) -> dict[UUID, str]:
    """The model that each system's sign-off names; but for the first two, which call what nobody approved."""
    rows = Manifest.objects.filter(organisation=teller.organisation, state="approved").order_by("system__number")
    named = [(row.system_id, row.body["model"][0]["name"]) for row in rows if row.body.get("model")]
    return dict(named[2:])


def _calls(teller: Teller, system: System, source: Source, approved: str, rng: Random) -> Iterator[Event]:
    model, busy = rng.choice(MODELS), rng.randrange(4, BUSIEST)
    people = [person_id(str(teller.organisation.pk), person.email) for person in list(teller.people.values())[:9]]
    for back in range(DAYS, -1, -1):
        day = teller.today - timedelta(days=back)
        usual = busy * (0.15 if day.weekday() > 4 else 1) * (1 + (DAYS - back) / DAYS)
        for _ in range(round(usual * rng.uniform(0.6, 1.4))):
            at = day.replace(hour=0, minute=0) + timedelta(minutes=rng.triangular(360, 1260, 660))
            if at < teller.today:
                yield from _call(system, source, (model, approved), at, rng.choice([*people, "", ""]), rng)


def _call(
    system: System, source: Source, models: tuple[Model, str], at: datetime, person: str, rng: Random
) -> Iterator[Event]:
    number, (model, approved) = UUID(int=rng.getrandbits(128)).hex, models
    about: dict[str, Any] = {
        "call": number, "at": at, "organisation": str(system.organisation_id), "revision": 1 if source != "otlp" else 0,
        "system": str(system.pk), "unit": str(system.unit_id or ""), "person": person, "source": source,
        "endpoint": "chat/completions", "model": model.name, "alias": model.name, "marks": ("demo",),
    }  # fmt: skip
    luck = rng.random()
    if source == "evaluate":
        yield Check(id=f"{number}-c", **about)
    elif luck < 0.015 and source == "gateway":
        code, reason, status = rng.choice(REFUSED)
        found = {"secret": 1} if code == "blocked" else {}
        yield Refusal(
            id=f"{number}-r", code=code, reason=f"{system.ref}: {reason}", status=status, findings=found, **about
        )
    else:
        yield _settled(number, about, model, approved or model.name, luck, rng)
        if luck > 0.985 and source == "gateway":
            yield Feedback(id=f"{number}-f", rating=rng.choice((200, 700, 900, 1000)), accepted=luck > 0.988, **about)


def _settled(number: str, about: dict[str, Any], model: Model, target: str, luck: float, rng: Random) -> Settlement:
    tokens = Tokens(input=rng.randrange(200, 6_000), output=rng.randrange(40, 900), cache_read=rng.randrange(0, 900))
    at: datetime = about["at"]
    price = Price(f"demo-{model.name}", at, model.input, model.output)
    failed = luck < 0.02
    found = {kind: 1 for kind, share in (("email", 0.06), ("phone", 0.02), ("iban", 0.01)) if rng.random() < share}
    return Settlement(
        id=f"{number}-s",
        tokens=Tokens() if failed else tokens,
        cost=0 if failed else cost(price, tokens),
        currency=CURRENCY,
        price=price.id,
        latency_ms=int(model.slow * rng.lognormvariate(0, 0.4)),
        ttft_ms=int(model.slow * 0.3 * rng.lognormvariate(0, 0.3)),
        overhead_us=rng.randrange(300, 1_800),
        status=502 if failed else 200,
        finish="error" if failed else "stop",
        upstream=model.upstream,
        target=target,
        # Its provider changed the model without a word, six weeks before today.
        model_reported=f"{target}-{'2026-10' if at.month >= 10 else '2026-07'}",
        findings=found if about["source"] == "gateway" else {},
        **about,
    )
