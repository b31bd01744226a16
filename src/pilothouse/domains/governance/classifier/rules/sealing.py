"""What a classification writes into the document that is sealed: class, role, regimes, reasons. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contracts.canonical import canonical, content_hash
from pilothouse.domains.governance.classifier.values import AxisFound, Classification, Found
from pilothouse.domains.governance.schemas import REGIMES

LINE, WORDS = 200, 4000
OUTSIDE = ("out_of_scope", "not_applicable")


def from_facts(found: Classification) -> dict[str, Any]:
    """Facts, rules and result, so that anybody can reckon it again."""
    return {
        "facts": canonical(found.facts).decode(),
        "rules": [f"{one.id} {one.version} {one.hash}" for one in found.rule_sets],
        "result": [_said(axis) for axis in found.axes],
        "open": list(found.open_facts),
        "result_hash": result_hash(found),
    }


def result_hash(found: Classification) -> str:
    """Over what does not depend on the day: the classes and the state of each conclusion."""
    return content_hash(
        {
            "axes": {axis.id: [list(axis.classes), axis.provisional] for axis in found.axes},
            "conclusions": {one.id: one.state for one in found.conclusions},
            "facts": found.facts_hash,
            "rules": {one.id: one.hash for one in found.rule_sets},
        }
    )


def _said(axis: AxisFound) -> str:
    words = f"{axis.id}: {', '.join(axis.classes) or 'none'}{' (provisional)' if axis.provisional else ''}"
    return words[:500]


def facts_of(body: Mapping[str, Any] | None) -> dict[str, Any]:
    """The facts that a document carries; {} where it was reasoned by hand."""
    try:
        said = json.loads(((body or {}).get("from_facts") or {}).get("facts") or "{}")
    except (ValueError, AttributeError):
        return {}
    return said if isinstance(said, dict) else {}


def proposal(found: Classification) -> dict[str, Any]:
    """The body of a risk classification as the result has it; a person changes the words as they see fit."""
    deciding = deciding_of(found)
    return {
        "risk_class": found.risk_class,
        "our_role": our_role(found.axis("eu_role").settled) if _has(found, "eu_role") else "other",
        "reasons": _reasons(deciding) or "Nothing in the laws looked at gives it a class.",
        "under": [_under(found, rules.id, deciding) for rules in found.rule_sets],
        "exception": _exception(deciding),
        "from_facts": from_facts(found),
    }


def deciding_of(found: Classification) -> list[Found]:
    """The conclusions on which the classes rest, in the order of the law."""
    names = {name for axis in found.axes for name in axis.conclusions}
    return [one for one in found.conclusions if one.id in names]


def our_role(roles: Sequence[str]) -> str:
    """The role as the document has it."""
    if "provider" in roles and "deployer" in roles:
        return "both"
    return next((role for role in ("provider", "deployer") if role in roles), "other")


def _has(found: Classification, axis: str) -> bool:
    return any(one.id == axis for one in found.axes)


def _reasons(deciding: Sequence[Found]) -> str:
    grave = [one for one in deciding if one.axis in ("eu_risk", "us_omb", "gdpr_22", "gdpr_35")]
    lines = [f"{one.title}: {one.says} ({_cites(one)}){_open(one)}" for one in grave]
    return "\n".join(lines)[:WORDS]


def _open(one: Found) -> str:
    return "" if one.state == "holds" else f" Open, and counted as if it held; not known: {', '.join(one.open)}."


def _cites(one: Found) -> str:
    return "; ".join(cited.cite for cited in one.citations)


def _under(found: Classification, rule_set: str, deciding: Sequence[Found]) -> dict[str, Any]:
    axes = [axis for axis in found.axes if axis.rule_set == rule_set]
    classed = [axis for axis in axes if axis.kind == "ordered" and axis.id not in ("eu_scope", "eu_gpai")]
    ids = {axis.id for axis in classed}
    mine = [one for one in deciding if one.axis in ids]
    outside = all(set(axis.classes) <= set(OUTSIDE) for axis in classed)
    says = "Not applicable" if outside else "; ".join(axis.class_title for axis in classed if axis.class_title)
    cites = "; ".join(dict.fromkeys(cited.cite for one in mine for cited in one.citations))
    because = " ".join(dict.fromkeys(one.says for one in mine))
    regime = next(one.regime for one in found.rule_sets if one.id == rule_set)
    return {
        "regime": regime if regime in REGIMES else "other_law",
        "says": says[:LINE] or "No class",
        "citation": cites[:LINE] or "None of its provisions",
        "because": because[:WORDS] or "Nothing that was answered falls under it.",
    }


def _exception(deciding: Sequence[Found]) -> str | None:
    found = [f"{one.title}: {one.says} ({_cites(one)})" for one in deciding if one.class_ == "exempt"]
    return "\n".join(found)[:WORDS] or None
