"""Models, the versions that run, how one was chosen, and why one was fine-tuned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, Address, Cost, Currency, Line, Part, Unit, Words, refers

MODEL = refers("model_lifecycle.model")
Revision = Annotated[str, Field(min_length=1, max_length=120)]


class Model(Part):
    """A model that the organisation uses, however it comes by it."""

    name: Line = Field(title="Name", description="As people here call it, such as gpt-4o-mini or Credit score.")
    kind: Literal["language", "vision", "speech", "classical", "recommender", "other"] = Field(
        title="Kind of model",
        json_schema_extra={"labels": {"classical": "Classical (regression, trees, forecasts)"}},
    )
    provider: Line = Field(title="Provider", description="Who makes it; your own organisation if you trained it.")
    access: Literal["api", "hosted", "own", "embedded"] = Field(
        title="How you come by it",
        json_schema_extra={
            "labels": {
                "api": "Called at its provider",
                "hosted": "Its weights run on machines of ours",
                "own": "Trained here",
                "embedded": "Inside a product that we bought",
            }
        },
    )
    base: Line | None = Field(
        None, title="Built on", description="The model that it was made from, if any.", json_schema_extra=MODEL
    )
    provenance: Words = Field(
        title="Provenance",
        description="Who trained it on what data, and where your copy or access comes from: checksum, contract.",
    )
    licence: Line = Field(
        title="Licence or terms", description="Such as Apache-2.0, or Provider's terms of 1 March 2026."
    )
    licence_allows: Literal["yes", "no", "unknown"] = Field(
        title="Does the licence allow your use?",
        description="Read for what you do: commercial use, fine-tuning, the fields it forbids.",
        json_schema_extra={"labels": {"unknown": "Nobody has read it yet"}},
    )
    card: Address | None = Field(None, title="Model card", description="A link to what its makers say of it.")
    owner: Line = Field(title="Owner", description="The e-mail of who answers for it here.", json_schema_extra=PERSON)

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        if self.base == self.name:
            raise ValueError("A model is not built on itself.")
        return self


class Version(Part):
    """One version of a model, in use in one system."""

    version: Revision = Field(
        title="Version",
        description="The exact one with the model's name, such as gpt-4o-mini-2024-07-18 or Credit score 3.2.",
    )
    model: Line = Field(title="Model", description="Its name in the register of models.", json_schema_extra=MODEL)
    owner: Line = Field(
        title="Owner",
        description="The e-mail of who answers for this version in this system.",
        json_schema_extra=PERSON,
    )
    since: date = Field(
        title="In use since", description="The first day on which it served this system.", json_schema_extra=FULL
    )
    until: date | None = Field(None, title="In use until", description="The last day; left open while it runs.")
    pinned: bool = Field(
        title="Does it stay as it is?",
        description="No, if its maker may change what answers under this name without telling you.",
        json_schema_extra=FULL,
    )
    fine_tuned: bool = Field(
        title="Fine-tuned for this?",
        description="Were its weights changed with data of yours? Then a fine-tuning case is due.",
        json_schema_extra=FULL,
    )
    role: Line | None = Field(None, title="What it does here", description="Such as Summarises the CV.")
    card: Address | None = Field(
        None, title="Card of this version", description="A link; left open where the model's own card covers it."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError("It cannot have stopped before it was in use.")
        return self


CRITERIA = ("accuracy", "cost", "latency", "interpretability", "compliance")
"""What a selection weighs together, not one after the other."""


class Criterion(Part):
    """One thing that the model must be good enough at."""

    about: Literal["accuracy", "cost", "latency", "interpretability", "compliance", "other"] = Field(title="About")
    least: Line = Field(
        title="The least that will do",
        description="With its measure, such as 92 % of 300 labelled cases right; or Of no weight here, because…",
    )


class Candidate(Part):
    """One model that was looked at, and what the tests showed."""

    name: Line = Field(title="Model", description="With its version. Something simpler counts: rules, or no AI.")
    results: Words = Field(
        title="What the tests showed", description="On each criterion, with figures: accuracy, cost a case, seconds, …"
    )


class Selection(Part):
    """How the model of one system was chosen: candidates, criteria, tests, and why."""

    chosen: Line = Field(
        title="Chosen", description="The model as the register of models names it, such as gpt-4o-mini."
    )
    why: Words = Field(title="Why this one", description="And what would make you choose again.")
    criteria: list[Criterion] = Field(
        min_length=1,
        title="Criteria",
        description="Accuracy, cost, latency, interpretability and compliance, each at least once.",
        json_schema_extra=FULL,
    )
    candidates: list[Candidate] = Field(
        min_length=2,
        title="Candidates",
        description="At least two, one of them smaller or simpler than the one chosen.",
        json_schema_extra=FULL,
    )
    tests: Words = Field(
        title="Tests",
        description="On which cases, how many, how they were drawn, and who judged the answers.",
        json_schema_extra=FULL,
    )
    tested_on: date = Field(title="Tested on", description="The last day of the tests.", json_schema_extra=FULL)
    decided_by: Line = Field(title="Decided by", description="An e-mail.", json_schema_extra=PERSON | FULL)
    review_by: date = Field(title="Look again by", description="Models and prices move: a year at most.")

    @model_validator(mode="after")
    def _weighed_together(self) -> Self:
        if self.criteria:
            said = {criterion.about for criterion in self.criteria}
            if left := [name for name in CRITERIA if name not in said]:
                raise ValueError(
                    f"Say of {' and '.join(left)} too what will do, even if that is: it does not matter here."
                )
        if self.candidates:
            names = [candidate.name.casefold() for candidate in self.candidates]
            if len(set(names)) < len(names):
                raise ValueError("A candidate is named twice.")
            if not any(self.chosen.casefold() in name for name in names):
                raise ValueError("The chosen model is not among the candidates.")
        return self


class FineTuning(Part):
    """Why prompts and retrieval do not suffice, and what changing the weights takes."""

    metric: Line = Field(
        title="Metric", description="The one figure that the task is judged by, such as F1 on 400 letters."
    )
    unit: Unit = Field(title="Unit", description="Such as %, minutes, errors a hundred.")
    better: Literal["higher", "lower"] = Field(title="Which way is better?")
    needed: Decimal = Field(title="Needed", description="The least that will do, in that unit.")
    prompting: Decimal = Field(
        title="Best with prompting", description="The best that prompts and examples reached, on the same cases."
    )
    prompting_tried: Words = Field(
        title="What prompting was tried", description="Which prompts, examples and models, over how long."
    )
    retrieval: Decimal | None = Field(
        None,
        title="Best with retrieval",
        description="The best with your documents at hand; open if it has no bearing.",
    )
    retrieval_tried: Words = Field(
        title="What retrieval was tried",
        description="Or why giving it documents has no bearing.",
        json_schema_extra=FULL,
    )
    tuned: Decimal | None = Field(None, title="Reached by fine-tuning", description="Once it is known.")
    data: Words = Field(
        title="Data", description="What it is tuned with, how many examples, who labelled them, and by what right."
    )
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.", json_schema_extra=FULL)
    cost: Cost = Field(
        title="Cost of the first year",
        description="Labels, training, hosting and keeping it fresh.",
        json_schema_extra=FULL,
    )
    upkeep: Words = Field(
        title="Upkeep",
        description="Who tunes it again when the base model or the data moves, and how often.",
        json_schema_extra=FULL,
    )
    evaluation: Words = Field(
        title="Evaluation",
        description="On which cases that it never saw, and what must not get worse: other tasks, safety, fairness.",
    )
    owner: Line = Field(title="Owner", description="An e-mail.", json_schema_extra=PERSON)
    review_by: date = Field(title="Look again by", description="A newer base model may do it by prompting alone.")

    @model_validator(mode="after")
    def _not_needed(self) -> Self:
        for words, reached in (("Prompting", self.prompting), ("Retrieval", self.retrieval)):
            if reached is not None and self.reaches(reached):
                raise ValueError(f"{words} reached what is needed, so there is no case for fine-tuning.")
        return self

    def reaches(self, value: Decimal) -> bool:
        """Is this as good as what is needed?"""
        return value >= self.needed if self.better == "higher" else value <= self.needed
