"""Pages, REST and the command line: it works, and each refusal says what is wrong beside the field."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from typer.testing import CliRunner

from pilothouse.domains.governance.duties.cli import incidents_app, inquiries_app, inventory_app
from pilothouse.domains.governance.duties.models import Case, Inquiry, SentNotice
from pilothouse.domains.governance.duties.tests.test_cases import FACTS, KEY
from pilothouse.domains.mlops.tests.papers import PAPERS as MLOPS
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.models import Record

AWARE = datetime(2028, 10, 2, 8, 20, tzinfo=UTC)
HOME = "/o/harbour"


@pytest.fixture(autouse=True)
def _told(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.telling(AWARE + timedelta(hours=5)):
        yield


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="Crane planner", owner_id=cast.people["alice"].pk)


def typed(**said):
    return {
        "title": "A bag fell", "system": "S-1", "aware_at": "2028-10-02 08:20", "member_states": "NL",
        "q_provider": "yes", "q_death": "yes",
    } | said  # fmt: skip


def start(browse, **said):
    return browse("risk").post(f"{HOME}/incident-clocks/new/", typed(**said))


def test_an_empty_page_says_what_belongs_here(browse, cast):
    for path in ("incident-clocks", "inquiries", "inventories", "inventories/?form=atrs"):
        answer = browse("risk").get(f"{HOME}/{path}{'' if '?' in path else '/'}")
        assert answer.status_code == 200
        assert "empty" in answer.content.decode()
    assert "not legal advice" in browse("risk").get(f"{HOME}/incident-clocks/law/").content.decode()


def test_from_the_first_call_to_the_last_notice(browse, system):
    answer = start(browse)
    assert answer["Location"] == f"{HOME}/incident-clocks/1/"
    page = browse("risk").get(f"{HOME}/incident-clocks/1/").content.decode()
    for words in ("Report of a death", "Art. 73(4)", "12 Oct 2028", "May apply", "not legal advice", "course"):
        assert words in page
    assert "A bag fell" in browse("auditor").get(f"{HOME}/incident-clocks/").content.decode()
    answer = browse("risk").post(f"{HOME}/incident-clocks/1/draft/", {"clock": KEY})
    draft = Record.objects.get(kind="governance.notice")
    assert answer["Location"] == f"{HOME}/records/{draft.pk}/edit/"
    assert browse("risk").get(answer["Location"]).status_code == 200
    assert browse("risk").get(f"{HOME}/incident-clocks/1/sent/?clock={KEY}").status_code == 200
    bad = browse("risk").post(f"{HOME}/incident-clocks/1/sent/", {"clocks": [KEY], "kind": "initial", "to": ""})
    assert bad.status_code == 422
    said = {"clocks": [KEY], "kind": "initial", "to": "The authority", "receipt": "NL-9", "sent_at": "2028-10-02 10:00"}
    assert browse("risk").post(f"{HOME}/incident-clocks/1/sent/", said).status_code == 302
    assert "NL-9" in browse("risk").get(f"{HOME}/incident-clocks/1/").content.decode()
    sent = SentNotice.objects.get()
    browse("risk").post(f"{HOME}/incident-clocks/1/sent/{sent.pk}/void/", {"reason": "Another one"})
    sent.refresh_from_db()
    assert sent.void_because == "Another one"
    browse("risk").post(f"{HOME}/incident-clocks/1/end/", {"reason": ""})
    assert Case.objects.get().closed_at is None
    browse("risk").post(f"{HOME}/incident-clocks/1/end/", {"reason": "Done"})
    assert "as they stood then" in browse("risk").get(f"{HOME}/incident-clocks/1/").content.decode()
    browse("risk").post(f"{HOME}/incident-clocks/1/end/", {"reason": "Not done"})
    assert Case.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"aware_at": "soon"}, "Write a date and a time"),
        ({"aware_at": "2028-10-02"}, "Say the time as well"),
        ({"aware_at": "2029-10-02 10:00"}, "still to come"),
        ({"aware_at": ""}, "required"),
        ({"occurred_at": "2028-10-02 09:00"}, "cannot have happened after"),
        ({"member_states": "XX"}, "no Member State"),
        ({"system": "S-99"}, "There is no such system"),
        ({"system": "crane"}, "system&#x27;s number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(browse, system, said, words):
    answer = start(browse, **said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "A bag fell" in page
    assert not Case.objects.exists()


def test_times_are_those_of_the_organisation(browse, cast, system):
    cast.organisation.time_zone = "Europe/Amsterdam"
    cast.organisation.save()
    start(browse, aware_at="2028-10-02 10:20")
    assert Case.objects.get().facts["aware_at"] == "2028-10-02T10:20:00+02:00"


def test_corrected_facts(browse, system):
    start(browse)
    form = browse("risk").get(f"{HOME}/incident-clocks/1/facts/").content.decode()
    assert "2028-10-02 08:20" in form
    same = typed(version="1", q_death="no", q_health_harm="yes")
    assert browse("risk").post(f"{HOME}/incident-clocks/1/facts/", same).status_code == 302
    assert browse("risk").post(f"{HOME}/incident-clocks/1/facts/", same | {"q_death": "yes"}).status_code == 422
    assert Case.objects.get().facts["answers"]["health_harm"] == "yes"


def test_a_recorded_incident_is_offered_and_taken_over(browse, cast, system):
    caio = cast.actor("caio")
    body = MLOPS["mlops.incident"] | {"runbook": None}
    source = record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind="mlops.incident", body=body))
    assert f"incident={source.pk}" in browse("risk").get(f"{HOME}/incident-clocks/").content.decode()
    form = browse("risk").get(f"{HOME}/incident-clocks/new/?incident={source.pk}").content.decode()
    assert "Two ships on one berth" in form
    assert "2026-10-05 18:00" in form
    where = f"{HOME}/incident-clocks/new/?incident={source.pk}"
    assert browse("risk").post(where, typed()).status_code == 302
    assert Case.objects.get().source_id == source.pk


def test_the_law_and_an_edition_of_ones_own(browse, cast):
    page = browse("risk").get(f"{HOME}/incident-clocks/law/").content.decode()
    assert "Regulation (EEC, Euratom) 1182/71" in page
    answer = browse("risk").post(f"{HOME}/incident-clocks/law/own/")
    assert answer.status_code == 302
    assert browse("risk").get(answer["Location"]).status_code == 200


def test_an_auditor_reads_and_changes_nothing(browse, system):
    start(browse)
    assert browse("auditor").get(f"{HOME}/incident-clocks/1/").status_code == 200
    for path in ("new/", "1/facts/", "1/sent/"):
        assert browse("auditor").get(f"{HOME}/incident-clocks/{path}").status_code == 403
    assert browse("bob").get(f"{HOME}/incident-clocks/1/").status_code == 404
    assert browse("alice").get(f"{HOME}/incident-clocks/1/").status_code == 200


def test_a_request_from_opening_to_its_answer(browse, system):
    risk = browse("risk")
    said = {"title": "Records", "authority": "The authority", "systems": "S-1", "items": "Logs\nTests", "hours": ""}
    assert risk.post(f"{HOME}/inquiries/new/", said | {"systems": "crane"}).status_code == 422
    assert risk.post(f"{HOME}/inquiries/new/", said | {"systems": "S-9"}).status_code == 422
    assert risk.post(f"{HOME}/inquiries/new/", said)["Location"] == f"{HOME}/inquiries/1/"
    page = risk.get(f"{HOME}/inquiries/").content.decode()
    assert "our own promise" in page
    assert risk.post(f"{HOME}/inquiries/1/letters/", {"way": "in"}).status_code == 422
    file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 their letter")
    assert risk.post(f"{HOME}/inquiries/1/letters/", {"way": "in", "file": file}).status_code == 302
    letter = Inquiry.objects.get().letters.get()
    answer = risk.get(f"{HOME}/inquiries/1/letters/{letter.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    risk.post(f"{HOME}/inquiries/1/review/", {"gaps": "2"})
    assert Inquiry.objects.get().reviewed_at is None
    assert risk.post(f"{HOME}/inquiries/1/pack/", {"pack_title": "Pack", "sha256": "zz"}).status_code == 422
    assert risk.post(f"{HOME}/inquiries/1/pack/", {"pack_title": "Pack", "sha256": "ab" * 32}).status_code == 302
    risk.post(f"{HOME}/inquiries/1/review/", {"gaps": "2"})
    risk.post(f"{HOME}/inquiries/1/end/", {"outcome": "Sent", "answered": "yes"})
    assert Inquiry.objects.get().state == "answered"
    assert "Sent" in browse("auditor").get(f"{HOME}/inquiries/1/").content.decode()
    assert browse("alice").get(f"{HOME}/inquiries/").status_code == 403


def test_panels_of_the_domain_and_of_the_system(browse, system):
    start(browse)
    browse("risk").post(f"{HOME}/inquiries/new/", {"title": "Drill of autumn", "drill": "on"})
    page = browse("risk").get(f"{HOME}/domains/governance/").content.decode()
    assert "A bag fell" in page
    assert "Drill of autumn" in page
    assert "clock of an incident runs" in browse("risk").get(f"{HOME}/systems/1/").content.decode()


@pytest.fixture
def lately():
    """A token lives by the day it is, so here it is today."""
    today = datetime.now(UTC)
    with clock.telling(today):
        yield today - timedelta(hours=2)


def test_rest(rest, system, lately):
    risk, facts = rest("risk"), FACTS | {"aware_at": lately.isoformat(), "occurred_at": lately.isoformat()}
    made = risk.post("incident-clocks", {"system": 1, "title": "Fall", "facts": facts})
    assert made.status_code == 201
    keys = {one["key"] for one in made.json()["clocks"] if one["sure"]}
    assert KEY in keys
    assert risk.post("incident-clocks", {"system": 1, "title": "Fall", "facts": {}}).status_code == 422
    assert [row["number"] for row in risk.get("incident-clocks").json()] == [1]
    assert risk.get("incident-clocks/law").json()["edition"] == "pilothouse"
    changed = facts | {"place": "Basin 4"}
    assert risk.put("incident-clocks/1/facts", {"facts": changed, "version": 1}).json()["version"] == 2
    draft = risk.post("incident-clocks/1/draft", {"clock": KEY})
    assert draft.json()["body"]["where"] == "NL; Basin 4"
    sent = risk.post("incident-clocks/1/sent", {"clocks": [KEY], "to": "It", "sent_at": lately.isoformat()})
    assert sent.status_code == 201
    sent_id = sent.json()["sent"][0]["id"]
    assert risk.post(f"incident-clocks/1/sent/{sent_id}/void", {"reason": "Wrong"}).json()["sent"] == []
    assert risk.post("incident-clocks/1/close", {"reason": "Done"}).json()["state"] == "closed"
    assert risk.post("incident-clocks/1/reopen", {"reason": "Not done"}).json()["state"] == "open"
    assert rest("auditor").post("incident-clocks/1/close", {"reason": "Done"}).status_code == 403
    assert rest("charlie").get("incident-clocks/1").status_code == 404


def test_rest_of_requests(rest, system, lately):
    risk = rest("risk")
    made = risk.post("inquiries", {"title": "Records", "authority": "It", "numbers": [1]})
    assert made.json()["systems"] == [1]
    pack = {"title": "Pack", "sha256": "ab" * 32, "sealed_at": lately.isoformat()}
    assert risk.post("inquiries/1/packs", pack).json()["packs"][0]["title"] == "Pack"
    assert risk.post("inquiries/1/review", {"gaps": 3}).json()["gaps"] == 3
    assert risk.post("inquiries/1/close", {"outcome": "Sent"}).json()["state"] == "answered"
    assert risk.get("inquiries").json()[0]["state"] == "answered"
    assert risk.get("inquiries/1").json()["letters"] == []
    assert rest("alice").get("inquiries").status_code == 403


def test_the_command_line(cast, system, tmp_path):
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(FACTS))
    run = CliRunner().invoke
    here = ["--org", "harbour"]
    told = run(incidents_app, ["clocks", "--facts", str(facts), *here, "--json"])
    assert told.exit_code == 0
    assert any(row["key"] == KEY for row in json.loads(told.stdout))
    assert "not legal advice" in run(incidents_app, ["clocks", "--facts", str(facts), *here]).stdout
    assert not Case.objects.exists()
    assert run(incidents_app, ["open", "S-1", "Fall", "--facts", str(facts), *here]).exit_code == 0
    assert run(incidents_app, ["clocks", "1", *here, "--json"]).exit_code == 0
    assert run(incidents_app, ["sent", "1", "--clock", KEY, "--to", "It", *here]).exit_code == 0
    assert json.loads(run(incidents_app, ["list", *here, "--json"]).stdout)[0]["stopped"] == 1
    assert "aware" not in run(incidents_app, ["questions", *here]).stdout
    with clock.telling(AWARE + timedelta(days=40)):
        assert run(incidents_app, ["clocks", "1", *here, "--json"]).exit_code == 1
    assert run(incidents_app, ["clocks", *here]).exit_code != 0
    assert run(inquiries_app, ["open", "Drill", "--drill", "--system", "1", *here]).exit_code == 0
    assert json.loads(run(inquiries_app, ["list", *here, "--json"]).stdout)[0]["drill"] is True
    assert run(inquiries_app, ["show", "1", *here]).exit_code == 0
    assert run(inquiries_app, ["close", "1", "--outcome", "Over", "--unanswered", *here]).exit_code == 0
    out = tmp_path / "omb.csv"
    assert run(inventory_app, ["export-omb", "--to", str(out), *here]).exit_code == 0
    assert (tmp_path / "omb.missing.csv").exists()
    for ending in ("json", "md", "csv"):
        assert run(inventory_app, ["export-atrs", "--to", str(tmp_path / f"a.{ending}"), *here]).exit_code == 0
    assert run(inventory_app, ["export-atrs", "--to", str(tmp_path / "a.exe"), *here]).exit_code != 0


def test_lists_take_a_constant_number_of_queries(browse, system, django_assert_max_num_queries):
    for number in range(5):
        start(browse, title=f"Fall {number}")
        browse("risk").post(f"{HOME}/inquiries/new/", {"title": f"Drill {number}", "drill": "on", "systems": "S-1"})
    client = browse("risk")
    for path, most in (("incident-clocks", 32), ("inquiries", 28), ("inventories", 30)):
        client.get(f"{HOME}/{path}/")
        with django_assert_max_num_queries(most):
            client.get(f"{HOME}/{path}/")
