"""The shell's behaviour in a real browser: keyboard, theme, the drawer on a phone, drafts, toasts."""

from __future__ import annotations

import pytest

from pilothouse.kernel.inventory.actions import system_create


@pytest.fixture
def house(cast, sign_in):
    for name in ("Claims triage", "CV summary", "Fraud signals"):
        system_create(actor=cast.actor("caio"), name=name)
    return sign_in("caio")


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_the_keyboard_goes_everywhere(house):
    house.goto("/o/harbour/")
    house.keyboard.press("g")
    house.keyboard.press("s")
    house.wait_for_url("**/o/harbour/systems/")
    house.wait_for_load_state("networkidle")
    house.keyboard.press("j")
    house.keyboard.press("j")
    assert "CV summary" in focused(house)
    house.keyboard.press("k")
    assert "Claims triage" in focused(house)
    house.keyboard.press("Enter")
    house.wait_for_url("**/o/harbour/systems/1/")
    house.wait_for_load_state("networkidle")
    house.keyboard.press("/")
    house.keyboard.type("fraud")
    house.keyboard.press("Enter")
    house.wait_for_url("**/o/harbour/systems/?q=fraud")


def test_help_opens_and_closes_and_typing_is_left_alone(house):
    house.goto("/o/harbour/")
    house.keyboard.press("?")
    assert house.locator("dialog#help").is_visible()
    house.keyboard.press("Escape")
    assert not house.locator("dialog#help").is_visible()
    house.locator("#search").press("?")
    assert not house.locator("dialog#help").is_visible()
    assert house.locator("#search").input_value() == "?"


def test_the_theme_is_remembered(house):
    house.goto("/o/harbour/")
    house.emulate_media(color_scheme="light")
    house.locator("[data-theme-toggle]").click()
    ground = house.evaluate("getComputedStyle(document.body).backgroundColor")
    house.goto("/o/harbour/systems/")
    assert house.locator("html").get_attribute("data-theme") == "dark"
    assert house.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_a_phone_has_a_bar_and_a_drawer(house):
    house.set_viewport_size({"width": 390, "height": 844})
    house.goto("/o/harbour/")
    assert not house.locator(".rooms").is_visible()
    house.locator(".bottombar a[href='#rooms']").click()
    assert house.get_by_role("link", name="Ledger").is_visible()
    house.keyboard.press("Escape")
    assert not house.locator(".rooms").is_visible()


def test_a_menu_stays_in_the_window(house):
    house.set_viewport_size({"width": 390, "height": 844})
    house.goto("/o/harbour/systems/")
    for summary in house.locator("main details.menu > summary").all():
        summary.click()
        # The browser tells of the opening a moment later, and only then is the list moved.
        house.wait_for_function(
            """() => {
                const box = document.querySelector("details.menu[open] .menu-list").getBoundingClientRect();
                return box.left >= 0 && box.right <= window.innerWidth;
            }"""
        )


def test_nothing_moves_while_a_page_loads(house):
    house.goto("/o/harbour/")
    house.wait_for_load_state("networkidle")
    shifted = house.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((e) => { sum += e.value; }))
                .observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert shifted < 0.02


def test_pages_work_without_scripts(browser, cast, live_server):
    """The first screen and the list are plain HTML; scripts only add to them."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    assert page.get_by_role("button", name="Sign in", exact=True).is_visible()
    context.close()


def test_what_was_typed_is_not_lost(house):
    house.goto("/o/harbour/systems/1/edit/")
    purpose = house.locator("textarea[name=purpose]")
    purpose.fill("Tell urgent claims from others")
    house.goto("/o/harbour/systems/")
    house.goto("/o/harbour/systems/1/edit/")
    house.get_by_role("button", name="Bring it back").click()
    assert purpose.input_value() == "Tell urgent claims from others"
    house.get_by_role("button", name="Save", exact=True).click()
    house.wait_for_url("**/o/harbour/systems/1/")
    house.goto("/o/harbour/systems/1/edit/")
    assert house.get_by_role("button", name="Bring it back").count() == 0


def test_a_lost_connection_loses_nothing(house):
    house.goto("/o/harbour/systems/1/edit/")
    house.locator("textarea[name=purpose]").fill("Typed on a train")
    house.route("**/edit/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    house.get_by_role("button", name="Save", exact=True).click()
    house.unroute("**/edit/")
    house.wait_for_timeout(300)
    house.goto("/o/harbour/systems/1/edit/")
    house.get_by_role("button", name="Bring it back").click()
    assert house.locator("textarea[name=purpose]").input_value() == "Typed on a train"
