"""Which model each target says has answered, and noticing when that changes without a word."""

from __future__ import annotations

import time

from pilothouse.contracts.policy.events import Call, ModelChange, Settlement

Version = tuple[str, str]
"""the model that was reported, and its fingerprint"""
QUIET = 3600.0  # seconds; versions that take turns within this time are one provider's several machines, no news
MOST = 64  # versions of one target that are remembered


class Versions:
    """What one worker saw since it started."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[Version, float]] = {}
        self._last: dict[str, Version] = {}

    def change(self, record: Settlement, fingerprint: str) -> ModelChange | None:
        """The event, when this call was answered by a version that was not there of late."""
        name = f"{record.organisation}/{record.upstream}/{record.target}"
        version, moment = (record.model_reported, fingerprint), time.monotonic()
        seen, before = self._seen.setdefault(name, {}), self._last.get(name)
        known = seen.pop(version, None)
        seen[version] = moment  # at the end: the oldest come first
        if len(seen) > MOST:
            del seen[next(iter(seen))]
        self._last[name] = version
        if before is None or before == version or (known is not None and moment - known < QUIET):
            return None
        same = {field: getattr(record, field) for field in Call.__struct_fields__ if field != "id"}
        return ModelChange(
            **same,
            id=f"{record.call}/model",
            before=before[0],
            fingerprint_before=before[1],
            after=version[0],
            fingerprint_after=version[1],
        )
