from __future__ import annotations

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from pilothouse import __version__
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound, PilothouseError
from pilothouse.site.cli import _explain
from pilothouse.web.cli import emit, operator
from pilothouse.web.exits import complain, exit_code

pytestmark = pytest.mark.django_db


def test_it_works(cli):
    assert cli("version") == (0, f"{__version__}\n", "")
    assert json.loads(cli("version", "--json")[1]) == {"version": __version__}


def test_every_room_has_help(cli):
    code, out, _ = cli("--help")
    assert code == 0
    assert {"run", "init", "migrate", "check", "work"} <= set(out.split())


def test_usage_is_2(cli):
    code, _, err = cli("work", "nonsense")
    assert code == 2
    assert "nonsense" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound(), 3),
        (Conflict("x"), 4),
        (Forbidden("x"), 1),
        (Invalid("x"), 2),
        (PilothouseError("x", status=410), 1),
    ],
)
def test_exit_codes(error, code):
    assert exit_code(error) == code


def test_not_found_is_3_in_plain_words_and_in_json(cli):
    code, out, err = cli("work", "run", "nothing")
    assert (code, out) == (3, "")
    assert err.startswith("There is no job called nothing.")
    code, out, err = cli("work", "run", "nothing", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (3, "not_found")


def test_an_error_names_its_fields(capsys):
    assert complain(Invalid("Two things are wrong.", fields={"name": "Say what people call it."}), json=False) == 2
    assert capsys.readouterr().err == "Two things are wrong.\n  name: Say what people call it.\n"


def test_the_operator_acts_through_the_cli(cast):
    actor = operator("harbour")
    assert (actor.organisation_id, actor.via, actor.is_system) == (cast.organisation.pk, "cli", True)
    assert actor.name.startswith("CLI (")
    with pytest.raises(NotFound):
        operator("nowhere")


def test_rows_print_as_a_table(capsys):
    emit([{"name": "a", "n": 1}, {"name": "longer", "n": None}], False)
    assert capsys.readouterr().out == "name    n\na       1\nlonger  –\n"


def test_nothing_prints_as_such(capsys):
    emit([], False)
    assert capsys.readouterr().out == "(nothing)\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("no such table: access_user"), "run `pilothouse migrate`"),
        (OperationalError("connection refused\nIs the server running?"), "cannot be used: connection refused."),
        (ImproperlyConfigured("The SECRET_KEY setting must not be empty."), "run `pilothouse init`"),
    ],
)
def test_what_the_operator_can_mend_is_said_plainly(error, words):
    assert words in _explain(error).detail


def test_a_fault_of_ours_is_not_hidden():
    assert _explain(KeyError("x")) is None


def test_checks(cli):
    code, out, _ = cli("check", "--json")
    assert (code, json.loads(out)) == (0, {"findings": []})


def test_work_list_and_run(cli):
    code, out, _ = cli("work", "run", "work_prune", "--json")
    assert (code, json.loads(out)["state"]) == (0, "done")
    rows = json.loads(cli("work", "list", "--json")[1])
    assert {row["name"]: row["state"] for row in rows}["work_prune"] == "done"
