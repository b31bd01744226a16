"""A provider's silent changes: entered once, told once, seen by whom they concern."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Forbidden, NotFound
from pilothouse.contracts.policy.events import ModelChange as Event
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.policy.actions.routing import alias_save, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.tests.conftest import UPSTREAM
from pilothouse.kernel.traffic.changes import changes_take, model_changes, model_changes_enter

pytestmark = pytest.mark.django_db
NUMBERS = iter(range(10_000))


def change(**said: Any) -> Event:
    number = next(NUMBERS)
    known = {"call": f"call-{number}", "revision": 1, "upstream": "north", "target": "m-1", "before": "m-1-may"}
    return Event(**{**known, "id": f"change-{number}", "after": "m-1-june", **said})


def test_it_works(cast: Any, alpha: Any, told: Any) -> None:
    told(change, alpha)
    assert changes_take(timezone.now()) == 1
    [row] = model_changes(cast.actor("caio"))
    assert (row.target, row.before, row.after, row.system) == ("m-1", "m-1-may", "m-1-june", alpha)
    [entry] = Entry.objects.filter(action="model.changed_silently")
    assert entry.system_id == alpha.pk
    notices = Notice.objects.filter(text__contains="m-1-june")
    assert {notice.person_id for notice in notices} >= {cast.people["caio"].pk}
    assert notices.filter(person=cast.people["alice"]).count() == 0, "she manages no gateway"


def test_what_several_workers_notice_is_one_change(cast: Any, alpha: Any, told: Any) -> None:
    for minutes in (-50, -5, -4):
        told(change, alpha, minutes=minutes)
    told(change, alpha, fingerprint_after="fp-2")
    assert changes_take(timezone.now()) == 2
    assert changes_take(timezone.now()) == 0
    assert Entry.objects.filter(action="model.changed_silently").count() == 2


def test_the_same_change_on_another_day_is_another(cast: Any, alpha: Any, told: Any) -> None:
    told(change, alpha, minutes=-3 * 24 * 60)
    assert changes_take(timezone.now()) == 1
    told(change, alpha)
    assert changes_take(timezone.now()) == 1


def test_nothing_is_asked_where_nothing_changed(cast: Any, home: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert changes_take(timezone.now() + timedelta(days=1)) == 0


def test_others_may_not_enter_any(cast: Any) -> None:
    with pytest.raises(Forbidden):
        model_changes_enter(actor=cast.actor("alice"), rows=[])


def test_others_see_what_concerns_them(cast: Any, alpha: Any, beta: Any, told: Any) -> None:
    caio, alice = cast.actor("caio"), cast.actor("alice")
    told(change, beta)
    changes_take(timezone.now())
    assert not model_changes(alice).exists()
    assert not model_changes(cast.actor("charlie")).exists()
    with pytest.raises(NotFound):
        model_changes(cast.actor("charlie"), system=alpha)
    upstream_save(actor=caio, name="north", facts=UPSTREAM)
    alias_save(actor=caio, name="chat", facts={"targets": [{"upstream": "north", "model": "m-1"}]})
    assert not model_changes(alice, system=alpha).exists(), "it may call nothing yet"
    system_policy_save(actor=caio, system=alpha, body={"models": ["chat"]})
    assert model_changes(alice, system=alpha).count() == 1, "what it may call has changed"
