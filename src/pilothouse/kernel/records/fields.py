"""Types of field that the schemas of every domain share, so that one word means one thing on every form."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Line = Annotated[str, Field(min_length=3, max_length=200)]
"""One line of text."""
Words = Annotated[str, Field(min_length=10, max_length=4000)]
"""A sentence or several."""
Unit = Annotated[str, Field(min_length=1, max_length=60)]
Money = Annotated[Decimal, Field(max_digits=15, decimal_places=2)]
Amount = Annotated[Decimal, Field(max_digits=15, decimal_places=2, ge=0)]
"""Money that is not below zero."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", max_length=3)]
Share = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
"""Of 100."""
Address = Annotated[str, Field(min_length=5, max_length=500, pattern=r"^https?://\S+$")]
"""A link."""

Method = Literal["randomised", "staggered", "synthetic_control", "before_after", "self_report"]
"""How an effect was measured, best first. What people merely tell is never booked and never enough to scale."""
METHODS: dict[str, Any] = {
    "labels": {
        "randomised": "Randomised trial",
        "staggered": "Rolled out in steps",
        "synthetic_control": "Against a synthetic control",
        "before_after": "Before and after",
        "self_report": "Told by its users",
    }
}
"""`Field(…, json_schema_extra=METHODS)`: what a form calls them."""

FULL: dict[str, Any] = {"full": True}
"""`Field(…, json_schema_extra=FULL)`: needed in full, but not in the short form that the low tier is asked for."""

SHORT: dict[str, Any] = {"short": True}
"""`Field(…, json_schema_extra=SHORT)`: may be left open, and yet the short form shows it, as another answer often makes
it needed."""


def refers(kind: str) -> dict[str, Any]:
    """`Field(…, json_schema_extra=refers("model_lifecycle.model"))`: the text (or each of the texts) is the key of an
    entry of that register. Sealing refuses a key that the register does not have; forms offer those there are."""
    return {"refers": kind}


PERSON = refers("person")
"""The text is the e-mail address of someone in the organisation."""

SYSTEM = refers("system")
"""The whole number is that of a system of the organisation."""

UNIT = refers("unit")
"""The text is the name of a unit of the organisation."""


ASKED = ConfigDict(validate_default=True)
"""`model_config = ASKED`: what is left open is looked at as well, so that a `field_validator` can say, where the answer
stands, that another answer makes it needed."""


class Part(BaseModel):
    """A document, or a part of one. It takes no field that it does not know."""

    model_config = ConfigDict(extra="forbid")


class Range(Part):
    """An estimate as a range: one chance in ten that it is lower than P10, one in ten that it is higher than P90."""

    p10: Money = Field(title="P10", description="Nine times in ten it will be more than this.")
    p50: Money = Field(title="P50", description="As likely more as less.")
    p90: Money = Field(title="P90", description="Nine times in ten it will be less than this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.p10 <= self.p50 <= self.p90:
            raise ValueError("P10 must not exceed P50, nor P50 exceed P90.")
        return self


class Cost(Range):
    """A range that cannot fall below nothing."""

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.p10 < 0:
            raise ValueError("A cost is not below zero.")
        return self
