from datetime import timedelta

import pytest

from pilothouse.contracts.errors import Forbidden, NotFound
from pilothouse.kernel.access.actor import Actor, Scope
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.ledger.actions import entry_erase
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.ledger.selectors import Change, entries, history


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    return system_change(
        actor=alice, system=system, changes={"deputy_id": cast.people["bob"].pk, "intake": {"acts_alone": "yes"}}
    )


def test_it_works(cast, system):
    told = history(cast.actor("bob"), system=system)
    assert [t.title for t in told] == ["System changed", "System created"]
    assert told[0].changes == (Change("Deputy", "", "Bob"), Change("Intake, acts alone", "", "yes"))
    assert (told[0].who, told[0].via) == ("Alice", "page")


def test_the_history_of_one_thing_and_its_pages(cast, system):
    caio = cast.actor("caio")
    first = history(caio, subject=system, limit=1)
    assert [t.seq for t in history(caio, subject=system, before=first[0].seq)] == [0]


def test_an_erased_entry_says_so(cast, system):
    entry = Entry.objects.get(seq=1)
    erasure = entry_erase(actor=cast.actor("legal"), entry=entry, reason="Article 17")
    told = history(cast.actor("caio"), system=system)
    assert (told[1].erased_at, told[1].who, told[1].changes) == (erasure.at, "", ())
    assert told[0].note == "Article 17"


def test_the_outsider_reads_no_history(cast, system):
    with pytest.raises(NotFound):
        history(cast.actor("charlie"), system=system)


def test_queries_are_constant(cast, system, django_assert_max_num_queries):
    for n in range(10):
        system_change(actor=cast.actor("alice"), system=system, changes={"purpose": f"Purpose {n}"})
    caio = cast.actor("caio")
    with django_assert_max_num_queries(3):
        assert len(history(caio, system=system)) == 12


def test_the_filters(cast, system):
    auditor = cast.actor("auditor")
    last = Entry.objects.order_by("-seq")[0]
    assert entries(auditor, action="system.created").count() == 1
    assert entries(auditor, person=cast.people["alice"].pk).count() == 2
    assert entries(auditor, person=cast.people["bob"].pk).count() == 0
    assert entries(auditor, since=last.at + timedelta(seconds=1)).count() == 0
    assert entries(auditor, until=last.at + timedelta(seconds=1)).count() == 2


def test_a_permission_in_one_unit_does_not_open_the_whole_ledger(cast):
    actor = Actor(cast.organisation.pk, grants={"ledger.view": Scope(units=frozenset({"/x/"}))})
    with pytest.raises(Forbidden):
        entries(actor)
