"""The first minute: sign in, land on an organisation, at both widths, in light and dark."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_sign_in_page_is_accessible(page, accessible, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/accounts/login/")
    accessible(page)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, "the page scrolls sideways"


def test_it_works(sign_in):
    page = sign_in("alice")
    assert page.locator("h1").count() == 1


def test_a_wrong_password_says_so_and_keeps_the_address(page, cast):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice@harbour.example")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    assert "/accounts/login/" in page.url
    assert page.input_value("input[name=login]") == "alice@harbour.example"
