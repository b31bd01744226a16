"""The fields of a system that people edit, said once: for forms, bulk edits, exports, the API and the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pilothouse.kernel.inventory.models import EDITABLE, Impact, PersonalData, Sourcing, System

Kind = Literal["line", "text", "choice", "unit", "person", "tags", "intake", "custom"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One editable field: `key` as stored and in the API, `title` for people, `choices` value → title."""

    key: str
    title: str
    kind: Kind
    help: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    max_length: int | None = None
    bulk: bool = False

    @property
    def anchor(self) -> str:
        """What a remedy's link ends with, such as #owner."""
        return self.key.removesuffix("_id")


def _spec(
    key: str,
    title: str,
    kind: Kind = "line",
    help: str = "",  # noqa: A002
    choices: type[Impact] | type[Sourcing] | type[PersonalData] | None = None,
    bulk: bool = False,
) -> FieldSpec:
    column = System._meta.get_field(key)
    return FieldSpec(
        key=key,
        title=title,
        kind=kind,
        help=help or str(getattr(column, "help_text", "")),
        choices={str(value): str(label) for value, label in choices.choices} if choices else {},
        max_length=getattr(column, "max_length", None) if kind == "line" else None,
        bulk=bulk,
    )


_SPECS = (
    _spec("name", "Name", help="What people call it."),
    _spec("purpose", "Purpose", "text"),
    _spec("outputs", "Outputs", "text"),
    _spec("unit_id", "Unit", "unit", "The part of the organisation that runs it.", bulk=True),
    _spec("owner_id", "Owner", "person", "The one person who answers for it.", bulk=True),
    _spec("deputy_id", "Deputy", "person", "Who answers when the owner is away.", bulk=True),
    _spec("impact", "Rights and safety", "choice", "As stated by the owner or a source.", Impact, bulk=True),
    _spec("affects", "Whom it affects", "text"),
    _spec("sourcing", "Build, buy or API", "choice", "Where it comes from.", Sourcing, bulk=True),
    _spec("technique", "Technique", help="Such as gradient boosting, language model, retrieval.", bulk=True),
    _spec("topic", "Field of use", bulk=True),
    _spec("vendor", "Vendor", help="The supplier, if it is bought or reached by API.", bulk=True),
    _spec("personal_data", "Personal data", "choice", "What data about people it uses.", PersonalData, bulk=True),
    _spec("outcome", "Outcome", "text"),
    _spec("outcome_metric", "Outcome metric"),
    _spec("contact", "Contact", bulk=True),
    _spec("intake", "Intake answers", "intake"),
    _spec("tags", "Tags", "tags", "Short labels of your own, separated by commas."),
    _spec("custom", "Custom fields", "custom"),
    _spec("notes", "Notes", "text", "Anything else worth knowing."),
)

FIELDS: dict[str, FieldSpec] = {spec.key: spec for spec in _SPECS}

if set(FIELDS) != set(EDITABLE):
    raise RuntimeError("fields.py and EDITABLE disagree about what people edit")


def field_title(key: str) -> str:
    """A field's title for people, also for keys that are not edited by hand."""
    spec = FIELDS.get(key)
    return spec.title if spec else key.removesuffix("_id").replace("_", " ").capitalize()
