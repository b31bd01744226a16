"""US federal AI use-case inventory 2025 (memorandum M-25-21), made from its data dictionary.

Columns bear the dictionary's short codes (consolidated CSV and XLSX) or the questions of the reporting template (an
agency's own file, which names no agency: it is then read from the ids). Answers bear a letter or not, in long or short
form. Practices are asked only of deployed high-impact systems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Choice, Layout, names_in, read_rows, yes_no_choice
from pilothouse.kernel.imports.answers import MET, PracticeColumn
from pilothouse.kernel.imports.draft import Adapter, Draft, Reading
from pilothouse.kernel.imports.reading import Column, Row, Table
from pilothouse.kernel.imports.stages import StageWords
from pilothouse.kernel.imports.words import fold, key_of, missing_kind, yes_no

KEY = "us-federal-2025"
VERSION = f"{KEY}/1"

KEYS = names_in(
    """
    agency agency_name id use_case_name agency_bureau contact_email is_withheld development_stage is_high_impact
    hi_justification topic_area classification problem_solved benefits system_outputs operational_date contracting_usage
    vendor_name have_ato system_name_ato data_description link_to_data has_pii pia_url demographic_features
    has_custom_code code_url hi_testing_conducted hi_assessment_completed hi_potential_impacts hi_independent_review
    hi_ongoing_monitoring hi_training_established hi_failsafe_presence hi_appeal_process hi_public_consultation
    """
)

# A phrase of each template header; the first that stands in a header names the column, so longer ones come first.
PHRASES: tuple[tuple[str, str], ...] = (
    ("use case id", "id"),
    ("use case name", "use_case_name"),
    ("bureau/component", "agency_bureau"),
    ("email address", "contact_email"),
    ("withheld from public", "is_withheld"),
    ("stage of development", "development_stage"),
    ("is the ai use case high-impact", "is_high_impact"),
    ("justification", "hi_justification"),
    ("topic area", "topic_area"),
    ("ai classification", "classification"),
    ("what problem is the ai", "problem_solved"),
    ("expected benefits", "benefits"),
    ("ai system’s outputs", "system_outputs"),
    ("ai system's outputs", "system_outputs"),
    ("became operational", "operational_date"),
    ("purchased from a vendor", "contracting_usage"),
    ("vendor(s) name", "vendor_name"),
    ("authorization to operate", "have_ato"),
    ("system(s) name", "system_name_ato"),
    ("describe any data used", "data_description"),
    ("federal data catalog", "link_to_data"),
    ("personally identifiable", "has_pii"),
    ("privacy impact assessment", "pia_url"),
    ("demographic variables", "demographic_features"),
    ("custom-developed code", "has_custom_code"),
    ("publicly available source code", "code_url"),
    ("pre-deployment testing", "hi_testing_conducted"),
    ("impact assessment been completed", "hi_assessment_completed"),
    ("potential impacts", "hi_potential_impacts"),
    ("independent review", "hi_independent_review"),
    ("ongoing monitoring", "hi_ongoing_monitoring"),
    ("periodic training", "hi_training_established"),
    ("fail-safe", "hi_failsafe_presence"),
    ("appeal process", "hi_appeal_process"),
    ("feedback from end users", "hi_public_consultation"),
    ("agency name", "agency_name"),
)
NEEDED = ("use_case_name", "development_stage", "is_high_impact")

_ANY_LIVING = frozenset({"development", "pilot", "production"})
_RUNNING = frozenset({"pilot", "production"})
_ASKED_OF_LIVING = frozenset(names_in("topic_area classification problem_solved benefits system_outputs"))
_ASKED_OF_RUNNING = frozenset(names_in("operational_date contracting_usage have_ato has_pii"))
_ASKED_OF_HIGH_IMPACT = frozenset(key for key in KEYS if key.startswith("hi_") and key != "hi_justification")
_DENIES = re.compile(r"\bnot\s+(a\s+|be\s+|considered\s+|presumed\s+)*high[\s-]impact|\bdo(es)? not meet\b")

LAYOUT = Layout(
    name="use_case_name",
    units=("agency_name", "agency_bureau"),
    code="agency",
    row_id="id",
    stage="development_stage",
    texts={
        "purpose": "problem_solved",
        "outcome": "benefits",
        "outputs": "system_outputs",
        "topic": "topic_area",
        "technique": "classification",
        "vendor": "vendor_name",
        "contact": "contact_email",
    },
    choices=(
        Choice(
            "impact",
            "is_high_impact",
            (
                ("high-impact", "high"),
                ("yes", "high"),
                ("presumed high-impact", "presumed_not"),
                ("not high-impact", "neither"),
                ("no", "neither"),
            ),
        ),
        Choice(
            "sourcing",
            "contracting_usage",
            (
                ("purchased from a vendor", "buy"),
                ("vendor", "buy"),
                ("exclusively developed with contract", "buy"),
                ("developed with contracting", "buy"),
                ("developed with both", "mixed"),
                ("developed with a combination", "mixed"),
                ("contracting and in house", "mixed"),
                ("in house and contractor", "mixed"),
                ("in house & contractor", "mixed"),
                ("both", "mixed"),
                ("developed in-house", "build"),
                ("developed in house", "build"),
                ("in-house", "build"),
                ("in house", "build"),
                ("no contract", "build"),
            ),
        ),
        yes_no_choice("personal_data", "has_pii", yes="personal", no="none"),
    ),
    dates={"implemented": "operational_date"},
    practices=(
        PracticeColumn("testing", "hi_testing_conducted"),
        PracticeColumn("impact_assessment", "hi_assessment_completed"),
        PracticeColumn("risks_known", "hi_potential_impacts", free=MET),
        PracticeColumn("independent_evaluation", "hi_independent_review"),
        PracticeColumn("monitoring", "hi_ongoing_monitoring"),
        PracticeColumn("human_training", "hi_training_established"),
        PracticeColumn("human_oversight", "hi_failsafe_presence"),
        PracticeColumn("appeal", "hi_appeal_process"),
        PracticeColumn("consultation", "hi_public_consultation", is_list=True),
        PracticeColumn("ato", "have_ato", (("use vendor", MET),)),
        PracticeColumn("privacy_review", "pia_url", (("http", MET), ("www.", MET))),
    ),
    external="id",
    day_first=False,
    fiscal_start=10,
    not_asked=lambda row, stage: _not_asked(row, stage),
    more=lambda row, draft: _look_closer(row, draft),
)


def _not_asked(row: Mapping[str, str], stage: str) -> frozenset[str]:
    skipped: set[str] = {"link_to_data", "pia_url", "code_url", "vendor_name", "system_name_ato"}
    impact = key_of(row.get("is_high_impact", ""))
    if stage not in _ANY_LIVING:
        skipped |= _ASKED_OF_LIVING
    if stage not in _RUNNING:
        skipped |= _ASKED_OF_RUNNING
    if stage != "production" or not re.match(r"(a\)\s*)*(high-impact|yes)", impact):
        skipped |= _ASKED_OF_HIGH_IMPACT
    return frozenset(skipped)


def _look_closer(row: Mapping[str, str], draft: Draft) -> None:
    """What only several cells together show: a label that its own justification denies, a row that is withheld."""
    # The long form of a technique is its name, a colon and an explanation.
    if draft.values.get("technique"):
        draft.values["technique"] = draft.values["technique"].split(":", 1)[0]
    if draft.values.get("impact") == "high" and _DENIES.search(key_of(row.get("hi_justification", ""))):
        draft.flags.append("It is labelled high-impact, but its justification says that it is not.")
    withheld = row.get("is_withheld", "")
    if not missing_kind(withheld) and yes_no(withheld) is not False:
        draft.flags.append(f"Its source would withhold it from the public: “{fold(withheld)[:80]}”.")


def columns_of(table: Table) -> tuple[Column, ...]:
    """The file's columns under the dictionary's codes; a column that is none of them keeps its own key."""
    taken: set[str] = set()
    columns = []
    for column in table.columns:
        key = _code_of(column.key)
        key = column.key if key is None or key in taken else key
        taken.add(key)
        columns.append(Column(key, column.title))
    return tuple(columns)


def _code_of(header: str) -> str | None:
    if header in KEYS:
        return header
    return next((code for phrase, code in PHRASES if phrase in header), None)


def fits(columns: Sequence[Column]) -> float:
    codes = {_code_of(column.key) for column in columns} - {None}
    return len(codes & set(KEYS)) / len(KEYS) if set(NEEDED) <= codes else 0.0


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read CSV or XLSX. Raises Invalid when the columns of the dictionary are missing."""
    columns = columns_of(table)
    keys = {column.key for column in columns}
    missing = [key for key in NEEDED if key not in keys]
    if missing:
        raise Invalid(
            f"This is not a 2025 inventory: no column is {', '.join(missing)}.",
            fields={"file": "Choose another kind of file, or map its columns by hand."},
        )
    table, columns = _with_agency(table, columns)
    return read_rows(table, columns, LAYOUT, words, adapter=KEY, source=KEY, version=VERSION)


def _with_agency(table: Table, columns: tuple[Column, ...]) -> tuple[Table, tuple[Column, ...]]:
    """An agency's own file does not say whose it is: take the agency from the letters that its ids begin with."""
    keys = [column.key for column in columns]
    if "agency_name" in keys:
        return table, columns
    if "agency" in keys:
        given = keys.index("agency")
        names = [row.cells[given] for row in table.rows]
    elif "id" in keys:
        found = (re.match(r"[A-Za-z][A-Za-z .&]*", fold(row.cells[keys.index("id")])) for row in table.rows)
        names = [match[0].strip() if match and not missing_kind(match[0]) else "" for match in found]
    else:
        return table, columns
    rows = tuple(Row(r.line, (*r.cells, name), r.remark) for r, name in zip(table.rows, names, strict=True))
    return replace(table, rows=rows), (*columns, Column("agency_name", "Agency (read from the file)"))


ADAPTER = Adapter(
    KEY,
    "US federal inventory 2025",
    "Individual use cases after memorandum M-25-21: consolidated (36 columns) or an agency's own, CSV or XLSX.",
    fits,
    read,
)
