import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pilothouse.kernel.imports.actions import import_apply, import_preview
from pilothouse.kernel.imports.models import ImportBatch, Mapping, StageWord
from pilothouse.kernel.imports.tests.files import csv_bytes, file_2024, row_2024, table_bytes, xlsx_bytes
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import System


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def caio(cast, client):
    client.force_login(cast.people["caio"].user)
    return cast.actor("caio")


def at(name, slug="harbour", **kwargs):
    return reverse(f"imports:{name}", kwargs={"slug": slug, **kwargs})


def send(client, data, name="inventory.csv", adapter="guess"):
    return client.post(at("new"), {"file": SimpleUploadedFile(name, data), "adapter": adapter}, follow=True)


def look(actor, data, adapter="us-federal-2024"):
    return import_preview(actor=actor, adapter=adapter, filename="inventory.csv", data=data)


def test_it_works(client, caio):
    page = send(client, file_2024(row_2024(dev_stage="Implementation and Assessment"), row_2024(use_case_name="")))
    assert page.status_code == 200
    text = page.content.decode()
    assert "What this file would do" in text
    assert "Import: create 1, change 0" in text
    assert "may mean several things" in text
    assert "The name is blank" in text
    batch = ImportBatch.objects.get()
    done = client.post(at("apply", batch_id=batch.pk), {"expect": batch.plan_hash}, follow=True)
    assert "1 created, 0 changed" in done.content.decode()
    assert System.objects.get().name == "Harbour chatbot"


def test_the_list_and_its_empty_state(client, caio):
    assert "Nothing imported yet" in client.get(at("list")).content.decode()
    look(caio, file_2024(row_2024()))
    assert "inventory.csv" in client.get(at("list")).content.decode()


def test_any_other_table_goes_through_its_mapping_and_is_remembered(client, caio):
    data = table_bytes({"System": "Router", "Team": "Ops", "Shoe size": "42"})
    page = send(client, data, "Our register.csv")
    text = page.content.decode()
    assert "Which column tells what?" in text
    assert "Router" in text
    batch = ImportBatch.objects.get()
    given = {"name": "Ours", "source": "ours", "fiscal_start": "1", "column_0": "name", "column_1": "unit"}
    page = client.post(at("mapping", batch_id=batch.pk), given, follow=True)
    assert "Import: create 1" in page.content.decode()
    assert Mapping.objects.get().fields == {"name": "system", "unit": "team"}
    again = send(client, data, "next year.csv")
    assert "Filled in from the mapping “Ours”, version 1" in again.content.decode()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"column_0": "purpose"}, "Say which column holds the name"),
        ({"column_0": "name", "column_1": "name"}, "told by another column already"),
        ({"column_0": "name", "source": "uk-atrs"}, "Choose another name"),
        ({"column_0": "name", "name": ""}, "This field is required"),
    ],
)
def test_a_wrong_mapping_is_told_beside_the_field_and_nothing_is_lost(client, caio, given, says):
    send(client, table_bytes({"System": "Router", "Team": "Ops"}))
    url = at("mapping", batch_id=ImportBatch.objects.get().pk)
    page = client.post(url, {"name": "Kept name", "source": "ours", "fiscal_start": "1", **given})
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not Mapping.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "adapter", "says"),
    [
        (b"", "x.csv", "guess", "file is empty"),
        (b"\x89PNG\x00\x00", "x.png", "guess", "not a text file"),
        (b"a,b\n1,2", "x.csv", "us-federal-2025", "This is not a 2025 inventory"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_file(client, caio, data, name, adapter, says):
    page = send(client, data, name, adapter)
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not ImportBatch.objects.exclude(status="discarded").exists()


def test_a_spreadsheet_is_guessed_too(client, caio):
    header = ["agency", "agency_name", "id", "use_case_name", "development_stage", "is_high_impact"]
    rest = ["agency_bureau", "contact_email", "is_withheld", "HI_justification", "topic_area", "classification"]
    more = ["problem_solved", "benefits", "system_outputs", "operational_date", "contracting_usage", "vendor_name"]
    more += ["have_ato", "system_name_ato", "data_description", "link_to_data", "has_pii", "pia_url", "code_url"]
    more += ["hi_testing_conducted", "hi_assessment_completed", "hi_potential_impacts", "hi_independent_review"]
    row = ["DOH", "Department of Harbours", "DOH-1", "Tide clock", "Deployed", "Not high-impact"]
    assert (
        "US federal inventory 2025"
        in send(client, xlsx_bytes([[], header + rest + more, row]), "x.xlsx").content.decode()
    )


def test_the_preview_shows_differences_tabs_and_what_is_kept(client, caio):
    import_apply(actor=caio, batch=look(caio, file_2024(row_2024(outputs="text"), row_2024(use_case_name="OCR"))))
    system_change(actor=caio, system=System.objects.get(name="Harbour chatbot"), changes={"purpose": "Ours"})
    batch = look(caio, file_2024(row_2024(outputs="answers", purpose_benefits="Theirs", hisp_support="Yes")))
    text = client.get(at("detail", batch_id=batch.pk)).content.decode()
    assert "Kept: corrected by hand" in text
    assert "answers" in text
    assert "Source row only" in text
    assert "Not in this file" in text
    for show in ("create", "change", "leave", "refuse", "flagged", "kept", "gone"):
        assert client.get(at("detail", batch_id=batch.pk), {"show": show}).status_code == 200
    assert "OCR" in client.get(at("detail", batch_id=batch.pk), {"show": "gone"}).content.decode()
    assert "No row with that name" in client.get(at("detail", batch_id=batch.pk), {"q": "zzz"}).content.decode()


def test_an_outdated_preview_is_made_anew_instead_of_applied(client, caio):
    first, second = look(caio, file_2024(row_2024())), look(caio, file_2024(row_2024(outputs="b")))
    import_apply(actor=caio, batch=first)
    page = client.post(at("apply", batch_id=second.pk), {"expect": second.plan_hash}, follow=True)
    assert "has changed since this preview" in page.content.decode()
    assert "Import: create 0, change 1" in page.content.decode()


def test_a_row_shows_every_cell(client, caio):
    batch = look(caio, file_2024(row_2024(demo_features='["Age","Income"]', hisp_name="Pilots"), version=2))
    text = client.get(at("row", batch_id=batch.pk, line=2)).content.decode()
    assert "<li>Age</li>" in text
    assert "Pilots" in text
    assert text.count("If Other, please explain.") > 8
    assert client.get(at("row", batch_id=batch.pk, line=99)).status_code == 404


def test_refused_rows_and_the_file_can_be_fetched(client, caio):
    data = file_2024(row_2024(), row_2024(use_case_name="", outputs="=cmd()"))
    batch = look(caio, data)
    refused = client.get(at("refused", batch_id=batch.pk))
    assert "attachment" in refused["Content-Disposition"]
    assert "3,2_use_case_name,The name is blank" in refused.content.decode("utf-8-sig")
    assert "'=cmd()" in refused.content.decode()
    original = client.get(at("file", batch_id=batch.pk))
    assert b"".join(original.streaming_content) == data
    assert original["Content-Type"] == "application/octet-stream"


def test_discarding(client, caio):
    batch = look(caio, file_2024(row_2024()))
    assert "Nothing was imported" in client.post(at("discard", batch_id=batch.pk), follow=True).content.decode()
    page = client.post(at("apply", batch_id=batch.pk), follow=True)
    assert "was discarded" in page.content.decode()
    assert not System.objects.exists()


def test_words_for_stages(client, caio):
    look(caio, file_2024(row_2024(dev_stage="Under sail")))
    text = client.get(at("stages")).content.decode()
    assert "Under sail" in text
    page = client.post(at("stages"), {"word": "Under sail", "stage": "pilot"}, follow=True)
    assert "now means Pilot" in page.content.decode()
    assert StageWord.objects.get().stage == "pilot"
    assert client.post(at("stages"), {"word": "", "stage": "pilot"}).status_code == 422


def test_the_source_row_stands_on_the_systems_page(client, caio):
    import_apply(actor=caio, batch=look(caio, file_2024(row_2024(hisp_name="Pilots"))))
    from pilothouse.web.imports.panels import source

    class Request:
        actor = caio

    text = source(Request(), System.objects.get())
    assert "Pilots" in text
    assert "us-federal-2024" in text


PAGES = ("list", "new", "stages")
OF_ONE = ("detail", "mapping", "refused", "file")


def test_nobody_else_gets_in(client, cast):
    batch = look(cast.actor("caio"), file_2024(row_2024()))
    for who, status in (("bob", 403), ("auditor", 403), ("charlie", 404)):
        client.force_login(cast.people[who].user)
        for name in PAGES:
            assert client.get(at(name)).status_code == status
        for name in OF_ONE:
            assert client.get(at(name, batch_id=batch.pk)).status_code == status
        for name in ("apply", "discard"):
            assert client.post(at(name, batch_id=batch.pk)).status_code == status
    for name in OF_ONE:
        assert client.get(at(name, slug="elsewhere", batch_id=batch.pk)).status_code == 404


def test_a_page_of_rows_costs_the_same_for_few_and_many(client, caio, django_assert_max_num_queries):
    rows = [row_2024(use_case_name=f"S{n}") for n in range(120)]
    import_apply(actor=caio, batch=look(caio, file_2024(*rows)))
    batch = look(caio, file_2024(*(row_2024(use_case_name=f"S{n}", outputs="x") for n in range(120))))
    with django_assert_max_num_queries(25):
        assert client.get(at("detail", batch_id=batch.pk)).status_code == 200


def test_semicolons_and_a_title_line(client, caio):
    send(client, csv_bytes([["Our list"], ["System", "Team"], ["Router", "Ops"]], mark=";"))
    assert ImportBatch.objects.get().columns == [["system", "System"], ["team", "Team"]]
