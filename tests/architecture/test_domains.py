"""The ten domains differ in content, not in shape: one has read them all who has read one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings

from pilothouse.kernel.domain import Domain, ShareMet, registry
from tests.architecture.house import PACKAGE

DOMAINS = PACKAGE / "domains"
NEEDED = {"README.md", "__init__.py", "domain", "schemas", "checks", "tests"}
ALLOWED = NEEDED | {
    "facts",
    "answer",
    "actions",
    "selectors",
    "rules",
    "panels",
    "public",
    "pages",
    "forms",
    "urls",
    "api",
    "cli",
}
FOLDERS = {"templates", "__pycache__"}
# Rooms of their own in domains that go deep (docs/adr/0008-rooms-within-a-domain.md).
DEEP = {"governance": {"classifier", "frameworks", "assessments", "duties", "pack"}}
HEADINGS = ("Purpose", "Words", "The question it answers", "Where things are")
TEN = 10
SAME = 4  # statements: shorter functions may well be alike


def slices() -> list[Path]:
    return sorted(path for path in DOMAINS.iterdir() if (path / "domain.py").exists())


@pytest.fixture(params=slices(), ids=lambda path: path.name)
def folder(request) -> Path:
    return request.param


@pytest.fixture
def domain(folder: Path) -> Domain:
    return registry.domains[folder.name]


def test_every_slice_is_registered_and_none_of_the_ten_is_missing():
    assert {f"pilothouse.domains.{path.name}" for path in slices()} == set(settings.DOMAINS)
    orders = sorted(registry.domains[path.name].order for path in slices())
    assert len(orders) >= TEN
    assert orders == list(range(1, len(orders) + 1))


def test_it_has_the_same_files(folder):
    there = {path.name for path in folder.iterdir()} - FOLDERS
    rooms = {name.removesuffix(".py") if name != "__init__.py" else name for name in there}
    assert rooms >= NEEDED, f"missing: {sorted(NEEDED - rooms)}"
    allowed = ALLOWED | DEEP.get(folder.name, set())
    assert rooms <= allowed, f"a place of its own: {sorted(rooms - allowed)}"


def test_its_readme_says_the_same_things(folder, domain):
    text = (folder / "README.md").read_text()
    assert [heading for heading in HEADINGS if f"**{heading}" not in text] == []
    assert [check.id for check in domain.checks if f"`{check.id}`" not in text] == []
    assert domain.question in text


def test_its_manifest_says_the_same_things(domain):
    assert (3 if domain.order <= TEN else 1) <= len(domain.checks) <= 6
    assert domain.records
    assert domain.question.endswith("?")
    assert isinstance(domain.answer, ShareMet) or callable(domain.answer)
    assert all(kind.id.startswith(f"{domain.id}.") and kind.why for kind in domain.records)
    assert all(check.id.startswith(f"{domain.id}.") and check.question.endswith("?") for check in domain.checks)
    if isinstance(domain.answer, ShareMet):
        assert set(domain.answer.checks) <= set(registry.checks)


def test_its_manifest_holds_no_logic(folder):
    tree = ast.parse((folder / "domain.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]


def test_a_remedy_leads_to_a_form(domain):
    """A remedy that names a kind of document names one there is, as a document or as a register's entry."""
    for check in domain.checks:
        found = re.search(r"(?:records|kinds)/([a-z_]+\.[a-z_]+)/(\w*)", check.remedy)
        if found is None:
            continue
        kind, verb = registry.records[found[1]], found[2]
        assert verb == ("new" if kind.many else "edit"), f"{check.id}: {check.remedy}"
        assert check.remedy.startswith("/") is not kind.of_system, f"{check.id}: {check.remedy}"


def test_papers_for_every_document_are_whole(folder, domain):
    """The bodies that other tests borrow can be sealed."""
    import importlib

    from pilothouse.kernel.records.schema import problems

    papers = importlib.import_module(f"pilothouse.domains.{folder.name}.tests.papers").PAPERS
    assert {kind: problems(registry.records[kind].schema, body) for kind, body in papers.items()} == {
        kind: {} for kind in papers
    }


def test_nothing_is_written_twice():
    """What two slices do alike belongs in the kernel."""
    seen: dict[str, set[str]] = defaultdict(set)
    for folder in slices():
        for path in sorted(folder.rglob("*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and sum(isinstance(n, ast.stmt) for n in ast.walk(node)) > SAME:
                    seen[_form(node)].add(f"{folder.name}: {node.name}")
    twice = sorted(sorted(places) for places in seen.values() if len({place.split(":")[0] for place in places}) > 1)
    assert not twice


def _form(node: ast.FunctionDef) -> str:
    """A function's shape: its syntax without names of things, words and numbers."""
    text = ast.dump(ast.Module(body=node.body, type_ignores=[]))
    return re.sub(r"(id|attr|arg|name|value)='[^']*'|value=\d+|value=\"[^\"]*\"", r"\1", text)
