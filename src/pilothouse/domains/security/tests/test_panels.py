"""What needs somebody soon on security's page."""

import time_machine

from pilothouse.domains.security.tests.papers import review, threat_model
from pilothouse.domains.security.tests.test_review import seal
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.inventory.actions import system_create

TITLE = "Signatures and reviews ahead"


def page(browse, who="caio"):
    return browse(who).get("/o/harbour/domains/security/").content.decode()


@time_machine.travel("2026-11-23 12:00Z", tick=False)
def test_it_works(cast, browse):
    alice = cast.actor("alice")
    dates = {"Soon": "2026-12-31", "Past": "2026-11-01", "Later": "2027-06-30", "Long past": "2025-01-01"}
    made = {name: system_create(actor=alice, name=name, owner_id=alice.person_id) for name in dates}
    for name, day in dates.items():
        seal(cast, made[name], body=review(valid_until=day))
    shown = page(browse)
    assert TITLE in shown
    assert shown.index("Review of Past") < shown.index("Review of Soon")
    assert "Review of Later" not in shown
    assert "Review of Long past" not in shown


def test_what_waits_for_the_ciso(cast, browse):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    assert TITLE not in page(browse)
    record = seal(cast, system, kind="security.threat_model", body=threat_model())
    record_signoff_request(actor=alice, record=record)
    assert "Sign off AI threat model, version 1" in page(browse)


def test_only_of_systems_that_one_sees(cast, browse):
    caio = cast.actor("caio")
    seal(cast, system_create(actor=caio, name="Hidden"), "caio", body=review(valid_until="2000-01-01"))
    assert "Hidden" not in page(browse, "alice")
