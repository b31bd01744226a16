"""The commands about organisations, people and tokens."""

import json

import pytest

from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.access.selectors import token_of_secret
from pilothouse.site.cli import run


@pytest.fixture
def pilothouse(capsys):
    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        return code, capsys.readouterr().out

    return call


def test_it_works(db, pilothouse):
    code, out = pilothouse("org", "create", "quay", "--name", "Quay", "--admin", "kim@quay.example", "--json")
    assert (code, json.loads(out)) == (0, {"slug": "quay", "name": "Quay", "admin": "kim@quay.example"})
    kim = Person.objects.get()
    assert kim.memberships.get().role.key == "caio"
    assert kim.user is not None
    assert "quay" in pilothouse("org", "list")[1]


def test_people_are_added_granted_and_leave(cast, pilothouse):
    pilothouse(
        "person", "add", "Dana", "--email", "dana@harbour.example", "--org", "harbour", "--role", "caio", "--invite"
    )
    out = pilothouse("person", "list", "--q", "dana", "--org", "harbour", "--json")[1]
    assert json.loads(out)[0]["roles"] == "caio"
    assert pilothouse("person", "revoke", "dana@harbour.example", "caio", "--org", "harbour")[0] == 0
    assert pilothouse("person", "grant", "dana@harbour.example", "engineer", "--org", "harbour")[0] == 0
    assert json.loads(pilothouse("person", "leave", "dana@harbour.example", "--org", "harbour", "--json")[1]) == {
        "systems_without_them": 0
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("org", "create", "harbour"), 4),
        (("org", "create", "A b"), 2),
        (("person", "leave", "no@one.example", "--org", "harbour"), 3),
        (("person", "list", "--org", "nowhere"), 3),
        (("person", "grant", "bob@harbour.example", "king", "--org", "harbour"), 3),
        (("person", "add", "X", "--email", "alice@harbour.example", "--org", "harbour"), 4),
        (("token", "issue", "x", "--scope", "everything", "--org", "harbour"), 2),
    ],
)
def test_exit_codes_mean_something(cast, pilothouse, arguments, code):
    assert pilothouse(*arguments)[0] == code


def test_a_token_is_printed_once(cast, pilothouse):
    code, out = pilothouse("token", "issue", "SCIM", "--scope", "people.manage", "--org", "harbour")
    token = token_of_secret(out.strip())
    assert (code, token.organisation, token.is_service) == (0, cast.organisation, True)
    out = pilothouse(
        "token", "issue", "CI", "--scope", "system.view", "--person", "bob@harbour.example", "--org", "harbour"
    )[1]
    assert token_of_secret(out.strip()).person == cast.people["bob"]


def test_people_come_from_a_file(cast, pilothouse, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,email\nDana,dana@harbour.example\n,nameless@harbour.example\n")
    code, out = pilothouse("person", "import", file, "--org", "harbour", "--dry-run", "--json")
    assert (code, json.loads(out)["create"]) == (1, 1)
    assert not Person.objects.filter(name="Dana").exists()
    pilothouse("person", "import", file, "--org", "harbour")
    assert Person.objects.filter(name="Dana").exists()


def test_a_failed_creation_leaves_nothing(db, pilothouse):
    assert pilothouse("org", "create", "quay", "--currency", "euro")[0] == 2
    assert not Organisation.objects.exists()


def test_a_password_is_set_and_never_printed(cast, pilothouse, monkeypatch):
    monkeypatch.setattr("typer.prompt", lambda *args, **kwargs: "an entirely new long password")
    code, out = pilothouse("person", "password", "bob@harbour.example", "--org", "harbour")
    cast.people["bob"].user.refresh_from_db()
    assert code == 0
    assert "entirely" not in out
    assert cast.people["bob"].user.check_password("an entirely new long password")
    monkeypatch.setattr("typer.prompt", lambda *args, **kwargs: "short")
    assert pilothouse("person", "password", "bob@harbour.example", "--org", "harbour")[0] == 2
