"""The model card of a system: a page of Markdown for whoever uses it or builds on it. Pure.

It has the parts that readers of model cards look for (Mitchell et al. 2019, *Model Cards for Model Reporting*):
details, intended use, metrics, data, what is at stake. What nobody has said is said to be missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pilothouse.domains.governance.pack.bill.gathering import bill_of
from pilothouse.domains.governance.pack.bill.values import Bill, Thing
from pilothouse.domains.governance.pack.material import Material
from pilothouse.domains.governance.pack.rules import standing_of

UNSAID = "*Nobody has said.*"


def card(material: Material) -> str:
    """The card as Markdown, with a YAML head that tools read."""
    bill, standing = bill_of(material), standing_of(material)
    parts = [
        _head(material, bill),
        f"# {_plain(bill.ref)} {_plain(bill.name)}",
        f"As of {material.as_of:%Y-%m-%d %H:%M} UTC, by {_plain(bill.maker)}.",
        "## Intended use",
        _plain(bill.purpose) or UNSAID,
        "### People it affects",
        _plain(bill.users) or UNSAID,
        "## Risk class",
        f"{standing.risk_class.capitalize()}. {_plain(standing.because)}",
        "## What it is made of",
        _things(bill.things) or UNSAID,
        "## How well it works",
        _metrics(bill) or UNSAID,
        "## What is at stake",
        "\n".join(f"- {_plain(words)}" for words in bill.risks) or UNSAID,
    ]
    return "\n\n".join(parts) + "\n"


def _head(material: Material, bill: Bill) -> str:
    """YAML whose values are JSON texts, which every YAML reader takes."""
    said = {"system": bill.ref, "name": bill.name, "organisation": bill.maker, "stage": material.system.stage}
    said["models"] = ", ".join(f"{one.name} {one.version}".strip() for one in bill.things if one.kind == "model")
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    return "\n".join(["---", *lines, "---"])


def _things(things: Iterable[Thing]) -> str:
    rows = [
        f"| {one.kind.replace('_', ' ')} | {_cell(one.name)} | {_cell(one.version)} | {_cell(one.supplier)} "
        f"| {_cell(one.licence)} |"
        for one in things
    ]
    return "\n".join(["| kind | name | version | supplier | licence |", "|---|---|---|---|---|", *rows]) if rows else ""


def _metrics(bill: Bill) -> str:
    rows = [f"| {_cell(one.name)} | {_cell(one.value)} | {_cell(one.population)} |" for one in bill.metrics]
    return "\n".join(["| metric | value | on whom |", "|---|---|---|", *rows]) if rows else ""


def _plain(words: str) -> str:
    """Words that are no markup: what begins a heading, a table or a tag is put out of force."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in words)


def _cell(words: str) -> str:
    return _plain(" ".join(words.split()))
