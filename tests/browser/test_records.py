"""Documents, registers and the one page of documents, as people write them in a browser."""

from __future__ import annotations

import pytest

from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal, records_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.tests import toys as kinds
from pilothouse.kernel.records.tests.toys import CARD, MODEL, STAGE, card, model, stage

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/o/harbour/"


@pytest.fixture
def shelf(cast, monkeypatch):
    """A system with documents, and registers with entries."""
    kinds.register(monkeypatch)
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary", owner_id=cast.people["alice"].pk)
    models = [model(name, price=str(n)) for n, name in enumerate(("Small 3", "Large 1", "Tiny 2"), 1)]
    records_seal(actor=caio, kind=MODEL, bodies=[(None, one) for one in models])
    newer = [(None, model(maker="Kelp Laboratories", keeper="bob@harbour.example"))]
    records_seal(actor=caio, kind=MODEL, bodies=newer)
    records_seal(actor=caio, kind=STAGE, bodies=[(system, stage(who="bob@harbour.example"))] * 3)
    body = card(uses=["Small 3", "Large 1"], next_to=[system.number])
    record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=CARD, body=body))
    record_draft(actor=caio, system=system, kind=CARD, body=card(purpose="It sums up every letter."))
    return system


def addresses(system):
    about = f"{HERE}systems/{system.number}/"
    newest = Record.objects.get(kind=MODEL, key="Small 3", version=2)
    return {
        "overview": f"{HERE}records/",
        "register": f"{HERE}records/kinds/{MODEL}/?sort=-price",
        "nothing": f"{HERE}records/kinds/{MODEL}/?q=nothing",
        "empty": f"{HERE}records/kinds/toys.skill/",
        "entry": f"{HERE}records/{newest.pk}/",
        "entry-edit": f"{HERE}records/{newest.pk}/edit/",
        "entry-new": f"{HERE}records/kinds/{MODEL}/new/",
        "which": f"{HERE}records/kinds/{STAGE}/new/?system=S-9",
        "import": f"{HERE}records/kinds/{MODEL}/import/",
        "system-register": f"{about}records/{STAGE}/",
        "system-new": f"{about}records/{STAGE}/new/",
        "document": f"{about}records/{CARD}/",
        "document-edit": f"{about}records/{CARD}/edit/",
        "organisation": f"{HERE}records/kinds/toys.policy/",
        "tab": f"{about}?tab=records",
        "sheet": f"{about}sheet/",
    }


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_page_of_documents_is_accessible(shelf, sign_in, accessible, width, scheme):
    page = sign_in("caio")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    faults = []
    for name, address in addresses(shelf).items():
        page.goto(address)
        try:
            accessible(page)
        except AssertionError as error:
            faults.append(f"{name}: {str(error).splitlines()[1:]}")
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            faults.append(f"{name} scrolls sideways at {width} px")
        if page.locator("h1").count() != 1:
            faults.append(f"{name} has {page.locator('h1').count()} headings")
    assert not faults, "\n".join(faults)


def test_a_draft_that_arrived_is_not_offered_again(shelf, sign_in):
    page = sign_in("caio")
    page.goto(f"{HERE}records/kinds/{MODEL}/new/")
    page.fill("input[name=name]", "Fresh 1")
    page.click("text=Save the draft")
    page.wait_for_url("**/edit/")
    assert page.locator("text=You began to change this").count() == 0
    page.fill("input[name=maker]", "Kelp Labs")
    page.click("text=Save the draft")
    page.wait_for_load_state()
    assert page.locator("text=You began to change this").count() == 0
    page.fill("input[name=maker]", "Never sent")
    page.reload()
    page.click("text=Bring it back")
    assert page.input_value("input[name=maker]") == "Never sent"


def test_the_low_tier_writes_one_page(shelf, sign_in):
    System.objects.update(tier="low")
    page = sign_in("alice")
    page.goto(f"{HERE}systems/{shelf.number}/gates/")
    page.click("text=Write what it asks for, on one page")
    page.wait_for_url("**/sheet/")
    page.fill("textarea[name$='-outcome']", "People hear within two days what became of their letter.")
    page.click("text=Seal all")
    page.wait_for_selector("text=Not all of it could be sealed")
    assert page.input_value("textarea[name$='-outcome']").startswith("People hear")
