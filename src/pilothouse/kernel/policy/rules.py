"""Pure judgement over what people enter: rules of a system, references to secrets, addresses, money."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.request import key_hash
from pilothouse.contracts.policy.snapshot import KINDS, Hold, Inspection, Limits, Storage

T = TypeVar("T")

FINDABLE = KINDS
DEEP = ("name", "address")  # found only where the rules say `deep`
MICRO = Decimal(1_000_000)
LARGEST = 2**53 - 1  # beyond it JSON's numbers are not exact
WORD = re.compile(r"[^\s,;][^,;\n]{0,99}")
CLASS = re.compile(r"[^\s,;]{1,60}")  # of data: a call names several with blanks between
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}")


class SystemRules(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a person may set for one system's calls; the fields of the contract's `SystemPolicy` of the same names."""

    models: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    purpose: str = ""
    data_classes: frozenset[str] | None = None
    data_class: str = ""
    human: dict[str, Literal["hold", "refuse"]] = {}
    limits: Limits = Limits()
    inspection: Inspection = Inspection()
    hold: Hold = Hold()
    storage: Storage = Storage()

    @property
    def holds(self) -> bool:
        """Does any rule make answers wait for a reviewer?"""
        rule = self.hold
        by_decision = "hold" in self.human.values()
        return rule.every or rule.sample_per_mille > 0 or rule.score_above_per_mille is not None or by_decision


def convert(body: Any, want: type[T], what: str) -> T:
    """`body` as `want`, or Invalid that names the field."""
    try:
        return msgspec.convert(body, want)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        field = where.strip("`.").split("[")[0] or "body"
        raise Invalid(f"{what} is not complete: {text}.", fields={field: f"{text}."}) from error


def clean_rules(body: Mapping[str, Any]) -> SystemRules:
    """The rules in `body`. Raises Invalid with the fields that are wrong."""
    rules = convert(dict(body), SystemRules, "The policy")
    wrong = {
        field: f"“{word}” is no word that a call could carry."
        for field in ("models", "regions", "purposes", "data_classes")
        for word in getattr(rules, field) or ()
        if not (CLASS if field == "data_classes" else WORD).fullmatch(word)
    }
    if rules.data_class and not CLASS.fullmatch(rules.data_class):
        wrong["data_class"] = "One word without blanks."
    if rules.purpose and rules.purposes is not None and rules.purpose not in rules.purposes:
        wrong["purpose"] = "It is not among the permitted purposes."
    if rules.data_class and rules.data_classes is not None and rules.data_class not in rules.data_classes:
        wrong["data_class"] = "It is not among the permitted classes."
    wrong |= wrong_inspection(rules.inspection) | wrong_limits(rules.limits) | _wrong_keeping(rules)
    if wrong:
        raise Invalid("The policy cannot be like this.", fields=wrong)
    return rules


def _wrong_keeping(rules: SystemRules) -> dict[str, str]:
    """What is wrong with the rules on holding answers and on storing texts."""
    hold, storage, wrong = rules.hold, rules.storage, {}
    if not 0 <= hold.sample_per_mille <= 1000:
        wrong["sample_per_mille"] = "From 0 to 1,000 of a thousand answers."
    if hold.score_above_per_mille is not None and not 0 <= hold.score_above_per_mille < 1000:
        wrong["score_above_per_mille"] = "From 0 to 999, or nothing."
    if not 1 <= hold.hours <= 24 * 30:
        wrong["hours"] = "From an hour to 30 days (720 hours)."
    for field, days in (("hold_days", hold.days), ("days", storage.days)):
        if not 1 <= days <= 3_660:
            wrong[field] = "From a day to ten years (3,660)."
    for word in storage.purposes or ():
        if not WORD.fullmatch(word):
            wrong["storage_purposes"] = f"“{word}” is no word that a call could carry."
    if rules.purposes is not None and storage.purposes is not None and storage.purposes - rules.purposes:
        wrong["storage_purposes"] = "One of them is not among the permitted purposes."
    return wrong


def wrong_inspection(inspection: Inspection) -> dict[str, str]:
    """Field → what is wrong with it."""
    wrong = {}
    for side in ("prompt", "answer"):
        for kind in getattr(inspection, side):
            if kind not in FINDABLE:
                wrong[side] = f"Nothing finds “{kind}”."
            elif kind in DEEP and not inspection.deep:
                wrong[side] = f"“{kind}” is found only where names and addresses are looked for (deep)."
    if not 100 <= inspection.deep_ms <= 60_000:
        wrong["deep_ms"] = "From 100 to 60,000 ms."
    return wrong


def wrong_limits(limits: Limits) -> dict[str, str]:
    """Field → what is wrong with it."""
    return {
        name: "At least 0, or nothing for no limit."
        for name in limits.__struct_fields__
        if (value := getattr(limits, name)) is not None and value < 0
    }


def plain(value: Struct) -> Any:
    """A struct in JSON's own types, for a JSON field."""
    return msgspec.to_builtins(value, order="deterministic")


def mint() -> tuple[str, str, str]:
    """A new key as (what the caller keeps, prefix, hash). 192 random bits need no slow hash."""
    prefix = f"phk_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_hex(24)}"
    return text, prefix, key_hash(text)


def secret_prefix(slug: str) -> str:
    """Two underscores end the organisation's name, so that `my` cannot name a secret of `my-org`."""
    return f"PILOTHOUSE_UPSTREAM_{slug.upper().replace('-', '_')}__"


def clean_reference(reference: str, slug: str) -> str:
    """A reference to a secret of this organisation, or nothing. Raises Invalid for another's, so none is borrowed."""
    text, prefix = reference.strip(), secret_prefix(slug)
    kind, _, name = text.partition(":")
    if not text:
        return ""
    if kind == "env" and name.startswith(prefix) and re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)*", name.removeprefix(prefix)):
        return text
    if kind == "file" and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}", name):
        return text
    raise Invalid(
        "That is no reference to a secret of this organisation.",
        fields={"secret": f"env:{prefix}… or file:NAME (in secrets/{slug}/ of the data directory)."},
    )


def compiled_reference(reference: str, slug: str) -> str:
    """The reference as a gateway resolves it: a file's path is relative to its own data directory."""
    kind, _, name = reference.partition(":")
    return f"file:secrets/{slug}/{name}" if kind == "file" else reference


def clean_base_url(text: str) -> str:
    """The address of an upstream, without a trailing slash. Private addresses are welcome: models run there too."""
    parts = urlsplit(text.strip())
    good = (
        parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.query or parts.fragment)
    )
    if not good:
        raise Invalid(
            "That is no address of an upstream.",
            fields={"base_url": "Such as https://api.example.com/v1, without a user name, query or fragment."},
        )
    return text.strip().rstrip("/")


def micro(amount: Decimal, field: str = "cap") -> int:
    """Money in whole micro-units, rounded up. Raises Invalid when negative or too large to be exact in JSON."""
    value = int((amount * MICRO).to_integral_value(ROUND_CEILING))
    if not 0 <= value <= LARGEST:
        raise Invalid("The amount is out of range.", fields={field: f"From 0 to {LARGEST // 10**6:,}."})
    return value
