"""Forms about notices and outlets."""

from __future__ import annotations

from typing import Any

from django import forms

from pilothouse.kernel.notify.models import Outlet, Preference


class PreferenceForm(forms.Form):
    email = forms.ChoiceField(label="By e-mail", choices=Preference.EMAIL, widget=forms.RadioSelect)


class OutletForm(forms.Form):
    """A webhook or a chat room. What is right is the action's to say."""

    kind = forms.ChoiceField(label="What it is", choices=Outlet.KINDS, initial="webhook")
    title = forms.CharField(label="Title", max_length=120, help_text="Such as: security operations.")
    url = forms.CharField(
        label="Address", required=False, max_length=1000, help_text="For a webhook: the https address that we post to."
    )
    secret_name = forms.CharField(
        label="Name of the secret",
        required=False,
        max_length=60,
        help_text="For a chat or e-mail service: the operator puts its Apprise address in a file of this name.",
    )
    actions = forms.CharField(
        label="Which actions",
        initial="*",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One pattern on a line, such as decision.*, gate.* or *.left; a lone * is everything.",
    )

    def __init__(self, *args: Any, outlet: Outlet | None = None, **kwargs: Any) -> None:
        if outlet is not None:
            kwargs.setdefault(
                "initial",
                {
                    "title": outlet.title,
                    "url": outlet.url,
                    "secret_name": outlet.secret_name,
                    "actions": "\n".join(outlet.actions),
                },
            )
        super().__init__(*args, **kwargs)
        if outlet is not None:
            del self.fields["kind"]
            del self.fields["secret_name" if outlet.kind == "webhook" else "url"]

    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "actions": self.cleaned_data["actions"].split()}
