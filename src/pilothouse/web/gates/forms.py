"""What may be asked and done on a system's gates page, one form each. What is right is the action's to say."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

SHORT = forms.Textarea(attrs={"rows": 2})


class ActForm(forms.Form):
    """A form of the gates page. Its `act` names it, and keeps the ids of several forms on one page apart."""

    act = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=self.act, **kwargs)


class RequestForm(ActForm):
    act = "request"
    to_stage = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why now", required=False, widget=SHORT)
    idempotency = forms.CharField(widget=forms.HiddenInput, initial=lambda: str(uuid4()), max_length=80)


class WaiverForm(ActForm):
    act = "waiver"
    check_id = forms.ChoiceField(label="Requirement", required=False)
    days = forms.IntegerField(label="For how many days", initial=30)
    reason = forms.CharField(label="Why it cannot be met now", required=False, widget=SHORT)
    compensation = forms.CharField(label="What is done instead, meanwhile", required=False, widget=SHORT)

    def __init__(self, checks: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["check_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = checks


class WaiverEndForm(ActForm):
    act = "waiver_end"
    waiver = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it ends now", required=False)


class GlassForm(ActForm):
    act = "glass"
    hours = forms.IntegerField(label="For how many hours", initial=4)
    reason = forms.CharField(label="What is the emergency", required=False, widget=SHORT)


class GlassEndForm(ActForm):
    act = "glass_end"
    glass = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it ends now", required=False)


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
    reason = forms.CharField(label="Why", required=False, widget=SHORT)
    conditions = forms.CharField(label="Conditions, if you restrict", required=False, widget=SHORT)


class LiftForm(ActForm):
    act = "lift"
    restriction = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="What has changed since", required=False)


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
    reason = forms.CharField(label="How you know", required=False, widget=SHORT)


class BackForm(ActForm):
    act = "back"
    to_stage = forms.ChoiceField(label="Back to")
    reason = forms.CharField(label="Why", required=False, widget=SHORT)

    def __init__(self, stages: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = stages


class IncidentForm(ActForm):
    act = "incident"
    incident = forms.CharField(widget=forms.HiddenInput)
    resolution = forms.CharField(label="What came of it", required=False, widget=SHORT)
