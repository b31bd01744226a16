"""docs/tutorial-new-domain.md works as it is written: its files are put together and its own tests run."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

import pilothouse.domains
from pilothouse.kernel.domain import registry

PAGE = Path(__file__).parents[1] / "docs" / "tutorial-new-domain.md"
FILES = ("schemas.py", "checks.py", "domain.py", "tests.py")


@pytest.fixture
def talent(tmp_path, monkeypatch):
    """The tutorial's domain, importable and registered for this test alone."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == len(FILES)
    folder = tmp_path / "talent"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in zip(FILES, blocks, strict=True):
        (folder / name).write_text(text)
    monkeypatch.setattr(pilothouse.domains, "__path__", [*pilothouse.domains.__path__, str(tmp_path)])
    declared = importlib.import_module("pilothouse.domains.talent.domain").DOMAIN
    monkeypatch.setitem(registry.domains, declared.id, declared)
    for check in declared.checks:
        monkeypatch.setitem(registry.checks, check.id, check)
    for kind in declared.records:
        monkeypatch.setitem(registry.records, kind.id, kind)
    yield importlib.import_module("pilothouse.domains.talent.tests")
    for name in [name for name in sys.modules if name.startswith("pilothouse.domains.talent")]:
        del sys.modules[name]


def test_its_own_tests_pass(talent, cast):
    talent.test_it_works(cast)
    talent.test_without_a_plan_it_is_not_met()
