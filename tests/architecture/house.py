"""What the architecture tests read: the files, the modules and the names that tests mention."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pilothouse

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "pilothouse"
LEFT_OUT = {".git", ".venv", ".uv", "var", "__pycache__", "node_modules", "build", "dist", "staticfiles"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project: what git tracks or would track, else what lies in the folder."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        found = [ROOT / name for name in done.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not LEFT_OUT & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file()))


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """(path from the root, text) of each text file, or of those with one of the suffixes."""
    for path in files():
        if suffixes and path.suffix not in suffixes:
            continue
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def is_test(path: str) -> bool:
    return path.startswith("tests/") or "/tests/" in path or path == "conftest.py"


def is_made(path: str) -> bool:
    """Written by a tool or by others: not ours to shape."""
    return "/migrations/" in path or "/vendor/" in path


@cache
def trees() -> Mapping[str, ast.Module]:
    """The syntax tree of each Python file of the package, tests and migrations left out."""
    return {
        path: ast.parse(text)
        for path, text in texts(".py")
        if path.startswith("src/") and not is_test(path) and not is_made(path)
    }


@cache
def names_in_tests() -> frozenset[str]:
    """Every word that occurs in a test, but for the architecture's own."""
    words: set[str] = set()
    for path, text in texts(".py"):
        if is_test(path) and not path.startswith("tests/architecture/"):
            words.update(re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", text))
    return frozenset(words | {part for word in words for part in word.split(".")})


@cache
def import_everything() -> None:
    """Import every module of the package, so that whatever registers itself is registered."""
    unwanted = re.compile(r"\.(tests|migrations|settings|settings_test|asgi)(\.|$)")
    for info in pkgutil.walk_packages(pilothouse.__path__, "pilothouse."):
        if not unwanted.search(info.name):
            importlib.import_module(info.name)


def excused(faults: Mapping[str, str], excuses: Mapping[str, str]) -> None:
    """Fail for each fault without an excuse, and for each excuse that nothing needs any more."""
    open_ = {name: fault for name, fault in faults.items() if name not in excuses}
    assert not open_, "\n".join(f"{name}: {fault}" for name, fault in sorted(open_.items()))
    stale = sorted(set(excuses) - set(faults))
    assert not stale, f"these exemptions are no longer needed, so take them away: {stale}"
    assert all(len(reason) > 15 for reason in excuses.values()), "an exemption says why"
