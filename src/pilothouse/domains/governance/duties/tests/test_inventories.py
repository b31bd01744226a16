"""Inventories in the forms of authorities: what is known, what is missing, and that nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Forbidden, NotFound
from pilothouse.domains.governance.duties.inventories.atrs import as_json, as_markdown, as_rows, transparency
from pilothouse.domains.governance.duties.inventories.files import atrs_file, missing_csv, omb_csv
from pilothouse.domains.governance.duties.inventories.forms import atrs_form, omb_form
from pilothouse.domains.governance.duties.inventories.known import Known
from pilothouse.domains.governance.duties.inventories.omb import line, sheet
from pilothouse.domains.governance.duties.inventories.reading import atrs_records, omb_sheet
from pilothouse.domains.governance.duties.inventories.schemas import ENTRY, TRANSPARENCY
from pilothouse.kernel.imports.actions import import_apply, import_preview
from pilothouse.kernel.imports.adapters import us_federal_2025
from pilothouse.kernel.imports.adapters.registry import guess
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.stages import stage_words
from pilothouse.kernel.imports.tests.files import real, table_bytes
from pilothouse.kernel.imports.tests.test_adapters import ROW_2025
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.models import DatedFact, Practice, System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.records.actions import record_draft, record_seal

FORM = omb_form()
ALL = SystemQuery()
FACTS = {
    "name": "Berth planner", "purpose": "Plans berths", "outputs": "A plan", "stage": "production", "impact": "high",
    "sourcing": "buy", "technique": "Generative AI", "topic": "Transportation", "vendor": "Kelp Labs",
    "personal_data": "none", "outcome": "Shorter waits", "contact": "ai@harbour.example",
}  # fmt: skip
KNOWN = Known(number=7, facts=FACTS, units=("Department of Harbours", "Pilots"), code="DOH")

plain = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30).filter(
    lambda text: any(character.isalpha() for character in text) and text[0].isalpha() and len(text) > 3
)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def facts_of_all():
    rows = System.objects.select_related("unit").order_by("name", "number")
    keys = ("name", "purpose", "outputs", "stage", "impact", "technique", "topic", "vendor", "personal_data")
    told = [[getattr(row, key) for key in (*keys, "outcome", "sourcing", "contact")] + [str(row.unit)] for row in rows]
    practices = sorted(Practice.objects.values_list("system__name", "key", "status", "words"))
    dates = sorted(DatedFact.objects.values_list("system__name", "kind", "raw"))
    return told, practices, dates


def bring(actor, adapter, data, name="file.csv"):
    return import_apply(actor=actor, batch=import_preview(actor=actor, adapter=adapter, filename=name, data=data))


def test_the_form_is_the_publishers():
    """The codes stand in the order of the consolidated file, and choices are read by the importer."""
    assert [column.code.lower() for column in FORM.columns] == list(us_federal_2025.KEYS)
    assert len(FORM.columns) == 36
    assert FORM.columns[9].code == "HI_justification"
    assert guess(read_table(omb_csv(sheet(FORM, [KNOWN])), "a.csv").columns).key == "us-federal-2025"


def test_it_works():
    found = line(FORM, KNOWN)
    assert found.cells["id"] == "DOH-7"
    assert found.cells["development_stage"] == "c) Deployed"
    assert found.cells["is_high_impact"] == "a) High-impact"
    assert found.cells["contracting_usage"] == "a) Purchased from a vendor"
    assert found.cells["agency_bureau"] == "Pilots"
    assert not found.strange


def test_what_nobody_knows_stays_blank_and_is_named():
    found = line(FORM, replace(KNOWN, facts=FACTS | {"impact": "unknown", "personal_data": "unknown", "contact": ""}))
    for code in ("is_high_impact", "has_pii", "contact_email", "is_withheld", "operational_date", "have_ato"):
        assert found.cells[code] == ""
        assert code in found.missing
    assert "HI_justification" not in found.missing
    old = line(FORM, replace(KNOWN, facts=FACTS | {"impact": "rights"}))
    assert "is_high_impact" in old.missing


def test_practices_are_asked_of_deployed_high_impact_systems():
    said = {
        "testing": {"status": "met", "words": "done"},
        "independent_evaluation": {"status": "met", "words": "done"},
        "appeal": {"status": "not_applicable", "words": ""},
        "monitoring": {"status": "not_met", "words": "no"},
    }
    found = line(FORM, replace(KNOWN, practices=said))
    assert found.cells["hi_testing_conducted"] == "a) Yes"
    assert found.cells["hi_appeal_process"] == "b) Not applicable"
    # Who reviewed it is a choice that “met” does not decide; and the form has none for “not met”.
    assert {"hi_independent_review", "hi_ongoing_monitoring"} <= set(found.missing)
    low = line(FORM, replace(KNOWN, facts=FACTS | {"impact": "neither"}))
    assert not [code for code in low.missing if code.startswith("hi_")]


def test_a_word_that_is_no_choice_goes_out_and_is_named():
    found = line(FORM, replace(KNOWN, facts=FACTS | {"topic": "Berths"}))
    assert found.cells["topic_area"] == "Berths"
    assert found.strange == ("topic_area",)


def test_an_idea_is_not_reported():
    found = sheet(FORM, [KNOWN, replace(KNOWN, facts=FACTS | {"stage": "idea"})])
    assert len(found.lines) == 1
    assert found.left_out[0][2].startswith("It is an idea")
    assert "It is an idea" in missing_csv(found).decode()


def test_no_cell_becomes_a_formula():
    data = omb_csv(sheet(FORM, [replace(KNOWN, facts=FACTS | {"name": "=1+1"})]))
    assert table(data)[0]["use_case_name"] == "'=1+1"
    assert read_table(data, "a.csv").rows[0].cells[3] == "=1+1"


@given(plain, plain, st.sampled_from(["development", "pilot", "production", "retired"]),
       st.sampled_from(["high", "presumed_not", "neither"]), st.sampled_from(["buy", "build", "mixed"]))  # fmt: skip
def test_what_is_exported_is_read_back(name, purpose, stage, impact, sourcing):
    said = FACTS | {"name": name, "purpose": purpose, "stage": stage, "impact": impact, "sourcing": sourcing}
    data = omb_csv(sheet(FORM, [replace(KNOWN, facts=said)]))
    (draft,) = us_federal_2025.read(read_table(data, "a.csv"), stage_words(), {}).drafts
    for key in FACTS:
        assert draft.values[key] == said[key], key
    assert draft.values["unit"] == ["Department of Harbours", "Pilots"]


@pytest.mark.django_db
def test_an_imported_inventory_goes_out_as_it_came(cast):
    """Export, then import: no row changes, and a correction by hand is what goes out."""
    caio = cast.actor("caio")
    rows = [
        ROW_2025,
        {**ROW_2025, "id": "DOH-13", "use_case_name": "Tide reader", "is_high_impact": "c) Not high-impact"},
    ]
    bring(caio, "us-federal-2025", table_bytes(*rows))
    out = omb_csv(omb_sheet(caio, ALL))
    for before, after in zip(rows, table(out), strict=True):
        known = {key.lower(): value for key, value in after.items()}
        assert {key: known[key.lower()] for key in before} == dict(before)
    again = bring(caio, "us-federal-2025", out)
    assert (again.counts.get("create", 0), again.counts.get("refuse", 0)) == (0, 0)
    assert again.counts["leave"] + again.counts.get("change", 0) == 2
    system = System.objects.get(name="Tide reader")
    system_change(actor=caio, system=system, changes={"purpose": "Reads tides twice"}, version=system.version)
    assert table(omb_csv(omb_sheet(caio, ALL)))[1]["problem_solved"] == "Reads tides twice"


@pytest.mark.django_db
def test_another_installation_reads_the_same_systems(cast):
    caio, other = cast.actor("caio"), cast.actor("charlie")
    bring(caio, "us-federal-2025", table_bytes(ROW_2025, {**ROW_2025, "id": "DOH-13", "use_case_name": "Tide reader"}))
    before = facts_of_all()
    out = omb_csv(omb_sheet(caio, ALL))
    Practice.objects.all().delete()
    bring(other, "us-federal-2025", out)
    System.objects.filter(organisation=cast.organisation).delete()
    assert facts_of_all() == before


@pytest.mark.django_db
def test_what_the_register_does_not_hold_is_asked_in_a_document(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="Berth planner")
    body = {
        "is_withheld": "a) No",
        "demographic_features": ["c) Age", "i) Income"],
        "hi_independent_review": "c) Yes – by the CAIO",
    }
    record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=ENTRY, body=body))
    System.objects.update(stage="production")
    (found,) = omb_sheet(caio, ALL).lines
    assert found.cells["is_withheld"] == "a) No"
    assert found.cells["demographic_features"] == "c) Age; i) Income"
    assert found.cells["hi_independent_review"] == "c) Yes – by the CAIO"
    assert not found.strange


def test_a_transparency_record_in_three_forms():
    entry = {"description": "Plans berths\n# not a heading", "risks": "Wrong plans"}
    record = transparency(atrs_form(), replace(KNOWN, entry=entry, external="https://example.org/r"))
    assert record.fields["third_party"] == "Kelp Labs"
    assert "Senior responsible owner" in record.missing
    whole = as_json(atrs_form(), [record])["records"][0]
    assert whole["tier_2"]["Risks, mitigations and impact assessments"]["Risks and mitigations"] == "Wrong plans"
    assert whole["tier_2"]["Description and rationale"]["Scope"] is None
    text = as_markdown(atrs_form(), [record])
    assert "## Tier 1: Summary" in text
    assert "> # not a heading" in text
    assert "*Not stated.*" in text
    rows = as_rows(atrs_form(), [record])
    assert dict(zip(*rows, strict=True))["url"] == "https://example.org/r"


@pytest.mark.django_db
def test_transparency_records_come_back_the_same(cast):
    caio, other = cast.actor("caio"), cast.actor("charlie")
    given_records = [
        {"publishing_body": "Harbour office", "tool_name": "Berth chat", "published": "2025-06-26T07:39:09Z",
         "url": "https://example.org/berth-chat", "description": "Answers skippers"},
        {"publishing_body": "Tide office", "tool_name": "Tide reader", "published": "2024-12-17",
         "url": "https://example.org/tide", "description": "Reads tides"},
    ]  # fmt: skip
    bring(caio, "uk-atrs", json.dumps(given_records).encode(), "a.json")
    for ending in ("json", "csv"):
        data = atrs_file(caio, ALL, ending)
        bring(other, "uk-atrs", data, f"a.{ending}")
    theirs = [[getattr(one, key) for key in given_records[0]] for one in atrs_records(other, ALL)]
    assert theirs == [list(one.values()) for one in given_records]
    assert System.objects.filter(organisation=cast.elsewhere).count() == 2
    with pytest.raises(NotFound):
        atrs_file(caio, ALL, "exe")


@pytest.mark.django_db
def test_a_sealed_record_speaks_before_the_register(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="Berth planner", purpose="Plans berths")
    body = {"description": "Tells ships where to moor", "name": "Moorings"}
    record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=TRANSPARENCY, body=body))
    (found,) = atrs_records(caio, ALL)
    assert (found.tool_name, found.description) == ("Moorings", "Tells ships where to moor")


@pytest.mark.django_db
def test_only_who_may_export_does(cast):
    for read in (omb_sheet, atrs_records):
        with pytest.raises(Forbidden):
            read(cast.actor("employee"), ALL)


@pytest.mark.django_db
def test_an_export_takes_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    for number in range(12):
        system_create(actor=caio, name=f"Planner {number}")
    with django_assert_max_num_queries(9):
        assert len(omb_sheet(caio, ALL).left_out) == 12


@pytest.mark.django_db
def test_the_real_records_of_the_united_kingdom_come_back(cast):
    caio, other = cast.actor("caio"), cast.actor("charlie")
    first = bring(caio, "uk-atrs", real("uk-atrs", "data", "atrs_records.json"), "atrs_records.json")
    second = bring(other, "uk-atrs", atrs_file(caio, ALL, "json"), "out.json")
    assert second.counts["create"] == first.counts["create"] > 100
    mine = [
        [one.publishing_body, one.tool_name, one.published, one.url, one.description] for one in atrs_records(caio, ALL)
    ]
    theirs = [
        [one.publishing_body, one.tool_name, one.published, one.url, one.description]
        for one in atrs_records(other, ALL)
    ]
    assert mine == theirs


@pytest.mark.django_db
def test_the_real_inventory_of_2024_goes_out_in_the_form_of_2025(cast):
    """Of another year: what the two forms share goes out, what is missing is named, and it is read back."""
    caio, other = cast.actor("caio"), cast.actor("charlie")
    name = "2024_consolidated_ai_inventory_raw.csv"
    bring(caio, "us-federal-2024", real("us-federal-2024", name), name)
    found = omb_sheet(caio, ALL)
    assert len(found.lines) + len(found.left_out) == 1757
    back = bring(other, "us-federal-2025", omb_csv(found))
    assert back.counts["create"] == len(found.lines)
    assert back.counts.get("refuse", 0) == 0
