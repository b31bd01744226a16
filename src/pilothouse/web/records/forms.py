"""A form for any record kind, made from its schema. It takes whatever is typed: the schema judges, the draft keeps it.

A field's name is its path in the body: `metric`, `value.p50`, `threats.0.scenario`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from pydantic import BaseModel

from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.records.schema import Shape, shapes

MOST_ROWS = 100
YES_NO = (("", "Not said yet"), ("yes", "Yes"), ("no", "No"))
NUMBER = re.compile(r"[+-]?\d{1,3}([,  _']\d{3})+(\.\d+)?$")


@dataclass(slots=True)
class Part:
    """A stretch of the form: plain fields, or one nested model, or one row of a list (`row` counts from 1)."""

    title: str = ""
    help: str = ""
    names: list[str] = field(default_factory=list)
    row: int = 0
    adds: str = ""


class DocumentForm(forms.Form):
    """The form of one schema. Bound, it reads the body with `body()`; problems come from the action by `show`."""

    use_required_attribute = False

    def __init__(
        self, schema: type[BaseModel], *, data: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(_flat(schema, body or {})))
        self.schema = schema
        self.parts: list[Part] = []
        self._build(schema, "", Part())

    def sections(self) -> Iterator[tuple[Part, list[BoundField]]]:
        """Each part with its fields, in order."""
        for part in self.parts:
            yield part, [self[name] for name in part.names]

    def body(self) -> dict[str, Any]:
        """What was typed, in the shape of the schema; what is empty is left out."""
        return self._read(self.schema, "")

    def show(self, problems: Mapping[str, str]) -> None:
        """Put each problem beside the field it is about, or at the top when it is about none."""
        for path, words in problems.items():
            self.add_error(self._nearest(path), words)

    def _nearest(self, path: str) -> str | None:
        """The field at this path, else the first one inside it, else the one that holds it."""
        while path:
            if path in self.fields:
                return path
            if inside := next((name for name in self.fields if name.startswith(f"{path}.")), None):
                return inside
            path = path.rpartition(".")[0]
        return None

    def full_clean(self) -> None:
        """Nothing is refused here: a draft takes anything, and the schema judges what is to be sealed."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def _build(self, schema: type[BaseModel], prefix: str, part: Part) -> None:
        self.parts.append(part)
        for shape in shapes(schema):
            path = f"{prefix}{shape.name}"
            if shape.kind == "model" and shape.schema:
                self._build(shape.schema, f"{path}.", Part(shape.title, shape.help))
                part = Part()
                self.parts.append(part)
            elif shape.kind == "models" and shape.schema:
                count = self._rows(path)
                for row in range(count):
                    self._build(
                        shape.schema, f"{path}.{row}.", Part(shape.title, shape.help if row == 0 else "", row=row + 1)
                    )
                self.parts[-1].adds = path
                part = Part()
                self.parts.append(part)
            else:
                self.fields[path] = _field(shape)
                part.names.append(path)
        if not prefix:
            self.parts = [p for p in self.parts if p.names]

    def _rows(self, path: str) -> int:
        """How many rows to draw: those there are, and one more where it was asked for or there are none."""
        keys = self.data if self.is_bound else self.initial
        found = {int(m[1]) for key in keys if (m := re.match(rf"{re.escape(path)}\.(\d{{1,3}})\.", key))}
        asked = self.is_bound and self.data.get("add") == path
        return min(max(found, default=-1) + 1 + (1 if asked or not found else 0), MOST_ROWS)

    def _read(self, schema: type[BaseModel], prefix: str) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for shape in shapes(schema):
            path = f"{prefix}{shape.name}"
            value: Any
            if shape.kind == "model" and shape.schema:
                value = self._read(shape.schema, f"{path}.")
            elif shape.kind == "models" and shape.schema:
                rows = (self._read(shape.schema, f"{path}.{row}.") for row in range(self._rows(path)))
                value = [row for row in rows if row]
            else:
                value = read(shape, str(self.data.get(path, "")))
            if value not in (None, "", [], {}):
                said[shape.name] = value
        return said


def read(shape: Shape, text: str) -> Any:
    """What was typed for one field as the schema takes it; what cannot be read stays as it was typed."""
    text = text.strip().replace("\r\n", "\n")
    if shape.kind == "texts":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if shape.kind == "yes_no":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    if shape.kind in ("number", "integer"):
        plain = re.sub(r"[,  _']", "", text) if NUMBER.match(text) else text
        return int(plain) if shape.kind == "integer" and re.fullmatch(r"[+-]?\d{1,15}", plain) else plain
    if shape.kind == "date" and text:
        told = told_date(text)
        return told.value.isoformat() if told.value and told.precision == "day" else text
    return text


def written(shape: Shape, value: Any) -> str:
    """A value of the body as a field or a cell shows it; `read` takes it back."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _flat(schema: type[BaseModel], body: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for shape in shapes(schema):
        value, path = body.get(shape.name), f"{prefix}{shape.name}"
        if shape.kind == "model" and shape.schema:
            yield from _flat(shape.schema, value if isinstance(value, Mapping) else {}, f"{path}.")
        elif shape.kind == "models" and shape.schema:
            for row, item in enumerate(value if isinstance(value, list) else []):
                yield from _flat(shape.schema, item if isinstance(item, Mapping) else {}, f"{path}.{row}.")
        else:
            yield path, written(shape, value)


def _field(shape: Shape) -> forms.Field:
    common: dict[str, Any] = {"label": shape.title, "help_text": shape.help, "required": shape.required}
    if shape.kind == "choice":
        return forms.ChoiceField(choices=[("", "Choose…"), *shape.choices], **common)
    if shape.kind == "yes_no":
        return forms.ChoiceField(choices=YES_NO, **common)
    if shape.kind in ("long_text", "texts"):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
    modes = {"number": "decimal", "integer": "numeric"}
    attrs = {"inputmode": modes[shape.kind]} if shape.kind in modes else {}
    if shape.kind == "date":
        attrs = {"placeholder": "Such as 31 March 2027"}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **common)


class WithdrawForm(forms.Form):
    """Why a version no longer holds."""

    reason = forms.CharField(
        label="Reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept in the ledger."
    )


class ImportForm(forms.Form):
    """A CSV file of documents of one kind."""

    file = forms.FileField(
        label="CSV file", help_text="Columns as in the export; “system” holds numbers such as S-42. At most 1 MB."
    )
