"""The documents that hold what the register does not, made from the forms themselves: a field of the form is a field of
the document, so neither can fall behind the other."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from pilothouse.domains.governance.duties.inventories.forms import Column, atrs_form, omb_form
from pilothouse.kernel.records.fields import Part

ENTRY = "governance.omb_entry"
TRANSPARENCY = "governance.transparency_record"

Text = Annotated[str, Field(min_length=1, max_length=8000)]


def _asked(column: Column) -> tuple[Any, Any]:
    if not column.choices:
        return (Text | None, Field(None, title=column.title))
    answer: Any = Literal[column.choices]
    if column.many:
        return (list[answer], Field(default_factory=list, title=column.title))
    return (answer | None, Field(None, title=column.title))


_ASKED: dict[str, Any] = {column.code.lower(): _asked(column) for column in omb_form().columns if column.asked}
OmbEntry: type[BaseModel] = create_model("OmbEntry", __base__=Part, **_ASKED)

_PUBLISHED: dict[str, Any] = {
    "name": (Annotated[str, Field(min_length=1, max_length=300)] | None, Field(None, title="Name of the tool")),
    "url": (
        Annotated[str, Field(max_length=300, pattern=r"^https?://\S+$")] | None,
        Field(None, title="Address of the published record"),
    ),
}
_FIELDS: dict[str, Any] = {one.key: (Text | None, Field(None, title=one.title)) for one in atrs_form().fields}
TransparencyRecord: type[BaseModel] = create_model("TransparencyRecord", __base__=Part, **(_PUBLISHED | _FIELDS))
