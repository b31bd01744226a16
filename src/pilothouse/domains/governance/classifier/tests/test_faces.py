"""The classifier on the command line and over REST."""

from __future__ import annotations

import json
from datetime import timedelta

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.domains.governance.classifier import public
from pilothouse.domains.governance.classifier.examples import examples
from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token

FACTS = next(one.facts for one in examples() if one.id == "iii_4_a")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(FACTS))
    return path


def test_it_works_on_the_command_line(cli, file):
    code, out, _ = cli("classify", file, "--json")
    assert code == 0
    assert json.loads(out)["risk_class"] == "high"
    assert out.rstrip("\n").encode() == public.classify(FACTS).json()
    code, out, _ = cli("classify", file)
    assert code == 0
    assert "Risk class: High risk\n" in out
    assert "Annex III, point 4(a)" in out
    assert "secondary_x2+" in out


def test_the_day_tells_what_is_in_force(cli, file):
    _, out, _ = cli("classify", file, "--json", "--on", "2027-12-02")
    duties = {duty["id"]: duty["in_force"] for duty in json.loads(out)["duties"]}
    assert duties["tell_workers"] is True
    _, out, _ = cli("classify", file, "--json", "--on", "2027-12-01")
    assert {duty["id"]: duty["in_force"] for duty in json.loads(out)["duties"]}["tell_workers"] is False


def test_it_reads_standard_input(cli, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"ai_system": "no"})))
    code, out, _ = cli("classify", "-")
    assert code == 0
    assert "Risk class: Out of scope" in out


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ('{"profilling": "yes"}', "profilling: no question has this id"),
        ('{"profiling": "perhaps"}', "profiling: yes, no or unknown"),
        ('{"areas": ["work"]}', "areas: a list of biometrics"),
        ('{"first_placed": "soon"}', "first_placed: a day such as"),
        ('{"parts": [{"ranks": 3}]}', "parts[0].ranks: yes, no or unknown"),
        ('{"parts": 3}', "parts: a list of objects"),
        ("[]", "Facts are an object"),
        ("{", "is no JSON"),
    ],
)
def test_bad_facts_are_refused_by_name(cli, tmp_path, facts, told):
    path = tmp_path / "facts.json"
    path.write_text(facts)
    code, _, err = cli("classify", path)
    assert code == 2
    assert told in err


def test_other_refusals(cli, file):
    assert cli("classify")[0] == 2
    assert cli("classify", file, "--on", "soon")[0] == 2
    code, _, err = cli("classify", "there-is-no-such-file.json")
    assert code == 2
    assert "cannot be read" in err


def test_the_questionnaire_is_a_schema_that_the_examples_fit(cli):
    code, out, _ = cli("classify", "--questions")
    schema = json.loads(out)
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for example in examples():
        validator.validate(json.loads(json.dumps(example.facts)))
    for name, asked in schema["properties"].items():
        if name == "parts":
            continue
        assert asked["title"].endswith("?"), name
        assert {"const": "unknown", "title": "I don't know"} in asked["oneOf"], name
        validator.validate({name: "unknown"})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"profiling": "perhaps"})


def test_the_examples_are_listed(cli):
    code, out, _ = cli("classify", "--examples", "--json")
    assert code == 0
    assert len(json.loads(out)) == len(examples())


@pytest.fixture
def client(cast):
    text, prefix, digest = secrets.mint()
    person = cast.people["auditor"]
    Token.objects.create(
        organisation=person.organisation,
        person=person,
        name="t",
        prefix=prefix,
        hash=digest,
        scopes=["system.view"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})


def post(client, body):
    return client.post("/api/v1/classifier/classify", json.dumps(body), content_type="application/json")


def test_it_works_over_rest(client):
    answer = post(client, {"facts": FACTS, "on": "2028-01-01"})
    assert answer.status_code == 200, answer.content
    assert answer.json() == json.loads(json.dumps(public.classify(FACTS, on=_day("2028-01-01")).data()))
    assert client.get("/api/v1/classifier/questions").json()["properties"]["profiling"]


def test_rest_refuses(client, cast):
    refused = post(client, {"facts": {"areas": ["work"]}})
    assert refused.status_code == 422
    assert "areas" in refused.json()["fields"]
    assert post(Client(), {"facts": {}}).status_code == 401
    assert post(client, {"facts": []}).status_code == 422


def _day(text):
    from datetime import date

    return date.fromisoformat(text)
