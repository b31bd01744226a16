"""The locks: every direct dependency is in them at a version that pyproject.toml allows, with hashes, from nowhere."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.architecture.house import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = {
    "run": [*PROJECT["dependencies"], *EXTRAS["build"]],
    "dev": [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["dev"]],
}


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", WANTED)
def test_the_lock_is_fresh(name):
    versions = locked(name)
    for text in WANTED[name]:
        wanted = Requirement(text)
        version = versions.get(wanted.name.lower())
        assert version, f"{wanted.name} is not in requirements/{name}.txt: run `make lock`"
        assert wanted.specifier.contains(version), f"{wanted.name} {version} is not {wanted.specifier}: run `make lock`"


@pytest.mark.parametrize("name", ["run", "dev", "uv"])
def test_every_line_has_its_hash_and_no_address(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert pins
    assert [pin.split("==")[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in text
    assert "index-url" not in text


def test_both_locks_agree():
    run, dev = locked("run"), locked("dev")
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}
