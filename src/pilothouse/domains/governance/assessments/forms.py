"""The form that measures bias from a file."""

from __future__ import annotations

from typing import Any

from django import forms

from pilothouse.domains.governance.assessments.fairness.metrics import METRICS

MOST_BYTES = 4_000_000
MOST_ROWS = 100_000


class BiasForm(forms.Form):
    """A file of decisions, which column holds what, and which metrics are wanted."""

    file = forms.FileField(
        label="Decisions", help_text="CSV with a heading and a row for each decision; at most 4 MB. It is not kept."
    )
    group = forms.CharField(
        label="Column of the group", max_length=200, help_text="Several, with commas between, are crossed: sex, age."
    )
    outcome = forms.CharField(
        label="Column of the outcome", max_length=100, required=False, help_text="What was decided, yes or no."
    )
    favourable = forms.CharField(
        label="The favourable value", max_length=100, required=False, help_text="If it is not a plain yes, such as A."
    )
    truth = forms.CharField(
        label="Column of what was right",
        max_length=100,
        required=False,
        help_text="What turned out, yes or no; error rates need it. May be empty in some rows.",
    )
    score = forms.CharField(
        label="Column of the score",
        max_length=100,
        required=False,
        help_text="Calibration needs it. Without an outcome, above the median counts as favourable.",
    )
    flipped = forms.CharField(
        label="Column of the changed try",
        max_length=100,
        required=False,
        help_text="What was decided when only the attribute was changed.",
    )
    metrics = forms.MultipleChoiceField(
        label="Metrics",
        choices=[(one.id, one.title) for one in METRICS.values()],
        widget=forms.CheckboxSelectMultiple,
        help_text="What the bias policy asks for is ticked.",
    )
    reference = forms.CharField(
        label="Reference group", max_length=200, required=False, help_text="Open: the largest group."
    )
    exclude = forms.BooleanField(
        label="Leave groups below 2 % out of the ratios",
        required=False,
        help_text="As New York City's Local Law 144 lets an auditor do; they are shown all the same.",
    )
    keep = forms.BooleanField(
        label="Keep the result as evidence",
        required=False,
        help_text="The figures and the file's hash, without the rows; groups of fewer than 5 people are withheld.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 4 MB. Use `pilothouse bias report`.")
        return file

    def groups(self) -> tuple[str, ...]:
        """The columns of groups."""
        return tuple(name.strip() for name in self.cleaned_data["group"].split(",") if name.strip())
