import pytest

from pilothouse.contracts.errors import Conflict, NotFound
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.ledger.models import Entry


def test_it_works(cast):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    changed = system_change(actor=alice, system=system, changes={"purpose": "Read faster"}, version=1)
    assert (changed.number, changed.version) == (1, 2)
    assert [e.action for e in Entry.objects.all()] == ["system.created", "system.changed"]


def test_a_stale_version_is_refused(cast):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    system_change(actor=alice, system=system, changes={"purpose": "Read faster"}, version=1)
    with pytest.raises(Conflict):
        system_change(actor=alice, system=system, changes={"purpose": "Other"}, version=1)


def test_the_outsider_sees_nothing(cast):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    with pytest.raises(NotFound):
        system_change(actor=cast.actor("charlie"), system=system, changes={"purpose": "Mine"})
