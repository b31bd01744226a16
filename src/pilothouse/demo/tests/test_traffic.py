"""The demo's calls: the same every time, of every second running system, and nothing of them later than today."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import time_machine

from pilothouse.demo.telling import Teller
from pilothouse.demo.traffic import tell_traffic
from pilothouse.kernel.directory.actions import organisation_create
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.traffic.selectors import asked_period, usage

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
@time_machine.travel(TODAY, tick=False)
def test_calls_are_told_of_every_second_running_system(settings, tmp_path):
    settings.HOME = tmp_path
    organisation = organisation_create(slug="story", name="Story", is_demo=True, by="Demo")
    teller = Teller(organisation, TODAY, TODAY - timedelta(days=366), Random(1))  # noqa: S311
    for number in range(9):
        system_create(actor=teller.operator(), name=f"System {number}")
    System.objects.filter(number__lt=9).update(stage="production")
    rows = tell_traffic(teller)
    assert rows > 500
    points = list(System.objects.order_by("number").values_list("control_point", flat=True))
    assert points[::2] == ["enforced", "enforced", "enforced", "checked", "attested"]
    assert set(points[1::2]) == {"attested"}
    said = usage(teller.operator(), asked_period(teller.operator(), TODAY, "90d"), "system", {})
    assert said.totals["cost"] > 0
    assert tell_traffic(teller) == 0
