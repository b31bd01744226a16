import json

import pytest

from pilothouse.kernel.imports.actions import mapping_save
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.tests.files import file_2024, row_2024, table_bytes
from pilothouse.kernel.inventory.models import System
from pilothouse.site.cli import run

TABLE = table_bytes({"System": "Router", "Team": "Ops"})


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def call(capsys, tmp_path, data, *arguments, adapter="us-federal-2024"):
    path = tmp_path / "inventory.csv"
    path.write_bytes(data)
    code = run(["import", adapter, str(path), "--org", "harbour", *arguments])
    return code, capsys.readouterr()


def test_it_works(cast, capsys, tmp_path):
    rows = [row_2024(), row_2024(use_case_name="OCR", impact_type="Both"), row_2024(use_case_name="")]
    code, said = call(capsys, tmp_path, file_2024(*rows), "--json")
    report = json.loads(said.out)
    assert code == 0
    assert {key: report[key] for key in ("rows", "created", "changed", "unchanged", "refused")} == {
        "rows": 3,
        "created": 2,
        "changed": 0,
        "unchanged": 0,
        "refused": 1,
    }
    assert report["stages"] == {"production": 2}
    assert report["impact"] == {"both": 1, "neither": 1}
    assert report["units"] == {"Department of Harbours": 2}
    assert report["refusals"] == [
        {"number": 4, "column": "2_use_case_name", "reason": "The name is blank; a system needs a name."}
    ]


def test_a_dry_run_does_nothing(cast, capsys, tmp_path):
    code, said = call(capsys, tmp_path, file_2024(row_2024()), "--dry-run", "--json")
    assert (code, json.loads(said.out)["created"]) == (0, 1)
    assert not System.objects.exists()
    code, said = call(capsys, tmp_path, file_2024(row_2024()), "--dry-run")
    assert "1 rows: 1 would be created" in said.out


def test_a_table_through_a_kept_mapping(cast, capsys, tmp_path):
    fingerprint = read_table(TABLE).fingerprint
    mapping_save(
        actor=cast.actor("caio"), name="Ours", source="ours", fingerprint=fingerprint, fields={"name": "system"}
    )
    code, said = call(capsys, tmp_path, TABLE, "--mapping", "ours", adapter="table")
    assert (code, System.objects.get().name) == (0, "Router")
    code, said = call(capsys, tmp_path, TABLE, "--mapping", "theirs", adapter="table")
    assert code == 3
    assert "Kept here: ours" in said.err


def test_exit_codes(cast, capsys, tmp_path):
    assert call(capsys, tmp_path, TABLE, adapter="nonsense")[0] == 2
    assert call(capsys, tmp_path, TABLE, adapter="uk-atrs")[0] == 2
    assert call(capsys, tmp_path, TABLE, adapter="table")[0] == 2
    assert run(["import", "uk-atrs", str(tmp_path / "absent.csv"), "--org", "harbour"]) == 3
    (tmp_path / "x.csv").write_bytes(TABLE)
    assert run(["import", "uk-atrs", str(tmp_path / "x.csv"), "--org", "nowhere"]) == 3
