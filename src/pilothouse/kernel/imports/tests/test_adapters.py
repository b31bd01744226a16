import pytest

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters import table as any_table
from pilothouse.kernel.imports.adapters import us_federal_2024
from pilothouse.kernel.imports.adapters.registry import ADAPTERS, adapter_of, guess
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.stages import stage_words
from pilothouse.kernel.imports.tests.files import (
    csv_bytes,
    file_2024,
    row_2024,
    table_bytes,
    xlsx_bytes,
)

ROW_2025 = {
    "agency": "DOH",
    "agency_name": "Department of Harbours",
    "id": "DOH-12",
    "use_case_name": "Berth planner",
    "agency_bureau": "Pilots, Tugs and Moorings",
    "contact_email": "ai@harbour.example",
    "is_withheld": "a) No",
    "development_stage": "c) Deployed – The use case is in use.",
    "is_high_impact": "a) High-impact",
    "HI_justification": "",
    "topic_area": "Transportation",
    "classification": "Classical/Predictive Machine Learning: Models trained on data.",
    "problem_solved": "Ships wait for berths.",
    "benefits": "Less waiting.",
    "system_outputs": "A plan.",
    "operational_date": "9/1/2024",
    "contracting_usage": "c) Developed with both contracting and in-house resources",
    "vendor_name": "Tide, Inc.",
    "have_ato": "Yes",
    "has_pii": "b) Yes",
    "pia_url": "https://harbour.example/pia",
    "demographic_features": "['k) None of the above']",
    "hi_testing_conducted": "a) Yes",
    "hi_assessment_completed": "b) In-progress",
    "hi_potential_impacts": "Delays for small boats.",
    "hi_independent_review": "c) Yes – by the CAIO",
    "hi_ongoing_monitoring": "b) Development of monitoring protocols is in-progess",
    "hi_training_established": "Training Established",
    "hi_failsafe_presence": "Not Applicable",
    "hi_appeal_process": "Appeal Precluded by Law",
    "hi_public_consultation": "['a) Direct usability testing', 'e) In-progress']",
}


def read(key, data, options=None):
    return adapter_of(key).read(read_table(data), stage_words(), options or {})


def only(reading):
    (draft,) = reading.drafts
    return draft


def test_2025_by_its_codes():
    draft = only(read("us-federal-2025", table_bytes(ROW_2025)))
    values = draft.values
    assert values["unit"] == ["Department of Harbours", "Pilots, Tugs and Moorings"]
    assert (values["stage"], values["impact"], values["sourcing"]) == ("production", "high", "mixed")
    assert (values["personal_data"], values["vendor"]) == ("personal", "Tide, Inc.")
    assert values["technique"] == "Classical/Predictive Machine Learning"
    assert (values["purpose"], values["outcome"]) == ("Ships wait for berths.", "Less waiting.")
    assert values["external.us-federal-2025"] == "DOH-12"
    assert values["date.implemented"]["value"] == "2024-09-01"
    said = {key[9:]: value["status"] for key, value in values.items() if key.startswith("practice.")}
    assert said == {
        "testing": "met",
        "impact_assessment": "in_progress",
        "risks_known": "met",
        "independent_evaluation": "met",
        "monitoring": "in_progress",
        "human_training": "met",
        "human_oversight": "not_applicable",
        "appeal": "not_applicable",
        "consultation": "met",
        "ato": "met",
        "privacy_review": "met",
    }
    assert draft.identity.startswith("id:")
    assert draft.raw["hi_justification"] == ""


def test_2025_as_a_spreadsheet_with_a_blank_first_row_is_the_same():
    data = xlsx_bytes([[], list(ROW_2025), list(ROW_2025.values())])
    assert only(read("us-federal-2025", data)).values == only(read("us-federal-2025", table_bytes(ROW_2025))).values


def test_2025_in_an_agencys_own_template():
    row = {
        "Use Case ID\n\n[Agency Abbrev.] – [#]": "DOH – 7",
        "Use Case Name": "Tide clock",
        "Bureau/Component": "Moorings",
        "Stage of Development": "Pilot",
        "Is the AI use case high-impact?": "Presumed high-impact, but determined not high impact",
        "Date when AI use case became operational or the pilot’s start date": "Sep-24",
        "Does this AI use case  involve personally  identifiable information (PII)?": "FALSE",
    }
    draft = only(read("us-federal-2025", table_bytes(row)))
    assert draft.values["unit"] == ["DOH", "Moorings"]
    assert (draft.values["impact"], draft.values["stage"], draft.values["personal_data"]) == (
        "presumed_not",
        "pilot",
        "none",
    )
    assert draft.values["date.implemented"]["precision"] == "month"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"HI_justification": "The system is not high-impact because a person decides."}, "justification says"),
        ({"is_withheld": "Yes - Disclosure Risk"}, "withhold"),
        ({"development_stage": "Sailing"}, "not a known word"),
        ({"has_pii": "Depends on data sources"}, "not a known answer"),
        ({"hi_appeal_process": "Call us"}, "must read it"),
    ],
)
def test_2025_flags_what_a_person_must_look_at(cells, says):
    assert any(says in flag for flag in only(read("us-federal-2025", table_bytes({**ROW_2025, **cells}))).flags)


def test_2025_practices_are_asked_only_of_deployed_high_impact_systems():
    blank = {key: "" for key in ROW_2025 if key.startswith("hi_")}
    low = only(read("us-federal-2025", table_bytes({**ROW_2025, **blank, "is_high_impact": "c) Not high-impact"})))
    assert low.values["practice.appeal"] is None
    assert low.missing["practice.appeal"] == "not_required"
    high = only(read("us-federal-2025", table_bytes({**ROW_2025, **blank})))
    assert high.values["practice.appeal"]["status"] == "not_answered"


def test_2025_repeated_and_placeholder_ids():
    rows = [{**ROW_2025, "id": value, "use_case_name": name} for value, name in (("TBD", "a"), ("3", "b"), ("3", "c"))]
    drafts = read("us-federal-2025", table_bytes(*rows)).drafts
    assert len({draft.identity for draft in drafts}) == 3
    assert not any(draft.identity.startswith("id:") for draft in drafts)


def test_commercial_products():
    header = ["Agency", "AI Use Case", "Agency Use (Y/N)?", "Name of Commercial Product", "Estimated # of Licenses"]
    data = csv_bytes(
        [
            header,
            ["DOH", "Searching for information using AI.", "Y", "Buoy, by Tide", "5001-10,000"],
            ["DOH", "Generating code using AI.", "N", "", ""],
            ["DOH", "Planning travel routes using AI.", "", "", ""],
            ["DOH", "Transcribing meetings using AI.", "Y", "", "1-100"],
        ]
    )
    assert guess(read_table(data).columns).key == "us-federal-2025-cots"
    used, unused, blank, unnamed = read("us-federal-2025-cots", data).drafts
    assert used.values["name"] == "Buoy, by Tide: Searching for information using AI"
    assert (used.values["stage"], used.values["sourcing"], used.values["unit"]) == ("production", "buy", ["DOH"])
    assert used.values["notes"] == "Licences or users: 5001-10,000"
    assert "not in use" in unused.refusal.reason
    assert "nothing is in use" in blank.refusal.reason
    assert unnamed.refusal is None
    assert unnamed.flags


def test_2023_has_three_levels_and_ids():
    row = {
        "Use_Case_ID": "DOH-0001-2023",
        "Department_Code": "DOH",
        "Agency": "DOH",
        "Office": "Moorings",
        "Title": "Fog horn",
        "Summary": "It warns.",
        "Development_Stage": "In production: less than 6 months",
        "Techniques": "Big Data, Other",
        "Source_Code": "",
        "Department": "Department of Harbours",
    }
    data = table_bytes(row, {**row, "Use_Case_ID": "DOH-0002-2023", "Agency": "Tugs", "Office": "Tugs"})
    first, second = read("us-federal-2023", data).drafts
    assert guess(read_table(data).columns).key == "us-federal-2023"
    assert first.values["unit"] == ["Department of Harbours", "Moorings"]
    assert second.values["unit"] == ["Department of Harbours", "Tugs"]
    assert (first.values["stage"], first.values["technique"]) == ("production", "Big Data, Other")
    assert first.values["external.us-federal-2023"] == "DOH-0001-2023"


def test_uk_records_are_one_in_csv_and_json():
    csv_ = table_bytes(
        {"publishing_body": "Port", "tool_name": "Kai", "published": "2025-06-26T07:39:09Z", "url": "https://x/kai"}
    )
    json_ = (
        b'{"meta": {}, "records": [{"publishing_body": "Port", "tool_name": "Kai", "description": "It answers.",'
        b' "published": "2025-06-26T07:39:09Z", "url": "https://x/kai", "listed_organisations": ["A", "B"]}]}'
    )
    one, two = only(read("uk-atrs", csv_)), only(read("uk-atrs", json_))
    assert one.identity == two.identity
    assert "purpose" not in one.values
    assert two.values["purpose"] == "It answers."
    assert two.values["date.published"]["value"] == "2025-06-26"
    assert two.raw["listed_organisations"] == '["A", "B"]'


def test_2024_says_what_was_not_asked():
    data = file_2024(
        row_2024(dev_stage="Initiated"),
        row_2024(impact_type="Both", extension_request="No – none"),
        row_2024(impact_type="Both", extension_request="Yes – asked"),
        row_2024(impact_type="Both", opt_out="N/A", date_retired="N/A"),
    )
    idea, asked, extended, answered = read("us-federal-2024", data).drafts
    assert idea.missing["personal_data"] == "not_required"
    assert asked.missing["personal_data"] == "blank"
    assert asked.values["practice.opt_out"]["status"] == "not_answered"
    assert extended.values["practice.opt_out"] is None
    assert answered.values["practice.opt_out"] == {"status": "not_applicable", "words": "N/A"}
    assert answered.missing["date.retired"] == "not_applicable"


def test_2024_topics_and_cut_names():
    draft = only(
        read("us-federal-2024", file_2024(row_2024(use_case_name="x" * 600, topic_area="Other", question_type="Tides")))
    )
    assert len(draft.values["name"]) == 500
    assert "is cut at 500" in draft.flags[0]
    assert draft.values["topic"] == "Other: Tides"
    assert draft.raw["2_use_case_name"] == "x" * 600


@pytest.mark.parametrize("key", [key for key in ADAPTERS if key != "table"])
def test_a_file_of_another_kind_is_refused(key):
    with pytest.raises(Invalid) as refused:
        read(key, table_bytes({"a": "1", "b": "2"}))
    assert "file" in refused.value.fields


def test_2024_with_shifted_columns_is_refused():
    header = [*us_federal_2024.KEYS[1:], us_federal_2024.KEYS[0]]
    with pytest.raises(Invalid):
        read("us-federal-2024", csv_bytes([header, row_2024()]))


def test_there_is_no_adapter_by_another_name():
    with pytest.raises(Invalid):
        adapter_of("us-federal-1999")
    assert guess(read_table(table_bytes({"a": "1", "b": "2"})).columns) is None


def test_columns_are_guessed_by_their_names():
    titles = ("System name", "Business unit", "Go-live", "Contains PII", "Shoe size", "Status")
    table = read_table(table_bytes(dict.fromkeys(titles, "x")))
    guessed = any_table.guess_fields(table.columns)
    assert guessed["name"] == "system name"
    assert guessed["unit"] == "business unit"
    assert guessed["date.implemented"] == "go-live"
    assert guessed["personal_data"] == "contains pii"
    assert guessed["stage"] == "status"
    assert "shoe size" not in guessed.values()
