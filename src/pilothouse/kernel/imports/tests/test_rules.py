import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.imports.answers import PracticeColumn, practice_answer
from pilothouse.kernel.imports.draft import Draft
from pilothouse.kernel.imports.identity import identify
from pilothouse.kernel.imports.merge import changed_cells, merge
from pilothouse.kernel.imports.stages import stage_words


@pytest.mark.parametrize(
    ("text", "stage", "flagged"),
    [
        ("Initiated", "idea", False),
        ("Acquisition and/or Development", "development", False),
        ("a) a) Pre-deployment – The use case is being built.", "development", False),
        ("b)  Pilot ñ The use case has been deployed in a pilot", "pilot", False),
        ("Implementation and Assessment", "pilot", True),
        ("c) Deployed – in use.", "production", False),
        ("In production: more than 1 year", "production", False),
        ("OPERATION AND  MAINTENANCE", "production", False),
        ("Retired", "retired", False),
        ("", "unknown", False),
        ("N/A", "unknown", False),
        ("Research complete", "unknown", True),
        ("Deployment of tugs", "unknown", True),
    ],
)
def test_stages(text, stage, flagged):
    read = stage_words().read(text)
    assert (read.stage, bool(read.remark)) == (stage, flagged)


def test_an_organisation_overrules_a_word():
    words = stage_words({"implementation and assessment": "production", "research complete": "retired"})
    assert words.read("Implementation and Assessment").stage == "production"
    assert words.read("Implementation and Assessment").remark == ""
    assert words.read("Research complete").stage == "retired"
    assert words.version != stage_words().version


PLAIN = PracticeColumn("consultation", "appeal")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Yes", "met"),
        ("a) Yes, an appropriate process has been established", "met"),
        ("TRUE", "met"),
        ("Training Established", "met"),
        ("Planned or in-progress.", "in_progress"),
        ("Development of protocols is in-progess", "in_progress"),
        ("No", "not_met"),
        ("No – it is not practical", "not_met"),
        ("No monitoring protocols have been established: none.", "not_met"),
        ("No – Law, or guidance precludes an opportunity to appeal.", "not_applicable"),
        ("Appeal Precluded by Law", "not_applicable"),
        ("AI is not safety or rights-impacting.", "not_applicable"),
        ("Not Applicable", "not_applicable"),
        ("Agency CAIO has waived this minimum practice", "waived"),
        ("wavied", "waived"),
        ("CAIO Waived", "waived"),
        ("", "not_answered"),
        ("TBD", "in_progress"),
    ],
)
def test_practice_answers(text, status):
    said = practice_answer(text, PLAIN)
    assert (said.status, said.words) == (status, text)
    assert not said.remark


def test_words_of_ones_own_are_flagged_and_kept():
    said = practice_answer("We talk to the harbour master every week", PLAIN)
    assert (said.status, said.words) == ("in_progress", "We talk to the harbour master every week")
    assert "must read it" in said.remark


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("['Direct usability testing', 'In-progress']", "met"),
        ('["In-progress"]', "in_progress"),
        ("In-progress; Other", "met"),
        ("['None of the above']", "not_met"),
        ("", "not_answered"),
    ],
)
def test_a_list_of_ticks(text, status):
    assert practice_answer(text, PracticeColumn("consultation", "c", is_list=True)).status == status


def draft(name, unit=("Agency",), row_id=""):
    return Draft(1, {}, {"name": name, "unit": list(unit)}, agency=unit[0], row_id=row_id)


def identities(*drafts):
    identify(drafts)
    return [d.identity for d in drafts]


def test_exact_duplicates_are_told_apart_by_occurrence():
    first, second, third = identities(draft("Chat"), draft(" CHAT\n"), draft("Chat", ("Agency", "Unit")))
    assert len({first, second, third}) == 3


def test_an_id_names_a_row_only_when_it_is_one():
    rows = [draft("a", row_id="X-1"), draft("b", row_id="TBD"), draft("c", row_id="7"), draft("d", row_id="7")]
    kinds = [identity.split(":")[0] for identity in identities(*rows)]
    assert kinds == ["id", "row", "row", "row"]
    assert "stands in 2 rows" in rows[2].flags[0]
    assert identities(draft("renamed", row_id="x-1")) == [rows[0].identity]


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=3)), max_size=12))
def test_identities_are_unique_steady_and_blind_to_white_space(rows):
    first = identities(*(draft(name, (unit,), row_id) for name, unit, row_id in rows))
    spaced = identities(*(draft(f" {name}\n", (f"{unit}\t",), f"{row_id} ") for name, unit, row_id in rows))
    assert len(set(first)) == len(rows)
    assert first == spaced


@given(st.lists(st.text(max_size=4), max_size=8), st.lists(st.text(max_size=4), max_size=8))
def test_rows_added_at_the_end_change_no_identity(old, new):
    before = identities(*(draft(name) for name in old))
    after = identities(*(draft(name) for name in [*old, *new]))
    assert after[: len(before)] == before


def test_merge_keeps_what_a_person_corrected():
    last = {"purpose": "old", "vendor": "A", "topic": "t", "date.x": {"raw": "1"}}
    new = {"purpose": "new", "vendor": "B", "topic": " t ", "date.x": None}
    now = {"purpose": "old", "vendor": "mine", "topic": "t", "date.x": {"raw": "1"}}
    found = {d.key: d.kind for d in merge(last, new, now.get)}
    assert found == {"purpose": "set", "vendor": "kept", "date.x": "set"}


_values = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2", "3"]), max_size=3)


@given(_values, _values, _values)
def test_merge_overwrites_only_what_equals_the_last_import(last, new, now):
    for difference in merge(last, new, now.get):
        before = last.get(difference.key) or ""
        assert (difference.kind == "set") == ((now.get(difference.key) or "") == before)
        assert difference.after != difference.before


def test_a_column_that_the_new_file_lacks_says_nothing():
    assert changed_cells({"a": "1", "b": "2"}, {"a": " 1\n"}) == []
    assert json.dumps([d.as_json() for d in changed_cells({"a": "1"}, {"a": "1", "c": "x"})]).count("file") == 1
