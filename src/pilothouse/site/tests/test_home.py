from __future__ import annotations

import os
import shutil
import stat
from collections import namedtuple

import pytest

from pilothouse.contracts.errors import Conflict, PilothouseError
from pilothouse.site import home

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch):
    monkeypatch.delenv("PILOTHOUSE_SECRET_KEY", raising=False)


def test_it_works(tmp_path):
    place = tmp_path / "a" / "b"
    home.prepare(place)
    key = home.secret_key(place)
    assert len(key) >= 48
    assert stat.S_IMODE((place / home.KEY_FILE).stat().st_mode) == 0o600
    home.prepare(place)
    assert home.secret_key(place) == key


def test_a_key_in_the_environment_wins_and_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTHOUSE_SECRET_KEY", "given")
    home.prepare(tmp_path)
    assert home.secret_key(tmp_path) == "given"
    assert not (tmp_path / home.KEY_FILE).exists()


def test_a_home_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(PilothouseError, match="cannot write to its data directory"):
        home.prepare(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PilothouseError, match="permission denied"):
        home.prepare(tmp_path)


def test_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 99, 5 * 2**20))
    with pytest.raises(PilothouseError, match="only 5 MB left"):
        home.prepare(tmp_path)


def test_one_home_serves_one_process(tmp_path):
    with home.hold(tmp_path), pytest.raises(Conflict, match="already runs"):
        home.hold(tmp_path)
    home.hold(tmp_path).close()
