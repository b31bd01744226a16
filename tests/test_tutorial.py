"""docs/tutorial-new-domain.md works as it is written: its files are put together, its own tests run, and the house has
an eleventh domain with all that the ten have."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import pytest
from django.urls import reverse

import pilothouse.domains
from pilothouse.kernel.domain import registry
from tests.architecture import test_domains as shape

PAGE = Path(__file__).parents[1] / "docs" / "tutorial-new-domain.md"
FILES = ("schemas.py", "checks.py", "domain.py", "tests/papers.py", "tests/test_energy.py", "README.md")
NAME = "sustainability"


def blocks() -> dict[str, str]:
    """The tutorial's files by their names, in the order in which it shows them."""
    found = re.findall(r"```(?:python|markdown)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(zip(FILES, found, strict=True))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The tutorial's domain, importable and registered for this test alone."""
    here = tmp_path / NAME
    (here / "tests").mkdir(parents=True)
    for package in (here, here / "tests"):
        (package / "__init__.py").touch()
    for name, text in blocks().items():
        (here / name).write_text(text)
    monkeypatch.setattr(pilothouse.domains, "__path__", [*pilothouse.domains.__path__, str(tmp_path)])
    declared = importlib.import_module(f"pilothouse.domains.{NAME}.domain").DOMAIN
    monkeypatch.setitem(registry.domains, declared.id, declared)
    for check in declared.checks:
        monkeypatch.setitem(registry.checks, check.id, check)
    for kind in declared.records:
        monkeypatch.setitem(registry.records, kind.id, kind)
    yield here
    for name in [name for name in sys.modules if name.startswith(f"pilothouse.domains.{NAME}")]:
        del sys.modules[name]


@pytest.fixture
def own_tests(folder):
    return importlib.import_module(f"pilothouse.domains.{NAME}.tests.test_energy")


def test_its_own_tests_pass(own_tests, cast):
    own_tests.test_it_works(cast)
    own_tests.test_without_an_estimate(cast)


def test_the_manifest_is_short():
    assert len(blocks()["domain.py"].splitlines()) < 30


def test_it_has_the_shape_of_the_ten(folder):
    domain = registry.domains[NAME]
    shape.test_it_has_the_same_files(folder)
    shape.test_its_readme_says_the_same_things(folder, domain)
    shape.test_its_manifest_says_the_same_things(domain)
    shape.test_its_manifest_holds_no_logic(folder)
    shape.test_a_remedy_leads_to_a_form(domain)
    shape.test_papers_for_every_document_are_whole(folder, domain)


def test_it_needs_nothing_more(own_tests, cast, browse, rest):
    """Its pages, forms, lists, files and its line among the answers are there, made from what it declares alone."""
    own_tests.test_it_works(cast)
    client, kind = browse("caio"), own_tests.KIND
    slug = cast.organisation.slug
    for path in (
        f"systems/1/records/{kind}/",
        f"systems/1/records/{kind}/edit/",
        f"records/kinds/{kind}/",
        f"records/kinds/{kind}/export.csv",
        f"domains/{NAME}/",
    ):
        assert client.get(f"/o/{slug}/{path}").status_code == 200, path
    assert registry.domains[NAME].title in client.get(reverse("home:home", kwargs={"slug": slug})).content.decode()
    answers = json.loads(rest("caio").get("answers").content)
    mine = next(answer for answer in answers if answer["domain"] == NAME)
    assert mine["question"] == registry.domains[NAME].question
