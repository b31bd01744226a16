"""A system as a transparency record of the UK standard: JSON, Markdown or CSV. Pure.

The sealed document of the system speaks first; where it is silent, the register's fact stands in; else it is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.domains.governance.duties.inventories.forms import AtrsForm
from pilothouse.domains.governance.duties.inventories.known import Known

PHASES = {
    "idea": "Idea",
    "development": "Design and development",
    "pilot": "Beta or pilot",
    "production": "Production",
    "retired": "Retired",
}
THIRD = {"buy": "Yes", "api": "Yes", "mixed": "Yes", "build": "No"}
PUBLIC = ("publishing_body", "tool_name", "published", "url")
"""What the published list of records has for each; the importer knows it by these."""


@dataclass(frozen=True, slots=True)
class Transparency:
    """One record: what the published list says of it, and the fields by key."""

    number: int
    publishing_body: str
    tool_name: str
    published: str
    url: str
    fields: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def description(self) -> str:
        return self.fields.get("description", "")


def transparency(form: AtrsForm, known: Known) -> Transparency:
    """One system's record."""
    given = {key: value for key, value in known.entry.items() if value}
    stand_ins = _stand_ins(known)
    fields = {one.key: str(given.get(one.key) or stand_ins.get(one.from_, "")) for one in form.fields}
    body = known.units[0] if known.units else ""
    missing = [one.title for one in form.fields if one.required and not fields[one.key]]
    if not body:
        missing.insert(0, "Publishing body")
    published = known.published or {}
    return Transparency(
        number=known.number,
        publishing_body=body,
        tool_name=str(given.get("name") or known.facts["name"]),
        published=str(published.get("raw") or published.get("value") or ""),
        url=str(given.get("url") or known.external),
        fields=fields,
        missing=tuple(missing),
    )


def _stand_ins(known: Known) -> dict[str, str]:
    facts = known.facts
    return {
        "purpose": facts["purpose"],
        "contact": facts["contact"],
        "body": known.units[0] if known.units else "",
        "unit": known.units[-1] if len(known.units) > 1 else "",
        "vendor": facts["vendor"],
        "third_party": THIRD.get(facts["sourcing"], ""),
        "outcome": facts["outcome"],
        "outputs": facts["outputs"],
        "stage": PHASES.get(facts["stage"], ""),
        "technique": facts["technique"],
        "models": "; ".join(known.models),
    }


def as_json(form: AtrsForm, records: Iterable[Transparency]) -> dict[str, Any]:
    """The records as one JSON document; what is open is null."""
    return {
        "standard": {"edition": form.edition, "as_of": form.as_of.isoformat(), "confidence": form.confidence},
        "records": [_one(form, record) for record in records],
    }


def _one(form: AtrsForm, record: Transparency) -> dict[str, Any]:
    told: dict[str, Any] = {key: getattr(record, key) or None for key in (*PUBLIC, "description")}
    for tier in form.tiers:
        told[f"tier_{tier.tier}"] = {
            section.title: {one.title: record.fields[one.key] or None for one in section.fields}
            for section in tier.sections
        }
    return told


def as_rows(form: AtrsForm, records: Iterable[Transparency]) -> list[list[str]]:
    """The records as a table with its header: what the published list says first, then every field."""
    rest = [one for one in form.fields if one.key != "description"]
    rows = [[*PUBLIC, "description", *(one.key for one in rest)]]
    for record in records:
        public = [getattr(record, key) for key in PUBLIC]
        rows.append([*public, record.description, *(record.fields[one.key] for one in rest)])
    return rows


def as_markdown(form: AtrsForm, records: Iterable[Transparency]) -> str:
    """The records for people to read, by tier and section."""
    parts = []
    for record in records:
        parts.append(f"# {_line(record.publishing_body or 'Publishing body not known')}: {_line(record.tool_name)}")
        if record.url:
            parts.append(f"Published record: <{_line(record.url)}>")
        for tier in form.tiers:
            parts.append(f"## Tier {tier.tier}: {tier.title}")
            for section in tier.sections:
                if section.title != tier.title:
                    parts.append(f"### {section.title}")
                for one in section.fields:
                    parts.append(f"**{one.title}**\n\n{_quoted(record.fields[one.key])}")
    return "\n\n".join(parts) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _quoted(text: str) -> str:
    """Words as a block of their own, so that nothing in them becomes a heading or a tag of ours."""
    if not text:
        return "*Not stated.*"
    return "\n".join(f"> {row}" for row in text.replace("<", "&lt;").splitlines())
