"""How a person walks a system through its gates in a browser: reading what blocks, following remedies, writing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import PASSWORD
from playwright.sync_api import Browser, Locator, Page


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the gate's list of what blocks."""

    title: str
    status: str
    because: str
    label: str
    href: str


def leaves(body: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a form that a body fills: name and value; lists of plain values stay together."""
    for name, value in body.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row, item in enumerate(value):
                yield from leaves(item, f"{path}.{row}.")
        elif value not in (None, "", []):
            yield path, value


def lists(body: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, int]]:
    """The lists of parts in a body, with how many rows they need."""
    for name, value in body.items():
        if isinstance(value, Mapping):
            yield from lists(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{prefix}{name}", len(value)
            for row, item in enumerate(value):
                yield from lists(item, f"{prefix}{name}.{row}.")


@dataclass
class Walker:
    """One person at a browser of their own. `filled` are the fields that they filled in."""

    page: Page
    slug: str
    brief: bool = False
    filled: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def sign_in(cls, browser: Browser, home: str, email: str, slug: str) -> Walker:
        """Open a browser for somebody who signs in through the form."""
        page = browser.new_context(base_url=home, viewport={"width": 1440, "height": 900}).new_page()
        walker = cls(page, slug)
        page.on("console", lambda told: walker.faults.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: walker.faults.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return walker

    def close(self) -> None:
        self.page.context.close()
        unexpected = [fault for fault in self.faults if "the server responded with a status of 4" not in fault]
        assert not unexpected, unexpected

    def asked(self) -> list[Asked]:
        """What blocks the gate, as its page lists it."""
        rows = self.page.locator("#blocking tbody tr")
        found = []
        for cells in rows.evaluate_all(_CELLS):
            found.append(Asked(*cells))
        return found

    def follow(self, one: Asked) -> None:
        """Press the remedy of what blocks."""
        self.page.locator("#blocking tbody tr", has=self.page.get_by_text(one.title, exact=True)).locator(
            "a.btn"
        ).click()
        self.page.wait_for_load_state()

    def copied(self, one: Asked) -> str:
        """The link that is there to be copied for somebody else who may mend it."""
        row = self.page.locator("#blocking tbody tr", has=self.page.get_by_text(one.title, exact=True))
        return row.locator("[data-copy]").get_attribute("data-copy") or ""

    def fill(self, body: Mapping[str, Any], prefix: str = "") -> None:
        """Fill in the form of a document; rows are added by its own buttons. Who is `brief` leaves open what may be,
        and leaves as it is what the form offers."""
        if self.brief:
            for path, value in leaves(body):
                control = self._controls(f"{prefix}{path}").first
                if control.is_visible() and not control.input_value():
                    self.put(f"{prefix}{path}", value)
            return
        for path, rows in lists(body):
            while not self._controls(f"{prefix}{path}.{rows - 1}.", start=True).count():
                self.page.locator(f'button[name=add][value="{prefix}{path}"]').click()
                self.page.wait_for_load_state()
        for path, value in leaves(body):
            self.put(f"{prefix}{path}", value)

    def _controls(self, name: str, *, start: bool = False) -> Locator:
        return self.page.locator(f'main [name{"^" if start else ""}="{name}"]')

    def put(self, name: str, value: Any) -> None:
        controls = self._controls(name)
        assert controls.count(), f"{self.page.url} has no field {name}"
        first = controls.first
        if not first.is_visible():
            folded = self.page.locator("details.more:not([open])", has=self.page.locator(f'[name="{name}"]'))
            folded.locator("summary").first.click()
        kind = first.evaluate("one => one.type")
        values = [_text(one) for one in value] if isinstance(value, list) else [_text(value)]
        self.filled.append(name)
        if kind in ("radio", "checkbox"):
            for one in values:
                self.page.locator(f'main [name="{name}"][value="{one}"]').check()
        elif kind == "select-one":
            first.select_option(values[0])
        elif kind == "textarea":
            first.fill("\n".join(values))
        else:
            for at, one in enumerate(values):
                controls.nth(at).fill(one)

    def seal(self) -> None:
        """Seal the document; what stands in the way is the test's failure."""
        self.press("Seal")
        errors = self.page.locator(".field-error, .callout-bad").all_inner_texts()
        assert not errors, f"{self.page.url}: {errors}"

    def press(self, label: str) -> None:
        """Press the button of that name and wait for what follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=label, exact=True).click()

    def go(self, label: str) -> None:
        """Follow the link of that name."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=label).first.click()

    def story(self) -> list[str]:
        """What the history of a system tells, oldest first: what happened, by whom, about what."""
        told: list[str] = []
        while True:
            told += [" ".join(one.split()) for one in self.page.locator(".timeline > li").all_inner_texts()]
            earlier = self.page.get_by_role("link", name="Earlier")
            if not earlier.count():
                return told[::-1]
            with self.page.expect_navigation():
                earlier.click()

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def picture(self, name: str) -> None:
        """Keep the page as it looks, at both widths, where a folder for pictures is named."""
        folder = os.environ.get("PILOTHOUSE_TEST_PICTURES")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for width, scheme in ((390, "dark"), (1440, "light")):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.wait_for_timeout(250)
            self.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


_CELLS = """rows => rows.map(row => {
    const link = row.querySelector("a.btn");
    const words = (at) => row.cells[at].childNodes[0].textContent.trim();
    return [row.querySelector("strong").textContent, row.cells[1].innerText.split("\\n")[0].trim(), words(2),
            (link || row.cells[2]).textContent.trim(), link ? link.getAttribute("href") : ""];
})"""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
