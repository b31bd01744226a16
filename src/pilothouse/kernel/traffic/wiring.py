"""What traffic plugs into the rooms to its left: its jobs."""

from __future__ import annotations

from pilothouse.kernel.traffic.exporting import otlp_tick
from pilothouse.kernel.traffic.ticks import traffic_keep_tick, traffic_tick
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    scheduled("traffic_tick", "* * * * *", "Bring in what gateways wrote, and say how systems are controlled")(
        traffic_tick
    )
    scheduled("otlp_tick", "* * * * *", "Tell an observability system of the calls that came in (OTLP)")(otlp_tick)
    scheduled("traffic_keep_tick", "40 2 * * *", "Compact the warehouse and forget old calls")(traffic_keep_tick)
