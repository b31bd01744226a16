"""The kernel's own checks: does the register say what it must about a system, and what has been said of each practice?

All of them read what people state, so the best they find is *attested*; evidence raises it (see lift.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pilothouse.kernel.domain import Check, Domain, Facts, Finding, Grade, Ref, Status, SystemFacts
from pilothouse.kernel.inventory.models import Practice
from pilothouse.kernel.inventory.practices import PRACTICES

_AFFECTING = ("rights", "safety", "both", "high")
_SPARING = ("neither", "presumed_not")


def _row(system: SystemFacts) -> tuple[Ref, ...]:
    return _ref(system.id, system.number)


@lru_cache(maxsize=64)  # several checks in a row name the same system
def _ref(system_id: UUID, number: int) -> tuple[Ref, ...]:
    return (Ref("inventory.system", str(system_id), f"S-{number}"),)


def _met(system: SystemFacts, reason: str) -> Finding:
    return Finding(Status.MET, reason, Grade.ATTESTED, _row(system))


def _not_met(system: SystemFacts, reason: str) -> Finding:
    return Finding(Status.NOT_MET, reason, Grade.NONE, _row(system))


def _unknown(system: SystemFacts, reason: str) -> Finding:
    return Finding(Status.UNKNOWN, reason, Grade.NONE, _row(system))


def owner(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.owner_id is None:
        return _not_met(system, "Nobody owns it.")
    if system.owner_left:
        return _not_met(system, f"{system.owner_name} owned it and has left.")
    return _met(system, f"{system.owner_name} owns it.")


def deputy(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.deputy_id is None:
        return _not_met(system, "Nobody stands in when the owner is away.")
    if system.deputy_id == system.owner_id:
        return _not_met(system, "The owner is named as their own deputy.")
    return _met(system, "A deputy is named.")


def _text(value: Callable[[SystemFacts], str], said: str, missing: str) -> Callable[..., Finding]:
    """A check that a text is there: a sentence when it is, another when it is not."""

    def judge(system: SystemFacts, _: Any, now: datetime) -> Finding:
        return _met(system, said) if value(system).strip() else _not_met(system, missing)

    return judge


def outcome(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if not system.outcome.strip():
        return _not_met(system, "No business outcome is named.")
    if not system.outcome_metric.strip():
        return Finding(
            Status.IN_PROGRESS,
            "An outcome is named, and nothing that would show it.",
            Grade.ATTESTED,
            _row(system),
        )
    return _met(system, f"The outcome is shown by: {system.outcome_metric.strip()[:120]}")


def stage(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.stage == "unknown":
        return _unknown(system, "Nobody has said where it is in its life; it is asked what a running system is asked.")
    return _met(system, f"It is in {system.stage}." if system.stage != "idea" else "It is an idea.")


def tier(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.tier == "unknown":
        return _unknown(
            system,
            "The intake questions are not all answered; until they are, it is asked what the high tier is asked.",
        )
    given = sum(1 for answer in system.intake.values() if answer in ("yes", "no", "unknown"))
    return _met(system, f"It is of the {system.tier} tier, from {given} intake answers and the register.")


def unit(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.unit_id is None:
        return _not_met(system, "It belongs to no unit.")
    return _met(system, "Its unit is named.")


def vendor(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.vendor.strip():
        return _met(system, f"It comes from {system.vendor.strip()[:120]}.")
    if system.sourcing == "unknown":
        return _unknown(system, "Nobody has said whether it was built here or bought.")
    return _not_met(system, "It was bought, and the vendor is not named.")


def personal_data(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.personal_data == "unknown":
        return _unknown(system, "Nobody has said whether it uses personal data.")
    words = {"none": "It uses no personal data.", "personal": "It uses personal data."}
    return _met(system, words.get(system.personal_data, "It uses special categories of personal data."))


def impact(system: SystemFacts, _: Any, now: datetime) -> Finding:
    if system.impact == "unknown":
        return _unknown(system, "Nobody has said whether it touches people's rights or safety.")
    return _met(system, "Its effect on rights and safety is stated.")


def permitted_use(system: SystemFacts, _: Any, now: datetime) -> Finding:
    answer = system.intake.get("prohibited")
    if answer == "yes":
        return _not_met(system, "The intake says that the law forbids this use.")
    if answer == "no":
        return _met(system, "The intake says that the law does not forbid this use.")
    return _unknown(system, "Nobody has said whether the law forbids this use.")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer about a practice, with what a judgement quotes of it."""

    id: UUID
    status: str
    words: str
    source: str


def said_practices(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
    """System id → practice key → what was said, in one query."""
    rows = Practice.objects.filter(organisation_id=organisation_id)
    if system_ids is not None:
        rows = rows.filter(system_id__in=system_ids)
    found: defaultdict[UUID, dict[str, Said]] = defaultdict(dict)
    told = rows.values_list("system_id", "key", "id", "status", "words", "source").iterator(chunk_size=5000)
    for system_id, key, pk, status, words, source in told:
        found[system_id][key] = Said(pk, status, words, source)
    return found


def _practice(key: str) -> Callable[..., Finding]:
    """The judgement of one practice. A claim that it was waived or does not apply elsewhere opens nothing here: a
    waiver needs a decision, and the rulebook says what applies."""
    title = PRACTICES[key].title

    def judge(system: SystemFacts, practices: dict[str, Said] | None, now: datetime) -> Finding:
        said = practices.get(key) if practices else None
        if said is None or said.status == "not_answered":
            refs = (Ref("inventory.practice", str(said.id), title),) if said else _row(system)
            return Finding(Status.UNKNOWN, "Nobody has answered this.", Grade.NONE, refs)
        refs = (Ref("inventory.practice", str(said.id), title),)
        quote = f" (“{said.words.strip()[:160]}”)" if said.words.strip() else ""
        status, reason, grade = _SAID[said.status]
        return Finding(status, f"{said.source} says {reason}{quote}.", grade, refs)

    return judge


_SAID = {
    "met": (Status.MET, "that this is done", Grade.ATTESTED),
    "in_progress": (Status.IN_PROGRESS, "that this is under way", Grade.ATTESTED),
    "not_met": (Status.NOT_MET, "that this is not done", Grade.NONE),
    "waived": (Status.NOT_MET, "that this was waived there; a waiver here needs a decision", Grade.NONE),
    "not_applicable": (Status.NOT_MET, "that this does not apply, and the rulebook asks for it", Grade.NONE),
}


def _touches_people(system: SystemFacts) -> bool:
    """What is owed to the people affected concerns every system, save one that touches neither rights nor safety."""
    return system.impact not in _SPARING


def _bought(system: SystemFacts) -> bool:
    return system.sourcing != "build"


def _affects_somebody(system: SystemFacts) -> bool:
    return system.impact in _AFFECTING or system.tier in ("high", "unknown")


def _uses_personal_data(system: SystemFacts) -> bool:
    return system.personal_data != "none"


def _check(name: str, title: str, question: str, judge: Callable[..., Finding], remedy: str, **more: Any) -> Check:
    label, path = remedy.split(" → ")
    return Check(
        id=f"inventory.{name}",
        version=1,
        title=title,
        domain="inventory",
        question=question,
        judge=judge,
        remedy=path,
        remedy_label=label,
        **more,
    )


_REGISTER = (
    _check(
        "owner",
        "An owner",
        "Does somebody who still works here answer for this system?",
        owner,
        "Name an owner → edit/#owner",
        effort=0.1,
    ),
    _check(
        "deputy",
        "A deputy",
        "Does somebody else know it well enough to act when the owner is away?",
        deputy,
        "Name a deputy → edit/#deputy",
        effort=0.1,
    ),
    _check(
        "purpose",
        "A purpose",
        "Is it written down what the system is for?",
        _text(lambda s: s.purpose, "Its purpose is written down.", "Its purpose is not written down."),
        "Write down the purpose → edit/#purpose",
        effort=0.1,
    ),
    _check(
        "outputs",
        "What comes out",
        "Is it written down what the system produces?",
        _text(lambda s: s.outputs, "What it produces is written down.", "Nobody has said what it produces."),
        "Describe its outputs → edit/#outputs",
        effort=0.1,
    ),
    _check(
        "outcome",
        "A business outcome and its measure",
        "Is it said which outcome the system serves, and what would show that it does?",
        outcome,
        "Name the outcome and its measure → edit/#outcome",
        protects="cfo",
        effort=0.5,
    ),
    _check(
        "stage",
        "A known stage",
        "Is it known whether the system is an idea, in the making, in a pilot, in use or gone?",
        stage,
        "See the gates → gates/",
        effort=0.1,
    ),
    _check(
        "tier",
        "A tier",
        "Have the intake questions been answered, so that it is known how much to ask?",
        tier,
        "Answer the intake questions → intake/",
        protects="risk",
        effort=0.1,
    ),
    _check(
        "unit",
        "A place in the organisation",
        "Is it known which unit the system belongs to?",
        unit,
        "Choose the unit → edit/#unit",
        effort=0.1,
    ),
    _check(
        "vendor",
        "Who made it",
        "If it was bought or is reached by an API: is the vendor named?",
        vendor,
        "Name the vendor → edit/#vendor",
        applies=_bought,
        protects="ciso",
        effort=0.1,
    ),
    _check(
        "personal_data",
        "Personal data known",
        "Is it known whether the system uses information about recognisable people?",
        personal_data,
        "Say which personal data → edit/#personal_data",
        protects="legal",
        effort=0.2,
    ),
    _check(
        "impact",
        "Effect on rights and safety stated",
        "Has somebody said whether the system touches people's rights or safety?",
        impact,
        "State the effect → edit/#impact",
        protects="risk",
        effort=0.2,
    ),
    _check(
        "affects",
        "Whom it affects",
        "Is it written down whom the results affect?",
        _text(lambda s: s.affects, "Whom it affects is written down.", "Nobody has said whom it affects."),
        "Say whom it affects → edit/#affects",
        applies=_affects_somebody,
        protects="legal",
        effort=0.2,
    ),
    _check(
        "permitted_use",
        "Not a forbidden use",
        "Has somebody checked that the law does not forbid this use outright?",
        permitted_use,
        "Answer the intake questions → intake/",
        protects="legal",
        effort=0.5,
    ),
)

# Practice → whose protection it is, how many person-days it takes to do properly, and whom it concerns.
_OWED: dict[str, tuple[str, float, Callable[[SystemFacts], bool] | None]] = {
    "impact_assessment": ("risk", 5.0, None),
    "testing": ("risk", 5.0, None),
    "independent_evaluation": ("risk", 8.0, None),
    "monitoring": ("risk", 3.0, None),
    "risks_known": ("risk", 2.0, None),
    "human_training": ("hr", 2.0, None),
    "human_oversight": ("risk", 3.0, None),
    "notice": ("legal", 1.0, _touches_people),
    "disparities": ("legal", 5.0, _touches_people),
    "consultation": ("legal", 4.0, _touches_people),
    "appeal": ("legal", 3.0, _touches_people),
    "opt_out": ("legal", 3.0, _touches_people),
    "privacy_review": ("legal", 2.0, _uses_personal_data),
    "data_documentation": ("risk", 3.0, None),
    "ato": ("ciso", 4.0, None),
    "code_access": ("ciso", 1.0, None),
}


def _practice_check(key: str) -> Check:
    kind = PRACTICES[key]
    protects, effort, applies = _OWED[key]
    more: dict[str, Any] = {"applies": applies} if applies else {}
    return _check(
        key,
        kind.title,
        kind.question,
        _practice(key),
        f"State or document it → ?tab=statements&practice={key}#practice",
        load=said_practices,
        protects=protects,
        effort=effort,
        **more,
    )


INVENTORY = Domain(
    id="inventory",
    title="Inventory",
    question="Do we know what we have, and who answers for it?",
    checks=(*_REGISTER, *(_practice_check(key) for key in PRACTICES)),
    order=0,
)
