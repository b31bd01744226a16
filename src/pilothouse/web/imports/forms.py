"""Forms of imports: the file, the mapping of its columns, words for stages."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.text import slugify

from pilothouse.kernel.imports.adapters.registry import ADAPTERS
from pilothouse.kernel.imports.adapters.table import TARGETS, Target, guess_fields
from pilothouse.kernel.imports.models import ImportBatch, Mapping
from pilothouse.kernel.imports.reading import MAX_BYTES, Column, Table
from pilothouse.kernel.inventory.models import CustomField, Stage

FIND_OUT = "guess"


class UploadForm(forms.Form):
    file = forms.FileField(label="File", help_text=f"CSV, XLSX or JSON, up to {MAX_BYTES // 1_000_000} MB.")
    adapter = forms.ChoiceField(
        label="Kind of file",
        choices=[(FIND_OUT, "Find out for me"), *((key, adapter.title) for key, adapter in ADAPTERS.items())],
        help_text="Known inventories are read by themselves; for any other table you say which column tells what.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"The file has {file.size / 1e6:.0f} MB; split it into smaller ones.")
        return file


class MappingForm(forms.Form):
    """Which column tells what. One select for each column, so that every column is seen with its values."""

    name = forms.CharField(label="Name of this mapping", max_length=120)
    source = forms.CharField(
        label="Short name of the source",
        max_length=60,
        help_text="Rows of one source are recognised in the next file of that source. Such as: asset-register.",
    )
    day_first = forms.ChoiceField(
        label="Dates such as 3/4/2025",
        choices=[("", "Do not guess: keep the words"), ("yes", "3 April (day first)"), ("no", "March 4 (month first)")],
        required=False,
    )
    fiscal_start = forms.TypedChoiceField(
        label="The fiscal year begins in",
        choices=list(
            enumerate(
                "January February March April May June July August September October November December".split(), start=1
            )
        ),
        coerce=int,
        initial=1,
    )

    def __init__(self, table: Table, custom: list[CustomField], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.targets = (
            *TARGETS,
            *(Target(f"custom.{field.key}", field.title, "Custom fields", (field.key,)) for field in custom),
        )
        choices = self._choices()
        for position in range(len(table.columns)):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                choices=choices, required=False, widget=forms.Select(attrs={"class": "control"})
            )

    def _choices(self) -> list[Any]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for target in self.targets:
            groups.setdefault(target.group, []).append((target.key, target.title))
        return [("", "Keep with the row only"), *groups.items()]

    def rows(self) -> list[tuple[Column, list[str], forms.BoundField]]:
        """Each column with sample values and its select."""
        return [
            (column, self.table.sample(position), self[f"column_{position}"])
            for position, column in enumerate(self.table.columns)
        ]

    def clean_source(self) -> str:
        source: str = slugify(self.cleaned_data["source"])
        if not source or source in ADAPTERS:
            raise forms.ValidationError("Choose another name, of letters, digits and hyphens.")
        return source

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen: dict[str, str] = {}
        titles = {target.key: target.title for target in self.targets}
        for position, column in enumerate(self.table.columns):
            target = data.get(f"column_{position}")
            if target and target in chosen:
                self.add_error(f"column_{position}", f"“{titles[target]}” is told by another column already.")
            elif target:
                chosen[target] = column.key
        if "name" not in chosen:
            self.add_error(None, "Say which column holds the name of the system.")
        data["fields"] = chosen
        data["options"] = {
            "day_first": {"yes": True, "no": False}.get(data.get("day_first", "")),
            "fiscal_start": data.get("fiscal_start") or 1,
        }
        return data


def initial_mapping(batch: ImportBatch, table: Table, form: MappingForm, known: Mapping | None) -> dict[str, Any]:
    """What the mapping page shows first: the remembered mapping, else a guess by the names of the columns."""
    fields = known.fields if known else guess_fields(table.columns, form.targets)
    by_column = {column: target for target, column in fields.items()}
    stem = re.sub(r"[\W_]+", " ", batch.filename.rpartition(".")[0]).strip() or "Table"
    first: dict[str, Any] = {
        "name": known.name if known else stem[:120],
        "source": known.source if known else slugify(stem)[:60],
        "fiscal_start": (known.options.get("fiscal_start") if known else None) or 1,
        "day_first": {True: "yes", False: "no"}.get(known.options.get("day_first"), "") if known else "",
    }
    for position, column in enumerate(table.columns):
        first[f"column_{position}"] = by_column.get(column.key, "")
    return first


class StageWordForm(forms.Form):
    word = forms.CharField(label="Word in the file", max_length=200)
    stage = forms.ChoiceField(label="Means", choices=Stage.choices)
