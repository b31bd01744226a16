import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.evidence import rules


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("report.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("report.txt", b"%PDF-1.7 ...", "application/pdf"),
        ("shot.png", b"\x89PNG\r\n\x1a\nxxxx", "image/png"),
        ("sheet.xlsx", _zip(), rules.OFFICE["xlsx"]),
        ("rows.csv", "naïve,é\n".encode(), "text/csv"),
        ("facts.json", b'{"a": 1}', "application/json"),
    ],
)
def test_the_bytes_say_what_it_is(name, data, media_type):
    assert rules.media_type_of(name, data) == media_type


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg onload='x'/>"),
        ("run.exe", b"MZ\x90\x00"),
        ("rows.csv", b"\x00\x01\x02"),
        ("facts.json", b"{not json"),
        ("report.pdf", b"MZ\x90\x00"),
    ],
)
def test_other_kinds_are_refused_whatever_their_name(name, data):
    with pytest.raises(Invalid) as caught:
        rules.media_type_of(name, data)
    assert "file" in caught.value.fields


@given(st.text(max_size=300))
def test_a_file_name_never_keeps_a_folder_or_a_control_character(name):
    clean = rules.clean_filename(name)
    assert clean
    assert not set(clean) & set('/\\"\r\n\x00')


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.example/x", "https://", "https://me:pw@a.example/", ""]
)
def test_a_bad_link_is_refused(url):
    with pytest.raises(Invalid):
        rules.check_link(url)


def test_evidence_cannot_expire_before_it_begins():
    with pytest.raises(Invalid):
        rules.check_dates(date(2026, 5, 2), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({}, "current"),
        ({"effective_on": date(2026, 6, 1)}, "not_yet"),
        ({"expires_on": date(2026, 5, 9)}, "expired"),
        ({"expires_on": date(2026, 5, 10)}, "current"),
        ({"superseded": True}, "superseded"),
        ({"withdrawn": True, "superseded": True}, "withdrawn"),
    ],
)
def test_it_stands_or_not(facts, standing):
    given_ = {"effective_on": date(2026, 1, 1), "expires_on": None, "superseded": False, "withdrawn": False} | facts
    assert rules.standing_of(today=date(2026, 5, 10), **given_) == standing
