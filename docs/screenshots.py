"""Draw the pictures in docs/images from a running demo: `python -m docs.screenshots URL E-MAIL PASSWORD`.

It signs in as the demo's Chief AI Officer, opens the rooms that a board would look at and keeps each at 1440 px in
light and at 390 px in dark, the first two also at 1440 px in dark. It begins a draft of the rulebook, and it uploads a
small file to show its preview and discards it again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
INVENTORY = """System,What it does,Department,Status,Contact
Invoice matching,Matches invoices with orders,Finance and risk,Live,ap@meridian.example
Mail sorting,Sends letters to the right desk,Customer service,Trial,
Shelf forecast,Says what runs out tomorrow,Operations,Live,stores@meridian.example
,Nobody named this one,Legal,Live,
"""


def home(page: Page, room: str) -> None:
    page.goto(room)


def systems(page: Page, room: str) -> None:
    page.goto(f"{room}systems/")


def system(page: Page, room: str) -> None:
    page.goto(f"{room}systems/1/")


def inbox(page: Page, room: str) -> None:
    page.goto(f"{room}inbox/")
    page.locator("main .table tbody a").first.click()


def reviews(page: Page, room: str) -> None:
    page.goto(f"{room}reviews/")


def review(page: Page, room: str) -> None:
    page.goto(f"{room}reviews/")
    page.locator("main .table tbody a").first.click()


def rulebook(page: Page, room: str) -> None:
    page.goto(f"{room}rulebook/")
    page.locator("main a[href*='/rulebook/drafts/'], main :text-is('Propose a change')").first.click()
    page.wait_for_load_state()
    page.get_by_role("link", name="Pilot", exact=True).click()


def request_for_facts(page: Page, room: str) -> None:
    page.goto(f"{room}requests/new/?stage=pilot&missing=impact")


def import_preview(page: Page, room: str) -> None:
    page.goto(f"{room}imports/new/")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "inventory.csv"
        file.write_text(INVENTORY)
        page.set_input_files("input[type=file]", file)
        page.locator("main form .btn.primary").click()
        page.wait_for_load_state()
    choose = page.locator("main tr:has-text('Invoice matching') select")
    if choose.count():  # the mapping page comes first for a file of no known shape
        choose.select_option(label="Name")
        page.get_by_role("button", name="Show what it would do").click()


def economics(page: Page, room: str) -> None:
    page.goto(f"{room}domains/economics/")


def graph(page: Page, room: str) -> None:
    page.goto(f"{room}interdependence/")


def employee(page: Page, room: str) -> None:
    page.goto(f"{room}my-ai/")


ROOMS: dict[str, Callable[[Page, str], None]] = {
    "home": home,
    "systems": systems,
    "system": system,
    "inbox": inbox,
    "reviews": reviews,
    "review": review,
    "rulebook": rulebook,
    "request": request_for_facts,
    "import": import_preview,
    "economics": economics,
    "graph": graph,
    "my-ai": employee,
}


def main(url: str, email: str, password: str) -> None:
    """Sign in once a picture's look (width and scheme) and keep what each room shows."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        found = os.environ.get("PILOTHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in ((1440, "light"), (390, "dark"), (1440, "dark")):
            some = list(ROOMS)[:2] if (width, scheme) == (1440, "dark") else list(ROOMS)
            draw(browser, url, email, password, width, scheme, some)
        browser.close()


def draw(browser: Browser, url: str, email: str, password: str, width: int, scheme: str, names: list[str]) -> None:
    context = browser.new_context(
        base_url=url, viewport=WIDE if width == 1440 else NARROW, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/o/*/")
    room = page.url
    for name in names:
        ROOMS[name](page, room)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / f"{name}-{width}-{scheme}.png")
        if name == "import":
            discard(page)
    context.close()


def discard(page: Page) -> None:
    """Take the uploaded file away again."""
    page.evaluate("document.querySelectorAll('details.menu').forEach((menu) => { menu.open = true; })")
    button = page.get_by_role("button", name="Discard")
    if button.count():
        page.on("dialog", lambda dialog: dialog.accept())
        button.first.click()
        page.wait_for_load_state()


if __name__ == "__main__":
    main(*sys.argv[1:4])
