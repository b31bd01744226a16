"""Forms of frameworks and controls. What is right is the actions' to say, not theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.documents import MAX_BYTES
from pilothouse.domains.governance.frameworks.exchange import COLUMNS
from pilothouse.kernel.domain import registry


class FrameworkForm(forms.Form):
    """A framework from a file, or typed as a table."""

    title = forms.CharField(required=False, max_length=300, label="Title", help_text="A file may bring its own.")
    key = forms.CharField(
        required=False,
        max_length=60,
        label="Id",
        help_text="Small letters, digits, - and _; it stands in addresses. An id that is there gets its next version.",
    )
    file = forms.FileField(
        required=False,
        label="File",
        help_text=f"YAML as exported here, an OSCAL catalog (JSON), or CSV; at most {MAX_BYTES >> 20} MB.",
    )
    table = forms.CharField(
        required=False,
        label="Or a table",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=f"CSV with a head: {', '.join(COLUMNS)}. Only id and title are needed.",
    )
    because = forms.CharField(required=False, max_length=500, label="Why", help_text="Stands in the ledger.")


class ControlForm(forms.Form):
    """A control of one's own, or one's own words for one of the library's."""

    id = forms.CharField(max_length=80, label="Id", help_text="Short, such as OWN-1; it does not change.")
    title = forms.CharField(max_length=300, label="Title")
    of = forms.ChoiceField(
        label="Done for", choices=[("system", "Each system"), ("organisation", "The organisation, once")]
    )
    does = forms.CharField(label="What is done", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    why = forms.CharField(required=False, label="Why", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000)
    every = forms.IntegerField(label="Shown anew every, days", min_value=1, max_value=3660, initial=365)
    when = forms.MultipleChoiceField(
        required=False,
        label="Only for systems of which this holds",
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, said) for name, (said, _) in CONDITIONS.items()],
    )
    checks = forms.MultipleChoiceField(
        required=False, label="Checks that show it", widget=forms.SelectMultiple(attrs={"size": 6})
    )
    records = forms.MultipleChoiceField(
        required=False, label="Documents that show it", widget=forms.SelectMultiple(attrs={"size": 6})
    )
    shown_by = forms.CharField(
        required=False, label="What else shows it", widget=forms.Textarea(attrs={"rows": 2}), help_text="One a line."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checks = sorted(registry.checks.values(), key=lambda one: (one.domain, one.title))
        kinds = sorted(registry.records.values(), key=lambda one: one.title)
        self.fields["checks"].choices = [(one.id, one.title) for one in checks]  # type: ignore[attr-defined]
        self.fields["records"].choices = [(one.id, one.title) for one in kinds]  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """Owner, cadence, cost a year, and why a control does not apply."""

    owner = forms.CharField(
        required=False, label="Owner", help_text="E-mail of somebody here; empty: the system's owner."
    )
    every = forms.IntegerField(required=False, label="Shown anew every, days", min_value=1, max_value=3660)
    cost_low = forms.DecimalField(required=False, label="Cost a year, from", max_digits=14, decimal_places=2)
    cost_high = forms.DecimalField(required=False, label="to", max_digits=14, decimal_places=2)
    currency = forms.CharField(required=False, label="Currency", max_length=3, help_text="Such as EUR.")
    not_applicable = forms.CharField(required=False, label="Does not apply, because", max_length=500)
    not_applicable_until = forms.DateField(
        required=False, label="That holds until", widget=forms.DateInput(attrs={"type": "date"})
    )


Settled = dict[str, str | int | Decimal | date | None]
