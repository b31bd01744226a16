"""From a held answer to its outcome, and who may bring that about."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.contracts.policy.texts import Edited, Held, Label, Outcome
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Membership, Role
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.directory.actions import deputy_appoint
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.reviews import rules, selectors
from pilothouse.kernel.reviews.actions import (
    outcomes_tell,
    review_decide,
    review_open,
    review_sign,
    reviews_forget,
    reviews_keep,
    reviews_take_in,
)
from pilothouse.kernel.reviews.models import Opening, Review
from pilothouse.kernel.reviews.tests.conftest import SAID, taken_in
from pilothouse.kernel.reviews.ticks import reviews_keep_tick, reviews_tick
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.actions import person_forget
from pilothouse.kernel.warehouse import questions
from pilothouse.kernel.warehouse.asking import opened
from pilothouse.kernel.warehouse.questions import Where

pytestmark = pytest.mark.usefixtures("_home")


def outcome(review):
    found = store.read(str(review.organisation_id), review.call, Outcome)
    return found[1] if found else None


def tell(cast):
    """What happens once a decision is committed, which no test's transaction ever is."""
    return outcomes_tell(actor=system_actor(cast.organisation.pk))


def read_and(actor, review, verdict, **more):
    review_open(actor=actor, review=review)
    return review_decide(actor=actor, review=review, verdict=verdict, reason="I have read it.", **more)


def test_it_works(cast, review):
    """Taken in, it waits for whoever may review; released, gateways and the warehouse learn of it."""
    risk = cast.actor("risk")
    assert list(selectors.waiting(risk, timezone.now())) == [review]
    assert review.decision in waiting_for(risk, timezone.now())
    shown = review_open(actor=risk, review=review)
    assert [piece.text for piece in shown.answer] == [SAID]
    done = review_decide(actor=risk, review=review, verdict="release", reason="It is right.")
    assert (done.state, done.decided_by_id, done.edit_distance) == ("released", risk.person_id, 0)
    assert outcome(review) is None  # until the decision is committed
    assert tell(cast) == 1
    assert outcome(review) == Outcome(verdict="released", reason="It is right.")
    assert tell(cast) == 0
    assert not selectors.waiting(risk, timezone.now())


def test_the_commit_tells_gateways_at_once(cast, review, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        read_and(cast.actor("risk"), review, "release")
    assert outcome(review).verdict == "released"
    review.refresh_from_db()
    assert review.told_at is not None


def test_taking_in_again_changes_nothing(cast, review):
    operator = system_actor(cast.organisation.pk)
    assert reviews_take_in(actor=operator) == 0
    assert Review.objects.count() == Decision.objects.filter(kind="answer.held").count() == 1


def test_the_job_takes_in_every_organisation(cast, hold):
    call = hold()
    assert reviews_tick(timezone.now()) == {"taken_in": 1, "told": 0}
    assert Review.objects.get(call=call).findings == {"email": 1}


def test_what_does_not_open_is_not_taken_in(cast, hold):
    path = store.path_of(str(cast.organisation.pk), "held", hold())
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert reviews_tick(timezone.now())["taken_in"] == 0


def test_many_are_taken_in_with_few_queries(cast, hold, django_assert_max_num_queries):
    for _ in range(12):
        hold()
    with django_assert_max_num_queries(70):  # two a decision are its kind's own
        reviews_take_in(actor=system_actor(cast.organisation.pk))
    assert Review.objects.count() == 12


def test_it_is_released_changed(cast, review):
    risk = cast.actor("risk")
    done = read_and(risk, review, "edit", texts=["The tide turns at noon!!"])
    assert (done.state, done.edit_distance) == ("edited", 2)
    tell(cast)
    assert outcome(review) == Outcome(verdict="edited", reason="I have read it.", texts=("The tide turns at noon!!",))
    said = {entry.action: entry for entry in Entry.objects.filter(subject_id=review.pk)}
    body = Content.objects.get(entry=said["review.decided"]).body
    assert '"edit_distance":2' in body
    assert done.edited_digest in body


@pytest.mark.parametrize(
    ("texts", "code"), [(None, "invalid"), ([], "invalid"), (["a", "b"], "invalid"), ([SAID], "invalid")]
)
def test_a_change_that_is_none(cast, review, texts, code):
    with pytest.raises(Invalid):
        read_and(cast.actor("risk"), review, "edit", texts=texts)
    assert Review.objects.get().state == "waiting"


def test_a_browsers_ends_of_lines_are_no_change(cast, hold):
    review = taken_in(cast, hold(answer=("One\nTwo",)))
    with pytest.raises(Invalid):
        read_and(cast.actor("risk"), review, "edit", texts=["One\r\nTwo"])
    done = read_and(cast.actor("risk"), review, "edit", texts=["One\r\nTwo!"])
    assert done.edit_distance == 1
    assert store.read(str(cast.organisation.pk), review.call, Edited)[1].texts == ("One\nTwo!",)


def test_it_is_refused(cast, review):
    done = read_and(cast.actor("risk"), review, "refuse")
    assert done.state == "refused"
    tell(cast)
    assert outcome(review) == Outcome(verdict="refused", reason="I have read it.")


def test_whoever_has_not_read_it_releases_nothing(cast, review):
    for verdict in ("release", "edit"):
        with pytest.raises(Conflict):
            decision_sign(
                actor=cast.actor("risk"),
                decision=review.decision,
                verdict=verdict,
                reason="Yes.",
                content_hash=review.decision.content_hash,
            )
    assert Review.objects.get().state == "waiting"


def test_signing_a_change_takes_the_change(cast, review):
    risk = cast.actor("risk")
    review_open(actor=risk, review=review)
    with pytest.raises(Conflict):
        decision_sign(
            actor=risk,
            decision=review.decision,
            verdict="edit",
            reason="Yes.",
            content_hash=review.decision.content_hash,
        )


def test_a_reason_is_asked_for(cast, review):
    review_open(actor=cast.actor("risk"), review=review)
    with pytest.raises(Invalid):
        review_decide(actor=cast.actor("risk"), review=review, verdict="release", reason=" ")


def test_nobody_reviews_what_was_asked_on_their_behalf(cast, hold):
    review = taken_in(cast, hold(person=cast.people["risk"].email))
    risk = cast.actor("risk")
    assert not selectors.waiting(risk, timezone.now())
    with pytest.raises(Forbidden):
        read_and(risk, review, "release")
    with pytest.raises(Forbidden):
        read_and(risk, review, "edit", texts=["Other"])
    assert store.read(str(cast.organisation.pk), review.call, Edited) is None
    assert read_and(cast.actor("caio"), review, "release").state == "released"


def test_nor_through_a_deputy(cast, hold):
    review = taken_in(cast, hold(person=cast.people["risk"].email))
    moment = timezone.now()
    deputy_appoint(
        actor=cast.actor("risk"),
        person=cast.people["risk"],
        deputy=cast.people["legal"],
        reason="Away",
        starts_at=moment,
        ends_at=moment + timedelta(days=3),
    )
    with pytest.raises(Forbidden):
        read_and(cast.actor("legal"), review, "release")


@pytest.mark.parametrize("who", ["alice", "auditor", "employee", "legal"])
def test_others_may_not(cast, review, who):
    actor = cast.actor(who)
    assert not selectors.reviews(actor).exists()
    with pytest.raises((Forbidden, NotFound)):
        review_open(actor=actor, review=review)
    with pytest.raises((Forbidden, NotFound)):
        review_sign(
            actor=actor, review=review, verdict="release", reason="Yes.", texts=None,
            content_hash=review.decision.content_hash, role="", idempotency="",
        )  # fmt: skip


def test_the_outsider_sees_nothing(cast, review):
    with pytest.raises(NotFound):
        selectors.review_of(cast.actor("charlie"), review.pk)
    with pytest.raises(NotFound):
        review_open(actor=cast.actor("charlie"), review=review)


def test_silence_escalates_and_releases_nothing(cast, system, hold):
    system_policy_save(actor=cast.actor("caio"), system=system, body={"hold": {"every": True, "hours": 2}})
    review = taken_in(cast, hold())
    assert review.decision.deadline - review.taken_at == timedelta(hours=2)
    decisions_tick(review.decision.deadline)
    review.decision.refresh_from_db()
    assert review.decision.escalations == 1
    decisions_tick(review.decision.expires_at)
    review.refresh_from_db()
    assert (review.state, review.seconds) == ("expired", None)
    tell(cast)
    assert outcome(review).verdict == "expired"


def test_a_role_with_the_permission_gets_a_seat(cast, hold):
    role = Role.objects.get(organisation=cast.organisation, key="engineer")
    role.permissions |= {"answer.review": "all"}
    role.save()
    review = taken_in(cast, hold())
    assert "engineer" in set(review.decision.seats.values_list("role", flat=True))
    assert read_and(cast.actor("bob"), review, "release").state == "released"


def test_the_look_is_measured_and_capped(cast, hold):
    risk, moment = cast.actor("risk"), timezone.now()
    seconds = []
    for away in (timedelta(seconds=90), timedelta(hours=3)):
        review = taken_in(cast, hold())
        with time_machine.travel(moment, tick=False):
            review_open(actor=risk, review=review)
        with time_machine.travel(moment + away, tick=False):
            done = review_decide(actor=risk, review=review, verdict="release", reason="Read.")
        seconds.append(done.seconds)
    assert seconds == [90, 1800]


def test_a_reload_begins_no_new_look(cast, review):
    risk, moment = cast.actor("risk"), timezone.now()
    for later in (0, 5, 45, 50):
        with time_machine.travel(moment + timedelta(minutes=later), tick=False):
            review_open(actor=risk, review=review)
    assert Opening.objects.get().opened_at == moment + timedelta(minutes=45)
    assert Entry.objects.filter(action="review.opened").count() == 2


def test_facts_reach_the_warehouse_once(cast, hold):
    risk = cast.actor("risk")
    for verdict, texts in (("release", None), ("edit", ["The tide turned."]), ("refuse", None)):
        review = taken_in(cast, hold())
        read_and(risk, review, verdict, texts=texts)
        tell(cast)
        Review.objects.filter(pk=review.pk).update(told_at=None)
        tell(cast)
    now = timezone.now()
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)
    with opened(places.warehouse(), str(cast.organisation.pk), since, until) as warehouse:
        (row,) = questions.reviews_by(warehouse, "system", Where())
    assert (row["decided"], row["overridden"]) == (3, 2)
    assert row["waited"] >= 300
    figures = selectors.figures(risk, now)
    assert (figures.decided, figures.overridden, figures.rate) == (3, 2, 66.7)
    assert selectors.by_system(risk, now)[0]["overridden"] == 2


def test_texts_go_when_they_are_due(cast, system, hold):
    system_policy_save(actor=cast.actor("caio"), system=system, body={"hold": {"every": True, "days": 3}})
    review, waiting = taken_in(cast, hold()), taken_in(cast, hold())
    read_and(cast.actor("risk"), review, "release")
    later = timezone.now() + timedelta(days=3, minutes=1)
    assert reviews_keep_tick(later) == {"removed": 0}  # nobody was told the outcome yet
    tell(cast)
    assert reviews_keep(actor=system_actor(cast.organisation.pk), moment=later) == 1
    organisation = str(cast.organisation.pk)
    assert store.calls(organisation, "held") == {waiting.call}
    assert not store.calls(organisation, "outcome")
    assert reviews_tick(later) == {"taken_in": 0, "told": 0}
    review.refresh_from_db()
    assert review_open(actor=cast.actor("risk"), review=review) is None


def test_a_forgotten_person_leaves_no_text(cast, hold):
    review, other = taken_in(cast, hold(person="jane@example.com")), taken_in(cast, hold())
    assert person_forget(actor=cast.actor("legal"), told="Jane@example.com", reason="She asked.") == 2
    assert store.calls(str(cast.organisation.pk), "held") == {other.call}
    assert Review.objects.get(pk=review.pk).person == ""
    decisions_tick(timezone.now())
    review.refresh_from_db()
    assert review.state == "expired"
    assert tell(cast) == 1
    assert reviews_forget(cast.actor("legal"), "nobody") == 0


def test_no_text_is_in_the_database_or_the_warehouse(cast, settings, hold, django_db_blocker):
    secret = "ghp_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
    review = taken_in(cast, hold(answer=(f"The key is {secret}",)))
    read_and(cast.actor("risk"), review, "edit", texts=[f"It was {secret}"])
    tell(cast)
    for row in Content.objects.all():
        assert secret not in row.body
    for model in (Review, Decision):
        assert not any(secret in str(values) for values in model.objects.values_list())
    for path in (path for path in settings.HOME.rglob("*") if path.is_file()):
        assert secret.encode() not in path.read_bytes(), path
    assert secret in store.read(str(cast.organisation.pk), review.call, Held)[1].answer[0].text


def test_the_register_can_have_answers_held(cast, system):
    from pilothouse.contracts.policy.snapshot import SystemPolicy
    from pilothouse.kernel.decisions.register import human_only_add
    from pilothouse.kernel.policy.actions.keys import key_issue
    from pilothouse.kernel.policy.compile import compile_snapshot

    caio = cast.actor("caio")
    human_only_add(actor=caio, title="Hiring people", why="It is about a life.", calls="hold")
    human_only_add(actor=caio, title="Ending care", why="It is about a life.")
    with pytest.raises(Invalid):
        human_only_add(actor=caio, title="Other", why="Why", calls="shrug")
    rules_ = {"human": {"hiring-people": "hold", "ending-care": "hold", "firing": "hold"}}
    system_policy_save(actor=caio, system=system, body=rules_)
    key_issue(actor=cast.actor("alice"), system=system, name="Nightly")
    compiled: SystemPolicy = compile_snapshot(cast.organisation, timezone.now()).systems[str(system.pk)]
    assert compiled.human == {"hiring-people": "hold", "ending-care": "refuse", "firing": "hold"}
    system_policy_save(actor=caio, system=system, body={"human": {"hiring-people": "refuse"}})
    compiled = compile_snapshot(cast.organisation, timezone.now()).systems[str(system.pk)]
    assert compiled.human["hiring-people"] == "refuse"


def test_reviewers_in_a_part_of_the_organisation(cast, review):
    """Who holds the role elsewhere alone gets nothing."""
    from pilothouse.kernel.directory.actions import unit_add

    unit = unit_add(actor=cast.actor("caio"), name="Quay", parent=None)
    Membership.objects.filter(person=cast.people["risk"]).update(unit=unit)
    assert not selectors.reviews(cast.actor("risk")).exists()


def test_measures():
    moment = timezone.now()
    assert rules.looked(moment, moment - timedelta(seconds=1)) == 0
    assert rules.edit_distance(["abc", ""], ["abd", "x"]) == 2
    assert rules.edit_distance(["a" * 30_000], [""]) == rules.MOST_EDITS
    assert not rules.opened_anew(moment, moment + rules.LONGEST_LOOK)


def test_a_label_that_lies_does_not_open(cast, hold):
    call, organisation = hold(), str(cast.organisation.pk)
    path = store.path_of(organisation, "held", call)
    path.write_bytes(path.read_bytes().replace(b'"key":"key-1"', b'"key":"key-2"'))
    from pilothouse.contracts.policy.texts import BadText, label_of

    assert isinstance(label_of(path.read_bytes()), Label)
    with pytest.raises(BadText):
        store.read(organisation, call, Held)
