"""What the policy plugs into the rooms to its left: its jobs."""

from __future__ import annotations

from pilothouse.kernel.policy.actions.issuers import issuers_tick
from pilothouse.kernel.policy.publish import policy_alarm_tick, policy_tick
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    scheduled("policy_tick", "*/10 * * * *", "Sign the policy snapshots anew, good for three days")(policy_tick)
    scheduled("issuers_tick", "7 * * * *", "Fetch the keys of identity tokens' issuers anew")(issuers_tick)
    scheduled("policy_alarm_tick", "*/5 * * * *", "Tell when a policy snapshot was not renewed")(policy_alarm_tick)
