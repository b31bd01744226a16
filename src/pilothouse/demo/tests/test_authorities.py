"""The chapter about authorities: a closed incident, a running clock, drills that grow faster, requests."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from pilothouse.demo.authorities import LIVE, PAST, RISK, tell_authorities
from pilothouse.demo.telling import Teller
from pilothouse.domains.governance.duties.models import AnswerPack, Case, Inquiry
from pilothouse.domains.governance.duties.selectors.cases import cases, keeping, standing
from pilothouse.domains.governance.duties.selectors.inquiries import drills, inquiries
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.actions import system_create

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_it_works(cast):
    with clock.telling(TODAY - timedelta(days=366)):
        for name in (PAST, LIVE):
            system_create(actor=cast.actor("caio"), name=name)
    begin = TODAY - timedelta(days=365)
    tell = Teller(cast.organisation, TODAY, begin, random.Random("test"), people={RISK: cast.people["risk"]})  # noqa: S311
    tell_authorities(tell)
    tell.run(lambda moment: None)
    actor = cast.actor("auditor")
    live, past = (standing(case, keeping(actor.organisation_id), TODAY) for case in cases(actor))
    assert live.next.row.id == "gdpr_33"
    assert live.next.target > TODAY
    assert [clock.state for clock in past.stopped if clock.row.id == "gdpr_33"] == ["sent"]
    found = drills(inquiries(actor))
    assert [drill.gaps for drill in found] == [14, 9, 4]
    assert found[0].to_review > found[1].to_review > found[2].to_review
    assert Inquiry.objects.filter(state="open", drill=False).count() == 1
    assert Case.objects.exclude(closed_at=None).count() == 1
    assert AnswerPack.objects.count() == 3
