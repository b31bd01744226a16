"""Frameworks over REST and on the command line."""

import json

import pytest

from pilothouse.domains.governance.frameworks import actions, shipped
from pilothouse.domains.governance.frameworks.models import ControlVersion, EvidenceLink, FrameworkVersion
from pilothouse.domains.governance.frameworks.told import control_section
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.judging import today


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="CV summary", owner_id=cast.people["alice"].pk)


def test_rest_tells_writes_and_maps(cast, rest, system):
    caio = rest("caio")
    assert caio.get("frameworks").json() == []
    assert {one["id"] for one in caio.get("frameworks/shipped").json()} == set(shipped.ORDER)
    assert caio.post("frameworks/gdpr/adopt").status_code == 201
    listed = caio.get("frameworks").json()[0]
    assert (listed["id"], listed["systems"]) == ("gdpr", 1)
    assert listed["now"]["asked"] == listed["now"]["missing"] + listed["now"]["met"] + listed["now"]["stale"]
    detail = caio.get("frameworks/gdpr").json()
    assert detail["requirements"][0]["applies_from"] == "2018-05-25"
    mapped = caio.put("frameworks/gdpr/requirements/G30/controls", {"by": {"SEC-4": "subset"}})
    assert mapped.json()["version"] == 2
    catalog = caio.get("frameworks/gdpr/oscal").json()
    again = caio.post("frameworks", {"oscal": catalog, "id": "gdpr_copy"})
    assert again.status_code == 201
    assert "mapping-collection" in caio.get("frameworks/gdpr/oscal", mapping="true").json()
    assert rest("alice").get("frameworks/nothing").status_code == 404


def test_rest_refuses_with_the_path(rest, system):
    wrong = {"id": "mine", "title": "M", "groups": [{"id": "a", "title": "A", "requirements": [{"id": "x"}]}]}
    answer = rest("caio").post("frameworks", {"document": wrong})
    assert answer.status_code == 422
    assert "groups.0.requirements.0.title" in answer.content.decode()
    assert not FrameworkVersion.objects.exists()
    for who in ("alice", "auditor"):
        assert rest(who).post("frameworks/gdpr/adopt").status_code == 403


def test_rest_settles_and_attaches(cast, rest, system):
    caio = rest("caio")
    assert len(caio.get("controls").json()) == len(shipped.controls())
    assert caio.post("controls", {"id": "OWN-1", "title": "Two look"}).status_code == 201
    assert ControlVersion.objects.get().key == "OWN-1"
    said = {"system": system.number, "cost_low": "10.50", "cost_high": "20", "currency": "EUR", "every": 30}
    settled = caio.put("controls/OWN-1/settings", said).json()
    assert settled["cost_low"] == "10.50"
    evidence = evidence_add(
        actor=cast.actor("caio"), system=system, title="Report", filename="r.txt", data=b"We tried."
    )
    assert rest("alice").post("controls/OWN-1/evidence", {"evidence": str(evidence.pk)}).status_code == 204
    assert EvidenceLink.objects.get().control == "OWN-1"
    found = rest("alice").get(f"systems/{system.number}/controls").json()
    own = next(one for one in found["controls"] if one["id"] == "OWN-1")
    assert own["state"] == "current"
    assert own["shown_by"][0]["hash"] == evidence.sha256
    assert rest("charlie").get(f"systems/{system.number}/controls").status_code == 404


def test_the_section_of_a_pack_is_the_same_each_time(cast, system):
    caio = cast.actor("caio")
    for key in ("eu_ai_act", "nist_ai_rmf"):
        actions.framework_adopt(actor=caio, key=key)
    day = today(clock.now())
    texts = {json.dumps(control_section(caio, system, day)) for _ in range(2)}
    assert len(texts) == 1


def test_the_command_line_goes_out_and_in(cli, cast, system, tmp_path):
    assert cli("frameworks", "adopt", "owasp_llm_2025", "--org", "harbour")[0] == 0
    assert "OWASP" in cli("frameworks", "list", "--org", "harbour")[1]
    assert "LLM01" in cli("frameworks", "show", "owasp_llm_2025", "--org", "harbour")[1]
    code, out, _ = cli("frameworks", "coverage", "--org", "harbour", "--json")
    assert (code, json.loads(out)[0]["id"]) == (1, "owasp_llm_2025")
    assert cli("frameworks", "coverage", "--org", "harbour", "--system", system.number)[0] == 1
    for form in ("yaml", "catalog"):
        path = tmp_path / f"f.{form}"
        cli("frameworks", "export", "owasp_llm_2025", "--org", "harbour", "--as", form, "--out", path)
        code, out, err = cli("frameworks", "import", path, "--org", "harbour")
        assert code == 4, out + err  # nothing would change
    path.write_text(path.read_text().replace("Prompt injection", "Injection of prompts"))
    code, out, err = cli("frameworks", "import", path, "--org", "harbour", "--json")
    assert (code, json.loads(out)["version"]) == (0, 2)


def test_the_command_line_brings_mappings_and_controls(cli, cast, system, tmp_path):
    cli("frameworks", "adopt", "gdpr", "--org", "harbour")
    mapping = tmp_path / "m.json"
    cli("frameworks", "export", "gdpr", "--org", "harbour", "--as", "mapping", "--out", mapping)
    mapping.write_text(mapping.read_text().replace("superset-of", "subset-of"))
    assert cli("frameworks", "import", mapping, "--org", "harbour", "--id", "gdpr")[0] == 0
    controls = tmp_path / "c.yaml"
    cli("frameworks", "export", "controls", "--org", "harbour", "--out", controls)
    controls.write_text(controls.read_text().replace("title: Inventory whole and attested", "title: Inventory whole"))
    code, out, _ = cli("frameworks", "import", controls, "--org", "harbour", "--json")
    assert (code, json.loads(out)["changed"]) == (0, 1)
    assert cli("frameworks", "export", "controls", "--org", "harbour", "--as", "oscal")[0] == 0
    assert cli("frameworks", "judge", "--org", "harbour")[0] == 0


def test_the_command_line_says_what_is_wrong(cli, cast, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: mine\ntitle: [")
    code, _, err = cli("frameworks", "import", bad, "--org", "harbour")
    assert code == 2
    assert "line 2" in err
    assert cli("frameworks", "import", tmp_path / "none.yaml", "--org", "harbour")[0] == 2
    assert cli("frameworks", "export", "gdpr", "--org", "harbour")[0] == 3
    cli("frameworks", "adopt", "gdpr", "--org", "harbour")
    assert cli("frameworks", "export", "gdpr", "--org", "harbour", "--as", "pdf")[0] == 2
    assert cli("frameworks", "export", "controls", "--org", "harbour", "--as", "pdf")[0] == 2
