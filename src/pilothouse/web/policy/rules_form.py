"""The form of one system's rules: sections of plain fields, and a table of what inspection finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pilothouse.contracts.policy.snapshot import ANY
from pilothouse.kernel.policy.rules import DEEP, FINDABLE, SystemRules, plain
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
    human_hold = Words(
        "Decisions whose answers a reviewer sees first", help_text="With commas between; * is every decision."
    )
    every = forms.BooleanField(label="Every answer waits for a reviewer", required=False)
    sample_per_mille = number("Random audit (of 1,000 answers)", "So many wait, drawn by chance. Empty: none.")
    score_above_per_mille = number(
        "Score above (of 1,000)", "What the caller or the model's server tells. Empty: no such rule."
    )
    hours = number("Escalates after (hours)", "Silence goes on to deputies and then up; it releases nothing.")
    hold_days = number("Texts stay after the decision (days)", "For the caller to fetch, and to be looked up.")
    storage_on = forms.BooleanField(label="Store prompts and answers", required=False)
    storage_purposes = Words("Only for the purposes", help_text="With commas between. Empty: for any.")
    days = number("Stored for (days)", "Then they are removed at night.")
    max_prompt_bytes = number("Longest request (bytes)")
    max_answer_bytes = number("Longest answer (bytes)")
    deep = forms.BooleanField(label="Look for names of people and postal addresses too", required=False)
    deep_ms = forms.IntegerField(
        label="Read a prompt or an answer for at most (ms)",
        initial=5_000,
        help_text="About 100 ms for each kilobyte that was not read before.",
    )
    banned = Lines("Banned phrases", help_text="One on a line; case does not matter.")
    canaries = Lines(
        "Canaries", help_text="One on a line: text that stands in the system's own prompt and must never come out."
    )

    def __init__(self, aliases: Sequence[str], rules: SystemRules, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial(rules))
        super().__init__(*args, **kwargs)
        known = sorted({*aliases, *(rules.models - {ANY})})
        field = self.fields["models"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ANY, "Whatever the organisation offers"), *((name, name) for name in known)]
        for side in SIDES:
            chosen = getattr(rules.inspection, side)
            for kind, title in FINDABLE.items():
                self.fields[f"{side}_{kind}"] = forms.ChoiceField(
                    label=f"{title} in the {side}",
                    choices=TREATMENTS,
                    initial=chosen.get(kind, USUAL),
                    widget=forms.Select(attrs={"class": "control"}),
                )

    def kinds(self) -> list[tuple[str, Any, Any]]:
        """(title, field for the prompt, field for the answer) of each kind of finding."""
        return [(title, self[f"prompt_{kind}"], self[f"answer_{kind}"]) for kind, title in FINDABLE.items()]

    def body(self) -> dict[str, Any]:
        """The rules as `system_policy_save` takes them."""
        said = self.cleaned_data
        kinds = [kind for kind in FINDABLE if said["deep"] or kind not in DEEP]
        sides = {
            side: {kind: said[f"{side}_{kind}"] for kind in kinds if said[f"{side}_{kind}"] != USUAL} for side in SIDES
        }
        deep = {"deep": said["deep"], "deep_ms": said["deep_ms"]}
        sizes = {name: said[name] for name in ("max_prompt_bytes", "max_answer_bytes")}
        return {
            **{name: said[name] for name in ("models", "regions", "purposes", "purpose", "data_classes", "data_class")},
            "human": {
                **dict.fromkeys(said["human_hold"] or (), "hold"),
                **dict.fromkeys(said["human_refuse"] or (), "refuse"),
            },
            "hold": {
                "every": said["every"],
                "score_above_per_mille": said["score_above_per_mille"],
                **_told(sample_per_mille=said["sample_per_mille"], hours=said["hours"], days=said["hold_days"]),
            },
            "storage": {
                "on": said["storage_on"],
                "purposes": said["storage_purposes"],
                **_told(days=said["days"]),
            },
            "limits": self.limits(),
            "inspection": {**sides, **sizes, **deep, "banned": said["banned"], "canaries": said["canaries"]},
        }


def _told(**values: int | None) -> dict[str, int]:
    """Those that were filled in; the others keep what is usual."""
    return {name: value for name, value in values.items() if value is not None}


def initial(rules: SystemRules) -> dict[str, Any]:
    """What the form shows of rules that there are."""
    said = plain(rules)
    looked, hold, storage = rules.inspection, rules.hold, rules.storage
    return {
        **{name: said.get(name) for name in ("models", "regions", "purposes", "purpose", "data_classes", "data_class")},
        **plain(rules.limits),
        **{f"human_{does}": [word for word, how in rules.human.items() if how == does] for does in ("hold", "refuse")},
        **{name: getattr(hold, name) for name in ("every", "score_above_per_mille", "hours")},
        "sample_per_mille": hold.sample_per_mille or None,
        "hold_days": hold.days,
        "storage_on": storage.on,
        "storage_purposes": storage.purposes,
        "days": storage.days,
        "max_prompt_bytes": looked.max_prompt_bytes,
        "max_answer_bytes": looked.max_answer_bytes,
        "deep": looked.deep,
        "deep_ms": looked.deep_ms,
        "banned": looked.banned,
        "canaries": looked.canaries,
    }
