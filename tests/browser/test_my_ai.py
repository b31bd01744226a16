"""An employee reads rules, reports a bad answer and asks for a tool; and the domains' own pages when they are full."""

from __future__ import annotations

import pytest

from pilothouse.domains.experience.tests.papers import PAPERS as EXPERIENCE
from pilothouse.domains.mlops.tests.papers import PAPERS as MLOPS
from pilothouse.domains.talent.tests.papers import PAPERS as TALENT
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import records_seal

HERE = "/o/harbour/"
SIZES = [(1440, "light"), (390, "dark")]
OF_SYSTEM = ("adoption", "workflow", "oversight", "use", "feedback")
OF_ALL = ("skill", "role", "person", "demand", "asset", "reuse", "course", "completion")


@pytest.fixture
def house(cast):
    """A planner that runs, with everything said of it and of the people around it."""
    caio = cast.actor("caio")
    Unit.objects.create(organisation=cast.organisation, name="Quay")
    made = system_create(actor=caio, name="Berth planner", owner_id=cast.people["alice"].pk)
    system_create(actor=caio, name="Nobody's chatbot")
    System.objects.update(stage="production", inherited_at=clock.now())
    planner = System.objects.get(pk=made.pk)
    for name in OF_SYSTEM:
        records_seal(actor=caio, kind=f"experience.{name}", bodies=[(planner, EXPERIENCE[f"experience.{name}"])])
    records_seal(actor=caio, kind="experience.rules", bodies=[(None, EXPERIENCE["experience.rules"])])
    for name in ("monitor", "runbook", "incident"):
        records_seal(actor=caio, kind=f"mlops.{name}", bodies=[(planner, MLOPS[f"mlops.{name}"])])
    for name in OF_ALL:
        records_seal(actor=caio, kind=f"talent.{name}", bodies=[(None, TALENT[f"talent.{name}"])])
    return planner


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_it_works(house, sign_in, accessible, width, scheme):
    page = sign_in("employee")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(HERE)
    page.get_by_role("link", name="Go to My AI").click()
    accessible(page)
    page.get_by_role("button", name="I have read this and keep to it").click()
    assert page.get_by_text("you acknowledged “Using AI at work”, version 1").is_visible()
    page.get_by_role("link", name="Bad answer? Report one of Berth planner").click()
    assert page.get_by_label("Which tool").input_value() == str(house.number)
    page.get_by_label("What happened").fill("Too bad")
    page.get_by_role("button", name="Send the report").click()
    assert page.get_by_label("What happened").input_value() == "Too bad"
    accessible(page)
    page.get_by_label("What happened").fill("It gave a berth of 8 m for a ship of 9 m")
    page.get_by_label("What is bad about it").select_option("wrong")
    page.get_by_role("button", name="Send the report").click()
    assert page.get_by_text("It gave a berth of 8 m for a ship of 9 m").is_visible()
    page.get_by_role("link", name="Ask for a tool").first.click()
    page.get_by_label("Which tool").fill("A translator")
    page.get_by_label("What for").fill("Twenty letters a week from abroad")
    page.get_by_label("What would you put into it?").select_option("internal")
    page.get_by_role("button", name="Ask for it").click()
    assert page.get_by_text("Waits for an answer").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_full_pages_are_accessible(house, sign_in, accessible, width, scheme):
    page = sign_in("caio")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    domains = [f"domains/{name}/" for name in ("model_lifecycle", "mlops", "experience", "talent")]
    own = [
        "mlops/incidents/",
        "experience/use/",
        "experience/reports/?show=all",
        "experience/rules/",
        "talent/coverage/",
    ]
    for address in [*domains, *own]:
        page.goto(HERE + address)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (
            address
        )
