"""Forms about systems, made of the fields that the kernel names. What is right is the action's to say, not theirs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.inventory.fields import FIELDS, FieldSpec
from pilothouse.kernel.inventory.intake import ANSWERS
from pilothouse.kernel.inventory.models import CustomField, DatedFact, System
from pilothouse.kernel.inventory.selectors import unit_tree


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields under a heading; `id` is what a remedy's link may end with."""

    id: str
    title: str
    note: str
    keys: tuple[str, ...]


SECTIONS: tuple[Section, ...] = (
    Section("what", "What it is", "", ("name", "purpose", "outputs", "technique", "topic", "tags")),
    Section("who", "Who answers for it", "", ("unit_id", "owner_id", "deputy_id", "contact")),
    Section("value", "What it should bring", "", ("outcome", "outcome_metric")),
    Section("source", "Where it comes from", "", ("sourcing", "vendor")),
    Section("people", "Whom it touches", "", ("affects", "impact", "personal_data")),
    Section("intake", "Intake questions", "They set its tier: how much is asked of it.", ("intake",)),
    Section("dates", "Dates", "As exactly as you know: 2026-03-31, March 2026, Q1 2026 or 2026.", ("dates",)),
    Section("custom", "Fields of this organisation", "", ("custom",)),
    Section("notes", "Notes", "", ("notes",)),
)
QUICK: tuple[Section, ...] = (
    Section("what", "What it is", "", ("name", "purpose")),
    Section("who", "Who answers for it", "", ("unit_id", "owner_id")),
    Section("intake", "Intake questions", "They set its tier: how much is asked of it.", ("intake",)),
)


class PersonPicker(forms.Widget):
    """One person out of thousands: the present one, and others found by typing. Plain radio buttons, so keys work."""

    use_fieldset = True

    def __init__(self, search_url: str, people: Mapping[str, Person]) -> None:
        super().__init__()
        self.search_url = search_url
        self.people = people

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        text = str(value or "")
        context = {"name": name, "value": text, "person": self.people.get(text), "search_url": self.search_url}
        return render_to_string("inventory/_person_picker.html", context)


class SystemForm(forms.Form):
    """The fields of `sections` for one system, or for a new one. `typed()` is what the person sent, as text."""

    def __init__(
        self, *, actor: Actor, slug: str, sections: Iterable[Section], system: System | None = None, data: Any = None
    ) -> None:
        self.actor, self.slug, self.system, self.sections = actor, slug, system, tuple(sections)
        stored = self.stored(system) if system else {}
        if data is not None:
            # Radio buttons without a choice send nothing; that must mean “as it was”, never “nobody”.
            silent = {k: v for k, v in stored.items() if k in ("owner_id", "deputy_id") or k.startswith("intake_")}
            data = {**silent, **dict(data.items())}
        super().__init__(data=data, initial=stored)
        people = self._people(data)
        for section in self.sections:
            for key in section.keys:
                for name, field in self._fields(key, people):
                    self.fields[name] = field

    @staticmethod
    def stored(system: System) -> dict[str, str]:
        """The system's values as the form's texts."""
        texts: dict[str, str] = {}
        for key, spec in FIELDS.items():
            value = getattr(system, key)
            if spec.kind == "tags":
                texts[key] = ", ".join(value)
            elif spec.kind in ("intake", "custom"):
                texts |= {f"{key}_{name}": str(answer) for name, answer in value.items()}
            else:
                texts[key] = "" if value is None else str(value)
        texts |= {f"date_{fact.kind}": fact.raw or str(fact.value or "") for fact in system.dates.all()}
        return texts

    def typed(self) -> dict[str, str]:
        """What was sent, field by field. A group of radio buttons without a choice sends nothing, so it is absent."""
        return {name: _plain(self.data[name]) for name in self.fields if name in self.data}

    def changed_from(self, base: Mapping[str, str]) -> dict[str, str]:
        """What was sent and differs from `base`, the texts that the form was opened with."""
        return {name: text for name, text in self.typed().items() if text != _plain(base.get(name, ""))}

    def show_problem(self, error: PilothouseError) -> None:
        """Put what the action refused beside the fields it names."""
        told = False
        for key, sentence in error.fields.items():
            name = key if key in self.fields else next((n for n in self.fields if n.startswith(f"{key}_")), "")
            if name:
                self.add_error(name, sentence)
                told = True
        if not told:
            self.add_error(None, error.detail)

    def grouped(self) -> list[tuple[Section, list[tuple[str, forms.BoundField]]]]:
        """Sections with their bound fields and the anchors that remedies lead to."""
        groups = []
        for section in self.sections:
            names = [
                name for key in section.keys for name in self.fields if name == key or name.startswith(_prefix(key))
            ]
            if names:
                groups.append((section, [(_anchor(name), self[name]) for name in names]))
        return groups

    def _fields(self, key: str, people: Mapping[str, Person]) -> list[tuple[str, forms.Field]]:
        if key == "intake":
            asked = active_body(self.actor.organisation_id).questions
            return [(f"intake_{q.key}", _choice(q.text, ANSWERS, q.example, widget=forms.RadioSelect)) for q in asked]
        if key == "dates":
            return [(f"date_{k}", forms.CharField(label=title, required=False)) for k, title in DatedFact.KINDS]
        if key == "custom":
            custom = CustomField.objects.of(self.actor).filter(active=True)
            return [(f"custom_{field.key}", _custom(field)) for field in custom]
        return [(key, self._field(FIELDS[key], people))]

    def _field(self, spec: FieldSpec, people: Mapping[str, Person]) -> forms.Field:
        if spec.kind == "choice":
            return _choice(spec.title, spec.choices, spec.help, empty=False)
        if spec.kind == "unit":
            units = {str(u.pk): f"{'– ' * depth}{u.name}" for u, depth in unit_tree(Unit.objects.of(self.actor))}
            return _choice(spec.title, units, spec.help)
        if spec.kind == "person":
            widget: Any = PersonPicker(reverse("inventory:people", kwargs={"slug": self.slug}), people)
        else:
            widget = forms.Textarea(attrs={"rows": 4}) if spec.kind == "text" else forms.TextInput
        return forms.CharField(label=spec.title, help_text=spec.help, required=spec.key == "name", widget=widget)

    def _people(self, data: Any) -> dict[str, Person]:
        ids = {str(getattr(self.system, key)) for key in ("owner_id", "deputy_id") if getattr(self.system, key, None)}
        ids |= {str(data[key]) for key in ("owner_id", "deputy_id") if data and data.get(key)}
        known = [value for value in ids if len(value) in (32, 36) and set(value) <= set("0123456789abcdefABCDEF-")]
        found = Person.objects.of(self.actor).filter(pk__in=known).select_related("unit") if known else []
        return {str(person.pk): person for person in found}


def as_facts(texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """A form's texts as facts for the actions, and the dates among them (kind → text)."""
    facts: dict[str, Any] = {}
    dates: dict[str, str] = {}
    for name, text in texts.items():
        group, _, rest = name.partition("_")
        if group == "date":
            dates[rest] = text
        elif group in ("intake", "custom") and rest:
            facts.setdefault(group, {})[rest] = text or None
        else:
            facts[name] = text
    return facts, dates


def base_text(stored: Mapping[str, str]) -> str:
    """The texts a form was opened with, to be sent along, so that a save changes only what its writer touched."""
    return json.dumps(dict(stored))


def read_base(text: str) -> dict[str, str]:
    """What base_text wrote; something else counts as nothing known."""
    try:
        base = json.loads(text)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in base.items()} if isinstance(base, dict) else {}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _prefix(key: str) -> str:
    return {"dates": "date_", "intake": "intake_", "custom": "custom_"}.get(key, "\0")


def _anchor(name: str) -> str:
    return FIELDS[name].anchor if name in FIELDS else name


def _choice(
    title: str, choices: Mapping[str, str], help_text: str, *, empty: bool = True, widget: Any = forms.Select
) -> forms.ChoiceField:
    options = list(choices.items())
    if empty and widget is forms.Select:
        options = [("", "–"), *options]
    return forms.ChoiceField(label=title, choices=options, help_text=help_text, required=False, widget=widget)


def _custom(field: CustomField) -> forms.Field:
    if field.kind == "choice":
        return _choice(field.title, {choice: choice for choice in field.choices}, field.help)
    if field.kind == "yes_no":
        return _choice(field.title, {"yes": "Yes", "no": "No"}, field.help)
    return forms.CharField(label=field.title, help_text=field.help, required=False)
