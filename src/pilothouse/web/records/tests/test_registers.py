"""Registers through the front door: tables, new entries, next versions, references, and who may not."""

import csv
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal, records_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import same
from pilothouse.kernel.records.tests.toys import (
    CARD,
    MODEL,
    PIECE,
    POLICY,
    SKILL,
    STAGE,
    TOYS,
    card,
    model,
    piece,
    stage,
)
from pilothouse.web.records import bring, offers
from pilothouse.web.records.export import as_csv
from pilothouse.web.records.forms import DocumentForm
from pilothouse.web.records.offers import Offers

pytestmark = pytest.mark.usefixtures("toys")
KINDS = "/o/harbour/records/kinds/"


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


@pytest.fixture
def models(caio):
    bodies = [model(price="30"), model("Large 1", licence="bought", price="4"), model("Tiny 2", maker="Other House")]
    return records_seal(actor=caio, kind=MODEL, bodies=[(None, body) for body in bodies])


def text(response):
    return response.content.decode()


def names(page):
    return [row.key for row, _ in page.context["rows"]]


def about(system, kind, end=""):
    return f"/o/harbour/systems/{system.number}/records/{kind}/{end}"


def test_a_new_entry_is_written_saved_and_sealed(browse):
    caio = browse("caio")
    assert "Write the first" in text(caio.get(KINDS + MODEL + "/"))
    assert "New: model" in text(caio.get(KINDS + MODEL + "/new/"))
    saved = caio.post(KINDS + MODEL + "/new/", {"name": "Small 3", "maker": ""}, follow=True)
    row = Record.objects.get()
    assert saved.redirect_chain[-1][0] == f"/o/harbour/records/{row.pk}/edit/?saved=1"
    assert "data-saved" in text(saved)
    assert "2 answers to go" in text(saved)
    sent = {"name": "Small 3", "maker": "Kelp Labs", "licence": "open", "revision": "1", "seal": "1"}
    done = caio.post(f"/o/harbour/records/{row.pk}/edit/", sent, follow=True)
    assert "Version 1 is sealed" in text(done)
    assert "Another" in text(done)


def test_the_next_version_of_an_entry_and_what_changed_in_it(browse, models):
    caio = browse("caio")
    edit = f"/o/harbour/records/{models[0].pk}/edit/"
    assert "Kelp Labs" in text(caio.get(edit))
    sent = {"name": "Small 3", "maker": "Kelp Laboratories", "licence": "open", "price": "30", "seal": "1"}
    page = text(caio.post(edit, sent | {"revision": "0"}, follow=True))
    assert "Version 2 is sealed" in page
    assert "1 answer changed since version 1" in page
    assert "Kelp Laboratories" in page


def test_a_sealed_entry_is_not_renamed_and_nothing_typed_is_lost(browse, models):
    page = browse("caio").post(
        f"/o/harbour/records/{models[0].pk}/edit/", {"name": "Small 4", "maker": "New", "revision": "0"}
    )
    assert page.status_code == 422
    assert "It is known as “Small 3”" in text(page)
    assert 'value="Small 4"' in text(page)
    assert Record.objects.filter(state="draft").count() == 0


def test_a_new_entry_does_not_take_a_name_that_is_there(browse, models):
    page = browse("caio").post(KINDS + MODEL + "/new/", {"name": "Small 3", "maker": "Somebody else"})
    assert page.status_code == 422
    assert "There is one of this name already" in text(page)
    assert "Somebody else" in text(page)


def test_a_new_entry_without_a_name_keeps_what_was_typed(browse):
    page = browse("caio").post(KINDS + MODEL + "/new/", {"name": "", "maker": "Kelp Labs"})
    assert page.status_code == 422
    assert "Kelp Labs" in text(page)
    assert "Say something" in text(page)


def test_the_table_is_found_sorted_and_filtered(browse, caio, models):
    record_draft(actor=caio, system=None, kind=MODEL, body={"name": "Begun"})
    client, table = browse("caio"), KINDS + MODEL + "/"
    page = client.get(table)
    assert names(page) == ["Begun", "Large 1", "Small 3", "Tiny 2"]
    assert [one.path for one in page.context["listing"].columns] == ["maker", "licence", "price", "keeper"]
    assert names(client.get(table, {"sort": "-name"}))[0] == "Tiny 2"
    assert names(client.get(table, {"sort": "price"})) == ["Large 1", "Small 3", "Begun", "Tiny 2"], "as numbers"
    assert names(client.get(table, {"sort": "-price"})) == ["Small 3", "Large 1", "Begun", "Tiny 2"]
    assert names(client.get(table, {"sort": "-licence"}))[0] == "Large 1"
    assert names(client.get(table, {"q": "other HOUSE"})) == ["Tiny 2"]
    assert names(client.get(table, {"state": "draft"})) == ["Begun"]
    assert "None here" in text(client.get(table, {"q": "no such words"}))
    assert names(client.get(table, {"sort": "no_such", "state": "odd", "page": "x"})) == names(page)


def test_entries_about_systems(browse, cast, caio, system):
    other = system_create(actor=caio, name="Letters")
    records_seal(actor=caio, kind=STAGE, bodies=[(system, stage()), (system, stage()), (other, stage())])
    client = browse("caio")
    assert len(names(client.get(KINDS + STAGE + "/"))) == 3
    assert len(names(client.get(KINDS + STAGE + "/", {"system": other.ref}))) == 1
    assert names(client.get(about(system, STAGE))) == ["2", "1"], "the newest first"
    assert len(names(browse("alice").get(KINDS + STAGE + "/"))) == 2
    tab = text(client.get(f"/o/harbour/systems/{system.number}/", {"tab": "records"}))
    assert "2 entries" in tab
    assert ">Toys</th>" in tab


def test_which_system_is_asked_where_the_address_does_not_say(browse, system):
    client = browse("alice")
    page = client.get(KINDS + STAGE + "/new/")
    assert "about which system?" in text(page)
    assert system.ref in text(page)
    gone = client.get(KINDS + STAGE + "/new/", {"system": system.ref})
    assert gone.url == about(system, STAGE, "new/")
    assert client.get(KINDS + CARD + "/edit/", {"system": system.ref}, follow=True).status_code == 200
    wrong = client.get(KINDS + STAGE + "/new/", {"system": "S-999"})
    assert (wrong.status_code, "There is no system “S-999”" in text(wrong)) == (422, True)


def test_addresses_that_lead_elsewhere(browse, system, models):
    client = browse("caio")
    assert client.get(about(system, STAGE, "edit/")).url == about(system, STAGE, "new/")
    assert client.get(KINDS + MODEL + "/edit/").url == KINDS + MODEL + "/"
    assert client.get(about(system, CARD, "new/")).url == about(system, CARD, "edit/")
    assert client.get(about(system, MODEL)).status_code == 404
    assert "Nothing is written yet" in text(client.get(KINDS + POLICY + "/"))
    drawn = client.get(KINDS + POLICY + "/edit/")
    assert 'name="prefix"' in text(drawn), "a field may be called what a form calls its own"
    assert client.post(KINDS + POLICY + "/edit/", {"rule": "A person decides.", "seal": "1"}, follow=True)
    assert "A person decides." in text(client.get(KINDS + POLICY + "/"))


def test_references_are_offered_and_shown_as_links(browse, caio, system, models):
    client = browse("caio")
    page = text(client.get(about(system, CARD, "edit/")))
    assert '<input type="checkbox" name="uses" value="Small 3"' in page
    assert '<option value="bob@harbour.example">Bob (bob@harbour.example)</option>' in page
    assert "Add one" in page
    sent = card() | {"uses": ["Small 3", "Tiny 2"], "next_to": [str(system.number)], "tested": "yes", "seal": "1"}
    done = client.post(about(system, CARD, "edit/"), sent, follow=True)
    assert "Version 1 is sealed" in text(done)
    assert f'href="/o/harbour/records/{models[0].pk}/">Small 3</a>' in text(done)
    assert f'href="/o/harbour/systems/{system.number}/">{system.ref} CV summary</a>' in text(done)
    assert ">Alice</a>" in text(done)
    assert Record.objects.get(kind=CARD).body["uses"] == ["Small 3", "Tiny 2"]


def test_what_refers_to_nothing_is_said_beside_it(browse, system):
    sent = card(owner="gone@harbour.example") | {"tested": "yes", "seal": "1", "uses": "Small 3"}
    page = browse("alice").post(about(system, CARD, "edit/"), sent)
    assert page.status_code == 422
    assert "There is no “gone@harbour.example” among the people." in text(page)
    assert "add it there first" in text(page)
    assert '<option value="gone@harbour.example" selected>' in text(page), "what was typed stays"


def test_many_choices_are_typed_with_what_fits(browse, monkeypatch, system, models):
    monkeypatch.setattr(offers, "FEW", 2)
    page = text(browse("caio").get(about(system, CARD, "edit/")))
    assert page.count('name="uses"') == 2
    assert 'list="offer-toys-model"' in page
    assert '<datalist id="offer-toys-model"><option value="Large 1">' in page
    sent = card() | {"uses": ["Small 3", "", "Tiny 2"], "next_to": "S-1 CV summary", "tested": "yes"}
    browse("caio").post(about(system, CARD, "edit/"), sent)
    body = Record.objects.get(kind=CARD).body
    assert (body["uses"], body["next_to"]) == (["Small 3", "Tiny 2"], ["1"])


def test_forms_of_one_page_keep_apart(cast, caio, system, models):
    given = {"prefix": "a.b:new", "offers": Offers(caio, "harbour", system)}
    form = DocumentForm(registry_schema(STAGE), data={"a.b:new-steps.0.what": "Read", "steps.0.what": "x"}, **given)
    assert form.body() == {"steps": [{"what": "Read"}]}
    more = DocumentForm(registry_schema(STAGE), data={"add": "a.b:new-steps", "a.b:new-steps.0.what": "Read"}, **given)
    assert "steps.1.what" in more.fields
    assert "steps.0.model" in more.fields


def registry_schema(kind):
    from pilothouse.kernel.domain import registry

    return registry.records[kind].schema


def test_an_address_fills_in_what_it_says(browse, system, models):
    client = browse("caio")
    page = text(client.get(KINDS + MODEL + "/new/", {"maker": "Kelp Labs"}))
    assert 'value="Kelp Labs"' in page
    copied = text(client.get(KINDS + MODEL + "/new/", {"from": str(models[2].pk)}))
    assert "Other House" in copied
    assert 'value="Tiny 2"' not in copied, "its name is its own"
    assert client.get(KINDS + MODEL + "/new/", {"from": "nonsense"}).status_code == 404


def test_low_tier_forms_fold_what_only_the_full_form_asks_for(browse, system, monkeypatch):
    from pilothouse.kernel.inventory import hooks
    from pilothouse.kernel.inventory.models import System

    monkeypatch.setattr(hooks, "_listeners", [])
    System.objects.update(tier="low")
    client = browse("alice")
    page = text(client.get(about(system, CARD, "edit/")))
    assert "<summary>In full</summary>" in page
    assert page.index('name="purpose"') < page.index("In full") < page.index('name="limits"')
    client.post(about(system, CARD, "edit/"), {"purpose": "It sums up letters.", "seal": "1"})
    assert Record.objects.get().state == "sealed"
    System.objects.update(tier="high")
    assert "In full" not in text(client.get(about(system, CARD, "edit/")))


def test_confidential_registers_are_not_shown(browse, caio):
    sealed = record_seal(
        actor=caio,
        record=record_draft(actor=caio, system=None, kind=SKILL, body={"person": "bob@harbour.example", "level": 3}),
    )
    assert "bob@harbour.example" in text(browse("ciso").get(KINDS + SKILL + "/"))
    for who in ("alice", "bob"):
        assert browse(who).get(KINDS + SKILL + "/").status_code == 403
        assert browse(who).get(f"/o/harbour/records/{sealed.pk}/").status_code == 404
        assert "Who can do what." not in text(browse(who).get("/o/harbour/records/"))
    assert browse("ciso").get(KINDS + SKILL + "/new/").status_code == 403, "she reads and does not write it"
    assert browse("ciso").get(f"/o/harbour/records/{sealed.pk}/edit/").status_code == 403


def test_who_may_not_write(browse, system, models):
    assert browse("alice").get(KINDS + MODEL + "/new/").status_code == 403
    assert browse("auditor").get(about(system, STAGE, "new/")).status_code == 403
    assert browse("auditor").post(about(system, STAGE, "new/"), {"told": "x"}).status_code == 403
    assert browse("charlie").get(about(system, STAGE, "new/")).status_code == 404
    assert "New: model" not in text(browse("alice").get(KINDS + MODEL + "/"))


def test_exports_are_what_the_table_shows(browse, system, caio, models):
    client = browse("caio")
    out = b"".join(client.get(KINDS + MODEL + "/export.csv", {"q": "kelp"}).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    assert [row["name"] for row in rows] == ["Large 1", "Small 3"]
    assert list(rows[0]) == ["version", "state", "sealed_at", "hash", "name", "maker", "licence", "price", "keeper"]
    book = b"".join(client.get(KINDS + MODEL + "/export.xlsx").streaming_content)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert "xl/worksheets/sheet1.xml" in parts.namelist()
    assert client.get(KINDS + MODEL + "/export.pdf").status_code == 404


CELLS = st.fixed_dictionaries(
    {
        "purpose": st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool),
        "uses": st.lists(st.sampled_from(["Small 3", "=cmd()", "-1", "@home"]), min_size=1, max_size=3),
        "next_to": st.lists(st.integers(1, 999).map(str), min_size=1, max_size=3),
        "tested": st.booleans(),
    }
)


@given(CELLS)
def test_what_goes_out_comes_back_the_same(body):
    """Whatever a document says, its row in the table says the same when it is read again."""
    row = Record(kind=CARD, version=1, state="sealed", body=body)
    text = "".join(as_csv(TOYS.records[3], [row]))
    lines, named = bring._read(TOYS.records[3], text)
    planner = object.__new__(bring._Planner)
    planner._named = named
    assert same(planner._body(lines[0][1]), body)


def upload(client, kind, data, **more):
    file = SimpleUploadedFile("a.csv", data.encode())
    return client.post(KINDS + kind + "/import/", {"file": file, **more})


def confirm(client, kind, page, **more):
    return client.post(KINDS + kind + "/import/", {"text": page.context["text"], "confirm": "1", **more}, follow=True)


def test_an_import_is_sealed_all_or_none(browse, models):
    client = browse("caio")
    data = "Name;Maker;licence\nSmall 3;New House;own\nLarge 1;Kelp Labs;bought\nFresh 1;Kelp Labs;open\n"
    page = upload(client, MODEL, data + "Odd 1;Kelp Labs;lost\n", seal="on")
    outcomes = [row.outcome for row in page.context["rows"]]
    assert outcomes == ["version", "version", "create", "refused"]
    assert "Sealing is all or none" in text(page)
    assert "nothing" not in outcomes
    refused = client.post(KINDS + MODEL + "/import/", {"text": page.context["text"], "confirm": "1", "seal": "1"})
    assert refused.status_code == 422
    assert Record.objects.count() == 3
    page = upload(client, MODEL, data, seal="on")
    assert "3 sealed, 0 rows refused." in text(confirm(client, MODEL, page, seal="1"))
    assert Record.objects.get(key="Fresh 1").state == "sealed"
    assert Record.objects.filter(key="Small 3", version=2, state="sealed").exists()


def test_numbered_entries_come_in(browse, caio, system):
    records_seal(actor=caio, kind=STAGE, bodies=[(system, stage())])
    client = browse("caio")
    out = b"".join(client.get(KINDS + STAGE + "/export.csv").streaming_content).decode().lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows[0]["entry"] == "1"
    back = io.StringIO()
    writer = csv.DictWriter(back, rows[0].keys())
    writer.writeheader()
    steps = '[{"what": "Read it", "minutes": "2"}]'
    writer.writerows(
        [
            rows[0],
            rows[0] | {"entry": "", "told": "It went off again.", "steps": steps},
            rows[0] | {"entry": "7"},
            rows[0] | {"entry": "", "steps": "{nonsense"},
        ]
    )
    page = upload(client, STAGE, back.getvalue())
    assert [row.outcome for row in page.context["rows"]] == ["unchanged", "create", "refused", "refused"]
    confirm(client, STAGE, page)
    assert Record.objects.get(key="2").body["steps"] == [{"what": "Read it", "minutes": "2"}]


def test_sealed_rows_may_refer_to_each_other_and_to_nothing_else(browse, system):
    client = browse("caio")
    scope = "It reads and never writes."
    data = f"system,name,calls,scope\n{system.ref},Reader,Writer,{scope}\n{system.ref},Writer,Reader,{scope}\n"
    page = upload(client, PIECE, data + f"{system.ref},Loose,Nobody,{scope}\n", seal="on")
    assert [row.outcome for row in page.context["rows"]] == ["create", "create", "refused"]
    assert "There is no “Nobody”" in page.context["rows"][2].refused
    assert "2 sealed" in text(confirm(client, PIECE, upload(client, PIECE, data, seal="on"), seal="1"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("name\n", "no rows"),
        ("name,nonsense\nx,y\n", "nonsense"),
        ("", "no rows"),
        ("name\na\x00b\n", "NUL"),
    ],
)
def test_a_file_that_is_no_register(browse, data, words):
    page = upload(browse("caio"), MODEL, data or " ")
    assert page.status_code == 422
    assert words in text(page)


def test_an_open_draft_keeps_its_row_from_being_sealed(browse, caio):
    record_draft(actor=caio, system=None, kind=MODEL, body={"name": "Begun"})
    page = upload(browse("caio"), MODEL, "name,maker,licence\nBegun,Kelp Labs,open\n", seal="on")
    assert "draft of it is open" in page.context["rows"][0].refused
    assert browse("alice").get(KINDS + MODEL + "/import/").status_code == 403


def test_queries_do_not_grow(browse, caio, system, models, django_assert_max_num_queries):
    records_seal(actor=caio, kind=STAGE, bodies=[(system, stage(who="bob@harbour.example"))] * 40)
    records_seal(actor=caio, kind=PIECE, bodies=[(system, piece(f"Piece {n}")) for n in range(40)])
    client = browse("caio")
    with django_assert_max_num_queries(30):
        client.get(KINDS + STAGE + "/")
    with django_assert_max_num_queries(30):
        client.get(about(system, PIECE), {"sort": "-scope", "q": "piece"})
    with django_assert_max_num_queries(30):
        client.get("/o/harbour/records/")
