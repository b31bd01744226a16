from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from pilothouse.kernel.notify.models import Notice, Preference
from pilothouse.kernel.notify.notices import (
    holders,
    notices_of,
    notices_read,
    notices_tick,
    notify,
    preference_set,
    unread_count,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_it_works(cast, clock):
    assert notify([cast.people["alice"], cast.people["bob"].pk], "A gate opened", "/o/harbour/inbox/") == 2
    assert unread_count(cast.actor("alice")) == 1
    assert notices_tick(NOON) == {"sent": 2, "failed": 0}
    assert sorted(message.to[0] for message in mail.outbox) == ["alice@harbour.example", "bob@harbour.example"]
    assert "http://localhost:8000/o/harbour/inbox/" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Harbour: A gate opened"


def test_a_tick_sends_once(cast, clock):
    notify([cast.people["alice"]], "Once")
    notices_tick(NOON)
    assert notices_tick(NOON) == {"sent": 0, "failed": 0}


def test_a_claim_keeps_another_tick_away_until_it_runs_out(cast, clock):
    notify([cast.people["alice"]], "Once")
    Notice.objects.update(attempts=1, email_at=NOON + timedelta(minutes=2))
    assert notices_tick(NOON)["sent"] == 0
    assert notices_tick(NOON + timedelta(minutes=3))["sent"] == 1


def test_leavers_and_people_without_an_address_get_no_mail(cast, clock):
    cast.people["bob"].left_at = NOON
    cast.people["bob"].save()
    cast.people["alice"].email = ""
    cast.people["alice"].save()
    assert notify([cast.people["alice"], cast.people["bob"]], "Hello") == 1
    assert notices_tick(NOON)["sent"] == 0


def test_a_mail_server_that_fails_is_tried_again_and_then_given_up(cast, clock, settings):
    settings.EMAIL_BACKEND = "pilothouse.no.such.Backend"
    notify([cast.people["alice"]], "Hello")
    moment = NOON
    for _ in range(6):
        notices_tick(moment)
        moment += timedelta(hours=1)
    assert Notice.objects.get().email == "failed"


def test_a_daily_digest_is_one_mail_a_day(cast, clock):
    preference_set(actor=cast.actor("alice"), email="daily")
    notify([cast.people["alice"]], "One")
    notify([cast.people["alice"]], "Two")
    notices_tick(NOON)
    assert [message.subject for message in mail.outbox] == ["Harbour: 2 notices"]
    notify([cast.people["alice"]], "Three")
    notices_tick(NOON + timedelta(hours=1))
    assert len(mail.outbox) == 1
    notices_tick(NOON + timedelta(hours=25))
    assert len(mail.outbox) == 2


def test_in_the_app_only(cast, clock):
    preference_set(actor=cast.actor("alice"), email="none")
    notify([cast.people["alice"]], "Hello")
    assert notices_tick(NOON)["sent"] == 0
    assert Preference.objects.get().email == "none"


def test_a_subject_cannot_smuggle_a_header(cast, clock):
    notify([cast.people["alice"]], "Hello\nBcc: charlie@elsewhere.example")
    notices_tick(NOON)
    assert mail.outbox[0].message()["Bcc"] is None


def test_nobody_reads_anothers_notices(cast, clock):
    notify([cast.people["alice"]], "Hello")
    for who in ("bob", "charlie"):
        assert notices_of(cast.actor(who)).count() == 0
        assert notices_read(actor=cast.actor(who)) == 0
    assert notices_read(actor=cast.actor("alice")) == 1


def test_telling_many_costs_the_same_as_telling_one(cast, clock, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        notify(list(cast.people.values()), "Hello")


def test_holders(cast):
    assert cast.people["legal"].pk in holders(cast.organisation, "ledger.erase")
    assert cast.people["charlie"].pk not in holders(cast.organisation, "ledger.erase")
