"""The documents say what the code does: settings, checks and dependencies are all there, and no link is dead."""

from __future__ import annotations

import re

from packaging.requirements import Requirement

from pilothouse.site.variables import VARIABLES
from tests.architecture.house import ROOT, is_test, texts
from tests.architecture.test_locks import EXTRAS, PROJECT

DOCS = ROOT / "docs"


def test_every_setting_in_the_code_is_documented_and_the_other_way_round():
    used: set[str] = set()
    for path, text in texts(".py"):
        if path.startswith("src/") and not is_test(path) and not path.endswith(("variables.py", "settings_test.py")):
            used |= set(re.findall(r"PILOTHOUSE_[A-Z][A-Z_]*[A-Z]", text))
    used = {name for name in used if not name.startswith("PILOTHOUSE_TEST")}
    assert used == set(VARIABLES), f"differs: {sorted(used ^ set(VARIABLES))}"
    documented = set(re.findall(r"^\| `(PILOTHOUSE_\w+)`", (DOCS / "settings.md").read_text(), re.MULTILINE))
    assert documented == set(VARIABLES), "run `make docs`"


def test_what_is_written_from_the_code_is_fresh():
    from docs.generate import PAGES

    for name, write in PAGES.items():
        assert (DOCS / name).read_text() == write(), f"docs/{name} is not what the code says: run `make docs`"


def test_every_direct_dependency_has_a_reason_and_a_licence():
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", (DOCS / "dependencies.md").read_text(), re.MULTILINE)
    assert all(len(reason) > 10 and len(licence) > 2 for _, licence, reason in rows)
    wanted = {
        Requirement(text).name
        for text in [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["deep"], *EXTRAS["dev"], "uv"]
    }
    assert {name for name, _, _ in rows} == wanted


def test_no_link_is_dead():
    dead = []
    for path, text in texts(".md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            place = (ROOT / path).parent / target.split("#")[0]
            if not place.exists():
                dead.append(f"{path} → {target}")
    assert not dead


def test_every_decision_record_is_listed():
    text = (DOCS / "architecture.md").read_text()
    missing = [path.name for path in sorted((DOCS / "adr").glob("[0-9]*.md")) if f"adr/{path.name}" not in text]
    assert not missing
