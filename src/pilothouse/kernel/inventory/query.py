"""The question that a list of systems answers, as one value that lives in the URL.

Pages, API, CLI and exports all parse the same parameters, so any number elsewhere can link to exactly its rows:

    q=words               every word in name, purpose, number, vendor or an external id
    stage, tier, impact, sourcing, personal_data, control_point     one of the values; repeat for “or”
    unit=<id>|none        the unit and everything below it
    owner=<id>|none|me    the owner
    vendor=, tag=         exactly this; repeat for “or”
    missing=owner|…       what is not known; repeat for “and”
    inherited=yes|no      found already running
    changed_since=2026-11-16|7d
    number=42             exactly these systems; repeat for “or”
    finding=<check>:<status> and whatever other rooms add (hooks.FILTERS); repeat for “and”
    sort=name|-changed|…  columns=name,stage,…  page=2
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.inventory.hooks import FILTERS
from pilothouse.kernel.inventory.models import ControlPoint, Impact, PersonalData, Sourcing, Stage, Tier

CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    key: (title, {str(value): str(label) for value, label in choices.choices})
    for key, title, choices in (
        ("stage", "Stage", Stage),
        ("tier", "Tier", Tier),
        ("impact", "Rights and safety", Impact),
        ("sourcing", "Build, buy or API", Sourcing),
        ("personal_data", "Personal data", PersonalData),
        ("control_point", "Control point", ControlPoint),
    )
}
MISSING: dict[str, str] = {
    "owner": "No owner",
    "purpose": "No purpose",
    "outcome": "No outcome",
    "outcome_metric": "No outcome metric",
    "unit": "No unit",
    "stage": "Stage unknown",
    "tier": "Tier not yet known",
    "impact": "Rights and safety unknown",
    "personal_data": "Personal data unknown",
    "sourcing": "Sourcing unknown",
    "vendor": "Bought, vendor not named",
    "intake": "Intake not answered",
}
SORTS: dict[str, str] = {
    "number": "Number",
    "name": "Name",
    "stage": "Stage",
    "tier": "Tier",
    "impact": "Rights and safety",
    "unit": "Unit",
    "owner": "Owner",
    "vendor": "Vendor",
    "changed": "Changed",
    "created": "Added",
}
TEXT_LENGTH = 300
VALUES_LIMIT = 500


@dataclass(frozen=True, slots=True)
class SystemQuery:
    """Which systems, in which order, with which columns, which page. Every field is a parameter of its own name."""

    q: str = ""
    stage: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    sourcing: tuple[str, ...] = ()
    personal_data: tuple[str, ...] = ()
    control_point: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    inherited: str = ""
    changed_since: str = ""
    number: tuple[int, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    sort: str = "number"
    columns: tuple[str, ...] = ()
    page: int = 1

    @classmethod
    def parse(cls, source: str | Mapping[str, Iterable[str]]) -> SystemQuery:
        """Read a query string, or parameter → values. Empty values count as absent.

        Raises Invalid that names every unknown parameter and every value that makes no sense.
        """
        pairs = parse_qsl(source.lstrip("?")) if isinstance(source, str) else _pairs(source)
        values: dict[str, list[str]] = {}
        for key, value in pairs:
            if value.strip() and value.strip() not in values.setdefault(key, []):
                values[key].append(value.strip())
        wrong: dict[str, str] = {}
        more = []
        read: dict[str, Any] = {}
        for key, given in values.items():
            if key in FILTERS:
                more += [(key, value) for value in given]
            elif key in _READERS and given:
                try:
                    read[key] = _READERS[key](key, given)
                except ValueError as error:
                    wrong[key] = str(error)
            elif given:
                wrong[key] = f"There is no filter of this name. There are: {', '.join([*_READERS, *FILTERS])}."
        if wrong:
            name, reason = next(iter(wrong.items()))
            raise Invalid(f"The list cannot be filtered so. “{name}”: {reason}", fields=wrong)
        return cls(more=tuple(more), **read)

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say the same; what has its default is left out."""
        said: list[tuple[str, str]] = []
        for spec in fields(self):
            value = getattr(self, spec.name)
            if value == spec.default:
                continue
            if spec.name == "more":
                said += value
            elif spec.name == "columns":
                said.append(("columns", ",".join(value)))
            elif isinstance(value, tuple):
                said += [(spec.name, str(item)) for item in value]
            else:
                said.append((spec.name, str(value)))
        return said

    def urlencode(self) -> str:
        return urlencode(self.pairs())

    def filters(self) -> list[tuple[str, str]]:
        """The parameters that narrow the list."""
        return [(key, value) for key, value in self.pairs() if key not in ("sort", "columns", "page")]

    def without(self, key: str, value: str) -> SystemQuery:
        """The same question without one of its filters, from the first page."""
        return SystemQuery.parse(_grouped([p for p in self.pairs() if p != (key, value) and p[0] != "page"]))

    def without_page(self) -> SystemQuery:
        return replace(self, page=1)

    def without_filters(self) -> SystemQuery:
        return SystemQuery(sort=self.sort, columns=self.columns)

    def choosing(self, **chosen: tuple[str, ...]) -> SystemQuery:
        """The same question with other values for some filters that take several, from the first page."""
        changes: dict[str, Any] = {**chosen, "page": 1}
        return replace(self, **changes)

    def sorted_by(self, key: str) -> SystemQuery:
        """Sorted by `key`; the same key again turns the order round."""
        return replace(self, sort=f"-{key}" if self.sort == key else key, page=1)


def _pairs(source: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    lists = source.lists() if hasattr(source, "lists") else source.items()  # Django's QueryDict hides its lists
    return [(k, str(v)) for k, values in lists for v in ([values] if isinstance(values, str) else values)]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped


def _one(key: str, given: list[str]) -> str:
    if len(given) > 1:
        raise ValueError("it can be given only once.")
    return given[0]


def _text(key: str, given: list[str]) -> str:
    text = " ".join(_one(key, given).replace("\x00", "").split())
    if len(text) > TEXT_LENGTH:
        raise ValueError(f"at most {TEXT_LENGTH} characters.")
    return text


def _texts(key: str, given: list[str]) -> tuple[str, ...]:
    if len(given) > VALUES_LIMIT or any(len(value) > TEXT_LENGTH or "\x00" in value for value in given):
        raise ValueError(f"at most {VALUES_LIMIT} values of {TEXT_LENGTH} characters.")
    return tuple(given)


def _choices(key: str, given: list[str]) -> tuple[str, ...]:
    known = MISSING if key == "missing" else CHOICES[key][1]
    for value in given:
        if value not in known:
            raise ValueError(f"“{value}” is not one of {', '.join(known)}.")
    return tuple(given)


def _ids(key: str, given: list[str]) -> tuple[str, ...]:
    words = ("none", "me") if key == "owner" else ("none",)
    ids = []
    for value in given:
        if value in words:
            ids.append(value)
            continue
        try:
            ids.append(str(UUID(value)))
        except ValueError:
            raise ValueError(f"“{value}” is neither an id nor {' nor '.join(words)}.") from None
    return tuple(dict.fromkeys(ids))


def _yes_no(key: str, given: list[str]) -> str:
    if (value := _one(key, given)) not in ("yes", "no"):
        raise ValueError("say yes or no.")
    return value


def _since(key: str, given: list[str]) -> str:
    value = _one(key, given)
    if re.fullmatch(r"[1-9]\d{0,3}d", value):
        return value
    told = told_date(value)
    if told.value is None:
        raise ValueError(f"“{value}” is no date; write 2026-03-31, or 7d for the last seven days.")
    return told.value.isoformat()


def _whole(value: str) -> int:
    if not re.fullmatch(r"(?:[Ss]-)?([1-9]\d{0,8})", value):
        raise ValueError(f"“{value[:20]}” is not a number of a system.")
    return int(value.lstrip("Ss-"))


def _numbers(key: str, given: list[str]) -> tuple[int, ...]:
    # Many numbers may come in one parameter, so that a selection of hundreds still fits a URL.
    numbers = [_whole(part) for value in given for part in value.split(",") if part.strip()]
    if len(numbers) > 5000:
        raise ValueError("at most 5000 systems can be named.")
    return tuple(dict.fromkeys(numbers))


def _sort(key: str, given: list[str]) -> str:
    value = _one(key, given)
    if value.removeprefix("-") not in SORTS:
        raise ValueError(f"“{value}” is not one of {', '.join(SORTS)}.")
    return value


def _columns(key: str, given: list[str]) -> tuple[str, ...]:
    names = [name.strip() for value in given for name in value.split(",") if name.strip()]
    for name in names:
        if not re.fullmatch(r"[a-z_]+(:[a-z0-9_-]+)?", name):
            raise ValueError(f"“{name[:40]}” is not a column.")
    return tuple(dict.fromkeys(names))


def _page(key: str, given: list[str]) -> int:
    value = _one(key, given)
    if not re.fullmatch(r"[1-9]\d{0,6}", value):
        raise ValueError("a page is a whole number from 1.")
    return int(value)


_READERS = {
    "q": _text,
    **dict.fromkeys(CHOICES, _choices),
    "unit": _ids,
    "owner": _ids,
    "vendor": _texts,
    "tag": _texts,
    "missing": _choices,
    "inherited": _yes_no,
    "changed_since": _since,
    "number": _numbers,
    "sort": _sort,
    "columns": _columns,
    "page": _page,
}
