"""The form that adds evidence: a file or a link."""

from __future__ import annotations

from typing import Any

from django import forms

from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.rules import MAX_BYTES
from pilothouse.kernel.inventory.dates import told_date


class DayField(forms.CharField):
    """A day as people type it; its value is a date or None."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        told = told_date(text)
        if told.value is None or told.precision != "day":
            raise forms.ValidationError("Write a day, such as 2026-05-31 or 31 May 2026.")
        return told.value


class EvidenceForm(forms.Form):
    """Either a file or a link, with what it shows and how long it counts."""

    title = forms.CharField(max_length=200, label="What it is", help_text="Such as “Bias test of May 2026”.")
    file = forms.FileField(
        required=False,
        label="File",
        help_text=f"PDF, picture, Office file, ZIP, CSV, JSON or text; at most {MAX_BYTES >> 20} MB.",
    )
    url = forms.CharField(
        required=False,
        max_length=1000,
        label="Or a link",
        help_text="A link is only someone's word; upload a copy if it should count as a document. Nobody fetches it.",
    )
    supports = forms.MultipleChoiceField(
        required=False,
        label="Which checks it supports",
        widget=forms.CheckboxSelectMultiple,
        help_text="A document raises what was only said to the grade “documented”.",
    )
    effective_on = DayField(required=False, label="Speaks from", help_text="Empty means today.")
    expires_on = DayField(required=False, label="Counts until", help_text="Empty means that it does not expire.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checks = sorted(registry.checks.values(), key=lambda check: (check.domain, check.title))
        self.fields["supports"].choices = [(check.id, check.title) for check in checks]  # type: ignore[attr-defined]
