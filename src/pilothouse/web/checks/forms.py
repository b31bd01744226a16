"""The rulebook's editor: one form for each part. A form reads a body into fields, and writes its part back.

`part(body)` returns the whole body as JSON's types with the form's part changed; rulebook_draft then checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms

from pilothouse.kernel.checks.rulebook import TIERS, ByTier, GateKey, RulebookBody, TierKey
from pilothouse.kernel.checks.rules import asks_of
from pilothouse.kernel.domain import Check, Grade, registry
from pilothouse.web.checks.words import (
    CHANGES,
    COMPONENTS,
    CONSEQUENCES,
    GATE_TITLES,
    POSSIBLE,
    TIER_TITLES,
)

Body = dict[str, Any]
SIGNATURES = 3

SECTIONS: dict[str, str] = {
    "name": "Name",
    "questions": "Intake questions",
    **{str(gate): title for gate, title in GATE_TITLES.items()},
    "limits": "Deadlines and exceptions",
    "changes": "Changes that matter",
}

_TIERS = [(tier, f"{title} tier") for tier, title in TIER_TITLES.items()]
_READS = (
    ("", "A person only"),
    ("impact", "Rights or safety, as the register states"),
    ("impact_rights", "Rights, as the register states"),
    ("impact_safety", "Safety, as the register states"),
    ("personal_data", "Personal data, as the register states"),
)
_GRADES = (("", "Not asked"), *((g.value, g.value.capitalize()) for g in Grade if g is not Grade.NONE))


class NameForm(forms.Form):
    """What the rulebook is called and whom it is for."""

    title = forms.CharField(label="Name", max_length=120)
    about = forms.CharField(
        label="What it is for",
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="One or two sentences.",
    )

    def part(self, body: RulebookBody) -> Body:
        """The body with what it is for; the name stands beside the body."""
        return body.model_dump(mode="json") | {"about": self.cleaned_data["about"]}


class QuestionForm(forms.Form):
    """One intake question."""

    key = forms.SlugField(label="Key", max_length=40, help_text="Answers are kept under it: small letters and _.")
    text = forms.CharField(label="Question", min_length=10, max_length=300, widget=forms.Textarea({"rows": 2}))
    example = forms.CharField(label="Example", min_length=5, max_length=400, widget=forms.Textarea({"rows": 2}))
    yes = forms.ChoiceField(label="Yes asks for", choices=_TIERS, initial="high")
    no = forms.ChoiceField(label="No asks for", choices=_TIERS, initial="low")
    reads = forms.ChoiceField(label="May be answered by", choices=_READS, required=False)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not re.fullmatch(r"[a-z][a-z0-9_]+", key):
            raise forms.ValidationError("Small letters, digits and _, beginning with a letter.")
        return key


class _Questions(forms.BaseFormSet):  # type: ignore[type-arg]
    def part(self, body: RulebookBody) -> Body:
        """The body with these questions."""
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        names = tuple(QuestionForm.base_fields)
        return body.model_dump(mode="json") | {"questions": [{name: row[name] for name in names} for row in kept]}


QuestionForms = forms.formset_factory(QuestionForm, formset=_Questions, extra=1, max_num=7, can_delete=True)


def question_forms(body: RulebookBody, data: Any = None) -> Any:
    """The questions as forms, with one empty one to add."""
    return QuestionForms(data, initial=[question.model_dump() for question in body.questions], prefix="q")


class GateForm(forms.Form):
    """One gate: for every check and tier the least grade, or not asked; and who signs."""

    def __init__(self, gate: GateKey, body: RulebookBody, roles: dict[str, str], data: Any = None) -> None:
        super().__init__(data)
        self.gate, self.roles = gate, roles
        asked = {tier: asks_of(body, (gate,), tier) for tier in TIERS}
        named = dict.fromkeys(check_id for tier in TIERS for check_id in asked[tier])
        self.check_ids = list(dict.fromkeys([*registry.checks, *named]))
        for check_id in self.check_ids:
            for tier in TIERS:
                ask = asked[tier].get(check_id)
                self.fields[f"{check_id}-{tier}"] = forms.ChoiceField(
                    label=f"{_title(check_id)}, {tier} tier",
                    choices=_GRADES,
                    required=False,
                    widget=forms.Select({"class": "control"}),
                    initial=ask.grade.value if ask else "",
                )
        for tier in TIERS:
            groups = body.gates.of(gate).signers.of(tier)
            for place in range(SIGNATURES):
                self.fields[f"sign-{tier}-{place}"] = forms.CharField(
                    label=f"{TIER_TITLES[tier]} tier, signature {place + 1}",
                    required=False,
                    max_length=300,
                    initial=" or ".join(groups[place]) if place < len(groups) else "",
                )

    def rows(self) -> Iterator[tuple[Check | None, str, list[forms.BoundField]]]:
        """(check, title, its three selects), the asked ones first."""
        rows = [
            (registry.checks.get(check_id), _title(check_id), [self[f"{check_id}-{tier}"] for tier in TIERS])
            for check_id in self.check_ids
        ]
        return iter(sorted(rows, key=lambda row: not any(field.value() for field in row[2])))

    def signatures(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """(tier's title, its signature fields)."""
        for tier in TIERS:
            yield TIER_TITLES[tier], [self[f"sign-{tier}-{place}"] for place in range(SIGNATURES)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for tier in TIERS:
            for place in range(SIGNATURES):
                name = f"sign-{tier}-{place}"
                try:
                    cleaned[name] = self._group(cleaned.get(name, ""))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned

    def _group(self, text: str) -> list[str]:
        """“caio or legal” as role keys; titles are understood too."""
        by_word = {key.lower(): key for key in self.roles} | {title.lower(): key for key, title in self.roles.items()}
        group = []
        for word in re.split(r",|;|\bor\b", text, flags=re.IGNORECASE):
            name = " ".join(word.split()).lower()
            if not name:
                continue
            if name not in by_word:
                raise forms.ValidationError(f"No role is called “{word.strip()}”.")
            group.append(by_word[name])
        return list(dict.fromkeys(group))

    def part(self, body: RulebookBody) -> Body:
        """The body with this gate. A check asked on one grade of several tiers is one line."""
        asks = []
        for check_id in self.check_ids:
            by_grade: dict[str, list[TierKey]] = {}
            for tier in TIERS:
                if grade := self.cleaned_data.get(f"{check_id}-{tier}"):
                    by_grade.setdefault(grade, []).append(tier)
            asks += [{"check": check_id, "grade": grade, "tiers": tiers} for grade, tiers in by_grade.items()]
        signers = {
            tier: [group for place in range(SIGNATURES) if (group := self.cleaned_data[f"sign-{tier}-{place}"])]
            for tier in TIERS
        }
        whole = body.model_dump(mode="json")
        whole["gates"][self.gate] = {"asks": asks, "signers": signers}
        return whole


def _days(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=3650, help_text=help_text)


class LimitsForm(forms.Form):
    """Deadlines, waivers, break-glass, the lone decider and decisions."""

    inherited_high = _days("High tier, days", "Also for systems whose tier nobody knows.")
    inherited_medium = _days("Medium tier, days")
    inherited_low = _days("Low tier, days")
    fresh_high = _days("High tier, days")
    fresh_medium = _days("Medium tier, days")
    fresh_low = _days("Low tier, days")
    decisions_high = _days("High tier, days")
    decisions_medium = _days("Medium tier, days")
    decisions_low = _days("Low tier, days")
    escalate = forms.CharField(
        label="Then it goes to", required=False, help_text="Roles in order, such as: caio, risk, board."
    )
    waiver_days = forms.IntegerField(label="A waiver lasts at most, days", min_value=1, max_value=90)
    waiver_renewals = forms.ChoiceField(label="It is renewed", choices=(("0", "Never"), ("1", "Once")))
    never = forms.MultipleChoiceField(
        label="Never waived", required=False, widget=forms.CheckboxSelectMultiple, help_text="Not even for a day."
    )
    glass_roles = forms.CharField(label="Who may open it", required=False, help_text="Roles, such as: caio, ciso.")
    glass_hours = forms.IntegerField(label="It lasts, hours", min_value=1, max_value=8)
    glass_ratify = forms.IntegerField(label="Ratified within, hours", min_value=1, max_value=24)
    lone_tiers = forms.MultipleChoiceField(
        label="One person alone may approve",
        required=False,
        choices=(("low", "The low tier"), ("medium", "The medium tier")),
        widget=forms.CheckboxSelectMultiple,
        help_text="Marked so, and countersigned by an outside reviewer. High risk always takes two people.",
    )
    lone_hours = forms.IntegerField(label="After waiting, hours", min_value=24, max_value=720)

    def __init__(self, body: RulebookBody, roles: dict[str, str], data: Any = None) -> None:
        super().__init__(data, initial=_limits(body))
        self.roles = roles
        never: Any = self.fields["never"]
        ids = dict.fromkeys([*registry.checks, *body.waivers.never])
        never.choices = [(check_id, _title(check_id)) for check_id in ids]

    def groups(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """(heading, lead, fields)."""
        for title, lead, names in (
            ("Systems found already running", "How long they have to close each gap.", _tiers("inherited")),
            ("Evidence", "How old a document may be and still count.", _tiers("fresh")),
            ("Decisions", "How long one may wait before it escalates.", (*_tiers("decisions"), "escalate")),
            (
                "Waivers",
                "Decided by the role that the check protects, never by the owner.",
                ("waiver_days", "waiver_renewals", "never"),
            ),
            (
                "Break-glass",
                "A few hours in an emergency. Never for a prohibited use.",
                ("glass_roles", "glass_hours", "glass_ratify"),
            ),
            ("A lone decider", "For organisations too small for two.", ("lone_tiers", "lone_hours")),
        ):
            yield title, lead, [self[name] for name in names]

    def clean_escalate(self) -> list[str]:
        return self._roles("escalate")

    def clean_glass_roles(self) -> list[str]:
        return self._roles("glass_roles")

    def _roles(self, name: str) -> list[str]:
        keys = [word.strip().lower() for word in re.split(r"[,;]", self.cleaned_data[name]) if word.strip()]
        for key in keys:
            if key not in self.roles:
                raise forms.ValidationError(f"No role is called “{key}”. There are: {', '.join(self.roles)}.")
        return list(dict.fromkeys(keys))

    def part(self, body: RulebookBody) -> Body:
        """The body with these limits."""
        data = self.cleaned_data
        return body.model_dump(mode="json") | {
            "inherited_days": {tier: data[f"inherited_{tier}"] for tier in TIERS},
            "fresh_days": {tier: data[f"fresh_{tier}"] for tier in TIERS},
            "decisions": {
                "days": {tier: data[f"decisions_{tier}"] for tier in TIERS},
                "escalate": data["escalate"],
            },
            "waivers": {
                "never": data["never"],
                "max_days": data["waiver_days"],
                "renewals": int(data["waiver_renewals"]),
            },
            "break_glass": {
                "roles": data["glass_roles"],
                "hours": data["glass_hours"],
                "ratify_hours": data["glass_ratify"],
            },
            "lone_decider": {"tiers": data["lone_tiers"], "after_hours": data["lone_hours"]},
        }


class ChangesForm(forms.Form):
    """What each change of a component does to a production sign-off."""

    def __init__(self, body: RulebookBody, data: Any = None) -> None:
        super().__init__(data)
        for component, change in POSSIBLE:
            self.fields[f"{component}-{change}"] = forms.ChoiceField(
                label=f"{COMPONENTS[component]} {CHANGES[change]}",
                choices=list(CONSEQUENCES.items()),
                initial=body.consequence(component, change),
            )

    def part(self, body: RulebookBody) -> Body:
        """The body with these rules."""
        return body.model_dump(mode="json") | {
            "material": [
                {"component": component, "change": change, "then": self.cleaned_data[f"{component}-{change}"]}
                for component, change in POSSIBLE
            ]
        }


def section_form(section: str, title: str, body: RulebookBody, roles: dict[str, str], data: Any = None) -> Any:
    """The form of one section of the editor."""
    if section == "name":
        return NameForm(data, initial={"title": title, "about": body.about})
    if section == "questions":
        return question_forms(body, data)
    if section == "limits":
        return LimitsForm(body, roles, data)
    if section == "changes":
        return ChangesForm(body, data)
    for gate in GATE_TITLES:
        if gate == section:
            return GateForm(gate, body, roles, data)
    raise KeyError(section)


def _limits(body: RulebookBody) -> dict[str, Any]:
    def spread(name: str, days: ByTier) -> dict[str, int]:
        return {f"{name}_{tier}": days.of(tier) for tier in TIERS}

    return {
        **spread("inherited", body.inherited_days),
        **spread("fresh", body.fresh_days),
        **spread("decisions", body.decisions.days),
        "escalate": ", ".join(body.decisions.escalate),
        "waiver_days": body.waivers.max_days,
        "waiver_renewals": str(body.waivers.renewals),
        "never": list(body.waivers.never),
        "glass_roles": ", ".join(body.break_glass.roles),
        "glass_hours": body.break_glass.hours,
        "glass_ratify": body.break_glass.ratify_hours,
        "lone_tiers": list(body.lone_decider.tiers),
        "lone_hours": body.lone_decider.after_hours,
    }


def _tiers(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{tier}" for tier in reversed(TIERS))


def _title(check_id: str) -> str:
    return registry.checks[check_id].title if check_id in registry.checks else check_id
