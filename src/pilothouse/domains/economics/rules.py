"""Rules of economics, pure: when review by people pays, and what a month brought for what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def review_threshold(
    review_cost: Decimal, false_alarms: Decimal, false_alarm_cost: Decimal, caught: Decimal, loss: Decimal
) -> Decimal:
    """The chance of being wrong from which reviewing a result pays: p* = (c_r + f·c_f) / (d·L + f·c_f).

    Reviewing a result that is wrong with chance p brings p·d·L, and costs c_r + (1−p)·f·c_f; p* is where the two meet.
    `false_alarms` f and `caught` d are shares of 1, `caught` and `loss` are above 0. Above 1, review never pays.
    """
    alarms = false_alarms * false_alarm_cost
    return (review_cost + alarms) / (caught * loss + alarms)


def threshold_of(body: Mapping[str, Any]) -> Decimal:
    """p* of a sealed human-review document, in %. What the short form leaves open counts as none."""
    share = Decimal(body.get("false_alarm_rate") or 0) / 100
    cost = Decimal(body.get("false_alarm_cost") or 0)
    caught, loss = Decimal(body["catch_rate"]) / 100, Decimal(body["error_loss"])
    return 100 * review_threshold(Decimal(body["review_cost"]), share, cost, caught, loss)


def gain_of(body: Mapping[str, Any]) -> Decimal:
    """What reviewing one result brings on average, less what it costs; below 0 where review does not pay."""
    wrong = Decimal(body["error_rate"]) / 100
    alarms = Decimal(body.get("false_alarm_rate") or 0) / 100 * Decimal(body.get("false_alarm_cost") or 0)
    caught = wrong * Decimal(body["catch_rate"]) / 100 * Decimal(body["error_loss"])
    return caught - Decimal(body["review_cost"]) - (1 - wrong) * alarms


@dataclass(frozen=True, slots=True)
class Worked:
    """The review rule worked out for one system: shares in %, money in the document's currency, `month` for a month."""

    threshold: Decimal
    wrong: Decimal
    alarms: Decimal
    caught: Decimal
    gain: Decimal
    month: Decimal | None

    @property
    def pays(self) -> bool:
        """Does reviewing every result pay?"""
        return self.wrong >= self.threshold


def worked_out(body: Mapping[str, Any]) -> Worked:
    """The two sides of the rule, f·c_f and d·L, what they give, and what reviewing all of a month's results gains."""
    alarms = Decimal(body.get("false_alarm_rate") or 0) / 100 * Decimal(body.get("false_alarm_cost") or 0)
    caught = Decimal(body["catch_rate"]) / 100 * Decimal(body["error_loss"])
    gain, volume = gain_of(body), body.get("volume")
    month = gain * volume if volume else None
    return Worked(threshold_of(body), Decimal(body["error_rate"]), alarms, caught, gain, month)
