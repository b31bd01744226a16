"""The pages of systems, through the front door."""

import json

import pytest
from conftest import PASSWORD

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import (
    component_add,
    custom_field_add,
    duplicates_find,
    relation_add,
    system_create,
)
from pilothouse.kernel.inventory.models import CustomField, DuplicateProposal, Performance, Practice, SavedView, System

LIST = "/o/harbour/systems/"


@pytest.fixture
def harbour(cast):
    caio = cast.actor("caio")
    unit = Unit.objects.create(organisation=cast.organisation, name="People team")
    first = system_create(
        actor=caio,
        name="CV summary",
        purpose="Read applications faster",
        unit_id=unit.pk,
        owner_id=cast.people["alice"].pk,
        vendor="Northlight",
        tags=["hr"],
    )
    second = system_create(actor=caio, name="Invoice reading", purpose="Book invoices without typing")
    return first, second


@pytest.fixture
def signed_in(cast, client):
    def enter(who):
        client.logout()
        assert client.login(email=cast.people[who].email, password=PASSWORD)
        return client

    return enter


def text(response):
    return response.content.decode()


def test_the_list_shows_filters_and_counts(harbour, signed_in):
    page = signed_in("caio").get(LIST)
    assert page.status_code == 200
    assert "CV summary" in text(page)
    assert "Invoice reading" in text(page)
    narrowed = signed_in("caio").get(LIST, {"missing": "owner", "q": "invoice"})
    assert "CV summary" not in text(narrowed)
    assert "No owner" in text(narrowed)


def test_an_unknown_filter_is_named(harbour, signed_in):
    page = signed_in("caio").get(LIST, {"colour": "red"})
    assert page.status_code == 422
    assert "colour" in text(page)


def test_an_empty_list_offers_the_first_act(cast, signed_in):
    assert "No systems yet" in text(signed_in("caio").get(LIST))


def test_an_owner_sees_only_their_own(harbour, signed_in):
    page = text(signed_in("alice").get(LIST))
    assert "CV summary" in page
    assert "Invoice reading" not in page
    assert signed_in("alice").get(f"{LIST}{harbour[1].number}/").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "1/", "1/edit/", "new/", "bulk/?number=1", "duplicates/", "export.csv", "fields/", "people/?q=a"]
)
def test_the_outsider_gets_nothing(harbour, signed_in, path):
    assert signed_in("charlie").get(f"{LIST}{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "1/", "new/", "bulk/?number=1", "duplicates/", "export.csv"])
def test_an_employee_is_refused(harbour, signed_in, path):
    assert signed_in("employee").get(f"{LIST}{path}").status_code in (403, 404)


def test_the_list_takes_a_constant_number_of_queries(
    cast, harbour, signed_in, django_assert_max_num_queries, django_assert_num_queries
):
    client = signed_in("caio")
    client.get(LIST)
    with django_assert_max_num_queries(24) as few:
        client.get(LIST)
    for n in range(40):
        system_create(actor=cast.actor("caio"), name=f"System {n}", owner_id=cast.people["bob"].pk)
    with django_assert_num_queries(len(few)):
        client.get(LIST)


def test_the_detail_tells_the_story(harbour, signed_in):
    page = text(signed_in("caio").get(f"{LIST}1/"))
    for words in ("CV summary", "Read applications faster", "Northlight", "Where it stands", "What is missing"):
        assert words in page


def test_the_detail_takes_a_constant_number_of_queries(harbour, signed_in, cast, django_assert_max_num_queries):
    client, caio = signed_in("caio"), cast.actor("caio")
    client.get(f"{LIST}1/?tab=facts")
    for n in range(8):
        part = component_add(actor=caio, kind="tool", name=f"Tool {n}")
        relation_add(actor=caio, system=harbour[0], kind="uses", component=part)
    for tab in ("facts", "parts", "statements"):
        with django_assert_max_num_queries(40):
            client.get(f"{LIST}1/?tab={tab}")


@pytest.mark.parametrize("tab", ["facts", "parts", "statements"])
def test_every_tab_opens(harbour, signed_in, tab):
    assert signed_in("caio").get(f"{LIST}1/?tab={tab}").status_code == 200


def test_an_unknown_tab_is_not_found(harbour, signed_in):
    assert signed_in("caio").get(f"{LIST}1/?tab=secrets").status_code == 404


def edit_data(client, number, **changes):
    page = client.get(f"{LIST}{number}/edit/")
    form = page.context["form"]
    data = {bound.name: bound.value() or "" for bound in form}
    return data | {"base": page.context["base"], "version": page.context["version"]} | changes


def test_an_edit_changes_what_was_typed(harbour, signed_in):
    client = signed_in("alice")
    data = edit_data(client, 1, outcome="Fewer hours", date_implemented="March 2026", intake_acts_alone="no")
    assert client.post(f"{LIST}1/edit/", data).status_code == 302
    system = System.objects.get(number=1)
    assert (system.outcome, system.intake) == ("Fewer hours", {"acts_alone": "no"})
    assert system.dates.get().precision == "month"


def test_a_wrong_date_keeps_everything_typed(harbour, signed_in):
    client = signed_in("alice")
    page = client.post(f"{LIST}1/edit/", edit_data(client, 1, outcome="Fewer hours", date_implemented="soonish"))
    assert page.status_code == 422
    assert "soonish" in text(page)
    assert "Fewer hours" in text(page)
    assert System.objects.get(number=1).outcome == ""


def test_two_writers_of_different_fields_both_count(harbour, signed_in, cast):
    client = signed_in("caio")
    mine, theirs = edit_data(client, 1, outcome="Mine"), edit_data(client, 1, notes="Theirs")
    client.post(f"{LIST}1/edit/", theirs)
    assert client.post(f"{LIST}1/edit/", mine).status_code == 302
    system = System.objects.get(number=1)
    assert (system.outcome, system.notes) == ("Mine", "Theirs")


def test_two_writers_of_one_field_are_shown_both_texts(harbour, signed_in):
    client = signed_in("caio")
    mine, theirs = edit_data(client, 1, outcome="My words"), edit_data(client, 1, outcome="Their words", notes="Kept")
    client.post(f"{LIST}1/edit/", theirs)
    page = client.post(f"{LIST}1/edit/", mine)
    assert page.status_code == 409
    assert "My words" in text(page)
    assert "Their words" in text(page)
    form = page.context["form"]
    again = {bound.name: bound.value() or "" for bound in form}
    again |= {"base": page.context["base"], "version": page.context["version"]}
    assert client.post(f"{LIST}1/edit/", again).status_code == 302
    system = System.objects.get(number=1)
    assert (system.outcome, system.notes) == ("My words", "Kept")


def test_silent_radio_buttons_keep_the_owner(harbour, signed_in, cast):
    client = signed_in("caio")
    data = edit_data(client, 1, notes="New")
    del data["owner_id"]
    client.post(f"{LIST}1/edit/", data)
    assert System.objects.get(number=1).owner_id == cast.people["alice"].pk


def test_the_quick_form_adds_an_idea(cast, signed_in):
    client = signed_in("alice")
    assert client.get(f"{LIST}new/").status_code == 200
    sent = {"name": "Shift planning", "intake_acts_alone": "yes", "owner_id": ""}
    assert client.post(f"{LIST}new/", sent).status_code == 302
    system = System.objects.get()
    assert (system.stage, system.owner_id) == ("idea", cast.people["alice"].pk)


def test_a_system_without_a_name_is_refused_beside_the_field(cast, signed_in):
    page = signed_in("alice").post(f"{LIST}new/", {"name": " ", "purpose": "Long thoughts"})
    assert page.status_code == 422
    assert "Long thoughts" in text(page)


def test_people_are_found_by_part_of_their_name(cast, signed_in):
    page = text(signed_in("alice").get(f"{LIST}people/", {"q": "bo", "name": "owner_id"}))
    assert "Bob" in page
    assert "Charlie" not in page
    assert "@" not in page


def test_bulk_shows_first_and_changes_then(harbour, signed_in):
    client = signed_in("caio")
    assert client.get(f"{LIST}bulk/?number=1&number=2").status_code == 200
    sent = {"number": "1,2", "set_vendor": "on", "vendor": "Calyx", "add_tags": "reviewed", "do": "preview"}
    page = text(client.post(f"{LIST}bulk/", sent))
    assert "Northlight" in page
    assert System.objects.filter(vendor="Calyx").count() == 0
    assert client.post(f"{LIST}bulk/", sent | {"do": "apply"}).status_code == 302
    assert System.objects.filter(vendor="Calyx", version=2).count() == 2


def test_bulk_without_ticks_goes_back(harbour, signed_in):
    assert signed_in("caio").get(f"{LIST}bulk/").status_code == 302


def test_views_are_kept_and_forgotten(harbour, signed_in):
    client = signed_in("caio")
    client.post(f"{LIST}views/", {"name": "Nobody's", "query": "missing=owner&page=3"})
    view = SavedView.objects.get()
    assert view.query == "missing=owner"
    assert "Nobody&#x27;s" in text(client.get(LIST))
    client.post(f"{LIST}views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_parts_and_relations(harbour, signed_in):
    client = signed_in("alice")
    sent = {"kind": "uses", "component_kind": "model", "component_name": "Nord 2", "component_version": "1.1"}
    client.post(f"{LIST}1/relations/", sent)
    client.post(f"{LIST}1/relations/", {"kind": "feeds", "other": "S-2"})
    page = text(client.get(f"{LIST}1/?tab=parts"))
    assert "Nord 2 1.1" in page
    # Alice may not see S-2, so she cannot relate to it, nor learn that it exists.
    assert "Invoice reading" not in page
    relation = System.objects.get(number=1).relations.get()
    client.post(f"{LIST}1/relations/{relation.pk}/remove/")
    assert not System.objects.get(number=1).relations.exists()


def test_components_say_where_they_are_used(harbour, signed_in, cast):
    caio = cast.actor("caio")
    model = component_add(actor=caio, kind="model", name="Nord 2", version="1.1", supplier="Northlight")
    relation_add(actor=caio, system=harbour[0], kind="uses", component=model)
    client = signed_in("caio")
    assert "Nord 2" in text(client.get("/o/harbour/components/"))
    assert "CV summary" in text(client.get(f"/o/harbour/components/{model.pk}/"))
    client.post(f"/o/harbour/components/{model.pk}/", {"name": "Nord 2", "version": "1.2", "supplier": "", "notes": ""})
    assert "1.2" in text(client.get("/o/harbour/components/?kind=model"))


def test_statements_and_figures(harbour, signed_in):
    client = signed_in("alice")
    client.post(f"{LIST}1/practice/", {"key": "monitoring", "status": "met", "words": "We look weekly"})
    client.post(f"{LIST}1/performance/", {"metric": "Accuracy", "value": "0,93", "population": "1,200 CVs"})
    assert Practice.objects.get().source == "Stated by Alice"
    assert Performance.objects.get().basis == "stated"
    assert "We look weekly" in text(client.get(f"{LIST}1/?tab=statements"))


def test_duplicates_are_proposed_and_decided(harbour, signed_in, cast):
    system_create(actor=cast.actor("caio"), name="CV Summary", purpose="Read applications faster.")
    client = signed_in("caio")
    client.post(f"{LIST}duplicates/look/")
    proposal = DuplicateProposal.objects.get()
    assert "CV Summary" in text(client.get(f"{LIST}duplicates/"))
    client.post(f"{LIST}duplicates/{proposal.pk}/", {"verdict": "merged:left"})
    gone = System.objects.get(number=3)
    assert gone.stage == "retired"
    assert "S-1" in text(client.get(f"{LIST}3/"))
    assert duplicates_find(actor=cast.actor("caio")) == []


def test_custom_fields(harbour, signed_in, cast):
    client = signed_in("caio")
    client.post(f"{LIST}fields/", {"title": "Cost centre", "kind": "choice", "choices": "A1\nB2"})
    field = CustomField.objects.get()
    client.post(f"{LIST}1/edit/", edit_data(client, 1, custom_cost_centre="B2"))
    assert System.objects.get(number=1).custom == {"cost_centre": "B2"}
    assert "B2" in text(client.get(LIST, {"columns": "custom:cost_centre"}))
    client.post(f"{LIST}fields/{field.pk}/", {"title": "Cost centre", "active": "no"})
    assert "custom_cost_centre" not in text(client.get(f"{LIST}1/edit/"))


def test_a_leaver_is_named_on_the_page(harbour, signed_in, cast):
    from pilothouse.kernel.inventory.actions import owners_release

    with_transaction(lambda: owners_release(cast.actor("caio"), cast.people["alice"]))
    page = text(signed_in("caio").get(f"{LIST}1/"))
    assert "Its owner has left" in page
    assert "Alice" in page


def with_transaction(run):
    from django.db import transaction

    with transaction.atomic():
        run()


def test_export_neutralises_formulas(cast, signed_in):
    caio = cast.actor("caio")
    custom_field_add(actor=caio, title="Note")
    for name in ("=1+1", "+cmd", "-2", "@x"):
        system_create(actor=caio, name=name, purpose="\tTab", custom={"note": "=SUM(A1)"})
    answer = signed_in("caio").get(f"{LIST}export.csv", {"q": "cmd"})
    assert answer.streaming
    csv = b"".join(answer.streaming_content).decode()
    assert "'+cmd" in csv
    assert "'=SUM(A1)" in csv
    assert "=1+1" not in csv  # it is another row
    book = signed_in("caio").get(f"{LIST}export.xlsx")
    assert b"".join(book.streaming_content)[:2] == b"PK"


def test_the_base_is_only_read_as_texts(harbour, signed_in):
    client = signed_in("caio")
    data = edit_data(client, 1, notes="x") | {"base": json.dumps(["not", "a", "mapping"])}
    assert client.post(f"{LIST}1/edit/", data).status_code == 302


def test_every_tab_of_every_room_opens(harbour, signed_in):
    client = signed_in("caio")
    tabs = client.get(f"{LIST}1/").context["tabs"]
    assert {"findings", "facts", "parts", "statements", "decisions", "history"} <= {key for key, _, _ in tabs}
    for _, _, href in tabs:
        assert client.get(href.removesuffix("#tabs")).status_code == 200
