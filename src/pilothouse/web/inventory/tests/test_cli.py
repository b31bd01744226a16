"""`pilothouse systems`, as a shell calls it."""

import json

import pytest

from pilothouse.kernel.inventory.models import System
from pilothouse.site.cli import run

pytestmark = pytest.mark.django_db


def call(capsys, *arguments):
    code = run(["systems", *arguments])
    return code, capsys.readouterr().out


def test_it_works(cast, capsys, tmp_path):
    code, _ = call(
        capsys, "add", "CV summary", "purpose=Read faster", "owner=alice@harbour.example", "--org", "harbour"
    )
    assert code == 0
    code, out = call(capsys, "set", "S-1", "tags=hr, pilot", "intake:acts_alone=no", "--org", "harbour", "--json")
    assert (code, json.loads(out)["tags"]) == (0, ["hr", "pilot"])
    code, out = call(capsys, "list", "--org", "harbour", "--where", "tag=hr", "--json")
    assert [row["owner"] for row in json.loads(out)] == ["Alice"]
    code, out = call(capsys, "show", "1", "--org", "harbour", "--json")
    assert json.loads(out)["purpose"] == "Read faster"
    for name in ("out.csv", "out.xlsx"):
        code, out = call(capsys, "export", "--org", "harbour", "--to", str(tmp_path / name), "--json")
        assert (code, json.loads(out)["systems"]) == (0, 1)
    assert "CV summary" in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "7", "--org", "harbour"], 3),
        (["show", "x", "--org", "harbour"], 2),
        (["list", "--org", "nowhere"], 3),
        (["list", "--org", "harbour", "--where", "colour=red"], 2),
        (["add", " ", "--org", "harbour"], 2),
        (["add", "A", "impact=huge", "--org", "harbour"], 2),
        (["add", "A", "nonsense", "--org", "harbour"], 2),
        (["export", "--org", "harbour", "--to", "out.pdf"], 2),
    ],
)
def test_what_is_wrong_has_its_exit_code(cast, capsys, arguments, code):
    assert call(capsys, *arguments)[0] == code
    assert not System.objects.exists()
