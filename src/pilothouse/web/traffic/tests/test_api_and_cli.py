"""Traffic over REST and on the command line."""

from __future__ import annotations

import gzip
import json

import pytest
from django.utils import timezone

from pilothouse.contracts.policy.events import encode
from pilothouse.kernel.policy.models import Budget
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.tests.conftest import feedback, refusal, settlement
from pilothouse.kernel.traffic.tests.test_reading_logs import LITELLM, USAGE, as_protobuf, export, span
from pilothouse.site.cli import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(alpha, beta, told):
    told(settlement, alpha, cost=1_500_000, call="c1", findings={"email": 2})
    told(settlement, beta, cost=500_000)
    told(refusal, alpha, call="c2")
    told(feedback, alpha, call="c1", id="c1/f")
    return alpha


def test_it_works_over_rest(rest, busy):
    caio = rest("caio")
    said = caio.get("traffic/usage", period="7d").json()
    assert (said["totals"]["cost"], said["currency"]) == ("2", "EUR")
    assert [line["name"] for line in said["lines"]] == ["S-1 Claims helper", "S-2 Translator"]
    assert len(said["days"]) == 7
    calls = caio.get("traffic/calls", system=str(busy.pk), size=1).json()
    assert (calls["items"][0]["cost"], calls["more"]) == ("1.5", False)
    one = caio.get("traffic/calls/c1").json()
    assert (one["findings"], one["feedback"][0]["rating"]) == ({"email": 2}, 800)
    refused = caio.get("traffic/refusals").json()
    assert (refused["total"], refused["codes"], refused["items"][0]["call"]) == (1, {"budget_exhausted": 1}, "c2")
    assert caio.get("traffic/findings", by="unit").json()[0]["found"] == 2
    assert caio.get("traffic/upstreams").json()[0]["calls"] == 2
    assert caio.get("traffic/live").json()["calls"] == 2
    assert caio.get("traffic/retention").json() == {"days": 400}


def test_budgets_over_rest(rest, cast, busy):
    Budget.objects.create(organisation=cast.organisation, name="Whole", scope="organisation", window="month", cap=4)
    [burn] = rest("cfo").get("traffic/budgets").json()
    assert (burn["spent"], burn["window"]) == ("2", "month")


def test_each_refusal_over_rest(rest, busy):
    caio = rest("caio")
    assert caio.get("traffic/usage", by="colour").status_code == 422
    assert caio.get("traffic/usage", since="2026-02-02", until="2026-01-01").status_code == 422
    assert caio.get("traffic/calls/nothing").status_code == 404
    assert rest("employee").get("traffic/usage").status_code == 403
    assert rest("charlie").get("traffic/calls/c1").status_code == 404
    assert rest("auditor").put("traffic/retention", {"days": 30}).status_code == 403
    assert rest("auditor").post("traffic/forget", {"person": "x", "reason": "y"}).status_code == 403
    assert rest("alice").get("traffic/usage").json()["totals"]["calls"] == 1


def test_retention_and_forgetting_over_rest(rest, busy):
    assert rest("caio").put("traffic/retention", {"days": 30}).json() == {"days": 30}
    assert rest("legal").post("traffic/forget", {"person": "nobody@x.example", "reason": "Art. 17"}).json() == {
        "rows": 0
    }


def test_a_log_is_brought_in_over_rest(rest, alpha, home):
    ciso = rest("ciso").client
    sent = ciso.post("/api/v1/traffic/observed?system=1", LITELLM, content_type="text/csv")
    assert sent.json() == {"new": 2, "known": 0, "unassigned": 0, "refused": []}
    assert ciso.post("/api/v1/traffic/observed", "a,b\n1,2\n", content_type="text/csv").status_code == 422
    assert ciso.post("/api/v1/traffic/observed?system=99", LITELLM, content_type="text/csv").status_code == 404
    auditor = rest("auditor").client
    assert auditor.post("/api/v1/traffic/observed", LITELLM, content_type="text/csv").status_code == 403


BODY = export(span(**USAGE, **{"pilothouse.system": "S-1"}))


@pytest.fixture
def now_spans():
    """The same span, begun a minute ago."""
    began = int((timezone.now().timestamp() - 60) * 1e9)
    text = BODY.decode()
    body = json.loads(text)
    one = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    one["startTimeUnixNano"], one["endTimeUnixNano"] = str(began), str(began + 10**9)
    return json.dumps(body).encode()


OTLP = "/api/v1/traffic/v1/traces"


def test_telemetry_comes_in_once_in_every_form(rest, alpha, home, now_spans):
    ciso = rest("ciso")
    plain = ciso.client.post(OTLP, now_spans, content_type="application/json")
    assert (plain.status_code, plain.json()) == (200, {})
    packed = ciso.client.post(
        OTLP, gzip.compress(as_protobuf(now_spans)), content_type="application/x-protobuf",
        headers={"Content-Encoding": "gzip"},
    )  # fmt: skip
    assert (packed.status_code, packed.content, packed["Content-Type"]) == (200, b"", "application/x-protobuf")
    said = ciso.get("traffic/usage", by="source").json()
    assert [(line["value"], line["calls"]) for line in said["lines"]] == [("otlp", 1)]
    assert said["totals"]["unpriced"] == 1


def test_telemetry_that_names_no_system_of_ours_is_partly_refused(rest, home, now_spans):
    client = rest("ciso").client
    said = client.post(OTLP, now_spans, content_type="application/json").json()
    assert said["partialSuccess"]["rejectedSpans"] == 1
    assert "S-1" in said["partialSuccess"]["errorMessage"]
    packed = client.post(OTLP, as_protobuf(now_spans), content_type="application/x-protobuf")
    assert packed.content.startswith(b"\x0a")
    assert b"S-1" in packed.content


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"not json", {}),
        (b"{}", {"Content-Encoding": "br"}),
        (b"{}", {"Content-Encoding": "gzip"}),
        (gzip.compress(b" " * (17 << 20)), {"Content-Encoding": "gzip"}),
    ],
)
def test_telemetry_that_cannot_be_read_is_refused(rest, home, body, headers):
    assert rest("ciso").client.post(OTLP, body, content_type="application/json", headers=headers).status_code == 422


def test_telemetry_needs_the_permission(rest, home):
    assert rest("auditor").client.post(OTLP, BODY, content_type="application/json").status_code == 403


def cli(capsys, *words):
    code = run(["usage", *words])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_it_works_on_the_command_line(capsys, busy, tmp_path, cast):
    org = ("--org", "harbour")
    code, out = cli(capsys, "report", *org, "--json")
    assert code == 0
    assert [row["cost"] for row in json.loads(out)] == ["1.5", "0.5"]
    assert "Claims helper" in cli(capsys, "calls", *org, "--period", "7d")[1]
    assert "c1" in cli(capsys, "call", "c1", *org)[1]
    assert cli(capsys, "call", "nothing", *org)[0] == 3
    assert cli(capsys, "refusals", *org)[0] == 1
    assert "email" in cli(capsys, "findings", *org)[1]
    assert cli(capsys, "budgets", *org)[0] == 0
    Budget.objects.create(organisation=cast.organisation, name="Whole", scope="organisation", window="month", cap=1)
    assert cli(capsys, "budgets", *org)[0] == 1
    assert json.loads(cli(capsys, "live", *org, "--json")[1])["calls"] == 2
    assert cli(capsys, "calls", *org, "--period", "7d", "--to", str(tmp_path / "calls.csv"))[0] == 0
    assert (tmp_path / "calls.csv").read_text(encoding="utf-8-sig").count("\n") == 3
    assert cli(capsys, "report", *org, "--period", "x")[0] == 2


def test_logs_and_keeping_on_the_command_line(capsys, alpha, home, tmp_path):
    org = ("--org", "harbour")
    log = tmp_path / "log.csv"
    log.write_text(LITELLM)
    code, out = cli(capsys, "import", str(log), *org, "--system", "1", "--json")
    assert (code, json.loads(out)["new"]) == (0, 2)
    log.write_text(LITELLM.replace("request_id", "x").replace("2026-11-20T10:00:00", "never", 1))
    assert cli(capsys, "import", str(log), *org)[0] == 1
    assert json.loads(cli(capsys, "keep", *org, "--json")[1]) == {"days": 400}
    assert json.loads(cli(capsys, "keep", "60", *org, "--json")[1]) == {"days": 60}
    assert json.loads(cli(capsys, "forget", "x@y.example", *org, "--reason", "Art. 17", "--json")[1]) == {"rows": 0}


def test_bringing_in_and_compacting_on_the_command_line(capsys, cast, alpha, home):
    slot = places.spool() / "00"
    slot.mkdir(parents=True)
    event = settlement(at=timezone.now(), organisation=str(cast.organisation.pk), system=str(alpha.pk))
    (slot / "1.jsonl").write_bytes(encode(event) + b"\n")
    assert json.loads(cli(capsys, "bring-in", "--json")[1])["rows"] == 1
    assert json.loads(cli(capsys, "compact", "--json")[1])["forgotten"] == 0
