"""What may be asked and done on a system's gates page, one form each. What is right is the action's to say."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms


def why(label: str, text: str = "Say why.", *, rows: int = 2) -> forms.CharField:
    """A sentence that is asked for; `text` is what stands beside it when it is missing."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput()
    return forms.CharField(label=label, widget=widget, error_messages={"required": text}, max_length=4000)


class ActForm(forms.Form):
    """A form of the gates page. Its `act` names it, and keeps the ids of several forms on one page apart."""

    act = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["prefix"] = self.act
        super().__init__(*args, **kwargs)


class RequestForm(ActForm):
    act = "request"
    to_stage = forms.CharField(widget=forms.HiddenInput)
    reason = why("Why now")
    idempotency = forms.CharField(widget=forms.HiddenInput, initial=lambda: str(uuid4()), max_length=80)


class WaiverForm(ActForm):
    act = "waiver"
    check_id = forms.ChoiceField(label="Requirement")
    days = forms.IntegerField(label="For how many days", initial=30)
    reason = why("Why it cannot be met now")
    compensation = forms.CharField(
        label="What is done instead, meanwhile", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, checks: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["check_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = checks


class WaiverEndForm(ActForm):
    act = "waiver_end"
    waiver = forms.CharField(widget=forms.HiddenInput)
    reason = why("Why it ends now", "Say why it ends.", rows=1)


class GlassForm(ActForm):
    act = "glass"
    hours = forms.IntegerField(label="For how many hours", initial=4)
    reason = why("What is the emergency", "Say what the emergency is.")


class GlassEndForm(ActForm):
    act = "glass_end"
    glass = forms.CharField(widget=forms.HiddenInput)
    reason = why("Why it ends now", "Say why it ends.", rows=1)


class RestrictForm(ActForm):
    act = "restrict"
    kind = forms.ChoiceField(
        label="What",
        choices=(
            ("restrict", "Restrict: it runs on under conditions"),
            ("suspend", "Suspend: it must not run for now"),
            ("retire", "Retire: it goes through its last gate"),
            ("prohibit", "Prohibit: this use is forbidden"),
        ),
    )
    reason = why("Why")
    conditions = forms.CharField(
        label="Conditions, if you restrict", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class LiftForm(ActForm):
    act = "lift"
    restriction = forms.CharField(widget=forms.HiddenInput)
    reason = why("What has changed since", "Say what has changed.", rows=1)


class CorrectForm(ActForm):
    act = "correct"
    to_stage = forms.ChoiceField(
        label="It is really in",
        choices=(
            ("idea", "Idea"),
            ("development", "Development"),
            ("pilot", "Pilot"),
            ("production", "Production"),
            ("retired", "Retired"),
            ("rejected", "Rejected"),
        ),
    )
    reason = why("How you know", "Say how you know.")


class BackForm(ActForm):
    act = "back"
    to_stage = forms.ChoiceField(label="Back to")
    reason = why("Why")

    def __init__(self, stages: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = stages


class IncidentForm(ActForm):
    act = "incident"
    incident = forms.CharField(widget=forms.HiddenInput)
    resolution = why("What came of it", "Say what came of it.")
