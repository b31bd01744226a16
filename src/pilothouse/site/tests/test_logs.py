from __future__ import annotations

import json
import logging
import logging.config

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.access.secrets import mint
from pilothouse.site.logs import HIDDEN, logging_config, redact, scrub, unpath


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "client_secret",
        "api_key",
        "token",
        "Authorization",
        "sessionid",
        "csrfmiddlewaretoken",
        "email",
        "phone",
        "contact",
        "first_name",
    ],
)
def test_such_a_name_hides_its_value(name):
    assert redact(None, "", {name: "value"}) == {name: HIDDEN}


def test_it_hides_at_any_depth():
    event = redact(None, "", {"request": {"headers": [{"Cookie": "a=b"}], "size": 3, "ok": True, "none": None}})
    assert event == {"request": {"headers": [{"Cookie": HIDDEN}], "size": 3, "ok": True, "none": None}}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("postgresql://pilot:hunter2@db:5432/x refused", "hunter2"),
        ("mail to ann.lee+x@harbour.example failed", "ann.lee"),
        ("password=hunter2&next=/", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----", "MC4CAQ"),
    ],
)
def test_a_text_loses_what_looks_secret(text, secret):
    assert secret not in scrub(text)


def test_an_api_token_never_shows():
    token, _, _ = mint()
    assert token not in scrub(f"refused {token}!")


@given(st.text())
def test_scrubbing_twice_changes_nothing_more(text):
    assert scrub(scrub(text)) == scrub(text)


def test_djangos_own_lines_lose_the_path():
    event = unpath(None, "", {"logger": "django.request", "event": "Internal Server Error: /f/the-secret-of-a-link/"})
    assert event["event"] == "Internal Server Error"


def test_a_line_is_one_json_object_with_the_request_id(capsys):
    logging.config.dictConfig(logging_config("INFO", "json"))
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        try:
            raise ValueError("token=hunter2 for ann@harbour.example")
        except ValueError:
            logging.getLogger("pilothouse.test").exception("it broke")
    line = capsys.readouterr().err
    written = json.loads(line)
    assert (written["event"], written["request_id"], written["level"]) == ("it broke", "abc", "error")
    assert "hunter2" not in line
    assert "ann@" not in line
