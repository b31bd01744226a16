"""How an axis comes out of the states of its conclusions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pilothouse.domains.governance.classifier.rules.conditions import Truth
from pilothouse.domains.governance.classifier.rules.law import Axis, RuleSet


@dataclass(frozen=True, slots=True)
class Outcome:
    """The classes of an axis; of an ordered one a single class, or none if nothing in the law speaks of the case."""

    classes: tuple[str, ...]
    settled: tuple[str, ...]
    provisional: bool
    title: str
    says: str
    risk_class: str
    conclusions: tuple[str, ...]
    """Those on which it rests: of an ordered axis the ones that lead to its class."""

    def strictness(self, axis: Axis) -> int:
        """0 is the strictest; of a set, the more classes the stricter."""
        if axis.kind == "set":
            return -len(self.classes)
        return min((axis.rank[name] for name in self.classes), default=len(axis.classes))


def outcome(rules: RuleSet, axis: Axis, states: Mapping[str, Truth]) -> Outcome:
    """The strictest class that holds or is open (of a set: all of them), and what holds for sure."""
    here = [one for one in rules.document.conclusions if one.axis == axis.id and states[one.id] is not False]
    possible = {one.class_ for one in here}
    sure = {one.class_ for one in here if states[one.id]}
    ranked = sorted(possible, key=axis.rank.__getitem__)
    settled = sorted(sure, key=axis.rank.__getitem__)
    if axis.kind == "ordered":
        ranked, settled = ranked[:1], settled[:1]
    named = [axis.by_id[name] for name in ranked]
    return Outcome(
        classes=tuple(ranked),
        settled=tuple(settled),
        provisional=any(name not in sure for name in ranked),
        title=", ".join(one.title for one in named),
        says=" ".join(one.says for one in named if one.says),
        risk_class=named[0].risk_class if len(named) == 1 else "",
        conclusions=tuple(one.id for one in here if one.class_ in ranked),
    )
