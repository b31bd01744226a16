"""Documents through the front door: pages, REST, commands, and tables in and out."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.tests.test_verify import tamper

KIND = "strategy.value_hypothesis"


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id, outcome="Answers within two days")


@pytest.fixture
def sealed(cast, system):
    alice = cast.actor("alice")
    return record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=KIND, body=hypothesis()))


@pytest.fixture
def url(system):
    return f"/o/harbour/systems/{system.number}/records/{KIND}/"


def typed(**changes):
    """What a browser sends for the hypothesis."""
    body = hypothesis()
    value, cost = body.pop("value"), body.pop("cost")
    flat = {f"value.{key}": text for key, text in value.items()} | {f"cost.{key}": text for key, text in cost.items()}
    said = {key: "\n".join(value) if isinstance(value, list) else str(value) for key, value in (body | flat).items()}
    return said | {"revision": "0"} | changes


def text(response):
    return response.content.decode()


def test_write_save_and_seal(browse, url):
    alice = browse("alice")
    page = alice.get(url + "edit/")
    assert "Answers within two days" in text(page), "what the inventory knows is offered"
    saved = alice.post(url + "edit/", typed(metric=""), follow=True)
    assert "1 answer to go" in text(saved)
    done = alice.post(url + "edit/", typed(revision="1", seal="1"), follow=True)
    assert "Version 1 is sealed" in text(done)
    record = Record.objects.get()
    assert (record.state, record.body["value"]["p90"]) == ("sealed", "90000")
    assert "Hours until the first answer" in text(alice.get(url))


def test_what_people_type_is_understood(browse, url):
    browse("alice").post(
        url + "edit/",
        typed(decision_date="31 March 2027", **{"value.p10": "1,000.50", "value.p50": "2 000", "sample_size": "1'000"}),
    )
    body = Record.objects.get().body
    assert body["decision_date"] == "2027-03-31"
    assert (body["value"]["p10"], body["value"]["p50"], body["sample_size"]) == ("1000.50", "2000", 1000)


def test_sealing_what_is_not_whole_keeps_everything_and_says_where(browse, url):
    page = browse("alice").post(url + "edit/", typed(seal="1", target="about half", outcome="Short"))
    assert page.status_code == 422
    assert "about half" in text(page)
    assert "Write a number, such as 12.5." in text(page)
    assert "Say a little more" in text(page)
    assert Record.objects.get().body["target"] == "about half"


def test_a_range_out_of_order_is_said_beside_it(browse, url):
    page = browse("alice").post(url + "edit/", typed(seal="1", **{"value.p10": "99999999"}))
    assert "P10 must not exceed P50" in text(page)


def test_a_second_writer_is_told_and_nothing_is_lost(browse, url):
    alice = browse("alice")
    alice.post(url + "edit/", typed())
    browse("caio").post(url + "edit/", typed(revision="1", metric="Days until the first answer"))
    page = alice.post(url + "edit/", typed(revision="1", metric="Minutes"))
    assert page.status_code == 409
    assert "Days until the first answer" in text(page)
    assert "Minutes" in text(page)
    assert 'name="revision" value="2"' in text(page)
    alice.post(url + "edit/", typed(revision="2", metric="Minutes"))
    assert Record.objects.get().body["metric"] == "Minutes"


def test_versions_are_compared_and_withdrawn(browse, cast, sealed, url):
    alice = browse("alice")
    alice.post(url + "edit/", typed(target="40", seal="1"))
    newer = Record.objects.get(version=2)
    page = alice.get(f"/o/harbour/records/{newer.pk}/compare/{sealed.pk}/")
    assert "48" in text(page)
    assert "40" in text(page)
    refused = alice.post(f"/o/harbour/records/{newer.pk}/withdraw/", {"reason": ""})
    assert refused.status_code == 422
    done = alice.post(f"/o/harbour/records/{newer.pk}/withdraw/", {"reason": "Stopped"}, follow=True)
    assert "is withdrawn" in text(done)
    assert "Record withdrawn" in text(done), "its history is told"


def test_the_tab_of_a_system(browse, sealed, system):
    page = text(browse("bob").get(f"/o/harbour/systems/{system.number}/", {"tab": "records"}))
    assert "Value hypothesis" in page
    assert "AI threat model" in page
    assert f"records/{KIND}/edit/" not in page, "Bob may not write"


def test_the_overview_and_one_kind(browse, sealed):
    assert "Value hypothesis" in text(browse("caio").get("/o/harbour/records/"))
    page = browse("caio").get(f"/o/harbour/records/kinds/{KIND}/")
    assert "CV summary" in text(page)
    assert "None here" in text(browse("caio").get(f"/o/harbour/records/kinds/{KIND}/?state=draft"))
    assert browse("caio").get("/o/harbour/records/kinds/no.such/").status_code == 404


def test_who_may_not(browse, sealed, url):
    for path in (url, f"/o/harbour/records/{sealed.pk}/", f"/o/harbour/records/kinds/{KIND}/"):
        assert browse("charlie").get(path).status_code == 404
        assert browse("employee").get(path).status_code in (403, 404)
    assert browse("auditor").get(url + "edit/").status_code == 403
    assert browse("bob").get(url + "edit/").status_code == 403
    assert browse("bob").post(f"/o/harbour/records/{sealed.pk}/withdraw/", {"reason": "x"}).status_code == 403
    assert browse("auditor").get(f"/o/harbour/records/kinds/{KIND}/import/").status_code == 403


def test_a_table_goes_out_and_comes_back(browse, cast, sealed):
    caio = browse("caio")
    other = system_create(actor=cast.actor("caio"), name="=cmd|' /C calc'!A0")
    address = f"/o/harbour/records/kinds/{KIND}/"
    out = b"".join(caio.get(address + "export.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    assert rows[0]["cost.p50"] == "12000.50"
    rows += [rows[0] | {"system": other.ref, "metric": ""}, rows[0] | {"system": "S-999"}, rows[0]]
    back = io.StringIO()
    writer = csv.DictWriter(back, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    file = SimpleUploadedFile("back.csv", back.getvalue().encode())
    page = caio.post(address + "import/", {"file": file})
    assert [row.outcome for row in page.context["rows"]] == ["unchanged", "create", "refused", "refused"]
    assert Record.objects.count() == 1, "looking writes nothing"
    done = caio.post(address + "import/", {"text": page.context["text"], "confirm": "1"}, follow=True)
    assert "1 saved as drafts, 2 rows refused." in text(done)
    assert Record.objects.get(system=other).state == "draft"


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"name\nx\n", "no column"), (b"system,nonsense\n1,x\n", "nonsense"), (b"\xff\xfe\x00", "not UTF-8")],
)
def test_a_file_that_is_no_such_table(browse, system, data, words):
    page = browse("caio").post(f"/o/harbour/records/kinds/{KIND}/import/", {"file": SimpleUploadedFile("a.csv", data)})
    assert page.status_code == 422
    assert words in text(page)


def test_rest(rest, system):
    alice = rest("alice")
    assert KIND in {kind["id"] for kind in alice.get("records/kinds").json()}
    draft = alice.post("records", {"kind": KIND, "system": system.number, "body": {"metric": "Hours"}}).json()
    assert draft["missing"]["outcome"] == "Still to be filled in."
    refused = alice.post(f"records/{draft['id']}/seal")
    assert refused.status_code == 422
    assert refused.json()["fields"]["outcome"] == "Still to be filled in."
    again = {"kind": KIND, "system": system.number, "body": hypothesis(), "revision": 1}
    assert alice.post("records", again).json()["revision"] == 2
    assert alice.post("records", again).status_code == 409
    assert alice.post(f"records/{draft['id']}/seal", If_Match='"v1"').status_code == 412
    sealed = alice.post(f"records/{draft['id']}/seal", If_Match='"v2"').json()
    assert (sealed["state"], sealed["version"]) == ("sealed", 1)
    assert alice.get("records", kind=KIND, state="sealed").json()["items"][0]["id"] == draft["id"]
    newer = alice.post("records", again | {"body": hypothesis(target="40"), "revision": 0}).json()
    changes = alice.get(f"records/{newer['id']}/changes", since=sealed["id"]).json()
    assert [(c["title"], c["before"], c["after"]) for c in changes] == [("Target", "48", "40")]
    assert alice.post(f"records/{newer['id']}/withdraw", {"reason": "No"}).json()["state"] == "withdrawn"


def test_rest_refuses(rest, sealed, system):
    body = {"kind": KIND, "system": system.number, "body": {}}
    assert rest("bob").post("records", body).status_code == 403
    assert rest("charlie").post("records", body).status_code == 404
    assert rest("charlie").get(f"records/{sealed.pk}").status_code == 404
    assert rest("employee").get("records").status_code == 403
    assert rest("alice").post("records", body | {"kind": "no.such"}).status_code == 404


def test_the_commands(cli, cast, system, tmp_path):
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"metric": "Hours"}))
    about = ("--org", "harbour", "--kind", KIND, "--system", str(system.number), "--json")
    code, out, _ = cli("records", "draft", str(body), *about)
    assert (code, json.loads(out)["missing"]["outcome"]) == (0, "Still to be filled in.")
    assert cli("records", "seal", *about)[0] == 2
    body.write_text(json.dumps(hypothesis()))
    assert cli("records", "draft", str(body), *about)[0] == 0
    code, out, _ = cli("records", "seal", *about)
    assert (code, json.loads(out)["state"]) == (0, "sealed")
    code, out, _ = cli("records", "show", *about)
    assert json.loads(out)["body"]["metric"] == "Hours until the first answer"
    assert "Metric: Hours until the first answer" in cli("records", "show", *about[:-1])[1]
    code, out, _ = cli("records", "list", "--org", "harbour", "--json")
    assert [row["system"] for row in json.loads(out)] == [system.ref]
    table = tmp_path / "out.csv"
    assert cli("records", "export", "--org", "harbour", "--kind", KIND, "--out", str(table))[0] == 0
    code, out, _ = cli("records", "import", str(table), "--org", "harbour", "--kind", KIND, "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 1)
    assert cli("records", "withdraw", "--reason", "Stopped", *about)[0] == 0
    assert KIND in cli("records", "kinds")[1]


def test_a_tampered_document_is_said_on_its_page_and_by_the_command(browse, cli, sealed):
    assert cli("records", "verify", "--org", "harbour")[0] == 0
    tamper(body=sealed.body | {"target": "1"})
    assert "This is not what was sealed" in text(browse("caio").get(f"/o/harbour/records/{sealed.pk}/"))
    code, out, _ = cli("records", "verify", "--org", "harbour", "--json")
    assert (code, json.loads(out)["problems"][0]["record"]) == (1, str(sealed.pk))


def test_the_commands_refuse(cli, cast, system, tmp_path):
    about = ("--org", "harbour", "--kind", KIND, "--system", str(system.number))
    assert cli("records", "show", *about)[0] == 3
    assert cli("records", "seal", "--org", "harbour", "--kind", "no.such")[0] == 3
    assert cli("records", "draft", str(tmp_path / "absent.json"), *about)[0] == 2


def test_queries_do_not_grow(browse, cast, sealed, django_assert_max_num_queries):
    caio = cast.actor("caio")
    for n in range(10):
        record_draft(actor=caio, system=system_create(actor=caio, name=f"System {n}"), kind=KIND, body={})
    client = browse("caio")
    with django_assert_max_num_queries(25):
        client.get(f"/o/harbour/records/kinds/{KIND}/")
