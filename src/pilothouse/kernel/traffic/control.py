"""How a system is controlled, said by what was heard of it in the last 30 days and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pilothouse.kernel.inventory.models import ControlPoint

WINDOW = timedelta(days=30)
ENFORCED = frozenset({"gateway"})
CHECKED = frozenset({"evaluate", "guardrail"})
OBSERVED = frozenset({"otlp", "import"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one system in the window: calls by source, and when last."""

    calls: Mapping[str, int]
    last: datetime | None = None

    def of(self, sources: frozenset[str]) -> int:
        return sum(count for source, count in self.calls.items() if source in sources)


NOTHING = Heard({})


def control_point(heard: Heard) -> tuple[ControlPoint, str]:
    """The control point and its reason. The weakest way that calls took counts: we claim no control we do not have.

    Calls seen in logs are taken for the ones that were asked about beforehand, as far as there are as many of those.
    """
    enforced, checked, observed = heard.of(ENFORCED), heard.of(CHECKED), heard.of(OBSERVED)
    past = observed - checked
    if past > 0 and (enforced or checked):
        known = enforced + checked
        return ControlPoint.OBSERVED, f"{past:,} calls were only seen in logs; {known:,} were judged before they ran."
    if observed > checked:
        return ControlPoint.OBSERVED, f"{observed:,} calls were seen in logs; none was judged before it ran."
    if checked and enforced:
        return ControlPoint.CHECKED, f"{enforced:,} calls went through the gateway; {checked:,} only asked before."
    if checked:
        return ControlPoint.CHECKED, f"{checked:,} times its own code asked before it acted."
    if enforced:
        return ControlPoint.ENFORCED, f"All {enforced:,} calls that we know of went through the gateway."
    return ControlPoint.ATTESTED, "Nothing was heard of its calls in 30 days."
