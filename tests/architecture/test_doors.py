"""Doors between rooms: what import-linter checks, and what it cannot see."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps

from tests.architecture.house import PACKAGE, ROOT, excused, trees

# Imports inside functions hide cycles. These stand where they do for another reason.
LATE_IMPORTS: dict[str, str] = {
    "src/pilothouse/site/cli.py": "the command line sets Django up before it can import what holds models",
    "src/pilothouse/site/commands.py": "only the one command that prints the API needs every room's router",
    "src/pilothouse/site/serve.py": "the engine and the demo cost time and memory that not every process needs",
}


def test_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_import_hides_in_a_function():
    faults = {}
    for path, tree in trees().items():
        if path.endswith("/apps.py"):
            continue  # Django calls ready() when the models are loaded; before that they cannot be imported
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pilothouse"):
                    faults[path] = f"line {node.lineno} imports {node.module} inside {function.name}"
    excused(faults, LATE_IMPORTS)


def owner_of(label: str) -> str:
    """`kernel`, or the domain, that the app with this label belongs to; empty when it is not ours."""
    name = next((app.name for app in apps.get_app_configs() if app.label == label), "")
    match = re.match(r"pilothouse\.domains\.(\w+)", name)
    return match[1] if match else "kernel" if name.startswith("pilothouse.") else ""


def home_of(path: str) -> str:
    match = re.match(r"src/pilothouse/domains/(\w+)/", path)
    return match[1] if match else "kernel"


def test_no_string_reaches_into_a_domain():
    """A foreign key or get_model by name goes to the kernel or stays in its own domain."""
    faults = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = ast.unparse(node.func).rsplit(".", 1)[-1]
            if called in ("ForeignKey", "OneToOneField", "ManyToManyField", "get_model"):
                label = str(node.args[0].value).split(".")[0]
                owner = owner_of(label)
                if owner not in ("", "kernel", home_of(path)):
                    faults.append(f"{path}:{node.lineno} names {label}, which belongs to the domain {owner}")
    assert not faults, "\n".join(faults)


def test_domains_meet_through_public_only():
    faults = []
    for path, tree in trees().items():
        here = home_of(path)
        for node in ast.walk(tree):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            match = re.match(r"pilothouse\.domains\.(\w+)(?:\.(\w+))?", module or "")
            inside = path.startswith("src/pilothouse/domains/")
            if match and inside and match[1] != here and match[2] != "public":
                faults.append(f"{path}:{node.lineno} imports {module}; only {match[1]}.public is open")
    assert not faults, "\n".join(faults)


def test_every_room_is_installed():
    """A room with models that nobody installed would be silently absent."""
    installed = {app.name for app in apps.get_app_configs()}
    rooms = {f"pilothouse.{path.parent.relative_to(PACKAGE).as_posix().replace('/', '.')}" for path in apps_files()}
    assert rooms <= installed, f"not in INSTALLED_APPS: {sorted(rooms - installed)}"


def apps_files() -> list[Path]:
    return [path for path in PACKAGE.rglob("apps.py") if "tests" not in path.parts]
