"""Forms about decisions. What is right is the action's to say; a form keeps what was typed and shows what was said."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.decisions.kinds import Option, kinds
from pilothouse.kernel.decisions.models import HumanOnly

SAY_WHY = {"required": "Say why."}
REASON = forms.Textarea(attrs={"rows": 3})


def tell(form: forms.Form, error: PilothouseError) -> None:
    """Put what an action said beside the fields it is about, and the rest above the form."""
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.detail)


def new_key() -> str:
    """A key that makes sending the same form twice one act."""
    return str(uuid4())


class SignForm(forms.Form):
    """A verdict with its reason, for the content that is on the page."""

    verdict = forms.ChoiceField(label="Your verdict", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why",
        widget=REASON,
        error_messages=SAY_WHY,
        help_text="One or two sentences. They stand beside your name for good.",
    )
    role = forms.ChoiceField(label="You sign as", required=False)
    content_hash = forms.CharField(widget=forms.HiddenInput)
    idempotency = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=80)

    def __init__(self, options: list[Option], roles: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdict, role = self.fields["verdict"], self.fields["role"]
        assert isinstance(verdict, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        verdict.choices = [(option.id, option.title) for option in options]
        role.choices = roles
        if len(roles) < 2:
            del self.fields["role"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", widget=REASON, error_messages=SAY_WHY)


class ReviewerForm(forms.Form):
    """Whom to ask for a countersignature."""

    name = forms.CharField(label="Name", max_length=200)
    email = forms.CharField(label="E-mail", max_length=254)


class ReviewForm(forms.Form):
    """What the outside reviewer answers."""

    verdict = forms.ChoiceField(
        label="Your answer",
        choices=(("countersigned", "I countersign it"), ("objected", "I object")),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Why", widget=REASON, error_messages=SAY_WHY)


class RegisterForm(forms.Form):
    """An entry of the register of human decisions."""

    title = forms.CharField(
        label="Decision",
        max_length=200,
        help_text="Such as: rejecting an applicant; ending a person's care.",
    )
    why = forms.CharField(label="Why a human", widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(
        label="Enforced for",
        required=False,
        help_text="Decisions of this kind are then signed on their page only: no token, no lone decider, no skipping.",
    )

    calls = forms.ChoiceField(
        label="Calls of AI systems for it",
        choices=HumanOnly.CALLS,
        required=False,
        help_text="A call that says it serves this decision. Held answers are given out when a reviewer released them.",
    )

    def clean_calls(self) -> str:
        return self.cleaned_data["calls"] or "refuse"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        free = [(k.id, k.title) for k in kinds.all() if not k.human_only]
        kind.choices = [("", "A decision outside Pilothouse"), *free]
