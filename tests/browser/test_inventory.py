"""The inventory and requests for facts, as people work with them in a browser."""

from __future__ import annotations

import re

import pytest

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.requests.actions import link_hand_over, request_send
from pilothouse.kernel.requests.models import FactLink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelf(cast):
    caio = cast.actor("caio")
    unit = Unit.objects.create(organisation=cast.organisation, name="People team")
    system_create(actor=caio, name="CV summary", purpose="Read faster", unit_id=unit.pk, tags=["hr"])
    system_create(actor=caio, name="Invoice reading", owner_id=cast.people["alice"].pk)
    system_create(actor=caio, name="Route planning")


def test_the_list_by_keyboard_and_by_filter(shelf, sign_in, accessible):
    page = sign_in("caio")
    page.goto("/o/harbour/systems/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tbody input:checked").get_attribute("value") == "2"
    page.keyboard.press("Enter")
    page.wait_for_url("**/systems/2/")
    page.goto("/o/harbour/systems/")
    page.click("text=Missing")
    page.click("text=No owner")
    page.wait_for_url("**missing=owner**")
    assert page.locator("tbody tr").count() == 2
    page.click("text=More filters")
    page.select_option("#f-tag", "hr")
    accessible(page)
    page.click("#more-filters button[type=submit]")
    page.wait_for_url("**tag=hr**")
    assert page.locator("tbody tr").count() == 1
    page.click("a.filter-on:has-text('Tag: hr')")
    page.wait_for_load_state()
    assert page.locator("tbody tr").count() == 2


def test_an_owner_is_found_by_typing(shelf, sign_in, accessible, cast):
    page = sign_in("caio")
    page.goto("/o/harbour/systems/1/edit/#owner")
    page.fill("#find-owner_id", "ali")
    page.wait_for_selector("#found-owner_id input[type=radio]")
    # Enter looks again, and sends nothing. The answer replaces the list, so nobody is chosen before it is there.
    with page.expect_response("**/people/**"):
        page.press("#find-owner_id", "Enter")
    page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")
    page.check(f"#found-owner_id input[value='{cast.people['alice'].pk}']")
    accessible(page)
    page.click("text=Save")
    page.wait_for_url(re.compile("/systems/1/(#owner)?$"))  # a browser keeps the address's fragment
    assert System.objects.get(number=1).owner == cast.people["alice"]


def test_two_writers_of_one_field(shelf, sign_in, accessible, cast):
    page = sign_in("caio")
    page.goto("/o/harbour/systems/1/edit/")
    page.fill("[name=outcome]", "What I wrote")
    system = System.objects.get(number=1)
    system_change(actor=cast.actor("caio"), system=system, changes={"outcome": "What they wrote"})
    page.click("text=Save")
    assert page.locator("text=What they wrote").count() == 1
    assert page.input_value("[name=outcome]") == "What I wrote"
    accessible(page)
    page.click("button:has-text('Save')")
    page.wait_for_url("**/systems/1/")
    assert System.objects.get(number=1).outcome == "What I wrote"


def test_many_are_changed_after_a_preview(shelf, sign_in, accessible):
    page = sign_in("caio")
    page.goto("/o/harbour/systems/")
    page.check("#tick-all")
    page.click("text=Edit ticked")
    page.check("[name=set_vendor]")
    page.fill("[name=vendor]", "Calyx")
    page.click("text=Show what would change")
    assert page.locator("text=3 of 3 systems change").count() == 1
    assert not System.objects.filter(vendor="Calyx").exists()
    accessible(page)
    page.click("text=Change 3 systems")
    page.wait_for_url("**/systems/?**")
    assert System.objects.filter(vendor="Calyx").count() == 3


def test_facts_are_asked_for_and_answered_on_a_telephone(shelf, sign_in, accessible, cast):
    page = sign_in("caio")
    page.goto("/o/harbour/systems/")
    page.check("input[value='2']")
    page.click("text=Ask the owners")
    page.wait_for_url("**/requests/new/**")
    page.check("[value='practice:monitoring']")
    accessible(page)
    page.click("text=Send the questions")
    page.wait_for_url(re.compile("/requests/[0-9a-f-]+/$"))
    accessible(page)
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    link = FactLink.objects.select_related("request").get()
    address = link_hand_over(actor=cast.actor("caio"), request=link.request, link=link)
    path = re.search("/ask/.+", address)[0]
    page.goto(path)
    accessible(page)
    page.locator("textarea").first.fill("Invoices are booked the same day")
    page.wait_for_selector("text=What you typed is kept.")
    page.goto(path)
    assert page.locator("textarea").first.input_value() == "Invoices are booked the same day"
    page.click("text=Send my answers")
    page.wait_for_selector("text=1 answer is kept")
    assert System.objects.get(number=2).outcome == "Invoices are booked the same day"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_revoked_link_says_only_that_it_is_over(shelf, page, cast):
    caio = cast.actor("caio")
    request = request_send(actor=caio, title="A question", numbers=[2], keys=["outcome"])
    assert request.end == ""
    page.goto("/ask/never-issued/")
    assert page.locator("h1").inner_text() == "This link has ended"
    assert "Harbour" not in page.content()
