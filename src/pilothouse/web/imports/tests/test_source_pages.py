import pytest
from django.urls import reverse

from pilothouse.kernel.imports.actions import source_save
from pilothouse.kernel.imports.models import Source

REF = "env:PILOTHOUSE_SOURCE_HARBOUR__ONE"
GIVEN = {
    "name": "CMDB",
    "url": "https://x.example",
    "secret_ref": REF,
    "rhythm": "daily",
    "active": "on",
    "table": "cmdb_ci_appl",
    "fields_text": "name = name\nrow_id = sys_id\npurpose = short_description",
}


@pytest.fixture
def caio(cast, client):
    client.force_login(cast.people["caio"].user)
    return cast.actor("caio")


def at(name, **kwargs):
    return reverse(f"imports:{name}", kwargs={"slug": "harbour", **kwargs})


def test_it_works(client, caio):
    text = client.get(at("sources")).content.decode()
    assert "No live service was tried" in text
    assert "No source yet" in text
    page = client.post(at("source_new", kind="servicenow"), GIVEN, follow=True)
    assert "CMDB is set up" in page.content.decode()
    source = Source.objects.get()
    assert source.mapping.fields == {"name": "name", "row_id": "sys_id", "purpose": "short_description"}
    text = client.get(at("source", source_id=source.pk)).content.decode()
    assert "purpose = short_description" in text
    client.post(at("source", source_id=source.pk), {**GIVEN, "name": "Our CMDB"})
    assert Source.objects.get().name == "Our CMDB"


def test_jira_has_its_own_fields(client, caio):
    assert "Project key" in client.get(at("source_new", kind="jira")).content.decode()
    given = {**GIVEN, "project": "AI", "issue_type": "Task", "api": "3"}
    client.post(at("source_new", kind="jira"), given)
    assert Source.objects.get().settings == {"project": "AI", "issue_type": "Task", "api": "3"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"url": "http://x.example"}, "must begin with https://"),
        ({"secret_ref": "hunter2"}, "no reference to a secret"),
        ({"fields_text": "purpose is description"}, "is not understood"),
        ({"fields_text": "purpose = description"}, "needs the system&#x27;s name and its id"),
        ({"table": "NO TABLE"}, "not the name of a table"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, caio, more, says):
    page = client.post(at("source_new", kind="servicenow"), {**GIVEN, **more})
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not Source.objects.exists()


def test_a_fault_is_told_on_the_page(client, caio):
    source = source_save(actor=caio, kind="servicenow", name="CMDB", url="https://x.example", secret_ref=REF)
    text = client.post(at("source_ask", source_id=source.pk), follow=True).content.decode()
    assert "is not there, or empty" in text
    assert "Failed" in text


def test_nobody_else_gets_in(client, cast, caio):
    source = source_save(actor=caio, kind="servicenow", name="CMDB", url="https://x.example", secret_ref=REF)
    for who, status in (("auditor", 403), ("bob", 403), ("charlie", 404)):
        client.force_login(cast.people[who].user)
        assert client.get(at("sources")).status_code == status
        assert client.get(at("source_new", kind="jira")).status_code == status
        assert client.get(at("source", source_id=source.pk)).status_code == status
        assert client.post(at("source_ask", source_id=source.pk)).status_code == status
    client.force_login(cast.people["caio"].user)
    assert client.get(at("source_new", kind="fax")).status_code == 404
