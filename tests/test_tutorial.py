"""docs/tutorial-new-domain.md works as it is written: its files are put together and its own tests run."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

import pilothouse.domains
from pilothouse.kernel.domain import registry
from tests.faces import browse

PAGE = Path(__file__).parents[1] / "docs" / "tutorial-new-domain.md"
FILES = ("schemas.py", "checks.py", "domain.py", "tests.py")


@pytest.fixture
def sustainability(tmp_path, monkeypatch):
    """The tutorial's domain, importable and registered for this test alone."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == len(FILES)
    folder = tmp_path / "sustainability"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in zip(FILES, blocks, strict=True):
        (folder / name).write_text(text)
    monkeypatch.setattr(pilothouse.domains, "__path__", [*pilothouse.domains.__path__, str(tmp_path)])
    declared = importlib.import_module("pilothouse.domains.sustainability.domain").DOMAIN
    monkeypatch.setitem(registry.domains, declared.id, declared)
    for check in declared.checks:
        monkeypatch.setitem(registry.checks, check.id, check)
    for kind in declared.records:
        monkeypatch.setitem(registry.records, kind.id, kind)
    yield importlib.import_module("pilothouse.domains.sustainability.tests")
    for name in [name for name in sys.modules if name.startswith("pilothouse.domains.sustainability")]:
        del sys.modules[name]


def test_its_own_tests_pass(sustainability, cast):
    sustainability.test_it_works(cast)
    sustainability.test_without_an_estimate(cast)


def test_the_manifest_is_short():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks[FILES.index("domain.py")].splitlines()) < 30


def test_it_needs_nothing_more(sustainability, cast):
    """The forms, the lists and the commands of the new domain are there, made from its schema alone."""
    sustainability.test_it_works(cast)
    client = browse(cast)("caio")
    slug = cast.organisation.slug
    for path in (
        f"systems/1/records/{sustainability.KIND}/",
        f"systems/1/records/{sustainability.KIND}/edit/",
        f"records/kinds/{sustainability.KIND}/",
        f"records/kinds/{sustainability.KIND}/export.csv",
    ):
        assert client.get(f"/o/{slug}/{path}").status_code == 200, path
