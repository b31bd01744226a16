"""The AI threat model: four families of threat, each answered, none skipped."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import Line, Part, Words

Level = Literal["low", "medium", "high"]


class Threat(Part):
    """How one family of threat stands against this system."""

    applies: bool = Field(title="Does it apply?", description="No needs a reason as well.")
    scenario: Words = Field(
        title="Scenario", description="Who would do what, through which way in, to what end; or why it does not apply."
    )
    likelihood: Level | None = Field(None, title="Likelihood", description="Before controls.")
    harm: Level | None = Field(None, title="Harm", description="If it happened, to people and to the organisation.")
    controls: list[Annotated[str, Field(min_length=3, max_length=500)]] = Field(
        default_factory=list, title="Controls", description="What stands against it; one a line."
    )
    residual: Level | None = Field(None, title="Risk that remains", description="With the controls working.")

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not self.applies:
            return self
        if self.likelihood is None or self.harm is None or self.residual is None:
            raise ValueError("It applies, so say its likelihood, its harm and the risk that remains.")
        if not self.controls and self.residual == "low":
            raise ValueError("Without any control the risk that remains is not low.")
        return self


class ThreatModel(Part):
    """What could be done to or through one system, and what stands against it."""

    scope: Words = Field(
        title="Scope",
        description="The parts looked at: models, data, prompts, tools, interfaces; and what was left out.",
    )
    assets: list[Annotated[str, Field(min_length=3, max_length=300)]] = Field(
        min_length=1, title="What is worth protecting", description="Data, secrets, decisions, reputation; one a line."
    )
    poisoning: Threat = Field(
        title="Poisoning", description="Training, fine-tuning or retrieved data is tampered with (ATLAS AML.T0020)."
    )
    theft: Threat = Field(
        title="Theft and inversion",
        description="The model is copied, or its training data is drawn out of it (ATLAS AML.T0024).",
    )
    injection: Threat = Field(
        title="Prompt injection",
        description="Text that the system reads makes it do what its owner did not want (ATLAS AML.T0051).",
    )
    hijacking: Threat = Field(
        title="Agent hijacking",
        description="Its tools, memory or permissions are turned against the organisation (ATLAS AML.T0053).",
    )
    author: Line = Field(title="Made by", description="Names or posts of those who thought it through.")
    review_by: date = Field(title="Look again by", description="At the latest; a material change asks for it earlier.")
