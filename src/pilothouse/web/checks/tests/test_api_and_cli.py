"""The same over REST and on the command line."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.site.cli import run

API = "/api/v1/"


@pytest.fixture
def adopted(cast):
    actor = cast.actor("caio")
    rulebook_adopt(actor=actor, base="enterprise")
    for name in ("Search", "Rank"):
        system_create(actor=actor, name=name, purpose="Read faster", owner_id=actor.person_id)
    return actor


@pytest.fixture
def call(client, cast):
    """Call the API as one of the cast, with a token of everything that person may do."""

    @cache
    def bearer(who):
        person = cast.people[who]
        text, prefix, digest = secrets.mint()
        Token.objects.create(
            organisation_id=person.organisation_id,
            person=person,
            name=who,
            prefix=prefix,
            hash=digest,
            scopes=list(PERMISSIONS),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
        return text

    def ask(who, method, path, body=None):
        answer = client.generic(
            method,
            API + path,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {bearer(who)}"},
        )
        return answer.status_code, answer.json() if answer.content else None

    return ask


def body(**edit):
    return SHIPPED["enterprise"].body.model_dump(mode="json") | edit


STRICTER = {"inherited_days": {"low": 180, "medium": 90, "high": 20}}
LOOSER = {"inherited_days": {"low": 180, "medium": 90, "high": 60}}


def test_the_api_works(adopted, call):
    status, checks = call("auditor", "GET", "checks")
    assert status == 200
    owner = next(check for check in checks if check["id"] == "inventory.owner")
    assert owner["tally"]["met"] == 2
    assert call("auditor", "GET", "checks/inventory.owner")[1]["title"] == "An owner"
    findings = call("auditor", "GET", "systems/1/findings")[1]
    assert {"not_met", "met"} <= {finding["status"] for finding in findings}
    today = datetime.now(UTC).date()
    assert len(call("auditor", "GET", f"systems/1/findings/{today}")[1]) == len(findings)
    assert call("auditor", "GET", f"systems/1/findings/{today - timedelta(days=9)}")[1] == []
    report = call("auditor", "GET", "systems/1/gate/production")[1]
    assert report["blocked"]
    assert report["signers"] == [["ciso"], ["caio"]]
    assert len(call("auditor", "GET", "trend?days=7")[1]) == 7


def test_gaps_come_in_pages(adopted, call):
    first = call("auditor", "GET", "gaps?limit=3")[1]
    second = call("auditor", "GET", f"gaps?limit=200&cursor={first['next']}")[1]
    every = call("auditor", "GET", "gaps?limit=200")[1]
    assert [gap["id"] for gap in first["items"] + second["items"]] == [gap["id"] for gap in every["items"]]
    assert call("auditor", "GET", "gaps?unit=nonsense")[0] == 422


def test_a_rulebook_goes_all_its_way_by_api(adopted, call):
    assert call("caio", "POST", "rulebook/impact", {"body": body(**STRICTER)})[1]["difference"]["kind"] == "tightening"
    status, proposed = call(
        "caio", "POST", "rulebook/proposals", {"body": body(**STRICTER), "reason": "A month is long"}
    )
    assert (status, proposed["kind"]) == (200, "tightening")
    status, active = call("caio", "POST", f"rulebook/versions/{proposed['version']}/activate", {})
    assert (status, active["state"]) == (200, "active")
    assert call("auditor", "GET", "rulebook")[1]["version"] == 2
    assert call("auditor", "GET", "rulebook/diff?old=1&new=2")[1]["kind"] == "tightening"
    assert len(call("auditor", "GET", "rulebook/versions")[1]["items"]) == 2


def test_a_loosening_is_refused_by_api(adopted, call):
    proposed = call("caio", "POST", "rulebook/proposals", {"body": body(**LOOSER), "reason": "More time"})[1]
    status, problem = call("caio", "POST", f"rulebook/versions/{proposed['version']}/activate", {})
    assert (status, problem["code"]) == (403, "needs_decision")


def test_intake_by_api(adopted, call):
    answers = dict.fromkeys(("affects_people", "safety", "personal_data", "acts_alone", "outside_people"), "no")
    assert call("caio", "PUT", "systems/1/intake", {"answers": answers})[1]["tier"] == "low"
    assert call("caio", "PUT", "systems/1/intake", {"answers": {"colour": "no"}})[0] == 422
    assert call("auditor", "PUT", "systems/1/intake", {"answers": answers})[0] == 403


@pytest.mark.parametrize(
    "path", ["systems/1/findings", "systems/1/gate/pilot", "rulebook", "rulebook/versions/1", "checks/nothing.here"]
)
def test_the_outsider_finds_nothing(adopted, call, path):
    assert call("charlie", "GET", path)[0] == 404
    assert call("charlie", "GET", "gaps")[1]["items"] == []


def told(capsys, *arguments):
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_command_line_works(adopted, capsys):
    code, done = told(capsys, "checks", "run", "--org", "harbour")
    assert (code, done["systems"], done["changed"]) == (1, 2, 0)
    assert told(capsys, "checks", "list")[1][0]["id"] == "inventory.owner"
    assert told(capsys, "checks", "show", "1", "--org", "harbour")[0] == 0
    code, gaps = told(capsys, "gaps", "--org", "harbour", "--check", "inventory.outcome")
    assert (code, len(gaps)) == (1, 2)
    assert told(capsys, "gaps", "--org", "harbour", "--tier", "low") == (0, [])
    assert len(told(capsys, "checks", "trend", "--org", "harbour", "--days", "3")[1]) == 3


def test_a_rulebook_on_the_command_line(adopted, capsys, tmp_path):
    shown = told(capsys, "rulebook", "show", "--org", "harbour")[1]
    assert shown["version"] == 1
    file = tmp_path / "rulebook.json"
    shown["body"] |= LOOSER
    file.write_text(json.dumps(shown))
    assert told(capsys, "rulebook", "diff", "--file", str(file), "--org", "harbour")[1]["kind"] == "loosening"
    assert told(capsys, "rulebook", "impact", str(file), "--org", "harbour")[0] == 0
    propose = ("rulebook", "propose", str(file), "--org", "harbour", "--reason", "More time", "--activate")
    code, done = told(capsys, *propose)
    assert (code, done["state"], done["kind"]) == (1, "draft", "loosening")
    assert told(capsys, "rulebook", "versions", "--org", "harbour")[1][0]["version"] == 2
    assert told(capsys, "rulebook", "diff", "--new", "2", "--org", "harbour")[1]["kind"] == "loosening"
    run(["rulebook", "show", "--org", "harbour"])
    assert "Production. Before people come to rely on it." in capsys.readouterr().out


def test_a_rulebook_is_adopted_on_the_command_line(cast, capsys):
    System.objects.all().delete()
    assert told(capsys, "rulebook", "show", "--org", "harbour")[0] == 3
    assert told(capsys, "rulebook", "adopt", "us_federal", "--org", "harbour")[0] == 0
    assert told(capsys, "rulebook", "adopt", "us_federal", "--org", "harbour")[0] == 4
    assert told(capsys, "rulebook", "impact", "/nowhere.json", "--org", "harbour")[0] == 2
