"""The story of the gates, from the first day to a year later, with the clock moved by hand.

An inherited production system keeps running with dated gaps; a new one is stopped at each gate for the right reasons,
mended by the remedies, signed by the right roles and let through; a waiver, a break-glass and a loosened rulebook each
leave their trail and end on time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from pilothouse.contracts.errors import Conflict, Forbidden
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.checks.actions import rulebook_adopt, rulebook_propose
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.selectors import overall
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.gates.actions.breakglass import breakglass_open, breakglass_tick
from pilothouse.kernel.gates.actions.gaps import gaps_tick
from pilothouse.kernel.gates.actions.manifests import manifest_tick
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.actions.waivers import waiver_request, waivers_tick
from pilothouse.kernel.gates.models import Gap, Incident, Manifest
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.inventory.actions import practice_state, system_change, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.practices import PRACTICES
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.ledger.verify import verify
from tests.papers import seal_papers

FIRST_DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
ANSWERS = dict.fromkeys(("affects_people", "personal_data", "acts_alone", "safety"), "no") | {
    "outside_people": "yes",  # clients read what it writes: the medium tier
    "prohibited": "no",
}


@contextmanager
def on_day(days: float) -> Iterator[None]:
    """It is `days` after the first day, and time has done what time does."""
    with time_machine.travel(FIRST_DAY + timedelta(days=days), tick=False):
        for tick in (breakglass_tick, waivers_tick, gaps_tick, decisions_tick, manifest_tick):
            tick(now())
        yield


class Story:
    """The cast, acting."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        with on_day(0):
            rulebook_adopt(actor=cast.actor("caio"), base="enterprise")
            self.unit = Unit.objects.create(organisation=cast.organisation, name="Client service")

    def system(self, system: System) -> System:
        return System.objects.get(pk=system.pk)

    def new(self) -> System:
        alice = self.cast.actor("alice")
        return system_create(actor=alice, name="Client letters", owner_id=alice.person_id)

    def found_running(self) -> System:
        """What an import does with a system that is in use."""
        system = self.new()
        System.objects.filter(pk=system.pk).update(stage="production", inherited_at=now(), name="Old scorer")
        refresh(self.cast.actor("caio"), [system.pk])
        return self.system(system)

    def change(self, system: System, **facts: Any) -> None:
        system_change(actor=self.cast.actor("caio"), system=self.system(system), changes=facts)

    def say(self, system: System, *keys: str) -> None:
        for key in keys:
            practice_state(actor=self.cast.actor("caio"), system=system, key=key, status="met", words="Done")

    def ask(self, system: System, stage: str) -> Decision:
        outcome = gate_request(
            actor=self.cast.actor("alice"), system=self.system(system), to_stage=stage, reason="It is ready"
        )
        assert outcome.decision is not None
        return outcome.decision

    def blocked(self, system: System, stage: str) -> dict[str, str]:
        """Check → remedy of what blocks the gate."""
        with pytest.raises(Conflict) as caught:
            self.ask(system, stage)
        assert caught.value.code == "blocked"
        assert all(line["because"] for line in caught.value.data["blocking"])
        return {line["check"].removeprefix("inventory."): line["remedy"] for line in caught.value.data["blocking"]}

    def sign(self, who: str, decision: Decision, verdict: str = "approve") -> Decision:
        decision = Decision.objects.get(pk=decision.pk)
        return decision_sign(
            actor=self.cast.actor(who),
            decision=decision,
            verdict=verdict,
            reason="I have read it",
            content_hash=decision.content_hash,
        )

    def refused(self, who: str, decision: Decision, code: str) -> None:
        with pytest.raises((Forbidden, Conflict)) as caught:
            self.sign(who, decision)
        assert caught.value.code == code

    def trail(self, prefix: str) -> list[str]:
        rows = Entry.objects.filter(organisation=self.cast.organisation).order_by("seq")
        return [action for action in rows.values_list("action", flat=True) if action.startswith(prefix)]

    def permission(self, system: System) -> Any:
        return may_run(self.system(system), now())


@pytest.fixture
def story(cast: Any) -> Story:
    return Story(cast)


def test_an_inherited_system_keeps_running_with_dated_gaps(story: Story) -> None:
    with on_day(1):
        system = story.found_running()
    with on_day(1.1):
        assert story.permission(system).allowed
        gaps = Gap.objects.filter(system=system, state="open")
        assert gaps.count() > 10
        # Nobody has answered the intake, so it is asked what the high tier is asked, in thirty days.
        assert {gap.due_at for gap in gaps} == {FIRST_DAY + timedelta(days=31)}
        figure = overall(story.cast.actor("caio"))
        assert figure.met < figure.total  # a gap is in the denominator and never in the numerator
    with on_day(5):
        story.change(system, purpose="Score leads", intake=ANSWERS, impact="neither", personal_data="none")
        assert story.system(system).tier == "medium"
        assert Gap.objects.get(system=system, check_id="inventory.purpose").state == "met"
        due = set(Gap.objects.filter(system=system, state="open").values_list("due_at", flat=True))
        assert due == {FIRST_DAY + timedelta(days=95)}  # ninety days from when the tier was known
    with on_day(94):
        assert not Decision.objects.filter(kind="gap.overdue").exists()
    with on_day(96):
        decision = Decision.objects.get(kind="gap.overdue")
        permission = story.permission(system)
        assert permission.allowed  # an overdue gap is a human's to decide; nothing is cut unasked
        assert "overdue" in permission.marks
        story.refused("alice", decision, "owner")
        story.sign("risk", decision, "extend")
    with on_day(187):
        assert Decision.objects.filter(kind="gap.overdue").count() == 2
        again = Decision.objects.get(kind="gap.overdue", state="open")
        assert "extend" not in again.options  # once
        story.sign("risk", again, "suspend")
        assert not story.permission(system).allowed
    for name in ("gaps.opened", "gaps.closed", "gaps.extended", "system.suspended"):
        assert story.trail(name)


def test_a_new_system_is_stopped_at_each_gate_mended_and_let_through(story: Story) -> None:
    with on_day(1):
        system = story.new()
        remedies = story.blocked(system, "development")
        assert {"purpose", "outcome", "tier"} <= set(remedies)
        assert remedies["purpose"] == "edit/#purpose"
        assert "owner" not in remedies
        with pytest.raises(Conflict):
            story.ask(system, "production")  # no gate is leapt over
        story.change(
            system,
            purpose="Draft letters to clients",
            outcome="Letters out within a day",
            outcome_metric="Hours from request to letter",
            intake=ANSWERS,
            unit_id=story.unit.pk,
            impact="neither",
            personal_data="none",
        )
        assert set(story.blocked(system, "development")) == {"strategy.value_hypothesis_sealed"}
        seal_papers(story.cast.actor("alice"), story.system(system))
        decision = story.ask(system, "development")
        story.refused("alice", decision, "own_request")
        story.refused("legal", decision, "wrong_role")
        story.sign("caio", decision)
        assert story.system(system).stage == "development"
        assert not story.permission(system).allowed
    with on_day(20):
        assert {"outputs", "risks_known", "human_oversight"} <= set(story.blocked(system, "pilot"))
        story.change(system, outputs="A draft letter")
        story.say(system, "risks_known", "human_oversight", "data_documentation")
        decision = story.ask(system, "pilot")
        story.change(system, purpose="Draft and send letters to clients")  # not what was asked about
        story.refused("caio", decision, "closed")
        assert Decision.objects.get(pk=decision.pk).state == "superseded"
        story.sign("caio", story.ask(system, "pilot"))
        assert story.permission(system).allowed
    with on_day(60):
        missing = story.blocked(system, "production")
        assert "monitoring" in missing
        story.change(system, vendor="Acme", sourcing="buy", affects="Clients", deputy_id=story.cast.people["bob"].pk)
        story.say(system, *PRACTICES)
        decision = story.ask(system, "production")
        story.sign("caio", decision)
        assert story.system(system).stage == "pilot"  # the medium tier takes two
        story.sign("risk", decision)
        permission = story.permission(system)
        assert (story.system(system).stage, permission.allowed, permission.marks) == ("production", True, ())
        assert Manifest.objects.get(system=system).state == "approved"
    assert story.trail("system.stage_changed") == ["system.stage_changed"] * 3


def test_a_waiver_leaves_its_trail_and_ends_on_time(story: Story) -> None:
    def status(system: System) -> str:
        return FindingRow.objects.get(system=system, check_id="inventory.outcome", to_at=None).status

    with on_day(1):
        system = story.new()
        waiver = waiver_request(
            actor=story.cast.actor("alice"),
            system=system,
            check_id="inventory.outcome",
            reason="The measure is being built",
            days=30,
        )
        story.refused("caio", waiver.decision, "wrong_role")  # it protects the CFO
        story.sign("cfo", waiver.decision)
        assert status(system) == "waived"
        assert "outcome" not in story.blocked(system, "development")
    with on_day(30.9):
        assert status(system) == "waived"
    with on_day(31.1):
        assert status(system) == "not_met"
        assert "outcome" in story.blocked(system, "development")
    assert story.trail("waiver") == ["waiver.asked", "waiver.granted", "waiver.ended"]


def test_a_break_glass_leaves_its_trail_and_ends_on_time(story: Story) -> None:
    with on_day(1):
        system = story.new()
        breakglass_open(actor=story.cast.actor("ciso"), system=system, reason="The line is down", hours=8)
        permission = story.permission(system)
        assert permission.allowed
        assert {"break_glass", "unratified"} <= set(permission.marks)
    with on_day(1 + 7.9 / 24):
        assert story.permission(system).allowed
    with on_day(1 + 8.1 / 24):
        assert not story.permission(system).allowed
        assert not Incident.objects.exists()
    with on_day(2.1):
        assert Incident.objects.get().system == system  # nobody ratified it within a day
    assert story.trail("breakglass") == ["breakglass.opened", "breakglass.ended"]
    assert story.trail("incident") == ["incident.opened"]


def test_a_loosened_rulebook_leaves_its_trail_and_waits_no_longer_than_it_may(story: Story) -> None:
    def propose() -> Decision:
        active = active_rulebook(story.cast.organisation.pk)
        assert active is not None
        body = active.rules.model_dump(mode="json")
        body["inherited_days"]["high"] = 60
        rulebook_propose(actor=story.cast.actor("caio"), body=body, reason="A month is too short")
        return Decision.objects.get(kind="rulebook.loosen", state="open")

    def days() -> int:
        active = active_rulebook(story.cast.organisation.pk)
        assert active is not None
        return active.rules.inherited_days.high

    with on_day(1):
        decision = propose()
        story.refused("caio", decision, "own_request")
        assert days() == 30
    with on_day(60):
        assert Decision.objects.get(pk=decision.pk).state == "expired"  # silence approves nothing
        assert days() == 30
        story.sign("risk", propose())
        assert days() == 60
    assert story.trail("rulebook") == [
        "rulebook.adopted",
        "rulebook.proposed",
        "rulebook.withdrawn",
        "rulebook.proposed",
        "rulebook.activated",
    ]


def test_the_log_of_all_this_verifies(story: Story) -> None:
    test_a_new_system_is_stopped_at_each_gate_mended_and_let_through(story)
    assert verify(story.cast.organisation.pk).ok
