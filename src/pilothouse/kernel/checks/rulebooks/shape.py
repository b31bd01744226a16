"""Short ways to write a rulebook down."""

from __future__ import annotations

from collections.abc import Collection

from pilothouse.kernel.checks.rulebook import TIERS, MaterialChange, Question, Reads, Requirement, TierKey
from pilothouse.kernel.domain import Grade

A, D, S = Grade.ATTESTED, Grade.DOCUMENTED, Grade.SEALED


def ask(
    checks: str, *, low: Grade | None = None, medium: Grade | None = None, high: Grade | None = None
) -> tuple[Requirement, ...]:
    """Requirements for checks, named in one string, with the least grade for each tier asked.

    A bare name is a check of the inventory; another domain's is named in full. Which domains there are is not known
    here: a check that nobody brings blocks, and says so.
    """
    grades: dict[TierKey, Grade | None] = {"low": low, "medium": medium, "high": high}
    lines = []
    for name in checks.split():
        for grade in Grade:
            tiers = tuple(tier for tier in TIERS if grades[tier] is grade)
            if tiers:
                lines.append(Requirement(check=name if "." in name else f"inventory.{name}", grade=grade, tiers=tiers))
    return tuple(lines)


def ask_of(checks: str, tiers: Collection[TierKey], grade: Grade = S) -> tuple[Requirement, ...]:
    """The same of some tiers."""
    return ask(checks, **dict.fromkeys(tiers, grade))


def ask_all(checks: str, grade: Grade = A) -> tuple[Requirement, ...]:
    """The same of every tier."""
    return ask(checks, low=grade, medium=grade, high=grade)


# What the gates ask of the ten domains. Every shipped rulebook asks the same questions; they differ in whom they ask
# the longer ones (`careful`), and the low tier answers in the short form of each document.
def before_spending() -> tuple[Requirement, ...]:
    """Development: no money is spent without a sealed hypothesis."""
    return ask_all("strategy.value_hypothesis_sealed", S)


def before_pilot(careful: Collection[TierKey]) -> tuple[Requirement, ...]:
    """Pilot: is the data there, are people's data ruled, and, of the tiers in `careful`, is it thought through?"""
    return (
        ask_all("platform.data_readiness_sealed security.personal_data_rules", S)
        + ask_of(
            "strategy.goal_traced strategy.reimagined_justified platform.sources_named platform.blockers_owned "
            "architecture.design_recorded model_lifecycle.selection_sealed talent.roles_named",
            careful,
        )
        + ask("experience.oversight_planned", high=S)
    )


def before_production(careful: Collection[TierKey]) -> tuple[Requirement, ...]:
    """Production: the signature, the class, the monitor, the cost, the version; of the tiers in `careful` the rest."""
    return (
        ask_all(
            "security.review_signed governance.risk_classified governance.responsibilities_named mlops.monitor_alerts "
            "economics.cost_planned model_lifecycle.version_recorded model_lifecycle.fine_tuning_justified "
            "architecture.agents_controlled",
            S,
        )
        + ask_of(
            "strategy.pilot_verdict_sealed platform.data_ready platform.pipelines_sound security.threat_model_sealed "
            "security.residual_accepted architecture.decision_recorded architecture.corpora_ruled "
            "model_lifecycle.provenance_known mlops.runbook_written mlops.incidents_handled "
            "experience.workflow_redesigned experience.adoption_planned experience.use_measured "
            "experience.feedback_heard "
            "governance.obligations_assigned talent.capability_covered talent.users_literate "
            "economics.budget_held economics.prices_known economics.review_costed economics.value_booked",
            careful,
        )
        + ask(
            "model_lifecycle.card_kept governance.controls_evidenced governance.inventory_attested "
            "mlops.detection_timed",
            high=S,
        )
    )


def question(
    key: str, text: str, example: str, *, yes: TierKey = "high", no: TierKey = "low", reads: Reads = ""
) -> Question:
    return Question(key=key, text=text, example=example, yes=yes, no=no, reads=reads)


# The keys are those of inventory.intake: an answer once given counts under every rulebook that asks the same.
PEOPLE = question(
    "affects_people",
    "Could a wrong result cost somebody a job, money, care, schooling or a home?",
    "It ranks applicants or prices a loan: yes. It words a job advert that someone edits: no.",
    reads="impact_rights",
)
SAFETY = question(
    "safety",
    "Could a wrong result hurt someone, or stop something that people depend on?",
    "It steers a machine or plans every delivery of the day: yes. It drafts minutes of meetings: no.",
    reads="impact_safety",
)
PERSONAL = question(
    "personal_data",
    "Does it use information about people who can be recognised?",
    "Names in CVs, customer numbers, voices, faces or locations: yes. Temperatures of a cold store: no.",
    yes="medium",
    reads="personal_data",
)
ALONE = question(
    "acts_alone",
    "Does anything happen because of its results before a person has looked at them?",
    "It sends the letter, blocks the card or closes the ticket by itself: yes. Someone reads and sends a draft: no.",
    yes="medium",
)
OUTSIDE = question(
    "outside_people",
    "Do people outside the organisation talk to it or receive what it makes?",
    "A chat window for customers, a text on the website: yes. Notes that only colleagues read: no.",
    yes="medium",
)

MATERIAL = (
    MaterialChange(component="model", change="added", then="resign"),
    MaterialChange(component="model", change="removed", then="notify"),
    MaterialChange(component="model", change="version", then="resign"),
    MaterialChange(component="model", change="provider_update", then="notify"),
    MaterialChange(component="agent", change="added", then="resign"),
    MaterialChange(component="agent", change="removed", then="notify"),
    MaterialChange(component="agent", change="version", then="resign"),
    MaterialChange(component="data_source", change="added", then="resign"),
    MaterialChange(component="data_source", change="removed", then="notify"),
    MaterialChange(component="tool", change="added", then="resign"),
    MaterialChange(component="tool", change="removed", then="notify"),
    MaterialChange(component="vendor", change="added", then="resign"),
    MaterialChange(component="prompt", change="version", then="notify"),
    MaterialChange(component="exposure", change="added", then="resign"),
    MaterialChange(component="exposure", change="removed", then="nothing"),
)
