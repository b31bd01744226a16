import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.models import Membership, Person
from pilothouse.kernel.directory.actions import person_add, unit_add
from pilothouse.kernel.directory.roster import plan, read, roster_apply
from pilothouse.kernel.ledger.models import Entry

HEAD = "name;email;title;unit;external_id;left\n"


def bring(cast, text, **more):
    actor = cast.actor("caio")
    done = plan(actor, text, **more)
    roster_apply(actor=actor, text=text, fingerprint=done.fingerprint, **more)
    return done


def deeds(done):
    return {line.name: line.deed for line in done.lines}


def test_it_works(cast):
    actor = cast.actor("caio")
    port = unit_add(actor=actor, name="Port", parent=unit_add(actor=actor, name="Top", parent=None))
    text = HEAD + "Dana;DANA@harbour.example;Analyst;Top / Port;E1;\nBob B;bob@harbour.example;;;E2;\n"
    assert deeds(bring(cast, text)) == {"Dana": "create", "Bob": "change"}
    dana = Person.objects.get(email="dana@harbour.example")
    assert (dana.title, dana.unit, dana.external_id) == ("Analyst", port, "E1")
    assert set(deeds(bring(cast, text)).values()) == {"unchanged"}


def test_a_leaver_in_the_file_leaves(cast):
    assert deeds(bring(cast, HEAD + "Bob;bob@harbour.example;;;;yes\n")) == {"Bob": "leave"}
    assert not Membership.objects.filter(person=cast.people["bob"]).exists()
    assert deeds(bring(cast, HEAD + "Bob;bob@harbour.example;;;;\n")) == {"Bob": "change"}
    assert Person.objects.get(pk=cast.people["bob"].pk).left_at is None


def test_whom_a_whole_list_leaves_out_leaves_if_wanted(cast):
    person_add(actor=cast.actor("caio"), name="Gone", external_id="E9")
    text = HEAD + "Bob;bob@harbour.example;;;E2;\n"
    assert deeds(plan(cast.actor("caio"), text)) == {"Bob": "change"}
    assert deeds(bring(cast, text, absent_leave=True)) == {"Bob": "change", "Gone": "leave"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (";x@harbour.example;;;;", "name"),
        ("X;;;;;", "email"),
        ("X;no address;;;;", "email"),
        ("X;x@harbour.example;;Nowhere;;", "unit"),
        ("Bob;alice@harbour.example;;;E2;", "email"),
        ("Caio;new@harbour.example;;;EC;", "email"),
        ("Caio;caio@harbour.example;;;;yes", "left"),
    ],
)
def test_a_row_that_cannot_be_taken_over_says_why(cast, row, column):
    Person.objects.filter(pk=cast.people["bob"].pk).update(external_id="E2")
    Person.objects.filter(pk=cast.people["caio"].pk).update(external_id="EC")
    line = plan(cast.actor("caio"), HEAD + row + "\n").lines[0]
    assert (line.deed, line.column, line.number) == ("refused", column, 2)
    assert line.reason


def test_the_same_person_twice_is_refused_once(cast):
    text = HEAD + "X;x@harbour.example;;;;\nY;x@harbour.example;;;;\n"
    assert [line.deed for line in plan(cast.actor("caio"), text).lines] == ["create", "refused"]


def test_what_was_not_shown_is_not_done(cast):
    text = HEAD + "X;x@harbour.example;;;;\n"
    shown = plan(cast.actor("caio"), text)
    person_add(actor=cast.actor("caio"), name="Other", email="x@harbour.example")
    with pytest.raises(Conflict):
        roster_apply(actor=cast.actor("caio"), text=text, fingerprint=shown.fingerprint)


@pytest.mark.parametrize("who", ["bob", "employee"])
def test_a_file_is_brought_by_who_may(cast, who):
    before = Entry.objects.count()
    with pytest.raises((Forbidden, NotFound)):
        roster_apply(actor=cast.actor(who), text=HEAD, fingerprint="")
    assert Entry.objects.count() == before


def test_thousands_cost_few_queries(cast, django_assert_max_num_queries):
    text = HEAD + "".join(f"P{n};p{n}@harbour.example;;;E{n};\n" for n in range(2000))
    actor = cast.actor("caio")
    with django_assert_max_num_queries(8):
        done = plan(actor, text)
    with django_assert_max_num_queries(100):
        roster_apply(actor=actor, text=text, fingerprint=done.fingerprint)
    assert Person.objects.filter(email__startswith="p").count() >= 2000


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_plain_words(text):
    try:
        rows = read(text)
    except Invalid as error:
        assert error.fields["file"]  # noqa: PT017
    else:
        assert all("name" in row for row in rows)
