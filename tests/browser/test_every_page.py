"""Every page that needs no id, as the CAIO sees it: it opens, axe finds nothing serious, nothing scrolls sideways."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from pilothouse.kernel.inventory.actions import system_create
from tests.architecture.test_coverage import routes

ROUTES = sorted(
    route
    for route, _ in routes(get_resolver().url_patterns)
    if route.startswith("o/<slug:slug>/") and route.count("<") == 1
)
SYSTEM = ("systems/1/", "systems/1/edit/", "systems/1/gates/", "systems/1/intake/")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1440, "light"),
        (390, "dark"),
        pytest.param(1440, "dark", marks=pytest.mark.full),
        pytest.param(390, "light", marks=pytest.mark.full),
    ],
)
def test_it_works(sign_in, accessible, cast, width, scheme):
    caio = cast.actor("caio")
    system_create(actor=caio, name="CV summary", purpose="Read faster", owner_id=cast.people["alice"].pk)
    system_create(actor=caio, name="Nobody's chatbot")
    page = sign_in("caio")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    faults, seen = [], 0
    for address in [
        *[route.replace("<slug:slug>", "harbour") for route in ROUTES],
        *[f"o/harbour/{s}" for s in SYSTEM],
    ]:
        answer = page.request.get(f"/{address}")
        if answer.status == 405 or "<html" not in answer.text():
            continue  # it only takes what a form sends, or it is a file or a fragment of a page
        page.goto(f"/{address}")
        if answer.status != 200 or page.locator("h1").count() != 1:
            faults.append(f"{address}: status {answer.status}, {page.locator('h1').count()} headings")
            continue
        seen += 1
        try:
            accessible(page)
        except AssertionError as error:
            faults.append(f"{address}: {str(error).splitlines()[1:]}")
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            faults.append(f"{address} scrolls sideways at {width} px")
    assert seen > 20
    assert not faults, "\n".join(faults)
