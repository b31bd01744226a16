"""The pages, the commands and the API of audit packs, through the front door."""

import io
import json
from pathlib import Path

from django.urls import reverse

from pilothouse.domains.governance.pack import verify_pack
from pilothouse.domains.governance.pack.actions import pack_seal, packs_tick
from pilothouse.domains.governance.pack.models import Pack
from pilothouse.domains.governance.pack.tests.conftest import SECRET
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry


def url(name, *args):
    return reverse(f"governance_pack:{name}", args=("harbour", *args))


def text(response):
    return response.content.decode()


class TestPages:
    def test_gaps_are_shown_before_one_seals(self, browse, system):
        page = text(browse("alice").get(url("system", system.number)))
        assert "What it would lack now" in page
        assert "There is no sealed threat model." in page
        assert "Seal the pack" in page
        assert "Seal the pack" not in text(browse("ciso").get(url("system", system.number)))

    def test_the_button_the_pack_and_its_file(self, browse, system):
        alice = browse("alice")
        answer = alice.post(url("system", system.number), {"profile": "full", "purpose": "Request 7"})
        pack = Pack.objects.get()
        assert answer.url == url("pack", pack.pk)
        page = text(alice.get(answer.url))
        assert "Not complete" in page
        assert "Request 7" in page
        assert "verify_pack.py" in page
        file = alice.post(url("file", pack.pk))
        assert file["Content-Disposition"] == f'attachment; filename="{pack.filename}"'
        assert b"".join(file.streaming_content)[:2] == b"PK"
        assert Entry.objects.filter(action="audit.pack_downloaded", subject_id=pack.pk).count() == 1
        assert "Took" in text(alice.get(url("list")))

    def test_a_moment_to_come_is_refused_beside_its_field(self, browse, system):
        answer = browse("alice").post(url("system", system.number), {"profile": "full", "as_of": "2999-01-01T00:00"})
        assert answer.status_code == 422
        assert "Choose one that has passed." in text(answer)

    def test_a_run_is_left_and_found_again(self, browse, system):
        System.objects.update(tier="high")
        caio = browse("caio")
        assert "Seal all of high risk" in text(caio.get(url("list")))
        answer = caio.post(url("run_new"), {"profile": "full", "purpose": "Review of the year"})
        page = text(caio.get(answer.url))
        assert "0 of 1 are done" in page
        assert "every 3s" in page
        packs_tick(clock.now())
        assert "All are done." in text(caio.get(answer.url, headers={"HX-Request": "true"}))
        assert "Review of the year" in text(caio.get(url("list")))

    def test_nothing_yet(self, browse):
        assert "No packs yet" in text(browse("auditor").get(url("list")))

    def test_the_tab_and_the_domains_page(self, cast, browse, system):
        page = browse("auditor").get(reverse("inventory:detail", args=("harbour", system.number)), {"tab": "packs"})
        assert "What it would lack now" in text(page)
        domain = reverse("domains:domain", args=("harbour", "governance"))
        assert "No pack was sealed yet" in text(browse("auditor").get(domain))
        pack_seal(actor=cast.actor("caio"), system=system)
        assert "The last pack took" in text(browse("auditor").get(domain))

    def test_others(self, cast, browse, system):
        pack = pack_seal(actor=cast.actor("caio"), system=system)
        for place in (url("system", system.number), url("pack", pack.pk), url("list")):
            assert browse("charlie").get(place).status_code == 404
            assert browse("employee").get(place).status_code in (403, 404)
        assert browse("bob").get(url("pack", pack.pk)).status_code == 404
        assert browse("bob").post(url("file", pack.pk)).status_code == 404

    def test_the_list_costs_the_same_for_many(self, cast, browse, system, django_assert_max_num_queries):
        caio = cast.actor("caio")
        for _ in range(3):
            pack_seal(actor=caio, system=system)
        client = browse("auditor")
        client.get(url("list"))
        with django_assert_max_num_queries(25):
            client.get(url("list"))


class TestCommands:
    def test_pack_and_verify(self, cli, system, tmp_path):
        code, out, _ = cli("audit", "pack", "--org", "harbour", "--system", system.ref, "--out", tmp_path, "--json")
        assert code == 0
        row = json.loads(out)[0]
        assert row["state"] == "sealed"
        assert cli("audit", "verify", row["file"])[0] == 0
        spoilt = Path(row["file"])
        spoilt.write_bytes(spoilt.read_bytes().replace(SECRET.encode(), SECRET.upper().encode(), 1))
        code, out, _ = cli("audit", "verify", row["file"])
        assert code == 1
        assert out.startswith("NOT PROVEN.")
        assert json.loads(cli("audit", "list", "--org", "harbour", "--json")[1])[0]["system"] == "S-1"

    def test_all_of_high_risk_with_progress(self, cli, system, tmp_path):
        System.objects.update(tier="high")
        code, _, err = cli(
            "audit", "pack", "--org", "harbour", "--all-high-risk", "--profile", "redacted", "--out", tmp_path
        )
        assert code == 0
        assert "[1/1] S-1 reading" in err
        assert len(list(tmp_path.glob("audit-pack-*-redacted.zip"))) == 1

    def test_gaps(self, cli, system):
        code, out, _ = cli("audit", "gaps", "--org", "harbour", "--system", "1", "--json")
        assert code == 1
        assert any(row["item"] == "7.1" for row in json.loads(out))

    def test_a_bill_of_materials_goes_out_and_in_again(self, cli, cast, system, tmp_path):
        caio = cast.actor("caio")
        model = component_add(actor=caio, kind="model", name="Only here", version="2")
        relation_add(actor=caio, system=system, kind="uses", component=model)
        other = system_create(actor=caio, name="Another")
        file = tmp_path / "bom.cdx.json"
        assert cli("audit", "bill", "--org", "harbour", "--system", system.ref, "--out", file)[0] == 0
        code, out, _ = cli("audit", "bring-bill", file, "--org", "harbour", "--system", other.ref, "--json")
        assert code == 0
        assert "model Only here 2" in json.loads(out)["new"]
        assert other.relations.filter(component=model).exists()
        code, out, err = cli("audit", "bring-bill", tmp_path / "none", "--org", "harbour", "--system", other.ref)
        assert code != 0
        assert "There is no file" in out + err

    def test_what_is_asked_wrongly(self, cli, cast, tmp_path):
        for asked, word in (
            ((), "Choose one"),
            (("--system", "one"), "is no system"),
            (("--all-high-risk",), "no system of high risk"),
        ):
            code, out, err = cli("audit", "pack", "--org", "harbour", "--out", tmp_path, *asked)
            assert code != 0
            assert word in out + err


class TestApi:
    def test_it_works(self, rest, system):
        caio = rest("caio")
        made = caio.post("packs", {"system": system.number, "purpose": "Request 7"})
        assert made.status_code == 200, made.content
        pack = made.json()
        assert pack["state"] == "sealed"
        assert caio.get(f"packs/{pack['id']}").json() == pack
        assert [one["id"] for one in caio.get("packs").json()["items"]] == [pack["id"]]
        gaps = caio.get(f"packs/gaps/{system.number}").json()
        assert gaps["complete"] is False
        file = caio.get(f"packs/{pack['id']}/file")
        data = b"".join(file.streaming_content)
        assert verify_pack.proven(io.BytesIO(data))

    def test_a_run(self, rest, system):
        System.objects.update(tier="high")
        caio = rest("caio")
        run = caio.post("packs/runs", {}).json()
        assert (run["total"], run["sealed"]) == (1, 0)
        packs_tick(clock.now())
        assert caio.get(f"packs/runs/{run['id']}").json()["sealed"] == 1

    def test_those_without_the_right(self, rest, system):
        assert rest("bob").post("packs", {"system": system.number}).status_code == 403
        assert rest("charlie").post("packs", {"system": 1}).status_code == 404
