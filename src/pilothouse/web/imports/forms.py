"""Forms of imports: the file, the mapping of its columns, words for stages."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.text import slugify

from pilothouse.kernel.imports.adapters.registry import ADAPTERS
from pilothouse.kernel.imports.adapters.table import TARGETS, Target, guess_fields
from pilothouse.kernel.imports.models import ImportBatch, Mapping, Source
from pilothouse.kernel.imports.reading import MAX_BYTES, Column, Table
from pilothouse.kernel.imports.sources import servicenow
from pilothouse.kernel.imports.sources.web import secret_prefix
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


class SourceForm(forms.Form):
    """A scheduled source. The secret itself is never typed here: only where the server finds it."""

    name = forms.CharField(label="Name", max_length=120)
    url = forms.CharField(label="Address", max_length=300, help_text="Such as https://example.service-now.com")
    user_name = forms.CharField(
        label="User name", max_length=200, required=False, help_text="Left empty, the secret is sent as a Bearer token."
    )
    secret_ref = forms.CharField(label="Where the secret is", max_length=200)
    rhythm = forms.ChoiceField(label="How often", choices=Source.RHYTHMS, initial="daily")
    active = forms.BooleanField(label="Ask it", required=False, initial=True)

    extra: tuple[str, ...] = ()

    def __init__(self, slug: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = f"env:{secret_prefix(slug)}NAME, a variable of the server"
        self.fields["secret_ref"].help_text = f"{here}, or file:NAME in secrets/{slug}/ of its data directory."

    def settings(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.extra}


class ServiceNowForm(SourceForm):
    table = forms.CharField(label="Table", max_length=80, initial="cmdb_ci_appl")
    query = forms.CharField(
        label="Encoded query",
        max_length=1000,
        required=False,
        help_text="Which records are AI systems, such as u_ai=true",
    )
    fields_text = forms.CharField(
        label="Which field tells what",
        widget=forms.Textarea(attrs={"rows": 9}),
        initial="\n".join(f"{target} = {field}" for target, field in servicenow.FIELDS.items()),
        help_text="One to a line: field of a system = field of the table. Dots walk references.",
    )
    extra = ("table", "query")

    def clean_fields_text(self) -> str:
        known = {target.key for target in TARGETS}
        text: str = self.cleaned_data["fields_text"]
        for line in filter(str.strip, text.splitlines()):
            target, equals, column = (part.strip() for part in line.partition("="))
            if not equals or not column or target not in known:
                raise forms.ValidationError(f"“{line.strip()}” is not understood: write “purpose = short_description”.")
        return text

    def mapped(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.cleaned_data["fields_text"].splitlines() if line.strip())
        return {target.strip(): column.strip() for target, _, column in pairs}


class JiraForm(SourceForm):
    project = forms.CharField(label="Project key", max_length=30, help_text="Such as AI or RISK.")
    issue_type = forms.CharField(label="Type of issue", max_length=60, initial="Task")
    api = forms.ChoiceField(label="Jira", choices=[("3", "Cloud (API 3)"), ("2", "Data Center (API 2)")])
    extra = ("project", "issue_type", "api")


class StageWordForm(forms.Form):
    word = forms.CharField(label="Word in the file", max_length=200)
    stage = forms.ChoiceField(label="Means", choices=Stage.choices)
