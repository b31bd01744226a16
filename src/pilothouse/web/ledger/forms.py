"""What the ledger's pages ask."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.ledger.selectors import action_title


class LedgerFilter(forms.Form):
    """Which entries to show. Days are days in the organisation's time zone; `until` is the last one shown."""

    action = forms.ChoiceField(required=False, label="What happened")
    person = forms.ModelChoiceField(Person.objects.none(), required=False, label="Who", empty_label="Anyone")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="Until", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, organisation: Organisation, actions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(organisation.time_zone)
        choices = [("", "Anything"), *((action, action_title(action)) for action in actions)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]
        self.fields["person"].queryset = Person.objects.filter(organisation=organisation)  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The arguments of `selectors.entries`. A filter that makes no sense is left out; the form says so."""
        self.is_valid()
        found = self.cleaned_data
        since, until, person = found.get("since"), found.get("until"), found.get("person")
        return {
            "action": found.get("action") or "",
            "person": person.pk if person else None,
            "since": datetime.combine(since, time(), self.zone) if since else None,
            "until": datetime.combine(until + timedelta(days=1), time(), self.zone) if until else None,
        }


class EraseForm(forms.Form):
    """Why the law requires that this content goes."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Which request or rule asks for it. This stays in the ledger for good: name no one whose data goes.",
    )


class VerifyForm(forms.Form):
    """What the witness kept, if there is a witness."""

    witness = forms.FileField(
        required=False,
        label="The witness's file",
        help_text="The file or the mails that the witness kept. Without it, only what lies here is compared.",
    )
