"""People and skills, what the roadmap needs, the Center of Excellence, and who has learnt to use AI."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, SYSTEM, UNIT, Address, Line, Part, Share, Words, refers

Level = Annotated[int, Field(ge=0, le=4)]
LEVELS = "0 none, 1 learns it, 2 does it with help, 3 does it alone, 4 teaches it."
Quarter = Annotated[str, Field(pattern=r"^\d{4}-Q[1-4]$", max_length=7)]
People = Annotated[Decimal, Field(gt=0, le=1000, max_digits=6, decimal_places=2)]
ROLE, SKILL, ASSET, COURSE = (refers(f"talent.{name}") for name in ("role", "skill", "asset", "course"))
Area = Literal["mlops", "governance", "security", "data", "engineering", "product", "change"]
AREAS = {
    "mlops": "MLOps",
    "governance": "AI governance",
    "security": "AI security",
    "data": "Data",
    "engineering": "AI engineering",
    "product": "Product",
    "change": "Change and training",
}


class Skill(Part):
    """Something that people can do, at levels that mean the same for all."""

    name: Line = Field(title="Skill", description="Such as Evaluating language models.")
    area: Area = Field(title="Area", json_schema_extra={"labels": {**AREAS}})
    alone: Words = Field(title="Level 3 means", description="What somebody does alone who has it. " + LEVELS)


class NeededSkill(Part):
    """A skill that a role takes."""

    skill: Line = Field(title="Skill", json_schema_extra=SKILL)
    level: Level = Field(title="At least level", description=LEVELS)


class Role(Part):
    """A role that AI work takes, whoever holds it."""

    title: Line = Field(title="Role", description="Such as MLOps engineer.")
    area: Area = Field(title="Area", json_schema_extra={"labels": {**AREAS}})
    purpose: Words = Field(title="What for", description="What is not done if nobody holds it.")
    skills: list[NeededSkill] = Field(min_length=1, title="Skill needed")

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({needed.skill for needed in self.skills}) < len(self.skills):
            raise ValueError("A skill is named twice.")
        return self


class HeldSkill(Part):
    """A skill that somebody has."""

    skill: Line = Field(title="Skill", json_schema_extra=SKILL)
    level: Level = Field(title="Level", description=LEVELS)
    by: Literal["self", "manager", "tested", "certified"] = Field(
        title="Who says so", json_schema_extra={"labels": {"self": "They themselves", "tested": "A test or work seen"}}
    )


class Holder(Part):
    """What somebody can do, and how much of their time is there for it. Confidential."""

    person: Line = Field(title="Person", description="An e-mail.", json_schema_extra=PERSON)
    role: Line = Field(title="Role", description="The one that their time is counted for.", json_schema_extra=ROLE)
    fte: Annotated[Decimal, Field(gt=0, le=1, max_digits=3, decimal_places=2)] = Field(
        title="Share of full time", description="Such as 0.5, for AI work."
    )
    basis: Literal["employed", "contract", "supplier"] = Field(title="Basis")
    start: date | None = Field(None, title="From", description="Open if they are here already.")
    end: date | None = Field(None, title="Until", description="Open if no end is known.")
    levels: list[HeldSkill] = Field(
        default_factory=list, title="Level", description="None yet: nobody has assessed them."
    )
    assessed_on: date | None = Field(None, title="Assessed on")

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.levels and self.assessed_on is None:
            raise ValueError("Say on which day the levels were assessed.")
        if self.start and self.end and self.end < self.start:
            raise ValueError("It ends before it begins.")
        if len({held.skill for held in self.levels}) < len(self.levels):
            raise ValueError("A skill is named twice.")
        return self


class Need(Part):
    """How many people a quarter takes."""

    quarter: Quarter = Field(title="Quarter", description="Such as 2027-Q1.")
    fte: People = Field(title="Full-time people", description="Such as 1.5.")


class Demand(Part):
    """What one undertaking of the roadmap takes of one role, quarter by quarter."""

    title: Line = Field(title="What for", description="Such as Claims assistant to production.")
    role: Line = Field(title="Role", json_schema_extra=ROLE)
    needs: list[Need] = Field(min_length=1, title="Quarter")
    systems: list[int] = Field(
        default_factory=list, title="Systems", description="Their numbers, one a line.", json_schema_extra=SYSTEM
    )
    sure: bool = Field(title="Is it decided?", description="No, if it hangs on a decision still to be made.")

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({need.quarter for need in self.needs}) < len(self.needs):
            raise ValueError("A quarter is named twice.")
        return self


class Post(Part):
    """A role that a system takes, and who holds it there."""

    role: Line = Field(title="Role", json_schema_extra=ROLE)
    people: list[Line] = Field(
        default_factory=list,
        title="Held by",
        description="E-mails, one a line; none while it is open.",
        json_schema_extra=PERSON,
    )


class Staffing(Part):
    """Which roles a system takes to be built and run, and who holds them."""

    posts: list[Post] = Field(min_length=1, title="Role", description="Also whoever runs and oversees it.")
    away: Words = Field(
        title="When they are away",
        description="Who stands in, and what stops until they are back.",
        json_schema_extra=FULL,
    )
    gaps: Words = Field(
        title="How gaps are closed",
        description="Hire, train, borrow or buy; by when. None is an answer.",
        json_schema_extra=FULL,
    )
    review_by: date = Field(title="Look again by", json_schema_extra=FULL)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({post.role for post in self.posts}) < len(self.posts):
            raise ValueError("A role is named twice.")
        return self


class Spoke(Part):
    """Somebody in a unit who belongs to the Center of Excellence."""

    unit: Line = Field(title="Unit", json_schema_extra=UNIT)
    person: Line = Field(title="Person", description="An e-mail.", json_schema_extra=PERSON)


Point = Annotated[str, Field(min_length=3, max_length=300)]


class Charter(Part):
    """What the Center of Excellence is there for, what it decides, and how it stands to the units."""

    model: Literal["central", "hub_and_spoke", "federated"] = Field(
        title="Operating model",
        description="Who builds: one team; one team with people in the units; or the units, held together by rules.",
        json_schema_extra={"labels": {"hub_and_spoke": "Hub and spoke"}},
    )
    mission: Words = Field(title="Mission", description="What units can do because of it that they could not alone.")
    lead: Line = Field(title="Lead", description="An e-mail.", json_schema_extra=PERSON)
    decides: list[Point] = Field(min_length=1, title="Decides", description="One a line: without asking a unit.")
    advises: list[Point] = Field(default_factory=list, title="Advises", description="One a line: the unit decides.")
    services: list[Point] = Field(min_length=1, title="Services", description="One a line: what a unit may ask for.")
    funding: Literal["central", "charged", "mixed"] = Field(
        title="Paid", json_schema_extra={"labels": {"charged": "By the units"}}
    )
    spokes: list[Spoke] = Field(default_factory=list, title="In the units")
    measure: Words = Field(
        title="How it is judged", description="Such as time from idea to production, reuse, what units say."
    )
    review_by: date = Field(title="Look again by")

    @model_validator(mode="after")
    def _spoken_for(self) -> Self:
        if self.model != "central" and not self.spokes:
            raise ValueError("Such a model lives in the units, so name somebody in at least one of them.")
        return self


class Asset(Part):
    """Something made once that others can use again."""

    name: Line = Field(title="Name", description="Such as Connector to the claims archive.")
    kind: Literal["model", "prompt", "connector", "dataset", "evaluation", "component"] = Field(title="Kind")
    what: Words = Field(title="What it does", description="And what it does not.")
    owner: Line = Field(title="Owner", description="An e-mail.", json_schema_extra=PERSON)
    how: Words = Field(title="How one gets it", description="Whom to ask, or where it is.")
    address: Address | None = Field(None, title="Link")
    systems: list[int] = Field(
        default_factory=list,
        title="Used by systems",
        description="Their numbers, one a line.",
        json_schema_extra=SYSTEM,
    )


class Reuse(Part):
    """A unit asks for something of the catalogue, or uses it."""

    asset: Line = Field(title="What", json_schema_extra=ASSET)
    unit: Line = Field(title="Unit", json_schema_extra=UNIT)
    state: Literal["asked", "refused", "in_use", "ended"] = Field(title="State")
    asked_on: date = Field(title="Asked on")
    used_since: date | None = Field(None, title="In use since")
    spared: Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=1)] | None = Field(
        None, title="Days it spared", description="Person-days that the unit did not spend on making it again."
    )
    note: Words | None = Field(None, title="Note", description="Why it was refused or ended, or what was missing.")

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.state in ("in_use", "ended") and self.used_since is None:
            raise ValueError("Say since when it is or was in use.")
        if self.used_since and self.used_since < self.asked_on:
            raise ValueError("It was not in use before it was asked for.")
        if self.state == "refused" and not self.note:
            raise ValueError("Say why it was refused.")
        return self


class Course(Part):
    """Something that people learn about AI."""

    title: Line = Field(title="Course", description="Such as Using AI at work.")
    audience: Literal["everybody", "users", "reviewers", "builders", "leaders"] = Field(
        title="For whom", json_schema_extra={"labels": {"users": "Whoever uses an AI system"}}
    )
    required: bool = Field(title="Must they?")
    covers: Words = Field(title="What one can do after it", description="Also when not to trust an answer.")
    hours: Annotated[Decimal, Field(gt=0, le=500, max_digits=5, decimal_places=1)] = Field(title="Hours")
    target: Share = Field(title="Of 100, how many should have done it")
    months: int | None = Field(
        None, gt=0, le=120, title="Holds for months", description="Open if it need not be repeated."
    )
    owner: Line = Field(title="Owner", description="An e-mail.", json_schema_extra=PERSON)


class Completion(Part):
    """How many people of one unit have done one course, on one day."""

    course: Line = Field(title="Course", json_schema_extra=COURSE)
    unit: Line | None = Field(
        None, title="Unit", description="With all below it; open for the whole organisation.", json_schema_extra=UNIT
    )
    on: date = Field(title="As of")
    people: int = Field(title="People who should", gt=0)
    done: int = Field(title="People who have", ge=0)

    @model_validator(mode="after")
    def _part(self) -> Self:
        if self.done > self.people:
            raise ValueError("More have done it than there are people.")
        return self
