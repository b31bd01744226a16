"""A PDF is steady, and what people wrote in it is data."""

from datetime import UTC, datetime

from pilothouse.kernel.reports.pdf import pdf

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEMPLATE = (
    '#set document(title: "Try")\n#set text(font: "Inter")\n#let told = json(bytes(sys.inputs.data))\n#told.words\n'
)


def make(tmp_path, words, at=AT):
    template = tmp_path / "try.typ"
    template.write_text(TEMPLATE)
    return pdf(template, {"words": words}, at=at)


def test_it_works(tmp_path):
    assert make(tmp_path, "Hello").startswith(b"%PDF-")


def test_the_same_gives_the_same_bytes(tmp_path):
    assert make(tmp_path, "Hello") == make(tmp_path, "Hello")
    assert make(tmp_path, "Hello") != make(tmp_path, "Hello", AT.replace(hour=10))


def test_words_are_never_read_as_markup(tmp_path):
    """Each of these would stop the setting, or do something, if it were read as typst."""
    for words in (
        "#panic()",
        '#read("/etc/passwd")',
        "$ unclosed",
        "*",
        "= x",
        "\\",
        '"',
        "#sys.inputs",
        "日本語",
        "\U00012000",
    ):
        assert make(tmp_path, words).startswith(b"%PDF-")
