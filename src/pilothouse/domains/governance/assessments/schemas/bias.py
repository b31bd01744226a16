"""The bias policy of a system: what is measured of whom, against which bar, why that, and who is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.domains.governance.assessments.fairness.metrics import METRICS
from pilothouse.kernel.records.fields import ASKED, FULL, PERSON, Line, Part, Words

Bar = Annotated[Decimal, Field(gt=0, lt=10, max_digits=5, decimal_places=4)]
MetricId = Literal[
    "four_fifths",
    "disparate_impact",
    "statistical_parity",
    "equal_opportunity",
    "equalised_odds",
    "average_odds",
    "predictive_parity",
    "fnr_ratio",
    "fpr_ratio",
    "for_ratio",
    "fdr_ratio",
    "treatment_equality",
    "calibration",
    "balance_positive",
    "balance_negative",
    "theil",
    "flip_rate",
]
TITLES: dict[str, Any] = {one.id: one.title for one in METRICS.values()}
NEEDED = {
    "lawful_because": ("no", "Say what makes it lawful to hold it; nobody holds it without a reason."),
    "necessary_because": ("yes", "It is of a special category: say why bias cannot be found without it."),
}


class Attribute(Part):
    """One attribute that people must not be treated differently for."""

    model_config = ASKED

    name: Line = Field(title="Attribute", description="Such as sex, age band, or sex × ethnicity where both together.")
    held: Literal["held", "proxy", "not_held"] = Field(
        title="Do we have it?",
        description="Where not, say below how bias is looked for without it.",
        json_schema_extra={
            "labels": {
                "held": "Held for these people",
                "proxy": "Guessed from something else",
                "not_held": "Not held",
            }
        },
    )
    special: Literal["yes", "no"] = Field(
        title="Special category of personal data?",
        description="GDPR Article 9: such as ethnic origin, health, religion, sexual orientation.",
    )
    lawful_because: Words | None = Field(
        None,
        title="Lawful to hold because",
        description="The legal basis, and how long it is kept. Needed for whatever is held or guessed.",
    )
    necessary_because: Words | None = Field(
        None,
        title="Strictly necessary because",
        description="EU AI Act, Article 4a (until 2026 Article 10(5)): why other data would not show the bias, who may "
        "see it, when it is deleted. Needed of a special category that is held or guessed.",
    )
    reference: Line | None = Field(
        None,
        title="Reference group",
        description="Whom others are set beside. Open: the largest; four-fifths: the most favoured.",
    )

    @field_validator("lawful_because", "necessary_because")
    @classmethod
    def _told(cls, value: str | None, info: ValidationInfo) -> str | None:
        held = info.data.get("held") in ("held", "proxy")
        special, words = NEEDED[str(info.field_name)]
        if value is None and held and (special == "no" or info.data.get("special") == "yes"):
            raise ValueError(words)
        return value


class Measure(Part):
    """One metric that the system is held to."""

    metric: MetricId = Field(
        title="Metric",
        description="Where base rates differ, equal error rates and calibration cannot both hold.",
        json_schema_extra={"labels": TITLES},
    )
    bar: Bar = Field(
        title="Threshold",
        description="A ratio of at least this (0.8 is four fifths), or a difference or rate of at most this.",
    )
    because: Words = Field(
        title="Chosen because", description="Whom which error harms, and why this one matters more than the others."
    )


class BiasPolicy(Part):
    """What bias is looked for in one system, how, and what happens when it is found."""

    attributes: list[Attribute] = Field(
        title="Protected attributes", description="Whoever may be treated worse than others.", min_length=1
    )
    measures: list[Measure] = Field(
        title="Metrics", description="Each with its threshold and the reason for choosing it.", min_length=1
    )
    least: int = Field(
        title="Smallest group, people",
        description="Smaller groups are shown as too few to say, never as fine. 30 is usual.",
        ge=5,
        le=100_000,
        json_schema_extra=FULL,
    )
    withheld: int = Field(
        5,
        title="Withheld below, people",
        description="Groups smaller than this are not told apart in what leaves the house.",
        ge=0,
        le=1000,
    )
    without: Words | None = Field(
        None,
        title="Where an attribute is not held",
        description="How bias is looked for all the same: a survey, a panel, changing names in the input.",
        json_schema_extra=FULL,
    )
    cadence: Literal["each_release", "weekly", "monthly", "quarterly", "yearly"] = Field(
        title="How often it is measured",
        description="And always after a material change.",
        json_schema_extra={"labels": {"each_release": "With each release"}, **FULL},
    )
    told: list[Line] = Field(
        title="Who is told",
        description="Of a breach at once, of a watch with the next report; one a line.",
        min_length=1,
        json_schema_extra=PERSON | FULL,
    )
    then: Words = Field(
        title="What happens at a breach", description="Who decides whether it is stopped, and what is mended first."
    )
    review_by: date = Field(title="Look again by", description="A year ahead at the latest.")
