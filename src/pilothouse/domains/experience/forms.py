"""The forms of “My AI”. The schemas judge what is kept; here is what people are asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pilothouse.domains.experience.schemas.voice import ANSWERS, DATA, VERDICTS, WRONG
from pilothouse.domains.experience.selectors.mine import Tool

YES_NO = (("no", "No, or not that I know"), ("yes", "Yes"))


class ReportForm(forms.Form):
    """A bad answer."""

    number = forms.TypedChoiceField(label="Which tool", coerce=int)
    what = forms.CharField(
        label="What happened",
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you asked, what came back, and what would have been right. Leave out names of customers.",
    )
    wrong = forms.ChoiceField(label="What is bad about it", choices=[("", "Choose…"), *WRONG.items()])
    harm = forms.ChoiceField(label="Did somebody act on it, or was somebody hurt by it?", choices=YES_NO)
    unnamed = forms.BooleanField(
        label="Leave my name out",
        required=False,
        help_text="Then nobody can tell you what came of it, and it does not stand in your list.",
    )

    def __init__(self, *args: Any, tools: Iterable[Tool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(tool.system.number, tool.system.name) for tool in tools]
        self.fields["number"].choices = [("", "Choose…"), *named] if len(named) != 1 else named  # type: ignore[attr-defined]


class AskForm(forms.Form):
    """A tool that somebody would like to use."""

    tool = forms.CharField(
        label="Which tool", min_length=3, max_length=200, help_text="Its name, or what it should do for you."
    )
    purpose = forms.CharField(
        label="What for",
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The work, how often you do it, and what it would change.",
    )
    goes_in = forms.ChoiceField(label="What would you put into it?", choices=[("", "Choose…"), *DATA.items()])


class ReplyForm(forms.Form):
    """A reply to a report, or (with `asked`) to a request for a tool."""

    verdict = forms.ChoiceField(label="What it turned out to be")
    reply = forms.CharField(
        label="Reply",
        min_length=10,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="For whoever wrote: what was found, what is changed, and why.",
    )
    number = forms.IntegerField(
        label="System", required=False, min_value=1, help_text="The number of the system that it led to, if any."
    )

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = ANSWERS if asked else VERDICTS
        self.fields["verdict"].choices = [("", "Choose…"), *choices.items()]  # type: ignore[attr-defined]
        if asked:
            self.fields["verdict"].label = "Answer"
        else:
            del self.fields["number"]
