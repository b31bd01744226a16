"""Answering, reading the reasons, sealing: the way that a system gets its class."""

from __future__ import annotations

from pilothouse.kernel.inventory.actions import system_create


def test_a_class_follows_from_answers(sign_in, cast):
    system = system_create(
        actor=cast.actor("caio"),
        name="CV filter",
        purpose="Ranks the CVs of applicants",
        owner_id=cast.people["alice"].pk,
    )
    page = sign_in("caio")
    base = f"/o/harbour/systems/{system.number}/classification/"
    page.goto(f"{base}questions/")
    assert page.locator("#q-employment").count() == 0
    _answer(page, "#a-ai_system-yes")
    _answer(page, "#a-areas-employment")
    _answer(page, "#a-employment-recruitment")
    assert page.locator("#q-employment").count() == 1
    page.click("button[name=save]")
    page.wait_for_url(lambda url: url.endswith(base))
    assert page.get_by_text("provisional").count()


def _answer(page, where):
    """Choose, and wait until the page has said what that changes."""
    with page.expect_response(lambda response: response.url.endswith("/questions/")):
        page.check(where)
    page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")
    assert page.is_checked(where)
