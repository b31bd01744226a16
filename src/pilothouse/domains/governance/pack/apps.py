"""Audit packs bring a table, a job and the writers of other rooms."""

from __future__ import annotations

from django.apps import AppConfig


class PackConfig(AppConfig):
    name = "pilothouse.domains.governance.pack"
    label = "governance_pack"

    def ready(self) -> None:
        from pilothouse.domains.governance.pack import reports  # noqa: F401 - its writers register themselves
        from pilothouse.domains.governance.pack.actions import packs_tick
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("packs_tick", "* * * * *", "Seal the audit packs that wait")(packs_tick)
