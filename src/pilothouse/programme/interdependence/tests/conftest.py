"""Two domains with a check each, and systems whose findings a test writes down by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Cast
from django.utils import timezone

from pilothouse.kernel.checks import store
from pilothouse.kernel.checks.facts import system_facts
from pilothouse.kernel.checks.rules.findings import Standing
from pilothouse.kernel.domain import Check, Domain, Finding, Status, registry
from pilothouse.kernel.inventory.models import System

Write = Callable[..., list[int]]


def _domain(name: str, order: int) -> Domain:
    check = Check(
        id=f"{name}.thing",
        version=1,
        title=f"{name.title()} thing",
        domain=name,
        question="Is it there?",
        judge=lambda system, loaded, now: Finding(Status.UNKNOWN, "Nobody said."),
        remedy="edit/",
        remedy_label="Mend it",
    )
    return Domain(id=name, title=name.title(), question="Is it well?", checks=(check,), order=order)


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only strategy and economics are installed: the edge strategy → economics, and the one back."""
    domains = {name: _domain(name, order) for order, name in enumerate(("strategy", "economics"), start=1)}
    monkeypatch.setattr(registry, "domains", domains)
    monkeypatch.setattr(registry, "checks", {c.id: c for d in domains.values() for c in d.checks})


@pytest.fixture
def write(cast: Cast, pair: None) -> Write:
    """`write(n, strategy="met", economics="not_met", **facts)`: n systems judged so; returns their numbers."""
    made: list[int] = []

    def add(count: int, strategy: str = "", economics: str = "", **facts: Any) -> list[int]:
        found, changed = [], {}
        for _ in range(count):
            number = len(made) + 1
            made.append(number)
            found.append(number)
            system = System.objects.create(
                organisation=cast.organisation,
                number=number,
                name=f"System {number}",
                **{"stage": "production", "tier": "medium", **facts},
            )
            said = {"strategy.thing": strategy, "economics.thing": economics}
            lines = {
                check: store.line_of(
                    Standing(Finding(Status(status), "Because."), Status(status)), int(status != "met")
                )
                for check, status in said.items()
                if status
            }
            [known] = system_facts(cast.organisation.pk, [system.pk])
            changed[system.pk] = (store.Kept(), store.Kept(store.encode(lines), store.domains_text(known, lines)))
        store.save(cast.organisation.pk, changed, timezone.now())
        return found

    return add
