"""Registers over REST and on the command line."""

import csv
import json

import pytest

from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.tests.toys import CARD, MODEL, PIECE, SKILL, STAGE, card, model, piece, stage

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


class TestRest:
    def test_kinds_say_which_are_registers(self, rest):
        kinds = {kind["id"]: kind for kind in rest("caio").get("records/kinds").json()}
        assert (kinds[MODEL]["many"], kinds[MODEL]["key"], kinds[STAGE]["key"]) == (True, "name", "")
        assert kinds[CARD]["many"] is False
        assert SKILL not in {kind["id"] for kind in rest("alice").get("records/kinds").json()}

    def test_entries_have_keys(self, rest, system):
        alice = rest("alice")
        made = alice.post("records", {"kind": STAGE, "system": system.number, "body": stage()}).json()
        assert (made["key"], made["missing"]) == ("1", {})
        alice.post(f"records/{made['id']}/seal")
        again = {"kind": STAGE, "system": system.number, "key": "1", "body": stage("It was off.")}
        assert alice.post("records", again).json()["version"] == 2
        assert alice.post("records", again | {"key": "9"}).status_code == 404
        found = alice.get("records", kind=STAGE, system=system.number, key="1", state="sealed").json()["items"]
        assert [row["id"] for row in found] == [made["id"]]
        assert rest("caio").post("records", {"kind": MODEL, "body": model("")}).status_code == 422
        assert alice.get("records", kind=SKILL).status_code == 403
        assert alice.get("records", key="a\x00b").status_code == 404
        assert alice.get("records", state="odd").status_code == 422

    def test_bulk(self, rest, system):
        alice = rest("alice")
        rows = [{"system": system.number, "body": piece(name)} for name in ("Reader", "Writer")]
        made = alice.post("records/bulk", {"kind": PIECE, "records": rows}).json()["records"]
        assert [(row["key"], row["state"]) for row in made] == [("Reader", "draft"), ("Writer", "draft")]
        assert alice.post("records/bulk", {"kind": PIECE, "records": rows, "seal": True}).status_code == 409
        stages = [{"system": system.number, "body": stage()}] * 3
        sealed = alice.post("records/bulk", {"kind": STAGE, "records": stages, "seal": True}).json()["records"]
        assert [(row["key"], row["state"]) for row in sealed] == [("1", "sealed"), ("2", "sealed"), ("3", "sealed")]

    def test_bulk_is_all_or_none(self, rest, system):
        rows = [{"system": system.number, "body": stage()}, {"system": system.number, "body": {"told": "Short"}}]
        refused = rest("alice").post("records/bulk", {"kind": STAGE, "records": rows, "seal": True})
        assert refused.status_code == 422
        assert set(refused.json()["fields"]) == {"1.told", "1.when"}
        assert not Record.objects.exists()

    def test_bulk_refuses(self, rest, system):
        rows = [{"system": system.number, "body": stage()}]
        assert rest("bob").post("records/bulk", {"kind": STAGE, "records": rows}).status_code == 403
        assert rest("charlie").post("records/bulk", {"kind": STAGE, "records": rows}).status_code == 404
        assert rest("alice").post("records/bulk", {"kind": STAGE, "records": []}).status_code == 422
        assert rest("alice").post("records/bulk", {"kind": MODEL, "records": [{"body": model()}]}).status_code == 403


class TestCommands:
    ORG = ("--org", "harbour", "--json")

    def test_it_works(self, cli, cast, system, tmp_path):
        body = tmp_path / "body.json"
        body.write_text(json.dumps(model()))
        assert cli("records", "draft", str(body), "--kind", MODEL, *self.ORG)[0] == 0
        one = ("--kind", MODEL, "--key", "Small 3", *self.ORG)
        assert json.loads(cli("records", "seal", *one)[1])["state"] == "sealed"
        assert json.loads(cli("records", "show", *one)[1])["body"]["maker"] == "Kelp Labs"
        assert [row["key"] for row in json.loads(cli("records", "list", *one)[1])] == ["Small 3"]
        assert cli("records", "show", "--kind", MODEL, *self.ORG)[0] == 2, "which entry?"
        assert cli("records", "show", "--kind", MODEL, "--key", "Absent", *self.ORG)[0] == 3
        assert cli("records", "withdraw", "--reason", "Gone", *one)[0] == 0
        kinds = {row["id"]: row for row in json.loads(cli("records", "kinds", "--json")[1])}
        assert (kinds[MODEL]["register"], kinds[MODEL]["about"]) == (True, "organisation")

    def test_out_and_in_again(self, cli, cast, system, tmp_path):
        bodies = [(system, stage()), (system, stage("It was off."))]
        records_seal(actor=cast.actor("caio"), kind=STAGE, bodies=bodies)
        records_seal(actor=cast.actor("caio"), kind=CARD, bodies=[(system, card())])
        table, book = tmp_path / "out.csv", tmp_path / "out.xlsx"
        about = ("--kind", STAGE, *self.ORG)
        assert json.loads(cli("records", "export", "--out", str(table), *about)[1])["rows"] == 2
        assert cli("records", "export", "--system", str(system.number), "--out", str(book), *about)[0] == 0
        assert book.read_bytes()[:2] == b"PK"
        rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
        rows += [rows[0] | {"entry": "", "told": "It came back."}]
        with table.open("w", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        code, out, _ = cli("records", "import", str(table), "--dry-run", "--seal", *about)
        assert (code, json.loads(out)["create"], json.loads(out)["unchanged"]) == (0, 1, 2)
        assert Record.objects.filter(kind=STAGE).count() == 2
        assert cli("records", "import", str(table), "--seal", *about)[0] == 0
        assert Record.objects.get(key="3").state == "sealed"

    def test_sealing_a_file_is_all_or_none(self, cli, cast, tmp_path):
        table = tmp_path / "in.csv"
        table.write_text("name,maker,licence\nSmall 3,Kelp Labs,open\nOdd 1,Kelp Labs,lost\n")
        code, out, _ = cli("records", "import", str(table), "--seal", "--org", "harbour", "--kind", MODEL)
        assert code == 1
        assert "line 3: licence: Choose one of the answers." in out
        assert "Nothing was sealed." in out
        assert not Record.objects.exists()
