"""What the components draw, and that they escape what people typed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from pilothouse.kernel.domain import TrendPoint
from pilothouse.web.shell.icons import ICONS, MARKS, icon_svg
from pilothouse.web.templatetags.ui import STATUS_WORDS

WEB = Path(__file__).resolve().parents[2]
NASTY = '"><script>alert(1)</script>'


def draw(source: str, **context: object) -> str:
    return Template("{% load ui charts %}" + source).render(Context(context)).strip()


@pytest.mark.parametrize("value", sorted(STATUS_WORDS))
def test_a_status_is_told_by_shape_and_word(value: str) -> None:
    drawn = draw("{% status value %}", value=value)
    assert STATUS_WORDS[value] in drawn
    assert MARKS[value] in drawn
    assert STATUS_WORDS[value] in draw("{% mark value %}", value=value), "the word stays for those who cannot see it"


def test_every_mark_has_a_shape_of_its_own() -> None:
    assert len(set(MARKS.values())) == len(MARKS)


def test_what_other_rooms_call_unknown_is_hatched_too() -> None:
    assert "status-unknown" in draw('{% status "not_answered" %}')
    assert "chip-muted" in draw('{% status "something else" %}')


@pytest.mark.parametrize(
    "source",
    [
        "{% chip text %}",
        "{% stat label=text value=text note=text %}",
        "{% empty title=text text=text href=text label=text %}",
        "{% because reason=text href=text label=text %}",
        "{% card title=text %}{{ text }}{% endcard %}",
        "{% panel title=text note=text id=text %}{{ text }}{% endpanel %}",
        "{% dialog id=text title=text %}{{ text }}{% enddialog %}",
        "{% callout title=text %}{{ text }}{% endcallout %}",
        "{% menu label=text %}<li>{{ text }}</li>{% endmenu %}",
        "{% status text %}",
        "{% stage text %}{% tier text %}{% grade text %}{% digest text %}{% avatar text %}",
        "{% meter 1 2 text %}{% split 3 2 1 text %}",
    ],
)
def test_what_people_typed_is_escaped(source: str) -> None:
    drawn = draw(source, text=NASTY)
    assert "<script>" not in drawn
    assert "script" in drawn


def test_times_are_words_with_the_exact_time_beside_them() -> None:
    now = timezone.now()
    assert "3 days ago" in draw("{% ago when %}", when=now - timedelta(days=3, minutes=1))
    assert "in 2 weeks" in draw("{% ago when %}", when=now + timedelta(days=15))
    assert "just now" in draw("{% ago when %}", when=now)
    assert draw("{% ago when %}", when=None) == "–"


def test_a_deadline_changes_its_tone() -> None:
    now = timezone.now()
    assert "chip-bad" in draw("{% due when %}", when=now - timedelta(days=1))
    assert "chip-warn" in draw("{% due when %}", when=now + timedelta(days=3))
    assert "chip-muted" in draw("{% due when %}", when=now + timedelta(days=30))
    assert "No deadline" in draw("{% due when %}", when=None)


class SampleForm(forms.Form):
    name = forms.CharField(help_text="What people call it.")
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)
    agreed = forms.BooleanField(required=False)


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    drawn = draw("{% field form.name %}", form=SampleForm({"name": ""}))
    assert '<label class="field-label" for="id_name">' in drawn
    described = re.search(r'aria-describedby="([^"]+)"', drawn)
    assert described
    for name in described[1].split():
        assert f'id="{name}"' in drawn, name
    assert "This field is required." in drawn


def test_a_group_of_choices_is_a_fieldset() -> None:
    assert "<legend" in draw("{% field form.kind %}", form=SampleForm())
    assert 'class="check"' in draw("{% field form.agreed %}", form=SampleForm())


def test_the_pager_keeps_the_other_parameters() -> None:
    request = RequestFactory().get("/?q=fraud&page=2")
    page = Paginator(range(120), 50).get_page(2)
    drawn = draw("{% pager page %}", request=request, page=page)
    assert "51–100 of 120" in drawn
    assert 'href="?q=fraud&amp;page=1"' in drawn
    assert 'href="?q=fraud&amp;page=3"' in drawn
    assert draw("{% pager page %}", page=Paginator([], 50).get_page(1)) == ""


def test_tabs_say_where_one_is() -> None:
    drawn = draw(
        "{% tabs items 'b' %}", items=[("a", "One", "/a"), {"key": "b", "label": "Two", "href": "/b", "count": 3}]
    )
    assert re.search(r'href="/b" aria-current="page"', drawn)
    assert drawn.count("aria-current") == 1


def test_a_drawing_has_its_numbers_in_words() -> None:
    assert 'aria-label="Retail: 7 there, 2 missing, 1 unknown"' in draw("{% split 10 3 1 'Retail' %}")
    assert 'width="25.00"' in draw("{% meter 1 4 %}")
    assert 'width="0.00"' in draw("{% meter 1 0 %}")
    today = timezone.now().date()
    points = [TrendPoint(today - timedelta(days=7), 25.0, 1, 4, 2), TrendPoint(today, 75.0, 3, 4, 0)]
    drawn = draw("{% trend points 'In place' %}", points=points)
    assert "In place: 25 % on" in drawn
    assert "75 % now" in drawn
    assert draw("{% trend points %}", points=points[:1]) == "", "one point is no trend"
    assert "from 25 % to 75 %" in draw("{% spark points %}", points=points)


def test_an_unknown_icon_is_a_mistake() -> None:
    assert "<svg" in icon_svg("home")
    with pytest.raises(KeyError):
        icon_svg("no-such-icon")


def test_templates_ask_for_icons_that_exist() -> None:
    asked = set()
    for path in WEB.rglob("templates/**/*.html"):
        asked |= {(name, path.name) for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert asked
    assert not [(name, where) for name, where in asked if name not in ICONS]


def test_pages_hold_nothing_inline() -> None:
    """The content security policy would silently drop it."""
    found = []
    for path in WEB.rglob("templates/**/*.html"):
        text = path.read_text()
        if re.search(r'\sstyle="|\son[a-z]+="|<style|hx-on|javascript:', text):
            found.append(path.name)
        for script in re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text):
            found.append(f"{path.name}: {script}")
    assert not found


def test_pages_name_no_other_host() -> None:
    for path in [*WEB.rglob("templates/**/*.html"), *WEB.rglob("static/shell/*")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r'(?:src|href|url)\s*[=(]\s*"?(?:https?:)?//', text), path


def test_every_static_file_that_is_named_is_there() -> None:
    for path in WEB.rglob("templates/**/*.html"):
        for name in re.findall(r"""{% static ['"]([^'"]+)['"]""", path.read_text()):
            if not name.startswith(("mfa/", "account/")):
                assert (WEB / "static" / name).exists(), (path.name, name)
    for sheet in (WEB / "static" / "shell").glob("*.css"):
        for name in re.findall(r'url\("([^"#]+)"\)', sheet.read_text()):
            assert (sheet.parent / name).resolve().exists(), name
