"""The ledger's pages, API and commands, through the front door."""

import csv
import io
import json

import pytest

from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.ledger.actions import checkpoint_make
from pilothouse.kernel.ledger.models import Entry

LEDGER = "/o/harbour/ledger/"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path / "home"
    settings.WITNESS = ""


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    system = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    return system_change(actor=alice, system=system, changes={"purpose": "=HYPERLINK(1)"})


@pytest.fixture
def signed(cast, system):
    return checkpoint_make(actor=cast.actor("caio"))


def text(response):
    return response.content.decode()


def test_the_list_tells_what_happened_and_that_there_is_no_witness(browse, system):
    page = browse("auditor").get(LEDGER)
    assert page.status_code == 200
    assert "System changed" in text(page)
    assert "Alice" in text(page)
    assert "could rewrite the whole log" in text(page)


def test_the_filters_narrow_and_stay_in_the_url(cast, browse, system):
    auditor = browse("auditor")
    only = auditor.get(LEDGER, {"action": "system.created"})
    assert [told.action for told, _ in only.context["rows"]] == ["system.created"]
    assert auditor.get(LEDGER, {"person": cast.people["alice"].pk}).context["page"].paginator.count == 2
    assert auditor.get(LEDGER, {"person": cast.people["bob"].pk}).context["page"].paginator.count == 0
    assert auditor.get(LEDGER, {"until": "2001-01-01"}).context["page"].paginator.count == 0
    assert "Enter a valid date" in text(auditor.get(LEDGER, {"since": "someday"}))


def test_the_empty_ledger_says_what_belongs_there(browse):
    assert "first thing anyone does here" in text(browse("auditor").get(LEDGER))


def test_the_export_neutralises_formulas(browse, system):
    page = browse("auditor").get(LEDGER + "export.csv", {"action": "system.changed"})
    rows = list(csv.DictReader(io.StringIO(b"".join(page.streaming_content).decode().lstrip("\ufeff"))))
    assert [row["action"] for row in rows] == ["system.changed"]
    assert "HYPERLINK" in rows[0]["changes"]
    assert not any(cell.startswith(("=", "+", "@")) for cell in rows[0].values())


def test_an_entry_and_its_proof(browse, signed):
    entry = Entry.objects.get(seq=1)
    page = browse("auditor").get(f"{LEDGER}{entry.pk}/")
    assert "Download the proof" in text(page)
    proof = browse("auditor").get(f"{LEDGER}{entry.pk}/proof.json")
    assert proof["Content-Disposition"] == 'attachment; filename="proof-1.json"'
    assert proof.json()["format"] == "pilothouse-proof-1"


def test_an_unsigned_entry_has_no_proof_yet(browse, system):
    entry = Entry.objects.get(seq=0)
    page = browse("auditor").get(f"{LEDGER}{entry.pk}/proof.json", follow=True)
    assert "No signed checkpoint covers this entry yet" in text(page)


def test_erasing_asks_for_a_reason_and_says_when(browse, system):
    entry = Entry.objects.get(seq=1)
    legal = browse("legal")
    refused = legal.post(f"{LEDGER}{entry.pk}/erase/", {"reason": ""})
    assert refused.status_code == 422
    done = legal.post(f"{LEDGER}{entry.pk}/erase/", {"reason": "Article 17"}, follow=True)
    assert "Its content was erased on" in text(done)
    assert "HYPERLINK" not in text(done)
    assert browse("auditor").post(f"{LEDGER}{entry.pk}/erase/", {"reason": "x"}).status_code == 403


def test_checkpoints_are_signed_and_listed(browse, system):
    page = browse("auditor").post(LEDGER + "checkpoints/sign/", follow=True)
    assert "Signed: 2 entries." in text(page)
    assert "Not handed over" in text(page)
    assert "pilothouse/" in text(page)
    program = browse("auditor").get(LEDGER + "offline_verifier.py")
    assert b"Verify a ledger proof without Pilothouse" in program.content


def test_verifying_from_the_page(browse, signed):
    page = browse("auditor").post(LEDGER + "verify/")
    assert "Nothing is wrong" in text(page)
    kept = io.BytesIO(signed.note.replace("\n2\n", "\n3\n").encode())
    page = browse("auditor").post(LEDGER + "verify/", {"witness": kept})
    assert "not signed by a key we trust" in text(page)


def test_who_may_not_see_the_ledger(browse, system):
    entry = Entry.objects.get(seq=0)
    for path in ("", f"{entry.pk}/", f"{entry.pk}/proof.json", "checkpoints/", "verify/", "export.csv"):
        assert browse("bob").get(LEDGER + path).status_code == 403
        assert browse("charlie").get(LEDGER + path).status_code == 404


def test_another_organisations_entry_is_not_there(browse, system):
    entry = Entry.objects.get(seq=0)
    assert browse("charlie").get(f"/o/elsewhere/ledger/{entry.pk}/").status_code == 404


def test_the_history_tab(browse, system):
    page = browse("bob").get(f"/o/harbour/systems/{system.number}/", {"tab": "history"})
    assert "System created" in text(page)
    assert "/ledger/" not in text(page).split('id="tabs"')[-1]


def test_queries_of_the_list_do_not_grow(cast, browse, system, django_assert_max_num_queries):
    for n in range(20):
        system_change(actor=cast.actor("alice"), system=system, changes={"purpose": f"Purpose {n}"})
    auditor = browse("auditor")
    with django_assert_max_num_queries(25):
        auditor.get(LEDGER)


def test_rest_lists_pages_and_proves(rest, signed):
    auditor = rest("auditor")
    first = auditor.get("ledger/entries", limit=1).json()
    assert [entry["seq"] for entry in first["items"]] == [1]
    assert first["items"][0]["content"]["actor"]["name"] == "Alice"
    second = auditor.get("ledger/entries", limit=1, cursor=first["next"]).json()
    assert [entry["seq"] for entry in second["items"]] == [0]
    entry = second["items"][0]["id"]
    assert auditor.get(f"ledger/entries/{entry}/proof").json()["format"] == "pilothouse-proof-1"
    assert auditor.get(f"ledger/entries/{entry}").json()["seq"] == 0
    assert auditor.get("ledger/checkpoints").json()["items"][0]["size"] == 2
    assert auditor.get("ledger/verification").json()["ok"]


def test_rest_signs_and_erases(rest, system):
    legal = rest("legal")
    entry = Entry.objects.get(seq=1)
    assert legal.get(f"ledger/entries/{entry.pk}/proof").status_code == 409
    assert legal.post("ledger/checkpoints").json()["size"] == 2
    erasure = legal.post(f"ledger/entries/{entry.pk}/erase", {"reason": "Article 17"})
    assert erasure.json()["action"] == "ledger.entry_erased"
    assert legal.get(f"ledger/entries/{entry.pk}").json()["content"] is None


def test_rest_refuses(rest, signed):
    entry = Entry.objects.get(seq=0)
    for path in ("ledger/entries", "ledger/checkpoints", "ledger/verification"):
        assert rest("bob").get(path).status_code == 403
    assert rest("bob").get(f"ledger/entries/{entry.pk}").status_code == 404
    assert rest("charlie").get(f"ledger/entries/{entry.pk}/proof").status_code == 404
    assert rest("auditor").post(f"ledger/entries/{entry.pk}/erase", {"reason": "x"}).status_code == 403


def test_the_commands(cli, system, tmp_path):
    code, out, _ = cli("ledger", "verify", "--org", "harbour", "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["size"]) == (0, True, 2)
    code, out, _ = cli("ledger", "prove", "1", "--org", "harbour", "--out", tmp_path / "p.json", "--json")
    assert (code, json.loads(out)["entry"]) == (0, 1)
    code, out, _ = cli("ledger", "checkpoint", "--org", "harbour", "--json")
    assert (code, json.loads(out)["size"]) == (0, 2)
    note = tmp_path / "kept.txt"
    note.write_text(json.loads(out)["note"])
    code, out, _ = cli("ledger", "verify", "--org", "harbour", "--witness", note, "--json")
    assert (code, json.loads(out)["witnessed"]) == (0, 1)
    code, out, _ = cli("ledger", "erase", "1", "--org", "harbour", "--reason", "Article 17", "--json")
    assert (code, json.loads(out)["by"]) == (0, 2)
    code, out, _ = cli("ledger", "verify", "--org", "harbour")
    assert "Entry 1 was erased on" in out
    assert "No witness is set" in out
    code, out, _ = cli("ledger", "list", "--org", "harbour", "--json")
    assert [row["seq"] for row in json.loads(out)] == [2, 1, 0]
    code, out, _ = cli("ledger", "history", str(system.number), "--org", "harbour", "--json")
    assert len(json.loads(out)) == 3


def test_the_commands_refuse(cli, cast, tmp_path):
    assert cli("ledger", "verify", "--org", "nowhere")[0] == 3
    assert cli("ledger", "prove", "99", "--org", "harbour")[0] == 3
    assert cli("ledger", "prove", "not-an-id", "--org", "harbour")[0] == 3
    assert cli("ledger", "checkpoint", "--org", "harbour")[0] == 4
    assert cli("ledger", "verify", "--org", "harbour", "--witness", tmp_path / "absent")[0] == 2


def test_verify_exits_with_1_when_the_witness_disagrees(cli, cast, signed, tmp_path):
    note = tmp_path / "kept.txt"
    note.write_text(signed.note.replace("\n2\n", "\n9\n"))
    code, out, _ = cli("ledger", "verify", "--org", "harbour", "--witness", note)
    assert code == 1
    assert "WRONG" in out


def test_a_witness_that_does_not_take_it_is_said(cli, browse, system, settings):
    settings.WITNESS = "file:///nowhere/at/all/witness.txt"
    code, out, _ = cli("ledger", "checkpoint", "--org", "harbour")
    assert code == 1
    assert "Not witnessed" in out
    page = browse("auditor").get(LEDGER + "checkpoints/")
    assert "Not taken" in text(page)
