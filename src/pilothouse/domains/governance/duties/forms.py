"""Forms of this room. Times are typed as people of the organisation's time zone say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from pilothouse.domains.governance.duties.lawbook import Law, Question
from pilothouse.domains.governance.duties.models import Letter, SentNotice
from pilothouse.domains.governance.duties.rules.clocks import Clock
from pilothouse.domains.governance.duties.rules.facts import MOMENTS
from pilothouse.kernel.evidence.rules import MAX_BYTES
from pilothouse.kernel.inventory.dates import told_date

ANSWERS = (("unknown", "Not known"), ("yes", "Yes"), ("no", "No"))
GROUPS = {"limb": "What happened", "trigger": "What else is so", "capacity": "What we are"}


class MomentField(forms.CharField):
    """A time as it is typed, such as 2026-11-03 14:30, in a time zone; its value carries the offset, or is None."""

    def __init__(self, *, zone: ZoneInfo, **given: Any) -> None:
        super().__init__(**given)
        self.zone = zone
        self.widget.attrs["placeholder"] = "2026-11-03 14:30"

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError("Write a date and a time, such as 2026-11-03 14:30.") from None
        if ":" not in text:
            raise forms.ValidationError("Say the time as well, such as 2026-11-03 14:30: clocks run by the hour.")
        return at if at.tzinfo else at.replace(tzinfo=self.zone)


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


class FactsForm(forms.Form):
    """One set of facts: from it every clock follows."""

    title = forms.CharField(max_length=200, label="What happened", help_text="In one line.")

    def __init__(self, *args: Any, law: Law, zone: ZoneInfo, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.law = law
        if new:
            self.fields["system"] = forms.CharField(
                label="System", help_text="Its number, such as S-42.", max_length=12
            )
        for name, label in MOMENTS.items():
            told = f"{zone.key} time." if name == "aware_at" else ""
            if name == "aware_at":
                told += " When the first person here knew: the clocks of the AI Act run from then."
            self.fields[name] = MomentField(zone=zone, label=label, required=name == "aware_at", help_text=told)
        self.fields["member_states"] = forms.CharField(
            required=False, label="Member States", help_text="Where it happened, two letters each: NL, DE."
        )
        self.fields["place"] = forms.CharField(required=False, max_length=200, label="Place")
        for question in law.questions:
            self.fields[f"q_{question.id}"] = forms.ChoiceField(
                choices=ANSWERS, required=False, label=question.title, help_text=question.help
            )

    def clean_system(self) -> int:
        digits = str(self.cleaned_data["system"]).upper().strip().removeprefix("S-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            raise forms.ValidationError("A system's number, such as S-42.")
        return int(digits)

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The questions by what they are about."""
        return [
            (title, [self[f"q_{question.id}"] for question in self.law.questions if question.group == group])
            for group, title in GROUPS.items()
        ]

    def moments(self) -> list[Any]:
        return [self[name] for name in MOMENTS]

    def facts(self) -> dict[str, Any]:
        """As the action takes them."""
        said = self.cleaned_data
        states = [part for part in said["member_states"].replace(";", ",").replace(" ", ",").split(",") if part]
        answers = {question.id: said[f"q_{question.id}"] or "unknown" for question in self.law.questions}
        times = {name: said[name] for name in MOMENTS if said.get(name)}
        return {**times, "member_states": states, "place": said["place"], "answers": answers}


def initial_of(facts: Mapping[str, Any], zone: ZoneInfo, questions: Iterable[Question]) -> dict[str, Any]:
    """What a form starts with: facts as they are kept."""
    answers = facts.get("answers", {})
    said = {f"q_{question.id}": answers.get(question.id, "unknown") for question in questions}
    for name in MOMENTS:
        if facts.get(name):
            said[name] = f"{datetime.fromisoformat(facts[name]).astimezone(zone):%Y-%m-%d %H:%M}"
    return said | {"member_states": ", ".join(facts.get("member_states", ())), "place": facts.get("place", "")}


class SentForm(forms.Form):
    """That a notice went out."""

    clocks = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Clocks that it stops")
    kind = forms.ChoiceField(choices=SentNotice.KINDS, label="Kind")
    to = forms.CharField(max_length=300, label="To")
    channel = forms.CharField(required=False, max_length=200, label="By what way", help_text="Portal, e-mail, letter.")
    receipt = forms.CharField(required=False, max_length=200, label="Receipt number")
    notice = forms.ChoiceField(required=False, label="The sealed notice that was sent")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}), label="Note")

    def __init__(
        self, *args: Any, zone: ZoneInfo, clocks: Iterable[Clock], notices: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sent_at"] = MomentField(
            zone=zone, required=False, label="Sent", help_text=f"{zone.key} time; empty means now."
        )
        choices: Any = [
            (one.key, f"{one.title}, {one.row.cite}{f', {one.place}' if one.place else ''}") for one in clocks
        ]
        self.fields["clocks"].choices = choices  # type: ignore[attr-defined]
        self.fields["notice"].choices = [("", "None"), *notices]  # type: ignore[attr-defined]


class InquiryForm(forms.Form):
    """A request of an authority, or a drill of one."""

    title = forms.CharField(max_length=200, label="What is asked", help_text="In one line.")
    authority = forms.CharField(
        required=False, max_length=200, label="Who asks", help_text="May stay open for a drill."
    )
    contact = forms.CharField(required=False, max_length=300, label="Their contact")
    basis = forms.CharField(
        required=False, max_length=300, label="Legal basis they name", help_text="Such as Art. 21 of the EU AI Act."
    )
    systems = forms.CharField(required=False, label="Systems", help_text="Their numbers: S-4, S-17.")
    items = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 4}), label="Items", help_text="What is wanted, one a line."
    )
    period_from = DayField(required=False, label="Period from")
    period_to = DayField(required=False, label="Period to")
    hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2400,
        label="Answer within",
        help_text="Hours. Empty: our own promise. The AI Act sets no fixed number.",
    )
    drill = forms.BooleanField(required=False, label="This is a drill: nobody outside has asked")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = f"{zone.key} time; empty means now."
        self.fields["received_at"] = MomentField(zone=zone, required=False, label="Received", help_text=told)
        self.fields["set_at"] = MomentField(zone=zone, required=False, label="Their own date, if they set one")

    def clean_systems(self) -> list[int]:
        parts = [one for one in self.cleaned_data["systems"].replace(";", ",").replace(" ", ",").split(",") if one]
        digits = [one.upper().removeprefix("S-") for one in parts]
        wrong = [one for one in digits if not (one.isascii() and one.isdigit() and len(one) < 10)]
        if wrong:
            raise forms.ValidationError(f"“{wrong[0]}” is no system's number, such as S-42.")
        return [int(one) for one in digits]

    def asked(self) -> dict[str, Any]:
        """As the action takes them."""
        said = dict(self.cleaned_data)
        said["numbers"], said["items"] = said.pop("systems"), said["items"].splitlines()
        return said


class LetterForm(forms.Form):
    """One piece of the correspondence."""

    way = forms.ChoiceField(choices=Letter.WAYS, label="Which way", initial="note")
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Text")
    file = forms.FileField(
        required=False,
        label="File",
        help_text=f"PDF, picture, Office file, e-mail or text; at most {MAX_BYTES >> 20} MB.",
    )


class PackForm(forms.Form):
    """A sealed pack that answers, by its hash."""

    pack_title = forms.CharField(max_length=200, label="What the pack is called")
    sha256 = forms.CharField(max_length=71, label="SHA-256", help_text="As the verifier prints it.")
    pack_gaps = forms.IntegerField(required=False, min_value=0, label="Gaps that it lists")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sealed_at"] = MomentField(zone=zone, required=False, label="Sealed", help_text="Empty means now.")
