"""The forms of authorities as data: which columns, which choices, what must be filled when. Read strictly."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from pilothouse.domains.governance.duties.lawbook import Confidence

Required = Literal["always", "presumed_not", "living", "running", "vendor", "ato", "high", "no"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Takes no field that it does not know."""


class Column(_Strict, frozen=True):
    """One column of the US inventory. `asked`: the register does not hold it, so the document of the system asks it;
    `many`: several choices may be ticked; `answers`: which choice says what was said of a practice."""

    code: str
    title: str
    required: Required
    choices: tuple[str, ...] = ()
    asked: bool = False
    many: bool = False
    practice: str = ""
    answers: dict[str, str] = {}


class OmbForm(_Strict, frozen=True):
    """One edition of the inventory's form."""

    edition: str
    as_of: date
    confidence: Confidence
    source: str
    columns: tuple[Column, ...]


class AtrsField(_Strict, frozen=True):
    """One field of a transparency record; `from_` is the fact of the register that stands in for it."""

    key: str
    title: str
    from_: str = msgspec.field(name="from", default="")
    required: bool = False


class AtrsSection(_Strict, frozen=True):
    """Fields under one title."""

    title: str
    fields: tuple[AtrsField, ...]


class AtrsTier(_Strict, frozen=True):
    """The summary for everybody, or the detail for those who know the field."""

    tier: int
    title: str
    sections: tuple[AtrsSection, ...]


class AtrsForm(_Strict, frozen=True):
    """One edition of the standard."""

    edition: str
    as_of: date
    confidence: Confidence
    source: str
    tiers: tuple[AtrsTier, ...]

    @property
    def fields(self) -> tuple[AtrsField, ...]:
        """All fields, in order."""
        return tuple(one for tier in self.tiers for section in tier.sections for one in section.fields)


@cache
def omb_form() -> OmbForm:
    """The US inventory of 2025."""
    return msgspec.convert(yaml.safe_load(_text("omb_2025.yaml")), OmbForm)


@cache
def atrs_form() -> AtrsForm:
    """The UK standard, version 4."""
    return msgspec.convert(yaml.safe_load(_text("atrs_v4.yaml")), AtrsForm)


def _text(name: str) -> str:
    return files("pilothouse.domains.governance.duties").joinpath("law", name).read_text(encoding="utf-8")
