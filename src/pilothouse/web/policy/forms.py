"""Forms about what may be called. What is right is the actions' to say; a form reads words, lines and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from pilothouse.contracts.policy.request import CHECK, ENDPOINTS, CallRequest, person_id
from pilothouse.contracts.policy.snapshot import SIGNATURES
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import Alias, Budget, GatewayKey, Issuer, Upstream
from pilothouse.web.access.forms import UnitField


class Words(forms.CharField):
    """Words with commas between them; nothing means *not restricted*."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "With commas between. Empty: not restricted.")
        super().__init__(label=label, required=False, max_length=2000, **kwargs)

    def clean(self, value: Any) -> Any:
        found = [word.strip() for word in super().clean(value).replace("\n", ",").split(",")]
        return [word for word in found if word] or None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(sorted(value)) if isinstance(value, (list, tuple, set, frozenset)) else value


class Lines(forms.CharField):
    """One phrase on each line."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value


def number(label: str, help_text: str = "Empty: no limit.", **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, help_text=help_text, **kwargs)


def why(label: str = "Why") -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, error_messages={"required": "Say why."})


class LimitsMixin(forms.Form):
    """How much at once."""

    requests_per_minute = number("Calls a minute")
    tokens_per_minute = number("Tokens a minute")
    concurrent = number("Calls at the same time")

    LIMITS = ("requests_per_minute", "tokens_per_minute", "concurrent")

    def limits(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in self.LIMITS if self.cleaned_data[name] is not None}


class KeyForm(LimitsMixin):
    """A new key: for which system, what uses it, how long."""

    system = forms.ChoiceField(label="System")
    name = forms.CharField(label="What uses it", max_length=120, help_text="Such as: nightly summaries.")
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        initial=90,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "A year")],
    )
    person = forms.ChoiceField(label="On whose behalf", choices=GatewayKey.PERSON)
    persons = forms.MultipleChoiceField(
        label="Only for these people", required=False, help_text="None chosen: for anybody.",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip
    agents = Words("Only by these agents", help_text="With commas between. Empty: by any.")
    model_names = Words("Only these models", help_text="With commas between. Empty: all that the system may call.")

    def __init__(self, actor: Actor, systems: Sequence[System], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = {str(system.number): system for system in systems}
        rows = [(number, f"{system.ref} {system.name}") for number, system in self.systems.items()]
        _choose(self, "system", [("", "Choose a system"), *rows])
        people = Person.objects.of(actor).filter(left_at=None).exclude(email="").order_by("name")
        _choose(self, "persons", [(str(pk), name) for pk, name in people.values_list("pk", "name")])
        self.fields["unit"] = UnitField(actor, "The system's unit", label="Counts against the budgets of")
        self.order_fields(["system", "name", "days", "unit", "person", "persons", "agents", "model_names"])

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "system": self.systems[said["system"]],
            "name": said["name"],
            "expires_at": now() + timedelta(days=said["days"]),
            "unit": said["unit"],
            "person": said["person"],
            "persons": said["persons"] or None,
            "agents": said["agents"],
            "models": said["model_names"],
            "limits": self.limits(),
        }


class RotateForm(forms.Form):
    grace_hours = forms.TypedChoiceField(
        label="The old key works for",
        coerce=int,
        initial=24,
        choices=[(0, "No longer: it leaked"), (1, "An hour"), (24, "A day"), (168, "A week")],
    )


class ReasonForm(forms.Form):
    """An act that asks for nothing but its reason."""

    reason = why()


class UpstreamForm(forms.Form):
    """Where calls go. The secret is named, never typed here."""

    name = forms.CharField(label="Name", max_length=40, help_text="Small letters, digits and hyphens.")
    base_url = forms.CharField(
        label="Address", max_length=500, help_text="Up to where the endpoint begins, such as https://api.example.com/v1"
    )
    dialect = forms.ChoiceField(label="Speaks", choices=Upstream.DIALECTS)
    auth = forms.ChoiceField(label="Secret is sent as", choices=Upstream.AUTHS)
    secret = forms.CharField(label="Where the secret is", required=False, max_length=160)
    region = forms.CharField(label="Region", required=False, max_length=40, help_text="Such as eu. Rules compare it.")
    data_classes = Words("Data it may get", help_text="Classes with commas between. Empty: any.")
    query = forms.CharField(
        label="Added to every address", required=False, max_length=200, help_text="Such as api-version=2026-01-01"
    )
    headers = Lines("Further headers", help_text="Name: value, one on a line. Never a secret.")
    connect_ms = forms.IntegerField(label="Connect within (ms)", initial=5_000)
    first_byte_ms = forms.IntegerField(label="First byte within (ms)", initial=60_000)
    total_ms = forms.IntegerField(label="All within (ms)", initial=600_000)
    concurrent = number("Calls at the same time")
    active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, prefix: str, slug: str, *args: Any, upstream: Upstream | None = None, **kwargs: Any) -> None:
        if upstream is not None:
            kwargs.setdefault("initial", {**_values(upstream, self.base_fields), "headers": _headers(upstream)})
        super().__init__(*args, **kwargs)
        self.fields["secret"].help_text = f"env:{prefix}… or file:NAME (in secrets/{slug}/ of the data directory)."
        if upstream is not None:
            del self.fields["name"]

    def clean_headers(self) -> dict[str, str]:
        pairs = [line.partition(":") for line in self.cleaned_data["headers"]]
        if any(not colon for _, colon, _ in pairs):
            raise forms.ValidationError("Write each as Name: value.")
        return {name.strip(): value.strip() for name, _, value in pairs}

    def facts(self) -> dict[str, Any]:
        return {key: value for key, value in self.cleaned_data.items() if key != "name"}


class IssuerForm(forms.Form):
    """Who signs tokens that show who a person is."""

    name = forms.CharField(label="Name", max_length=40, help_text="Small letters, digits and hyphens.")
    url = forms.CharField(label="Issuer", max_length=500, help_text="As its tokens write it (iss), with https.")
    audiences = Words("Meant for", help_text="The audiences (aud) that count, with commas between: your client ids.")
    claim = forms.CharField(
        label="Claim that names the person", max_length=60, initial="email",
        help_text="One that people cannot change themselves. Keys for certain people compare e-mail addresses.",
    )  # fmt: skip
    algorithms = Words("Signed by", initial=["ES256", "RS256"], help_text=f"Among {', '.join(sorted(SIGNATURES))}.")
    keys_url = forms.CharField(
        label="Address of its keys", required=False, max_length=500, help_text="Empty: its discovery document says it."
    )
    keys = forms.CharField(
        label="Or its keys themselves", required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A key set (JWKS) as JSON, where this server cannot reach the issuer. It is then never fetched.",
    )  # fmt: skip
    active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, issuer: Issuer | None = None, **kwargs: Any) -> None:
        if issuer is not None:
            kwargs.setdefault("initial", _values(issuer, [name for name in self.base_fields if name != "keys"]))
        super().__init__(*args, **kwargs)
        if issuer is not None:
            del self.fields["name"]

    def facts(self) -> dict[str, Any]:
        said = {key: value for key, value in self.cleaned_data.items() if key != "name"}
        return said | {field: said[field] or [] for field in ("audiences", "algorithms")}


class AliasForm(forms.Form):
    """The name that callers ask for, and what answers."""

    name = forms.CharField(label="Name that callers ask for", max_length=100, help_text="Such as chat, or gpt-5.")
    targets = Lines(
        "What answers",
        help_text="One on a line: upstream/model, then its weight (1 unless said) or the word fallback. "
        "Such as: north/gpt-5 90",
    )
    replaced_by = forms.CharField(
        label="Retired; answered by", required=False, max_length=100, help_text="Another model of this list."
    )
    endpoints = forms.MultipleChoiceField(
        label="Offered at", required=False, choices=list(ENDPOINTS.items()), widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: at all of them.",
    )  # fmt: skip
    max_output = forms.IntegerField(
        label="Most output tokens", initial=4096, help_text="Put into calls that name no maximum, to reserve for."
    )
    retries = forms.IntegerField(label="Tries again", initial=1)
    deadline_ms = forms.IntegerField(label="Answer within (ms)", initial=120_000)
    sticky = forms.BooleanField(label="A conversation stays with one target", required=False)
    active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, alias: Alias | None = None, **kwargs: Any) -> None:
        if alias is not None:
            written = [write_target(target) for target in alias.targets]
            kwargs.setdefault("initial", {**_values(alias, self.base_fields), "targets": written})
        super().__init__(*args, **kwargs)
        if alias is not None:
            del self.fields["name"]

    def clean_targets(self) -> list[dict[str, Any]]:
        return [read_target(line) for line in self.cleaned_data["targets"]]

    def facts(self) -> dict[str, Any]:
        said = {key: value for key, value in self.cleaned_data.items() if key != "name"}
        return said | {"endpoints": said["endpoints"] or None}


def read_target(line: str) -> dict[str, Any]:
    """A target of one line: `upstream/model [weight] [fallback]`. Raises ValidationError."""
    where, *rest = line.split()
    upstream, slash, model = where.partition("/")
    target: dict[str, Any] = {"upstream": upstream, "model": model}
    for word in rest:
        if word == "fallback":
            target["fallback"] = True
        elif word.isdigit():
            target["weight"] = int(word)
        else:
            raise forms.ValidationError(f"“{word}” is neither a weight nor the word fallback.")
    if not slash or not model:
        raise forms.ValidationError(f"“{where}”: write it like upstream/model.")
    return target


def write_target(target: dict[str, Any]) -> str:
    weight = f" {target['weight']}" if target.get("weight", 1) != 1 else ""
    return f"{target['upstream']}/{target['model']}{weight}{' fallback' if target.get('fallback') else ''}"


class PriceForm(forms.Form):
    """What a model costs, a million tokens of each kind."""

    upstream = forms.ChoiceField(label="Upstream")
    model = forms.CharField(label="Model, as the upstream calls it", max_length=160)
    currency = forms.CharField(label="Currency", max_length=3)
    rate = forms.DecimalField(
        label="Worth in ours", initial=1, max_digits=14, decimal_places=6, help_text="What one of it costs us."
    )
    input = forms.DecimalField(label="A million input tokens", max_digits=14, decimal_places=6)
    output = forms.DecimalField(label="A million output tokens", max_digits=14, decimal_places=6)
    cache_read = forms.DecimalField(label="Read from cache", required=False, max_digits=14, decimal_places=6)
    cache_write = forms.DecimalField(label="Written to cache", required=False, max_digits=14, decimal_places=6)
    reasoning = forms.DecimalField(label="Reasoning", required=False, max_digits=14, decimal_places=6)
    request = forms.DecimalField(label="Each call", required=False, max_digits=14, decimal_places=6)
    valid_from = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Empty: from now on."
    )

    AMOUNTS = ("input", "output", "cache_read", "cache_write", "reasoning", "request")

    def __init__(self, organisation: Organisation, upstreams: Sequence[Upstream], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"currency": organisation.currency})
        super().__init__(*args, **kwargs)
        self.zone, self.upstreams = ZoneInfo(organisation.time_zone), {row.name: row for row in upstreams}
        _choose(self, "upstream", [(name, name) for name in self.upstreams])

    def facts(self) -> dict[str, Any]:
        said, day = self.cleaned_data, self.cleaned_data["valid_from"]
        return {
            "upstream": self.upstreams[said["upstream"]],
            "model": said["model"],
            "currency": said["currency"],
            "rate": said["rate"],
            "amounts": {name: said[name] for name in self.AMOUNTS},
            "valid_from": datetime.combine(day, time(), self.zone) if day else None,
        }


class BudgetForm(forms.Form):
    """A cap: on what, how much, in what window."""

    name = forms.CharField(label="What it is for", max_length=120)
    scope = forms.ChoiceField(label="Caps")
    cap = forms.DecimalField(label="At most", min_value=Decimal(0), max_digits=18, decimal_places=6)
    window = forms.ChoiceField(label="In each", choices=Budget.WINDOWS, initial="month")

    def __init__(self, scopes: list[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "scope", scopes)


class StopForm(forms.Form):
    """The brake."""

    target = forms.ChoiceField(label="What")
    reason = why()

    def __init__(self, targets: list[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "target", targets)


class MarkForm(forms.Form):
    """A document to be recognised, as plain text."""

    title = forms.CharField(label="Title", max_length=200)
    file = forms.FileField(label="Its text", help_text="A plain text file in UTF-8, at most 4 MB.")


class WhatIfForm(forms.Form):
    """A call that somebody might make."""

    key = forms.ChoiceField(label="Key")
    model = forms.CharField(label="Model", required=False, max_length=100)
    endpoint = forms.ChoiceField(label="At", choices=[*ENDPOINTS.items(), (CHECK, "Only asking (/v1/evaluate)")])
    purpose = forms.CharField(label="Purpose", required=False, max_length=100)
    data_classes = Words("Data it sends", help_text="Classes with commas between.")
    regions = Words("To be answered only in", help_text="Regions with commas between.")
    decision = forms.CharField(
        label="Decision that the answer makes", required=False, max_length=100, help_text="If no person makes it."
    )
    person = forms.CharField(label="On behalf of", required=False, max_length=254, help_text="E-mail address.")
    person_verified = forms.BooleanField(label="Shown by a token of their own", required=False)
    agent = forms.CharField(label="Agent", required=False, max_length=100)
    size = number("Size in bytes", "")

    def __init__(self, keys: Sequence[GatewayKey], models: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {str(key.pk): key for key in keys}
        rows = [(pk, f"{key.name} · {key.system.ref} {key.system.name}") for pk, key in self.keys.items()]
        _choose(self, "key", [*rows, ("none", "A key that nobody issued")])
        self.fields["model"].help_text = f"Known here: {', '.join(models[:12]) or 'none yet'}."

    def call(self, organisation: Organisation) -> CallRequest:
        said = self.cleaned_data
        key = self.keys.get(said["key"])
        return CallRequest(
            key=key.hash if key else "",
            endpoint=said["endpoint"],
            model=said["model"],
            purpose=said["purpose"],
            data_classes=frozenset(said["data_classes"] or ()),
            regions=frozenset(said["regions"]) if said["regions"] else None,
            decision=said["decision"],
            person=person_id(str(organisation.pk), said["person"]),
            person_verified=said["person_verified"],
            agent=said["agent"],
            size=said["size"] or 0,
        )


def _choose(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _values(row: Any, fields: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}


def _headers(upstream: Upstream) -> list[str]:
    return [f"{name}: {value}" for name, value in upstream.headers.items()]
