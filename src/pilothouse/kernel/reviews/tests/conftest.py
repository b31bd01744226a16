"""Harbour's planner, a key to it, and answers that a gateway held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.texts import Held, Label, Piece
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.base import new_id
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.reviews.actions import reviews_take_in
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts import store

SAID = "The tide turns at noon."


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def system(cast: Any) -> System:
    """Alice's system, found running in production."""
    alice = cast.actor("alice")
    made = system_create(actor=alice, name="Planner", owner_id=alice.person_id)
    System.objects.filter(pk=made.pk).update(stage="production", inherited_at=now(), stage_since=now())
    return System.objects.get(pk=made.pk)


@pytest.fixture
def hold(cast: Any, system: System) -> Callable[..., str]:
    """`hold()` is what a gateway does: the call's id, whose answer lies sealed."""

    def keep(person: str = "", answer: tuple[str, ...] = (SAID,), **changes: Any) -> str:
        call, organisation = str(new_id()), str(cast.organisation.pk)
        body = msgspec.json.encode({"choices": [{"message": {"content": text}} for text in answer]})
        pieces = tuple(
            Piece(f"choices {number + 1}", text, ("choices", number, "message", "content"))
            for number, text in enumerate(answer)
        )
        prompt = (Piece("messages 1 (user)", "When does the tide turn?"),)
        label = Label(
            kind="held",
            organisation=organisation,
            call=call,
            at=now() - timedelta(minutes=5),
            system=str(system.pk),
            key="key-1",
            person=person_id(organisation, person),
        )
        known: dict[str, Any] = {"why": "every", "endpoint": "chat", "model": "chat", "findings": {"email": 1}}
        store.write(label, Held(body=body, prompt=prompt, answer=pieces, **known | changes))
        return call

    return keep


@pytest.fixture
def review(cast: Any, hold: Callable[..., str]) -> Review:
    """One held answer, taken in."""
    return taken_in(cast, hold())


def taken_in(cast: Any, call: str) -> Review:
    reviews_take_in(actor=system_actor(cast.organisation.pk))
    return Review.objects.select_related("system__unit", "decision").get(call=call)
