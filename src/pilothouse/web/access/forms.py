"""Forms about people. What is right is the action's to say; a form keeps what was typed and shows what was said."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, Person, Role, Unit
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.inventory.selectors import unit_tree

DEEP = "\N{EM SPACE}"


def tell(form: forms.Form, error: PilothouseError) -> None:
    """Put what an action said beside the fields it is about, and the rest above the form."""
    wrong = dict(error.fields)
    if "field" in error.data:
        wrong.setdefault(str(error.data["field"]), error.detail)
    for name, text in wrong.items():
        form.add_error(name if name in form.fields else None, text)
    if not wrong:
        form.add_error(None, error.detail)


class UnitField(forms.TypedChoiceField):
    """One unit of the tree, drawn with its depth."""

    def __init__(self, actor: Actor, empty: str, **kwargs: Any) -> None:
        self.units = {str(u.pk): u for u in Unit.objects.of(actor)}
        choices = [("", empty)]
        choices += [(str(u.pk), DEEP * depth + u.name) for u, depth in unit_tree(self.units.values())]
        super().__init__(choices=choices, coerce=lambda pk: self.units[pk], empty_value=None, required=False, **kwargs)


class PersonForm(forms.Form):
    name = forms.CharField(max_length=200, label="Name")
    email = forms.CharField(max_length=254, required=False, label="E-mail", help_text="Needed to sign in.")
    title = forms.CharField(max_length=200, required=False, label="Job title")
    external_id = forms.CharField(
        max_length=200, required=False, label="External id", help_text="Their id in the HR system or directory."
    )

    def __init__(self, actor: Actor, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        if person is not None:
            kwargs.setdefault(
                "initial",
                {key: getattr(person, key) for key in ("name", "email", "title", "external_id")}
                | {"unit": str(person.unit_id or "")},
            )
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(actor, "No unit", label="Unit")
        self.order_fields(["name", "email", "title", "unit", "external_id"])


class RoleForm(forms.Form):
    """Give someone a role. A reason is asked because a powerful role is decided by someone else."""

    role = forms.ChoiceField(label="Role")
    reason = forms.CharField(
        max_length=500,
        required=False,
        label="Why",
        help_text="Needed for a powerful role: someone else decides on it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {role.key: role for role in Role.objects.of(actor)}
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, role.title) for key, role in self.roles.items()]
        self.fields["unit"] = UnitField(actor, "The whole organisation", label="Where")
        self.order_fields(["role", "unit", "reason"])

    def chosen(self) -> Role:
        return self.roles[self.cleaned_data["role"]]


class DeputyForm(forms.Form):
    """Who stands in, from which day to which day, both included."""

    deputy = forms.UUIDField(label="Deputy")
    first_day = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(max_length=300, required=False, label="Why", help_text="Such as: leave in December.")

    def __init__(self, organisation: Organisation, actor: Actor, *args: Any, **kwargs: Any) -> None:
        today = timezone.localdate(timezone=ZoneInfo(organisation.time_zone))
        kwargs.setdefault("initial", {"first_day": today, "last_day": today + timedelta(days=14)})
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(organisation.time_zone)
        people = Person.objects.of(actor).filter(left_at=None).order_by("name").values_list("pk", "name")
        self.fields["deputy"] = forms.TypedChoiceField(
            label="Deputy", choices=[("", "Choose someone"), *((str(pk), name) for pk, name in people)], coerce=UUID
        )
        self.order_fields(["deputy", "first_day", "last_day", "reason"])

    def period(self) -> tuple[datetime, datetime]:
        """From the start of the first day to the end of the last, in the organisation's time zone."""
        last: date = self.cleaned_data["last_day"]
        first = datetime.combine(self.cleaned_data["first_day"], time(), self.zone)
        return first, datetime.combine(last + timedelta(days=1), time(), self.zone)


class OrganisationForm(forms.Form):
    name = forms.CharField(max_length=200, label="Name")
    time_zone = forms.ChoiceField(
        label="Time zone", choices=lambda: [(zone, zone) for zone in sorted(available_timezones())]
    )
    currency = forms.CharField(max_length=3, label="Currency", help_text="Three capital letters, such as EUR.")


class TokenForm(forms.Form):
    """A token: what for, what it may do, how long."""

    name = forms.CharField(max_length=120, label="What it is for", help_text="Such as: nightly export.")
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        initial=90,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "A year")],
    )
    scopes = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(p, text) for p, text in PERMISSIONS.items() if actor.may(p)]
        if actor.may("token.manage"):
            self.fields["service"] = forms.BooleanField(
                required=False,
                label="For a service, not for me",
                help_text="It acts under its own name in the whole organisation, and stays when you leave.",
            )
            self.order_fields(["name", "days", "service", "scopes"])


class RoleChangeForm(forms.Form):
    """What a role may do: for each permission no, on one's own, or everywhere."""

    REACH = (("", "No"), ("own", "On their own"), ("all", "Everywhere"))

    def __init__(self, role: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for permission, text in PERMISSIONS.items():
            self.fields[permission] = forms.ChoiceField(
                label=text, choices=self.REACH, required=False, initial=role.permissions.get(permission, "")
            )
        self.fields["reason"] = forms.CharField(
            label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Whoever decides reads this.",
        )  # fmt: skip

    def permissions(self) -> dict[str, str]:
        return {p: self.cleaned_data[p] for p in PERMISSIONS if self.cleaned_data.get(p)}
