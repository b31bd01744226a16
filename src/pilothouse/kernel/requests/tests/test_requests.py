"""Asking and answering, through the actions."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound, PilothouseError
from pilothouse.kernel.inventory.actions import practice_state, system_change, system_create
from pilothouse.kernel.inventory.models import Practice, System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.requests.actions import (
    answers_give,
    draft_save,
    link_actor,
    link_hand_over,
    link_opened,
    request_remind,
    request_revoke,
    request_send,
)
from pilothouse.kernel.requests.models import FactLink, FactQuestion, LinkSecret
from pilothouse.kernel.requests.selectors import link_of, request_of, requests
from pilothouse.kernel.requests.tick import requests_tick

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = ("owner", "outcome", "stage", "practice:monitoring", "intake:safety")


@pytest.fixture
def systems(cast):
    caio = cast.actor("caio")
    alices = system_create(actor=caio, name="CV summary", owner_id=cast.people["alice"].pk, outcome="Fewer hours")
    nobodys = system_create(actor=caio, name="Invoice reading")
    System.objects.filter(pk=nobodys.pk).update(stage="unknown")
    return alices, nobodys


@pytest.fixture
def ask(cast, systems, django_capture_on_commit_callbacks):
    def run(who="caio", **more):
        given = {"title": "Two questions", "numbers": [1, 2], "keys": KEYS, "email": "bob@harbour.example"} | more
        with django_capture_on_commit_callbacks(execute=True):
            return request_send(actor=cast.actor(who), **given)

    return run


def secret_in(message):
    return re.search(r"/ask/([^/]+)/", message.body)[1]


def answer(link, **by_key):
    rows = {row.key: str(row.pk) for row in link.questions.all()}
    return {rows[key.replace("__", ":")]: given for key, given in by_key.items()}


def test_it_works(cast, ask, django_capture_on_commit_callbacks):
    request = ask()
    assert {message.to[0] for message in mail.outbox} == {"alice@harbour.example", "bob@harbour.example"}
    # What is known already is not asked: Alice's outcome, owner and stage.
    assert set(FactQuestion.objects.filter(system__number=1).values_list("key", flat=True)) == {
        "practice:monitoring",
        "intake:safety",
    }
    to_bob = next(message for message in mail.outbox if message.to == ["bob@harbour.example"])
    assert "CV summary" not in to_bob.body
    link = link_of(secret_in(to_bob))
    given = answer(
        link,
        owner={"value": "me"},
        outcome={"value": "Invoices the same day", "words": "Days to booking"},
        stage={"value": "production", "words": "We use it daily"},
        practice__monitoring={"value": "met", "words": "Weekly sample"},
        intake__safety={"value": "no"},
    )
    assert answers_give(actor=link_actor(link), link=link, answers=given) == 5
    system = System.objects.get(number=2)
    assert (system.owner_id, system.outcome_metric) == (cast.people["bob"].pk, "Days to booking")
    assert system.stage == "production"
    assert system.inherited_at is not None
    assert system.intake == {"safety": "no"}
    assert Practice.objects.get(system=system).source.startswith("Bob, in answer to")
    assert set(link.questions.values_list("fate", flat=True)) == {"kept"}
    entry = Entry.objects.filter(action="system.practice_stated").get()
    assert "Bob (by link)" in entry.content.body
    assert Notice.objects.filter(person=cast.people["caio"]).exists()
    assert requests(cast.actor("caio")).get(pk=request.pk).answered == 5


def test_the_secret_is_nowhere(ask):
    ask()
    secrets = {secret_in(message) for message in mail.outbox}
    assert not secrets & set(LinkSecret.objects.values_list("hash", flat=True))
    assert len(secrets) == 2


def test_answers_may_come_in_parts_and_drafts_wait(ask):
    ask()
    link = FactLink.objects.get(email="bob@harbour.example")
    draft_save(actor=link_actor(link), link=link, answers=answer(link, outcome={"value": "Half a sen"}))
    link.refresh_from_db()
    assert list(link.draft.values()) == [{"value": "Half a sen"}]
    assert answers_give(actor=link_actor(link), link=link, answers=answer(link, owner={"value": "me"})) == 1
    link.refresh_from_db()
    assert link.answered_at is None
    assert len(link.draft) == 1


def test_a_wrong_answer_keeps_nothing(ask):
    ask()
    link = FactLink.objects.get(email="bob@harbour.example")
    given = answer(link, owner={"value": "other", "words": "the help desk"}, outcome={"value": "Good"})
    with pytest.raises(Invalid) as error:
        answers_give(actor=link_actor(link), link=link, answers=given)
    assert list(error.value.fields.values()) == ["Give their e-mail address."]
    assert System.objects.get(number=2).outcome == ""


def test_a_fact_stated_meanwhile_is_not_overwritten(ask, cast, systems):
    ask()
    system_change(actor=cast.actor("caio"), system=systems[1], changes={"outcome": "Stated by the CAIO"})
    link = FactLink.objects.get(email="bob@harbour.example")
    answers_give(actor=link_actor(link), link=link, answers=answer(link, outcome={"value": "Mine"}))
    assert System.objects.get(number=2).outcome == "Stated by the CAIO"
    assert link.questions.get(key="outcome").fate == "aside"


def test_an_owner_who_is_not_known_is_set_aside(ask):
    ask()
    link = FactLink.objects.get(email="bob@harbour.example")
    given = answer(link, owner={"value": "other", "words": "new@harbour.example"})
    answers_give(actor=link_actor(link), link=link, answers=given)
    assert System.objects.get(number=2).owner_id is None
    assert "new@harbour.example" in link.questions.get(key="owner").remark


def test_a_link_cannot_answer_for_another(ask):
    ask()
    alices = FactLink.objects.get(email="alice@harbour.example")
    bobs = FactLink.objects.get(email="bob@harbour.example")
    given = answer(bobs, outcome={"value": "Not mine to say"})
    assert answers_give(actor=link_actor(alices), link=alices, answers=given) == 0
    draft_save(actor=link_actor(alices), link=alices, answers=given)
    alices.refresh_from_db()
    assert alices.draft == {}


def test_all_or_nothing_when_nobody_can_be_asked(ask):
    with pytest.raises(Invalid) as error:
        ask(email="")
    assert error.value.data["rows"] == [{"number": 2, "reason": "Nobody owns it."}]
    assert not FactLink.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"numbers": []}, "numbers"),
        ({"keys": ["shoe_size"]}, "keys"),
        ({"keys": []}, "keys"),
        ({"email": "nobody"}, "email"),
        ({"days": 400}, "days"),
        ({"remind_days": 91}, "remind_days"),
    ],
)
def test_a_wrong_request_names_its_field(ask, wrong, field):
    with pytest.raises(Invalid) as error:
        ask(**wrong)
    assert set(error.value.fields) == {field}


def test_nothing_to_ask_is_said(ask):
    with pytest.raises(Invalid, match="known already"):
        ask(numbers=[1], keys=["outcome"])
    assert ask(numbers=[1], keys=["outcome"], only_missing=False)


def test_only_who_may_ask_asks(ask, cast):
    for who in ("alice", "auditor", "employee"):
        with pytest.raises(Forbidden):
            ask(who)
    request = ask()
    with pytest.raises(NotFound):
        request_of(cast.actor("charlie"), request.pk)
    with pytest.raises(NotFound):
        request_revoke(actor=cast.actor("charlie"), request=request)
    with pytest.raises((NotFound, Forbidden)):
        request_remind(actor=cast.actor("alice"), request=request)


def test_the_outsider_cannot_ask_about_our_systems(ask):
    with pytest.raises(Invalid) as error:
        ask("charlie")
    assert "not yours" in error.value.data["rows"][0]["reason"]


def test_revoked_links_open_nothing(ask, cast):
    request = ask()
    secret = secret_in(mail.outbox[0])
    request_revoke(actor=cast.actor("caio"), request=request)
    with pytest.raises(PilothouseError) as error:
        link_of(secret)
    assert error.value.status == 410
    with pytest.raises(Conflict):
        request_remind(actor=cast.actor("caio"), request=request)


def test_one_person_may_be_revoked(ask, cast):
    request = ask()
    bobs = FactLink.objects.get(email="bob@harbour.example")
    request_revoke(actor=cast.actor("caio"), request=request, link=bobs)
    request.refresh_from_db()
    assert request.end == ""
    bobs.refresh_from_db()
    with pytest.raises(NotFound):
        answers_give(actor=link_actor(bobs), link=bobs, answers={})


def test_reminders_come_until_answered_and_every_mail_opens(ask, cast, django_capture_on_commit_callbacks):
    with time_machine.travel(NOON, tick=False):
        ask(days=14, remind_days=4)
    assert len(mail.outbox) == 2
    with time_machine.travel(NOON + timedelta(days=3), tick=False) as clock:
        assert requests_tick(NOON + timedelta(days=3))["sent"] == 0
        clock.move_to(NOON + timedelta(days=4, minutes=1))
        assert requests_tick(NOON + timedelta(days=4, minutes=1))["sent"] == 2
        assert requests_tick(NOON + timedelta(days=4, minutes=1))["sent"] == 0
        assert link_of(secret_in(mail.outbox[0])).pk in {link_of(secret_in(m)).pk for m in mail.outbox[2:]}
        assert "reminder" in mail.outbox[2].subject
        link = FactLink.objects.get(email="alice@harbour.example")
        given = answer(link, practice__monitoring={"value": "met"}, intake__safety={"value": "no"})
        answers_give(actor=link_actor(link), link=link, answers=given)
        clock.move_to(NOON + timedelta(days=9))
        assert requests_tick(NOON + timedelta(days=9))["sent"] == 1


def test_time_ends_a_request(ask, cast):
    with time_machine.travel(NOON, tick=False):
        request = ask(days=2)
    later = NOON + timedelta(days=2)
    with time_machine.travel(later, tick=False):
        with pytest.raises(PilothouseError):
            link_of(secret_in(mail.outbox[0]))
        assert requests_tick(later)["expired"] == 1
        assert requests_tick(later)["expired"] == 0
    request.refresh_from_db()
    assert request.end == "expired"
    assert Notice.objects.filter(person=cast.people["caio"]).count() == 1


def test_a_mail_that_fails_is_tried_again(ask, cast, monkeypatch):
    def broken(self, *args, **kwargs):
        raise OSError("no route")

    with time_machine.travel(NOON, tick=False), monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", broken)
        ask()
    assert FactLink.objects.exclude(mail_error="").count() == 2
    later = NOON + timedelta(minutes=11)
    with time_machine.travel(later, tick=False):
        assert requests_tick(later)["sent"] == 2
    assert FactLink.objects.filter(mail_error="").count() == 2


def test_its_asker_sees_when_a_link_was_first_opened(ask):
    ask()
    link = FactLink.objects.get(email="bob@harbour.example")
    with time_machine.travel(NOON, tick=False):
        link_opened(actor=link_actor(link), link=link)
    link_opened(actor=link_actor(link), link=link)
    link.refresh_from_db()
    assert link.opened_at == NOON


def test_a_link_can_be_handed_over(ask, cast):
    request = ask()
    link = FactLink.objects.get(email="bob@harbour.example")
    address = link_hand_over(actor=cast.actor("caio"), request=request, link=link)
    assert link_of(re.search(r"/ask/([^/]+)/", address)[1]) == link


def test_asking_takes_few_queries(cast, django_assert_max_num_queries, django_capture_on_commit_callbacks):
    caio = cast.actor("caio")
    for n in range(30):
        system = system_create(actor=caio, name=f"System {n}", owner_id=cast.people["alice"].pk)
        practice_state(actor=caio, system=system, key="testing", status="met")
    with django_assert_max_num_queries(25):
        request_send(actor=caio, title="Many", numbers=list(range(1, 31)), keys=KEYS)
