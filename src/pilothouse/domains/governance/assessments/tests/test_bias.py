"""The bias policy, the page and the command that measure from a file, and the door for other domains."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from typing import get_args

import pytest
import time_machine

from pilothouse.contracts.errors import Forbidden
from pilothouse.domains.governance.assessments.actions import bias_keep
from pilothouse.domains.governance.assessments.bias import report_out, table
from pilothouse.domains.governance.assessments.fairness.counts import Counts
from pilothouse.domains.governance.assessments.fairness.metrics import METRICS
from pilothouse.domains.governance.assessments.fairness.report import measure
from pilothouse.domains.governance.assessments.schemas.bias import MetricId
from pilothouse.domains.governance.assessments.tests.papers import attribute, bias_policy
from pilothouse.domains.governance.public import bias_asked
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.schema import problems
from pilothouse.site.cli import run

KIND = "governance.bias_policy"
ROWS = (
    "sex,invited\n" + "m,yes\n" * 100 + "m,no\n" * 100 + "f,yes\n" * 40 + "f,no\n" * 160 + "x,yes\n" * 3 + ",no\n" * 5
)


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


@pytest.fixture
def policy(cast, system):
    alice = cast.actor("alice")
    return record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=KIND, body=bias_policy()))


def upload(text: str = ROWS, **said):
    file = io.BytesIO(text.encode())
    file.name = "decisions.csv"
    return {"file": file, "group": "sex", "outcome": "invited", "metrics": ["four_fifths"]} | said


def test_every_metric_can_be_chosen():
    assert set(get_args(MetricId)) == set(METRICS)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"lawful_because": None}, "attributes.0.lawful_because"),
        ({"special": "yes"}, "attributes.0.necessary_because"),
        ({"held": "not_held", "lawful_because": None, "special": "yes"}, ""),
    ],
)
def test_whatever_is_held_has_its_reason(changes, path):
    found = problems(registry.records[KIND].schema, bias_policy(attributes=[attribute(**changes)]))
    assert set(found) == ({path} if path else set())


def test_a_metric_without_a_reason_is_not_whole():
    body = bias_policy(measures=[{"metric": "four_fifths", "bar": "0.8"}])
    assert set(problems(registry.records[KIND].schema, body)) == {"measures.0.because"}


def test_other_domains_read_what_is_asked(cast, system, policy, django_assert_num_queries):
    with django_assert_num_queries(1):
        asked = bias_asked(cast.organisation.pk)[system.pk]
    assert (asked.attributes, asked.metrics, asked.cadence) == ((("Sex", ""),), ("four_fifths",), "quarterly")
    assert asked.hash == policy.hash
    assert asked.thresholds.bar(METRICS["four_fifths"]) == Fraction(4, 5)
    assert bias_asked(cast.elsewhere.pk) == {}


def test_the_page(browse, system, policy):
    page = browse("alice")
    url = f"/o/harbour/systems/{system.number}/bias/"
    assert "Measure from a file" in page.get(url).content.decode()
    shown = page.post(url, upload()).content.decode()
    assert "Breach" in shown
    assert "40 of 200" in shown
    assert not Evidence.objects.exists()


@time_machine.travel("2026-11-23 12:00Z", tick=False)
def test_the_result_is_kept_when_asked(browse, system, policy):
    done = browse("alice").post(f"/o/harbour/systems/{system.number}/bias/", upload(keep="on"), follow=True)
    assert "The rows of the file are not" in done.content.decode()
    kept = Evidence.objects.get()
    assert (kept.kind, kept.title) == ("measurement", "Bias by sex, measured 23 November 2026")
    assert kept.figure["value"].startswith("breach: “f” 0.400")
    text = json.dumps(kept.figure)
    assert "m,yes" not in text
    rows = kept.figure["report"]["results"][0]["lines"]
    assert {row["group"]: row["n"] for row in rows} == {"f": 200, "m": 200, "unknown": None, "x": None}


def test_who_may_not_add_evidence_keeps_none(cast, browse, system):
    report = measure([Counts("A", 100, 50), Counts("B", 100, 50)])
    with pytest.raises(Forbidden):
        bias_keep(actor=cast.actor("auditor"), system=system, report=report, data=b"")
    assert "Keep the result" not in browse("auditor").get(f"/o/harbour/systems/{system.number}/bias/").content.decode()
    assert browse("auditor").post(f"/o/harbour/systems/{system.number}/bias/", upload(keep="on")).status_code == 403


def test_what_cannot_be_read_is_said_beside_the_form(browse, system):
    url = f"/o/harbour/systems/{system.number}/bias/"
    for said in (upload(outcome="hired"), upload("sex,invited\nf,perhaps\n"), upload(reference="z"), upload("")):
        answer = browse("alice").post(url, said)
        assert answer.status_code == 422
        assert "Not saved yet" in answer.content.decode()


def test_the_command(tmp_path, capsys):
    file = tmp_path / "decisions.csv"
    file.write_text(ROWS)
    assert run(["bias", "report", str(file), "--group", "sex", "--outcome", "invited"]) == 1
    said = capsys.readouterr().out
    assert "Breach: 403 of 408 people with a known sex." in said
    assert "Withheld" in said
    more = ["--json", "--ratio", "2/5", "--metric", "four_fifths", "--withhold", "0"]
    assert run(["bias", "report", str(file), "--group", "sex", "--outcome", "invited", *more]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [line["group"] for line in told["results"][0]["lines"]] == ["f", "m", "x", "unknown"]
    assert run(["bias", "metrics"]) == 0
    assert "29 CFR 1607.4(D)" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path):
    file = tmp_path / "decisions.csv"
    file.write_text(ROWS)
    assert run(["bias", "report", str(tmp_path / "none.csv"), "--group", "sex", "--outcome", "invited"]) == 3
    assert run(["bias", "report", str(file), "--group", "sex", "--outcome", "invited", "--ratio", "5"]) == 2
    file.write_bytes(b"sex,invited\n\xff\xfe,1\n")
    assert run(["bias", "report", str(file), "--group", "sex", "--outcome", "invited"]) == 2


def test_a_table_and_data_say_the_same():
    report = measure([Counts("A", 400, 200), Counts("B", 300, 120), Counts("C", 3, 1), Counts("D", 2, 1)])
    assert "0.800" in table(report)
    lines = report_out(report)["results"][0]["lines"]
    assert (lines[1]["value"], lines[1]["state"]) == (0.8, "ok")
    assert [line["group"] for line in lines if line["because"] == "Withheld: too few people."] == ["C", "D"]
