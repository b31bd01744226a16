import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports import reading
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.tests.files import csv_bytes, xlsx_bytes

ROWS = [["Name", "Unit"], ["Chatbot – “Kai”", "IT, Ops"], ["OCR", "Mail"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_it_works(encoding, end, mark):
    table = read_table(csv_bytes(ROWS, encoding=encoding, end=end, mark=mark))
    assert [column.title for column in table.columns] == ["Name", "Unit"]
    assert [row.cells for row in table.rows] == [("Chatbot – “Kai”", "IT, Ops"), ("OCR", "Mail")]


def test_lines_count_the_lines_of_a_cell():
    table = read_table(csv_bytes([["Name", "Unit"], ["one\ntwo", "x"], ["three", "y"]]))
    assert [row.line for row in table.rows] == [2, 4]


def test_repeated_and_blank_headers_stay_columns_of_their_own():
    table = read_table(csv_bytes([["Name", "Other", "Other ", ""], ["a", "b", "c", "d"]]))
    assert [column.key for column in table.columns] == ["name", "other", "other [3]", "column 4"]


def test_a_row_longer_than_the_header_loses_nothing():
    table = read_table(csv_bytes([["Name", "Unit"], ["a", "b", "c"], ["d"]]))
    assert [row.cells for row in table.rows] == [("a", "b", "c"), ("d", "", "")]
    assert "3 cells under 2 headers" in table.rows[0].remark


def test_a_spreadsheet_with_a_blank_first_row_and_every_kind_of_cell():
    table = read_table(
        xlsx_bytes(
            [
                [],
                ["Name", "When", "Count", "Yes?"],
                ["a", datetime(2024, 9, 1), 3.0, True],  # noqa: DTZ001 - spreadsheets have no zones
                ["b", "Sep-24", None, False],
                ["c", date(2024, 2, 29), 2024, None],
                ["d", datetime(2024, 9, 1, 14, 30), 1.5, None],  # noqa: DTZ001
            ]
        )
    )
    assert [row.cells for row in table.rows] == [
        ("a", "2024-09-01", "3", "TRUE"),
        ("b", "Sep-24", "", "FALSE"),
        ("c", "2024-02-29", "2024", ""),
        ("d", "2024-09-01 14:30:00", "1.5", ""),
    ]
    assert table.rows[0].line == 3


def test_a_title_above_the_header_is_passed_over():
    table = read_table(csv_bytes([["Our inventory"], ["Name", "Unit"], ["a", "b"]]))
    assert [column.title for column in table.columns] == ["Name", "Unit"]
    assert "1 line(s) above the header" in table.remarks[0]


def test_json_records_become_rows():
    table = read_table(b'{"meta": {"n": 1}, "records": [{"name": "a", "tags": ["x", "y"]}, {"name": null, "n": 2}]}')
    assert [row.cells for row in table.rows] == [("a", '["x", "y"]', ""), ("", "", "2")]


def test_what_json_can_spell_and_no_text_may_hold():
    table = read_table(b'[{"name": "a\\u0000b", "n\\ud800": "\\ud800"}, {"name": "c"}]')
    assert table.rows[0].cells == ("ab", "?")


def zip_of(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"Name,Unit\n", "no rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old Excel file"),
        (b"\x89PNG\x00\x00\x00", "not a text file"),
        ("a,b\n1,\x00".encode("utf-16"), "not a text file"),
        (b"PK\x03\x04broken", "damaged"),
        (zip_of(a="1"), "ZIP file, not a spreadsheet"),
        (zip_of(**{"xl__workbook.xml": "<x/>"}), "cannot be read"),
        (zip_of(**{"xl__workbook.xml": b"0" * 20_000_000}), "would unpack to 20 MB"),
        (b'[{"a": 1', "JSON cannot be read"),
        (b"[1, 2]", "no list of records"),
        (b'Name,Unit\n"a,b\n' + b"x\n" * 90_000, "quotation mark is opened and never closed"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(data, says):
    with pytest.raises(Invalid) as refused:
        read_table(data)
    assert says in refused.value.detail
    assert refused.value.fields


def test_limits(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(Invalid, match="more than 3 rows"):
        read_table(csv_bytes([["a", "b"], *[["1", "2"]] * 9]))
    monkeypatch.setattr(reading, "MAX_COLUMNS", 1)
    with pytest.raises(Invalid, match="2 columns"):
        read_table(csv_bytes([["a", "b"], ["1", "2"]]))
    monkeypatch.setattr(reading, "MAX_BYTES", 3)
    with pytest.raises(Invalid, match="at most"):
        read_table(b"a,b\n1,2")


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    try:
        table = read_table(data)
    except Invalid:
        return
    assert all(len(row.cells) == len(table.columns) for row in table.rows)


_cell = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@given(st.lists(st.lists(_cell, min_size=3, max_size=3), min_size=2, max_size=8))
def test_what_was_written_is_read(rows):
    rows = [["Name", "b", "c"], *[[f"x{a}", b, c] for a, b, c in rows]]
    table = read_table(csv_bytes(rows))
    assert [list(row.cells) for row in table.rows] == rows[1:]
