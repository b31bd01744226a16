"""A form for any record kind, made from its schema. It takes whatever is typed: the schema judges, the draft keeps it.

A field's name is its path in the body: `metric`, `value.p50`, `threats.0.scenario`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from pydantic import BaseModel

from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.records.schema import Shape, shapes
from pilothouse.web.records.offers import Offer, Offers

MOST_ROWS = 100
EMPTY_LINES = 2
SPOKEN = re.compile(r"[Ss]-?\s?(\d{1,9})(?:\s.*)?")
YES_NO = (("", "Not said yet"), ("yes", "Yes"), ("no", "No"))
NUMBER = re.compile(r"[+-]?\d{1,3}([,  _']\d{3})+(\.\d+)?$")


@dataclass(slots=True)
class Part:
    """A stretch of the form: plain fields, or one nested model, or one row of a list (`row` counts from 1). What is
    `folded` stands under “In full”, out of the way of what is needed."""

    title: str = ""
    help: str = ""
    names: list[str] = field(default_factory=list)
    row: int = 0
    adds: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form as a template draws it. Asked by name, a form gives its field of that name: a schema may have one called
    `errors` or `prefix`."""

    prefix: str
    needed: list[tuple[Part, list[BoundField]]]
    folded: list[tuple[Part, list[BoundField]]]
    unfolded: bool
    errors: Mapping[str, Any]
    at_top: list[str]


class DocumentForm(forms.Form):
    """The form of one schema. Bound, it reads the body with `body()`; problems come from the action by `show`.

    `prefix` tells the forms of one page apart; `offers` are what references may name; `fold` says which of the top
    fields stand out of the way.
    """

    use_required_attribute = False

    def __init__(
        self,
        schema: type[BaseModel],
        *,
        data: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        prefix: str = "",
        offers: Offers | None = None,
        fold: Callable[[Shape], bool] = lambda shape: False,
    ) -> None:
        super().__init__(data, initial=dict(_flat(schema, body or {})), prefix=prefix or None)
        self.schema = schema
        self.offers = offers
        self.parts: list[Part] = []
        self._folding = False
        top = list(shapes(schema))
        self._build([shape for shape in top if not fold(shape)], "", Part())
        self._folding = True
        self._build([shape for shape in top if fold(shape)], "", Part(folded=True))
        self.parts = [part for part in self.parts if part.names or part.adds]

    def sections(self) -> Iterator[tuple[Part, list[BoundField]]]:
        """Each part with its fields, in order."""
        for part in self.parts:
            yield part, [self[name] for name in part.names]

    def needed(self) -> list[tuple[Part, list[BoundField]]]:
        """The parts that are asked for."""
        return [(part, fields) for part, fields in self.sections() if not part.folded]

    def folded(self) -> list[tuple[Part, list[BoundField]]]:
        """The parts that may be left open."""
        return [(part, fields) for part, fields in self.sections() if part.folded]

    def unfolded(self) -> bool:
        """Is something said, asked for or wrong in what is folded, so that it must be seen?"""
        names = [name for part in self.parts if part.folded for name in part.names]
        asked = self.is_bound and any(part.folded and part.adds == self._asked() for part in self.parts if part.adds)
        # What stands at the top may be about fields that are folded away.
        return asked or bool(self.non_field_errors()) or any(self._value(name) or name in self.errors for name in names)

    def drawn(self) -> Drawn:
        """What a template needs of it."""
        at_top = [str(error) for error in self.non_field_errors()]
        return Drawn(self.prefix or "", self.needed(), self.folded(), self.unfolded(), self.errors, at_top)

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

    def _build(self, found: Iterable[Shape], prefix: str, part: Part) -> None:
        self.parts.append(part)
        for shape in found:
            path = f"{prefix}{shape.name}"
            if shape.kind == "model" and shape.schema:
                self._build(shapes(shape.schema), f"{path}.", self._part(shape.title, shape.help))
            elif shape.kind == "models" and shape.schema:
                for row in range(self._rows(path)):
                    help_ = shape.help if row == 0 else ""
                    self._build(shapes(shape.schema), f"{path}.{row}.", self._part(shape.title, help_, row + 1))
                self.parts.append(self._part(shape.title, adds=path))
            else:
                self._add(path, shape)
                part.names.append(path)
                continue
            part = self._part()
            self.parts.append(part)

    def _part(self, title: str = "", help_: str = "", row: int = 0, adds: str = "") -> Part:
        return Part(title, help_, row=row, adds=adds, folded=self._folding)

    def _add(self, path: str, shape: Shape) -> None:
        offer = self.offers.of(shape.refers) if shape.refers and self.offers else None
        said = self._value(path)
        if offer is None:
            self.fields[path] = _field(shape)
            return
        self.fields[path] = referring(shape, offer, said.split("\n") if said else [])
        if shape.kind == "texts":
            self.initial[path] = said.split("\n") if said else []

    def _value(self, path: str) -> str:
        """What a field holds now, typed or kept; several values on a line each."""
        if not self.is_bound:
            kept = self.initial.get(path, "")
            return "\n".join(kept) if isinstance(kept, list) else str(kept)
        name = self.add_prefix(path)
        if isinstance(self.data, MultiValueDict):
            return "\n".join(text for text in self.data.getlist(name) if text)
        typed = self.data.get(name, "")
        return "\n".join(typed) if isinstance(typed, list) else str(typed)

    def _asked(self) -> str:
        """The list that another row was asked for."""
        asked = str(self.data.get("add", "")) if self.is_bound else ""
        before = self.add_prefix("")
        return asked.removeprefix(before) if asked.startswith(before) else ""

    def _rows(self, path: str) -> int:
        """How many rows to draw: those there are, and one more where it was asked for or there are none."""
        keys = self.data if self.is_bound else self.initial
        name = self.add_prefix(path) if self.is_bound else path
        found = {int(m[1]) for key in keys if (m := re.match(rf"{re.escape(name)}\.(\d{{1,3}})\.", key))}
        asked = self.is_bound and self._asked() == path
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
                value = read(shape, self._value(path))
            if value not in (None, "", [], {}):
                said[shape.name] = value
        return said


def read(shape: Shape, text: str) -> Any:
    """What was typed for one field as the schema takes it; what cannot be read stays as it was typed."""
    text = text.strip().replace("\r\n", "\n")
    if shape.kind == "texts":
        return [_named(shape, line.strip()) for line in text.split("\n") if line.strip()]
    text = _named(shape, text)
    if shape.kind == "yes_no":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    if shape.kind in ("number", "integer"):
        plain = re.sub(r"[,  _']", "", text) if NUMBER.match(text) else text
        return int(plain) if shape.kind == "integer" and re.fullmatch(r"[+-]?\d{1,15}", plain) else plain
    if shape.kind == "date" and text:
        told = told_date(text)
        return told.value.isoformat() if told.value and told.precision == "day" else text
    return text


def _named(shape: Shape, text: str) -> str:
    """A system's number without the letter that people write before it."""
    spoken = SPOKEN.fullmatch(text) if shape.refers == "system" else None
    return spoken[1] if spoken else text


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


def referring(shape: Shape, offer: Offer, said: list[str]) -> forms.Field:
    """The field of a reference: a list to choose from, or where there are many a line that offers what fits. What was
    said before and is not among them stays."""
    common: dict[str, Any] = {"label": shape.title, "help_text": _help(shape, offer), "required": shape.required}
    if not offer.few:
        attrs = {"list": offer.id, "autocomplete": "off"} if offer.choices else {}
        several = shape.kind == "texts"
        return forms.CharField(widget=SeveralLines(attrs=attrs) if several else forms.TextInput(attrs=attrs), **common)
    others = [(text, text) for text in said if text not in dict(offer.choices)]
    if shape.kind == "texts":
        every = [*offer.choices, *others]
        return forms.MultipleChoiceField(choices=every, widget=forms.CheckboxSelectMultiple, **common)
    return forms.ChoiceField(choices=[("", "Choose…"), *offer.choices, *others], **common)


def _help(shape: Shape, offer: Offer) -> str:
    if not offer.add and not offer.choices and offer.register in registry.records:
        return f"{shape.help} “{offer.title}” is empty yet; whoever keeps it for the organisation adds the first."
    if not offer.add:
        return shape.help
    told = "Not among them?" if offer.choices else f"“{offer.title}” is empty yet."
    return format_html('{} {} <a href="{}">Add one</a>', shape.help, told, offer.add)


class SeveralLines(forms.TextInput):
    """Several values, a line each, each offered what fits: those there are, and some empty ones."""

    template_name = "records/_several.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        said = value if isinstance(value, list) else str(value or "").split("\n")
        context["values"] = [text for text in said if text] + [""] * EMPTY_LINES
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])


class WithdrawForm(forms.Form):
    """Why a version no longer holds."""

    reason = forms.CharField(
        label="Reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept in the ledger."
    )


class ImportForm(forms.Form):
    """A CSV file of documents of one kind."""

    file = forms.FileField(label="CSV file", help_text="Columns as in the export. At most 1 MB.")
    seal = forms.BooleanField(
        label="Seal them as well", required=False, help_text="Only if every row is whole: all are sealed, or none."
    )
