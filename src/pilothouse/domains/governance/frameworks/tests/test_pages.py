"""The pages of frameworks and controls, and what may be done on them."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pilothouse.domains.governance.frameworks import actions, shipped
from pilothouse.domains.governance.frameworks.models import (
    ControlSetting,
    ControlVersion,
    EvidenceLink,
    FrameworkVersion,
)
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HERE = "/o/harbour"
TABLE = "id,title,group,citation,from,controls\nB-1,Say where it runs,Hosting,Annex B 1,2026-06-01,ARC-1 superset\n"


@pytest.fixture(autouse=True)
def _now():
    with clock.telling(NOW):
        yield


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(cast, caio):
    made = system_create(
        actor=caio, name="CV summary", technique="language model", owner_id=cast.people["alice"].pk, impact="rights"
    )
    System.objects.filter(pk=made.pk).update(stage="production")
    return System.objects.get(pk=made.pk)


@pytest.fixture
def adopted(caio, system):
    for key in shipped.ORDER:
        actions.framework_adopt(actor=caio, key=key)


PAGES = (
    "frameworks/",
    "frameworks/matrix/",
    "frameworks/matrix/?ahead=1&q=CV",
    "frameworks/eu_ai_act/",
    "frameworks/eu_ai_act/?show=gap",
    "frameworks/iso_42001/?show=not_applicable",
    "frameworks/eu_ai_act/requirements/A9/",
    "frameworks/eu_ai_act/requirements/A17/",
    "frameworks/owasp_llm_2025/gaps/?show=missing",
    "frameworks/eu_ai_act/gaps/?ahead=1&owner=alice@harbour.example",
    "controls/",
    "controls/SEC-5/",
    "controls/SEC-5/?show=missing",
    "controls/GOV-14/",
    "systems/{number}/controls/SEC-5/",
    "systems/{number}/?tab=frameworks",
    "domains/governance/",
)


@pytest.mark.parametrize("where", PAGES)
def test_it_works(browse, system, adopted, where):
    answer = browse("caio").get(f"{HERE}/{where.format(number=system.number)}")
    assert answer.status_code == 200
    # Nobody has to guess what a colour means.
    assert b"Missing" in answer.content or b"missing" in answer.content


@pytest.mark.parametrize(
    "where", ["frameworks/", "frameworks/matrix/", "controls/", "systems/{number}/?tab=frameworks"]
)
def test_without_a_framework_it_says_what_to_do(browse, system, where):
    answer = browse("caio").get(f"{HERE}/{where.format(number=system.number)}")
    assert answer.status_code == 200


def test_adopting_leads_to_the_framework(browse, system):
    answer = browse("risk").post(f"{HERE}/frameworks/adopt/", {"key": "gdpr"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{HERE}/frameworks/gdpr/"
    assert browse("risk").post(f"{HERE}/frameworks/adopt/", {"key": "gdpr"}).status_code == 302
    assert browse("risk").post(f"{HERE}/frameworks/adopt/", {"key": "nothing"}).status_code == 404
    assert FrameworkVersion.objects.get().origin == "shipped"


def test_one_of_ones_own_needs_no_code(browse, system):
    said = {"title": "A customer's questions", "key": "customer", "table": TABLE}
    answer = browse("caio").post(f"{HERE}/frameworks/new/", said, follow=True)
    assert answer.status_code == 200
    assert b"Say where it runs" in answer.content
    mapped = {"control": ["ARC-1", "SEC-5", ""], "relation": ["subset", "equal", "equal"], "because": "Both are needed"}
    browse("caio").post(f"{HERE}/frameworks/customer/requirements/B-1/map/", mapped)
    row = FrameworkVersion.objects.get(state="active")
    assert row.version == 2
    assert row.body["groups"][0]["requirements"][0]["by"] == {"ARC-1": "subset", "SEC-5": "equal"}
    out = browse("caio").get(f"{HERE}/frameworks/customer/download/yaml/").content
    changed = SimpleUploadedFile("customer.yaml", out.replace(b"Say where it runs", b"Say where it is run"))
    browse("caio").post(f"{HERE}/frameworks/new/", {"file": changed})
    assert FrameworkVersion.objects.get(state="active").version == 3
    browse("caio").post(f"{HERE}/frameworks/customer/withdraw/", {"because": "The contract ended"})
    assert not FrameworkVersion.objects.filter(state="active").exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"key": "mine", "table": "id;name\n1;2"}, "is not known"),
        ({"key": "mine", "table": TABLE.replace("superset", "perhaps")}, "Input should be"),
        ({"key": "mine", "table": TABLE.replace("ARC-1 superset", "ARC-1")}, "line 2"),
        ({"key": "mine", "table": TABLE.replace("ARC-1", "NONE-1")}, "There is no control"),
        ({"key": "No id", "table": TABLE}, "id"),
        ({"key": "mine"}, "One of the two"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(browse, system, said, words):
    answer = browse("caio").post(f"{HERE}/frameworks/new/", {"title": "Mine"} | said)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not FrameworkVersion.objects.exists()


def test_a_file_that_is_too_large_or_broken_is_refused(browse, system):
    for name, data in (("a.yaml", b"x" * (5 * 1024 * 1024 + 1)), ("a.yaml", b"\xff\xfe"), ("a.json", b'{"catalog": [')):
        answer = browse("caio").post(f"{HERE}/frameworks/new/", {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422


def test_a_control_is_added_and_settled(browse, cast, system, adopted):
    said = {"id": "OWN-1", "title": "Two look", "of": "system", "does": "Two people look", "every": "90"}
    assert browse("caio").post(f"{HERE}/controls/new/", said).status_code == 302
    assert browse("caio").post(f"{HERE}/controls/new/", said).status_code == 422
    assert ControlVersion.objects.get().body["every"] == 90
    costs = {
        "cost_low": "1000",
        "cost_high": "2500.50",
        "currency": "EUR",
        "owner": "bob@harbour.example",
        "every": "30",
    }
    browse("caio").post(f"{HERE}/controls/OWN-1/settle/", costs)
    browse("caio").post(
        f"{HERE}/controls/OWN-1/settle/", costs | {"system": system.number, "owner": "nobody@x.example"}
    )
    setting = ControlSetting.objects.get()
    assert (setting.owner, setting.every, setting.system) == (cast.people["bob"], 30, None)
    assert b"2,500.5" in browse("caio").get(f"{HERE}/controls/OWN-1/").content


def test_evidence_is_attached_on_the_systems_page(browse, cast, caio, system, adopted):
    evidence = evidence_add(actor=caio, system=system, title="Red-team report", filename="r.txt", data=b"We tried.")
    where = f"{HERE}/systems/{system.number}/controls/SEC-5/"
    assert b"Red-team report" in browse("alice").get(where).content
    browse("alice").post(f"{where}attach/", {"evidence": str(evidence.pk)})
    assert EvidenceLink.objects.get().control == "SEC-5"
    assert b"Take off" in browse("alice").get(where).content
    browse("alice").post(f"{where}detach/", {"evidence": str(evidence.pk)})
    assert not EvidenceLink.objects.exists()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_gaps_go_out_as_a_table_without_formulas(browse, caio, system, adopted, ending):
    System.objects.filter(pk=system.pk).update(name="=cmd()")
    answer = browse("caio").get(f"{HERE}/frameworks/owasp_llm_2025/gaps/export/{ending}/")
    data = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if ending == "csv":
        assert "'=cmd()" in data.decode("utf-8-sig")


@pytest.mark.parametrize("kind", ["yaml", "catalog", "mapping"])
def test_what_is_taken_away_comes_back(browse, system, adopted, kind):
    answer = browse("auditor").get(f"{HERE}/frameworks/eu_ai_act/download/{kind}/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    for other in ("oscal", "yaml"):
        assert browse("auditor").get(f"{HERE}/controls/download/{other}/").status_code == 200


@pytest.mark.parametrize("who", ["alice", "bob", "auditor"])
def test_others_read_and_do_not_write(browse, system, adopted, who):
    assert browse(who).get(f"{HERE}/frameworks/eu_ai_act/").status_code == 200
    for where in ("frameworks/new/", "controls/new/", "frameworks/adopt/", "controls/SEC-5/settle/"):
        assert browse(who).post(f"{HERE}/{where}", {"key": "gdpr"}).status_code == 403


@pytest.mark.parametrize(
    "where", ["frameworks/", "frameworks/matrix/", "frameworks/eu_ai_act/gaps/?ahead=1", "controls/"]
)
def test_a_page_asks_as_much_of_the_database_for_many_systems(
    browse, caio, system, adopted, where, django_assert_max_num_queries
):
    for at in range(12):
        system_create(actor=caio, name=f"System {at}")
    client = browse("caio")
    client.get(f"{HERE}/{where}")
    with django_assert_max_num_queries(60):
        client.get(f"{HERE}/{where}")
