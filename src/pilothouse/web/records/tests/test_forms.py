"""The form made from a schema: every kind of field, and the way there and back."""

from datetime import date
from decimal import Decimal
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from pilothouse.kernel.records.schema import difference, lines, problems, shapes, whole
from pilothouse.web.records.forms import DocumentForm, read, written


class Step(BaseModel):
    what: str = Field(max_length=100)
    done: bool


class Plan(BaseModel):
    name: str = Field(max_length=60)
    story: str
    size: Literal["small", "large"]
    steps: list[Step] = Field(min_length=1, title="Steps")
    words: list[str] = Field(default_factory=list)
    cost: Decimal | None = None
    count: int = 0
    due: date | None = None


BODY = {
    "name": "Move",
    "story": "Over the hill",
    "size": "small",
    "steps": [{"what": "Pack", "done": True}, {"what": "Go", "done": False}],
    "words": ["one", "two"],
    "cost": "12.50",
    "count": 3,
    "due": "2027-01-31",
}


def test_every_kind_of_field_is_drawn():
    assert [shape.kind for shape in shapes(Plan)] == [
        "text", "long_text", "choice", "models", "texts", "number", "integer", "date",
    ]  # fmt: skip
    form = DocumentForm(Plan, body=BODY)
    assert {"steps.0.what", "steps.1.done", "due", "words"} <= set(form.fields)
    assert [part.row for part, _ in form.sections()] == [0, 1, 2, 0, 0]  # the last but one adds a row


def test_there_and_back():
    form = DocumentForm(Plan, body=BODY)
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    assert DocumentForm(Plan, data=sent).body() == BODY
    assert problems(Plan, BODY) == {}
    assert whole(Plan, BODY) == BODY


def test_a_row_is_added_and_an_empty_one_is_dropped():
    form = DocumentForm(Plan, data={"steps.0.what": "Pack", "steps.1.what": "", "add": "steps"})
    assert "steps.2.what" in form.fields
    assert form.body() == {"steps": [{"what": "Pack"}]}


def test_a_new_form_offers_one_row():
    assert "steps.0.what" in DocumentForm(Plan).fields


def test_problems_stand_beside_their_fields():
    form = DocumentForm(Plan, data={"steps.0.what": "Pack", "count": "many"})
    form.show(problems(Plan, form.body()))
    assert form.errors["steps.0.done"] == ["Still to be filled in."]
    assert form.errors["count"] == ["Write a whole number."]
    assert "cost" not in form.errors


def test_the_difference_is_told_in_words():
    changed = BODY | {"size": "large", "steps": [{"what": "Pack", "done": False}]}
    found = {(d.group, d.title): (d.before, d.after) for d in difference(Plan, BODY, changed)}
    assert found[("", "Size")] == ("Small", "Large")
    assert found[("Pack", "Done")] == ("Yes", "No")
    assert found[("Go", "What")] == ("Go", "")
    assert len(list(lines(Plan, BODY))) == 11


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["what", "done", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(Plan.model_fields)), JSON))
def test_any_body_can_be_judged_shown_compared_and_edited(body):
    problems(Plan, body)
    list(lines(Plan, body))
    difference(Plan, body, BODY)
    form = DocumentForm(Plan, body=body)
    form.as_p()
    bound = DocumentForm(Plan, data={name: str(value) for name, value in form.initial.items()})
    bound.show(problems(Plan, body))


def test_a_problem_inside_a_list_stands_beside_the_list():
    form = DocumentForm(Plan, data={})
    form.show({"words.0": "Too short.", "steps.7.what": "Gone.", "": "As a whole."})
    assert form.errors["words"] == ["Too short."]
    assert form.errors["steps.0.what"] == ["Gone."]
    assert form.non_field_errors() == ["As a whole."]


@given(st.text())
def test_nothing_typed_is_lost_or_raises(typed):
    for shape in shapes(Plan):
        if shape.kind in ("models", "texts"):
            continue
        value = read(shape, typed)
        assert value == "" or typed.strip()
        if shape.kind in ("text", "long_text", "choice"):
            assert value == typed.strip().replace("\r\n", "\n")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_numbers_come_back_however_they_are_grouped(number):
    shape = next(shape for shape in shapes(Plan) if shape.kind == "number")
    for text in (f"{number:,}", f"{number}", f"{number:,}".replace(",", " ")):
        assert Decimal(read(shape, text)) == number
    assert read(shape, written(shape, str(number))) == str(number)
