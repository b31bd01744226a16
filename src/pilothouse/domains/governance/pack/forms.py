"""What is asked before a pack is sealed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from pilothouse.domains.governance.pack.models import Pack


class SealForm(forms.Form):
    """For whom, which profile, as of which moment. Times are the organisation's."""

    profile = forms.ChoiceField(
        choices=Pack.PROFILES,
        label="Profile",
        help_text="Redacted: personal data and trade secrets are out, and what was removed is listed.",
    )
    purpose = forms.CharField(
        required=False,
        max_length=300,
        label="For whom",
        help_text="Who asked for it, on which ground. It is kept with the pack and in the ledger.",
    )
    as_of = forms.DateTimeField(
        required=False,
        label="As of",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="A moment that has passed. Empty: now.",
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = ZoneInfo(zone)

    def clean_as_of(self) -> Any:
        told = self.cleaned_data["as_of"]
        if told is None:
            return None
        return timezone.make_naive(told).replace(tzinfo=self._zone) if told.tzinfo else told.replace(tzinfo=self._zone)
