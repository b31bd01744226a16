"""Whatever a human must decide: it works, and every way in which it must not."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Deputy, Membership, Role, Unit
from pilothouse.kernel.base import new_id
from pilothouse.kernel.decisions.actions import (
    Ask,
    decision_refresh,
    decision_sign,
    decision_withdraw,
    decisions_request,
    signature_add,
)
from pilothouse.kernel.decisions.models import Decision, Seat, Signature
from pilothouse.kernel.decisions.selectors import decision_of, decisions, signatures_of, waiting_for
from pilothouse.kernel.decisions.tests.conftest import CARRIED_OUT
from pilothouse.kernel.decisions.tick import decisions_move_on, decisions_tick
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.notices import notices_of


def sign(actor, decision, verdict="approve", **more):
    return decision_sign(
        actor=actor,
        decision=decision,
        verdict=verdict,
        reason=more.pop("reason", "Because it is sound"),
        content_hash=more.pop("content_hash", decision.content_hash),
        **more,
    )


def deputy(cast, person, stands_in, days=5):
    Deputy.objects.create(
        organisation=cast.organisation,
        person=cast.people[person],
        deputy=cast.people[stands_in],
        starts_at=timezone.now() - timedelta(days=1),
        ends_at=timezone.now() + timedelta(days=days),
    )


def role(cast, key):
    return Role.objects.get(organisation=cast.organisation, key=key)


def refused(code, error=Forbidden):
    return pytest.raises(error, check=lambda e: e.code == code)


def test_it_works(cast, ask):
    decision = ask()
    assert [d.pk for d in waiting_for(cast.actor("caio"), timezone.now())] == [decision.pk]
    done = sign(cast.actor("caio"), decision)
    assert (done.state, done.outcome, CARRIED_OUT) == ("approved", "approve", [("Approve the purpose", "approve")])
    assert not waiting_for(cast.actor("caio"), timezone.now()).exists()
    said = list(Entry.objects.order_by("seq").values_list("action", flat=True))
    assert said[-3:] == ["decision.requested", "decision.signed", "decision.approved"]


def test_two_groups_take_two_people(cast, ask):
    Membership.objects.create(organisation=cast.organisation, person=cast.people["risk"], role=role(cast, "caio"))
    decision = ask(groups=(("caio",), ("risk",)))
    assert sign(cast.actor("risk"), decision, role="risk").state == "open"
    with refused("replayed", Conflict):
        sign(cast.actor("risk"), decision, role="caio")
    assert CARRIED_OUT == []
    assert sign(cast.actor("caio"), decision).state == "approved"


def test_a_refusal_closes_at_once(cast, ask):
    decision = ask(groups=(("caio",), ("risk",)))
    assert sign(cast.actor("risk"), decision, "refuse").state == "refused"
    with refused("closed", Conflict):
        sign(cast.actor("caio"), decision)
    assert CARRIED_OUT == []


def test_a_deputy_signs_for_someone_and_says_so(cast, ask):
    deputy(cast, "caio", "cfo")
    decision = sign(cast.actor("cfo"), ask())
    signature = decision.signatures.get()
    assert (signature.person, signature.acting_for) == (cast.people["cfo"], cast.people["caio"])


def test_the_wrong_role_is_refused(cast, ask):
    with refused("wrong_role"):
        sign(cast.actor("ciso"), ask())


def test_a_role_in_another_unit_is_the_wrong_role(cast, ask):
    unit = Unit.objects.create(organisation=cast.organisation, name="Sales")
    Membership.objects.create(
        organisation=cast.organisation, person=cast.people["cfo"], role=role(cast, "caio"), unit=unit
    )
    decision = ask()
    assert not waiting_for(cast.actor("cfo"), timezone.now()).exists()
    with refused("wrong_role"):
        sign(cast.actor("cfo"), decision)


def test_without_the_permission_it_is_forbidden(cast, ask):
    with pytest.raises(Forbidden):
        sign(cast.actor("auditor"), ask())


def test_the_outsider_finds_nothing(cast, ask):
    decision = ask()
    with pytest.raises(NotFound):
        sign(cast.actor("charlie"), decision)
    with pytest.raises(NotFound):
        decision_of(cast.actor("charlie"), decision.pk)
    assert not decisions(cast.actor("charlie")).exists()


def test_a_program_cannot_sign(cast, ask):
    with refused("not_a_person"):
        sign(system_actor(cast.organisation.pk), ask())


@pytest.mark.parametrize("days", [60, 400])
def test_late_is_refused(cast, ask, days):
    decision = ask()
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        with refused("late", Conflict):
            sign(cast.actor("caio"), decision)
        decisions_tick()
        with refused("closed", Conflict):
            sign(cast.actor("caio"), decision)
    decision.refresh_from_db()
    assert (decision.state, CARRIED_OUT) == ("expired", [])


def test_the_same_signature_twice_is_refused_but_a_retry_is_one_signature(cast, ask):
    decision = ask(groups=(("caio",), ("risk",)))
    sign(cast.actor("caio"), decision, idempotency="k1")
    sign(cast.actor("caio"), decision, idempotency="k1")
    assert decision.signatures.count() == 1
    with refused("replayed", Conflict):
        sign(cast.actor("caio"), decision, idempotency="k2")
    with refused("replayed", Conflict):
        sign(cast.actor("caio"), decision, "refuse", idempotency="k1")


def test_a_signature_for_another_decision_is_refused(cast, ask):
    first = ask()
    decision_withdraw(actor=cast.actor("alice"), decision=first, reason="Again")
    second = ask()
    with refused("changed", Conflict):
        sign(cast.actor("caio"), second, content_hash=first.content_hash)
    assert second.signatures.count() == 0


def test_a_changed_record_voids_its_signature(cast, ask, system):
    decision = ask(groups=(("caio",), ("risk",)))
    sign(cast.actor("risk"), decision)
    system_change(actor=cast.actor("alice"), system=system, changes={"purpose": "Rank people"})
    with refused("closed", Conflict):
        sign(cast.actor("caio"), decision)
    decision.refresh_from_db()
    assert (decision.state, CARRIED_OUT) == ("superseded", [])
    assert all(view.void for view in signatures_of(decision))
    assert ask().content_hash != decision.content_hash


def test_a_standing_signature_is_void_once_its_record_changed(cast, ask, system):
    decision = sign(cast.actor("caio"), ask())
    assert not signatures_of(decision)[0].void
    system_change(actor=cast.actor("alice"), system=system, changes={"purpose": "Rank people"})
    assert signatures_of(Decision.objects.get(pk=decision.pk))[0].void


def test_nobody_decides_on_their_own_request(cast, ask):
    decision = ask("caio")
    assert not waiting_for(cast.actor("caio"), timezone.now()).exists()
    with refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_nor_through_a_deputy(cast, ask):
    decision = ask("caio")
    deputy(cast, "caio", "cfo")
    with refused("own_request"):
        sign(cast.actor("cfo"), decision)


def test_nor_on_what_ones_deputy_asked(cast, ask):
    deputy(cast, "caio", "cfo")
    decision = ask("cfo")
    with refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_nor_by_standing_in_for_another(cast, ask):
    decision = ask("cfo")
    deputy(cast, "caio", "cfo")
    with refused("own_request"):
        sign(cast.actor("cfo"), decision)


def test_an_owner_is_barred_where_the_rule_says_so(cast, ask, system):
    system_change(
        actor=cast.actor("caio"), system=system, changes={"owner_id": cast.people["caio"].pk, "deputy_id": None}
    )
    decision = ask("bob", bars_owners=True)
    with refused("owner"):
        sign(cast.actor("caio"), decision)
    deputy(cast, "caio", "risk")
    with refused("owner"):
        sign(cast.actor("risk"), decision)


def test_one_person_does_not_fill_two_groups_through_a_deputy(cast, ask):
    decision = ask(groups=(("caio",), ("caio", "risk")))
    sign(cast.actor("caio"), decision)
    deputy(cast, "caio", "cfo")
    with refused("same_person"):
        sign(cast.actor("cfo"), decision)
    assert sign(cast.actor("risk"), decision).state == "approved"


def test_a_reason_and_a_verdict_are_asked(cast, ask):
    decision = ask()
    with pytest.raises(Invalid, check=lambda e: "reason" in e.fields):
        sign(cast.actor("caio"), decision, reason="  ")
    with pytest.raises(Invalid, check=lambda e: "verdict" in e.fields):
        sign(cast.actor("caio"), decision, "perhaps")


def test_only_who_asked_withdraws(cast, ask):
    decision = ask()
    with pytest.raises(Forbidden):
        decision_withdraw(actor=cast.actor("caio"), decision=decision, reason="No")
    assert decision_withdraw(actor=cast.actor("alice"), decision=decision, reason="Not yet").state == "withdrawn"
    with refused("closed", Conflict):
        decision_withdraw(actor=cast.actor("alice"), decision=decision, reason="Twice")


def test_the_same_is_not_asked_twice(cast, ask):
    first = ask(idempotency="once")
    assert ask(idempotency="once").pk == first.pk
    with refused("already_asked", Conflict):
        ask()


def test_silence_escalates_and_never_approves(cast, ask):
    decision = ask(escalation_path=("risk", "cfo"))
    start = decision.requested_at
    seats = lambda: set(decision.seats.values_list("role", flat=True))  # noqa: E731
    with time_machine.travel(start + timedelta(days=8)):
        assert decisions_tick()["escalated"] == 1
        assert decisions_tick()["escalated"] == 0
        assert seats() == {"caio"}
    with time_machine.travel(start + timedelta(days=11)):
        decisions_tick()
        assert seats() == {"caio", "risk"}
        assert waiting_for(cast.actor("risk"), timezone.now()).count() == 1
    with time_machine.travel(start + timedelta(days=14)):
        decisions_tick()
        assert seats() == {"caio", "risk", "cfo"}
    with time_machine.travel(start + timedelta(days=17)):
        assert decisions_tick()["expired"] == 1
    decision.refresh_from_db()
    assert (decision.state, CARRIED_OUT) == ("expired", [])


def test_whom_it_escalated_to_may_sign(cast, ask):
    decision = ask(escalation_path=("risk",))
    with time_machine.travel(decision.requested_at + timedelta(days=11)):
        decisions_tick()
        assert sign(cast.actor("risk"), decision).state == "approved"


def test_the_database_refuses_to_change_a_signature(cast, ask):
    decision = sign(cast.actor("caio"), ask())
    for attempt in (
        lambda: Signature.objects.filter(decision=decision).update(verdict="refuse"),
        lambda: Signature.objects.filter(decision=decision)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_the_inbox_takes_a_constant_number_of_queries(cast, ask, django_assert_max_num_queries):
    decision = ask()
    Decision.objects.bulk_create(_copies(decision, 30))
    with django_assert_max_num_queries(4):
        list(waiting_for(cast.actor("caio"), timezone.now()))


def _copies(decision, count):
    fields = {f.attname: getattr(decision, f.attname) for f in Decision._meta.concrete_fields}
    return [Decision(**fields | {"id": new_id(), "subject_id": new_id()}) for _ in range(count)]


def test_people_are_told(cast, ask):
    decision = ask(escalation_path=("risk",))
    told = lambda who: [n.text for n in notices_of(cast.actor(who))]  # noqa: E731
    assert told("caio") == ["Waits for you: Approve the purpose"]
    assert told("alice") == told("risk") == []
    with time_machine.travel(decision.requested_at + timedelta(days=11)):
        decisions_tick()
        assert len(told("risk")) == 1
        sign(cast.actor("risk"), decision)
    assert told("alice") == ["Approved: Approve the purpose"]


class TestInnerActions:
    """What the faces never call directly asks for its own permission all the same."""

    def test_refreshing_and_signing_are_of_one_organisation(self, cast, ask):
        decision = ask()
        for attempt in (
            lambda: decision_refresh(actor=cast.actor("charlie"), decision=decision),
            lambda: signature_add(
                actor=cast.actor("charlie"),
                decision=decision,
                verdict="approve",
                reason="Mine",
                content_hash=decision.content_hash,
            ),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert decision_refresh(actor=cast.actor("alice"), decision=decision).state == "open"

    def test_time_is_not_moved_by_just_anyone(self, cast, ask):
        with pytest.raises(Forbidden):
            decisions_move_on(actor=cast.actor("alice"), moment=timezone.now())
        assert decisions_move_on(actor=cast.actor("charlie"), moment=timezone.now())["expired"] == 0

    def test_a_question_names_who_may_sign(self, cast, system):
        empty = Ask(kind="test.purpose", title="Nobody", subject=system, groups=())
        with pytest.raises(Invalid):
            decisions_request(actor=cast.actor("alice"), asks=[empty])

    def test_many_are_asked_at_once_and_each_signer_is_told_once(self, cast, system, django_assert_max_num_queries):
        asks = [
            Ask(kind="test.purpose", title=f"Purpose {n}", subject=row, groups=(("caio",),))
            for n, row in enumerate(_systems(cast, 30))
        ]
        with django_assert_max_num_queries(60):
            made = decisions_request(actor=cast.actor("alice"), asks=asks)
        assert (len(made), Seat.objects.count()) == (30, 30)
        assert [n.text for n in notices_of(cast.actor("caio"))] == ["Waits for you: Purpose 0 (and 29 more like it)"]


def _systems(cast, count):
    rows = [System(organisation=cast.organisation, number=100 + n, name=f"S{n}") for n in range(count)]
    return System.objects.bulk_create(rows)
