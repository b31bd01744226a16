"""The document of this room: an organisation's own edition of a rule set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier.library import rule_set
from pilothouse.kernel.records.fields import PERSON, Line, Part, Words

Text = Annotated[str, Field(min_length=50, max_length=180_000)]
MOST_FAULTS = 5


class RuleSetEdition(Part):
    """A law as this organisation reads it. Sealed, it takes the place of the edition that ships under the same id."""

    name: Line = Field(title="Id of the rule set", description="Such as eu_ai_act: its edition takes that one's place.")
    why: Words = Field(title="Why", description="What differs from the edition before, and on whose advice.")
    text: Text = Field(title="Rules", description="The whole file in YAML. It is read and checked when sealed.")
    adopted_by: Line = Field(title="Adopted by", description="Who answers for this reading.", json_schema_extra=PERSON)

    @field_validator("text")
    @classmethod
    def _whole(cls, value: str, info: ValidationInfo) -> str:
        try:
            read = rule_set(value)
        except Invalid as error:
            told = [f"{where}: {words}" for where, words in error.fields.items()][:MOST_FAULTS]
            raise ValueError(" ".join([error.detail, "; ".join(told)]).strip()) from None
        if info.data.get("name") not in (None, read.id):
            raise ValueError(f"The rules say that their id is {read.id}.")
        return value
