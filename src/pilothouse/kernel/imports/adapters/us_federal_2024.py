"""US federal AI use-case inventory 2024, consolidated: v1 (short headers) and v2 (questions as headers).

Both have 62 columns in the same order, eight of them headed “If Other, please explain.” in v2, so columns are taken by
position. The file gives rows no ids. Source: github.com/ombegov/2024-Federal-AI-Use-Case-Inventory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Choice, Layout, names_in, read_rows, yes_no_choice
from pilothouse.kernel.imports.answers import (
    IN_PROGRESS,
    MET,
    NOT_MET,
    PracticeColumn,
)
from pilothouse.kernel.imports.draft import Adapter, Draft, Reading
from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords
from pilothouse.kernel.imports.words import fold, key_of, missing_kind

KEY = "us-federal-2024"
VERSION = f"{KEY}/1"

# v1's headers, which name the columns of both versions.
KEYS = names_in(
    """
    2_use_case_name 3_agency 3_abr 4_bureau 8_topic_area 8_question_type 10_commercial_ai 11_purpose_benefits
    12_outputs 16_dev_stage 17_impact_type 18_date_initiated 19_date_acq_dev_began 20_date_implemented
    21_date_retired 22_dev_method 23_contract_piids 24_hisp_support 25_hisp_name 26_public_service
    27_public_info 28_iqa_compliance 29_contains_pii 30_saop_review 31_data_catalog 31_question_type
    33_agency_data 34_data_docs 35_demo_features 35_question_type 37_custom_code 38_code_access 39_code_link
    40_has_ato 41_system_name 42_dev_tools_wait 43_infra_provisioned 43_question_type 45_compute_request
    45_question_type 47_timely_resources 47_question_type 49_existing_reuse 50_internal_review
    51_extension_request 52_impact_assessment 53_real_world_testing 54_key_risks 55_independent_eval
    56_monitor_postdeploy 57_autonomous_impact 57_question_type 59_ai_notice 59_question_type 61_adverse_impact
    62_disparity_mitigation 63_stakeholder_consult 63_question_type 65_appeal_process 66_no_appeal_reason
    67_opt_out 67_question_type
    """
)

# Words that v2's header must hold at these positions, so that a shifted file is refused instead of misread.
_MARKS = {
    "2_use_case_name": "use case name",
    "3_agency": "agency",
    "4_bureau": "bureau",
    "8_topic_area": "topic area",
    "11_purpose_benefits": "purpose",
    "12_outputs": "outputs",
    "16_dev_stage": "stage of development",
    "17_impact_type": "rights-impacting",
    "18_date_initiated": "date initiated",
    "20_date_implemented": "date implemented",
    "21_date_retired": "date retired",
    "22_dev_method": "in-house",
    "29_contains_pii": "personally identifiable",
    "30_saop_review": "privacy",
    "40_has_ato": "authority to operate",
    "52_impact_assessment": "impact assessment",
    "56_monitor_postdeploy": "monitor",
    "65_appeal_process": "appeal",
}

_BUILT_STAGES = frozenset({"development", "pilot", "production"})
_RUNNING_STAGES = frozenset({"pilot", "production"})

# The columns that the dictionary requires only of systems being built or running, and not of commercial products.
_ASKED_WHEN_BUILT = frozenset(
    names_in("19_date_acq_dev_began 22_dev_method 34_data_docs 40_has_ato 50_internal_review")
)
_ASKED_WHEN_RUNNING = frozenset(names_in("20_date_implemented 29_contains_pii 30_saop_review 38_code_access"))
# …and those that it requires only of rights- or safety-impacting systems that run, without an extension.
_ASKED_FOR_IMPACT = frozenset(
    names_in(
        """
        52_impact_assessment 53_real_world_testing 54_key_risks 55_independent_eval 56_monitor_postdeploy
        57_autonomous_impact 59_ai_notice
        """
    )
)
_ASKED_FOR_RIGHTS = frozenset(names_in("62_disparity_mitigation 63_stakeholder_consult 65_appeal_process 67_opt_out"))

_DOCUMENTED = (
    ("documentation is missing", NOT_MET),
    ("no documentation", NOT_MET),
    ("documentation has been partially", IN_PROGRESS),
    ("limited documentation", IN_PROGRESS),
    ("documentation is", MET),
    ("documentation has been", MET),
)

LAYOUT = Layout(
    name="2_use_case_name",
    units=("3_agency", "4_bureau"),
    code="3_abr",
    stage="16_dev_stage",
    texts={"purpose": "11_purpose_benefits", "outputs": "12_outputs", "topic": "8_topic_area"},
    choices=(
        Choice(
            "impact",
            "17_impact_type",
            (("rights-impacting", "rights"), ("safety-impacting", "safety"), ("both", "both"), ("neither", "neither")),
        ),
        Choice(
            "sourcing",
            "22_dev_method",
            (
                ("developed with contracting", "buy"),
                ("exclusively developed with contract", "buy"),
                ("developed in-house", "build"),
                ("no contract", "build"),
                ("developed with both", "mixed"),
                ("developed with a combination", "mixed"),
            ),
        ),
        yes_no_choice("personal_data", "29_contains_pii", yes="personal", no="none"),
    ),
    dates={
        "initiated": "18_date_initiated",
        "development": "19_date_acq_dev_began",
        "implemented": "20_date_implemented",
        "retired": "21_date_retired",
    },
    practices=(
        PracticeColumn("impact_assessment", "52_impact_assessment"),
        PracticeColumn(
            "testing",
            "53_real_world_testing",
            (("performance evaluation", MET), ("impact evaluation", MET), ("benchmark evaluation", IN_PROGRESS)),
        ),
        PracticeColumn("risks_known", "54_key_risks", free=MET),
        PracticeColumn("independent_evaluation", "55_independent_eval"),
        PracticeColumn(
            "monitoring",
            "56_monitor_postdeploy",
            (("intermittent and manually", MET), ("automated and regularly", MET), ("established process", MET)),
        ),
        PracticeColumn(
            "human_oversight",
            "57_autonomous_impact",
            (("no - some", MET), ("other – immediate", MET), ("yes - all", NOT_MET)),
        ),
        PracticeColumn("notice", "59_ai_notice", free=MET),
        PracticeColumn("disparities", "62_disparity_mitigation"),
        PracticeColumn("consultation", "63_stakeholder_consult", free=MET),
        PracticeColumn("appeal", "65_appeal_process"),
        PracticeColumn("opt_out", "67_opt_out", (("other", IN_PROGRESS),)),
        PracticeColumn("privacy_review", "30_saop_review"),
        PracticeColumn("ato", "40_has_ato"),
        PracticeColumn("data_documentation", "34_data_docs", _DOCUMENTED),
        PracticeColumn("code_access", "38_code_access"),
    ),
    day_first=False,
    fiscal_start=10,
    not_asked=lambda row, stage: _not_asked(row, stage),
    more=lambda row, draft: _topic(row, draft),
)


def _not_asked(row: Mapping[str, str], stage: str) -> frozenset[str]:
    custom = key_of(row["10_commercial_ai"]).startswith("none of the above")
    impact = key_of(row["17_impact_type"])
    running = stage in _RUNNING_STAGES
    extended = key_of(row["51_extension_request"]).startswith("yes")
    skipped: set[str] = {"21_date_retired"} if stage != "retired" else set()
    if not custom or stage not in _BUILT_STAGES:
        skipped |= _ASKED_WHEN_BUILT
    if not custom or not running:
        skipped |= _ASKED_WHEN_RUNNING
    if not custom or stage == "retired":
        skipped.add("18_date_initiated")
    if extended or not running or impact not in ("both", "rights-impacting", "safety-impacting"):
        skipped |= _ASKED_FOR_IMPACT
    if extended or not running or impact not in ("both", "rights-impacting"):
        skipped |= _ASKED_FOR_RIGHTS
    return frozenset(skipped)


def _topic(row: Mapping[str, str], draft: Draft) -> None:
    """A topic “Other” says nothing; what it is stands in the next column."""
    told = row["8_question_type"]
    if key_of(row["8_topic_area"]) == "other" and not missing_kind(told):
        draft.values["topic"] = f"Other: {fold(told)}"[:200]


def fits(columns: Sequence[Column]) -> float:
    """How many of 62 headers are v1's; or whether v2's questions stand where they should."""
    if len(columns) != len(KEYS):
        return 0.0
    return max(sum(c.key == key for c, key in zip(columns, KEYS, strict=True)) / len(KEYS), _v2_share(columns))


def _v2_share(columns: Sequence[Column]) -> float:
    positions = {key: position for position, key in enumerate(KEYS)}
    return sum(mark in columns[positions[key]].key for key, mark in _MARKS.items()) / len(_MARKS)


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read v1 or v2. Raises Invalid when the columns are others, or stand elsewhere."""
    if fits(table.columns) < 0.9:
        raise Invalid(
            f"This is not the consolidated 2024 inventory: its 62 columns should begin with “Use Case Name”, “Agency”; "
            f"the file has {len(table.columns)}, beginning with “{table.columns[0].title}”.",
            fields={"file": "Choose another kind of file, or map its columns by hand."},
        )
    columns = tuple(Column(key, column.title) for key, column in zip(KEYS, table.columns, strict=True))
    return read_rows(table, columns, LAYOUT, words, adapter=KEY, source=KEY, version=VERSION)


ADAPTER = Adapter(
    KEY,
    "US federal inventory 2024",
    "The consolidated file of the Office of Management and Budget, version 1 or 2 (62 columns).",
    fits,
    read,
)
