"""The checks of the model lifecycle: is it known what runs, where it comes from, why it was chosen?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, needs, sealed, spoken, today
from pilothouse.kernel.records.loaders import organisation_register
from pilothouse.kernel.records.people import Here, people_here
from pilothouse.kernel.records.selectors import Sealed, entries, latest_sealed

MODEL = "model_lifecycle.model"
VERSION = "model_lifecycle.version"
SELECTION = "model_lifecycle.selection"
FINE_TUNING = "model_lifecycle.fine_tuning"

Versions = tuple[Sealed, ...] | None
Models = Mapping[str, Sealed]
NOTHING = "It is not recorded which model and version runs in it."


def running(versions: Versions, now: datetime) -> list[Sealed]:
    """The versions in use today, among those recorded."""
    date = today(now)
    return [
        one for one in versions or () if (day(one.body["since"]) or date) <= date <= (day(one.body["until"]) or date)
    ]


def names(versions: Sequence[Sealed]) -> str:
    """Versions as a sentence names them."""
    return ", ".join(one.key for one in versions)


@needs(NOTHING, at=0)
def judge_version(system: SystemFacts, loaded: tuple[Versions, Here], now: datetime) -> Finding:
    """Met while every version that runs is exact, does not change silently, and has an owner who is here."""
    versions, people = loaded
    use = running(versions, now)
    if not use:
        return sealed(Status.NOT_MET, "Versions are recorded, and none of them is in use today.", *(versions or ()))
    if gone := people.gone(one.body["owner"] for one in use):
        return sealed(
            Status.NOT_MET, f"{', '.join(gone)} answered for a version that runs, and is not here any more.", *use
        )
    if floating := [one for one in use if one.body["pinned"] is False]:
        reason = f"Its maker may change {names(floating)} without a word, so nobody knows what answers."
        return sealed(Status.IN_PROGRESS, reason, *floating)
    owners = ", ".join(dict.fromkeys(people.called(one.body["owner"]) for one in use))
    return sealed(Status.MET, f"It runs {names(use)}; {owners} answers for it.", *use)


@needs(NOTHING, at=0)
def judge_provenance(system: SystemFacts, loaded: tuple[Versions, Models], now: datetime) -> Finding:
    """Met while each model that runs has its provenance on record and a licence that allows the use."""
    versions, known = loaded
    use = running(versions, now)
    if missing := [one.body["model"] for one in use if one.body["model"] not in known]:
        return sealed(Status.NOT_MET, f"{missing[0]} is not in the register of models.", *use)
    read = [known[name] for name in dict.fromkeys(one.body["model"] for one in use)]
    for model in read:
        licence = model.body["licence"]
        if model.body["licence_allows"] == "no":
            return sealed(Status.NOT_MET, f"The licence of {model.key} ({licence}) does not allow this use.", model)
        if model.body["licence_allows"] == "unknown":
            reason = f"Nobody has read whether the licence of {model.key} ({licence}) allows this use."
            return sealed(Status.IN_PROGRESS, reason, model)
    if not read:
        return absent(system, "None of its recorded versions is in use today.")
    told = "; ".join(f"{model.key} by {model.body['provider']}, {model.body['licence']}" for model in read)
    return sealed(Status.MET, f"Provenance and licence are on record: {told}.", *read)


@needs("It is not written down how its model was chosen.", at=0)
def judge_selection(system: SystemFacts, loaded: tuple[Sealed, Versions], now: datetime) -> Finding:
    """Met while a selection record is sealed, not overdue, and what it chose is what runs."""
    paper, versions = loaded
    review, chosen = day(paper.body["review_by"]), str(paper.body["chosen"])
    if review and review < today(now):
        return sealed(
            Status.IN_PROGRESS, f"The choice of {chosen} was to be looked at again by {spoken(review)}.", paper
        )
    use = running(versions, now)
    if use and not any(_same(chosen, one) for one in use):
        return sealed(Status.IN_PROGRESS, f"It chose {chosen}, and {names(use)} runs.", paper, *use)
    looked_at = len(paper.body["candidates"] or ())
    among = f" among {looked_at} candidates" if looked_at else ""
    until = f"; to be looked at again by {spoken(review)}" if review else ""
    return sealed(Status.MET, f"{chosen} was chosen{among}{until}.", paper)


def _same(chosen: str, version: Sealed) -> bool:
    """Does the selection mean this version, by its model's name or its own?"""
    said = chosen.casefold()
    return any(said in name or name in said for name in (version.body["model"].casefold(), version.key.casefold()))


def judge_fine_tuning(system: SystemFacts, loaded: tuple[Versions, Sealed | None], now: datetime) -> Finding:
    """Where a version that runs is fine-tuned: met while a case is sealed that says why prompting does not suffice."""
    versions, case = loaded
    if not versions:
        return Finding(Status.NOT_APPLICABLE, "No version is recorded; that is asked for by itself.")
    tuned = [one for one in running(versions, now) if one.body["fine_tuned"]]
    if not tuned:
        return sealed(Status.NOT_APPLICABLE, "None of the versions that run is fine-tuned.", *versions)
    if case is None:
        reason = f"{names(tuned)} is fine-tuned, and nobody has written why prompting does not suffice."
        return Finding(absent(system, "").status, reason, refs=tuple(one.ref for one in tuned))
    review = day(case.body["review_by"])
    if review and review < today(now):
        reason = f"Whether {names(tuned)} still needs fine-tuning was to be looked at by {spoken(review)}."
        return sealed(Status.IN_PROGRESS, reason, case)
    said = {key: case.body[key] for key in ("metric", "needed", "prompting", "unit")}
    reason = "Prompting reached {prompting} {unit} of {metric}, and {needed} is needed.".format(**said)
    return sealed(Status.MET, reason, case, *tuned)


def _card(model: Sealed | None) -> str:
    return str(model.body["card"] or "") if model else ""


@needs(NOTHING, at=0)
def judge_card(system: SystemFacts, loaded: tuple[Versions, Models], now: datetime) -> Finding:
    """Met while each version that runs has a card, its own or its model's."""
    versions, models = loaded
    use = running(versions, now)
    without = [one for one in use if not one.body["card"] and not _card(models.get(one.body["model"]))]
    if without:
        status = Status.NOT_MET if len(without) == len(use) else Status.IN_PROGRESS
        return sealed(status, f"No card says what {names(without)} can do and cannot.", *without)
    if not use:
        return absent(system, "None of its recorded versions is in use today.")
    return sealed(Status.MET, f"A card is kept of {names(use)}.", *use)


VERSIONS = entries(VERSION)
MODELS = organisation_register(MODEL)

CHECKS = (
    Check(
        id="model_lifecycle.version_recorded",
        version=1,
        title="Model version recorded",
        domain="model_lifecycle",
        question="Is it known which model and version runs in it, and who answers for that?",
        load=(VERSIONS, people_here),
        judge=judge_version,
        remedy=f"records/{VERSION}/new/",
        remedy_label="Record the version that runs",
        protects="cto",
        effort=0.3,
    ),
    Check(
        id="model_lifecycle.provenance_known",
        version=1,
        title="Provenance and licence known",
        domain="model_lifecycle",
        question="Is it known where its models come from, and that their licences allow this use?",
        load=(VERSIONS, MODELS),
        judge=judge_provenance,
        remedy=f"/records/kinds/{MODEL}/new/",
        remedy_label="Register the model",
        protects="legal",
        effort=0.5,
    ),
    Check(
        id="model_lifecycle.selection_sealed",
        version=1,
        title="Model selection recorded",
        domain="model_lifecycle",
        question="Was the model chosen on accuracy, cost, latency, interpretability and compliance together?",
        load=(latest_sealed(SELECTION), VERSIONS),
        judge=judge_selection,
        remedy=f"records/{SELECTION}/edit/",
        remedy_label="Write the selection record",
        protects="caio",
        effort=1.5,
    ),
    Check(
        id="model_lifecycle.fine_tuning_justified",
        version=1,
        title="Fine-tuning justified",
        domain="model_lifecycle",
        question="Where weights were changed: was it shown that prompting and retrieval do not suffice?",
        load=(VERSIONS, latest_sealed(FINE_TUNING)),
        judge=judge_fine_tuning,
        remedy=f"records/{FINE_TUNING}/edit/",
        remedy_label="Make the case for fine-tuning",
        protects="caio",
        effort=1.5,
    ),
    Check(
        id="model_lifecycle.card_kept",
        version=1,
        title="Model card kept",
        domain="model_lifecycle",
        question="Does a card say what its models can do, and what they cannot?",
        load=(VERSIONS, MODELS),
        judge=judge_card,
        remedy=f"records/{VERSION}/new/",
        remedy_label="Link a card",
        protects="caio",
        effort=0.5,
    ),
)
