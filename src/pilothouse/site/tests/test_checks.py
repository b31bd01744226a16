from __future__ import annotations

import pytest

from pilothouse.site import checks


def ids(found):
    assert all(message.hint for message in found)
    return [message.id.removeprefix("pilothouse.") for message in found]


def test_it_works():
    assert [*checks.secret_key(), *checks.database(), *checks.address(), *checks.proxies(), *checks.home_folder()] == []


def test_no_key(settings):
    settings.SECRET_KEY = ""
    assert ids(checks.secret_key()) == ["E001"]


def test_a_short_key_on_a_served_installation(settings):
    settings.SECRET_KEY, settings.BASE_URL = "short", "https://pilothouse.example"
    assert ids(checks.secret_key()) == ["E002"]


@pytest.mark.parametrize("url", ["mysql://x/y", "postgres//x"])
def test_an_unknown_engine(monkeypatch, url):
    monkeypatch.setenv("PILOTHOUSE_DATABASE_URL", url)
    assert ids(checks.database()) == ["E003"]


def test_a_database_without_a_name(monkeypatch, settings):
    monkeypatch.setenv("PILOTHOUSE_DATABASE_URL", "postgresql://host/")
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "")
    assert ids(checks.database()) == ["E004"]


@pytest.mark.parametrize(
    ("url", "hosts", "expected"),
    [
        ("nonsense", ["localhost"], ["E005"]),
        ("http://pilothouse.example", ["pilothouse.example"], ["W006"]),
        ("https://pilothouse.example", ["*"], ["W007"]),
        ("https://pilothouse.example", ["localhost"], ["E008"]),
        ("https://pilothouse.example", [".example"], []),
        ("http://localhost:8000", ["localhost"], []),
    ],
)
def test_addresses(settings, url, hosts, expected):
    settings.BASE_URL, settings.ALLOWED_HOSTS = url, hosts
    assert ids(checks.address()) == expected


@pytest.mark.parametrize(
    ("proxies", "expected"), [("*", ["W009"]), ("somewhere", ["E010"]), ("10.0.0.0/8, ::1", []), ("", [])]
)
def test_proxies(settings, proxies, expected):
    settings.TRUSTED_PROXIES = proxies
    assert ids(checks.proxies()) == expected


def test_a_home_that_cannot_be_written(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(checks.os, "access", lambda path, mode: False)
    assert ids(checks.home_folder()) == ["E011"]


def test_a_key_that_others_can_read(settings, tmp_path):
    settings.HOME = tmp_path
    (tmp_path / "secret.key").write_text("x")
    (tmp_path / "secret.key").chmod(0o644)
    assert ids(checks.home_folder()) == ["W012"]


def test_a_misspelt_variable_is_named(monkeypatch):
    monkeypatch.setenv("PILOTHOUSE_HOSTZ", "x")
    (found,) = [message for message in checks.unknown_variables() if "HOSTZ" in message.msg]
    assert (found.id, found.hint) == ("pilothouse.W013", "Did you mean PILOTHOUSE_HOSTS?")
