"""The form of one system's rules: sections of plain fields, and a table of what inspection finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pilothouse.contracts.policy.snapshot import ANY, KINDS
from pilothouse.kernel.policy.rules import SystemRules, plain
from pilothouse.web.policy.forms import LimitsMixin, Lines, Words, number

TREATMENTS = [("allow", "Let through"), ("count", "Count"), ("mask", "Mask"), ("block", "Block")]
USUAL = "count"
SIDES = ("prompt", "answer")


class RulesForm(LimitsMixin):
    """What one system's calls may do."""

    models = forms.MultipleChoiceField(
        label="Models it may call", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: it may call none.",
    )  # fmt: skip
    regions = Words("Answered only in", help_text="Regions of upstreams, with commas between. Empty: anywhere.")
    purposes = Words("Only for the purposes", help_text="With commas between. Empty: for any.")
    purpose = forms.CharField(label="Purpose when a call says none", required=False, max_length=100)
    data_classes = Words("May send data of the classes", help_text="With commas between. Empty: of any.")
    data_class = forms.CharField(label="Class when a call says none", required=False, max_length=100)
    human_refuse = Words(
        "Decisions that no call may make",
        help_text="With commas between; * is every decision. The register's own hold.",
    )
    human_hold = Words("Decisions that wait for a reviewer", help_text="With commas between; * is every decision.")
    hold_every = forms.BooleanField(label="Every answer waits for a reviewer", required=False)
    hold_sample = number("Random share that waits (‰)", "Of a thousand answers; empty: none.")
    hold_score = number("Waits when its score is above (‰)", "Empty: the score holds nothing.")
    deep = forms.BooleanField(label="Look for names and addresses too", required=False, help_text="Slower.")
    max_prompt_bytes = number("Longest request (bytes)")
    max_answer_bytes = number("Longest answer (bytes)")
    banned = Lines("Banned phrases", help_text="One on a line; case does not matter.")
    canaries = Lines(
        "Canaries", help_text="One on a line: text that stands in the system's own prompt and must never come out."
    )
    storage_on = forms.BooleanField(
        label="Keep the texts of prompts and answers", required=False, help_text="Encrypted, and off unless chosen."
    )
    storage_purposes = Words("Only of the purposes", help_text="With commas between. Empty: of any.")
    storage_days = forms.IntegerField(label="For how many days", initial=30, min_value=1, max_value=3650)

    def __init__(self, aliases: Sequence[str], rules: SystemRules, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial(rules))
        super().__init__(*args, **kwargs)
        known = sorted({*aliases, *(rules.models - {ANY})})
        field = self.fields["models"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ANY, "Whatever the organisation offers"), *((name, name) for name in known)]
        for side in SIDES:
            chosen = getattr(rules.inspection, side)
            for kind, title in KINDS.items():
                self.fields[f"{side}_{kind}"] = forms.ChoiceField(
                    label=f"{title} in the {side}",
                    choices=TREATMENTS,
                    initial=chosen.get(kind, USUAL),
                    widget=forms.Select(attrs={"class": "control"}),
                )

    def kinds(self) -> list[tuple[str, Any, Any]]:
        """(title, field for the prompt, field for the answer) of each kind of finding."""
        return [(title, self[f"prompt_{kind}"], self[f"answer_{kind}"]) for kind, title in KINDS.items()]

    def body(self) -> dict[str, Any]:
        """The rules as `system_policy_save` takes them."""
        said = self.cleaned_data
        human = dict.fromkeys(said["human_hold"] or (), "hold") | dict.fromkeys(said["human_refuse"] or (), "refuse")
        hold = {"every": said["hold_every"], "sample_per_mille": said["hold_sample"] or 0}
        sides = {
            side: {kind: said[f"{side}_{kind}"] for kind in KINDS if said[f"{side}_{kind}"] != USUAL} for side in SIDES
        }
        sizes = {name: said[name] for name in ("max_prompt_bytes", "max_answer_bytes")}
        return {
            **{name: said[name] for name in ("models", "regions", "purposes", "purpose", "data_classes", "data_class")},
            "human": human,
            "limits": self.limits(),
            "inspection": {
                **sides, **sizes, "deep": said["deep"], "banned": said["banned"], "canaries": said["canaries"]
            },
            "hold": {**hold, "score_above_per_mille": said["hold_score"]},
            "storage": {"on": said["storage_on"], "purposes": said["storage_purposes"], "days": said["storage_days"]},
        }  # fmt: skip


def initial(rules: SystemRules) -> dict[str, Any]:
    """What the form shows of rules that there are."""
    said = plain(rules)
    looked, held, kept = rules.inspection, rules.hold, rules.storage
    return {
        **{name: said.get(name) for name in ("models", "regions", "purposes", "purpose", "data_classes", "data_class")},
        **plain(rules.limits),
        "human_hold": [word for word, rule in rules.human.items() if rule == "hold"],
        "human_refuse": [word for word, rule in rules.human.items() if rule == "refuse"],
        "hold_every": held.every,
        "hold_sample": held.sample_per_mille or None,
        "hold_score": held.score_above_per_mille,
        "deep": looked.deep,
        "max_prompt_bytes": looked.max_prompt_bytes,
        "max_answer_bytes": looked.max_answer_bytes,
        "banned": looked.banned,
        "canaries": looked.canaries,
        "storage_on": kept.on,
        "storage_purposes": sorted(kept.purposes) if kept.purposes is not None else None,
        "storage_days": kept.days,
    }
