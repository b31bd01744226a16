"""Chromium for the tests: Debian's, or the one that PILOTHOUSE_TEST_CHROMIUM names. Without one they skip, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import PASSWORD, Cast
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


def chromium() -> str | None:
    given = os.environ.get("PILOTHOUSE_TEST_CHROMIUM")
    return given or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(
        reason="NO CHROMIUM FOUND: the browser's tests did not run. On Debian: apt install chromium"
    )
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(missing)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module: while Playwright's loop runs in this thread, no other test may run one."""
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Django takes that loop for asynchronous code.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page of its own at 1440 px. The test fails when the page asks another host for anything or its console errs."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: _stays_home(request.url, live_server.url, faults))
    yield opened
    context.close()
    unexpected = [fault for fault in faults if "the server responded with a status of 4" not in fault]
    assert not unexpected, unexpected


@pytest.fixture
def sign_in(page: Page, cast: Cast) -> Callable[[str], Page]:
    """`sign_in("alice")`: the page, with that member of the cast signed in through the form."""

    def call(who: str) -> Page:
        person = cast.people[who]
        page.goto("/accounts/login/")
        page.fill("input[name=login]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return page

    return call


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)` fails when axe finds a serious or critical violation."""

    def call(page: Page) -> None:
        violations = Axe().run(page).response["violations"]
        serious = [
            f"{item['id']} ({item['impact']}): {item['nodes'][0]['html'][:200]}"
            for item in violations
            if item["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{page.url}\n" + "\n".join(serious)

    return call


def _stays_home(url: str, home: str, faults: list[str]) -> None:
    if not url.startswith((home, "data:", "blob:", "about:")):
        faults.append(f"asks another host: {url}")
